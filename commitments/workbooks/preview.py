"""What a file would change, before anything is changed: shown to people, and compared when they confirm it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from commitments.workbooks.reading import Problem


@dataclass(frozen=True)
class Upload:
    """A file as it came: its name and its bytes."""

    name: str
    content: bytes

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()

    def reason(self, said: str = "") -> str:
        """Why a row was changed, for its history: what the person said, and the file it came from."""
        origin = f"imported from {self.name} (SHA-256 {self.sha256[:12]})"
        return f"{said}; {origin}" if said else origin


@dataclass(frozen=True)
class Change:
    column: str
    before: str
    after: str


@dataclass(frozen=True)
class RowChange:
    """A row of the file that makes a record, or changes one."""

    sheet: str
    row: int
    name: str
    is_new: bool
    changes: tuple[Change, ...]


@dataclass
class Preview:
    """Every difference and every problem. With a problem nothing is written."""

    about: str = ""  # whose rows these are, in words
    changes: list[RowChange] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)  # said, and no hindrance
    kept: list[str] = field(default_factory=list)  # in the record and not in the file
    unchanged: int = 0
    needs_reason: bool = False  # whether whoever confirms it has to say why
    versions: Sequence[Any] = ()  # of the records that were compared

    @property
    def new_count(self) -> int:
        return sum(change.is_new for change in self.changes)

    @property
    def changed_count(self) -> int:
        return len(self.changes) - self.new_count

    @property
    def can_be_written(self) -> bool:
        return bool(self.changes) and not self.problems

    @property
    def fingerprint(self) -> str:
        """Of the differences and of the versions they were found against; any change of either changes it."""
        shown = [
            [change.sheet, change.row, [[one.before, one.after] for one in change.changes]] for change in self.changes
        ]
        return hashlib.sha256(json.dumps([list(self.versions), shown]).encode()).hexdigest()


class Refused(Exception):
    """Nothing was written: the preview has problems, or is not the one that was confirmed any more."""

    def __init__(self, preview: Preview) -> None:
        super().__init__()
        self.preview = preview


def roll_back(run: Callable[[], Preview]) -> Preview:
    """What an import would do: it is run, and leaves nothing behind."""
    with transaction.atomic():
        preview = run()
        transaction.set_rollback(True)
    return preview


def carry_out(run: Callable[[], Preview], confirmed: str | None) -> Preview:
    """Run an import and keep what it writes. Raises `Refused` where it has problems, or is not what was confirmed."""
    with transaction.atomic():
        preview = run()
        if preview.problems or (confirmed is not None and confirmed != preview.fingerprint):
            raise Refused(preview)
    return preview
