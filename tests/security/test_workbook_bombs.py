"""Files that are no honest workbook are refused with one sentence, before anything is built from them."""

import io
import time
import zipfile

import pytest
from django.core.exceptions import ValidationError

from commitments.workbooks import read_workbook
from commitments.workbooks.safety import MOST_BYTES
from tests.workbook_files import part_of, with_parts, workbook_of

SHEET = "xl/worksheets/sheet1.xml"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
DAMAGED = "This is not an Excel workbook (XLSX), or it is damaged."
FAR_TOO_MUCH = "The workbook holds far more than a table of people's text: it is not opened."
ENTITIES = "The workbook defines entities, which no spreadsheet program does: it is not opened."
OLD_OR_LOCKED = "This file is in the old Excel format, or locked with a password. Save it as XLSX without a password."
MACROS_OR_LINKS = "The workbook holds macros, embedded objects or links to other files. Save a copy without them."
SECONDS = 2.0


def honest() -> bytes:
    return workbook_of(Rows=[["Code", "Title"], ["1.1", "Open it"]])


def with_sheet(cells: str, *, before: str = "", after: str = "", declared: str = "") -> bytes:
    page = f'{declared}<worksheet xmlns="{MAIN}">{before}<sheetData>{cells}</sheetData>{after}</worksheet>'
    return with_parts(honest(), {SHEET: page.encode()})


def with_relation(kind: str) -> bytes:
    relation = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId9" '
        f'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}" Target="x.bin"/>'
        "</Relationships>"
    )
    return with_parts(honest(), {"xl/worksheets/_rels/sheet1.xml.rels": relation.encode()})


def archive_of(**parts: bytes) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/"), content)
    return written.getvalue()


def docx() -> bytes:
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    types = f'<Types><Override PartName="/word/document.xml" ContentType="{kind}"/></Types>'
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        archive.writestr("[Content_Types].xml", types)
        archive.writestr("word/document.xml", "<document/>")
    return written.getvalue()


LAUGHS = "<!DOCTYPE x [<!ENTITY a0 'ha'>" + "".join(f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 10))


def laughs(encoding: str = "utf-8") -> bytes:
    cells = f'<worksheet xmlns="{MAIN}"><sheetData>&a9;</sheetData></worksheet>'
    page = f'<?xml version="1.0" encoding="{encoding}"?>{LAUGHS}]>{cells}'
    return with_parts(honest(), {SHEET: page.encode(encoding)})


def cell(place: str, value: str = "1") -> str:
    return f'<row r="{place.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")}"><c r="{place}"><v>{value}</v></c></row>'


