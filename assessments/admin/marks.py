"""Ratings in the admin: the word, and beside it the mark that tells it again by shape."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from assessments.drawings import Voice, mark_of
from assessments.findings import gap_words
from assessments.ratings import NoRatingReason, Rating


def light(rating: str | None, no_rating_reason: str = "") -> str:
    """A rating, or why there is none, in words with its mark."""
    words = Voice("", rating, no_rating_reason).words
    if not rating and no_rating_reason:
        words = str(NoRatingReason(no_rating_reason).label)
    return format_html(
        '<span class="light"><svg class="mark" aria-hidden="true"><use href="#m-{}"></use></svg>{}</span>',
        mark_of(rating, no_rating_reason),
        words,
    )


def gap_chip(steps: int | None) -> str:
    """How far a rating stands from the government's, in words; black from two steps on."""
    if steps is None:
        return ""
    kind = "two" if abs(steps) == 2 else "one" if steps else "same"
    return format_html('<span class="gap gap-{}">{}</span>', kind, gap_words(steps))


class RatingFilter(admin.SimpleListFilter):
    """One rating, or none."""

    title = _("rating")
    parameter_name = "rating"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [*Rating.choices, ("none", _("Not rated"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() == "none":
            return queryset.filter(rating__isnull=True)
        return queryset.filter(rating=self.value()) if self.value() else queryset
