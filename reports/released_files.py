"""The files of a released report: which there are, and how each is made from the frozen figures alone."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from pathlib import Path

from django.conf import settings

from commitments.localised import LANGUAGES
from reports import fonts
from reports.content import figures_from_json
from reports.data_package import package_of
from reports.models import ReportFile
from reports.rendering import rendered
from reports.spreadsheet import workbook_of

Format = ReportFile.Format
# (language, format) in the order of the chain; the data package holds both languages.
KINDS: tuple[tuple[str, str], ...] = (
    *((language, form.value) for language in LANGUAGES for form in (Format.PDF, Format.HTML, Format.XLSX, Format.JSON)),
    ("", Format.CSV.value),
)


def file_name(plan: str, number: int, language: str, form: str) -> str:
    """``nap-4-report-1-en.pdf``, ``nap-4-report-1-data.zip``."""
    return f"{plan}-report-{number}-{language or 'data'}.{form}"


def file_of(frozen: Mapping[str, str], language: str, form: str) -> bytes:
    """One file, from the canonical JSON of the figures by language. Raises FontsMissing and RenderingFailed.

    All but workbooks are the same bytes under the same versions.
    """
    if form == Format.CSV:
        return package_of({code: figures_from_json(canonical) for code, canonical in frozen.items()})
    canonical = frozen[language]
    if form == Format.JSON:
        return canonical.encode("utf-8")
    if form == Format.XLSX:
        return workbook_of(figures_from_json(canonical))
    return rendered(canonical, form)


def making() -> dict[str, str]:
    """What decides the bytes of the files beside the figures: versions, and SHA-256 of fonts, templates and words."""
    return {
        "python": platform.python_version(),
        **{name: version(name) for name in ("django", "weasyprint", "pydyf", "fonttools", "markdown-it-py")},
        "pango": _pango(),
        "fonts": _digest(fonts.FOLDER / name for name in fonts.FILES.values()),
        "document": _digest(
            path
            for folder, pattern in (("templates/reports/document", "*"), ("reports", "**/*.py"))
            for path in sorted((settings.BASE_DIR / folder).glob(pattern))
        ),
        "messages": _digest(sorted((settings.BASE_DIR / "locale").glob("*/LC_MESSAGES/django.po"))),
    }


def _pango() -> str:
    """Lays out the letters; comes with the operating system."""
    from weasyprint.text.ffi import pango  # loads the libraries: only where it is asked for

    number = pango.pango_version()
    return f"{number // 10000}.{number // 100 % 100}.{number % 100}"


def _digest(paths: Iterator[Path] | list[Path]) -> str:
    digest = hashlib.sha256()
    for path in paths:
        digest.update(f"{path.name}\n".encode())
        digest.update(path.read_bytes() if path.exists() else b"")
    return digest.hexdigest()
