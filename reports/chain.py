"""The chain of released files: one for the installation, each file naming the SHA-256 of the one before it.

Its checkpoint is how many files there are, and the SHA-256 of `checksum_list`: the text that `sha256sum` itself would
write of them, in the order of their release. Whoever kept an earlier checkpoint sees whether the beginning of the list
is still the same.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from django.db import connection, models

from reports.content import Checkpoint
from reports.models import ReportFile

LOCK = 0x0672_6570  # of PostgreSQL's advisory locks, ours


def hold_chain() -> None:
    """Nobody else adds to the chain until this transaction ends. (On SQLite a transaction is alone from its start.)"""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])


def chained_files() -> models.QuerySet[ReportFile]:
    return ReportFile.objects.order_by("position")


def checksum_list(files: Iterable[ReportFile]) -> str:
    """A line for each file: SHA-256, two blanks, name. ``sha256sum --check`` reads it."""
    return "".join(f"{file.sha256}  {file.name}\n" for file in files)


def checkpoint_of(files: Iterable[ReportFile]) -> Checkpoint:
    """The checkpoint after these files, which are the first of the chain."""
    files = list(files)
    return Checkpoint(len(files), hashlib.sha256(checksum_list(files).encode()).hexdigest())


def present_checkpoint() -> Checkpoint:
    return checkpoint_of(chained_files().only("sha256", "file"))
