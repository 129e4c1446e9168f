"""XLSX bytes for tests: of rows, and with parts that somebody has written by hand."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Mapping
from typing import Any

from openpyxl import Workbook, load_workbook


def workbook_of(**sheets: Iterable[Iterable[Any]]) -> bytes:
    """Sheets by title, rows of values as a spreadsheet program would store them."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(list(row))
    return saved(book)


def saved(book: Workbook) -> bytes:
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def edited(content: bytes, changes: Mapping[tuple[str, str], Any]) -> bytes:
    """The workbook with some cells changed, as somebody who opens it would: ``{("Rows", "B2"): "new"}``.

    A text is a text, whatever it begins with; ``==A1`` is the formula ``=A1``.
    """
    book = load_workbook(io.BytesIO(content))
    for (title, place), value in changes.items():
        cell = book[title][place]
        if isinstance(value, str) and value.startswith("=="):
            cell.value = value[1:]
        else:
            cell.value = value
            cell.data_type = "s" if isinstance(value, str) else cell.data_type
    return saved(book)


def with_parts(content: bytes, parts: Mapping[str, bytes]) -> bytes:
    """The same archive with some parts replaced or added."""
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name not in parts:
                new.writestr(name, old.read(name))
        for name, part in parts.items():
            new.writestr(name, part)
    return written.getvalue()


def part_of(content: bytes, name: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return archive.read(name)
