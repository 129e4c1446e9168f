"""The figures of a report as a data package (Frictionless): CSV tables, and a `datapackage.json` about them.

Made from the frozen figures alone. A text is in the column of its language; what exists in one language only leaves
the other column empty. A text that a spreadsheet would take for a formula has an apostrophe before it.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from typing import Any

from commitments.localised import LANGUAGES
from commitments.tables import guarded
from reports.content import Figures
from reports.data_rows import Row
from reports.data_tables import TABLES, Table

EARLIEST = (1980, 1, 1, 0, 0, 0)  # that a zip can say: nothing in the file tells when it was made
ESCAPED = (
    "Texts that begin with = + - @ and are no mere number have an apostrophe before them, "
    "so that no spreadsheet takes them for a formula."
)


def package_of(figures: Mapping[str, Figures]) -> bytes:
    """The zip: equal figures give equal bytes. Uncompressed, since compressors differ between machines."""
    english, mongolian = (figures[language] for language in LANGUAGES)
    tables = [(table, list(table.rows(english, mongolian))) for table in TABLES]
    contents = {table.path: _csv(table, rows) for table, rows in tables}
    resources = [_resource(table, contents[table.path]) for table, _rows in tables]
    contents = {"datapackage.json": _descriptor(english, mongolian, resources), **contents}
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_STORED) as archive:
        for name, content in contents.items():
            entry = zipfile.ZipInfo(name, EARLIEST)
            entry.create_system, entry.external_attr = 3, 0o644 << 16
            archive.writestr(entry, content)
    return written.getvalue()


def _csv(table: Table, rows: list[Row]) -> bytes:
    """UTF-8 without a mark at its beginning, lines as RFC 4180 ends them."""
    written = io.StringIO(newline="")
    writer = csv.writer(written, lineterminator="\r\n")
    names = [column.name for column in table.columns]
    writer.writerow(names)
    for row in rows:
        if row.keys() != set(names):
            raise ValueError(f"{table.name}: {sorted(row.keys() ^ set(names))}")
        writer.writerow([_cell(row[name]) for name in names])
    return written.getvalue().encode("utf-8")


def _cell(value: Any) -> str | int:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return value
    return guarded(value)


def _resource(table: Table, content: bytes) -> Row:
    schema: Row = {
        "fields": [{"name": column.name, "type": column.kind, "description": column.says} for column in table.columns],
        "missingValues": [""],
    }
    if table.key:
        schema["primaryKey"] = list(table.key)
    return {
        "name": table.name,
        "title": table.title,
        "path": table.path,
        "profile": "tabular-data-resource",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": len(content),
        "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
        "schema": schema,
    }


def _descriptor(english: Figures, mongolian: Figures, resources: list[Row]) -> bytes:
    report = english.report
    name = f"{english.plan.slug}-report-{report.number}"
    invented = "Demonstration: everything in this plan is invented. " if english.plan.is_demonstration else ""
    descriptor = {
        "profile": "tabular-data-package",
        "name": name,
        "id": name,
        "title": f"{english.plan.title.text}: {report.kind_words}, {report.period_words}",
        "title_mn": f"{mongolian.plan.title.text}: {mongolian.report.kind_words}, {mongolian.report.period_words}",
        "description": f"{invented}The figures of a released report, as they stood at {english.as_of}. {ESCAPED}",
        "version": str(report.number),
        "created": english.as_of,
        "contributors": [{"title": issuer, "role": "publisher"} for issuer in report.issuers],
        "sources": [
            {"title": source.title.text, **({"path": source.address} if source.address else {})}
            for source in english.sources
        ],
        "resources": resources,
    }
    return (json.dumps(descriptor, ensure_ascii=False, indent=2) + "\n").encode("utf-8")
