"""The cover's drawing of a whole plan: one strip of uprights for each commitment, or for each theme.

Pure: from the report's content to numbers. A strip's unit is that of `assessments.drawings`; lengths are millimetres.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import ceil
from typing import Any

from assessments.drawings import CELL_HEIGHT, CELL_WIDTH, MARK, Spine, Voice
from reports.templatetags.report import draw_subject

LABEL = 13  # units below the uprights, for their codes
LETTER = 6  # units that a letter of a code is wide
END = 20  # units right of the last upright, for the reviewer's mark
ROW_GAP = 7.5  # millimetres
WIDTH, HEIGHT = 172, 138  # millimetres of the whole drawing
TITLE_HEIGHT = 7  # millimetres of a theme above its strip
CODE_WIDTH = 8  # millimetres left of a strip
LARGEST_UNIT = 0.255
FEWEST_IN_COLUMNS = 5  # rows from which there are two columns
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
    def shown_width(self) -> str:
        return f"{self.width * self.unit:.2f}"

    @property
    def shown_height(self) -> str:
        return f"{self.height * self.unit:.2f}"


@dataclass(frozen=True)
class Plot:
    """Strips in one or two columns."""

    columns: tuple[tuple[Strip, ...], ...]


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
    two = len(strips) >= FEWEST_IN_COLUMNS
    # The labelled example stands below the last strip.
    rows = ceil((len(strips) + 1) / 2) if two else len(strips) + 1
    room = (WIDTH - 8) / 2 - CODE_WIDTH if two else WIDTH - (0 if figures["plan"]["rated_as_whole"] else CODE_WIDTH)
    widest = max((strip.width for strip in strips), default=CELL_WIDTH)
    largest = LARGEST_UNIT if two else 2 * LARGEST_UNIT
    titles = TITLE_HEIGHT * sum(strip.title is not None for strip in strips)
    unit = min(largest, room / widest, ((HEIGHT - titles) / rows - ROW_GAP) / Strip.height)
    shown = tuple(replace(strip, unit=unit) for strip in strips)
    return Plot((shown[:rows], shown[rows:]) if two else (shown,))


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
