"""A workbook as text: rows under headings, with the row and column of everything that cannot be read."""

from __future__ import annotations

import datetime
import io
import re
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from openpyxl import load_workbook
from openpyxl.utils import get_column_letter

from commitments.text import fold, normalise, refuse_control_characters
from commitments.workbooks.columns import LISTS, Column
from commitments.workbooks.safety import MOST_CHARACTERS, MOST_COLUMNS, Part, not_a_spreadsheet, refuse_unsafe

_DECIMALS = re.compile(r"0\.(0+)")


@dataclass(frozen=True)
class Problem:
    """What cannot be taken over, and where: sheet, number of the row, heading of the column; 0 or empty for a whole."""

    sheet: str
    row: int
    column: str
    text: str

    def __str__(self) -> str:
        row = _("row %(number)d") % {"number": self.row} if self.row else ""
        place = ", ".join(part for part in (self.sheet, row, self.column) if part)
        return f"{place}: {self.text}" if place else self.text


@dataclass(frozen=True)
class Cell:
    text: str  # NFC, line ends as \n, no blanks at its ends
    problem: str = ""  # a sentence, where the cell holds something that is no text


@dataclass(frozen=True)
class Sheet:
    title: str
    is_hidden: bool
    rows: Mapping[int, Mapping[int, Cell]]  # numbers from 1; empty cells and rows are left out
    merged: tuple[str, ...]  # ranges, B2:C2


@dataclass(frozen=True)
class Row:
    """A row of a table, by the keys of its columns; without those that have no column or no readable cell."""

    number: int
    texts: Mapping[str, str]


@dataclass(frozen=True)
class Table:
    """What stands under a sheet's headings."""

    rows: tuple[Row, ...]
    problems: tuple[Problem, ...]
    unread: tuple[str, ...] = ()  # headings that mean nothing here
    is_readable: bool = True  # False: there are no rows to speak of; the problems say why


class ReadWorkbook:
    def __init__(self, sheets: Iterable[Sheet]) -> None:
        self.sheets = tuple(sheets)

    def sheet(self, names: tuple[str, str]) -> Sheet | None:
        """The sheet with one of these names, in any case."""
        wanted = {fold(name) for name in names} | {fold(sheet_title(names))}
        return next((sheet for sheet in self.sheets if fold(sheet.title) in wanted), None)

    def table(self, names: tuple[str, str], columns: Sequence[Column]) -> Table:
        """Rows of the sheet with one of these names; headings in any order, in either language."""
        sheet = self.sheet(names)
        if sheet is None:
            title = sheet_title(names)
            return _unreadable(Problem("", 0, "", _("There is no sheet “%(title)s”.") % {"title": title}))
        if sheet.is_hidden:
            return _unreadable(Problem(sheet.title, 0, "", _("The sheet is hidden. Show it, or delete it.")))
        return _read_table(sheet, columns)

    def unread_sheets(self, known: Iterable[tuple[str, str]]) -> tuple[str, ...]:
        """Titles of sheets with content that mean nothing here."""
        read = {sheet.title for names in known if (sheet := self.sheet(names))} | {LISTS}
        return tuple(sheet.title for sheet in self.sheets if sheet.rows and sheet.title not in read)


def sheet_title(names: tuple[str, str]) -> str:
    """A sheet's name in both languages, as the tracker writes it; a spreadsheet takes 31 characters."""
    english, mongolian = names
    both = f"{english} - {mongolian}"
    return both if english != mongolian and len(both) <= 31 else english[:31]


def read_workbook(content: bytes) -> ReadWorkbook:
    """Every sheet of an XLSX as text. Raises ValidationError, with one sentence, for what is none or too large."""
    parts = refuse_unsafe(content)
    try:
        with warnings.catch_warnings():
            # Of what the parser leaves out (themes, extensions, odd dates) nothing is text.
            warnings.simplefilter("ignore")
            book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
            paths = [sheet._worksheet_path for sheet in book.worksheets]
            if len(set(paths)) < len(paths):
                raise not_a_spreadsheet()
            return ReadWorkbook([_read_sheet(sheet, parts[sheet._worksheet_path]) for sheet in book.worksheets])
    except ValidationError:
        raise
    except Exception as error:
        # The parser raises whatever a broken file makes it stumble over.
        raise not_a_spreadsheet() from error


def _read_sheet(sheet: Any, part: Part) -> Sheet:
    rows: dict[int, dict[int, Cell]] = {}
    # Not a row further: what stands after the cells is never parsed.
    below = sheet.iter_rows(min_row=1, max_row=part.last_row + 1, min_col=1, max_col=MOST_COLUMNS)
    for number, cells in enumerate(islice(below, part.last_row), start=1):
        read = {
            place: cell
            for place, raw in enumerate(cells, start=1)
            if (cell := _read_cell(raw, f"{get_column_letter(place)}{number}" in part.formulas))
        }
        if read:
            rows[number] = read
    return Sheet(sheet.title, sheet.sheet_state != "visible", rows, tuple(part.merged))


