"""The public pages of plans and commitments.

They show remarks and reports beside the ratings, and live in the lowest app that knows both.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from assessments.counts import AnswerStates, count_answer_states, count_claims, count_commitment, count_plan
from assessments.filters import CommitmentFilter
from assessments.findings import (
    commitment_finding,
    evidence_finding,
    freshness_finding,
    plan_finding,
    review_finding,
    whole_review_finding,
)
from assessments.freshness import freshness_of
from assessments.ledger import Comparison, PlanLedger, read_ledger, read_ledgers
from assessments.models import ReportingPeriod
from assessments.ratings import SCALES
from commitments import roles
from commitments.localised import localised
from commitments.models import (
    ActionPlan,
    Commitment,
    FocalPoint,
    Meeting,
    Milestone,
    PlanStatement,
    Recommendation,
    SourceDocument,
)
from commitments.text import name_sort_key
from reports.commitment_figures import values_served
from reports.models import Comment, Report

FILTERED_BY = ("theme", "organisation", "rating", "contested")

# What a commitment says of itself, in the order of OGP's template.
PROMISE = (
    ("adopted_wording", _("The plan’s own wording")),
    ("brief_description", _("In brief")),
    ("problem", _("The problem")),
    ("main_objective", _("Main objective")),
    ("description", _("What will be done")),
    ("relevance", _("How it serves open government")),
    ("ambition", _("Intended results")),
    ("next_steps", _("Next steps")),
)


def plans(request: HttpRequest) -> HttpResponse:
    """Every plan, each with its finding; demonstrations apart, for those who practise."""
    moment = timezone.now()
    shown = ActionPlan.objects.visible_to(request.user).prefetch_related("periods")
    if not (settings.DEBUG or roles.is_support_unit(request.user)):
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


def plan(request: HttpRequest, slug: str) -> HttpResponse:
    """Every commitment of a plan with its three raters, and what the record holds about the plan itself."""
    plan = _plan_or_404(request, slug)
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


def commitment(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """One commitment: what was promised, and milestone by milestone what government, NGOs and reviewer say."""
    ledger = read_ledger(_plan_or_404(request, slug), user=request.user)
    entry = ledger.entry(code)
    if entry is None:
        raise Http404("The plan has no such commitment.")
    counts = count_commitment(entry)
    codes = [other.commitment.code for other in ledger.commitments]
    place = codes.index(code)
    remarks = list(
        Comment.objects.visible_to(request.user)
        .of_commitment(entry.commitment)
        .select_related("organisation", "source")
    )
    recommendations = list(
        Recommendation.objects.visible_to(request.user).filter(commitments=entry.commitment).select_related("source")
    )
    subjects = [entry.whole, *entry.milestones]
    context: dict[str, Any] = {
        "section": slug,
        "plan": ledger.plan,
        "ledger": ledger,
        "entry": entry,
        "commitment": entry.commitment,
        "counts": counts,
        "finding": commitment_finding(entry, counts),
        "review_finding": whole_review_finding(entry, counts),
        "evidence_finding": evidence_finding(freshness_of([entry.commitment])[entry.commitment.pk]),
        "period": ledger.latest_period,
        "before": ledger.commitments[place - 1].commitment if place else None,
        "after": ledger.commitments[place + 1].commitment if place + 1 < len(codes) else None,
        "total": len(codes),
        "promise": [(field, label) for field, label in PROMISE if localised(entry.commitment, field)],
        "values": values_served(entry.commitment),
        "positions": FocalPoint.objects.filter(commitment=entry.commitment).positions(),
        "recommendations": recommendations,
        "milestones": [
            (comparison, [remark for remark in remarks if remark.milestone_id == comparison.subject.pk])
            for comparison in entry.milestones
        ],
        "remarks": [remark for remark in remarks if remark.commitment_id],
        "sources": cited([*(row for subject in subjects for row in _said_of(subject)), *recommendations, *remarks]),
    }
    return render(request, "reports/commitment.html", context)


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


def cited(rows: Iterable[Any]) -> list[SourceDocument]:
    """The documents that rows were copied from, each once, in the order in which a page cites them."""
    return list(dict.fromkeys(row.source for row in rows if row and row.source))


def _said_of(comparison: Comparison) -> list[Any]:
    """A subject and all that its raters say of it."""
    answers = [answer.assessment for answer in comparison.answers]
    return [comparison.subject, comparison.government, *answers, *comparison.reviews]


def _plan_or_404(request: HttpRequest, slug: str) -> ActionPlan:
    plans = ActionPlan.objects.visible_to(request.user).select_related("source", "predecessor")
    return get_object_or_404(plans, slug=slug)


def released_reports(request: HttpRequest, plan: ActionPlan) -> Any:
    """The plan's released reports, newest first; drafts are listed in the admin."""
    released = Report.objects.visible_to(request.user).released().filter(plan=plan)
    with_successors = released.select_related("plan", "superseded_by__plan")
    return with_successors.defer("figures", "superseded_by__figures").order_by("-number")
