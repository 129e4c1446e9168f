"""The API's released reports."""

from __future__ import annotations

from django.db.models import QuerySet

from commitments.reading import ReadingViewSet
from reports.filters import ReportFilter
from reports.models import Report
from reports.serializers import ReportDetailSerializer, ReportSerializer


class ReportViewSet(ReadingViewSet):
    """What was reported to the Multi-Stakeholder Forum: released reports, their files and checksums."""

    model = Report
    serializer_class = ReportSerializer
    detail_serializer_class = ReportDetailSerializer
    filterset_class = ReportFilter
    address = "<slug:plan>/<int:number>"
    parts = {"plan": "plan__slug", "number": "number"}
    order = ("-plan__starts_on", "plan__slug", "-number")
    orderings = {"released_at": "released_at", "number": "number"}

    def get_queryset(self) -> QuerySet:
        related = super().get_queryset().select_related("plan", "supersedes", "superseded_by")
        others = related.defer("supersedes__figures", "superseded_by__figures")
        return others.prefetch_related("files__report__plan", "sections")
