"""A plan's page: every commitment with its three raters, and what the record holds about the plan itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from assessments.counts import AnswerStates, count_answer_states, count_claims, count_plan
from assessments.filters import CommitmentFilter
from assessments.findings import freshness_finding, plan_finding, review_finding
from assessments.freshness import freshness_of
from assessments.ledger import PlanLedger, read_ledger
from assessments.models import ReportingPeriod
from assessments.ratings import SCALES
from commitments.models import ActionPlan, Commitment, Meeting, Milestone, PlanStatement, Recommendation
from commitments.text import name_sort_key
from reports.models import Comment
from reports.views import cited, plan_or_404, released_reports

FILTERED_BY = ("theme", "organisation", "rating", "contested")


def plan(request: HttpRequest, slug: str) -> HttpResponse:
    """Every commitment of a plan with its three raters, and what the record holds about the plan itself."""
    plan = plan_or_404(request, slug)
    ledger = read_ledger(plan, user=request.user)
    filters = commitment_filter(request, plan)
    shown = filters.qs.values_list("pk", flat=True) if filters.is_valid() else ()
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
    printed = [row.claim for row in claims]
    context: dict[str, Any] = {
        "section": plan.slug,
        "plan": plan,
        "ledger": ledger,
        "entries": [entry for entry in ledger.commitments if not filters.is_bound or entry.commitment.pk in shown],
        "filters": filters,
        "choices": filter_choices(ledger, filters.data),
        "counts": counts,
        "finding": plan_finding(ledger, counts, periods, timezone.now()),
        "review_finding": review_finding(counts, whole=ledger.rated_as_whole),
        "freshness_finding": freshness_finding(list(freshness_of(commitments).values())),
        "period": ledger.latest_period,
        "periods": periods,
        "answers": answer_states(plan, periods),
        "today": timezone.localdate(),
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
    asked = {name: request.GET[name] for name in FILTERED_BY if request.GET.get(name)}
    commitments = Commitment.objects.visible_to(request.user).filter(plan=plan)
    return CommitmentFilter({**asked, "plan": plan.slug} if asked else None, commitments, request=request)


def filter_choices(ledger: PlanLedger, asked: Mapping[str, str]) -> list[tuple[str, Any, list[tuple[str, Any, bool]]]]:
    """What the page offers to narrow its rows by: name, label, and each choice as (value, words, chosen)."""
    commitments = [entry.commitment for entry in ledger.commitments]
    themes = dict.fromkeys(commitment.theme for commitment in commitments if commitment.theme)
    agencies = {lead.organisation for entry in ledger.commitments for lead in entry.leads if lead.organisation}
    for comparison in ledger.subjects:
        agencies.update(comparison.subject.agencies.all() if isinstance(comparison.subject, Milestone) else ())
    given = {subject.rating for subject in ledger.subjects}
    offered: dict[str, tuple[Any, list[tuple[str, Any]]]] = {
        "theme": (_("Theme"), [(theme.code, str(theme)) for theme in themes]),
        "organisation": (
            _("Agency"),
            [(agency.slug, str(agency)) for agency in sorted(agencies, key=lambda agency: name_sort_key(str(agency)))],
        ),
        "rating": (
            _("Government’s rating"),
            [(rating.value, rating.label) for rating in SCALES[ledger.plan.rating_scale] if rating.value in given],
        ),
        "contested": (_("NGOs"), [("true", _("differ")), ("false", _("do not differ"))] if ledger.contested else []),
    }
    return [
        (name, label, [(value, words, asked.get(name) == value) for value, words in options])
        for name, (label, options) in offered.items()
        if len(options) > 1
    ]


def answer_states(plan: ActionPlan, periods: Iterable[ReportingPeriod]) -> list[tuple[ReportingPeriod, AnswerStates]]:
    """What became of the answers to each published period; none where none came, which is counted too."""
    counted = count_answer_states(plan).by_period
    return [(period, counted.get(period.pk, AnswerStates())) for period in periods if period.published_at]
