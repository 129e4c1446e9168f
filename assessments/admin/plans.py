"""The verbs of plans and periods as buttons, and the periods themselves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessments import lifecycle
from assessments.admin.queues import overdue_in_running_plans
from assessments.freshness import stale_commitments
from assessments.models import ReportingPeriod
from commitments import roles
from commitments.admin.base import section
from commitments.admin.commitments import CommitmentAdmin, MilestoneAdmin
from commitments.admin.lists import PlanFilter, TranslationFilter
from commitments.admin.plan_parts import PlanPartAdmin
from commitments.admin.plans import ActionPlanAdmin
from commitments.admin.verbs import OwnPage, Verb
from commitments.models import ActionPlan, Commitment, Milestone


def quarter_page(name: str) -> Callable[[ReportingPeriod], str]:
    """The address of a period's page, by the page's name."""
    return lambda period: reverse(f"admin:{name}", args=[period.plan.slug, period.code])


def in_state(*states: str) -> Callable[[ReportingPeriod], bool]:
    return lambda period: period.state() in states


@admin.register(ActionPlan)
class PublishableActionPlanAdmin(ActionPlanAdmin):
    verbs = (
        Verb(
            name="publish",
            label=gettext_lazy("Publish the plan"),
            question=gettext_lazy(
                "Everybody will see the plan with its commitments and milestones. From then on a publisher amends its "
                "text with a reason, and nothing of it is deleted. Publish it?"
            ),
            done=gettext_lazy("“%(record)s” is published."),
            act=lifecycle.publish_plan,
            role=roles.is_publisher,
            applies=lambda plan: not plan.is_published,
        ),
    )


class DueFilter(admin.SimpleListFilter):
    title = gettext_lazy("due")
    parameter_name = "due"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("overdue", gettext_lazy("Overdue, and not green"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return overdue_in_running_plans(queryset) if self.value() == "overdue" else queryset


@admin.register(Milestone)
class RatedMilestoneAdmin(MilestoneAdmin):
    list_filter = (PlanFilter, DueFilter, TranslationFilter)  # type: ignore[assignment]


class EvidenceFilter(admin.SimpleListFilter):
    """The repository clock: what has to be updated twice a year."""

    title = gettext_lazy("evidence")
    parameter_name = "evidence"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("stale", gettext_lazy("Older than half a year, or none"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if self.value() != "stale":
            return queryset
        return queryset.filter(pk__in=[stale.commitment.pk for stale in stale_commitments()])


@admin.register(Commitment)
class RatedCommitmentAdmin(CommitmentAdmin):
    list_filter = (  # type: ignore[assignment]
        PlanFilter,
        EvidenceFilter,
        TranslationFilter,
        ("policy_areas", admin.RelatedOnlyFieldListFilter),
    )


class PeriodStateFilter(admin.SimpleListFilter):
    """The state is derived, so it is asked of each period; a plan has a few dozen at most."""

    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return ReportingPeriod.State.choices

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if not self.value():
            return queryset
        return queryset.filter(pk__in=[period.pk for period in queryset if period.state() == self.value()])


@admin.register(ReportingPeriod)
class ReportingPeriodAdmin(PlanPartAdmin):
    """A planned period is the support unit's; once it is opened, a publisher moves its closing times."""

    related = ("plan", "source", "opened_by", "published_by", "reopened_by", "republished_by")
    list_display = (
        "code",
        "plan_code",
        "state_now",
        "starts_on",
        "ends_on",
        "entry_closes_at",
        "answers_close_at",
        "published_at",
    )
    list_filter = (PlanFilter, PeriodStateFilter)
    search_fields = ("code", "plan__search_text")
    readonly_fields = (
        "state_now",
        "opened_at",
        "opened_by",
        "published_at",
        "published_by",
        "reopened_at",
        "reopened_by",
        "reopen_reason",
        "republished_at",
        "republished_by",
    )
    fieldsets = (
        section(None, "plan", "code", ("starts_on", "ends_on")),
        section(gettext_lazy("Closing times"), "entry_closes_at", ("answers_open_at", "answers_close_at")),
        section(
            gettext_lazy("State"),
            "state_now",
            ("opened_at", "opened_by"),
            ("published_at", "published_by"),
            ("reopened_at", "reopened_by", "reopen_reason"),
            ("republished_at", "republished_by"),
        ),
        section(gettext_lazy("Source"), ("source", "source_place"), "published_text"),
    )
    own_pages = (
        OwnPage(
            gettext_lazy("Open the quarter"),
            quarter_page("quarter_open"),
            roles.is_publisher,
            in_state(ReportingPeriod.State.PLANNED),
        ),
        OwnPage(
            gettext_lazy("Quarter sheet"),
            quarter_page("quarter"),
            roles.is_support_unit,
            lambda period: period.opened_at is not None or period.published_at is not None,
        ),
        OwnPage(
            gettext_lazy("Publish the quarter"),
            quarter_page("quarter_publish"),
            roles.is_publisher,
            in_state(ReportingPeriod.State.ENTRY),
        ),
        OwnPage(
            gettext_lazy("Reopen the quarter"),
            quarter_page("quarter_reopen"),
            roles.is_publisher,
            in_state(ReportingPeriod.State.ANSWERING, ReportingPeriod.State.CLOSED),
        ),
    )

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if obj is None or obj.state() == ReportingPeriod.State.PLANNED:
            return roles.is_support_unit(request.user)
        return roles.is_publisher(request.user)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        planned = obj is not None and obj.state() == ReportingPeriod.State.PLANNED
        return planned and super().has_delete_permission(request, obj)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Which days a period covers is settled when it opens, its entry when it is published."""
        settled: list[str] = []
        if obj and obj.opened_at:
            settled += ["code", "starts_on", "ends_on", "source", "source_place"]
        if obj and obj.published_at:
            settled += ["entry_closes_at"]
        return [*super().get_readonly_fields(request, obj), *settled]

    def why_read_only(self, request: HttpRequest, obj: Any) -> str:
        return _("The period is open or published: a publisher moves its closing times.")

    @admin.display(description=gettext_lazy("state"))
    def state_now(self, period: ReportingPeriod) -> Any:
        return period.state().label if period.pk else ReportingPeriod.State.PLANNED.label
