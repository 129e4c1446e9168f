"""Where the raters of a plan differ: the page, and what stands on it. Nothing is counted here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from assessments.counts import (
    Counts,
    ReviewComparison,
    count_by_organisation,
    count_commitment,
    count_disagreement,
    count_plan,
    disagreement_by_commitment,
    disagreement_over_time,
)
from assessments.filters import CommitmentFilter, MilestoneFilter, with_ratings
from assessments.findings import disagreement_finding, gap_words, review_disagreement_finding, silence_finding
from assessments.history import read_over_time
from assessments.ledger import (
    Answer,
    CommitmentEntry,
    Comparison,
    PlanLedger,
    read_ledger,
    widest_first,
)
from assessments.models import ReportingPeriod
from assessments.ratings import LIGHTS, SCALES, Rating
from commitments.filters import asked_for
from commitments.models import ActionPlan, Commitment, Milestone

FILTERED_BY = ("answered_by", "commitment", "light", "gap")
STEPS = (2, 1, 0)  # as the rows and columns of the table stand, best first


@dataclass(frozen=True)
class Differing:
    """One subject whose raters were compared; ``answers`` are those that were, widest gap first."""

    entry: CommitmentEntry
    comparison: Comparison
    answers: tuple[Answer, ...]

    @property
    def gap(self) -> int | None:
        return self.answers[0].gap


@dataclass(frozen=True)
class Cell:
    """How many answers put on one step what the government puts on another."""

    count: int
    gap: int
    query: str  # lists them


@dataclass(frozen=True)
class Reviewed:
    """The reviewer's rating of a commitment against each of the government's in it."""

    entry: CommitmentEntry
    against: ReviewComparison


def latest_disagreements(request: HttpRequest) -> HttpResponse:
    """On to the newest plan with ratings, or to the list of plans as long as there is none."""
    plans = ActionPlan.objects.visible_to(request.user).real().filter(published_at__isnull=False)
    plan = with_ratings(plans).order_by("-starts_on").first()
    return redirect("disagreements", plan.slug) if plan else redirect("plans")


def disagreements(request: HttpRequest, slug: str) -> HttpResponse:
    """Where NGOs and reviewer differ from the government, widest gap first; as at the end of a period, if one is asked
    for.
    """
    plan = get_object_or_404(ActionPlan.objects.visible_to(request.user), slug=slug)
    over_time = [row for row in read_over_time(plan, user=request.user) if row[1]]
    asked = _period_asked(request, [period for period, _subjects in over_time])
    ledger = read_ledger(plan, user=request.user, until=asked.ends_on if asked else None)
    counts, said = count_plan(ledger), count_disagreement(ledger.subjects)
    filters = _filters(request, ledger, asked)
    rows = list(_rows(ledger, set(filters.qs.values_list("pk", flat=True)) if filters.is_valid() else set()))
    query = {name: value for name, value in filters.data.items() if name != "plan"}
    context: dict[str, Any] = {
        "section": "disagreements",
        "plan": plan,
        "ledger": ledger,
        "period": ledger.latest_period,
        "asked": asked,
        "periods": [period for period, _subjects in over_time],
        "counts": counts,
        "finding": disagreement_finding(counts, whole=ledger.rated_as_whole),
        "silence": silence_finding(counts, said.conditional, whole=ledger.rated_as_whole),
        "steps": _steps(plan),
        "agreement": _agreement(counts, plan, asked),
        "organisations": count_by_organisation(ledger),
        "commitments": [(entry, own) for entry, own in disagreement_by_commitment(ledger) if own.answers],
        "over_time": disagreement_over_time(over_time),
        "filters": filters,
        "narrowed": any(request.GET.get(name) for name in FILTERED_BY),
        "choices": _choices(ledger, counts, request.GET),
        "levels": [(steps, list(own)) for steps, own in groupby(rows, key=lambda row: row.gap)],
        "rows": rows,
        "api_query": urlencode({"plan": plan.slug, **query}),
        "reviewed": _reviewed(ledger),
        "unreviewed": [entry.commitment.code for entry in ledger.commitments if not entry.review],
        "review_finding": review_disagreement_finding(counts, whole=ledger.rated_as_whole),
        "moment": timezone.localtime(),
    }
    return render(request, "assessments/disagreements.html", context)


def widest_disagreements(ledger: PlanLedger, most: int) -> list[Differing]:
    """Where raters are furthest apart, at most so many, each with every answer that was compared."""
    return list(_rows(ledger, {subject.subject.pk for subject in ledger.contested}))[:most]


def _period_asked(request: HttpRequest, periods: list[ReportingPeriod]) -> ReportingPeriod | None:
    """None where none is asked for: then the newest of each subject is read."""
    code = request.GET.get("period")
    if not code:
        return None
    found = next((period for period in periods if period.code == code), None)
    if found is None:
        raise Http404("No rating of the plan in this period is published.")
    return found


def _filters(
    request: HttpRequest, ledger: PlanLedger, asked: ReportingPeriod | None
) -> MilestoneFilter | CommitmentFilter:
    """The filter of the API: what is contested, or with the gap that is asked for."""
    wanted = asked_for(request, FILTERED_BY)
    # Asked for one gap, those that agree are wanted too.
    data = {**({} if "gap" in wanted else {"contested": "true"}), **wanted, "plan": ledger.plan.slug}
    filters: MilestoneFilter | CommitmentFilter
    if ledger.rated_as_whole:
        rated_whole = Commitment.objects.visible_to(request.user).filter(plan=ledger.plan)
        filters = CommitmentFilter(data, rated_whole, request=request)
    else:
        milestones = Milestone.objects.visible_to(request.user).filter(commitment__plan=ledger.plan)
        filters = MilestoneFilter(data, milestones, request=request)
    filters.until = asked.ends_on if asked else None
    return filters


def _rows(ledger: PlanLedger, shown: set[int]) -> Iterable[Differing]:
    """Of the subjects with these primary keys those that were compared, widest gap first."""
    found = [
        Differing(
            entry,
            comparison,
            tuple(
                sorted(
                    (answer for answer in comparison.answers if answer.gap is not None),
                    key=lambda answer: (-abs(answer.gap or 0), answer.gap),
                )
            ),
        )
        for entry in ledger.commitments
        for comparison in entry.subjects
        if comparison.subject.pk in shown and comparison.gaps
    ]
    return sorted(found, key=lambda row: widest_first(row.comparison))


def _steps(plan: ActionPlan) -> list[Rating]:
    """What each step of the table is called: the rating of the scale, or one for both above the line."""
    lowest = SCALES[plan.rating_scale][-1]
    return [Rating.COMPLETED_OR_SUBSTANTIAL, Rating.LIMITED, lowest]


def _agreement(counts: Counts, plan: ActionPlan, asked: ReportingPeriod | None) -> list[tuple[Rating, list[Cell]]]:
    """The government's steps, each with the steps on which NGOs put the same."""
    at: dict[str, str | int] = {"period": asked.code} if asked else {}
    return [
        (
            rating,
            [
                Cell(
                    counts.by_steps.get((own, other), 0),
                    other - own,
                    urlencode({"light": LIGHTS[own].value, "gap": other - own, **at}),
                )
                for other in STEPS
            ],
        )
        for own, rating in zip(STEPS, _steps(plan), strict=True)
    ]


