"""What the record says of an organisation: what it promised and implements, what it answered, and what came of that.

Read from the ledgers of plans, so that a figure here is the figure there.
"""

from __future__ import annotations

import datetime
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q

from assessments.counts import Agreement, Tally, count_gaps, count_ratings
from assessments.ledger import (
    ANYBODY,
    Answer,
    CommitmentEntry,
    Comparison,
    Mark,
    PlanLedger,
    under_an_answer,
)
from assessments.models import CounterAssessment, ReportingPeriod, Response, SelfAssessment
from assessments.models.subjects import key_of
from assessments.punctuality import (
    DueState,
    Punctuality,
    agencies_of,
    awaited_from,
    count_punctuality,
    due_states,
    responses_owed,
)
from assessments.ratings import gap
from commitments.models import ActionPlan, Commitment, Involvement, Meeting, Milestone, Organisation, Participation


@dataclass(frozen=True)
class Appearance:
    """One organisation in numbers, over all plans that were read."""

    leads: int = 0  # commitments
    named: int = 0  # commitments in which it has another role
    implements: int = 0  # subjects: milestones, or commitments of a plan without any
    overdue: int = 0  # of those
    answers: int = 0  # published and in force


@dataclass(frozen=True)
class Duty:
    """One subject that an organisation implements, alone or with others, and how it stands to its due date."""

    entry: CommitmentEntry
    comparison: Comparison
    state: DueState

    @property
    def is_overdue(self) -> bool:
        return self.state == DueState.OVERDUE


@dataclass(frozen=True)
class InPlan:
    """An organisation in one plan: its roles in commitments, and what it implements."""

    ledger: PlanLedger
    involved: tuple[tuple[Involvement, CommitmentEntry], ...]  # leading first, then in the order of the plan
    duties: tuple[Duty, ...]
    government: Tally  # the government's ratings of the duties
    punctuality: Punctuality

    @property
    def plan(self) -> ActionPlan:
        return self.ledger.plan


@dataclass(frozen=True)
class InPeriod:
    """An organisation's answers to the ratings of one period."""

    period: ReportingPeriod
    answers: tuple[Comparison, ...]  # each with the one answer
    agreement: Agreement


def appears_publicly(user: Any = ANYBODY) -> Q:
    """Organisations that stand in something the user may read: a commitment, a milestone, a meeting, an answer or its
    mark, a response. A real one is not shown for a part in a demonstration.
    """
    own: Any = {"organisation": OuterRef("pk")}
    same = OuterRef("is_demonstration")
    answers = CounterAssessment.objects
    return (
        Exists(
            Involvement.objects.filter(
                commitment__in=Commitment.objects.visible_to(user), commitment__plan__is_demonstration=same, **own
            )
        )
        | Exists(
            Milestone.objects.visible_to(user).filter(agencies=OuterRef("pk"), commitment__plan__is_demonstration=same)
        )
        | Exists(
            Participation.objects.filter(
                meeting__in=Meeting.objects.visible_to(user), meeting__plan__is_demonstration=same, **own
            )
        )
        | Exists(answers.visible_to(user).published().filter(period__plan__is_demonstration=same, **own))
        | Exists(answers.marks(user).filter(period__plan__is_demonstration=same, **own))
        | Exists(
            Response.objects.visible_to(user).filter(
                is_current=True, counter_assessment__period__plan__is_demonstration=same, **own
            )
        )
    )


def plans_of(organisation: Organisation, *, user: Any = ANYBODY) -> Any:
    """The plans in which an organisation is involved or implements something, newest first."""
    involved = Involvement.objects.filter(organisation=organisation, commitment__plan=OuterRef("pk"))
    implements = Milestone.objects.filter(agencies=organisation, commitment__plan=OuterRef("pk"))
    return (
        ActionPlan.objects.visible_to(user)
        .filter(Exists(involved) | Exists(implements), is_demonstration=organisation.is_demonstration)
        .order_by("-starts_on", "slug")
    )


def in_plan(organisation: Organisation, ledger: PlanLedger, on: datetime.date, *, user: Any = ANYBODY) -> InPlan:
    """One organisation in a plan that was read. At most three queries, none where it implements nothing."""
    involved = [
        (involvement, entry)
        for entry in ledger.commitments
        for involvement in entry.commitment.involvements.all()
        if involvement.organisation_id == organisation.pk
    ]
    own = [
        (entry, subject)
        for entry in ledger.commitments
        for subject in entry.subjects
        if organisation in agencies_of(subject.subject, entry.commitment)
    ]
    states = due_states(ledger, on, user=user) if own else {}
    return InPlan(
        ledger,
        tuple(sorted(involved, key=lambda pair: pair[0].role != Involvement.Role.LEAD)),
        tuple(Duty(entry, subject, states[key_of(subject.subject)]) for entry, subject in own),
        count_ratings((subject for _entry, subject in own), ledger.plan.rating_scale),
        count_punctuality(states[key_of(subject.subject)] for _entry, subject in own),
    )


