from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models.base import ModelBase
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache

from commitments.text import refuse_control_characters


class RecordChoices(AutocompleteJsonView):
    """What a long drop-down offers, with the plan before each code."""

    def serialize_result(self, obj: Any, to_field_name: str) -> dict[str, str]:
        tables: Any = self.model_admin
        return {"id": str(getattr(obj, to_field_name)), "text": tables.choice_label(obj)}


class TrackerAdminSite(admin.AdminSite):
    """The support unit's workspace: signed in to like the site, models in the order of the work."""

    site_header = _("Open Government Partnership Mongolia")
    site_title = _("OGP tracker")
    index_title = _("The record")
    empty_value_display = "–"
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
        "Invitation",
        "Membership",
        "Report",
        "Comment",
    )
    APP_ORDER = ("assessments", "commitments", "reports")

    def register(self, model_or_iterable: Any, *args: Any, **options: Any) -> None:
        """Only the record's own tables: groups are made by code, and nobody reads what a second factor is made of."""
        models: Any = [model_or_iterable] if isinstance(model_or_iterable, ModelBase) else model_or_iterable
        own = [model for model in models if model._meta.app_label in self.APP_ORDER]
        super().register(own, *args, **options)

    @method_decorator(never_cache)
    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """One sign-in for the whole site: its limits and its second factor hold here too."""
        if request.user.is_authenticated and not self.has_permission(request):
            raise PermissionDenied
        return redirect_to_login(request.GET.get("next") or reverse("admin:index"), reverse("account_login"))

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """One page for the whole site here too."""
        return redirect("account_change_password")

    def autocomplete_view(self, request: HttpRequest) -> Any:
        return RecordChoices.as_view(admin_site=self)(request)

    def get_urls(self) -> list[Any]:
        """A row's code may be any text, so that what is done with a row comes before the row itself."""
        from assessments.admin import correcting, publishing, quarter  # the models are ready when addresses are made

        return [*publishing.urls(self), *correcting.urls(self), *quarter.urls(self), *super().get_urls()]

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        return super().admin_view(refuse_odd_addresses(self, view), cacheable)

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """What needs this person today, then the record's tables, then who changed what lately."""
        from ogptracker import changes, queues  # these know the models, which are not ready when the site is made

        waiting = queues.waiting(request.user)
        page = changes.page_asked(request.GET.getlist("changes"))
        lines, older = changes.recent_changes(self, request, page)
        context = {
            "queues": [queue for queue in waiting if queue.count],
            "empty_queues": [queue for queue in waiting if not queue.count],
            "changes": lines,
            "older": page + 1 if older else None,
            "newer": page - 1,
        }
        return super().index(request, {**context, **(extra_context or {})})

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[dict[str, Any]]:
        apps = self._build_app_dict(request, app_label).values()
        for app in apps:
            app["models"].sort(key=lambda model: self._place(self.MODEL_ORDER, model["object_name"]))
        return sorted(apps, key=lambda app: self._place(self.APP_ORDER, app["app_label"]))

    @staticmethod
    def _place(order: tuple[str, ...], name: str) -> tuple[int, str]:
        return (order.index(name) if name in order else len(order), name)


def refuse_odd_addresses(site: TrackerAdminSite, view: Callable[..., Any]) -> Callable[..., Any]:
    """Answer an address with a character that no database takes (NUL…) with a sentence; filters pass it on unread."""

    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        asked = [request.path_info, *request.GET]
        asked += [value for _key, values in request.GET.lists() for value in values]
        try:
            for text in asked:
                refuse_control_characters(text)
        except ValidationError as error:
            context = {**site.each_context(request), "title": _("This address cannot be read"), "why": error.messages}
            return TemplateResponse(request, "admin/odd_address.html", context, status=400)
        return view(request, *args, **kwargs)

    # What Django notes on a view (csrf_exempt and its like) stays with it.
    checked.__dict__.update(getattr(view, "__dict__", {}))
    return checked
