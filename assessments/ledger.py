"""A plan read whole, every rater side by side, in a number of queries that does not grow with it.

`comparisons` is what a subject's raters say beside each other; `read_ledger` is the plan made of them,
`read_commitment` one part of it. Pages, API, admin and reports all read this; `assessments.counts` counts it.
`assessments.history` reads a plan period by period, `assessments.organisations` what one organisation says.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import Prefetch, Q

from assessments.models import (
    CounterAssessment,
    Evidence,
    IndependentReview,
    ReportingPeriod,
    Response,
    SelfAssessment,
)
from assessments.models.subjects import SubjectKey, key_of
from assessments.ratings import NoRatingReason, gap
from commitments.models import ActionPlan, Commitment, Involvement, Milestone, Organisation

ANYBODY = AnonymousUser()


@dataclass(frozen=True)
class Answer:
    """One published counter-assessment, beside the government's rating of the same subject."""

    assessment: CounterAssessment
    gap: int | None  # steps above (+) or below (-) the government's rating in force; None where either is missing

    @property
    def organisation(self) -> Organisation | None:
        return self.assessment.organisation

    @property
    def rating(self) -> str | None:
        return self.assessment.rating

    @property
    def light(self) -> str | None:
        return self.assessment.light

    @property
    def is_verdict(self) -> bool:
        """Whether it rates, or was asked to and gave none; a recommendation alone is no verdict."""
        return self.rating is not None or self.assessment.no_rating_reason == NoRatingReason.NOT_PROVIDED


@dataclass(frozen=True)
class Mark:
    """That an answer was public once: whose, when and why it is shown no more. None of its words."""

    organisation: Organisation | None
    state: str  # withdrawn (by its author) or withheld
    ended_at: datetime.datetime
    reason: str  # code of `CounterAssessment.WithheldReason`; empty where its author withdrew it
    note_en: str
    note_mn: str

    @classmethod
    def of(cls, answer: CounterAssessment) -> Mark:
        """Of one of `CounterAssessment.objects.marks`."""
        return cls(
            answer.organisation,
            answer.state,
            answer.withdrawn_at or answer.withheld_at,  # type: ignore[arg-type]  # one of them, by a constraint
            answer.withheld_reason,
            answer.withheld_note_en,
            answer.withheld_note_mn,
        )

    @property
    def reason_label(self) -> str:
        return str(CounterAssessment.WithheldReason(self.reason).label) if self.reason else ""


@dataclass(frozen=True)
class Comparison:
    """What the raters say about one subject in the government's latest published period."""

    subject: Milestone | Commitment
    government: SelfAssessment | None
    answers: tuple[Answer, ...]
    reviews: tuple[IndependentReview, ...]
    marks: tuple[Mark, ...] = ()  # answers that were withdrawn or withheld after they were published; oldest first
    earlier: tuple[SelfAssessment, ...] = ()  # versions that the government's rating has replaced, newest first
    unchanged_since: ReportingPeriod | None = None  # of which the government's rating is a copy, over any number

    @property
    def corrections(self) -> tuple[tuple[SelfAssessment, SelfAssessment], ...]:
        """Each version of the government's rating with the one that it replaced, newest first."""
        versions = (self.government, *self.earlier) if self.government else ()
        return tuple(pairwise(versions))

    @property
    def rating(self) -> str | None:
        return self.government.rating if self.government else None

    @property
    def light(self) -> str | None:
        return self.government.light if self.government else None

    @property
    def verdicts(self) -> tuple[Answer, ...]:
        return tuple(answer for answer in self.answers if answer.is_verdict)

    @property
    def rated(self) -> tuple[Answer, ...]:
        """The answers that carry a rating."""
        return tuple(answer for answer in self.answers if answer.rating)

    @property
    def gaps(self) -> tuple[int, ...]:
        return tuple(answer.gap for answer in self.answers if answer.gap is not None)

    @property
    def contested(self) -> bool:
        """At least one published answer rates it otherwise than the government; the IRM never makes it contested."""
        return any(self.gaps)

    @property
    def widest(self) -> Answer | None:
        """The rated answer furthest from the government's rating; the lower one where two are as far."""
        compared = [answer for answer in self.answers if answer.gap is not None]
        return max(compared, key=lambda answer: (abs(answer.gap or 0), -(answer.gap or 0)), default=None)

    @property
    def review(self) -> IndependentReview | None:
        """The reviewer's last finding on completion."""
        found = [review for review in self.reviews if review.completion]
        return max(found, key=lambda review: review.stage == IndependentReview.Stage.END_OF_TERM, default=None)


