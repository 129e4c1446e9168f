from typing import Any

from django.contrib import admin
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache


class TrackerAdminSite(admin.AdminSite):
    """The support unit's workspace: signed in to like the site, models in the order of the work."""

    site_header = _("Open Government Partnership Mongolia")
    site_title = _("OGP tracker")
    index_title = _("The record")
    enable_nav_sidebar = False

    # What is worked on most comes first; what is set up once comes last.
    MODEL_ORDER = (
        "ReportingPeriod",
        "SelfAssessment",
        "CounterAssessment",
        "Response",
        "IndependentReview",
        "Claim",
        "ActionPlan",
        "Commitment",
        "Milestone",
        "Recommendation",
        "Meeting",
        "Theme",
        "PlanStatement",
        "Organisation",
        "FocalPoint",
        "PolicyArea",
        "SourceDocument",
        "User",
        "Membership",
        "Report",
        "Comment",
    )
    APP_ORDER = ("assessments", "commitments", "reports")

    @never_cache
    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """One sign-in for the whole site: its limits and its second factor hold here too."""
        return redirect_to_login(request.GET.get("next") or reverse("admin:index"), reverse("account_login"))

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[dict[str, Any]]:
        apps = self._build_app_dict(request, app_label).values()
        for app in apps:
            app["models"].sort(key=lambda model: self._place(self.MODEL_ORDER, model["object_name"]))
        return sorted(apps, key=lambda app: self._place(self.APP_ORDER, app["app_label"]))

    @staticmethod
    def _place(order: tuple[str, ...], name: str) -> tuple[int, str]:
        return (order.index(name) if name in order else len(order), name)
