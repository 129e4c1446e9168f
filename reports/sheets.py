"""What a sheet of the report's workbook looks like: heads that stay in sight, widths, filters, and its print."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import ceil
from typing import Any

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter

from commitments.workbooks import put
from commitments.workbooks.safety import MOST_CHARACTERS

Value = str | int | Decimal | datetime.date | None
Row = list[Value]

WORDS, PROSE, CODE, NUMBER, DAY = "words", "prose", "code", "number", "day"
INK, WASH, RULE = "13212E", "F2F5F8", "CBD3DB"
HEAD_LINE = Border(bottom=Side(style="medium", color=INK))
LINE = Border(bottom=Side(style="thin", color=RULE))
LONGEST_TITLE = 31  # letters, by the format
PLAIN, BOLD = Font(name="Arial", size=10, color=INK), Font(name="Arial", size=10, bold=True, color=INK)
LINE_HEIGHT, TALLEST = 13.5, 409.0  # points; the second by the format
MANY_COLUMNS = 9  # from which a sheet is printed on A3


@dataclass(frozen=True)
class Column:
    heading: str
    width: int  # in letters
    kind: str = WORDS


@dataclass(frozen=True)
class Table:
    """A sheet to be: left out without rows, unless it ``stays_empty``."""

    title: str
    columns: Sequence[Column]
    rows: Iterable[Row]
    stays_empty: bool = False


def as_date(value: str) -> datetime.date | None:
    return datetime.date.fromisoformat(value) if value else None


def percent_or_number(printed: str) -> Value:
    """A figure that is printed as a whole number or per cent, as one; else the words as they are."""
    if re.fullmatch(r"\d{1,9}", printed):
        return int(printed)
    if found := re.fullmatch(r"(\d{1,3})\s?%", printed):
        return Decimal(found[1]) / 100
    return printed


def add_sheet(
    book: Workbook, title: str, columns: Sequence[Column], rows: Iterable[Row], *, head: str, headless: bool = False
) -> None:
    """A sheet under its headings; ``head`` is printed on every page. ``headless``: names stand in the first column."""
    sheet = book.create_sheet(title[:LONGEST_TITLE])
    for place, column in enumerate(columns, start=1):
        sheet.column_dimensions[get_column_letter(place)].width = column.width
        if not headless:
            cell = put(sheet.cell(1, place), column.heading)
            cell.font, cell.border = BOLD, HEAD_LINE
            cell.fill = PatternFill("solid", fgColor=WASH)
            cell.alignment = Alignment(
                wrap_text=True, vertical="bottom", horizontal="right" if column.kind == NUMBER else "left"
            )
    if not headless:
        sheet.row_dimensions[1].height = _height(columns, [column.heading for column in columns])
    first = 1 if headless else 2
    last = first - 1
    for last, row in enumerate(rows, start=first):
        for place, (column, value) in enumerate(zip(columns, row, strict=True), start=1):
            _write(sheet.cell(last, place), column, value)
        if headless:
            sheet.cell(last, 1).font = BOLD
        sheet.row_dimensions[last].height = _height(columns, row)
    if not headless:
        sheet.freeze_panes = "C2" if len(columns) > 4 and columns[0].kind == CODE else "A2"
        sheet.auto_filter.ref = f"A1:{get_column_letter(len(columns))}{last}"
        sheet.print_title_rows = "1:1"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A3 if len(columns) > MANY_COLUMNS else sheet.PAPERSIZE_A4
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    # An ampersand begins a code of the format.
    sheet.oddHeader.left.text = head.replace("&", "&&")
    sheet.oddFooter.right.text = "&P / &N"


def _write(cell: Any, column: Column, value: Value) -> None:
    if isinstance(value, datetime.date):
        cell.value, cell.number_format = value, "yyyy-mm-dd"
    elif isinstance(value, Decimal):
        cell.value, cell.number_format = value, "0%"
    else:
        put(cell, _fitting(value) if isinstance(value, str) else value)
        if isinstance(value, str):
            cell.number_format = "@"
    right = column.kind == NUMBER and not isinstance(value, str)
    # Text to the left and figures to the right, whatever a cell holds in a program of another language.
    cell.alignment = Alignment(wrap_text=True, vertical="top", horizontal="right" if right else "left")
    cell.border, cell.font = LINE, PLAIN


def _fitting(text: str) -> str:
    """The text, or as much of it as a cell holds and where the rest is."""
    if len(text) <= MOST_CHARACTERS:
        return text
    end = _("[The text goes on. A cell holds no more; all of it is in the report's PDF, HTML, JSON and data package.]")
    return f"{text[: MOST_CHARACTERS - len(end) - 2]}… {end}"


def _height(columns: Sequence[Column], row: Row) -> float:
    """High enough for the longest text of the row, since not every program works it out when it opens the file."""
    lines = [
        sum(ceil((len(line) or 1) / column.width) for line in str(value).split("\n"))
        for column, value in zip(columns, row, strict=True)
        if isinstance(value, str)
    ]
    return min(LINE_HEIGHT * max(lines, default=1) + 3, TALLEST)
