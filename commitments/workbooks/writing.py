"""Workbooks that people fill in, and cells that are never formulas."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from commitments.workbooks.columns import LISTS, Column
from commitments.workbooks.reading import sheet_title
from commitments.workbooks.safety import MOST_CHARACTERS, MOST_ROWS

_AS_TEXT = "@"
_WRAPPED = Alignment(wrap_text=True, vertical="top")
_INK, _WASH, _RULE = "13212E", "F2F5F8", "CBD3DB"
_LINE = Border(bottom=Side(style="thin", color=_RULE))


def put(cell: Any, value: str | int | None) -> Any:
    """Write a value. A text is never a formula, whatever it begins with, and stays text when somebody edits it."""
    if isinstance(value, str) and value:
        if len(value) > MOST_CHARACTERS:
            raise ValidationError(
                _("A text of more than %(most)d characters does not fit into a cell: “%(beginning)s…”")
                % {"most": MOST_CHARACTERS, "beginning": value[:60]}
            )
        cell.value = value
        cell.data_type = "s"
        cell.quotePrefix = value[:1] in {"=", "+", "-", "@"}
    elif value != "":
        cell.value = value
    return cell


def add_instructions(book: Workbook, names: tuple[str, str], paragraphs: Iterable[tuple[str, str]]) -> Any:
    """A sheet to read, not to fill in: each paragraph in English and Mongolian, beside each other."""
    sheet = book.create_sheet(sheet_title(names))
    for column in ("A", "B"):
        sheet.column_dimensions[column].width = 70
    for number, pair in enumerate(paragraphs, start=1):
        for place, text in enumerate(pair, start=1):
            cell = put(sheet.cell(number, place), text)
            cell.alignment = _WRAPPED
            cell.font = Font(bold=number == 1, size=14 if number == 1 else 11, color=_INK)
    _protect(sheet)
    return sheet


def add_table(
    book: Workbook,
    names: tuple[str, str],
    columns: Sequence[Column],
    rows: Iterable[Mapping[str, Any]],
    *,
    frozen: int = 1,
    grows: bool = False,
    is_locked: Callable[[Mapping[str, Any]], bool] = lambda row: False,
) -> Any:
    """A sheet with headings and rows (by the keys of the columns); locked where a column is, or a row.

    ``frozen``: how many columns stay in sight. ``grows``: whether rows may be added below.
    """
    sheet = book.create_sheet(sheet_title(names))
    for place, column in enumerate(columns, start=1):
        cell = put(sheet.cell(1, place), column.heading)
        cell.font, cell.alignment, cell.border = Font(bold=True, color=_INK), _WRAPPED, _LINE
        cell.fill = PatternFill("solid", fgColor=_WASH)
        dimension = sheet.column_dimensions[get_column_letter(place)]
        dimension.width = column.width
        if grows and not column.is_locked:
            dimension.protection, dimension.number_format = Protection(locked=False), _AS_TEXT
            dimension.alignment = _WRAPPED
    last = 1
    for last, row in enumerate(rows, start=2):
        for place, column in enumerate(columns, start=1):
            cell = put(sheet.cell(last, place), row.get(column.key))
            cell.alignment, cell.border, cell.number_format = _WRAPPED, _LINE, _AS_TEXT
            locked = column.is_locked or is_locked(row)
            cell.protection = Protection(locked=locked)
            if locked:
                cell.fill = PatternFill("solid", fgColor=_WASH)
    for place, column in enumerate(columns, start=1):
        if column.choices and (grows or last > 1):
            _offer(book, sheet, place, column, MOST_ROWS if grows else last)
    sheet.freeze_panes = sheet.cell(2, frozen + 1)
    _protect(sheet)
    return sheet


def to_bytes(book: Workbook) -> bytes:
    """The file; the sheet that is read first stands first, and is open."""
    if LISTS in book.sheetnames:
        book.move_sheet(LISTS, len(book.sheetnames))
    book.active = 0
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def new_workbook() -> Workbook:
    book = Workbook()
    book.remove(book.worksheets[0])
    return book


def _protect(sheet: Any) -> None:
    """Against slips of the hand, so without a password; widths and heights are the reader's."""
    sheet.protection.sheet = True
    sheet.protection.formatColumns = sheet.protection.formatRows = False
    sheet.page_setup.orientation, sheet.page_setup.fitToHeight = "landscape", 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_title_rows = "1:1"


def _offer(book: Workbook, sheet: Any, place: int, column: Column, last: int) -> None:
    """A drop-down. Its list stands in a sheet of its own, since a list inside the cell breaks at commas."""
    lists = book[LISTS] if LISTS in book.sheetnames else book.create_sheet(LISTS)
    lists.sheet_state = "hidden"
    free = 1 if lists.max_column == 1 and lists["A1"].value is None else lists.max_column + 1
    for number, choice in enumerate(column.choices, start=1):
        put(lists.cell(number, free), choice)
    letter = get_column_letter(free)
    rule = DataValidation(
        type="list", formula1=f"={LISTS}!${letter}$1:${letter}${len(column.choices)}", allow_blank=True
    )
    rule.error, rule.showErrorMessage = " - ".join(column.labels), True
    target = get_column_letter(place)
    rule.add(f"{target}2:{target}{last}")
    sheet.add_data_validation(rule)
