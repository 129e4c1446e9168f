"""The six quarters of the demonstration: four closed, one that is being answered, one that is being entered."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from django.utils import timezone

# A quarter is entered for some days after it has ended, as in life.
DAYS_ENTERED_AFTER_ITS_END = 10
DAYS_SINCE_PUBLISHED = 6


@dataclass(frozen=True)
class Quarter:
    """A quarter of a calendar year, and when it was or will be worked on."""

    starts_on: datetime.date
    ends_on: datetime.date
    opened_at: datetime.datetime
    entry_closes_at: datetime.datetime
    published_at: datetime.datetime | None  # None for the one that is being entered
    answers_close_at: datetime.datetime | None

    @property
    def code(self) -> str:
        return f"{self.starts_on.year}-Q{self.starts_on.month // 3 + 1}"


def quarters_around(today: datetime.date) -> list[Quarter]:
    """Six quarters in a row; the last one is open for entry today, and the answers to the one before are awaited."""
    starts = [_first_day(today - datetime.timedelta(days=DAYS_ENTERED_AFTER_ITS_END))]
    while len(starts) < 6:
        starts.insert(0, _first_day(starts[0] - datetime.timedelta(days=1)))
    quarters = []
    for place, starts_on in enumerate(starts):
        ends_on = _first_day(starts_on + datetime.timedelta(days=100)) - datetime.timedelta(days=1)
        published_on = {4: today - datetime.timedelta(days=DAYS_SINCE_PUBLISHED), 5: None}.get(
            place, ends_on + datetime.timedelta(days=12)
        )
        quarters.append(
            Quarter(
                starts_on=starts_on,
                ends_on=ends_on,
                opened_at=_at(ends_on, hour=9, days=-10),
                entry_closes_at=_at(ends_on, hour=18, days=21 if place == 5 else 10),
                published_at=_at(published_on, hour=10) if published_on else None,
                answers_close_at=_at(published_on, hour=18, days=15) if published_on else None,
            )
        )
    return quarters


def _first_day(day: datetime.date) -> datetime.date:
    """Of the quarter in which a day lies."""
    return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)


def _at(day: datetime.date, *, hour: int, days: int = 0) -> datetime.datetime:
    """An hour of a day, some days later, where the record is kept."""
    moment = datetime.datetime.combine(day + datetime.timedelta(days=days), datetime.time(hour))
    return moment.replace(tzinfo=timezone.get_default_timezone())
