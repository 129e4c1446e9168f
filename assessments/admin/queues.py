"""What waits among periods, ratings and answers; every count is that of the list or sheet that its line leads to."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from assessments import sheet
from assessments.filters import overdue
from assessments.freshness import stale_commitments
from assessments.lifecycle import incompleteness
from assessments.models import CounterAssessment, Evidence, ReportingPeriod, Response, SelfAssessment
from assessments.models.subjects import key_of
from commitments import roles
from commitments.admin.queues import Line, Queue, listed, queue
from commitments.models import Commitment, Milestone


def waiting(user: Any) -> list[Queue]:
    """What this user can do something about, in the order of the work."""
    periods = list(ReportingPeriod.objects.visible_to(user).select_related("plan"))
    return [*_quarters(user, periods), *_answers(user), *_record(user)]


# --- quarters ---------------------------------------------------------------------------------------------------------


def _quarters(user: Any, periods: list[ReportingPeriod]) -> list[Queue]:
    now = timezone.now()
    entered = [period for period in periods if period.state(now) == ReportingPeriod.State.ENTRY]
    counts = count_sheets(entered)
    over = [period for period in entered if period.entry_closes_at and period.entry_closes_at <= now]
    publishes = roles.is_publisher(user)
    queues = [
        queue(
            "entry-is-open",
            gettext_lazy("Entry is open"),
            (
                Line(
                    counts[period.pk].total - counts[period.pk].entered,
                    _entered(period, counts[period.pk]),
                    _at(period),
                )
                for period in entered
            ),
        ),
        _in_sheets("to-mend", gettext_lazy("To mend"), sheet.Queue.TO_MEND, entered, counts),
        _in_sheets("ready-to-submit", gettext_lazy("Ready to submit"), sheet.Queue.READY, entered, counts),
        queue(
            "entry-is-over-not-published",
            gettext_lazy("Entry is over, not published"),
            (Line(1, _closed(period), _at(period, "quarter_publish" if publishes else "quarter")) for period in over),
        ),
    ]
    if publishes:
        begun = [
            period
            for period in periods
            if period.state(now) == ReportingPeriod.State.PLANNED and period.starts_on <= timezone.localdate(now)
        ]
        queues += [
            queue(
                "submitted-to-be-published",
                gettext_lazy("Submitted, to be published"),
                (
                    Line(number, _of_period(number, period, _waiting_words), _at(period, "quarter_publish"))
                    for period in entered
                    if (number := counts[period.pk].by_queue[sheet.Queue.SUBMITTED])
                ),
            ),
            queue(
                "quarters-to-open",
                gettext_lazy("Quarters to open"),
                (Line(1, _begun(period), _at(period, "quarter_open")) for period in reversed(begun)),
            ),
        ]
    return queues


def _at(period: ReportingPeriod, page: str = "quarter", **filters: str) -> str:
    address = reverse(f"admin:{page}", args=[period.plan.slug, period.code])
    return address + "".join(f"?{name}={value}" for name, value in filters.items())


def _named(period: ReportingPeriod) -> str:
    return f"{period.plan.short_name}, {period.name}"


def _moment(moment: datetime.datetime) -> str:
    return date_format(timezone.localtime(moment), "SHORT_DATETIME_FORMAT")


def _entered(period: ReportingPeriod, counts: sheet.SheetCounts) -> str:
    values = {"period": _named(period), "entered": counts.entered, "total": counts.total}
    if period.entry_closes_at is None:
        return _("%(period)s: %(entered)d of %(total)d entered") % values
    closes = {"moment": _moment(period.entry_closes_at)}
    return _("%(period)s: %(entered)d of %(total)d entered; entry closes %(moment)s") % (values | closes)


def _closed(period: ReportingPeriod) -> str:
    assert period.entry_closes_at  # noqa: S101 (only periods with one are over)
    return _("%(period)s: entry closed %(moment)s") % {
        "period": _named(period),
        "moment": _moment(period.entry_closes_at),
    }


def _begun(period: ReportingPeriod) -> str:
    return _("%(period)s began %(day)s") % {
        "period": _named(period),
        "day": date_format(period.starts_on, "SHORT_DATE_FORMAT"),
    }


def _waiting_words(number: int) -> str:
    return ngettext(
        "%(period)s: %(count)d rating waits for a publisher",
        "%(period)s: %(count)d ratings wait for a publisher",
        number,
    )


def _rating_words(number: int) -> str:
    return ngettext("%(period)s: %(count)d rating", "%(period)s: %(count)d ratings", number)


def _of_period(number: int, period: ReportingPeriod, words: Any) -> str:
    return words(number) % {"period": _named(period), "count": number}


def _in_sheets(
    name: str,
    title: Any,
    waits_for: sheet.Queue,
    periods: Iterable[ReportingPeriod],
    counts: dict[int, sheet.SheetCounts],
) -> Queue:
    """A queue of the sheet, over all quarters that are open."""
    numbers = ((period, counts[period.pk].by_queue[waits_for]) for period in periods)
    return queue(
        name,
        title,
        (
            Line(number, _of_period(number, period, _rating_words), _at(period, queue=waits_for.value))
            for period, number in numbers
        ),
    )


def count_sheets(periods: list[ReportingPeriod]) -> dict[int, sheet.SheetCounts]:
    """The counts of several sheets by the period's primary key, each row in its queue, in four queries.

    Nothing else is read: the periods before, and who saved what, are not known of these rows.
    """
    plans = {period.plan_id for period in periods}
    milestones = Milestone.objects.filter(commitment__plan__in=plans).select_related("commitment__plan")
    subjects: defaultdict[int, list[Milestone | Commitment]] = defaultdict(list)
    for milestone in milestones:
        subjects[milestone.commitment.plan_id].append(milestone)
    for commitment in Commitment.objects.filter(plan__in=plans - subjects.keys()).select_related("plan"):
        subjects[commitment.plan_id].append(commitment)
    entries = SelfAssessment.objects.filter(period__in=periods).order_by("version").prefetch_related("attachments")
    newest = {(entry.period_id, entry.subject_key): entry for entry in entries}

    def row(period: ReportingPeriod, subject: Milestone | Commitment) -> sheet.SheetRow:
        entry = newest.get((period.pk, key_of(subject)))
        missing = incompleteness(entry) if entry and entry.state in SelfAssessment.EDITABLE else {}
        return sheet.SheetRow(subject, entry, None, missing, None)

    return {
        period.pk: sheet.SheetCounts(tuple(row(period, subject) for subject in subjects[period.plan_id]))
        for period in periods
    }


# --- answers and responses --------------------------------------------------------------------------------------------


def without_response(answers: QuerySet) -> QuerySet:
    """Answers given here that are public and in force, and to which no response is recorded, not even as a draft."""
    return answers.filter(is_current=True, transcribed=False).filter(
        ~Exists(Response.objects.filter(counter_assessment=OuterRef("pk")))
    )


def _answers(user: Any) -> list[Queue]:
    answers = CounterAssessment.objects.visible_to(user)
    waiting = answers.filter(state=CounterAssessment.State.SUBMITTED, superseded_at__isnull=True)
    submitted = waiting.aggregate(number=Count("pk"), oldest=Min("submitted_at"))
    unanswered = without_response(answers).count()
    drafts = Response.objects.visible_to(user).filter(state=Response.State.DRAFT).count()
    return [
        queue(
            "answers-to-publish",
            gettext_lazy("Answers to publish"),
            [Line(submitted["number"], _longest(**submitted), listed(CounterAssessment, queue="submitted"))],
        ),
        queue(
            "answers-without-a-response",
            gettext_lazy("Answers without a response"),
            [
                Line(
                    unanswered,
                    ngettext(
                        "%(count)d published answer has no response of the agency",
                        "%(count)d published answers have no response of the agency",
                        unanswered,
                    )
                    % {"count": unanswered},
                    listed(CounterAssessment, queue="without-response"),
                )
            ],
        ),
        queue(
            "responses-in-draft",
            gettext_lazy("Responses in draft"),
            [
                Line(
                    drafts,
                    ngettext("%(count)d response is not published", "%(count)d responses are not published", drafts)
                    % {"count": drafts},
                    listed(Response, state__exact=Response.State.DRAFT.value),
                )
            ],
        ),
    ]


def _longest(number: int, oldest: datetime.datetime | None) -> str:
    days = (timezone.localdate() - timezone.localdate(oldest)).days if oldest else 0
    waits = ngettext(
        "%(count)d answer waits; since %(day)s", "%(count)d answers wait; the first since %(day)s", number
    ) % {"count": number, "day": date_format(timezone.localdate(oldest), "SHORT_DATE_FORMAT") if oldest else ""}
    return waits + (ngettext(" (%(days)d day)", " (%(days)d days)", days) % {"days": days} if days else "")


# --- the record -------------------------------------------------------------------------------------------------------


def with_broken_links(assessments: QuerySet) -> QuerySet:
    """The government's ratings in force, or being entered, with a link that did not open when it was last tried."""
    broken = Evidence.objects.filter(self_assessment=OuterRef("pk")).exclude(
        check_result__in=["", Evidence.CheckResult.OPENED]
    )
    shown = Q(is_latest=True) | ~Q(state=SelfAssessment.State.PUBLISHED)
    return assessments.filter(shown).filter(Exists(broken))


