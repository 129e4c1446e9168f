from typing import Any

from django.core.management.base import BaseCommand, CommandError

from commitments.revision import uncounted_tables
from ogptracker.data_checks import check_flags, check_rows, checked_models


class Command(BaseCommand):
    help = "Check every row against the rules of its table and of the record; name each broken row. Exit code 1 if any."

    def handle(self, *args: Any, **options: Any) -> None:
        checked = broken = 0
        for model in checked_models():
            for _row, problems in check_rows(model):
                checked += 1
                broken += bool(problems)
                for problem in problems:
                    self.stdout.write(str(problem))
        flags = check_flags()
        for problem in flags:
            self.stdout.write(str(problem))
        uncounted = uncounted_tables()
        for table in uncounted:
            self.stdout.write(f"{table}: its changes are not counted, and public pages do not show them. Run migrate.")
        if uncounted and not (broken or flags):
            raise CommandError(f"{checked} rows checked: all are sound, but not all tables are counted.")
        if broken or flags:
            raise CommandError(f"{checked} rows checked: {broken} broken, {len(flags)} with a wrong flag.")
        self.stdout.write(f"{checked} rows checked: all are sound.")