@dataclass(frozen=True)
class CommitmentEntry:
    """A commitment with what is said about its milestones and about it as a whole."""

    commitment: Commitment
    milestones: tuple[Comparison, ...]
    whole: Comparison
    rated_as_whole: bool  # the plan has no milestones here, so the commitment itself is the subject

    @property
    def subjects(self) -> tuple[Comparison, ...]:
        """What the government rates: the milestones, or in a plan without any the commitment."""
        return (self.whole,) if self.rated_as_whole else self.milestones

    @cached_property
    def leads(self) -> tuple[Involvement, ...]:
        return self.commitment.leads

    @property
    def review(self) -> IndependentReview | None:
        return self.whole.review

    @property
    def latest_period(self) -> ReportingPeriod | None:
        """The newest period of which a rating is shown."""
        return latest_period(self.subjects)

    def review_gap(self, subject: Comparison) -> int | None:
        """Steps by which the reviewer's rating of the whole stands above (+) or below (-) the subject's."""
        return gap(self.review.completion if self.review else None, subject.rating)


@dataclass(frozen=True)
class PlanLedger:
    plan: ActionPlan
    commitments: tuple[CommitmentEntry, ...]
    rated_as_whole: bool

    @cached_property
    def subjects(self) -> tuple[Comparison, ...]:
        return tuple(subject for entry in self.commitments for subject in entry.subjects)

    @cached_property
    def has_ratings(self) -> bool:
        return any(subject.government for subject in self.subjects)

    @cached_property
    def latest_period(self) -> ReportingPeriod | None:
        """The newest period of which a rating is shown."""
        return latest_period(self.subjects)

    @cached_property
    def contested(self) -> tuple[Comparison, ...]:
        """Where raters differ, widest gap first, lower before higher, then in the order of the plan."""
        return tuple(sorted((subject for subject in self.subjects if subject.contested), key=widest_first))

    def entry(self, code: str) -> CommitmentEntry | None:
        return next((entry for entry in self.commitments if entry.commitment.code == code), None)


def latest_period(subjects: Iterable[Comparison]) -> ReportingPeriod | None:
    shown = {subject.government.period for subject in subjects if subject.government}
    return max(shown, key=lambda period: period.ends_on, default=None)


def widest_first(subject: Comparison) -> tuple[int, int]:
    """The order of subjects that were compared: widest gap first, lower before higher."""
    steps = subject.widest.gap if subject.widest and subject.widest.gap is not None else 0
    return (-abs(steps), steps)


