"""Ratings, gaps and drawings in templates; words beside every shape."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.translation import gettext as _

from assessments.counts import Agreement, Counts, Tally, count_commitment
from assessments.drawings import Bar, PlacedMark, Spine, Voice, draw_bar, draw_spine, mark_of, review_mark
from assessments.findings import direction_finding, gap_words
from assessments.ledger import CommitmentEntry, Comparison
from assessments.models import CounterAssessment, IndependentReview
from assessments.punctuality import DueState, Punctuality
from assessments.ratings import Rating

register = template.Library()

LONGEST_LABEL = 5  # letters below a column of the large spine


@register.filter
def rating_words(code: str | None) -> str:
    """The label of a rating code; empty for none."""
    return str(Rating(code).label) if code else ""


@register.filter
def rating_mark(code: str | None) -> str:
    return mark_of(code)


@register.inclusion_tag("assessments/_light.html")
def light(rating: str | None, reason: str = "", unrated: str | None = None) -> dict[str, str]:
    """A rating's mark and word. ``reason``: the code why there is none; ``unrated``: what stands there instead."""
    voice = Voice("", rating, reason)
    return {"mark": voice.mark, "words": voice.words if rating or not unrated else unrated}


@register.filter
def withheld_words(code: str) -> str:
    """Why answers are withheld, in words."""
    return str(CounterAssessment.WithheldReason(code).label)


@register.filter
def gap_text(gap: int) -> str:
    return gap_words(gap)


@register.filter
def direction(agreement: Agreement) -> str:
    """Which way NGO ratings differ: "3 lower, 1 higher"."""
    return direction_finding(agreement)


@register.filter
def due_counts(punctuality: Punctuality) -> list[tuple[str, int]]:
    """How steps stand to their due dates, in words, with how many do; without what none does."""
    return [(str(state.label), count) for state in DueState if (count := punctuality.by_state[state])]


def answer_name(organisation: Any) -> str:
    """Who answered, as a drawing's label says it."""
    return (organisation.short_name or str(organisation)) if organisation else _("NGO")


@register.simple_tag
def spine_of(comparison: Comparison, review: IndependentReview | None = None, every: bool = False) -> Spine:
    """The spine of a subject, with the reviewer's line of the commitment it belongs to."""
    government = comparison.government
    return draw_spine(
        comparison.subject.code,
        Voice(_("Government"), government.rating, government.no_rating_reason) if government else None,
        [
            Voice(answer_name(answer.organisation), answer.rating, answer.assessment.no_rating_reason)
            for answer in comparison.verdicts
        ],
        review.completion if review else None,
        every=every,
    )


@register.filter
def column_label(name: str) -> str:
    """A rater's name where only an abbreviation has room, as below a column of the large spine."""
    if name == _("Government"):
        return _("Gov")
    return name if len(name) <= LONGEST_LABEL else _("NGO")


@register.simple_tag
def bar_of(tally: Tally, length: float = 400) -> Bar:
    return draw_bar(tally, length)


@register.simple_tag
def review_mark_of(review: IndependentReview | None) -> PlacedMark:
    """The reviewer's mark at the end of a commitment's strip."""
    return review_mark(review.completion if review else None)


@register.simple_tag
def counts_of(entry: CommitmentEntry) -> Counts:
    return count_commitment(entry)
