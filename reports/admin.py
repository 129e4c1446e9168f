"""The admin of what was reported to the forum: drafts are written here, what is released never changes."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commitments import roles
from commitments.admin.base import SOURCE, ReadOnlyInline, RecordAdmin, RecordStackedInline, in_both, section
from commitments.admin.lists import PlanFilter, TranslationFilter
from commitments.models import ActionPlan
from reports import admin_release
from reports.models import Comment, Release, Report, ReportFile, ReportSection


class ReportSectionInline(RecordStackedInline):
    model = ReportSection
    related = ("source",)
    fields = (("kind", "position"), in_both("title"), in_both("body"), ("source", "source_place"))
    autocomplete_fields = ("source",)


class ReportFileInline(ReadOnlyInline):
    """What was released, byte for byte."""

    model = ReportFile
    fields = ("position", "language", "format", "size", "sha256")


@admin.register(Report)
class ReportAdmin(RecordAdmin):
    plan_path = "plan"
    related = ("plan", "source", "supersedes__plan", "released_by")
    list_display = ("plan", "kind", "period_code", "state", "number", "released_at")
    list_display_links = ("plan", "kind")
    list_filter = (PlanFilter, "kind", "state")
    search_fields = ("plan__search_text", "period_code")
    readonly_fields = ("state", "number", "as_of", "supersedes", "correction_reason", "released_at", "released_by")
    inlines = (ReportSectionInline, ReportFileInline)
    own_pages = admin_release.PAGES
    verbs = admin_release.VERBS
    fieldsets = (
        section(None, "plan", "kind", "period_code"),
        section(
            gettext_lazy("Release"),
            ("state", "number", "as_of"),
            ("released_at", "released_by"),
            ("supersedes", "correction_reason"),
        ),
        SOURCE,
    )

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return roles.is_support_unit(request.user) and (obj is None or _is_written(obj))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return obj is not None and self.has_change_permission(request, obj)

    def get_urls(self) -> list[Any]:
        return admin_release.urls(self) + super().get_urls()

    def why_read_only(self, request: HttpRequest, obj: Any) -> str:
        if obj.state == Report.State.DRAFT:
            return _("It is being released at this moment, with the words that it had when that was asked for.")
        return _("It is released. A released report is never changed; a corrected one follows it.")


def _is_written(report: Report) -> bool:
    """A draft, and not one whose words were frozen for a release a moment ago."""
    if report.state != Report.State.DRAFT:
        return False
    return not any(
        attempt.state == Release.State.MAKING and not attempt.is_stalled() for attempt in report.releases.all()
    )


class CommentPlanFilter(PlanFilter):
    """On the plan, or on anything in it."""

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if not self.value():
            return queryset
        plan = ActionPlan.objects.visible_to(request.user).filter(slug=self.value()).first()
        return queryset.of_plan(plan) if plan else queryset.none()


@admin.register(Comment)
class CommentAdmin(RecordAdmin):
    """A remark as it was received. The support unit records it; one on something public is not deleted."""

    translated = "text"
    related = (
        "plan",
        "report__plan",
        "commitment__plan",
        "milestone__commitment__plan",
        "organisation",
        "source",
    )
    list_display = ("stated_on", "author", "kind", "about", "beginning")
    list_display_links = ("stated_on", "author")
    list_filter = (CommentPlanFilter, "kind", TranslationFilter)
    search_fields = ("text_en", "text_mn", "organisation__search_text")
    autocomplete_fields = ("commitment", "milestone", "organisation")
    fieldsets = (
        section(gettext_lazy("On what: one of these"), ("plan", "report"), ("commitment", "milestone")),
        section(gettext_lazy("Remark"), "kind", "organisation", "stated_on", in_both("text")),
        SOURCE,
    )

    @admin.display(description=gettext_lazy("organisation"), ordering="organisation__name_en")
    def author(self, comment: Comment) -> str:
        return str(comment.organisation or comment.get_kind_display())

    @admin.display(description=gettext_lazy("on"))
    def about(self, comment: Comment) -> str:
        return str(comment.milestone or comment.commitment or comment.report or comment.plan)

    @admin.display(description=gettext_lazy("text"))
    def beginning(self, comment: Comment) -> str:
        return Truncator(comment.text_en or comment.text_mn).words(24)