def overdue_in_running_plans(milestones: QuerySet) -> QuerySet:
    return milestones.filter(
        overdue(),
        commitment__plan__published_at__isnull=False,
        commitment__plan__ends_on__gte=timezone.localdate(),
    )


def _record(user: Any) -> list[Queue]:
    broken = with_broken_links(SelfAssessment.objects.visible_to(user)).count()
    stale = len(stale_commitments())
    late = overdue_in_running_plans(Milestone.objects.visible_to(user)).count()
    return [
        queue(
            "links-that-did-not-open",
            gettext_lazy("Links that did not open"),
            [
                Line(
                    broken,
                    ngettext(
                        "%(count)d rating with a link that did not open",
                        "%(count)d ratings with a link that did not open",
                        broken,
                    )
                    % {"count": broken},
                    listed(SelfAssessment, queue="broken-links"),
                )
            ],
        ),
        queue(
            "milestones-overdue",
            gettext_lazy("Milestones overdue"),
            [
                Line(
                    late,
                    ngettext(
                        "%(count)d milestone is past its date and not green",
                        "%(count)d milestones are past their date and not green",
                        late,
                    )
                    % {"count": late},
                    listed(Milestone, due="overdue"),
                )
            ],
        ),
        queue(
            "evidence-older-than-half-a-year",
            gettext_lazy("Evidence older than half a year"),
            [
                Line(
                    stale,
                    ngettext(
                        "%(count)d commitment whose evidence has to be updated",
                        "%(count)d commitments whose evidence has to be updated",
                        stale,
                    )
                    % {"count": stale},
                    listed(Commitment, evidence="stale"),
                )
            ],
        ),
    ]
