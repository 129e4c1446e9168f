"""Reads the files of a folder and refuses what is not understood, before anything is written.

Everything that is wrong is an `UnreadableFile`: one sentence with the file, the record and the key.
"""

from __future__ import annotations

import datetime
import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from django.core.exceptions import ValidationError
from django.db import models

from commitments.text import code_sort_key
from ogptracker.plan_fixtures.tables import DOCUMENTS, ORGANISATIONS, PLAN, POLICY_AREAS, Table


class UnreadableFile(Exception):
    """What is wrong, and where."""


@dataclass(frozen=True)
class Record:
    """One record of a file."""

    table: Table
    place: str  # where it stands: "nap-4.yaml, commitments 1, milestones 1.3"
    values: dict[str, Any]  # by field, as Python values; relations still by the words of the file
    dates: dict[str, datetime.date | None]  # what `Table.dates` names
    children: tuple[Record, ...]

    def wrong(self, key: str, what: str) -> UnreadableFile:
        return UnreadableFile(f"{self.place}: {key}: {what}")


def read_folder(folder: Path) -> list[Record]:
    """The records of every file: documents, organisations and policy areas, then the plans in their order."""
    known = {"documents.yaml": DOCUMENTS, "organisations.yaml": ORGANISATIONS, "policy_areas.yaml": POLICY_AREAS}
    files = sorted(folder.glob("*.yaml"), key=lambda path: code_sort_key(path.stem))
    plans = [path for path in files if path.name.startswith("nap-")]
    for path in files:
        if path.name not in known and path not in plans:
            raise UnreadableFile(f"{path.name}: a file is named {', '.join(known)} or nap-….yaml.")
    if not plans:
        raise UnreadableFile(f"{folder}: there is no plan (nap-….yaml) in this folder.")
    records: list[Record] = []
    for name, table in known.items():
        if (folder / name) in files:
            records.extend(_list(table, _load(folder / name), place=name, source=None, around={}))
    return records + [_plan(path) for path in plans]


class _Loader(yaml.CSafeLoader):
    """Refuses a key that a record has twice, of which YAML would keep the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [key.value for key, _value in node.value]
        for key in keys:
            if keys.count(key) > 1:
                line = node.start_mark.line + 1
                raise yaml.YAMLError(f"the key “{key}” stands twice in the record that begins in line {line}")
        return super().construct_mapping(node, deep)


def _load(path: Path) -> Any:
    try:
        return yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506 (a safe loader)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise UnreadableFile(f"{path.name}: {' '.join(str(error).split())}.") from error


def _plan(path: Path) -> Record:
    """A plan's file: the plan under `plan`, what belongs to it beside it, and `source` for all of them."""
    content = _load(path)
    if not isinstance(content, dict) or not isinstance(content.get("plan"), dict):
        raise UnreadableFile(f"{path.name}: plan: the file has no plan.")
    _refuse_unknown(path.name, content, {"source", "plan", *PLAN.children})
    _refuse_unknown(f"{path.name}, plan", content["plan"], set(PLAN.fields))
    together = {**content, **content["plan"]}
    together.pop("plan")
    return _record(PLAN, together, place=path.name, source=content.get("source"), around={})


def _list(table: Table, content: Any, *, place: str, source: str | None, around: dict[str, Any]) -> Iterator[Record]:
    """The records of a list. ``source`` is the file's own, ``around`` what the record around the list gives."""
    if not isinstance(content, list):
        raise UnreadableFile(f"{place}: this must be a list.")
    for number, values in enumerate(content, start=1):
        if not isinstance(values, dict):
            raise UnreadableFile(f"{place} no. {number}: this must be a record of keys and values.")
        name = values.get("code") or values.get("slug") or f"no. {number}"
        here = f"{place}, {name}" if place.endswith(".yaml") else f"{place} {name}"
        if table.numbered:
            _refuse_unknown(here, values, _keys(table))  # before `position`, which no file gives
            values = {**values, "position": number}
        yield _record(table, values, place=here, source=source, around=around)


def _keys(table: Table) -> set[str]:
    return {*table.fields, *table.children, *table.dates}


def _record(table: Table, values: dict[str, Any], *, place: str, source: str | None, around: dict[str, Any]) -> Record:
    columns = dict(table.fields)
    if table.numbered:
        columns["position"] = table.model._meta.get_field("position")  # type: ignore[assignment]
    _refuse_unknown(place, values, _keys(table) | set(columns))
    given = dict(values)
    if table.sourced and not given.get("source"):
        given["source"] = source
        if table.same_place and not given.get("source_place"):
            given |= {key: around.get(key) for key in ("source", "source_place")}
    return Record(
        table,
        place,
        {column.name: _value(f"{place}: {key}", column, given.get(key)) for key, column in columns.items()},
        {key: _date(f"{place}: {key}", given.get(key)) for key in table.dates},
        tuple(
            child
            for key, child_table in table.children.items()
            for child in _list(
                child_table,
                given.get(key) or [],
                place=f"{place}, {key}",
                source=source,
                around=given,
            )
        ),
    )


def _refuse_unknown(place: str, values: dict[str, Any], known: set[str]) -> None:
    for key in values:
        if key not in known:
            raise UnreadableFile(f"{place}: {key}: there is no such key here{_meant(str(key), known)}.")


def _meant(word: str, known: set[str]) -> str:
    close = difflib.get_close_matches(word, known, n=1, cutoff=0.7)
    return f"; “{close[0]}” is meant, perhaps" if close else ""


def _date(place: str, value: Any) -> datetime.date | None:
    if value is not None and type(value) is not datetime.date:
        raise UnreadableFile(f"{place}: “{value}” is not a date (2023-08-15).")
    return value


def _value(place: str, column: models.Field, value: Any) -> Any:
    """What the field holds; for a relation the word, or list of words, that stands in the file."""
    if column.many_to_many:
        if value is not None and not (isinstance(value, list) and all(isinstance(word, str) for word in value)):
            raise UnreadableFile(f"{place}: this must be a list of words, numbers among them in quotation marks.")
        return value or []
    if value is None:
        return None if column.is_relation else column.get_default()
    if column.is_relation or isinstance(column, models.CharField | models.TextField):
        if not isinstance(value, str):
            raise UnreadableFile(f"{place}: this must be text; put {value} in quotation marks.")
        if column.is_relation:
            return value
    if isinstance(column, models.DateTimeField):
        if not isinstance(value, datetime.datetime) or value.tzinfo is None:
            raise UnreadableFile(f"{place}: “{value}” is not a moment with its zone (2023-08-31T18:00:00+08:00).")
    elif isinstance(column, models.DateField):
        return _date(place, value)
    allowed = [code for code, _label in column.flatchoices]
    if allowed and value not in allowed:
        raise UnreadableFile(f"{place}: “{value}” is none of {', '.join(map(str, allowed))}.")
    try:
        return column.to_python(value)
    except ValidationError as error:
        raise UnreadableFile(f"{place}: {' '.join(error.messages)}") from error
