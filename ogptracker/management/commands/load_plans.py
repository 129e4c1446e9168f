from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from ogptracker.plan_fixtures.reading import UnreadableFile, read_folder
from ogptracker.plan_fixtures.writing import write


class Command(BaseCommand):
    help = (
        "Bring the plans of fixtures/*.yaml into the database, all or nothing. Creates what is missing, updates what "
        "nobody has changed here since, lists what it left, deletes nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--folder", type=Path, default=settings.BASE_DIR / "fixtures", help="Where the files are (fixtures/)."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            outcome = write(read_folder(options["folder"]))
        except UnreadableFile as error:
            raise CommandError(f"Nothing was loaded. {error}") from error
        if options["verbosity"] > 1:
            for model, count in sorted(outcome.created.items(), key=lambda entry: entry[0].__name__):
                self.stdout.write(f"{count:6} {model._meta.verbose_name_plural} created")
        if outcome.left and options["verbosity"]:
            self.stdout.write("Left as they are, because they were changed here since they were loaded:")
            for name in outcome.left:
                self.stdout.write(f"  {name}")
        if options["verbosity"]:
            self.stdout.write(
                f"Plans loaded: {outcome.created.total()} rows created, {outcome.updated.total()} updated, "
                f"{outcome.unchanged.total()} unchanged, {len(outcome.left)} left."
            )
