"""The cover's drawing of a whole plan: one strip of uprights for each commitment, or for each theme.

Pure: from the report's content to numbers. A strip's unit is that of `assessments.drawings`; lengths are millimetres.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ceil
from typing import Any

from assessments.drawings import CELL_HEIGHT, CELL_WIDTH, MARK, Spine, Voice
from reports.templatetags.report import draw_subject

LABEL = 13  # units below the uprights, for their codes
LETTER = 6  # units that a letter of a code is wide
END = 20  # units right of the last upright, for the reviewer's mark
ROW_GAP, TIGHT_GAP = 7.5, 2.5  # millimetres; the second where two columns are not enough
WIDTH, HEIGHT = 172, 138  # millimetres of the whole drawing
TITLE_HEIGHT = 7  # millimetres of a theme above its strip
CODE_WIDTH = 8  # millimetres left of a strip
LARGEST_UNIT = 0.255
SMALLEST_UNIT = 0.03  # below it nobody sees which mark is which
SMALLEST_LABELLED = 0.12  # below it nobody reads a code
FEWEST_IN_COLUMNS = 5  # rows from which there are two columns
MORE_COLUMNS = (3, 4, 6)
COLUMN_GAP = 8  # millimetres
MOST_IN_STRIP = 12


@dataclass(frozen=True)
class Cell:
    x: int
    label: str
    spine: Spine

    @property
    def middle(self) -> int:
        return self.x + CELL_WIDTH // 2


@dataclass(frozen=True)
class Strip:
    """Uprights side by side; `unit` is how many millimetres a unit measures on paper."""

    code: str
    title: dict[str, str] | None
    cells: tuple[Cell, ...]
    end: int  # right of the last upright
    review: str  # the reviewer's mark, empty for none
    review_height: int
    unit: float = LARGEST_UNIT

    height = CELL_HEIGHT + LABEL

    @property
    def width(self) -> int:
        return self.end + (END if self.review else 0)

    @property
    def review_x(self) -> int:
        return self.end + 6

    @property
    def review_y(self) -> int:
        return self.review_height - MARK // 2

    @property
    def is_labelled(self) -> bool:
        return self.unit >= SMALLEST_LABELLED

    @property
    def shown_width(self) -> str:
        return f"{self.width * self.unit:.2f}"

    @property
    def shown_height(self) -> str:
        return f"{self.height * self.unit:.2f}"


@dataclass(frozen=True)
class Plot:
    """Strips in columns; none where they would be too small to be seen."""

    columns: tuple[tuple[Strip, ...], ...]
    is_tight: bool = False


def draw_plan(figures: dict[str, Any]) -> Plot:
    """Every subject of the plan; commitments rated as a whole stand in the strips of their themes."""
    if figures["plan"]["rated_as_whole"]:
        strips = _strips_of_themes(figures)
    else:
        strips = [
            _strip(
                commitment["code"],
                None,
                [milestone["subject"] for milestone in commitment["milestones"]],
                commitment["review"]["rating"],
            )
            for commitment in figures["commitments"]
        ]
    usual = 2 if len(strips) >= FEWEST_IN_COLUMNS else 1
    layouts = [(usual, ROW_GAP), *((columns, TIGHT_GAP) for columns in MORE_COLUMNS if len(strips) > columns)]
    unit, columns, gap = max(
        ((_unit(strips, columns, gap), columns, gap) for columns, gap in layouts), key=lambda layout: layout[0]
    )
    if unit < SMALLEST_UNIT:
        return Plot(())
    shown = tuple(replace(strip, unit=unit) for strip in strips)
    return Plot(tuple(_columns(shown, columns)), is_tight=gap == TIGHT_GAP)


def _columns(strips: Sequence[Strip], columns: int) -> list[tuple[Strip, ...]]:
    """Of equal height; the labelled example stands below the last strip."""
    rows = ceil((len(strips) + 1) / columns)
    return [tuple(strips[start : start + rows]) for start in range(0, rows * columns, rows)]


def _unit(strips: Sequence[Strip], columns: int, gap: float) -> float:
    """How large it can be in so many columns; not above zero where they do not fit."""
    shown = _columns(strips, columns)
    code = CODE_WIDTH if any(strip.code for strip in strips) else 0
    room = (WIDTH - COLUMN_GAP * (columns - 1)) / columns - code
    titles = TITLE_HEIGHT * max(sum(strip.title is not None for strip in column) for column in shown)
    widest = max((strip.width for strip in strips), default=CELL_WIDTH)
    rows = ceil((len(strips) + 1) / columns)
    largest = LARGEST_UNIT if columns > 1 else 2 * LARGEST_UNIT
    return min(largest, room / widest, ((HEIGHT - titles) / rows - gap) / Strip.height)


def _strips_of_themes(figures: dict[str, Any]) -> list[Strip]:
    strips = []
    for theme in [*figures["themes"], {"code": "", "title": None}]:
        subjects = [row["whole"] for row in figures["commitments"] if row["theme"] == theme["code"]]
        for start in range(0, len(subjects), MOST_IN_STRIP):
            title = theme["title"] if start == 0 else None
            strips.append(_strip("", title, subjects[start : start + MOST_IN_STRIP], None))
    return strips


def _strip(code: str, title: dict[str, str] | None, subjects: list[dict[str, Any]], review: str | None) -> Strip:
    step = max([CELL_WIDTH, *(LETTER * len(subject["code"]) + 8 for subject in subjects)])
    cells = tuple(
        Cell(step * place, subject["code"], draw_subject(subject, review)) for place, subject in enumerate(subjects)
    )
    reviewer = Voice("", review)
    return Strip(
        code,
        title,
        cells,
        end=step * len(cells),
        review=reviewer.mark if review and cells else "",
        review_height=reviewer.height,
    )
