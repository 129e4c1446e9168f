"""The API's resources with ratings: plans, commitments, milestones, and what each rater said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Prefetch, QuerySet, Value
from django.db.models.functions import Coalesce
from rest_framework.request import Request
from rest_framework.response import Response as HttpResponse

from assessments.answer_states import AnswerStates, count_answer_states
from assessments.counts import ClaimCount, count_claims
from assessments.filters import (
    ClaimFilter,
    CommitmentFilter,
    CounterAssessmentFilter,
    IndependentReviewFilter,
    MilestoneFilter,
    PeriodFilter,
    SelfAssessmentFilter,
)
from assessments.freshness import Freshness, freshness_of
from assessments.ledger import CommitmentEntry, Comparison, comparisons, read_ledger, read_ledgers
from assessments.ledger_serializers import (
    CommitmentDetailSerializer,
    CommitmentSerializer,
    MilestoneDetailSerializer,
    MilestoneSerializer,
    PlanDetailSerializer,
)
from assessments.models import (
    Claim,
    CounterAssessment,
    Evidence,
    IndependentReview,
    ReportingPeriod,
    Response,
    SelfAssessment,
)
from assessments.serializers import (
    ClaimSerializer,
    CounterAssessmentSerializer,
    IndependentReviewSerializer,
    PeriodSerializer,
    SelfAssessmentSerializer,
)
from commitments.filters import PlanFilter
from commitments.models import ActionPlan, Commitment, Milestone
from commitments.reading import ReadingViewSet, nothing_here, whole_number
from commitments.serializers import PlanSerializer


class PlanViewSet(ReadingViewSet):
    """National Action Plans. The address of one gives it whole: commitments, milestones and the ratings in force."""

    model = ActionPlan
    serializer_class = PlanSerializer
    detail_serializer_class = PlanDetailSerializer
    filterset_class = PlanFilter
    address = "<slug:slug>"
    parts = {"slug": "slug"}
    order = ("-starts_on", "slug")
    orderings = {"starts_on": "starts_on", "number": "number"}
    to_plan = ""

    def get_queryset(self) -> QuerySet:
        plans = super().get_queryset().select_related("predecessor", "source")
        if self.action != "retrieve":
            return plans
        return plans.prefetch_related("theme_set", "statements__theme", "statements__source", "periods__source")

    def retrieve(self, request: Request, **parts: Any) -> HttpResponse:
        plan = self.found(parts)
        ledger = read_ledger(plan, user=request.user)
        freshness = freshness_of(entry.commitment for entry in ledger.commitments)
        answers = count_answer_states([plan])
        context = {**self.get_serializer_context(), "ledger": ledger, "freshness": freshness, "answers": answers}
        return HttpResponse(PlanDetailSerializer(plan, context=context).data)


class CommitmentViewSet(ReadingViewSet):
    """What the government promises. The address of one gives its milestones too."""

    model = Commitment
    serializer_class = CommitmentSerializer
    detail_serializer_class = CommitmentDetailSerializer
    filterset_class = CommitmentFilter
    address = "<slug:plan>/<str:code>"
    parts = {"plan": "plan__slug", "code": "code"}
    order = ("-plan__starts_on", "plan__slug", "code_order")
    orderings = {"code": "code_order", "starts_on": "starts_on", "ends_on": "ends_on"}
    freshness: Mapping[int, Freshness] = {}  # of the commitments that are shown

    def get_queryset(self) -> QuerySet:
        return super().get_queryset().select_related("plan")

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "freshness": self.freshness}

    def shown(self, records: list[Commitment]) -> Sequence[CommitmentEntry]:
        self.freshness = freshness_of(records)
        plans = {record.plan_id: record.plan for record in records}
        ledgers = read_ledgers(plans.values(), user=self.request.user)
        entries = {entry.commitment.pk: entry for ledger in ledgers for entry in ledger.commitments}
        return [entries[record.pk] for record in records]


class MilestoneViewSet(ReadingViewSet):
    """The steps of the commitments, with the ratings of government and NGOs side by side."""

    model = Milestone
    serializer_class = MilestoneSerializer
    detail_serializer_class = MilestoneDetailSerializer
    filterset_class = MilestoneFilter
    address = "<slug:plan>/<path:code>"
    parts = {"plan": "commitment__plan__slug", "code": "code"}
    order = (
        "-commitment__plan__starts_on",
        "commitment__plan__slug",
        "commitment__code_order",
        "code_order",
    )
    orderings = {"code": "code_order", "starts_on": "starts_on", "ends_on": "ends_on"}
    to_plan = "commitment__plan"

    def get_queryset(self) -> QuerySet:
        return super().get_queryset().select_related("commitment__plan", "source").prefetch_related("agencies")

    def shown(self, records: list[Milestone]) -> Sequence[Comparison]:
        return list(comparisons(records, user=self.request.user).values())


class PeriodViewSet(ReadingViewSet):
    """The plans' reporting periods: when progress is entered, published and answered."""

    model = ReportingPeriod
    serializer_class = PeriodSerializer
    filterset_class = PeriodFilter
    address = "<slug:plan>/<str:code>"
    parts = {"plan": "plan__slug", "code": "code"}
    order = ("-plan__starts_on", "plan__slug", "ends_on")
    orderings = {"ends_on": "ends_on", "published_at": "published_at"}
    answers: Mapping[int, AnswerStates] = {}  # of the periods that are shown

    def get_queryset(self) -> QuerySet:
        return super().get_queryset().select_related("plan", "source")

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "answers": self.answers}

    def shown(self, records: list[ReportingPeriod]) -> list[ReportingPeriod]:
        self.answers = count_answer_states({record.plan for record in records})
        return records


