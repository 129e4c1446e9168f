"""What lists of assessments share: the subject, its plan, and how a row is read without asking for each."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from assessments.models import ReportingPeriod
from commitments.admin.lists import in_its_language

SUBJECT = ("milestone__commitment__plan", "commitment__plan")
SUBJECT_SEARCH = ("milestone__search_text", "commitment__search_text")


class SubjectColumns:
    """Columns of a table whose rows speak about a milestone, or about a commitment as a whole."""

    @admin.display(description=_("No."), ordering="milestone__code_order")
    def code(self, row: Any) -> str:
        return row.subject.code

    @admin.display(description=_("milestone or commitment"))
    def subject(self, row: Any) -> str:
        return in_its_language(row.subject, "title")

    @admin.display(description=_("action plan"))
    def plan_code(self, row: Any) -> str:
        return row.plan.slug


class PeriodFilter(admin.SimpleListFilter):
    """A period; within the plan that is chosen already, if one is."""

    title = _("reporting period")
    parameter_name = "period"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        periods = ReportingPeriod.objects.visible_to(request.user).exclude(opened_at=None, published_at=None)
        if plan := request.GET.get("plan"):
            periods = periods.filter(plan__slug=plan)
        return [(str(period), str(period)) for period in periods.select_related("plan")]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        plan, _blank, code = (self.value() or "").partition(" ")
        return queryset.filter(period__plan__slug=plan, period__code=code) if code else queryset
