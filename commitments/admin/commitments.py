"""Commitments, their milestones, and the people who answer for them."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from commitments.admin.base import (
    SOURCE,
    RecordAdmin,
    RecordStackedInline,
    RecordTabularInline,
    in_both,
    section,
)
from commitments.admin.lists import PlanFilter, TranslationFilter, in_its_language
from commitments.admin.plan_parts import PlanPartAdmin, PlanTextAdmin
from commitments.models import Commitment, FocalPoint, Involvement, Milestone, PolicyArea


@admin.register(PolicyArea)
class PolicyAreaAdmin(RecordAdmin):
    translated = "name"
    list_display = ("code", "name_en", "name_mn")
    list_filter = (TranslationFilter,)
    search_fields = ("code", "name_en", "name_mn")
    fieldsets = (section(None, "code", in_both("name")),)


class InvolvementInline(RecordTabularInline):
    model = Involvement
    related = ("organisation", "source")
    fields = ("role", "position", "organisation", "as_printed", "source", "source_place")
    autocomplete_fields = ("organisation", "source")


class FocalPointInline(RecordStackedInline):
    model = FocalPoint
    related = ("organisation",)
    show_change_link = True
    autocomplete_fields = ("organisation",)
    fields = ("organisation", "name", ("position", "department"), ("email", "phone"), ("starts_on", "ends_on"))


class MilestoneInline(RecordTabularInline):
    """What there is, in a line each; a milestone is written on its own page, a new one may begin here."""

    model = Milestone
    show_change_link = True
    prefetched = ("agencies",)
    fields = ("code", *in_both("title"), "due_text", "ends_on")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class CommitmentAdmin(PlanTextAdmin):
    """Registered by `assessments.admin`, which knows when its evidence was last updated."""

    translated = "title"
    related = ("plan", "theme", "source", "carried_over_from__plan")
    prefetched = ("involvements__organisation",)
    list_display = ("code", "title", "leads", "theme", "starts_on", "ends_on", "plan_code")
    list_display_links = ("code", "title")
    list_filter = (PlanFilter, TranslationFilter, ("policy_areas", admin.RelatedOnlyFieldListFilter))
    search_fields = ("search_text",)
    autocomplete_fields = ("theme", "policy_areas", "carried_over_from")
    inlines = (InvolvementInline, MilestoneInline, FocalPointInline)
    fieldsets = (
        section(None, "plan", "theme", "code", in_both("title"), in_both("adopted_wording")),
        section(
            _("What it is about"),
            in_both("brief_description"),
            in_both("problem"),
            in_both("main_objective"),
            in_both("description"),
            in_both("relevance"),
            in_both("ambition"),
        ),
        section(
            _("OGP's vocabulary"),
            ("value_access_to_information", "value_civic_participation"),
            ("value_public_accountability", "value_technology"),
            "policy_areas",
            "ogp_identifier",
        ),
        section(_("Time"), ("starts_on", "ends_on"), "end_date_text", in_both("next_steps"), "carried_over_from"),
        SOURCE,
    )

    @admin.display(description=_("title"), ordering="title_en")
    def title(self, commitment: Commitment) -> str:
        return in_its_language(commitment, "title")

    @admin.display(description=_("lead"))
    def leads(self, commitment: Commitment) -> str:
        return "; ".join(map(str, commitment.leads))


class MilestoneAdmin(PlanTextAdmin):
    """Registered by `assessments.admin`, which knows what is overdue."""

    plan_path = "commitment__plan"
    translated = "title"
    related = ("commitment__plan", "source")
    prefetched = ("agencies",)
    list_display = ("code", "title", "implementing", "due_text", "ends_on", "plan_code")
    list_display_links = ("code", "title")
    list_filter = (PlanFilter, TranslationFilter)
    search_fields = ("search_text",)
    autocomplete_fields = ("commitment", "agencies")
    fieldsets = (
        section(None, "commitment", "code", in_both("title"), in_both("expected_output")),
        section(_("Due"), "due_text", ("starts_on", "ends_on")),
        section(_("Who"), "agencies"),
        section(_("Reading of the source"), in_both("note"), ("source", "source_place")),
    )

    @admin.display(description=_("title"), ordering="title_en")
    def title(self, milestone: Milestone) -> str:
        return in_its_language(milestone, "title")

    @admin.display(description=_("implementing agencies"))
    def implementing(self, milestone: Milestone) -> str:
        return "; ".join(str(agency) for agency in milestone.agencies.all())


@admin.register(FocalPoint)
class FocalPointAdmin(PlanPartAdmin):
    """Contacts: the support unit's alone, and edited at any time, since responsibility moves."""

    plan_path = "commitment__plan"
    related = ("commitment__plan", "organisation", "source")
    list_display = ("position", "name", "organisation", "commitment", "starts_on", "ends_on", "plan_code")
    list_display_links = ("position", "name")
    list_filter = (PlanFilter,)
    search_fields = ("name", "position", "department", "organisation__search_text", "commitment__search_text")
    autocomplete_fields = ("commitment", "organisation")
    fieldsets = (
        section(
            None,
            "commitment",
            "organisation",
            "name",
            ("position", "department"),
            ("email", "phone"),
            ("starts_on", "ends_on"),
        ),
        SOURCE,
    )
