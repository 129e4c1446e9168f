"""What an organisation sees of its own: what is open, what it has said, and what lies before it when it answers.

`read_workspace` and `read_desk` ask a number of queries that does not grow with the plan. Queues are counted from the
rows, never stored.
"""

from __future__ import annotations

import datetime
from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db import models
from django.db.models import Prefetch
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from assessments.lifecycle import takes_answer
from assessments.lifecycle.answers import MENDING
from assessments.models import CounterAssessment, Evidence, ReportingPeriod, SelfAssessment
from assessments.models.subjects import column_of, commitment_of, key_of
from assessments.ratings import gap
from commitments.models import Commitment, Milestone, Organisation

DAY = datetime.timedelta(days=1)
SOON = 3 * DAY
State = CounterAssessment.State
TO_WITHDRAW: tuple[str, ...] = (State.SUBMITTED, State.PUBLISHED)


class Queue(models.TextChoices):
    """Where a subject stands for the organisation. Each stands in one at most."""

    TO_ANSWER = "to-answer", _("To answer")
    DRAFT = "draft", _("Drafts")
    RETURNED = "returned", _("Returned")
    SUBMITTED = "submitted", _("Submitted")
    PUBLISHED = "published", _("Published")
    WITHHELD = "withheld", _("Withheld")
    WITHDRAWN = "withdrawn", _("Withdrawn")


@dataclass(frozen=True)
class Deadline:
    """Until when answers are taken, as it stands at a moment."""

    state: str  # planned, open, soon (three days or less), closed
    opens_at: datetime.datetime | None
    closes_at: datetime.datetime | None
    left: str  # "3 days left"; empty where it is not open


def deadline_of(
    period: ReportingPeriod, moment: datetime.datetime, *, returned_at: datetime.datetime | None = None
) -> Deadline:
    """The window of a period; of an answer that was returned, as long as it may be mended."""
    opens_at, closes_at = period.answers_open_at, period.answers_close_at
    if closes_at and returned_at and returned_at + MENDING > closes_at:
        closes_at = returned_at + MENDING
    if takes_answer(period, moment, returned_at=returned_at):
        soon = closes_at is not None and closes_at - moment <= SOON
        return Deadline("soon" if soon else "open", opens_at, closes_at, _left(closes_at, moment))
    planned = opens_at is not None and moment < opens_at
    return Deadline("planned" if planned else "closed", opens_at, closes_at, "")


def _left(closes_at: datetime.datetime | None, moment: datetime.datetime) -> str:
    """In whole days, in the last one in whole hours, rounded down: nobody is told more time than there is."""
    if closes_at is None:
        return ""
    left = closes_at - moment
    if left >= DAY:
        return ngettext("%(days)d day left", "%(days)d days left", left.days) % {"days": left.days}
    hours = left // datetime.timedelta(hours=1)
    return ngettext("%(hours)d hour left", "%(hours)d hours left", hours) % {"hours": hours}


@dataclass(frozen=True)
class WorkspaceRow:
    """One milestone, or a commitment as a whole, with the government's rating and the organisation's own answer."""

    subject: Milestone | Commitment
    government: SelfAssessment | None  # in force in the period
    answer: CounterAssessment | None  # the organisation's newest version
    is_open: bool

    @property
    def is_whole(self) -> bool:
        return isinstance(self.subject, Commitment)

    @property
    def queue(self) -> Queue | None:
        """None for what need not be answered: without a rating of the government, or after the window."""
        if self.answer:
            return Queue(self.answer.state)
        return Queue.TO_ANSWER if self.government and self.is_open else None

    @property
    def gap(self) -> int | None:
        return gap(self.answer.rating, self.government.rating) if self.answer and self.government else None


@dataclass(frozen=True)
class WorkspaceGroup:
    commitment: Commitment
    rows: tuple[WorkspaceRow, ...]  # its milestones, then the commitment as a whole


@dataclass(frozen=True)
class Filters:
    """What part of a workspace is shown; empty values leave everything in."""

    commitment: str = ""  # code
    light: str = ""  # of the government's rating; "none" for rows without one
    queue: str = ""

    def takes(self, commitment: Commitment, row: WorkspaceRow) -> bool:
        light = (row.government.light if row.government else None) or "none"
        return (
            (not self.commitment or commitment.code == self.commitment)
            and (not self.light or light == self.light)
            and (not self.queue or row.queue == self.queue)
        )


@dataclass(frozen=True)
class Workspace:
    period: ReportingPeriod
    deadline: Deadline
    groups: tuple[WorkspaceGroup, ...]

    @cached_property
    def counts(self) -> dict[str, int]:
        """Every queue in its order, zeros too."""
        found = Counter(row.queue for row in self.rows)
        return {queue.value: found[queue] for queue in Queue}

    @property
    def rows(self) -> list[WorkspaceRow]:
        return [row for group in self.groups for row in group.rows]

    @property
    def rated(self) -> int:
        """How many ratings of the government there are to answer."""
        return sum(row.government is not None for row in self.rows)

    @property
    def answered(self) -> int:
        """Of those, how many an answer of the organisation stands to that was sent and not taken back."""
        sent = {Queue.SUBMITTED, Queue.PUBLISHED, Queue.WITHHELD}
        return sum(row.government is not None and row.queue in sent for row in self.rows)

    def narrowed(self, filters: Filters) -> Workspace:
        """The rows that the filters take, and the commitments that still have one."""
        groups = [
            WorkspaceGroup(group.commitment, tuple(row for row in group.rows if filters.takes(group.commitment, row)))
            for group in self.groups
        ]
        return Workspace(self.period, self.deadline, tuple(group for group in groups if group.rows))