def appearances(ledgers: Iterable[PlanLedger], on: datetime.date, *, user: Any = ANYBODY) -> dict[int, Appearance]:
    """Every organisation of some plans in numbers, by primary key; who is in none of them is absent.

    Three queries a plan and one, however many organisations there are.
    """
    counted: dict[int, Counter[str]] = defaultdict(Counter)
    ledgers = list(ledgers)
    for ledger in ledgers:
        states = due_states(ledger, on, user=user)
        for entry in ledger.commitments:
            for involvement in entry.commitment.involvements.all():
                if involvement.organisation_id:
                    role = "leads" if involvement.role == Involvement.Role.LEAD else "named"
                    counted[involvement.organisation_id][role] += 1
            for subject in entry.subjects:
                for agency in agencies_of(subject.subject, entry.commitment):
                    counted[agency.pk]["implements"] += 1
                    counted[agency.pk]["overdue"] += states[key_of(subject.subject)] == DueState.OVERDUE
    answers = (
        CounterAssessment.objects.visible_to(user)
        .published()
        .filter(period__plan__in=[ledger.plan.pk for ledger in ledgers], organisation__isnull=False)
        .order_by()
        .values_list("organisation")
        .annotate(Count("pk"))
    )
    for organisation, number in answers:
        counted[organisation]["answers"] = number
    return {organisation: Appearance(**own) for organisation, own in counted.items()}


def owed_by(organisation: Organisation, plans: Iterable[InPlan], *, user: Any = ANYBODY) -> list[CounterAssessment]:
    """The published answers to which this agency owes a response, alone or with others; the oldest first."""
    return [
        answer
        for part in plans
        if part.duties
        for answer in responses_owed(part.plan, user=user)
        if organisation in awaited_from(answer)
    ]


def responses_of(organisation: Organisation, *, user: Any = ANYBODY) -> list[Response]:
    """The published responses of an agency that are in force, the newest first."""
    return list(
        Response.objects.visible_to(user)
        .filter(organisation=organisation, is_current=True)
        .select_related(
            "organisation",
            "correction__supersedes",
            "counter_assessment__organisation",
            "counter_assessment__milestone__commitment__plan",
            "counter_assessment__commitment__plan",
        )
        .order_by("-published_at", "-pk")
    )


def read_answers(organisation: Organisation, *, user: Any = ANYBODY) -> list[Comparison]:
    """All that an organisation has answered and that is in force, each beside the government's rating in force of the
    same subject and period: newest period first, then in the order of the plan. At most eight queries.
    """
    answers = (
        CounterAssessment.objects.visible_to(user)
        .published()
        .filter(organisation=organisation)
        .select_related("period__plan", "organisation", "source", "milestone__commitment__plan", "commitment__plan")
        .prefetch_related(*under_an_answer(user))
        .order_by("-period__ends_on", "period", "milestone__code_order", "commitment__code_order", "pk")
    )
    rows = list(answers)
    rated = {
        (row.period_id, row.subject_key): row
        for row in SelfAssessment.objects.visible_to(user)
        .published()
        .filter(period__in={row.period_id for row in rows})
        .filter(
            Q(milestone__in=[row.milestone_id for row in rows if row.milestone_id])
            | Q(commitment__in=[row.commitment_id for row in rows if row.commitment_id])
        )
    }
    compared = []
    for row in rows:
        government = rated.get((row.period_id, row.subject_key))
        answer = Answer(row, gap(row.rating, government.rating if government else None))
        compared.append(Comparison(row.subject, government, (answer,), ()))
    return compared


def read_marks(organisation: Organisation, *, user: Any = ANYBODY) -> list[tuple[Milestone | Commitment, Mark]]:
    """What of an organisation was public once and is shown no more, with its subject; the latest to end first."""
    rows = (
        CounterAssessment.objects.marks(user)
        .filter(organisation=organisation)
        .select_related("organisation", "milestone__commitment__plan", "commitment__plan")
    )
    marks = [(row.subject, Mark.of(row)) for row in rows]
    return sorted(marks, key=lambda pair: pair[1].ended_at, reverse=True)


def by_period(answers: Iterable[Comparison]) -> list[InPeriod]:
    """What `read_answers` gives, period by period in its order."""
    groups = [list(own) for _key, own in groupby(answers, key=lambda one: one.answers[0].assessment.period_id)]
    return [InPeriod(own[0].answers[0].assessment.period, tuple(own), count_gaps(own)) for own in groups]


def meetings_of(organisation: Organisation, *, user: Any = ANYBODY) -> list[Meeting]:
    """The meetings and rounds in whose lists it stands, each once: newest plan first, then as they were entered."""
    listed = Participation.objects.filter(organisation=organisation, meeting=OuterRef("pk"))
    return list(
        Meeting.objects.visible_to(user)
        .filter(Exists(listed), plan__is_demonstration=organisation.is_demonstration)
        .select_related("plan")
        .order_by("-plan__starts_on", "plan", "pk")
    )
