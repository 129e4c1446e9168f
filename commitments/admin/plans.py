"""Action plans and what they say beside their commitments."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Count
from django.http import HttpRequest
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from commitments.admin.base import SOURCE, RecordTabularInline, in_both, section
from commitments.admin.lists import PlanFilter, TranslationFilter, in_its_language
from commitments.admin.plan_imports import PlanImportPages
from commitments.admin.plan_parts import PlanPartAdmin, PlanTextAdmin
from commitments.models import ActionPlan, Meeting, Participation, PlanStatement, Recommendation, Theme


class PublishedFilter(admin.SimpleListFilter):
    title = _("state")
    parameter_name = "published"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("no", _("Draft")), ("yes", _("Published"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        chosen = {"no": True, "yes": False}.get(self.value() or "")
        return queryset if chosen is None else queryset.filter(published_at__isnull=chosen)


class ActionPlanAdmin(PlanImportPages, PlanTextAdmin):
    """Registered by `assessments.admin`, which knows the verb that publishes a plan."""

    change_form_template = "admin/plan_change_form.html"
    change_list_template = "admin/plan_change_list.html"
    plan_path = ""
    translated = "title"
    related = ("source", "published_by", "predecessor")
    list_display = ("title", "slug", "starts_on", "ends_on", "state", "coverage", "rating_scale", "is_demonstration")
    list_filter = (PublishedFilter, "coverage", "is_demonstration", TranslationFilter)
    search_fields = ("search_text",)
    readonly_fields = ("published_at", "published_by")
    prepopulated_fields = {"slug": ("title_en",)}
    fieldsets = (
        section(None, "slug", "number", in_both("title"), ("starts_on", "ends_on"), "rating_scale"),
        section(_("How it came about"), "adopted_on", in_both("adopted_by"), in_both("making"), "predecessor"),
        section(
            _("In this record"),
            "coverage",
            in_both("coverage_note"),
            "is_demonstration",
            ("published_at", "published_by"),
        ),
        SOURCE,
    )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """A published plan keeps its address."""
        kept = ["slug"] if obj and obj.is_published else []
        return [*super().get_readonly_fields(request, obj), *kept]

    def get_prepopulated_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return {} if obj else super().get_prepopulated_fields(request, obj)

    @admin.display(description=_("title"), ordering="title_en")
    def title(self, plan: ActionPlan) -> str:
        return in_its_language(plan, "title")

    @admin.display(description=_("state"), ordering="published_at")
    def state(self, plan: ActionPlan) -> Any:
        return _("Published") if plan.is_published else _("Draft")


@admin.register(Theme)
class ThemeAdmin(PlanTextAdmin):
    translated = "title"
    related = ("plan", "source")
    list_display = ("code", "title", "kind", "plan_code")
    list_display_links = ("code", "title")
    list_filter = (PlanFilter, "kind", TranslationFilter)
    search_fields = ("code", "title_en", "title_mn")
    fieldsets = (section(None, "plan", "code", "kind", in_both("title")), SOURCE)

    @admin.display(description=_("title"), ordering="title_en")
    def title(self, theme: Theme) -> str:
        return in_its_language(theme, "title")


@admin.register(PlanStatement)
class PlanStatementAdmin(PlanTextAdmin):
    translated = "text"
    related = ("plan", "theme", "source")
    list_display = ("code", "kind", "beginning", "theme", "plan_code")
    list_display_links = ("code", "kind")
    list_filter = (PlanFilter, "kind", TranslationFilter)
    search_fields = ("code", "text_en", "text_mn")
    autocomplete_fields = ("theme",)
    fieldsets = (section(None, "plan", "code", "kind", "theme", in_both("text")), SOURCE)

    @admin.display(description=_("text"))
    def beginning(self, statement: PlanStatement) -> str:
        return Truncator(statement.text_en or statement.text_mn).words(24)


@admin.register(Recommendation)
class RecommendationAdmin(PlanPartAdmin):
    """A reviewer's advice; the government's answer and what became of it come later, so the support unit keeps it."""

    translated = "text"
    related = ("plan", "source")
    prefetched = ("commitments",)
    list_display = ("code", "beginning", "reviewer", "on", "answered", "plan_code")
    list_display_links = ("code", "beginning")
    list_filter = (PlanFilter, "reviewer", TranslationFilter)
    search_fields = ("code", "text_en", "text_mn", "outcome_en", "outcome_mn")
    autocomplete_fields = ("commitments",)
    fieldsets = (
        section(None, "plan", "code", "reviewer", "commitments", in_both("text")),
        section(_("What followed"), in_both("response"), in_both("outcome")),
        section(_("Date"), ("issued_on", "issued_text")),
        SOURCE,
    )

    @admin.display(description=_("recommendation"))
    def beginning(self, recommendation: Recommendation) -> str:
        return Truncator(recommendation.text_en or recommendation.text_mn).words(24)

    @admin.display(description=_("commitments"))
    def on(self, recommendation: Recommendation) -> str:
        return ", ".join(commitment.code for commitment in recommendation.commitments.all())

    @admin.display(description=_("answered"), boolean=True)
    def answered(self, recommendation: Recommendation) -> bool:
        return bool(recommendation.response_en or recommendation.response_mn)


class ParticipationInline(RecordTabularInline):
    model = Participation
    related = ("organisation",)
    fields = ("listed_as", "position", "organisation", "as_printed")
    autocomplete_fields = ("organisation",)


@admin.register(Meeting)
class MeetingAdmin(PlanPartAdmin):
    """The log goes on while the plan runs, so the support unit keeps it after publication too."""

    translated = "title"
    related = ("plan", "source")
    list_display = ("title", "kind", "held", "occasions", "listed", "plan_code")
    list_filter = (PlanFilter, "kind", TranslationFilter)
    search_fields = ("code", "title_en", "title_mn", "record_en", "record_mn")
    inlines = (ParticipationInline,)
    fieldsets = (
        section(None, "plan", "code", "kind", in_both("title"), ("held_on", "date_text"), "occasions"),
        section(_("Participants"), ("participants_government", "participants_other", "participants_total")),
        section(_("Record"), in_both("record"), in_both("decision")),
        SOURCE,
    )

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).annotate(listed_count=Count("participations"))

    @admin.display(description=_("title"), ordering="title_en")
    def title(self, meeting: Meeting) -> str:
        return in_its_language(meeting, "title")

    @admin.display(description=_("held on"), ordering="held_on")
    def held(self, meeting: Meeting) -> Any:
        return meeting.held_on or meeting.date_text

    @admin.display(description=_("organisations listed"), ordering="listed_count")
    def listed(self, meeting: Any) -> int:
        return meeting.listed_count
