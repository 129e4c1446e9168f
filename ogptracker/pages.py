"""Pages that show everything: the home page; and the addresses that belong to the site as a whole."""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.translation import override
from django.utils.translation.trans_real import parse_accept_lang_header
from django.views.csrf import csrf_failure

from assessments.counts import count_claims, count_plan
from assessments.disagreements import widest_disagreements
from assessments.filters import with_ratings
from assessments.findings import plan_finding, review_finding
from assessments.ledger import read_ledgers
from assessments.models import ReportingPeriod
from assessments.movement import latest_movement
from assessments.representatives import signed_out
from commitments.localised import LANGUAGES
from commitments.models import ActionPlan
from ogptracker.glance import schedule_of, what_changed
from reports.views import released_reports

WIDEST = 3  # disagreements in full on the home page


def root(request: HttpRequest) -> HttpResponse:
    """On to the reader's language: the first of the two that the browser asks for, Mongolian if it asks for neither."""
    asked = (code[:2] for code, _weight in parse_accept_lang_header(request.headers.get("Accept-Language", "")))
    with override(next((code for code in asked if code in LANGUAGES), "mn")):
        response = redirect("home")
    patch_vary_headers(response, ["Accept-Language"])
    return response


def home(request: HttpRequest) -> HttpResponse:
    """The current plan at a glance, and in full the latest plan that has ratings (mostly the same one)."""
    moment = timezone.now()
    plans = ActionPlan.objects.visible_to(request.user).real().filter(published_at__isnull=False)
    current = plans.current(timezone.localdate(moment))
    rated = with_ratings(plans).order_by("-starts_on").first()
    ledgers = read_ledgers({plan.pk: plan for plan in (current, rated) if plan}.values(), user=request.user)
    context: dict[str, Any] = {"section": "home", "current_plan": current, "plans": plans}
    for ledger in ledgers:
        counts = count_plan(ledger)
        periods = list(ReportingPeriod.objects.visible_to(request.user).filter(plan=ledger.plan))
        finding = plan_finding(ledger, counts, periods, moment)
        if ledger.plan == (current or rated):
            context |= {"scheduled": ledger.plan, "schedule": schedule_of(ledger, periods, moment)}
        if ledger.plan == current:
            context |= {"current": ledger, "current_finding": finding, "current_counts": counts}
        if ledger.plan == rated:
            moved = latest_movement(ledger.plan, user=request.user)
            context |= {
                "ledger": ledger,
                "counts": counts,
                "finding": finding,
                "review_finding": review_finding(counts, whole=ledger.rated_as_whole),
                "period": ledger.latest_period,
                "moved": moved,
                "changed": what_changed(moved) if moved else [],
                "widest": widest_disagreements(ledger, WIDEST),
                "claims": [row for row in count_claims(ledger) if row.differs and not row.claim.commitments.all()],
                "reports": released_reports(request, ledger.plan),
            }
    return render(request, "ogptracker/home.html", context)


def refused_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form from another session, or without cookies. What somebody wrote in an answer is not lost with it."""
    match = request.resolver_match
    if match and match.url_name == "counter_assessment":
        return signed_out(request)
    return csrf_failure(request, reason)


def healthz(request: HttpRequest) -> HttpResponse:
    """For the machine that watches: answers when the application and its database do."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("ok\n", content_type="text/plain")
