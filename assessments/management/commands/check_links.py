from __future__ import annotations

import datetime
from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from assessments.links import LinkChecker, due_links, record_result
from assessments.models import Evidence


class Command(BaseCommand):
    help = "Open each link that is given as evidence, and record when and whether it opened."
    stealth_options = ("checker",)  # for tests: one that finds their own server

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--older-than", type=int, metavar="DAYS", help="only links not tried in so many days")
        parser.add_argument("--dry-run", action="store_true", help="name the links that are due, and open none")

    def handle(self, *args: Any, checker: LinkChecker | None = None, **options: Any) -> None:
        days = options["older_than"]
        due = due_links(None if days is None else timezone.now() - datetime.timedelta(days=days))
        if options["dry_run"]:
            for address in due:
                self.stdout.write(address)
            self.stdout.write(f"{len(due)} links would be opened.")
            return
        checker = checker or LinkChecker()
        found: Counter[Evidence.CheckResult] = Counter()
        for address in due:
            result = checker.check(address)
            record_result(address, result)
            found[result] += 1
            if result != Evidence.CheckResult.OPENED:
                self.stdout.write(f"{result.label}: {address}")
        counts = ", ".join(f"{found[result]} {result.label}" for result in Evidence.CheckResult if found[result])
        self.stdout.write(f"{len(due)} links tried{': ' if counts else ''}{counts}.")
