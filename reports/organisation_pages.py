"""The pages of organisations: who leads, implements, answers and takes part.

They show the remarks that an organisation made, and live beside the pages of plans in the lowest app that knows both.
"""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from assessments.counts import count_gaps
from assessments.ledger import read_ledgers
from assessments.organisation_findings import (
    answers_finding,
    duties_finding,
    led_to_finding,
    organisations_finding,
    part_finding,
)
from assessments.organisations import (
    Appearance,
    appearances,
    appears_publicly,
    by_period,
    in_plan,
    meetings_of,
    owed_by,
    plans_of,
    read_answers,
    read_marks,
    responses_of,
)
from commitments import roles
from commitments.filters import OrganisationFilter, asked_for
from commitments.models import ActionPlan, Organisation
from commitments.text import name_sort_key
from reports.models import Comment

Row = tuple[Organisation, Appearance]

PER_PAGE = 50
FILTERED_BY = ("kind", "q")
AGENCIES = (Organisation.Kind.GOVERNMENT, Organisation.Kind.PARLIAMENT)
# The parts of the list, in its order.
GROUPS = (
    _("Organisations that lead or implement"),
    _("NGOs that have answered the government’s ratings"),
    _("Other agencies of the government and parliament"),
    _("Other non-governmental organisations"),
    _("Others"),
)


def shown_organisations(user: Any) -> Any:
    """Every organisation that stands in something the user may read."""
    remarks = Comment.objects.visible_to(user).filter(organisation=OuterRef("pk"))
    return Organisation.objects.visible_to(user).filter(appears_publicly(user) | Exists(remarks))


def organisations(request: HttpRequest) -> HttpResponse:
    """Every organisation with what it leads, implements and answered; parts are in the reader's alphabet."""
    today = timezone.localdate()
    shown = shown_organisations(request.user)
    plans = ActionPlan.objects.visible_to(request.user)
    if not roles.finds_demonstrations(request.user):
        shown, plans = shown.real(), plans.real()
    asked = asked_for(request, FILTERED_BY)
    filters = OrganisationFilter(asked or None, shown, request=request)
    found = list(filters.qs) if filters.is_valid() or not asked else []
    counted = appearances(read_ledgers(plans, user=request.user), today, user=request.user)
    rows = sorted(((one, counted.get(one.pk, Appearance())) for one in found), key=_order)
    real = [row for row in rows if not row[0].is_demonstration]
    page = Paginator(real, PER_PAGE).get_page(request.GET.get("page"))
    everybody = real if not asked else [(one, counted.get(one.pk, Appearance())) for one in shown.real()]
    context: dict[str, Any] = {
        "section": "organisations",
        "finding": organisations_finding([own for _organisation, own in everybody]),
        "filters": filters,
        "asked": asked,
        "kinds": _kinds(shown, asked),
        "page": page,
        "groups": _grouped(list(page.object_list)),
        "invented": [row for row in rows if row[0].is_demonstration] if page.number == 1 else [],
        "query": urlencode(asked),
    }
    return render(request, "reports/organisations.html", context)


def organisation(request: HttpRequest, slug: str) -> HttpResponse:
    """One organisation: what it promised and implements plan by plan, what it answered, and what came of that."""
    user, today = request.user, timezone.localdate()
    organisation = get_object_or_404(
        shown_organisations(user).select_related("source").prefetch_related("aliases"), slug=slug
    )
    plans = [
        in_plan(organisation, ledger, today, user=user)
        for ledger in read_ledgers(plans_of(organisation, user=user), user=user)
    ]
    answers = read_answers(organisation, user=user)
    owed = owed_by(organisation, plans, user=user)
    meetings = meetings_of(organisation, user=user)
    remarks = (
        Comment.objects.visible_to(user)
        .filter(organisation=organisation)
        .select_related(
            "organisation", "source", "plan", "report__plan", "commitment__plan", "milestone__commitment__plan"
        )
    )
    agreement = count_gaps(answers)
    said = filter(None, [duties_finding(plans, len(owed)), answers_finding(answers, agreement)])
    context: dict[str, Any] = {
        "section": "organisations",
        "organisation": organisation,
        "finding": " ".join(said) or part_finding(len(plans), len(meetings)),
        "implementing": [part for part in plans if part.duties],
        "named": [part for part in plans if not part.duties],
        "overdue": [(part, [duty for duty in part.duties if duty.is_overdue]) for part in plans],
        "any_overdue": any(part.punctuality.overdue for part in plans),
        "owed": owed,
        "responses": responses_of(organisation, user=user),
        "answers": answers,
        "agreement": agreement,
        "periods": by_period(answers),
        "led_to": led_to_finding(answers) if answers else "",
        "marks": read_marks(organisation, user=user),
        "meetings": meetings,
        "remarks": list(remarks),
    }
    return render(request, "reports/organisation.html", context)


def _order(row: Row) -> tuple[int, Any]:
    return _group(row), name_sort_key(str(row[0]))


def _group(row: Row) -> int:
    """The place of its part of the list: those that have a duty or have answered stand before those that are named."""
    organisation, own = row
    if own.leads or own.implements:
        return 0
    if organisation.kind in AGENCIES:
        return 2
    if organisation.kind == Organisation.Kind.NGO:
        return 1 if own.answers else 3
    return 4


def _grouped(rows: list[Row]) -> list[tuple[Any, list[Row]]]:
    parts = [(name, [row for row in rows if _group(row) == place]) for place, name in enumerate(GROUPS)]
    return [part for part in parts if part[1]]


def _kinds(shown: Any, asked: dict[str, str]) -> list[tuple[str, Any, bool]]:
    """The kinds there are, as (code, words, chosen)."""
    present = set(shown.real().order_by().values_list("kind", flat=True).distinct())
    return [
        (kind.value, kind.label, asked.get("kind") == kind.value) for kind in Organisation.Kind if kind.value in present
    ]
