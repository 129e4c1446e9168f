"""What publishing a quarter would do, counted from its sheet before anybody does it. Pure: asks no database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from assessments.counts import Tally
from assessments.models import SelfAssessment
from assessments.ratings import SCALES, NoRatingReason
from assessments.sheet import Queue, Sheet, SheetRow


class Change(models.TextChoices):
    """How a rating that would be published stands to the one that is public now. Each row is one of these."""

    IMPROVED = "improved", _("Improved")
    SLIPPED = "slipped", _("Slipped")
    NEWLY_RATED = "newly-rated", _("Newly rated")
    NO_LONGER_RATED = "no-longer-rated", _("No longer rated")
    UNCHANGED = "unchanged", _("Entered anew, with the same rating")
    WITHOUT = "without", _("Without a rating, as before")
    COPIED = "copied", _("Same as last quarter")


# What a publication leaves as it is, in the order in which it is worked off.
LEFT_BEHIND = (Queue.TO_MEND, Queue.READY, Queue.NOT_ENTERED)


@dataclass(frozen=True)
class RatingStep:
    """How many have a rating now, and would have it afterwards; ``rating`` is None for those without one."""

    rating: str | None
    before: int
    after: int


def change_of(row: SheetRow) -> Change:
    """The change of a submitted row."""
    scale = SCALES[row.commitment.plan.rating_scale]
    entry = _entry(row)
    if entry.copied_from_id:
        return Change.COPIED
    before = public_rating(row)
    if entry.rating and before:
        place, place_before = scale.index(entry.rating), scale.index(before)
        if place == place_before:
            return Change.UNCHANGED
        return Change.IMPROVED if place < place_before else Change.SLIPPED
    if entry.rating:
        return Change.NEWLY_RATED
    return Change.NO_LONGER_RATED if before else Change.WITHOUT


def public_rating(row: SheetRow) -> str | None:
    """The rating that readers see now: of this period where it is published, else of the newest one before."""
    shown = row.entry if row.queue == Queue.PUBLISHED else row.earlier
    return shown.rating if shown else None


def _entry(row: SheetRow) -> SelfAssessment:
    if row.entry is None:
        raise ValueError(f"{row.code} has no entry in this period.")
    return row.entry


@dataclass(frozen=True)
class Publication:
    """The submitted rows of a sheet, counted, beside what is public now."""

    sheet: Sheet

    @cached_property
    def rows(self) -> tuple[SheetRow, ...]:
        """What would be published."""
        return tuple(row for row in self.sheet.rows if row.queue == Queue.SUBMITTED)

    @property
    def scale(self) -> tuple[Any, ...]:
        return SCALES[self.sheet.period.plan.rating_scale]

    @cached_property
    def before(self) -> Tally:
        """What readers see of the whole plan now."""
        return self._tally(public_rating(row) for row in self.sheet.rows)

    @cached_property
    def after(self) -> Tally:
        """What they would see afterwards."""
        return self._tally(
            _entry(row).rating if row.queue == Queue.SUBMITTED else public_rating(row) for row in self.sheet.rows
        )

    def _tally(self, ratings: Iterable[str | None]) -> Tally:
        found = Counter(ratings)
        return Tally(len(self.sheet.rows), {rating.value: found[rating.value] for rating in self.scale})

    @cached_property
    def steps(self) -> tuple[RatingStep, ...]:
        """Every rating of the scale, best first, then those without one."""
        rated = (
            RatingStep(rating.value, self.before.by_rating[rating.value], self.after.by_rating[rating.value])
            for rating in self.scale
        )
        return (*rated, RatingStep(None, self.before.not_rated, self.after.not_rated))

    @cached_property
    def changes(self) -> tuple[tuple[Change, tuple[SheetRow, ...]], ...]:
        """Every kind of change with its rows, in the order of `Change`; kinds without any are left out."""
        found: dict[Change, list[SheetRow]] = {change: [] for change in Change}
        for row in self.rows:
            found[change_of(row)].append(row)
        return tuple((change, tuple(rows)) for change, rows in found.items() if rows)

    @cached_property
    def not_rated(self) -> tuple[tuple[str, tuple[SheetRow, ...]], ...]:
        """Rows that would be published without a rating, by the reason in words."""
        found: dict[str, list[SheetRow]] = {}
        for row in self.rows:
            entry = _entry(row)
            if not entry.rating:
                reason = entry.no_rating_text or str(NoRatingReason(entry.no_rating_reason).label)
                found.setdefault(reason, []).append(row)
        return tuple((reason, tuple(rows)) for reason, rows in found.items())

    @cached_property
    def submitted_by(self) -> tuple[tuple[Any, int], ...]:
        """Who submitted how many, most first."""
        return tuple(Counter(_entry(row).submitted_by for row in self.rows).most_common())

    def submitted_by_user(self, user: Any) -> tuple[SheetRow, ...]:
        return tuple(row for row in self.rows if _entry(row).submitted_by_id == user.pk)

    @cached_property
    def left_behind(self) -> tuple[tuple[Queue, tuple[SheetRow, ...]], ...]:
        """What would not be published, by queue; queues without any are left out."""
        return tuple(
            (queue, rows) for queue in LEFT_BEHIND if (rows := tuple(r for r in self.sheet.rows if r.queue == queue))
        )

    @cached_property
    def keep_earlier(self) -> int:
        """How many of those left behind go on showing an earlier period's rating, or its reason for none."""
        return sum(row.earlier is not None for _queue, rows in self.left_behind for row in rows)

    @cached_property
    def keep_nothing(self) -> int:
        """How many of them go on showing nothing at all."""
        return sum(row.earlier is None for _queue, rows in self.left_behind for row in rows)