def comparisons(
    subjects: Iterable[Milestone | Commitment],
    *,
    user: Any = ANYBODY,
    as_of: datetime.datetime | None = None,
    until: datetime.date | None = None,
) -> dict[SubjectKey, Comparison]:
    """Compare the raters of each subject as they stood at ``as_of`` (now by default).

    ``until`` leaves out reporting periods that end after that day. Keyed by (model, primary key), in the order given.
    At most twelve queries, however many subjects.
    """
    ordered = list(subjects)
    milestones = [subject.pk for subject in ordered if isinstance(subject, Milestone)]
    commitments = [subject.pk for subject in ordered if isinstance(subject, Commitment)]
    wanted = Q(milestone__in=milestones) | Q(commitment__in=commitments)

    attachments, responses = under_an_answer(user, as_of)
    government = {
        row.subject_key: row
        for row in SelfAssessment.objects.visible_to(user)
        .in_latest_period(as_of, until)
        .filter(wanted)
        .select_related("period", "source")
        .prefetch_related(attachments)
    }
    answers = defaultdict(list)
    visible = CounterAssessment.objects.visible_to(user).filter(wanted)
    latest = as_of is None and until is None
    published = visible.filter(is_latest=True) if latest else visible.published(as_of)
    for row in published.select_related("period", "organisation", "source").prefetch_related(attachments, responses):
        rated = government.get(row.subject_key)
        if rated and rated.period_id == row.period_id:
            answers[row.subject_key].append(Answer(row, gap(row.rating, rated.rating)))
    for of_subject in answers.values():
        of_subject.sort(key=verdicts_first)
    # Who may read an answer as it stood before it ended (the support unit, its author) needs no mark of it.
    read = {answer.assessment.pk for of_subject in answers.values() for answer in of_subject}
    marks = defaultdict(list)
    for row in CounterAssessment.objects.marks(user, as_of).filter(wanted).select_related("organisation"):
        rated = government.get(row.subject_key)
        if rated and rated.period_id == row.period_id and row.pk not in read:
            marks[row.subject_key].append(Mark.of(row))
    reviews = defaultdict(list)
    for review in IndependentReview.objects.visible_to(user).known(as_of).filter(wanted).select_related("source"):
        reviews[review.subject_key].append(review)

    shown = list(government.values())
    earlier = _replaced(shown, SelfAssessment.objects.visible_to(user).filter(wanted).prefetch_related(attachments))
    since = _unchanged_since(shown, SelfAssessment.objects.visible_to(user).filter(wanted), as_of)
    return {
        key: Comparison(
            subject,
            government.get(key),
            tuple(answers[key]),
            tuple(reviews[key]),
            tuple(sorted(marks[key], key=lambda mark: mark.ended_at)),
            tuple(earlier[key]),
            since.get(key),
        )
        for key, subject in ((key_of(subject), subject) for subject in ordered)
    }


def under_an_answer(user: Any, as_of: datetime.datetime | None = None) -> tuple[Prefetch, Prefetch]:
    """What stands under a published answer: what it rests on, and the responses in force with theirs."""
    attachments = Prefetch("attachments", Evidence.objects.visible_to(user))
    responses = (
        Response.objects.visible_to(user)
        .published(as_of)
        .select_related("organisation", "source", "correction__supersedes")
        .prefetch_related(attachments)
    )
    return attachments, Prefetch("responses", responses)


def _replaced(shown: list[SelfAssessment], visible: Any) -> dict[SubjectKey, list[SelfAssessment]]:
    """The published versions before each that is shown, newest first; asks nothing where nothing was corrected."""
    found = defaultdict(list)
    corrected = {(row.subject_key, row.period_id): row for row in shown if row.version > 1}
    if corrected:
        periods = {period for _subject, period in corrected}
        for row in visible.filter(period__in=periods, superseded_at__isnull=False).order_by("-version"):
            newer = corrected.get((row.subject_key, row.period_id))
            if newer is not None and row.version < newer.version:
                row.period = newer.period
                found[row.subject_key].append(row)
    return found


def _unchanged_since(
    shown: list[SelfAssessment], visible: Any, as_of: datetime.datetime | None
) -> dict[SubjectKey, ReportingPeriod]:
    """The period whose rating each repeats, through every copy of a copy; asks nothing where nothing was copied.

    A rating that was corrected after it had been copied is followed no further: readers find other words there.
    """
    if not any(row.copied_from_id for row in shown):
        return {}
    copies = {row.pk: row for row in visible.filter(copied_from__isnull=False).select_related("copied_from__period")}
    found = {}
    for row in shown:
        origin = row
        while (copy := copies.get(origin.pk)) is not None and _stands(copy.copied_from, as_of):
            origin = copy.copied_from
        if origin is not row:
            found[row.subject_key] = origin.period
    return found


