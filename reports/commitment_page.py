"""A commitment's page: what was promised, and what government, NGOs and reviewer say, now or as it once stood."""

from __future__ import annotations

import datetime
from typing import Any

from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from assessments.counts import count_commitment
from assessments.findings import commitment_finding, evidence_finding, whole_review_finding
from assessments.freshness import freshness_of
from assessments.history import read_history
from assessments.ledger import Comparison, read_commitment
from assessments.models.subjects import key_of
from commitments.localised import localised
from commitments.models import Commitment, FocalPoint, Recommendation
from reports.commitment_figures import values_served
from reports.earlier import as_of_asked
from reports.models import Comment
from reports.views import cited, plan_or_404

LONG_TITLE = 110  # letters; a longer title is set in a smaller size

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


def commitment(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """One commitment, milestone by milestone. ``?as_of=2025-06-30`` shows it as it stood at the end of that day."""
    plan = plan_or_404(request, slug)
    asked = as_of_asked(request, plan)
    moment, day = asked.moment, asked.day or timezone.localdate()
    siblings = list(
        Commitment.objects.visible_to(request.user)
        .filter(plan=plan)
        .select_related("plan")
        .only("code", "title_en", "title_mn", "plan__slug")
    )
    place = next((place for place, one in enumerate(siblings) if one.code == code), None)
    if place is None:
        raise Http404("The plan has no such commitment.")
    entry = read_commitment(siblings[place], user=request.user, as_of=moment)
    counts = count_commitment(entry)
    subjects = [entry.whole, *entry.milestones]
    history = read_history(plan, [row.subject for row in subjects], user=request.user, as_of=moment)
    remarks = list(
        Comment.objects.visible_to(request.user)
        .of_commitment(entry.commitment)
        .filter(_known("stated_on", asked.day))
        .select_related("organisation", "source")
    )
    recommendations = list(
        Recommendation.objects.visible_to(request.user)
        .filter(_known("issued_on", asked.day), commitments=entry.commitment)
        .select_related("source")
    )
    context: dict[str, Any] = {
        "section": slug,
        "plan": plan,
        "entry": entry,
        "commitment": entry.commitment,
        "long_title": len(localised(entry.commitment, "title").text) > LONG_TITLE,
        "asked": asked,
        "today": timezone.localdate(),
        "counts": counts,
        "finding": commitment_finding(entry, counts),
        "review_finding": whole_review_finding(entry, counts),
        "evidence_finding": evidence_finding(freshness_of([entry.commitment], moment)[entry.commitment.pk]),
        "period": entry.latest_period,
        "before": siblings[place - 1] if place else None,
        "after": siblings[place + 1] if place + 1 < len(siblings) else None,
        "promise": [(field, label) for field, label in PROMISE if localised(entry.commitment, field)],
        "values": values_served(entry.commitment),
        "positions": FocalPoint.objects.filter(commitment=entry.commitment).positions_over_time(day),
        "recommendations": recommendations,
        "history": history[key_of(entry.commitment)],
        "milestones": [
            (
                comparison,
                [remark for remark in remarks if remark.milestone_id == comparison.subject.pk],
                history[key_of(comparison.subject)],
            )
            for comparison in entry.milestones
        ],
        "remarks": [remark for remark in remarks if remark.commitment_id],
        "sources": cited([*(row for subject in subjects for row in _said_of(subject)), *recommendations, *remarks]),
    }
    if moment:
        context["moment"] = timezone.localtime(moment)
    return render(request, "reports/commitment.html", context, status=asked.status)


def _known(dated: str, day: datetime.date | None) -> Q:
    """What bears no later date than a day; what bears none is not left out."""
    return Q(**{f"{dated}__isnull": True}) | Q(**{f"{dated}__lte": day}) if day else Q()


def _said_of(comparison: Comparison) -> list[Any]:
    """A subject and all that its raters say of it."""
    answers = [answer.assessment for answer in comparison.answers]
    return [comparison.subject, comparison.government, *answers, *comparison.reviews]
