"""A plan's page: every commitment with its three raters, and what the record holds about the plan itself."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from assessments.answer_states import AnswerStates, count_answer_states
from assessments.counts import count_claims, count_plan
from assessments.filters import CommitmentFilter
from assessments.findings import freshness_finding, plan_finding, review_finding
from assessments.freshness import freshness_of
from assessments.ledger import PlanLedger, read_ledger
from assessments.models import ReportingPeriod
from assessments.punctuality import not_done
from assessments.ratings import SCALES
from commitments.filters import asked_for
from commitments.models import ActionPlan, Commitment, Meeting, Milestone, PlanStatement, Recommendation
from commitments.text import name_sort_key
from reports.models import Comment
from reports.plan_rows import ORDERS, PLAN_ORDER, in_order, plan_row
from reports.views import cited, plan_or_404, released_reports

FILTERED_BY = ("theme", "organisation", "rating", "light", "contested", "overdue")

LONG_CODE = 3  # letters of a commitment's code that fit into the margin

# What may be chosen of a list: the name in the address, its label, and each choice as (value, words, chosen).
Choices = list[tuple[str, Any, list[tuple[str, Any, bool]]]]


def plan(request: HttpRequest, slug: str) -> HttpResponse:
    """Every commitment of a plan with its three raters, and what the record holds about the plan itself."""
    plan = plan_or_404(request, slug)
    ledger = read_ledger(plan, user=request.user)
    filters = commitment_filter(request, plan)
    shown = set(filters.qs.values_list("pk", flat=True)) if filters.is_valid() else set()
    order = request.GET.get("order") or PLAN_ORDER
    today = timezone.localdate()
    counts = count_plan(ledger)
    periods = list(ReportingPeriod.objects.visible_to(request.user).filter(plan=plan))
    # What can be counted first, of the whole plan before single commitments.
    claims = sorted(count_claims(ledger), key=lambda row: (row.counted is None, bool(row.claim.commitments.all())))
    meetings = list(
        Meeting.objects.visible_to(request.user)
        .filter(plan=plan)
        .select_related("source")
        .prefetch_related("participations__organisation")
        .order_by("pk")  # as they were entered; few sources date them all
    )
    statements = list(
        PlanStatement.objects.visible_to(request.user)
        .filter(plan=plan)
        .select_related("theme", "source")
        .order_by("kind", "code_order")
    )
    recommendations = list(
        Recommendation.objects.visible_to(request.user)
        .filter(plan=plan)
        .select_related("source")
        .prefetch_related("commitments")
    )
    remarks = list(Comment.objects.visible_to(request.user).filter(plan=plan).select_related("organisation", "source"))
    commitments = [entry.commitment for entry in ledger.commitments]
    freshness = freshness_of(commitments)
    rows = [
        plan_row(entry, freshness[entry.commitment.pk], today)
        for entry in ledger.commitments
        if not filters.is_bound or entry.commitment.pk in shown
    ]
    printed = [row.claim for row in claims]
    context: dict[str, Any] = {
        "section": plan.slug,
        "plan": plan,
        "ledger": ledger,
        "rows": in_order(rows, order if order in ORDERS else PLAN_ORDER),
        "order": order,
        "orders": [(name, label, name == order) for name, (label, _key) in ORDERS.items()],
        "order_is_known": order in ORDERS,
        "in_themes": order == PLAN_ORDER and any(commitment.theme for commitment in commitments),
        "long_codes": any(len(commitment.code) > LONG_CODE for commitment in commitments),
        "filters": filters,
        "choices": filter_choices(ledger, filters.data, today),
        "api_query": urlencode(
            {"plan": plan.slug, **{name: filters.data[name] for name in FILTERED_BY if name in filters.data}}
        ),
        "counts": counts,
        "finding": plan_finding(ledger, counts, periods, timezone.now()),
        "review_finding": review_finding(counts, whole=ledger.rated_as_whole),
        "freshness_finding": freshness_finding(list(freshness.values())),
        "period": ledger.latest_period,
        "periods": periods,
        "answers": answer_states(plan, periods),
        "today": today,
        "meetings": meetings,
        "statements": statements,
        "recommendations": recommendations,
        "claims": claims,
        "remarks": remarks,
        "reports": released_reports(request, plan),
        "sources": cited([plan, *commitments, *printed, *recommendations, *meetings, *statements, *remarks]),
    }
    return render(request, "reports/plan.html", context)


def commitment_filter(request: HttpRequest, plan: ActionPlan) -> CommitmentFilter:
    """The filter of the API, bound where the address asks for something; the plan is the page's."""
    asked = asked_for(request, FILTERED_BY)
    commitments = Commitment.objects.visible_to(request.user).filter(plan=plan)
    return CommitmentFilter({**asked, "plan": plan.slug} if asked else None, commitments, request=request)


def filter_choices(ledger: PlanLedger, asked: Mapping[str, str], today: datetime.date) -> Choices:
    """What the page offers to narrow its rows by; nothing that would leave all of them or none."""
    commitments = [entry.commitment for entry in ledger.commitments]
    themes = dict.fromkeys(commitment.theme for commitment in commitments if commitment.theme)
    agencies = {lead.organisation for entry in ledger.commitments for lead in entry.leads if lead.organisation}
    for comparison in ledger.subjects:
        agencies.update(comparison.subject.agencies.all() if isinstance(comparison.subject, Milestone) else ())
    given = {subject.rating for subject in ledger.subjects}
    scale = [rating for rating in SCALES[ledger.plan.rating_scale] if rating.value in given]
    # A light is never named in public; where each rating has its own, the rating's words stand for it.
    by_light = len({rating.light for rating in SCALES[ledger.plan.rating_scale]}) == len(
        SCALES[ledger.plan.rating_scale]
    )
    overdue, _ahead = not_done(ledger.subjects, today)
    offered: dict[str, tuple[Any, list[tuple[str, Any]]]] = {
        "theme": (_("Theme"), [(theme.code, str(theme)) for theme in themes]),
        "organisation": (
            _("Agency"),
            [(agency.slug, str(agency)) for agency in sorted(agencies, key=lambda agency: name_sort_key(str(agency)))],
        ),
        "light" if by_light else "rating": (
            _("Government’s rating"),
            [(rating.light.value if by_light else rating.value, rating.label) for rating in scale],
        ),
        "contested": (_("NGOs"), [("true", _("differ")), ("false", _("do not differ"))] if ledger.contested else []),
        "overdue": (
            _("Due dates"),
            [("true", _("something overdue")), ("false", _("nothing overdue"))] if overdue else [],
        ),
    }
    return [
        (name, label, [(value, words, asked.get(name) == value) for value, words in options])
        for name, (label, options) in offered.items()
        if len(options) > 1
    ]


def answer_states(plan: ActionPlan, periods: Iterable[ReportingPeriod]) -> list[tuple[ReportingPeriod, AnswerStates]]:
    """What became of the answers to each published period; none where none came, which is counted too."""
    counted = count_answer_states([plan])
    return [(period, counted.get(period.pk, AnswerStates())) for period in periods if period.published_at]