def _choices(
    ledger: PlanLedger, counts: Counts, asked: Mapping[str, str]
) -> list[tuple[str, Any, list[tuple[str, Any, bool]]]]:
    """What the rows can be narrowed by: name, label, and each choice as (value, words, chosen)."""
    organisations = [row.organisation for row in count_by_organisation(ledger) if row.organisation and row.rated]
    compared = [entry.commitment.code for entry in ledger.commitments if any(one.gaps for one in entry.subjects)]
    lights = dict.fromkeys(own for own in STEPS for other in STEPS if counts.by_steps.get((own, other)))
    names = dict(zip(STEPS, _steps(ledger.plan), strict=True))
    offered: list[tuple[str, Any, list[tuple[str, Any]]]] = [
        ("answered_by", _("Organisation"), [(one.slug, str(one)) for one in organisations]),
        ("commitment", _("Commitment"), [] if ledger.rated_as_whole else [(code, code) for code in compared]),
        ("light", _("Government’s rating"), [(LIGHTS[step].value, names[step].label) for step in lights]),
        ("gap", _("Gap"), [(str(steps), gap_words(steps)) for steps, n in counts.agreement.by_gap.items() if n]),
    ]
    return [
        (name, label, [(value, words, asked.get(name) == value) for value, words in options])
        for name, label, options in offered
        if len(options) > 1 or asked.get(name)
    ]


def _reviewed(ledger: PlanLedger) -> list[Reviewed]:
    """Where the government is above the reviewer most often first, then in the order of the plan."""
    rows = [Reviewed(entry, count_commitment(entry).against_review) for entry in ledger.commitments if entry.review]
    return sorted((row for row in rows if row.against.compared), key=lambda row: -row.against.below)
