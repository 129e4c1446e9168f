"""Frozen figures in pages."""

from __future__ import annotations

from typing import Any

from django import template

from assessments.counts import Tally

register = template.Library()


@register.filter
def tallied(tally: dict[str, Any]) -> Tally:
    """Counts as a report froze them, as the pages' drawings take them."""
    counts = {rating["rating"]: rating["count"] for rating in tally["ratings"]}
    return Tally(tally["total"], counts, tally["not_provided"])
