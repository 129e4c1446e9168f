"""Rows of the API as a table for spreadsheets: the same values under the same names, one column for each.

A field inside another is a column too, named with a full stop (`counter_ratings.rating`). Where a row has several of
them they stand in one cell, separated by semicolons, in the same order in every such column.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from drf_spectacular.drainage import get_override
from rest_framework import serializers

SEVERAL = "; "
# What a spreadsheet would take for a formula, unless it is nothing but numbers.
FORMULA = re.compile(r"[=+\-@\t\r](?![\d.; -]*\Z)")
# Tells spreadsheets that the letters are UTF-8; without it Ө and Ү are lost.
BYTE_ORDER_MARK = "\ufeff"


@dataclass(frozen=True)
class Column:
    path: tuple[str, ...]
    says: str  # what the API's description says of the field, in English

    @property
    def name(self) -> str:
        return ".".join(self.path)


def columns_of(serializer: serializers.BaseSerializer) -> list[Column]:
    """The columns of what a serializer shows; of an inner one only what it names as ``in_tables``, if it does."""
    return [
        Column((name, *inner.path), inner.says)
        for name, field in serializer.fields.items()  # type: ignore[attr-defined]
        for inner in _columns_in(serializer, name, field)
    ]


def _columns_in(serializer: Any, name: str, field: Any) -> list[Column]:
    shown = field.child if isinstance(field, serializers.ListSerializer) else field
    if isinstance(field, serializers.SerializerMethodField):
        described = get_override(getattr(serializer, field.method_name or f"get_{name}"), "field")
        if isinstance(described, type) and issubclass(described, serializers.Serializer):
            shown = described()
    if not isinstance(shown, serializers.Serializer):
        return [Column((), str(field.help_text or ""))]
    asked = getattr(shown, "in_tables", None)
    return [column for column in columns_of(shown) if asked is None or column.path[0] in asked]


def to_csv(columns: Sequence[Column], rows: Iterable[Mapping[str, Any]]) -> str:
    """A comma-separated table with a heading. A text that would become a formula begins with an apostrophe."""
    written = io.StringIO()
    written.write(BYTE_ORDER_MARK)
    table = csv.writer(written)
    table.writerow(column.name for column in columns)
    table.writerows([guarded(in_cell(row, column.path)) for column in columns] for row in rows)
    return written.getvalue()


def in_cell(value: Any, path: Sequence[str]) -> str:
    """What stands in the cell of a value of the API: empty for null, as JSON writes it for the rest."""
    if value is None:
        return ""
    if isinstance(value, list | tuple):
        return SEVERAL.join(in_cell(one, path) for one in value)
    if path:
        return in_cell(value[path[0]], path[1:])
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return SEVERAL.join(f"{name}: {in_cell(one, ())}" for name, one in value.items())
    return str(float(value) if isinstance(value, Decimal) else value)


def guarded(text: str) -> str:
    """A text for a cell of a CSV, with an apostrophe before what a spreadsheet would take for a formula."""
    return f"'{text}" if FORMULA.match(text) else text
