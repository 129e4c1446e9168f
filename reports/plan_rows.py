"""The rows of a plan's page: each commitment with what is due of it and how fresh its evidence is, in some order."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from assessments.freshness import Freshness, FreshnessState
from assessments.ledger import CommitmentEntry, Comparison, widest_first
from assessments.punctuality import due_on, not_done
from commitments.text import name_sort_key

PLAN_ORDER = "plan"


@dataclass(frozen=True)
class PlanRow:
    """A commitment as a plan's page shows it on a day."""

    entry: CommitmentEntry
    freshness: Freshness
    overdue: tuple[Comparison, ...]  # what is past its last day and not green, in the order of the plan
    ahead: Comparison | None  # what is due next

    @property
    def due_on(self) -> datetime.date | None:
        """The earliest day for which something is still awaited, be it past."""
        days = [subject.subject.ends_on for subject in (*self.overdue, self.ahead) if subject]
        return min((day for day in days if day), default=None)


def plan_row(entry: CommitmentEntry, freshness: Freshness, day: datetime.date) -> PlanRow:
    overdue, ahead = not_done(entry.subjects, day)
    return PlanRow(entry, freshness, tuple(overdue), min(ahead, key=due_on, default=None))


def in_order(rows: Iterable[PlanRow], order: str) -> list[PlanRow]:
    """Rows in one of `ORDERS`; those that are alike stay in the order of the plan."""
    return sorted(rows, key=ORDERS[order][1])


def _gap(row: PlanRow) -> tuple[int, int]:
    return min((widest_first(subject) for subject in row.entry.subjects if subject.contested), default=(0, 0))


def _due(row: PlanRow) -> datetime.date:
    return row.due_on or datetime.date.max


def _freshness(row: PlanRow) -> tuple[bool, float]:
    """Those without any evidence first, then the longest without an update; where no clock runs, undated last."""
    if row.freshness.updated_at is None:
        return (row.freshness.state != FreshnessState.NEVER, float("inf"))
    return (True, row.freshness.updated_at.timestamp())


def _lead(row: PlanRow) -> tuple[bool, list[Any]]:
    name = next((str(lead) for lead in row.entry.leads), "")
    return (not name, name_sort_key(name))


ORDERS: dict[str, tuple[Any, Callable[[PlanRow], Any]]] = {
    PLAN_ORDER: (_("as in the plan"), lambda row: 0),
    "gap": (_("widest gap first"), _gap),
    "due": (_("due first"), _due),
    "freshness": (_("longest without an update first"), _freshness),
    "agency": (_("by lead agency"), _lead),
}
