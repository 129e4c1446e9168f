"""A plan period by period: how the government rated each subject, what organisations answered, what was replaced."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from django.db.models import Prefetch, Q, prefetch_related_objects

from assessments.ledger import ANYBODY, Answer, Comparison, verdicts_first
from assessments.models import CounterAssessment, Evidence, ReportingPeriod, SelfAssessment
from assessments.models.subjects import SubjectKey, key_of
from assessments.ratings import gap
from commitments.models import ActionPlan, Commitment, Milestone


@dataclass(frozen=True)
class PeriodRating:
    """A subject in one published period: the rating in force, if it has one, and those it replaced, newest first."""

    period: ReportingPeriod
    rating: SelfAssessment | None
    earlier: tuple[SelfAssessment, ...]

    @property
    def corrections(self) -> tuple[tuple[SelfAssessment, SelfAssessment], ...]:
        """Each version with the one that it replaced, newest first."""
        return tuple(pairwise((self.rating, *self.earlier))) if self.rating else ()


def read_history(
    plan: ActionPlan,
    subjects: Iterable[Milestone | Commitment],
    *,
    user: Any = ANYBODY,
    as_of: datetime.datetime | None = None,
) -> dict[SubjectKey, tuple[PeriodRating, ...]]:
    """Each subject's ratings in every published period of the plan, oldest first, by (model, primary key).

    At most three queries, however many subjects and periods.
    """
    subjects = list(subjects)
    milestones = [subject.pk for subject in subjects if isinstance(subject, Milestone)]
    commitments = [subject.pk for subject in subjects if isinstance(subject, Commitment)]
    periods = list(ReportingPeriod.objects.visible_to(user).filter(plan=plan).published(as_of).order_by("ends_on"))
    until = Q(published_at__lte=as_of) if as_of else Q(published_at__isnull=False)
    rows = (
        SelfAssessment.objects.visible_to(user)
        .filter(Q(milestone__in=milestones) | Q(commitment__in=commitments), until)
        .select_related("period")
        .order_by("-version")
    )
    versions: dict[Any, list[SelfAssessment]] = defaultdict(list)  # (subject, period) -> newest first
    for row in rows:
        versions[row.subject_key, row.period_id].append(row)
    replaced = [row for of_period in versions.values() for row in of_period[1:]]
    if replaced:
        prefetch_related_objects(replaced, Prefetch("attachments", Evidence.objects.visible_to(user)))
    return {
        key: tuple(
            PeriodRating(period, next(iter(found), None), tuple(found[1:]))
            for period in periods
            for found in [versions.get((key, period.pk), [])]
        )
        for key in map(key_of, subjects)
    }


def read_over_time(
    plan: ActionPlan, *, user: Any = ANYBODY, as_of: datetime.datetime | None = None
) -> list[tuple[ReportingPeriod, tuple[Comparison, ...]]]:
    """What was compared in each published period of a plan, oldest first: its ratings with the answers to them.

    Without reviews, responses and evidence, in a number of queries that does not grow with the periods.
    """
    periods = ReportingPeriod.objects.visible_to(user).filter(plan=plan).published(as_of).order_by("ends_on")
    subject = ("milestone__commitment__plan", "commitment__plan")
    answers = defaultdict(list)
    answered = CounterAssessment.objects.visible_to(user).published(as_of).filter(period__plan=plan)
    for answer in answered.select_related("organisation"):
        answers[answer.period_id, answer.subject_key].append(answer)
    compared = defaultdict(list)
    rated = SelfAssessment.objects.visible_to(user).published(as_of).filter(period__plan=plan)
    for row in rated.select_related(*subject).order_by("milestone__code_order", "commitment__code_order"):
        beside = [Answer(answer, gap(answer.rating, row.rating)) for answer in answers[row.period_id, row.subject_key]]
        compared[row.period_id].append(Comparison(row.subject, row, tuple(sorted(beside, key=verdicts_first)), ()))
    return [(period, tuple(compared[period.pk])) for period in periods]