def periods_for(organisation: Organisation, user: Any) -> list[ReportingPeriod]:
    """The published periods that the organisation may read or answer, newest first; invented ones for invented ones."""
    return list(
        ReportingPeriod.objects.visible_to(user)
        .published()
        .filter(plan__published_at__isnull=False, plan__is_demonstration=organisation.is_demonstration)
        .select_related("plan")
        .order_by("-ends_on", "-pk")
    )


def period_to_open(periods: list[ReportingPeriod], moment: datetime.datetime) -> ReportingPeriod | None:
    """What a workspace opens with: the window that closes first, else the newest period."""
    taking = [period for period in periods if period.takes_answers(moment)]
    never = datetime.datetime.max.replace(tzinfo=datetime.UTC)
    return min(taking, key=lambda period: period.answers_close_at or never, default=periods[0] if periods else None)


def read_workspace(organisation: Organisation, period: ReportingPeriod, moment: datetime.datetime) -> Workspace:
    """Every subject of the period's plan, in the plan's order. The caller has asked who may."""
    commitments = list(Commitment.objects.filter(plan=period.plan_id))
    milestones = defaultdict(list)
    for milestone in Milestone.objects.filter(commitment__plan=period.plan_id):
        milestones[milestone.commitment_id].append(milestone)
    rated = SelfAssessment.objects.published().filter(period=period)
    government = {row.subject_key: row for row in rated}
    given = CounterAssessment.objects.filter(period=period, organisation=organisation).order_by("version")
    answers = {row.subject_key: row for row in given}
    is_open = period.takes_answers(moment)

    def row(subject: Milestone | Commitment) -> WorkspaceRow:
        key = key_of(subject)
        return WorkspaceRow(subject, government.get(key), answers.get(key), is_open)

    groups = [
        WorkspaceGroup(commitment, (*map(row, milestones[commitment.pk]), row(commitment)))
        for commitment in commitments
    ]
    return Workspace(period, deadline_of(period, moment), tuple(groups))


@dataclass(frozen=True)
class Desk:
    """What lies before an organisation when it answers on one subject in one period."""

    organisation: Organisation
    period: ReportingPeriod
    subject: Milestone | Commitment
    government: SelfAssessment | None  # in force in this period
    history: tuple[SelfAssessment, ...]  # in force in every published period, oldest first
    answer: CounterAssessment | None  # the organisation's newest version in this period
    earlier: tuple[CounterAssessment, ...]  # what else it has sent on the subject, newest first
    moment: datetime.datetime

    @property
    def commitment(self) -> Commitment:
        return commitment_of(self.subject)

    @property
    def is_whole(self) -> bool:
        return isinstance(self.subject, Commitment)

    @property
    def deadline(self) -> Deadline:
        return deadline_of(self.period, self.moment, returned_at=self._returned_at)

    @property
    def is_open(self) -> bool:
        """Whether an answer may be sent now."""
        return takes_answer(self.period, self.moment, returned_at=self._returned_at)

    @property
    def is_draft(self) -> bool:
        """Whether nothing was sent yet, or it came back to be mended."""
        return self.answer is None or self.answer.state in CounterAssessment.OPEN

    @property
    def can_be_replaced(self) -> bool:
        return not self.is_draft and not self.answer.transcribed and self.period.takes_answers(self.moment)  # type: ignore[union-attr]

    @property
    def can_be_withdrawn(self) -> bool:
        return self.can_be_replaced and self.answer is not None and self.answer.state in TO_WITHDRAW

    @property
    def rating_changed(self) -> bool:
        """Whether the draft answers another version of the government's rating than the one in force."""
        return self.answer is not None and self.is_draft and self.answer.answers != self.government

    @property
    def _returned_at(self) -> datetime.datetime | None:
        return self.answer.returned_at if self.answer and self.is_draft else None

    def draft(self) -> CounterAssessment:
        """The row to save into: the organisation's own, or the first one, unsaved."""
        if self.answer:
            return self.answer
        own: dict[str, Any] = {column_of(self.subject): self.subject}
        return CounterAssessment(period=self.period, organisation=self.organisation, **own)


def read_desk(organisation: Organisation, user: Any, *, plan: str, period: str, code: str) -> Desk | None:
    """What the organisation answers at this address; None where there is nothing to answer."""
    found = next((row for row in periods_for(organisation, user) if (row.plan.slug, row.code) == (plan, period)), None)
    if found is None:
        return None
    milestones = Milestone.objects.filter(commitment__plan=found.plan).select_related("commitment__plan")
    commitments = Commitment.objects.filter(plan=found.plan).select_related("plan")
    subject = milestones.filter(code=code).first() or commitments.filter(code=code).first()
    if subject is None:
        return None
    column = column_of(subject)
    attachments = Prefetch("attachments", Evidence.objects.order_by("position", "pk"))
    history = list(
        SelfAssessment.objects.visible_to(user)
        .published()
        .filter(**{column: subject})
        .select_related("period", "source", "supersedes")
        .prefetch_related(attachments)
        .order_by("period__ends_on")
    )
    answers = list(
        CounterAssessment.objects.filter(**{column: subject}, organisation=organisation)
        .select_related("period", "source", "answers", "saved_by", "submitted_by")
        .prefetch_related(attachments)
        .order_by("-period__ends_on", "-version")
    )
    own = next((answer for answer in answers if answer.period_id == found.pk), None)
    return Desk(
        organisation=organisation,
        period=found,
        subject=subject,
        government=next((row for row in history if row.period_id == found.pk), None),
        history=tuple(history),
        answer=own,
        earlier=tuple(row for row in answers if row != own and row.state != State.DRAFT),
        moment=timezone.now(),
    )
