"""Workbooks of plans for tests: typed by somebody, or exported and changed in a cell."""

from __future__ import annotations

from typing import Any

from commitments.models import ActionPlan
from commitments.plan_workbook import plan_workbook
from commitments.workbooks import Upload, read_workbook
from tests import factories
from tests.workbook_files import edited, workbook_of

PLAN, THEMES, COMMITMENTS, MILESTONES = "Plan", "Themes", "Commitments", "Milestones"
PLAN_ROWS = [["Slug", "Title in English", "Starts on", "Ends on"], ["nap-9", "Plan IX", "2030-01-01", "2031-12-31"]]


def upload_of(**sheets: Any) -> Upload:
    """A file as somebody could have typed it, with the new plan nap-9 where no other is given."""
    rows = {
        PLAN: PLAN_ROWS,
        COMMITMENTS: [["Code", "Title in English"]],
        MILESTONES: [["Commitment", "Code", "Title in English"]],
        **sheets,
    }
    return Upload("plan.xlsx", workbook_of(**rows))


def exported(plan: ActionPlan) -> Upload:
    return Upload(f"{plan.slug}.xlsx", plan_workbook(plan))


def changed(plan: ActionPlan, sheet: str, place: str, value: Any) -> Upload:
    """The plan's own workbook with one cell changed. Sheets are named in both languages."""
    titles = {each.title.partition(" - ")[0]: each.title for each in read_workbook(plan_workbook(plan)).sheets}
    return Upload(f"{plan.slug}.xlsx", edited(plan_workbook(plan), {(titles[sheet], place): value}))


def draft_plan() -> ActionPlan:
    """A small draft with something in every sheet."""
    plan = factories.DraftPlanFactory(slug="nap-8", title_en="Plan VIII", title_mn="=VIII")
    theme = factories.ThemeFactory(plan=plan, code="A")
    commitment = factories.CommitmentFactory(
        plan=plan, theme=theme, code="1", title_en="Open it", value_technology=True, description_en="a\nb"
    )
    factories.InvolvementFactory(commitment=commitment, organisation__name_en="Ministry of Order")
    factories.InvolvementFactory(commitment=commitment, organisation=None, as_printed="NGOs", role="civil_society")
    agencies = [factories.OrganisationFactory(name_en="", name_mn="Яам"), factories.OrganisationFactory()]
    factories.MilestoneFactory(commitment=commitment, code="1.1", title_en="First", due_text="2025", agencies=agencies)
    factories.MilestoneFactory(commitment=commitment, code="1.10", title_en="Tenth", title_mn="@home")
    return plan
