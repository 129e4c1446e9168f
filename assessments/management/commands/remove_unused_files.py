"""Removes stored files of evidence that no row has: of drafts that were deleted, and of saves that came to nothing."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Any

from django.core.files.storage import default_storage
from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from assessments.models import Evidence
from assessments.models.beside import FOLDER

GRACE = datetime.timedelta(days=1)  # a file is stored before its row is committed


class Command(BaseCommand):
    help = "Remove stored files of evidence that no row has, once they are a day old."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="name them and remove nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        unused = list(_unused())
        for name in unused:
            self.stdout.write(name)
            if not options["dry_run"]:
                default_storage.delete(name)
        done = "would be removed" if options["dry_run"] else "removed"
        self.stdout.write(f"{len(unused)} files {done}.")


def _unused() -> Iterator[str]:
    """Old files first, then the rows: a row that is committed in between keeps its file."""
    old = [name for name in _stored() if default_storage.get_modified_time(name) < timezone.now() - GRACE]
    kept = set(Evidence.objects.exclude(file="").values_list("file", flat=True))
    yield from (name for name in old if name not in kept)


def _stored() -> Iterator[str]:
    if default_storage.exists(FOLDER):
        folders, _files = default_storage.listdir(FOLDER)
        for folder in sorted(folders):
            _folders, files = default_storage.listdir(f"{FOLDER}/{folder}")
            yield from (f"{FOLDER}/{folder}/{name}" for name in sorted(files))