def _stands(row: SelfAssessment, as_of: datetime.datetime | None) -> bool:
    return row.superseded_at is None or (as_of is not None and row.superseded_at > as_of)


def verdicts_first(answer: Answer) -> tuple[bool, bool, datetime.date, int]:
    """Those that rate before those that only comment, then by date; the undated last on every database."""
    stated_on = answer.assessment.stated_on
    return (not answer.is_verdict, stated_on is None, stated_on or datetime.date.min, answer.assessment.pk)


def read_ledger(
    plan: ActionPlan,
    *,
    user: Any = ANYBODY,
    as_of: datetime.datetime | None = None,
    until: datetime.date | None = None,
) -> PlanLedger:
    """The plan with every commitment, milestone and rater. Nothing unpublished is in it for an anonymous reader.

    ``as_of`` is the moment at which it is read, ``until`` the last day of the newest reporting period that is read.
    """
    return read_ledgers([plan], user=user, as_of=as_of, until=until)[0]


def read_ledgers(
    plans: Iterable[ActionPlan],
    *,
    user: Any = ANYBODY,
    as_of: datetime.datetime | None = None,
    until: datetime.date | None = None,
) -> list[PlanLedger]:
    """Several plans, each as `read_ledger` gives it, in the queries that one takes."""
    plans = list(plans)
    promised, steps = _promised(user)
    commitments = list(promised.filter(plan__in=plans))
    milestones = list(steps.filter(commitment__plan__in=plans))
    compared = comparisons([*commitments, *milestones], user=user, as_of=as_of, until=until)
    of_plan, of_commitment = defaultdict(list), defaultdict(list)
    for commitment in commitments:
        of_plan[commitment.plan_id].append(commitment)
    for milestone in milestones:
        of_commitment[milestone.commitment_id].append(compared[key_of(milestone)])
    return [_ledger(plan, of_plan[plan.pk], of_commitment, compared) for plan in plans]


def read_commitment(
    commitment: Commitment, *, user: Any = ANYBODY, as_of: datetime.datetime | None = None
) -> CommitmentEntry:
    """One commitment as `read_ledger` has it, without reading the others of its plan.

    Raises Commitment.DoesNotExist where the user does not see it.
    """
    promised, steps = _promised(user)
    commitment = promised.get(pk=commitment.pk)
    plan = commitment.plan
    milestones = list(steps.filter(commitment=commitment))
    compared = comparisons([commitment, *milestones], user=user, as_of=as_of)
    plan_has_milestones = bool(milestones) or Milestone.objects.visible_to(user).filter(commitment__plan=plan).exists()
    return CommitmentEntry(
        commitment,
        tuple(compared[key_of(milestone)] for milestone in milestones),
        compared[key_of(commitment)],
        rated_as_whole=not plan_has_milestones,
    )


def _promised(user: Any) -> tuple[Any, Any]:
    """Commitments and milestones that the user sees, with what a ledger reads of them."""
    return (
        Commitment.objects.visible_to(user)
        .select_related("theme", "source", "plan", "carried_over_from__plan")
        .prefetch_related("involvements__organisation", "policy_areas"),
        Milestone.objects.visible_to(user).select_related("source", "commitment__plan").prefetch_related("agencies"),
    )


def _ledger(
    plan: ActionPlan,
    commitments: list[Commitment],
    of_commitment: dict[int, list[Comparison]],
    compared: dict[SubjectKey, Comparison],
) -> PlanLedger:
    rated_as_whole = not any(of_commitment[commitment.pk] for commitment in commitments)
    return PlanLedger(
        plan,
        tuple(
            CommitmentEntry(
                commitment,
                tuple(of_commitment[commitment.pk]),
                compared[key_of(commitment)],
                rated_as_whole,
            )
            for commitment in commitments
        ),
        rated_as_whole,
    )
