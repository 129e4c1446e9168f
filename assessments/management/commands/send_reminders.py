"""Remind everybody of what is due, each of each thing once. Made to be run every morning."""

from __future__ import annotations

import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from assessments.reminder_mail import Workbook, interrupted, mail_of, send, unsent
from assessments.reminders import due_at

MORNING = datetime.time(8)  # when the timer runs in deploy/
# Makes the XLSX that a focal point's mail carries.
WORKBOOK: Workbook | None = None


class Command(BaseCommand):
    help = "Remind staff, NGOs and focal points by mail of what is due, of each thing once. Exit code 1 if one fails."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--on", type=_day, metavar="DATE", help="as on that day (2026-04-01) at eight in the morning; today, now"
        )
        parser.add_argument("--dry-run", action="store_true", help="print the mails whole; send and note nothing")
        parser.add_argument(
            "--retry",
            action="store_true",
            help="also send again what an interrupted run was sending, of which nobody knows whether it arrived",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        as_of = _morning(options["on"]) if options["on"] else timezone.now()
        if options["dry_run"]:
            self._print(as_of)
            return
        if options["retry"]:
            interrupted().delete()
        self._send(as_of)

    def _send(self, as_of: datetime.datetime) -> None:
        sent = failed = 0
        for post in due_at(as_of):
            try:
                reminders = send(post, workbook=WORKBOOK)
            except Exception as error:  # the others still get theirs; its text may hold an address
                failed += 1
                self.stderr.write(f"Not sent to {post.reader}: {type(error).__name__}.")
                continue
            if reminders:
                sent += 1
                self.stdout.write(
                    f"Sent to {post.reader}: {reminders} {'reminder' if reminders == 1 else 'reminders'}."
                )
        if unknown := interrupted().count():
            self.stdout.write(f"{unknown} of an interrupted run may or may not have arrived; --retry sends them again.")
        if failed:
            raise CommandError(f"{sent} sent, {failed} failed; what failed is tried again with the next run.")
        self.stdout.write(f"{sent} sent.")

    def _print(self, as_of: datetime.datetime) -> None:
        printed = 0
        for post in map(unsent, due_at(as_of)):
            if not post.reminders:
                continue
            mail = mail_of(post, workbook=WORKBOOK)
            printed += 1
            self.stdout.write(f"To: {post.reader}\nSubject: {mail.subject}\n\n{mail.body}")
            for name, content, _media_type in mail.attachments:
                self.stdout.write(f"Attached: {name}, {len(content):,} bytes")
            self.stdout.write("=" * 72)
        self.stdout.write(f"{printed} would be sent.")


def _day(text: str) -> datetime.date:
    try:
        return datetime.date.fromisoformat(text)
    except ValueError as error:
        raise CommandError(f"{text} is no date. Write it as 2026-04-01.") from error


def _morning(day: datetime.date) -> datetime.datetime:
    return datetime.datetime.combine(day, MORNING, tzinfo=timezone.get_default_timezone())
