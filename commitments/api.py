"""The API's resources that have no ratings."""

from __future__ import annotations

from django.db.models import QuerySet

from commitments.filters import MeetingFilter, OrganisationFilter, RecommendationFilter
from commitments.models import Meeting, Organisation, Recommendation
from commitments.reading import ReadingViewSet
from commitments.serializers import MeetingSerializer, OrganisationSerializer, RecommendationSerializer


class OrganisationViewSet(ReadingViewSet):
    """The organisations that promise, do, answer or review. Each stands here once, with its other names."""

    model = Organisation
    serializer_class = OrganisationSerializer
    filterset_class = OrganisationFilter
    address = "<slug:slug>"
    parts = {"slug": "slug"}
    order = ("slug",)
    orderings = {"slug": "slug", "name_en": "name_en", "name_mn": "name_mn", "kind": "kind"}
    to_plan = ""

    def get_queryset(self) -> QuerySet:
        return super().get_queryset().select_related("source").prefetch_related("aliases")


class RecommendationViewSet(ReadingViewSet):
    """What reviewers advised about commitments, with the government's response and what became of it."""

    model = Recommendation
    serializer_class = RecommendationSerializer
    filterset_class = RecommendationFilter
    address = "<slug:plan>/<str:code>"
    parts = {"plan": "plan__slug", "code": "code"}
    order = ("-plan__starts_on", "plan__slug", "code_order")
    orderings = {"code": "code_order", "issued_on": "issued_on"}

    def get_queryset(self) -> QuerySet:
        return super().get_queryset().select_related("plan", "source").prefetch_related("commitments")


class MeetingViewSet(ReadingViewSet):
    """How the plans were made: working groups, rounds of comments, public discussions, forums."""

    model = Meeting
    serializer_class = MeetingSerializer
    filterset_class = MeetingFilter
    address = "<slug:plan>/<str:code>"
    parts = {"plan": "plan__slug", "code": "code"}
    order = ("-plan__starts_on", "plan__slug", "code_order")
    orderings = {"code": "code_order", "held_on": "held_on"}

    def get_queryset(self) -> QuerySet:
        return super().get_queryset().select_related("plan", "source").prefetch_related("participations__organisation")
