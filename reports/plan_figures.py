"""What a report prints beside the ratings: themes, statements, meetings, recommendations, printed figures, narrative,
comments, and the documents that all of it was copied from."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _

from assessments.answer_states import AnswerStates, count_answer_states
from assessments.counts import ClaimCount, count_claims
from assessments.ledger import PlanLedger
from assessments.models import Claim, ReportingPeriod
from assessments.models.subjects import key_of
from commitments.localised import LocalisedText, localised
from commitments.models import (
    ActionPlan,
    Meeting,
    Participation,
    PlanStatement,
    Recommendation,
    SourceDocument,
    Theme,
)
from reports.commitment_figures import NOTHING, day, iso
from reports.content import (
    Advice,
    AdviceGroup,
    AnswersPart,
    ClaimPart,
    MeetingPart,
    Remark,
    Section,
    Source,
    Statement,
    Statements,
    ThemePart,
)
from reports.models import Comment, Report
from reports.narrative import as_plain

# Printed figures that tell how a plan was made; the others tell how it is rated.
OF_PROCESS = {"", Claim.Measure.COMMENTING_GOVERNMENT, Claim.Measure.COMMENTING_OTHERS, Claim.Measure.LEADING_AGENCIES}


class PlanRecord:
    """Reads what stands beside a plan's ratings, in the active language, as far as ``user`` may see it."""

    def __init__(self, ledger: PlanLedger, report: Report | None, user: Any) -> None:
        self.ledger = ledger
        self.plan = ledger.plan
        self.report = report
        self.user = user
        self._source_keys: set[int] = set()

    def noted(self, rows: Iterable[Any]) -> list[Any]:
        """The rows, after the documents that they were copied from have been taken down for `sources`."""
        found = list(rows)
        self._source_keys |= {row.source_id for row in found if row.source_id}
        return found

    def sources(self) -> tuple[Source, ...]:
        """Every document that a row noted so far was copied from."""
        return tuple(
            Source(
                title=localised(document, "title"),
                publisher=localised(document, "publisher"),
                published=day(document.published_on) or document.published_text,
                address=document.address,
                note=localised(document, "note"),
            )
            for document in SourceDocument.objects.filter(pk__in=self._source_keys)
        )

    def themes(self) -> tuple[ThemePart, ...]:
        rows = Theme.objects.visible_to(self.user).filter(plan=self.plan)
        return tuple(
            ThemePart(theme.code, theme.get_kind_display(), localised(theme, "title")) for theme in self.noted(rows)
        )

    def statements(self) -> tuple[Statements, ...]:
        rows = self.noted(PlanStatement.objects.visible_to(self.user).filter(plan=self.plan).select_related("theme"))
        kinds = {
            PlanStatement.Kind.PRINCIPLE: _("Principles"),
            PlanStatement.Kind.EXPERIENCE: _("Experience"),
            PlanStatement.Kind.CHALLENGE: _("Challenges"),
            PlanStatement.Kind.LESSON: _("Lessons"),
        }
        return tuple(
            Statements(
                kind.value,
                words,
                tuple(
                    Statement(row.code, row.theme.code if row.theme else "", localised(row, "text"))
                    for row in rows
                    if row.kind == kind
                ),
            )
            for kind, words in kinds.items()
            if any(row.kind == kind for row in rows)
        )

    def meetings(self, periods: Sequence[ReportingPeriod]) -> tuple[MeetingPart, ...]:
        """All of them, and which were held in the periods that are reported on."""
        rows = Meeting.objects.visible_to(self.user).filter(plan=self.plan).prefetch_related("participations")
        first, last = periods[0].starts_on, periods[-1].ends_on
        return tuple(
            _meeting(row, in_period=row.held_on is not None and first <= row.held_on <= last)
            for row in self.noted(rows)
        )

    def recommendations(self) -> tuple[AdviceGroup, ...]:
        """Grouped where commitments, response and outcome are the same, as reviews are answered in groups."""
        rows = Recommendation.objects.visible_to(self.user).filter(plan=self.plan).prefetch_related("commitments")
        groups: dict[tuple[Any, ...], list[Recommendation]] = defaultdict(list)
        for row in self.noted(rows):
            codes = tuple(commitment.code for commitment in row.commitments.all())
            issued = day(row.issued_on) or row.issued_text
            reviewer = row.get_reviewer_display()
            groups[(codes, reviewer, issued, localised(row, "response"), localised(row, "outcome"))].append(row)
        return tuple(
            AdviceGroup(
                commitments=codes,
                reviewer=reviewer,
                issued=issued,
                recommendations=tuple(Advice(row.code, localised(row, "text")) for row in group),
                response=response,
                outcome=outcome,
                claims=tuple(_claim(count) for count in self._claims if codes and _codes(count) == set(codes)),
            )
            for (codes, reviewer, issued, response, outcome), group in groups.items()
        )

    @cached_property
    def _claims(self) -> list[ClaimCount]:
        return sorted(count_claims(self.ledger), key=_plan_first)

    def claims(self) -> tuple[ClaimPart, ...]:
        self.noted(count.claim for count in self._claims)
        return tuple(_claim(count) for count in self._claims)

    def answers(self, periods: Iterable[ReportingPeriod], *, until: datetime.date) -> tuple[AnswersPart, ...]:
        """What became of the answers to each published period that ended by then; periods that got none too."""
        counted = count_answer_states([self.plan])
        return tuple(
            _answers(period.name, counted.get(period.pk, AnswerStates()))
            for period in periods
            if period.published_at and period.ends_on <= until
        )

    def sections(self, language: str) -> tuple[Section, ...]:
        """The narrative; a section without a title bears its kind's name, in the report's language.

        A section without a word yet is left out.
        """
        rows = self.noted(self.report.sections.all()) if self.report else []
        return tuple(
            Section(
                row.kind,
                localised(row, "title") or LocalisedText(row.get_kind_display(), language),
                body,
                as_plain(body.text),
            )
            for row in rows
            if (body := localised(row, "body"))
        )

    def remarks(self) -> dict[tuple[type, int], list[Remark]]:
        """Comments by subject: model and primary key. Those on the report in hand are in; on another draft, not."""
        rows = Comment.objects.visible_to(self.user).of_plan(self.plan)
        if self.report:
            rows = (rows | Comment.objects.filter(report=self.report)).distinct()
        found = defaultdict(list)
        for row in self.noted(rows.select_related("organisation", "commitment", "milestone")):
            about = row.milestone or row.commitment
            found[key_of(about) if about else (ActionPlan, self.plan.pk)].append(
                Remark(
                    kind=row.kind,
                    kind_words=row.get_kind_display(),
                    organisation=localised(row.organisation, "name") if row.organisation else NOTHING,
                    stated=day(row.stated_on),
                    stated_on=iso(row.stated_on),
                    text=localised(row, "text"),
                    subject=about.code if about else "",
                )
            )
        return found