HOSTILE = {
    "nothing": (b"", "The file is empty."),
    "text": (b"code;title\n1.1;Open it\n", DAMAGED),
    "old Excel": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000), OLD_OR_LOCKED),
    "too many bytes": (bytes(MOST_BYTES + 1), "The file is larger than 5 MB."),
    "another archive": (archive_of(**{"a.txt": b"x"}), DAMAGED),
    "a letter": (docx(), DAMAGED),
    "cut off": (honest()[:-200], DAMAGED),
    "a damaged part": (with_parts(honest(), {SHEET: b"<worksheet><sheetData>"}), DAMAGED),
    "a part that unpacks to 20 MB": (with_parts(honest(), {SHEET: b"<a>" + b" " * 20_000_000}), FAR_TOO_MUCH),
    "parts that unpack to 30 MB": (
        with_parts(honest(), {f"xl/a{n}.xml": bytes(range(256)) * 4 * 1_100 for n in range(30)}),
        FAR_TOO_MUCH,
    ),
    "many parts": (with_parts(honest(), {f"xl/a{n}.xml": b"<a/>" for n in range(400)}), FAR_TOO_MUCH),
    "an archive in it": (
        with_parts(honest(), {"xl/media/x.png": honest()}),
        "The workbook holds another archive. Save a copy without it.",
    ),
    "entities": (laughs(), ENTITIES),
    "entities in UTF-16": (laughs("utf-16"), ENTITIES),
    "entities in a part that claims to be a picture": (
        with_parts(honest(), {"xl/media/x.png": f"{LAUGHS}]><a>&a9;</a>".encode()}),
        ENTITIES,
    ),
    "an entity from elsewhere": (
        with_sheet("&x;", declared='<!DOCTYPE x [<!ENTITY x SYSTEM "file:///etc/passwd">]>'),
        ENTITIES,
    ),
    "the last cell there is": (with_sheet(cell("XFD1048576")), "A sheet has more than 2000 rows."),
    "a far column": (with_sheet(cell("XFD1")), "A sheet has more than 120 columns."),
    "rows without numbers": (with_sheet("<row><c><v>1</v></c></row>" * 2_001), "A sheet has more than 2000 rows."),
    "a million empty cells": (with_sheet(f"<row>{'<c/>' * 300_000}</row>"), FAR_TOO_MUCH),
    "tags in tags": (with_sheet("<row>" * 5_000 + "</row>" * 5_000), FAR_TOO_MUCH),
    "a long attribute": (with_sheet(f'<row><c r="A1" x="{"A1 " * 20_000}"/></row>'), FAR_TOO_MUCH),
    "rules before the cells": (with_sheet(cell("A1"), before="<mergeCells/>"), DAMAGED),
    "rows out of order": (with_sheet(cell("A2") + cell("A1")), DAMAGED),
    "cells out of order": (with_sheet('<row r="1"><c r="B1"><v>1</v></c><c r="A1"><v>1</v></c></row>'), DAMAGED),
    "a number of 5,000 digits": (with_sheet(cell("A1", "9" * 5_000)), DAMAGED),
    "macros": (with_relation("vbaProject"), MACROS_OR_LINKS),
    "an embedded object": (with_relation("oleObject"), MACROS_OR_LINKS),
    "a link to another file": (with_relation("externalLink"), MACROS_OR_LINKS),
    "a chart as a sheet": (with_relation("chartsheet"), "A sheet of the workbook is a chart. Delete it and try again."),
    "a workbook that may hold macros": (
        with_parts(
            honest(),
            {
                "[Content_Types].xml": part_of(honest(), "[Content_Types].xml").replace(
                    b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
                    b"application/vnd.ms-excel.sheet.macroEnabled.main+xml",
                )
            },
        ),
        "The workbook can hold macros. Save it as a plain XLSX.",
    ),
    "many sheets": (
        workbook_of(**{f"s{n}": [["x"]] for n in range(21)}),
        "The workbook has more than 20 sheets.",
    ),
    "named ranges without end": (
        with_parts(
            honest(),
            {
                "xl/workbook.xml": part_of(honest(), "xl/workbook.xml").replace(
                    b"<calcPr", b"<definedNames><definedName name='_xlnm.Print_Area' localSheetId='0'>"
                    + b"Rows!$A$1," * 2_000 + b"</definedName></definedNames><calcPr"
                )
            },
        ),
        FAR_TOO_MUCH,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_within_seconds_with_a_sentence(name):
    content, sentence = HOSTILE[name]
    started = time.process_time()
    with pytest.raises(ValidationError) as refused:
        read_workbook(content)
    assert refused.value.messages == [sentence]
    assert time.process_time() - started < SECONDS


@pytest.mark.parametrize(
    "after",
    [
        '<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>',
        '<hyperlinks><hyperlink ref="A1:XFD1048576" location="x"/></hyperlinks>',
        f'<dataValidations><dataValidation sqref="{"A1 B2 " * 5_000}" type="whole"/></dataValidations>',
    ],
)
def test_ranges_over_the_whole_sheet_cost_nothing(after):
    started = time.process_time()
    sheet = read_workbook(with_sheet(cell("A1"), after=after)).sheets[0]
    assert {number: [cell.text for cell in cells.values()] for number, cells in sheet.rows.items()} == {1: ["1"]}
    assert time.process_time() - started < SECONDS


def test_the_fullest_workbook_that_is_read_takes_seconds():
    rows = [[f"{row}.{column}" for column in range(39)] for row in range(2_000)]
    content = workbook_of(Rows=rows)
    started = time.process_time()
    assert len(read_workbook(content).sheets[0].rows) == 2_000
    assert time.process_time() - started < 3 * SECONDS


def test_empty_cells_down_to_the_last_row_are_nothing():
    """LibreOffice writes the format of a whole column as one last row."""
    sheet = read_workbook(with_sheet(cell("A1") + '<row r="1048576"><c r="XFD1048576"/></row>')).sheets[0]
    assert list(sheet.rows) == [1]
