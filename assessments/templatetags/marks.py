"""Ratings, gaps and drawings in templates; words beside every shape."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import template
from django.utils.translation import gettext as _

from assessments.counts import Agreement, Counts, Disagreement, Tally, count_commitment, count_disagreement
from assessments.drawings import Bar, PlacedMark, Spine, Voice, draw_bar, draw_spine, mark_of, review_mark
from assessments.findings import direction_finding, gap_words
from assessments.ledger import Answer, CommitmentEntry, Comparison
from assessments.models import CounterAssessment, IndependentReview, SelfAssessment
from assessments.punctuality import DueState, Punctuality
from assessments.ratings import Rating
from commitments.localised import language_of

register = template.Library()

LONGEST_LABEL = 4  # letters below a column of the large spine
ENLARGED = 1.85  # pixels for a unit of the large spine
STRIP = 9  # spines that a line of a strip has room for, at every width
MANY = 3  # from here on, answers stand side by side below the government instead of in one column


@register.filter
def rating_words(code: str | None) -> str:
    """The label of a rating code; empty for none."""
    return str(Rating(code).label) if code else ""


@register.filter
def rating_mark(code: str | None) -> str:
    return mark_of(code)


@register.simple_tag
def rating_mark_of(rated: SelfAssessment) -> str:
    return mark_of(rated.rating, rated.no_rating_reason)


@register.inclusion_tag("assessments/_light.html")
def light(rating: str | None, reason: str = "", unrated: str | None = None) -> dict[str, str]:
    """A rating's mark and word. ``reason``: the code why there is none; ``unrated``: what stands there instead."""
    voice = Voice("", rating, reason)
    return {"mark": voice.mark, "words": voice.words if rating or not unrated else unrated}


@register.filter
def said_words(said: SelfAssessment) -> list[tuple[str, str, str]]:
    """Every text of a self-assessment that is filled in: its label, the text, and the language it is written in."""
    return [
        (str(SelfAssessment._meta.get_field(name).verbose_name), text, name[-2:])  # type: ignore[union-attr]
        for name in SelfAssessment.WORDS
        if name[-3:] in {"_en", "_mn"} and (text := getattr(said, name))
    ]


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


def _answered(answer: Answer) -> Voice:
    """An answer's rating, under the name that has room beside a drawing."""
    name = (answer.organisation.short_name or str(answer.organisation)) if answer.organisation else _("NGO")
    return Voice(name, answer.rating, answer.assessment.no_rating_reason, language_of(name))


@register.simple_tag
def spine_of(comparison: Comparison, review: IndependentReview | None = None, every: bool = False) -> Spine:
    """The spine of a subject, with the reviewer's line of the commitment it belongs to."""
    government = comparison.government
    return draw_spine(
        comparison.subject.code,
        Voice(_("Government"), government.rating, government.no_rating_reason) if government else None,
        [_answered(answer) for answer in comparison.verdicts],
        review.completion if review else None,
        every=every,
    )


@dataclass(frozen=True)
class LargeSpine:
    """A spine beside a milestone, with the raters below it; ``height`` in its own units, the rest in pixels."""

    spine: Spine
    height: int
    pixels_wide: int
    pixels_high: int


@register.simple_tag
def large_spine_of(comparison: Comparison, review: IndependentReview | None = None) -> LargeSpine:
    drawn = spine_of(comparison, review, every=True)
    height = drawn.label_height + 2
    return LargeSpine(drawn, height, round(drawn.width * ENLARGED), round(height * ENLARGED))


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
def strip_columns(entry: CommitmentEntry) -> int | None:
    """How many spines a line of a long strip has, so that no line is left with one or two; None where one line does."""
    spines = len(entry.subjects) + 1  # the reviewer's mark is the last
    lines = math.ceil(spines / STRIP)
    return math.ceil(spines / lines) if lines > 1 else None


@register.simple_tag
def counts_of(entry: CommitmentEntry) -> Counts:
    return count_commitment(entry)


@dataclass(frozen=True)
class NgoVoices:
    """How the answers to one subject are set: ``many`` side by side, ``numbered`` as in the subject's spine."""

    many: bool
    numbered: bool
    disagreement: Disagreement


@register.simple_tag
def voices_of(comparison: Comparison, remarks: Sequence[Any] | None = None) -> NgoVoices:
    shown = len(comparison.answers) + len(comparison.marks) + len(remarks or ())
    return NgoVoices(shown >= MANY, len(comparison.verdicts) > 1, count_disagreement([comparison]))
