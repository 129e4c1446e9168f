"""What stands beside the ratings: the independent reviewer's findings, and figures that documents print."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessments.admin.marks import light
from assessments.admin.subjects import SUBJECT, SUBJECT_SEARCH, SubjectColumns
from assessments.counts import count_claims
from assessments.ledger import read_ledger
from assessments.models import Claim, IndependentReview
from commitments import roles
from commitments.admin.base import SOURCE, RecordAdmin, in_both, section
from commitments.admin.lists import PlanFilter, TranslationFilter, in_its_language
from commitments.admin.plan_parts import PlanPartAdmin


class SubjectPlanFilter(PlanFilter):
    """The plan of a milestone or of a commitment as a whole."""

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        slug = self.value()
        if not slug:
            return queryset
        return queryset.filter(Q(commitment__plan__slug=slug) | Q(milestone__commitment__plan__slug=slug))


@admin.register(IndependentReview)
class IndependentReviewAdmin(SubjectColumns, RecordAdmin):
    """What the reviewer published, recorded by the support unit."""

    related = (*SUBJECT, "source")
    list_display = ("code", "subject", "stage", "completion_shown", "early_results", "report_year", "plan_code")
    list_display_links = ("code", "subject")
    list_filter = (SubjectPlanFilter, "stage", "completion", "early_results")
    search_fields = SUBJECT_SEARCH
    autocomplete_fields = ("milestone", "commitment")
    fieldsets = (
        section(None, "milestone", "commitment", "stage"),
        section(
            gettext_lazy("Findings"),
            ("completion", "completion_other"),
            ("early_results", "potential_for_results"),
            ("verifiable", "opened_government"),
        ),
        section(gettext_lazy("Report"), ("report_year", "reviewed_on"), "link"),
        SOURCE,
    )

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return obj is not None and roles.is_support_unit(request.user) and not obj.plan.is_published

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        settled = ["milestone", "commitment"] if obj else []
        return [*super().get_readonly_fields(request, obj), *settled]

    @admin.display(description=gettext_lazy("completion"), ordering="completion")
    def completion_shown(self, review: IndependentReview) -> str:
        return review.get_completion_other_display() or light(review.completion)


@admin.register(Claim)
class ClaimAdmin(PlanPartAdmin):
    """A printed figure is kept as printed; the count beside it is made from the record, never typed."""

    translated = "label"
    related = ("plan", "source")
    prefetched = ("commitments",)
    list_display = ("label", "printed", "unit", "measure", "about", "plan_code")
    list_filter = (PlanFilter, "measure", TranslationFilter)
    search_fields = ("code", "label_en", "label_mn", "printed")
    autocomplete_fields = ("commitments",)
    readonly_fields = ("counted",)
    fieldsets = (
        section(None, "plan", "code", in_both("label")),
        section(gettext_lazy("Printed and counted"), ("printed", "value", "unit"), "measure", "commitments", "counted"),
        SOURCE,
    )

    @admin.display(description=gettext_lazy("label"), ordering="label_en")
    def label(self, claim: Claim) -> str:
        return in_its_language(claim, "label")

    @admin.display(description=gettext_lazy("commitments"))
    def about(self, claim: Claim) -> str:
        return ", ".join(commitment.code for commitment in claim.commitments.all()) or _("the whole plan")

    @admin.display(description=gettext_lazy("counted here"))
    def counted(self, claim: Claim) -> str:
        if not claim.pk:
            return ""
        found = next(row for row in count_claims(read_ledger(claim.plan)) if row.claim.pk == claim.pk)
        if found.counted is None:
            return _("Nothing to count")
        return _("%(count)d, which differs") % {"count": found.counted} if found.differs else str(found.counted)
