"""A released report is made again from its frozen figures, byte for byte."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from openpyxl import load_workbook

from reports.models import Report, ReportFile
from tests.releases import FILES, quick_engine, released

pytestmark = pytest.mark.django_db

__all__ = ["quick_engine"]


def said(*arguments: Any, **options: Any) -> tuple[list[str], list[str], str]:
    """Lines on both channels, and what the command ended with."""
    out, err, end = io.StringIO(), io.StringIO(), ""
    try:
        call_command("rebuild_report", *arguments, stdout=out, stderr=err, **options)
    except CommandError as error:
        end = str(error)
    return out.getvalue().splitlines(), err.getvalue().splitlines(), end


def overwrite(file: ReportFile, content: bytes) -> None:
    default_storage.delete(str(file.file))
    default_storage.save(str(file.file), ContentFile(content))


def test_every_file_is_the_same_also_when_the_record_has_changed(quick_engine, tmp_path: Path) -> None:
    report = released()
    output = tmp_path / "again"
    output.mkdir()
    milestone = report.plan.commitments.get().milestones.get()
    milestone.title_en = "Another title"
    milestone.save()
    names = [file.name for file in report.files.order_by("position")]
    lines, _errors, end = said(report.plan.slug, report.number, output=output)
    assert (lines, end) == ([f"{name}: the same" for name in names], "")
    assert sorted(path.name for path in output.iterdir()) == sorted(names)
    zipped = report.files.get(format="zip")
    assert (output / zipped.name).read_bytes() == zipped.file.read()


@pytest.mark.once
def test_the_engine_too_gives_the_same_bytes_twice() -> None:
    report = released()
    lines, _errors, end = said(report.plan.slug, report.number)
    assert (len(lines), end) == (FILES, "")


def test_what_differs_is_named_with_what_it_was_made_with(quick_engine, monkeypatch: pytest.MonkeyPatch) -> None:
    report = released()
    monkeypatch.setattr("reports.released_files.rendered", lambda canonical, form: b"%PDF other")
    monkeypatch.setattr("reports.rebuilding.making", lambda: {"weasyprint": "71.0", "python": "3.11.7"})
    release = report.releases.get()
    lines, errors, end = said(report.plan.slug, report.number)
    assert [line.rpartition(": ")[2][:7] for line in lines if not line.endswith("the same")] == ["SHA-256"] * 4
    assert errors[0] == f"weasyprint: {release.made_with['weasyprint']} then, 71.0 here"
    assert end == "4 files differ from those that were released."


def test_a_workbook_is_compared_cell_by_cell(quick_engine) -> None:
    report = released()
    file = report.files.get(language="en", format="xlsx")
    book = load_workbook(io.BytesIO(file.file.read()))
    sheet = book.worksheets[0]
    before, sheet["A2"] = sheet["A2"].value, "forged"
    changed = io.BytesIO()
    book.save(changed)
    overwrite(file, changed.getvalue())
    lines, _errors, end = said(report.plan.slug, report.number)
    assert f"{file.name}: sheet {sheet.title}, row 2, column 1: {before!r}, not 'forged'" in lines
    assert end == "1 files differ from those that were released."
    overwrite(file, b"no workbook")
    lines, _errors, end = said(report.plan.slug, report.number)
    assert f"{file.name}: the released file is no workbook (BadZipFile)" in lines
    default_storage.delete(str(file.file))
    assert f"{file.name}: the released file cannot be read (FileNotFoundError)" in said(report.plan.slug, 1)[0]


def test_what_was_not_released_is_refused_with_a_sentence(db, quick_engine) -> None:
    assert said("nap-4", 1)[2] == "There is no released report nap-4/1."
    report = released()
    assert said(report.plan.slug, 1, output=Path("/nowhere"))[2] == "There is no folder /nowhere."
    assert Report.objects.count() == 1
