"""What organisations answer, which is theirs alone, and what the agencies respond."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessments.admin.evidence import EvidenceInline, ReadOnlyEvidenceInline
from assessments.admin.marks import RatingFilter, gap_chip, light
from assessments.admin.queues import without_response
from assessments.admin.subjects import SUBJECT, SUBJECT_SEARCH, PeriodFilter, SubjectColumns
from assessments.ledger import comparisons
from assessments.models import CounterAssessment, Response
from commitments import roles
from commitments.admin.base import SOURCE, ReadOnly, ReadOnlyInline, RecordAdmin, in_both, section
from commitments.admin.lists import PlanFilter


class AnswerQueueFilter(admin.SimpleListFilter):
    """Where an answer stands on its way; drafts are their authors' and are not listed here."""

    title = gettext_lazy("queue")
    parameter_name = "queue"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        state = CounterAssessment.State
        return [
            (state.SUBMITTED.value, gettext_lazy("Waiting to be published")),
            ("without-response", gettext_lazy("Without a response")),
        ] + [(one.value, one.label) for one in (state.RETURNED, state.PUBLISHED, state.WITHHELD, state.WITHDRAWN)]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() == CounterAssessment.State.SUBMITTED:
            return queryset.waiting()  # type: ignore[attr-defined]
        if self.value() == "without-response":
            return without_response(queryset)
        return queryset.filter(state=self.value()) if self.value() else queryset


class AnswerEvidenceInline(ReadOnlyEvidenceInline):
    fk_name = "counter_assessment"


class ResponseInline(ReadOnlyInline):
    model = Response
    related = ("organisation",)
    show_change_link = True
    fields = ("organisation", "kind", "reason_en", "reason_mn", "stated_on", "state")


@admin.register(CounterAssessment)
class CounterAssessmentAdmin(SubjectColumns, ReadOnly, RecordAdmin):
    """An organisation's words and rating: read here, changed by nobody but their author, superusers included."""

    plan_path = "period__plan"
    related = (*SUBJECT, "period__plan", "organisation", "source", "answers__period", "supersedes")
    list_display = ("code", "subject", "period_code", "author", "rating_shown", "difference", "state")
    list_display_links = ("code", "subject")
    list_filter = (AnswerQueueFilter, PlanFilter, PeriodFilter, RatingFilter, "transcribed")
    search_fields = (*SUBJECT_SEARCH, "organisation__search_text")
    inlines = (AnswerEvidenceInline, ResponseInline)
    fieldsets = (
        section(None, "period", "milestone", "commitment", "organisation", "attribution"),
        section(
            gettext_lazy("What it says"),
            "rating_shown",
            "no_rating_text",
            "recommendation",
            "justification",
            "condition",
            ("language", "stated_on"),
        ),
        section(gettext_lazy("What it answers"), ("answered_rating_shown", "difference_then")),
        SOURCE,
        section(
            gettext_lazy("State"),
            ("state", "version", "transcribed"),
            in_both("attribution_reason"),
            ("reference_number", "submitted_at"),
            ("published_at", "published_by"),
            ("superseded_at", "correction_reason"),
        ),
    )

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """The gaps of a page's rows, from the one place that compares raters."""
        changelist = super().get_changelist_instance(request)
        rows: Any = changelist.result_list
        compared = comparisons({row.subject for row in rows}, user=request.user)
        gaps = {answer.assessment.pk: answer.gap for found in compared.values() for answer in found.answers}
        for row in rows:
            row.gap = gaps.get(row.pk)
        return changelist

    def why_read_only(self, request: HttpRequest, obj: Any) -> str:
        return _("These are the words of their author. Nobody else changes them.")

    @admin.display(description=gettext_lazy("reporting period"), ordering="period__ends_on")
    def period_code(self, answer: CounterAssessment) -> str:
        return str(answer.period)

    @admin.display(description=gettext_lazy("organisation"), ordering="organisation__name_en")
    def author(self, answer: CounterAssessment) -> str:
        """Who said it, how that is known, and when."""
        name = str(answer.organisation or answer.get_attribution_display())
        if answer.attribution == CounterAssessment.Attribution.INFERRED:
            name = _("%(organisation)s (inferred)") % {"organisation": name}
        day = answer.stated_on or (timezone.localdate(answer.submitted_at) if answer.submitted_at else None)
        return format_html('{}<span class="mend">{}</span>', name, date_format(day, "SHORT_DATE_FORMAT") if day else "")

    @admin.display(description=gettext_lazy("rating"), ordering="rating")
    def rating_shown(self, answer: CounterAssessment) -> str:
        return light(answer.rating, answer.no_rating_reason)

    @admin.display(description=gettext_lazy("beside the government's"))
    def difference(self, answer: Any) -> str:
        return gap_chip(answer.gap)

    @admin.display(description=gettext_lazy("answered rating"))
    def answered_rating_shown(self, answer: CounterAssessment) -> str:
        return light(answer.answered_rating) if answer.answered_rating else ""

    @admin.display(description=gettext_lazy("beside it"))
    def difference_then(self, answer: CounterAssessment) -> str:
        return gap_chip(answer.gap_when_given)


class ResponseEvidenceInline(EvidenceInline):
    fk_name = "response"


@admin.register(Response)
class ResponseAdmin(RecordAdmin):
    """An agency's response is entered as a draft; once published it stands."""

    related = (
        "counter_assessment__milestone__commitment__plan",
        "counter_assessment__commitment__plan",
        "counter_assessment__period__plan",
        "counter_assessment__organisation",
        "organisation",
        "source",
    )
    plan_path = "counter_assessment__period__plan"
    list_display = ("counter_assessment", "organisation", "kind", "stated_on", "state", "published_at")
    list_filter = ("state", PlanFilter, "kind")
    search_fields = (
        "counter_assessment__milestone__search_text",
        "counter_assessment__commitment__search_text",
        "organisation__search_text",
    )
    autocomplete_fields = ("counter_assessment", "organisation")
    readonly_fields = ("state", "version", "correction_reason", "published_at", "published_by")
    inlines = (ResponseEvidenceInline,)
    fieldsets = (
        section(None, "counter_assessment", "organisation", "kind", in_both("reason"), "stated_on"),
        SOURCE,
        section(gettext_lazy("State"), ("state", "version"), ("published_at", "published_by"), "correction_reason"),
    )

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return roles.is_support_unit(request.user) and (obj is None or obj.state == Response.State.DRAFT)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return obj is not None and self.has_change_permission(request, obj)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        settled = ["counter_assessment"] if obj else []
        return [*super().get_readonly_fields(request, obj), *settled]

    def why_read_only(self, request: HttpRequest, obj: Any) -> str:
        return _("It is published, and published responses are not edited.")
