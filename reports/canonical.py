"""Dataclasses to canonical JSON and back, by their type hints alone: a new field works by itself."""

from __future__ import annotations

import json
import types
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")


def canonical_json(value: Any) -> str:
    """Sorted keys, no blanks, letters as they are. Raises TypeError for a fraction: its digits are the machine's."""
    _refuse_fractions(value)
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def _refuse_fractions(value: Any) -> None:
    if isinstance(value, float):
        raise TypeError(f"A report counts in whole numbers, and {value} is none.")
    if isinstance(value, dict | list | tuple):
        for part in value.values() if isinstance(value, dict) else value:
            _refuse_fractions(part)


class NotFigures(ValueError):
    """JSON that is no report of this version of the tracker; the text says where."""


def from_plain(kind: type[T], value: Any) -> T:
    """A value of a type made of dataclasses, tuples, alternatives and plain values, from what JSON makes of it."""
    return _read(kind, value, kind.__name__)


def _read(kind: Any, value: Any, place: str) -> Any:
    origin, parts = get_origin(kind), get_args(kind)
    if origin in {Union, types.UnionType}:
        return _one_of(parts, value, place)
    if is_dataclass(kind) and isinstance(kind, type):
        return _record(kind, value, place)
    if origin is tuple:
        return _tuple(parts, value, place)
    if origin is dict:
        if not isinstance(value, dict):
            raise NotFigures(f"{place} is no object.")
        return {key: _read(parts[1], part, f"{place}.{key}") for key, part in value.items()}
    # True is a whole number to Python, and not to a reader.
    if kind is not Any and type(value) is not kind:
        raise NotFigures(f"{place} is {type(value).__name__}, not {kind.__name__}.")
    return value


def _one_of(kinds: tuple[Any, ...], value: Any, place: str) -> Any:
    if value is None and type(None) in kinds:
        return None
    refusals = []
    for kind in kinds:
        if kind is not type(None):
            try:
                return _read(kind, value, place)
            except NotFigures as refusal:
                refusals.append(refusal)
    raise refusals[0]


def _record(kind: type, value: Any, place: str) -> Any:
    if not isinstance(value, dict):
        raise NotFigures(f"{place} is no object.")
    hints = _hints(kind)
    if unknown := sorted(value.keys() - hints.keys()):
        raise NotFigures(f"{place} has {', '.join(unknown)}, which this version does not know.")
    given = {name: _read(hints[name], part, f"{place}.{name}") for name, part in value.items()}
    try:
        return kind(**given)
    except TypeError:
        missing = ", ".join(field.name for field in fields(kind) if field.name not in given)
        raise NotFigures(f"{place} is without {missing}.") from None


def _tuple(parts: tuple[Any, ...], value: Any, place: str) -> tuple[Any, ...]:
    if not isinstance(value, list | tuple):
        raise NotFigures(f"{place} is no list.")
    kinds = (parts[0],) * len(value) if parts[-1] is Ellipsis else parts
    if len(kinds) != len(value):
        raise NotFigures(f"{place} has {len(value)} entries, not {len(kinds)}.")
    return tuple(
        _read(kind, part, f"{place}[{number}]") for number, (kind, part) in enumerate(zip(kinds, value, strict=True))
    )


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)
