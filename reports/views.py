"""The list of plans, and what the pages of plans and commitments share.

They show remarks and reports beside the ratings, and live in the lowest app that knows both.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from assessments.counts import count_plan
from assessments.findings import plan_finding
from assessments.ledger import read_ledgers
from commitments import roles
from commitments.models import ActionPlan, SourceDocument
from reports.models import Report


def plans(request: HttpRequest) -> HttpResponse:
    """Every plan, each with its finding; demonstrations apart, for those who practise."""
    moment = timezone.now()
    shown = ActionPlan.objects.visible_to(request.user).prefetch_related("periods")
    if not roles.finds_demonstrations(request.user):
        shown = shown.real()
    ledgers = read_ledgers(shown, user=request.user)
    rows = [
        (ledger, counts, plan_finding(ledger, counts, list(ledger.plan.periods.all()), moment))
        for ledger, counts in ((ledger, count_plan(ledger)) for ledger in ledgers)
    ]
    context = {
        "section": "plans",
        "rows": [row for row in rows if not row[0].plan.is_demonstration],
        "invented": [row for row in rows if row[0].plan.is_demonstration],
    }
    return render(request, "reports/plans.html", context)


def plan_or_404(request: HttpRequest, slug: str) -> ActionPlan:
    plans = ActionPlan.objects.visible_to(request.user).select_related("source", "predecessor")
    return get_object_or_404(plans, slug=slug)


def cited(rows: Iterable[Any]) -> list[SourceDocument]:
    """The documents that rows were copied from, each once, in the order in which a page cites them."""
    return list(dict.fromkeys(row.source for row in rows if row and row.source))


def released_reports(request: HttpRequest, plan: ActionPlan) -> Any:
    """The plan's released reports, newest first; drafts are listed in the admin."""
    released = Report.objects.visible_to(request.user).released().filter(plan=plan)
    with_successors = released.select_related("plan", "superseded_by__plan")
    return with_successors.defer("figures", "superseded_by__figures").order_by("-number")
