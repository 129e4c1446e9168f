"""Make a plan's report on a period or half-year, as a file. Reads drafts of reports: it is a command of the staff."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from commitments.localised import LANGUAGES
from commitments.models import ActionPlan
from reports.content import Figures, to_json
from reports.document import html_of, undated
from reports.figures import UnknownPeriod, build_figures
from reports.fonts import FontsMissing
from reports.models import Report
from reports.pdf import RenderingFailed, document_key, pdf_of
from reports.spreadsheet import workbook_of

FORMATS = ("pdf", "html", "json", "xlsx")


class Command(BaseCommand):
    help = "Make the report of a plan on a period (2023-final, 2025-Q2) or half-year (2026-H1), as a file."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("plan", help="the plan's slug, such as nap-4")
        parser.add_argument("--period", required=True, help="a period of the plan, or a half-year such as 2026-H1")
        parser.add_argument("--language", required=True, help="en or mn")
        parser.add_argument("--format", default="pdf", help="pdf, html, json or xlsx (pdf by default)")
        parser.add_argument("--output", required=True, type=Path, help="the file to write")
        parser.add_argument(
            "--if-changed",
            action="store_true",
            help="leave a file alone that would come out the same but for the moment it was made at "
            "(it is known by the key in FILE.key)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        output, form, language = options["output"], options["format"], options["language"]
        if language not in LANGUAGES:
            raise CommandError(f"There is no language {language}. Choose one of: {', '.join(LANGUAGES)}.")
        if form not in FORMATS:
            raise CommandError(f"There is no format {form}. Choose one of: {', '.join(FORMATS)}.")
        if not output.parent.is_dir():
            raise CommandError(f"There is no folder {output.parent}.")
        figures = _figures(options["plan"], options["period"], language)
        try:
            key = document_key(form + undated(figures))
            if options["if_changed"] and _is_made(output, key):
                self.stdout.write(f"{output} is up to date.")
                return
            written = _file(figures, form)
        except (FontsMissing, RenderingFailed) as error:
            raise CommandError(str(error)) from error
        _write(output, written)
        _write(_key_file(output), f"{key} {hashlib.sha256(written).hexdigest()}\n".encode())
        self.stdout.write(f"{output}: {len(written):,} bytes.")


def _figures(slug: str, period: str, language: str) -> Figures:
    plan = ActionPlan.objects.filter(slug=slug).first()
    if plan is None:
        known = ", ".join(ActionPlan.objects.order_by("slug").values_list("slug", flat=True))
        raise CommandError(f"There is no plan {slug}. There are: {known or 'none'}.")
    if not plan.is_published:
        raise CommandError(f"The plan {slug} has not been published. A report speaks of what is public.")
    # The released one before a draft: what was handed out is what is made again.
    reports = Report.objects.filter(plan=plan, period_code=period).select_related("source")
    released = reports.filter(state=Report.State.RELEASED)
    report = released.order_by("number").last() or reports.first()
    try:
        return build_figures(plan, period, language, report=report)
    except UnknownPeriod as unknown:
        codes = ", ".join(plan.periods.order_by("ends_on").values_list("code", flat=True))
        raise CommandError(f"The plan {slug} has no period {period}. It has: {codes or 'none'}.") from unknown


def _file(figures: Figures, form: str) -> bytes:
    """The report in one format. Raises FontsMissing and RenderingFailed."""
    canonical = to_json(figures)
    if form == "json":
        return canonical.encode("utf-8")
    if form == "xlsx":
        return workbook_of(figures)
    html = html_of(canonical)
    return html.encode("utf-8") if form == "html" else pdf_of(html)


def _key_file(output: Path) -> Path:
    return output.with_name(f"{output.name}.key")


def _is_made(output: Path, key: str) -> bool:
    """Whether the file is there, whole, and made from this content."""
    if not output.exists() or not _key_file(output).exists():
        return False
    return _key_file(output).read_text().split() == [key, hashlib.sha256(output.read_bytes()).hexdigest()]


def _write(output: Path, written: bytes) -> None:
    """All of it or nothing: whoever reads meanwhile gets the file before."""
    part = output.with_name(f"{output.name}.part")
    part.write_bytes(written)
    os.replace(part, output)