class OfSubjectViewSet(ReadingViewSet):
    """Rows about a milestone or a commitment, found by which of the two it is, its plan and its code."""

    subjects = {
        "milestone": {"plan": "milestone__commitment__plan__slug", "code": "milestone__code"},
        "commitment": {"plan": "commitment__plan__slug", "code": "commitment__code"},
    }
    order: Sequence[Any] = (
        Coalesce("milestone__commitment__plan__starts_on", "commitment__plan__starts_on").desc(),
        Coalesce("milestone__commitment__plan__slug", "commitment__plan__slug"),
        Coalesce("milestone__commitment__code_order", "commitment__code_order"),
        Coalesce("milestone__code_order", Value("")),
    )

    def get_queryset(self) -> QuerySet:
        return super().get_queryset().select_related("milestone__commitment__plan", "commitment__plan", "source")

    def records_at(self, parts: dict[str, Any]) -> QuerySet:
        to_subject = self.subjects.get(parts["subject"])
        if to_subject is None:
            raise nothing_here()
        lookups = {**self.parts, **to_subject}
        return self.get_queryset().filter(**{lookups[name]: part for name, part in parts.items() if name != "subject"})


class SelfAssessmentViewSet(OfSubjectViewSet):
    """The government's ratings with their evidence: every published version, superseded ones too."""

    model = SelfAssessment
    serializer_class = SelfAssessmentSerializer
    filterset_class = SelfAssessmentFilter
    address = "<slug:plan>/<str:subject>/<path:code>/<str:period>/<int:version>"
    parts = {"period": "period__code", "version": "version"}
    order = (*OfSubjectViewSet.order, "-period__ends_on", "-version")
    orderings = {"published_at": "published_at", "period": "period__ends_on"}
    to_plan = "period__plan"

    def get_queryset(self) -> QuerySet:
        attachments = Prefetch("attachments", Evidence.objects.visible_to(self.request.user))
        return super().get_queryset().select_related("period", "copied_from__period").prefetch_related(attachments)


class CounterAssessmentViewSet(OfSubjectViewSet):
    """What NGOs and others answered, in their own words: every published version, superseded ones too."""

    model = CounterAssessment
    serializer_class = CounterAssessmentSerializer
    filterset_class = CounterAssessmentFilter
    address = "<slug:plan>/<str:subject>/<path:code>/<str:period>/<str:organisation>/<int:version>"
    parts = {"period": "period__code", "organisation": "organisation__slug", "version": "version"}
    order = (*OfSubjectViewSet.order, "-period__ends_on", "stated_on", "organisation__slug", "-version")
    orderings = {"published_at": "published_at", "period": "period__ends_on", "stated_on": "stated_on"}
    to_plan = "period__plan"

    def get_queryset(self) -> QuerySet:
        user = self.request.user
        responses = Response.objects.visible_to(user).filter(is_current=True).select_related("organisation")
        answers: Any = super().get_queryset()
        return (
            answers.numbered()
            .select_related("period", "organisation")
            .prefetch_related(
                Prefetch("attachments", Evidence.objects.visible_to(user)), Prefetch("responses", responses)
            )
        )

    def records_at(self, parts: dict[str, Any]) -> QuerySet:
        who, dot, number = parts["organisation"].partition(".")
        if not dot:
            return super().records_at(parts)
        unnamed = {name: part for name, part in parts.items() if name != "organisation"}
        if who != "unnamed" or (place := whole_number(number)) is None:
            raise nothing_here()
        return super().records_at(unnamed).filter(organisation=None, unnamed_number=place)

    def shown(self, records: list[CounterAssessment]) -> list[CounterAssessment]:
        subjects = {record.subject_key: record.subject for record in records}
        compared = comparisons(subjects.values(), user=self.request.user).values()
        gaps = {answer.assessment.pk: answer.gap for comparison in compared for answer in comparison.answers}
        for record in records:
            record.gap = gaps.get(record.pk)  # type: ignore[attr-defined]
        return records


class IndependentReviewViewSet(OfSubjectViewSet):
    """What OGP's Independent Reporting Mechanism (IRM) found. It stands beside the ratings, and is counted apart."""

    model = IndependentReview
    serializer_class = IndependentReviewSerializer
    filterset_class = IndependentReviewFilter
    address = "<slug:plan>/<str:subject>/<path:code>/<str:stage>"
    parts = {"stage": "stage"}
    order = (*OfSubjectViewSet.order, "stage")
    orderings = {"report_year": "report_year"}

    def real(self, records: QuerySet) -> QuerySet:
        return records.exclude(commitment__plan__is_demonstration=True).exclude(
            milestone__commitment__plan__is_demonstration=True
        )


class ClaimViewSet(ReadingViewSet):
    """Figures that published documents print about a plan, each beside the count of the same thing here."""

    model = Claim
    serializer_class = ClaimSerializer
    filterset_class = ClaimFilter
    address = "<slug:plan>/<str:code>"
    parts = {"plan": "plan__slug", "code": "code"}
    order = ("-plan__starts_on", "plan__slug", "code_order")
    orderings = {"code": "code_order", "value": "value"}

    def get_queryset(self) -> QuerySet:
        return super().get_queryset().select_related("plan", "source").prefetch_related("commitments")

    def shown(self, records: list[Claim]) -> list[ClaimCount]:
        plans = {record.plan_id: record.plan for record in records}
        counted = {
            made.claim.pk: made
            for ledger in read_ledgers(plans.values(), user=self.request.user)
            for made in count_claims(ledger, [record for record in records if record.plan_id == ledger.plan.pk])
        }
        return [counted[record.pk] for record in records]
