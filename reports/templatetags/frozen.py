"""Frozen figures in pages."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.safestring import SafeString

from assessments.counts import Tally
from reports.narrative import as_html

register = template.Library()


@register.filter
def tallied(tally: dict[str, Any]) -> Tally:
    """Counts as a report froze them, as the pages' drawings take them."""
    counts = {rating["rating"]: rating["count"] for rating in tally["ratings"]}
    return Tally(tally["total"], counts, tally["not_provided"])


@register.filter
def narrated(text: str) -> SafeString:
    """What staff wrote, with its headings, lists and emphasis."""
    return as_html(text)
