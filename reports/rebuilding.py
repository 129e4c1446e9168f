"""The files of a released report made again from its frozen figures, and compared with those that were released."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from openpyxl import load_workbook

from reports.frozen import canonical_of
from reports.models import Release, Report, ReportFile
from reports.released_files import file_of, making


@dataclass(frozen=True)
class Rebuilt:
    """A file as it comes out today; ``difference`` is empty where it is the same."""

    file: ReportFile
    content: bytes
    difference: str


def rebuild(report: Report) -> Iterator[Rebuilt]:
    """Each file in the order of the chain. Raises FontsMissing and RenderingFailed.

    Workbooks are compared by the values of their cells (the file says when it was made), everything else byte by byte.
    """
    frozen = canonical_of(report)
    for file in report.files.order_by("position"):
        content = file_of(frozen, file.language, file.format)
        yield Rebuilt(file, content, _difference(file, content))


def _difference(file: ReportFile, content: bytes) -> str:
    if file.format != ReportFile.Format.XLSX:
        sha256 = hashlib.sha256(content).hexdigest()
        return "" if sha256 == file.sha256 else f"SHA-256 {sha256}, not {file.sha256}"
    try:
        with file.file.open("rb") as stored:
            released = stored.read()
    except OSError as error:
        return f"the released file cannot be read ({type(error).__name__})"
    try:
        return _first_other_cell(_cells(released), _cells(content))
    except Exception as error:  # the released file may be anything by now
        return f"the released file is no workbook ({type(error).__name__})"


def _cells(content: bytes) -> dict[tuple[str, int, int], Any]:
    book = load_workbook(io.BytesIO(content), read_only=True)
    return {
        (sheet.title, row, column): value
        for sheet in book.worksheets
        for row, values in enumerate(sheet.iter_rows(values_only=True), start=1)
        for column, value in enumerate(values, start=1)
        if value is not None
    }


def _first_other_cell(released: dict[tuple[str, int, int], Any], now: dict[tuple[str, int, int], Any]) -> str:
    for place in sorted(released.keys() | now.keys()):
        if released.get(place) != now.get(place):
            sheet, row, column = place
            return f"sheet {sheet}, row {row}, column {column}: {now.get(place)!r}, not {released.get(place)!r}"
    return ""


def other_making(report: Report) -> list[str]:
    """What the files were made with that is another thing here, a line each."""
    release = Release.objects.filter(report=report, state=Release.State.DONE).first()
    then, now = release.made_with if release else {}, making()
    return [
        f"{name}: {then.get(name, 'not known')} then, {now[name]} here" for name in now if then.get(name) != now[name]
    ]
