"""The admin of what was reported to the forum: drafts are written here, what is released never changes."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from commitments import roles
from commitments.admin.base import SOURCE, ReadOnlyInline, RecordAdmin, RecordStackedInline, in_both, section
from commitments.admin.lists import PlanFilter, TranslationFilter
from commitments.admin.verbs import OwnPage
from commitments.admin.versions import RecordForm
from commitments.models import ActionPlan
from reports import admin_release
from reports.content import Figures
from reports.drafts import Occasion, add_usual_sections, occasions
from reports.figures import UnknownPeriod, build_figures
from reports.models import Comment, DraftDownload, Release, Report, ReportFile, ReportSection


class ReportSectionInline(RecordStackedInline):
    model = ReportSection
    related = ("source",)
    fields = (("kind", "position"), in_both("title"), in_both("body"), ("source", "source_place"))
    autocomplete_fields = ("source",)


class ReportFileInline(ReadOnlyInline):
    """What was released, byte for byte."""

    model = ReportFile
    fields = ("position", "language", "format", "size", "sha256")


class DraftDownloadInline(ReadOnlyInline):
    """Who has taken the draft away."""

    model = DraftDownload
    related = ("downloaded_by",)
    fields = ("downloaded_at", "downloaded_by", "language", "format", "size", "sha256")


class NewDraftForm(RecordForm):
    """Begins a draft: on a plan, and on something that the plan has."""

    occasion = forms.ChoiceField(
        label=gettext_lazy("report on"),
        help_text=gettext_lazy("What has begun, plan by plan. Its usual sections are made with it, to be filled in."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        plans = ActionPlan.objects.visible_to(self.user).filter(published_at__isnull=False).prefetch_related("periods")
        self.offered: dict[str, Occasion] = {row.value: row for row in occasions(plans, timezone.localdate())}
        groups: dict[str, list[tuple[str, str]]] = {}
        for row in self.offered.values():
            groups.setdefault(row.plan.short_name, []).append((row.value, row.words))
        self.fields["occasion"].choices = [("", "---------"), *groups.items()]  # type: ignore[attr-defined]

    def clean_occasion(self) -> str:
        chosen = self.offered[self.cleaned_data["occasion"]]
        draft = {"plan": chosen.plan, "kind": chosen.kind, "period_code": chosen.period_code}
        if Report.objects.filter(state=Report.State.DRAFT, **draft).exists():
            raise forms.ValidationError(_("There is already a draft of this report."))
        for column, value in draft.items():
            setattr(self.instance, column, value)
        return chosen.value


def _is_draft(report: Report) -> bool:
    return report.state == Report.State.DRAFT


@admin.register(Report)
class ReportAdmin(RecordAdmin):
    change_form_template = "admin/report_change_form.html"
    plan_path = "plan"
    related = ("plan", "source", "supersedes__plan", "released_by")
    list_display = ("plan", "kind", "period_code", "state", "number", "released_at")
    list_display_links = ("plan", "kind")
    list_filter = (PlanFilter, "kind", "state")
    search_fields = ("plan__search_text", "period_code")
    readonly_fields = (
        "plan",
        "kind",
        "period_code",
        "state",
        "number",
        "as_of",
        "supersedes",
        "correction_reason",
        "released_at",
        "released_by",
    )
    inlines = (ReportSectionInline, ReportFileInline, DraftDownloadInline)
    own_pages = (
        OwnPage(
            label=gettext_lazy("The draft as PDF and HTML"),
            address=lambda report: reverse("report_draft", args=[report.pk]),
            role=roles.is_support_unit,
            applies=_is_draft,
        ),
        *admin_release.PAGES,
    )
    verbs = admin_release.VERBS
    begun: ClassVar[Any] = (section(None, "occasion"),)
    what: ClassVar[Any] = section(None, ("plan", "kind", "period_code"))
    corrects: ClassVar[Any] = section(gettext_lazy("Correction"), ("supersedes", "correction_reason"))
    fieldsets = (
        what,
        section(gettext_lazy("Release"), ("state", "number", "as_of"), ("released_at", "released_by")),
        corrects,
        SOURCE,
    )

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        return super().get_form(
            request, obj, change=change, **({"form": NewDraftForm} if obj is None else {}), **kwargs
        )

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return self.begun
        shown = (self.what, SOURCE) if _is_draft(obj) else self.fieldsets
        return [fields for fields in shown if obj.supersedes_id or fields is not self.corrects]

    def get_view_on_site_url(self, obj: Any = None) -> str | None:
        """Of a draft none: its files have a button of their own."""
        return None if obj is None or _is_draft(obj) else super().get_view_on_site_url(obj)

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        return self.inlines if obj else ()

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if not change:
            add_usual_sections(obj)

    def response_post_save_add(self, request: HttpRequest, obj: Any) -> HttpResponseRedirect:
        """A draft that was begun is written next."""
        return HttpResponseRedirect(reverse("admin:reports_report_change", args=[obj.pk]))

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        report = kwargs.get("obj")
        if report is not None and _is_draft(report):
            context["figures"] = _live_figures(report)
        return super().render_change_form(request, context, *args, **kwargs)

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


def _live_figures(report: Report) -> Figures | None:
    """What the report would print now, in the writer's language; None where it cannot be counted yet."""
    try:
        return build_figures(report.plan, report.period_code, (get_language() or "en")[:2], report=report)
    except (ActionPlan.DoesNotExist, UnknownPeriod):
        return None


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
