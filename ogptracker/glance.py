"""What the home page tells of a plan beside its rows: what changed, what is late and next, where raters differ most."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from assessments.ledger import Comparison, PlanLedger
from assessments.models import ReportingPeriod
from assessments.movement import Move, PeriodMovement
from assessments.punctuality import due_on, not_done
from assessments.workspace import Deadline, deadline_of

SHOWN = 3  # of each list in full
CODES = 24  # of the others by their codes; what is beyond is counted


@dataclass(frozen=True)
class Changed:
    """The subjects that moved one way; some in full, the others as links of their codes."""

    label: Any
    moves: tuple[Move, ...]
    is_correction: bool = False  # of a rating of the same period: there is no step to show

    @property
    def shown(self) -> tuple[Move, ...]:
        return self.moves[:SHOWN]

    @property
    def others(self) -> tuple[Move, ...]:
        return self.moves[SHOWN : SHOWN + CODES]

    @property
    def more(self) -> int:
        return max(len(self.moves) - SHOWN - CODES, 0)


def what_changed(moved: PeriodMovement) -> list[Changed]:
    """How ratings moved, as far as they did. In a plan's first period all are new, and only corrections are told."""
    movement = moved.movement
    told = [Changed(_("Corrected"), movement.corrected, is_correction=True)]
    if moved.before:
        told = [
            Changed(_("Improved"), movement.improved),
            Changed(_("Slipped"), movement.slipped),
            Changed(_("Newly rated"), movement.newly_rated),
            Changed(_("No longer rated"), movement.no_longer_rated),
            *told,
        ]
    return [changed for changed in told if changed.moves]


@dataclass(frozen=True)
class Schedule:
    """What of a plan is late and what comes next, as it stands at a moment."""

    windows: tuple[tuple[ReportingPeriod, Deadline], ...]  # answers are taken, or will be
    periods: tuple[ReportingPeriod, ...]  # those that end next
    overdue: tuple[Comparison, ...]  # longest first
    ahead: tuple[Comparison, ...]  # what is due next, the same day all of it

    @property
    def longest_overdue(self) -> tuple[Comparison, ...]:
        return self.overdue[:SHOWN]

    @property
    def next_due(self) -> tuple[Comparison, ...]:
        return self.ahead[:CODES]

    @property
    def more_due(self) -> int:
        return max(len(self.ahead) - CODES, 0)


def schedule_of(ledger: PlanLedger, periods: Iterable[ReportingPeriod], moment: datetime.datetime) -> Schedule:
    """Of a plan that was read, and of its periods in their order."""
    day = timezone.localdate(moment)
    periods = list(periods)
    windows = [(period, deadline_of(period, moment)) for period in periods]
    overdue, ahead = not_done(ledger.subjects, day)
    following = min(map(due_on, ahead), default=None)
    return Schedule(
        tuple((period, window) for period, window in windows if window.state != "closed"),
        tuple(period for period in periods if period.ends_on >= day)[:2],
        tuple(sorted(overdue, key=due_on)),
        tuple(subject for subject in ahead if due_on(subject) == following),
    )