def _read_cell(raw: Any, is_formula: bool) -> Cell | None:
    if is_formula:
        return Cell("", _("The cell holds a formula. Put its value there instead."))
    if raw.value is None:
        return None
    if raw.data_type == "e":
        return Cell("", _("The cell holds an error (%(error)s).") % {"error": raw.value})
    text = normalise(_text(raw).replace("_x000D_\n", "\n").replace("_x000D_", "\n"))
    if len(text) > MOST_CHARACTERS:
        return Cell("", _("The cell holds more than %(most)d characters.") % {"most": MOST_CHARACTERS})
    try:
        refuse_control_characters(text)
    except ValidationError as error:
        return Cell("", error.messages[0])
    return Cell(text) if text else None


def _text(raw: Any) -> str:
    """A value as it would be typed into a form: 3 and not 3.0, 2024-01-31, 1.10 where the cell shows two decimals."""
    value = raw.value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, datetime.datetime) and value.time() == datetime.time():
        return value.date().isoformat()
    if isinstance(value, int | float):
        decimals = _DECIMALS.fullmatch(raw.number_format or "")
        if decimals:
            return f"{value:.{len(decimals[1])}f}"
        return str(int(value)) if value == int(value) else repr(value)
    return str(value)


def _unreadable(*problems: Problem) -> Table:
    return Table((), problems, is_readable=False)


def _read_table(sheet: Sheet, columns: Sequence[Column]) -> Table:
    if sheet.merged:
        sentence = _("The cells %(range)s are merged. Split them.")
        return _unreadable(*(Problem(sheet.title, 0, "", sentence % {"range": merged}) for merged in sheet.merged))
    if not sheet.rows:
        return _unreadable(Problem(sheet.title, 0, "", _("The sheet is empty.")))
    heading_row = _heading_row(sheet, columns)
    problems: list[Problem] = []
    found, unread = _match_headings(sheet, heading_row, columns, problems)
    if problems:
        return _unreadable(*problems)
    rows = []
    for number, cells in sheet.rows.items():
        if number > heading_row:
            texts = _read_row(sheet, number, cells, heading_row, found, problems)
            if texts is not None:
                rows.append(Row(number, texts))
    return Table(tuple(rows), tuple(problems), unread)


def _read_row(
    sheet: Sheet,
    number: int,
    cells: Mapping[int, Cell],
    heading_row: int,
    found: Mapping[int, Column],
    problems: list[Problem],
) -> dict[str, str] | None:
    """The texts of a row; None for an empty one, and for one that cannot be known by what it needs."""
    texts = {column.key: "" for column in found.values()}
    for place, cell in cells.items():
        column = found.get(place)
        if column is None:
            if place not in sheet.rows[heading_row]:
                letter = get_column_letter(place)
                text = _("There is something in column %(letter)s, which has no heading.") % {"letter": letter}
                problems.append(Problem(sheet.title, number, "", text))
        elif cell.problem:
            problems.append(Problem(sheet.title, number, column.label, cell.problem))
            del texts[column.key]
        else:
            texts[column.key] = cell.text
    needed = {column.key for column in found.values() if column.is_required}
    return texts if any(texts.values()) and needed <= texts.keys() else None


def _heading_row(sheet: Sheet, columns: Sequence[Column]) -> int:
    """The row among the first ones that has most of the headings: somebody may have put a title above them."""
    known = {fold(label) for column in columns for label in column.labels}
    first = sorted(sheet.rows)[:10]
    return max(
        first, key=lambda number: sum(not known.isdisjoint(_lines(cell)) for cell in sheet.rows[number].values())
    )


def _lines(cell: Cell) -> list[str]:
    return [fold(line) for line in cell.text.split("\n")]


def _match_headings(
    sheet: Sheet, heading_row: int, columns: Sequence[Column], problems: list[Problem]
) -> tuple[dict[int, Column], tuple[str, ...]]:
    """Which column stands where; adds what is missing or stands twice to the problems."""
    known = {fold(label): column for column in columns for label in column.labels}
    found: dict[int, Column] = {}
    unread = []
    for place, cell in sheet.rows[heading_row].items():
        column = next((known[line] for line in _lines(cell) if line in known), None)
        if column is None:
            unread.append(cell.text)
        elif column in found.values():
            text = _("The column stands there twice.")
            problems.append(Problem(sheet.title, heading_row, column.label, text))
        else:
            found[place] = column
    problems += [
        Problem(sheet.title, heading_row, column.label, _("There is no such column."))
        for column in columns
        if column.is_required and column not in found.values()
    ]
    return found, tuple(unread)
