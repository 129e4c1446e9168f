"""The API's addresses: every resource in one list, its description, and the page that shows the description."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponsePermanentRedirect
from django.http.response import HttpResponseBase
from django.urls import path, re_path
from django.utils import translation
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.views import APIView

from assessments.api import (
    ClaimViewSet,
    CommitmentViewSet,
    CounterAssessmentViewSet,
    IndependentReviewViewSet,
    MilestoneViewSet,
    PeriodViewSet,
    PlanViewSet,
    SelfAssessmentViewSet,
)
from commitments.api import MeetingViewSet, OrganisationViewSet, RecommendationViewSet
from commitments.reading import ReadingViewSet, choose_language, nothing_here
from reports.api import ReportViewSet

RESOURCES: dict[str, type[ReadingViewSet]] = {
    "plans": PlanViewSet,
    "commitments": CommitmentViewSet,
    "milestones": MilestoneViewSet,
    "organisations": OrganisationViewSet,
    "periods": PeriodViewSet,
    "self-assessments": SelfAssessmentViewSet,
    "counter-assessments": CounterAssessmentViewSet,
    "independent-reviews": IndependentReviewViewSet,
    "recommendations": RecommendationViewSet,
    "meetings": MeetingViewSet,
    "claims": ClaimViewSet,
    "reports": ReportViewSet,
}


class ResourcesView(APIView):
    """The addresses of all resources."""

    http_method_names = ["get", "head", "options"]

    @extend_schema(exclude=True)
    def get(self, request: Request) -> Response:
        return Response({name: reverse(f"api:{name}-list", request=request) for name in RESOURCES})


class NothingView(APIView):
    """An address of the API that names nothing is refused in JSON, like everything else here."""

    http_method_names = ["get", "head", "options"]

    @extend_schema(exclude=True)
    def get(self, request: Request, anything: str) -> HttpResponseBase:
        if not request.path.endswith("/"):
            # Django's own redirect would raise on a POST while DEBUG is on.
            return HttpResponsePermanentRedirect(request.get_full_path(force_append_slash=True))
        choose_language(request)
        raise nothing_here()


class DescriptionView(SpectacularAPIView):
    """The OpenAPI description: one document, in English like the names it describes, whoever asks."""

    @extend_schema(exclude=True)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        with translation.override("en"):
            return self._get_schema_response(request)


class DocumentationView(SpectacularSwaggerSplitView):
    """The description as a page; its scripts come from this site, and none stands in the page."""

    url_name = "api:schema"
    template_name = "api/docs.html"
    template_name_js = "api/docs.js"


app_name = "api"
urlpatterns = [
    path("v1/", ResourcesView.as_view(), name="resources"),
    *(
        path(f"v1/{name}/{address}", view.as_view({"get": action}), name=f"{name}-{action}")
        for name, view in RESOURCES.items()
        for action, address in (("list", ""), ("retrieve", f"{view.address}/"))
    ),
    *(path(f"v1/{name}.csv", view.as_view({"get": "table"}), name=f"{name}-table") for name, view in RESOURCES.items()),
    path("schema/", DescriptionView.as_view(), name="schema"),
    path("docs/", DocumentationView.as_view(), name="docs"),
    # A line break too is a character of an address.
    re_path(r"^(?P<anything>[\s\S]*)$", NothingView.as_view(), name="nothing"),
]
