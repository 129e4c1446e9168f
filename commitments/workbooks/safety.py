"""Whether a file is a plain XLSX of a bounded size. Looked at before any parser builds something from it.

A spreadsheet is a zip of XML. A few kilobytes can claim a million rows, unpack to gigabytes or define entities that
grow; such a file is refused by its sizes and by one pass over its tags, in which nothing is kept.
"""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from openpyxl.utils import column_index_from_string, get_column_letter

# A plan of 60 milestones is some 60 kB, with about 10,000 tags. Excel itself allows 32,767 characters a cell.
MOST_BYTES = 5_000_000
MOST_PARTS = 300
MOST_UNPACKED = 25_000_000
MOST_TIMES_SMALLER = 200  # XML of empty cells packs to a hundredth
MOST_TAGS = 250_000
DEEPEST = 40
MOST_NAMED = 8_000  # characters in the definitions of named ranges
MOST_SHEETS = 20
MOST_ROWS = 2_000
MOST_COLUMNS = 120
MOST_CHARACTERS = 32_767

_OLE = b"\xd0\xcf\x11\xe0"
_BEFORE_XML = b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n"  # marks of an encoding, and blanks
_REFUSED_RELATIONS = {
    "vbaProject",
    "xlMacrosheet",
    "xlIntlMacrosheet",
    "dialogsheet",
    "oleObject",
    "package",
    "control",
    "ctrlProp",
    "activeXControlBinary",
    "externalLink",
    "connections",
    "queryTable",
}
_BEFORE_CELLS = {"sheetPr", "dimension", "sheetViews", "sheetFormatPr", "cols"}
_SPREADSHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
_PLACE = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")


@dataclass
class Part:
    """What a reader of values does not see of a sheet: its last row with content, and the places of odd cells."""

    last_row: int = 0
    formulas: set[str] = field(default_factory=set)  # A1
    merged: list[str] = field(default_factory=list)  # B2:C2


