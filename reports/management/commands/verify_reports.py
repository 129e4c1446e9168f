"""Whether every released file, its place in the chain and the figures behind it are still what was released."""

from __future__ import annotations

import argparse
import re
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from reports.chain import present_checkpoint
from reports.content import Checkpoint
from reports.verification import verify


def kept_checkpoint(text: str) -> Checkpoint:
    """``COUNT:HEAD``, as reports and the site print it."""
    match = re.fullmatch(r"([0-9]{1,9}):([0-9a-f]{64})", text.strip().lower())
    if not match:
        raise argparse.ArgumentTypeError(f"{text} is no checkpoint: write it as it is printed, COUNT:HEAD.")
    return Checkpoint(int(match[1]), match[2])


class Command(BaseCommand):
    help = (
        "Check every released file, the chain of files and the frozen figures. Ends with 1 where anything has changed."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--checkpoint",
            action="append",
            default=[],
            type=kept_checkpoint,
            metavar="COUNT:HEAD",
            help="a line that was kept elsewhere, from a report or from the site; may be given several times",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        problems = list(verify(options["checkpoint"]))
        for sentence in problems:
            self.stderr.write(sentence)
        if problems:
            raise CommandError(f"{len(problems)} problem{'s' if len(problems) > 1 else ''} found.", returncode=1)
        checkpoint = present_checkpoint()
        self.stdout.write(f"{checkpoint.count} files are as they were released.")
        self.stdout.write(f"{checkpoint.count}:{checkpoint.head}")
