"""What changed between two readings of a plan: which ratings of the government rose, fell, came or went.

`compare` is pure and takes the comparisons of two ledgers; `latest_movement` reads the last two periods of a plan.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from assessments.history import read_over_time
from assessments.ledger import ANYBODY, Comparison
from assessments.models import ReportingPeriod, SelfAssessment
from assessments.models.subjects import SubjectKey, commitment_of, key_of
from assessments.ratings import gap
from commitments.models import ActionPlan, Commitment, Milestone


@dataclass(frozen=True)
class Move:
    """The government's rating of one subject in both readings; None where there was no rating row."""

    subject: Milestone | Commitment
    before: SelfAssessment | None
    after: SelfAssessment | None

    @property
    def steps(self) -> int | None:
        """By how many steps it rose (+) or fell (-), -2 to 2; None where one of the two has no rating."""
        return gap(self.after.rating if self.after else None, self.before.rating if self.before else None)

    @property
    def is_correction(self) -> bool:
        """Whether the later rating has replaced a published one of its own period since the earlier reading."""
        if self.after is None or self.after.version == 1:
            return False
        same_period = self.before is not None and self.before.period_id == self.after.period_id
        return not same_period or self.before.version < self.after.version  # type: ignore[union-attr]


@dataclass(frozen=True)
class Movement:
    """Every subject of the later reading once, in one of the first five; in the order of the plan."""

    improved: tuple[Move, ...]
    slipped: tuple[Move, ...]
    newly_rated: tuple[Move, ...]
    no_longer_rated: tuple[Move, ...]
    unchanged: tuple[Move, ...]  # those without a rating in both readings too
    corrected: tuple[Move, ...]  # over the five above: whose rating in force has replaced a published one since


@dataclass(frozen=True)
class PeriodMovement:
    """What changed from the period before to the latest published one; ``before`` is None for a plan's first."""

    before: ReportingPeriod | None
    after: ReportingPeriod
    movement: Movement


def compare(before: Iterable[Comparison], after: Iterable[Comparison]) -> Movement:
    """How the government's ratings moved. A subject that is not in ``after`` is left out."""
    earlier = {key_of(subject.subject): subject.government for subject in before}
    moves = [Move(subject.subject, earlier.get(key_of(subject.subject)), subject.government) for subject in after]
    return Movement(
        improved=tuple(move for move in moves if (move.steps or 0) > 0),
        slipped=tuple(move for move in moves if (move.steps or 0) < 0),
        newly_rated=tuple(move for move in moves if _rated(move.after) and not _rated(move.before)),
        no_longer_rated=tuple(move for move in moves if _rated(move.before) and not _rated(move.after)),
        unchanged=tuple(move for move in moves if move.steps == 0 or not (_rated(move.before) or _rated(move.after))),
        corrected=tuple(move for move in moves if move.is_correction),
    )


def latest_movement(plan: ActionPlan, *, user: Any = ANYBODY) -> PeriodMovement | None:
    """What the latest published period of a plan changed; None before the first is published. Three queries.

    A subject that the period does not rate keeps what an earlier one said. In a plan's first period all that is rated
    is newly rated, and what was corrected in it since is corrected.
    """
    periods = read_over_time(plan, user=user)
    if not periods:
        return None
    (after, rated), earlier = periods[-1], periods[:-1]
    before: dict[SubjectKey, Comparison] = {}
    for _period, subjects in earlier:
        before.update((key_of(subject.subject), subject) for subject in subjects)
    now = {**before, **{key_of(subject.subject): subject for subject in rated}}
    in_order = sorted(
        now.values(), key=lambda subject: (commitment_of(subject.subject).code_order, subject.subject.code_order)
    )
    return PeriodMovement(earlier[-1][0] if earlier else None, after, compare(before.values(), in_order))


def _rated(row: SelfAssessment | None) -> bool:
    return row is not None and bool(row.rating)