def refuse_unsafe(content: bytes) -> dict[str, Part]:
    """Raise ValidationError, with one sentence, unless this is an XLSX that may be read; the file's parts by path."""
    if not content:
        raise ValidationError(_("The file is empty."))
    if len(content) > MOST_BYTES:
        raise ValidationError(_("The file is larger than %(most)d MB.") % {"most": MOST_BYTES // 1_000_000})
    if content.startswith(_OLE):
        raise ValidationError(
            _("This file is in the old Excel format, or locked with a password. Save it as XLSX without a password.")
        )
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _refuse_odd_archive(archive)
            return _scan(archive)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, zipfile.zlib.error):  # type: ignore[attr-defined]
        raise not_a_spreadsheet() from None


def not_a_spreadsheet() -> ValidationError:
    return ValidationError(_("This is not an Excel workbook (XLSX), or it is damaged."))


def _too_large() -> ValidationError:
    return ValidationError(_("The workbook holds far more than a table of people's text: it is not opened."))


def _refuse_odd_archive(archive: zipfile.ZipFile) -> None:
    parts = archive.infolist()
    names = [part.filename for part in parts]
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise _too_large()
    if any(part.file_size > MOST_TIMES_SMALLER * max(part.compress_size, 1_000) for part in parts):
        raise _too_large()
    if "[Content_Types].xml" not in names or len(set(names)) < len(names):
        raise not_a_spreadsheet()
    if any(part.flag_bits & 1 for part in parts):
        raise ValidationError(_("The workbook is locked with a password. Save it without one."))


def _scan(archive: zipfile.ZipFile) -> dict[str, Part]:
    """One pass over every part that begins like XML, whatever its name."""
    tags = _Tags()
    parts: dict[str, Part] = {}
    for name in archive.namelist():
        content = archive.read(name)
        if content.startswith(b"PK\x03\x04"):
            raise ValidationError(_("The workbook holds another archive. Save a copy without it."))
        if content.lstrip(_BEFORE_XML).startswith(b"<"):
            parts[name] = tags.read(content)
    if any("macroEnabled" in kind for kind in tags.content_types):
        raise ValidationError(_("The workbook can hold macros. Save it as a plain XLSX."))
    if _SPREADSHEET not in tags.content_types:
        raise not_a_spreadsheet()
    return parts


class _Tags:
    """Counts tags over all parts, and follows where cells with content stand."""

    def __init__(self) -> None:
        self.count = self.sheets = self.named = 0
        self.content_types: set[str] = set()

    def read(self, content: bytes) -> Part:
        self.part = Part()
        self.depth = self.row = self.column = 0
        self.before_cells: set[str] = set()
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        try:
            self.parser.Parse(content, True)
        except (expat.ExpatError, ValueError, LookupError):
            raise not_a_spreadsheet() from None
        return self.part

    def _doctype(self, *_declared: Any) -> None:
        # The standard of these files forbids it; entities that grow are defined nowhere else.
        raise ValidationError(_("The workbook defines entities, which no spreadsheet program does: it is not opened."))

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        self.count += 1
        self.depth += 1
        if self.count > MOST_TAGS or self.depth > DEEPEST or any(len(v) > MOST_CHARACTERS for v in attributes.values()):
            raise _too_large()
        name = tag.rpartition(" ")[2]
        if self.depth == 2:
            self._refuse_odd_order(name)
        follow = getattr(self, f"_in_{name}", None) if name in _FOLLOWED else None
        if follow is not None:
            follow(attributes)

    def _end(self, _tag: str) -> None:
        self.depth -= 1
        self.parser.CharacterDataHandler = None

    def _refuse_odd_order(self, name: str) -> None:
        """What stands after the cells of a sheet is never parsed again, so nothing of it may stand before them."""
        if name == "sheetData" and not self.before_cells <= _BEFORE_CELLS:
            raise not_a_spreadsheet()
        self.before_cells.add(name)

    def _in_Default(self, attributes: dict[str, str]) -> None:
        self.content_types.add(attributes.get("ContentType", ""))

    _in_Override = _in_Default

    def _in_Relationship(self, attributes: dict[str, str]) -> None:
        kind = attributes.get("Type", "").rpartition("/")[2]
        if kind in _REFUSED_RELATIONS:
            raise ValidationError(
                _("The workbook holds macros, embedded objects or links to other files. Save a copy without them.")
            )
        if kind == "chartsheet":
            raise ValidationError(_("A sheet of the workbook is a chart. Delete it and try again."))

    def _in_sheet(self, _attributes: dict[str, str]) -> None:
        self.sheets += 1
        if self.sheets > MOST_SHEETS:
            raise ValidationError(_("The workbook has more than %(most)d sheets.") % {"most": MOST_SHEETS})

    def _in_definedName(self, _attributes: dict[str, str]) -> None:
        self.parser.CharacterDataHandler = self._count_named

    def _count_named(self, text: str) -> None:
        self.named += len(text)
        if self.named > MOST_NAMED:
            raise _too_large()

    def _in_row(self, attributes: dict[str, str]) -> None:
        """Rows and cells stand in order, so that none is passed over where they are read."""
        number = int(attributes.get("r", self.row + 1))
        if number <= self.row:
            raise not_a_spreadsheet()
        self.row, self.column = number, 0

    def _in_c(self, attributes: dict[str, str]) -> None:
        column = self.column + 1
        if "r" in attributes:
            place = _PLACE.fullmatch(attributes["r"])
            if place is None or int(place[2]) != self.row:
                raise not_a_spreadsheet()
            column = column_index_from_string(place[1])
        if column <= self.column:
            raise not_a_spreadsheet()
        self.column = column

    def _in_v(self, _attributes: dict[str, str]) -> None:
        """A cell's content. Programs write empty cells down to the last row there can be; those are nothing."""
        if self.row > MOST_ROWS:
            raise ValidationError(_("A sheet has more than %(most)d rows.") % {"most": MOST_ROWS})
        if self.column > MOST_COLUMNS:
            raise ValidationError(_("A sheet has more than %(most)d columns.") % {"most": MOST_COLUMNS})
        self.part.last_row = self.row

    _in_is = _in_v

    def _in_f(self, attributes: dict[str, str]) -> None:
        self._in_v(attributes)
        if self.row and self.column:
            self.part.formulas.add(f"{get_column_letter(self.column)}{self.row}")

    def _in_mergeCell(self, attributes: dict[str, str]) -> None:
        self.part.merged.append(attributes.get("ref", ""))


_FOLLOWED = {name.removeprefix("_in_") for name in vars(_Tags) if name.startswith("_in_")}
