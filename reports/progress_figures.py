"""What moved, what is late and what is owed, as the report prints it. Counted by `assessments`, arranged here."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from assessments.ledger import ANYBODY, PlanLedger, read_ledger
from assessments.models import CounterAssessment, ReportingPeriod, SelfAssessment
from assessments.models.subjects import commitment_of
from assessments.movement import Move, compare
from assessments.punctuality import (
    DueState,
    Punctuality,
    agencies_of,
    awaited_from,
    count_punctuality,
    due_states,
    overdue_subjects,
    punctuality_by_agency,
    responses_owed,
)
from commitments.localised import localised
from commitments.models import Organisation
from commitments.text import name_sort_key
from reports.commitment_figures import NOTHING, day, iso, rated
from reports.content import (
    ChangePart,
    ChangesPart,
    EvidencePart,
    OverduePart,
    OwedAnswer,
    OwedPart,
    PunctualityPart,
    Subject,
)
from reports.models import Report


def changes(
    ledger: PlanLedger,
    periods: list[ReportingPeriod],
    every_period: list[ReportingPeriod],
    as_of: datetime.datetime,
    user: Any = ANYBODY,
) -> ChangesPart | None:
    """What moved since the last report on an earlier period, else since the period before; None where there is none.

    The last report is read as it stood: at its own moment, up to the end of what it covered.
    """
    ends = {period.code: period.ends_on for period in every_period}
    first = periods[0].starts_on
    released = Report.objects.filter(plan=ledger.plan, state=Report.State.RELEASED, as_of__lte=as_of)
    for last in released.defer("figures").order_by("-number"):
        covered = max((ends[code] for code in Report.quarters_of(last.period_code) if code in ends), default=None)
        if covered is None or covered >= periods[-1].ends_on:
            continue
        since = _("Report No. %(number)s (%(period)s), as of %(day)s") % {
            "number": last.number,
            "period": last.period_code,
            "day": day(last.as_of),
        }
        return _changes(read_ledger(ledger.plan, user=user, as_of=last.as_of, until=covered), ledger, since)
    published = [row for row in every_period if row.published_at and row.published_at <= as_of]
    earlier = next((period for period in reversed(published) if period.ends_on < first), None)
    if earlier is None:
        return None
    before = read_ledger(ledger.plan, user=user, as_of=as_of, until=earlier.ends_on)
    return _changes(before, ledger, earlier.name)


def _changes(before: PlanLedger, after: PlanLedger, since: str) -> ChangesPart:
    moved = compare(before.subjects, after.subjects)
    return ChangesPart(
        since=since,
        improved=tuple(map(_change, moved.improved)),
        slipped=tuple(map(_change, moved.slipped)),
        newly_rated=tuple(map(_change, moved.newly_rated)),
        no_longer_rated=tuple(map(_change, moved.no_longer_rated)),
        corrected=tuple(map(_change, moved.corrected)),
        unchanged=len(moved.unchanged),
    )


def _change(move: Move) -> ChangePart:
    return ChangePart(
        code=move.subject.code,
        commitment=commitment_of(move.subject).code,
        title=localised(move.subject, "title"),
        before=_rated(move.before),
        after=_rated(move.after),
        steps=move.steps,
        correction_reason=move.after.correction_reason if move.is_correction and move.after else "",
    )


def _rated(row: SelfAssessment | None) -> Any:
    return rated(row.rating, row.no_rating_reason, row.no_rating_text) if row else None


# --- due dates --------------------------------------------------------------------------------------------------------


def overdue_on(periods: list[ReportingPeriod], as_of: datetime.datetime) -> datetime.date:
    """The day on which due dates are looked at: when what is reported on was over, or the moment if that is earlier."""
    moment = timezone.localdate(as_of, timezone.get_default_timezone())
    return min(moment, periods[-1].ends_on + datetime.timedelta(days=1))


def due_dates(
    ledger: PlanLedger, on: datetime.date, as_of: datetime.datetime, user: Any = ANYBODY
) -> tuple[PunctualityPart, tuple[PunctualityPart, ...], tuple[OverduePart, ...]]:
    """How the whole plan stands to its due dates, how each agency does, and what is overdue, longest first."""
    states = due_states(ledger, on, user=user, as_of=as_of)
    of_subject = {comparison.subject: entry.commitment for entry in ledger.commitments for comparison in entry.subjects}
    overdue = tuple(
        OverduePart(
            code=comparison.subject.code,
            commitment=commitment_of(comparison.subject).code,
            title=localised(comparison.subject, "title"),
            agencies=tuple(
                localised(agency, "name") for agency in agencies_of(comparison.subject, of_subject[comparison.subject])
            ),
            due=day(comparison.subject.ends_on),
            due_on=iso(comparison.subject.ends_on),
            rated=rated(comparison.rating),
        )
        for comparison in overdue_subjects(ledger, states)
    )
    by_agency = tuple(
        _punctuality(row.punctuality, row.agency, [comparison.subject.code for comparison in row.overdue])
        for row in punctuality_by_agency(ledger, states)
    )
    whole = _punctuality(count_punctuality(states.values()), None, [row.code for row in overdue])
    return whole, by_agency, overdue


def _punctuality(counted: Punctuality, agency: Organisation | None, overdue: list[str]) -> PunctualityPart:
    return PunctualityPart(
        agency=localised(agency, "name") if agency else NOTHING,
        total=counted.total,
        on_time=counted.by_state[DueState.ON_TIME],
        late=counted.by_state[DueState.LATE],
        done=counted.by_state[DueState.DONE],
        overdue=counted.by_state[DueState.OVERDUE],
        ahead=counted.by_state[DueState.AHEAD],
        undated=counted.by_state[DueState.UNDATED],
        overdue_codes=tuple(overdue),
    )


# --- responses, evidence ----------------------------------------------------------------------------------------------


def owed(
    ledger: PlanLedger, until: datetime.date, as_of: datetime.datetime, user: Any = ANYBODY
) -> tuple[tuple[OwedPart, ...], int]:
    """The answers that wait for a response, agency by agency, and how many; some wait for several agencies."""
    of_agency: dict[Organisation | None, list[CounterAssessment]] = defaultdict(list)
    for answer in responses_owed(ledger.plan, user=user):
        if answer.period.ends_on > until or (answer.published_at and answer.published_at > as_of):
            continue
        agencies: list[Organisation | None] = [*awaited_from(answer)]
        for agency in agencies or [None]:
            of_agency[agency].append(answer)
    waiting = {answer.pk for answers in of_agency.values() for answer in answers}
    named = sorted((agency for agency in of_agency if agency), key=lambda agency: name_sort_key(str(agency)))
    parts = tuple(
        OwedPart(
            agency=localised(agency, "name") if agency else NOTHING,
            answers=tuple(map(_owed, of_agency[agency])),
        )
        for agency in [*named, *([None] if None in of_agency else [])]
    )
    return parts, len(waiting)


def _owed(answer: CounterAssessment) -> OwedAnswer:
    return OwedAnswer(
        code=answer.subject.code,
        organisation=localised(answer.organisation, "name") if answer.organisation else NOTHING,
        since=day(answer.published_at),
        since_on=iso(answer.published_at),
    )


def evidence(subjects: Iterable[Subject]) -> tuple[EvidencePart, ...]:
    """Every file and link under what the raters say, in the order of the plan."""
    found = []
    for subject in subjects:
        own = subject.government
        found += [EvidencePart(subject.code, NOTHING, row) for row in (own.attachments if own else ())]
        for answer in subject.answers:
            found += [EvidencePart(subject.code, answer.organisation, row) for row in answer.attachments]
    return tuple(found)
