"""Whether what was promised came by the day it was promised for, and which answers still want a response.

A milestone's due date is the last day that the printed text allows. Whether it was kept is known only as closely as the
government rates: a plan that is rated once, at its end, says that something is done, and not when.
"""

from __future__ import annotations

import datetime
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _

from assessments.history import read_over_time
from assessments.ledger import ANYBODY, Comparison, PlanLedger
from assessments.models import CounterAssessment, ReportingPeriod, Response
from assessments.models.subjects import SubjectKey, commitment_of, key_of
from assessments.ratings import Light
from commitments.models import ActionPlan, Commitment, Milestone, Organisation
from commitments.text import name_sort_key


class DueState(models.TextChoices):
    """How a subject stands to its due date at a day. Done is a green light of the government."""

    ON_TIME = "on_time", _("Done by the due date")
    LATE = "late", _("Done after the due date")
    DONE = "done", _("Done; not known whether by the due date")
    OVERDUE = "overdue", _("Overdue")
    AHEAD = "ahead", _("Not due yet")
    UNDATED = "undated", _("No due date in the record")


@dataclass(frozen=True)
class Punctuality:
    """Subjects by how they stand to their due dates; each is in exactly one."""

    by_state: dict[str, int]  # code of DueState -> count, every state

    @property
    def total(self) -> int:
        return sum(self.by_state.values())

    @property
    def on_time(self) -> int:
        return self.by_state[DueState.ON_TIME]

    @property
    def late(self) -> int:
        return self.by_state[DueState.LATE]

    @property
    def done(self) -> int:
        """Done, without a rating that would tell when."""
        return self.by_state[DueState.DONE]

    @property
    def overdue(self) -> int:
        return self.by_state[DueState.OVERDUE]

    @property
    def ahead(self) -> int:
        return self.by_state[DueState.AHEAD]

    @property
    def undated(self) -> int:
        return self.by_state[DueState.UNDATED]


@dataclass(frozen=True)
class OfAgency:
    """The subjects that an agency has to implement, alone or with others."""

    agency: Organisation
    punctuality: Punctuality
    overdue: tuple[Comparison, ...]  # in the order of the plan


def due_states(
    ledger: PlanLedger,
    on: datetime.date,
    *,
    user: Any = ANYBODY,
    as_of: datetime.datetime | None = None,
) -> dict[SubjectKey, DueState]:
    """How each subject of the ledger stood to its due date on a day. Three queries.

    ``as_of`` is the moment at which the ledger was read, where that was not now. Periods that end later than the
    ledger's latest are not looked at.
    """
    latest = ledger.latest_period
    lights: dict[SubjectKey, list[tuple[ReportingPeriod, str | None]]] = defaultdict(list)
    for period, subjects in read_over_time(ledger.plan, user=user, as_of=as_of):
        if latest is None or period.ends_on > latest.ends_on:
            continue
        for subject in subjects:
            lights[key_of(subject.subject)].append((period, subject.light))
    return {
        key_of(subject.subject): due_state(subject, lights[key_of(subject.subject)], on) for subject in ledger.subjects
    }


def due_state(subject: Comparison, lights: Iterable[tuple[ReportingPeriod, str | None]], on: datetime.date) -> DueState:
    """How one subject stood on a day; ``lights`` are the government's by period, oldest first, None for no rating."""
    due = subject.subject.ends_on
    if due is None:
        return DueState.UNDATED
    if subject.light != Light.GREEN:
        return DueState.OVERDUE if due < on else DueState.AHEAD
    since, seen_undone = None, False
    for period, light in lights:
        if light == Light.GREEN:
            since = since or period.ends_on
        else:
            since = None
            seen_undone = seen_undone or (light is not None and period.ends_on >= due)
    if since is not None and since <= due:
        return DueState.ON_TIME
    return DueState.LATE if seen_undone else DueState.DONE


def not_done(subjects: Iterable[Comparison], on: datetime.date) -> tuple[list[Comparison], list[Comparison]]:
    """What is overdue on a day, and what has a due date that is still to come; both in the order given.

    Whether something that is done came in time takes its past ratings (`due_states`); what is not done, does not.
    """
    states = [(subject, due_state(subject, (), on)) for subject in subjects]
    overdue, ahead = (
        [subject for subject, state in states if state == wanted] for wanted in (DueState.OVERDUE, DueState.AHEAD)
    )
    return overdue, ahead


def due_on(subject: Comparison) -> datetime.date:
    """The last day that the printed text allows, to sort by; what has none comes last."""
    return subject.subject.ends_on or datetime.date.max


def count_punctuality(states: Iterable[DueState]) -> Punctuality:
    counted = Counter(states)
    return Punctuality({state.value: counted[state] for state in DueState})


def overdue_subjects(ledger: PlanLedger, states: Mapping[SubjectKey, DueState]) -> list[Comparison]:
    """What is overdue, longest first, then in the order of the plan."""
    late = [subject for subject in ledger.subjects if states[key_of(subject.subject)] == DueState.OVERDUE]
    return sorted(late, key=due_on)


def punctuality_by_agency(ledger: PlanLedger, states: Mapping[SubjectKey, DueState]) -> list[OfAgency]:
    """Each agency with the subjects that it implements, by name. One that several implement counts for each of them."""
    of_agency: dict[Organisation, list[Comparison]] = defaultdict(list)
    for entry in ledger.commitments:
        for subject in entry.subjects:
            for agency in agencies_of(subject.subject, entry.commitment):
                of_agency[agency].append(subject)
    return [
        OfAgency(
            agency,
            count_punctuality(states[key_of(subject.subject)] for subject in subjects),
            tuple(subject for subject in subjects if states[key_of(subject.subject)] == DueState.OVERDUE),
        )
        for agency, subjects in sorted(of_agency.items(), key=lambda item: name_sort_key(str(item[0])))
    ]


def agencies_of(subject: Milestone | Commitment, commitment: Commitment) -> list[Organisation]:
    """Who implements a subject of a commitment: a milestone's agencies, else those that lead the commitment.

    A ledger has fetched the involvements of its commitments, and not those of ``milestone.commitment``.
    """
    own = list(subject.agencies.all()) if isinstance(subject, Milestone) else []
    return own or list(dict.fromkeys(lead.organisation for lead in commitment.leads if lead.organisation))


def awaited_from(answer: CounterAssessment) -> list[Organisation]:
    """The agencies of which one of `responses_owed` awaits a response."""
    return agencies_of(answer.subject, commitment_of(answer.subject))


def responses_owed(plan: ActionPlan, *, user: Any = ANYBODY) -> list[CounterAssessment]:
    """Published answers, given here and in force, to which no response is published; the oldest first.

    At most four queries. To an answer that was copied from a document nothing is owed: its time is past. Whose response
    is awaited tells `awaited_from`.
    """
    responses = Response.objects.published().filter(counter_assessment=OuterRef("pk"))
    answers = CounterAssessment.objects.visible_to(user).published().filter(period__plan=plan, transcribed=False)
    return list(
        answers.filter(~Exists(responses))
        .select_related("organisation", "period", "milestone__commitment__plan", "commitment__plan")
        .prefetch_related(
            "milestone__agencies",
            "milestone__commitment__involvements__organisation",
            "commitment__involvements__organisation",
        )
        .order_by("published_at", "pk")
    )
