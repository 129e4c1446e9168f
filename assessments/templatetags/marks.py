"""Ratings, gaps and drawings in templates; words beside every shape."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from assessments.counts import Tally
from assessments.drawings import Bar, Spine, Voice, draw_bar, draw_spine, mark_of
from assessments.findings import gap_words
from assessments.ledger import Comparison
from assessments.models import IndependentReview
from assessments.ratings import Rating
from commitments.localised import localised as pick

register = template.Library()


@register.simple_tag
def localised(record: Any, field: str) -> SafeString | str:
    """A text in the page's language; in the other language it is marked as such for screen readers."""
    chosen = pick(record, field)
    if not chosen or chosen.language == (get_language() or "")[:2]:
        return chosen.text
    return format_html('<span lang="{}">{}</span>', chosen.language, chosen.text)


@register.filter
def rating_words(code: str | None) -> str:
    """The label of a rating code; empty for none."""
    return str(Rating(code).label) if code else ""


@register.filter
def rating_mark(code: str | None) -> str:
    return mark_of(code)


@register.filter
def gap_text(gap: int) -> str:
    return gap_words(gap)


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


@register.simple_tag
def bar_of(tally: Tally, length: float = 400) -> Bar:
    return draw_bar(tally, length)
