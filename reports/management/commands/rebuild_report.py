"""Make the files of a released report again from its frozen figures, and compare them with those that were released."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from reports.fonts import FontsMissing
from reports.models import Report
from reports.pdf import RenderingFailed
from reports.rebuilding import other_making, rebuild


class Command(BaseCommand):
    help = "Make a released report again from its frozen figures and compare. Ends with 1 where a file differs."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("plan", help="the plan's slug, such as nap-4")
        parser.add_argument("number", type=int, help="the report's number")
        parser.add_argument("--output", type=Path, help="a folder to write the files into that were made again")

    def handle(self, *args: Any, **options: Any) -> None:
        slug, number, output = options["plan"], options["number"], options["output"]
        report = Report.objects.released().filter(plan__slug=slug, number=number).first()
        if report is None:
            raise CommandError(f"There is no released report {slug}/{number}.")
        if output and not output.is_dir():
            raise CommandError(f"There is no folder {output}.")
        differing = 0
        try:
            for rebuilt in rebuild(report):
                if output:
                    (output / rebuilt.file.name).write_bytes(rebuilt.content)
                self.stdout.write(f"{rebuilt.file.name}: {rebuilt.difference or 'the same'}")
                differing += bool(rebuilt.difference)
        except (FontsMissing, RenderingFailed) as error:
            raise CommandError(str(error)) from error
        except (KeyError, TypeError) as error:
            raise CommandError("Its frozen figures cannot be read.") from error
        if differing:
            for line in other_making(report):
                self.stderr.write(line)
            raise CommandError(f"{differing} files differ from those that were released.", returncode=1)
