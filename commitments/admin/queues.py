"""What waits for the support unit: a queue is counted from the record, never stored, and one click from its rows.

Each app says what waits in it (`waiting`); `ogptracker.queues` puts them together for the first page of the admin.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from commitments.models import ActionPlan, Commitment, Milestone

SHOWN_AT_ONCE = 4  # lines of a queue; the others open on demand


@dataclass(frozen=True)
class Line:
    """Some rows that wait: how many, in words what for, and the address that lists them."""

    count: int
    words: str
    address: str


@dataclass(frozen=True)
class Queue:
    """One paragraph of the staff guide, whose heading is ``name`` in words."""

    name: str  # the paragraph's anchor
    title: str | Promise
    lines: tuple[Line, ...]

    @property
    def count(self) -> int:
        return sum(line.count for line in self.lines)

    @property
    def first_lines(self) -> tuple[Line, ...]:
        """Those that are shown at once."""
        return self.lines[:SHOWN_AT_ONCE]

    @property
    def more_lines(self) -> tuple[Line, ...]:
        return self.lines[SHOWN_AT_ONCE:]


def queue(name: str, title: str | Promise, lines: Iterable[Line]) -> Queue:
    """A queue of those lines that count something."""
    return Queue(name, title, tuple(line for line in lines if line.count))


def listed(model: Any, **filters: Any) -> str:
    """The address of a table in the admin, with filters."""
    options = model._meta
    address = reverse(f"admin:{options.app_label}_{options.model_name}_changelist")
    return f"{address}?{urlencode(filters)}" if filters else address


def waiting(user: Any) -> list[Queue]:
    """What waits among plans and their texts."""
    drafts = ActionPlan.objects.visible_to(user).filter(published_at__isnull=True).count()
    return [
        queue("texts-in-one-language", _("Texts in one language"), _untranslated(user)),
        queue(
            "plans-in-draft",
            _("Plans in draft"),
            [
                Line(
                    drafts,
                    ngettext("%(count)d plan is not published", "%(count)d plans are not published", drafts)
                    % {"count": drafts},
                    listed(ActionPlan, published="no"),
                )
            ],
        ),
    ]


def _untranslated(user: Any) -> list[Line]:
    """Titles that are missing in one of the two languages."""
    lines = []
    for model in (Commitment, Milestone):
        missing = model.objects.visible_to(user).aggregate(
            mn=Count("pk", filter=Q(title_mn="")), en=Count("pk", filter=Q(title_en=""))
        )
        for language, number in missing.items():
            words = MISSING[model, language](number) % {"count": number}
            lines.append(Line(number, words, listed(model, missing=language)))
    return lines


MISSING = {
    (Commitment, "mn"): lambda number: ngettext(
        "%(count)d commitment without a Mongolian title", "%(count)d commitments without a Mongolian title", number
    ),
    (Commitment, "en"): lambda number: ngettext(
        "%(count)d commitment without an English title", "%(count)d commitments without an English title", number
    ),
    (Milestone, "mn"): lambda number: ngettext(
        "%(count)d milestone without a Mongolian title", "%(count)d milestones without a Mongolian title", number
    ),
    (Milestone, "en"): lambda number: ngettext(
        "%(count)d milestone without an English title", "%(count)d milestones without an English title", number
    ),
}