def _meeting(meeting: Meeting, *, in_period: bool) -> MeetingPart:
    listed = defaultdict(list)
    for participation in meeting.participations.all():
        listed[participation.listed_as].append(participation.as_printed)
    return MeetingPart(
        kind_words=meeting.get_kind_display(),
        title=localised(meeting, "title"),
        held=day(meeting.held_on) or meeting.date_text,
        held_on=iso(meeting.held_on),
        in_period=in_period,
        occasions=meeting.occasions,
        participants_government=meeting.participants_government,
        participants_other=meeting.participants_other,
        participants_total=meeting.participants_total,
        record=localised(meeting, "record"),
        decision=localised(meeting, "decision"),
        government=tuple(listed[Participation.ListedAs.GOVERNMENT.value]),
        others=tuple(listed[Participation.ListedAs.NON_GOVERNMENT.value]),
    )


def _answers(period: str, states: AnswerStates) -> AnswersPart:
    return AnswersPart(
        period=period,
        received=states.received,
        published=states.published,
        replaced=states.replaced,
        waiting=states.waiting,
        returned=states.returned,
        withheld=states.withheld,
        withdrawn=states.withdrawn,
        unanswered=states.unanswered,
    )


def _claim(count: ClaimCount) -> ClaimPart:
    claim = count.claim
    percent = claim.unit == Claim.Unit.PERCENT
    return ClaimPart(
        label=localised(claim, "label"),
        printed=claim.printed,
        counted="" if count.counted is None else f"{count.counted}%" if percent else str(count.counted),
        differs=count.differs,
        source=localised(claim.source, "title") if claim.source else NOTHING,
        source_place=claim.source_place,
        of_plan=not claim.commitments.all(),
        of_process=claim.measure in OF_PROCESS,
    )


def _codes(count: ClaimCount) -> set[str]:
    return {commitment.code for commitment in count.claim.commitments.all()}


def _plan_first(count: ClaimCount) -> tuple[list[str], int, str]:
    """Claims on the whole plan, then on its commitments; each in the order of what is measured."""
    measures = Claim.Measure.values
    measure = count.claim.measure
    place = measures.index(measure) if measure else len(measures)
    return sorted(commitment.code_order for commitment in count.claim.commitments.all()), place, count.claim.code
