"""The page of open data: every table there is, and what its columns mean."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from commitments.tables import Column, columns_of
from ogptracker.api import RESOURCES
from ogptracker.feeds import published_plans

# What a row of each table is: most asked for first.
TABLES: dict[str, tuple[Any, Any]] = {
    "milestones": (
        _("Milestones"),
        _("A step of a commitment: what, who, until when, and the latest ratings of government and NGOs side by side."),
    ),
    "commitments": (
        _("Commitments"),
        _("A promise: its problem, aim and agencies, the reviewer’s findings, and the counts over its milestones."),
    ),
    "self-assessments": (
        _("Government’s ratings"),
        _("A rating of the government with its evidence: every published version of every quarter."),
    ),
    "counter-assessments": (
        _("Answers of NGOs, and responses"),
        _("An answer of an organisation in its own words, its gap, and what the agency responded."),
    ),
    "independent-reviews": (
        _("Independent reviews"),
        _("What OGP’s Independent Reporting Mechanism (IRM) found about a commitment."),
    ),
    "recommendations": (_("Recommendations"), _("What a reviewer advised, and what became of it.")),
    "organisations": (_("Organisations"), _("A body that promises, implements, answers or reviews.")),
    "plans": (_("Action plans"), _("A plan: its years, how it was adopted, how much of it is recorded here.")),
    "periods": (
        _("Reporting periods"),
        _("A quarter or a final assessment: when it was published and answered, and what became of the answers."),
    ),
    "meetings": (_("Meetings"), _("A meeting in which a plan was made or followed, and who took part.")),
    "claims": (
        _("Printed figures"),
        _("A figure that a document prints about a plan, beside the count made from this record."),
    ),
    "reports": (_("Reports"), _("A report released to the forum, its files and their checksums.")),
}


@dataclass(frozen=True)
class Table:
    name: str
    title: Any
    says: Any
    csv: str
    json: str
    columns: list[Column]


@require_safe
def open_data(request: HttpRequest) -> HttpResponse:
    """What there is to take away, of all plans or of the one that ``?plan=`` names."""
    plans = list(published_plans().real())
    asked = request.GET.get("plan", "")
    plan = next((plan for plan in plans if plan.slug == asked), None)
    if asked and plan is None:
        raise Http404("There is no such plan.")
    context = {
        "section": "data",
        "plans": plans,
        "chosen": plan,
        "tables": [_table(name, asked) for name in TABLES if not asked or _is_of_plans(name)],
        "licence": settings.DATA_LICENCE_NAME,
        "licence_address": settings.DATA_LICENCE_URL,
        "contact": settings.CONTACT_EMAIL,
    }
    return render(request, "ogptracker/data.html", context)


def _is_of_plans(name: str) -> bool:
    """Whether a table can be narrowed to one plan."""
    return "plan" in RESOURCES[name].filterset_class.base_filters  # type: ignore[attr-defined]


def _table(name: str, plan: str) -> Table:
    query = urlencode({**({"plan": plan} if plan else {}), "language": get_language()})
    title, says = TABLES[name]
    return Table(
        name=name,
        title=title,
        says=says,
        csv=f"{reverse(f'api:{name}-table')}?{query}",
        json=f"{reverse(f'api:{name}-list')}?{query}",
        columns=columns_of(RESOURCES[name].serializer_class()),  # type: ignore[misc]
    )
