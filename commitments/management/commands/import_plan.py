"""Bring a plan's workbook into the record. `--template` and `--export` write the workbook that it reads."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from commitments.models import ActionPlan, User
from commitments.plan_import import import_plan, preview_plan
from commitments.plan_workbook import plan_workbook
from commitments.workbooks import Preview, Refused, Upload


class Command(BaseCommand):
    help = (
        "Bring a plan from a workbook into the record, all or nothing: prints every difference and every problem. "
        "Records are found again by their codes; nothing is deleted. Exit code 1 on problems."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE.xlsx")
        parser.add_argument("--dry-run", action="store_true", help="print the differences and write nothing")
        parser.add_argument("--by", metavar="E-MAIL", help="whose act it is; a published plan needs a publisher")
        parser.add_argument("--reason", default="", help="why a published plan is amended; kept in the history")
        parser.add_argument("--template", action="store_true", help="write the empty workbook to FILE.xlsx instead")
        parser.add_argument("--export", metavar="PLAN", help="write this plan (its slug) to FILE.xlsx instead")

    def handle(self, *args: Any, **options: Any) -> None:
        file = options["file"]
        if options["template"] or options["export"]:
            self._write_workbook(file, options["export"])
            return
        try:
            upload = Upload(file.name, file.read_bytes())
        except OSError as error:
            raise CommandError(f"{file} cannot be read: {error.strerror}.") from error
        by = _user(options["by"]) if options["by"] else None
        try:
            preview = preview_plan(upload, by=by)
            self._print(preview)
            if not preview.can_be_written or options["dry_run"]:
                self._say(preview, "Nothing was written.")
                return
            written = import_plan(upload, by=by, reason=options["reason"], confirmed=preview.fingerprint)
        except ValidationError as error:
            raise CommandError(f"Nothing was written. {' '.join(error.messages)}") from error
        except Refused as refused:
            self._say(refused.preview, "Nothing was written: the record changed meanwhile. Run it again.")
            raise CommandError("Nothing was written: the record changed meanwhile. Run it again.") from refused
        self._say(written, "Written.")

    def _write_workbook(self, file: Path, slug: str | None) -> None:
        plan = None
        if slug:
            plan = ActionPlan.objects.filter(slug=slug).first()
            if plan is None:
                raise CommandError(f"There is no plan {slug}.")
        try:
            file.write_bytes(plan_workbook(plan))
        except (OSError, ValidationError) as error:
            why = error.strerror if isinstance(error, OSError) else " ".join(error.messages)
            raise CommandError(f"{file} cannot be written: {why}") from error
        self.stdout.write(f"{file} is written.")

    def _print(self, preview: Preview) -> None:
        for row in preview.changes:
            self.stdout.write(f"{row.sheet}, row {row.row}: {row.name}{' (new)' if row.is_new else ''}")
            for change in row.changes:
                self.stdout.write(f"  {change.column}: {change.before or '–'} → {change.after or '–'}")
        for kept in preview.kept:
            self.stdout.write(f"Not in the file, stays: {kept}")
        for warning in preview.warnings:
            self.stdout.write(str(warning))

    def _say(self, preview: Preview, end: str) -> None:
        for problem in preview.problems:
            self.stderr.write(str(problem))
        counts = f"{preview.new_count} new, {preview.changed_count} changed, {preview.unchanged} unchanged"
        if preview.problems:
            count = len(preview.problems)
            raise CommandError(f"{count} problem{'' if count == 1 else 's'}. Nothing was written.")
        self.stdout.write(f"{preview.about}: {counts}. {end}")


def _user(email: str) -> User:
    user = User.objects.filter(email__iexact=email, is_active=True).first()
    if user is None:
        raise CommandError(f"There is no active account {email}.")
    return user
