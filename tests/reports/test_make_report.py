"""`make_report`: a file in each format, clear refusals, and no second rendering of what has not changed."""

from __future__ import annotations

import io
import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from openpyxl import load_workbook

from reports.management.commands import make_report
from reports.models import Report
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def plan() -> Any:
    rating = factories.PublishedSelfAssessmentFactory(milestone__code="1.1", milestone__commitment__code="1")
    factories.PublishedCounterAssessmentFactory(
        milestone=rating.milestone,
        period=rating.period,
        recommendation='=HYPERLINK("http://127.0.0.1:9/")',
        organisation=factories.NgoFactory(name_en="@SUM(1+1)"),
    )
    return rating.milestone.commitment.plan


def make(plan: Any, output: Path, *, language: str = "en", period: str = "2025-Q1", **options: Any) -> str:
    said = io.StringIO()
    slug = plan if isinstance(plan, str) else plan.slug
    call_command("make_report", slug, period=period, language=language, output=output, stdout=said, **options)
    return said.getvalue().strip()


def test_pdf(plan: Any, tmp_path: Path) -> None:
    file = tmp_path / "report.pdf"
    said = make(plan, file)
    assert file.read_bytes().startswith(b"%PDF-1.7")
    assert said == f"{file}: {file.stat().st_size:,} bytes."
    assert sorted(path.name for path in tmp_path.iterdir()) == ["report.pdf", "report.pdf.key"]


@pytest.mark.parametrize("language", ["en", "mn"])
def test_html_is_one_file_in_its_language(plan: Any, tmp_path: Path, language: str) -> None:
    file = tmp_path / "report.html"
    make(plan, file, format="html", language=language)
    html = file.read_text(encoding="utf-8")
    assert html.startswith("<!DOCTYPE html>")
    assert f'<html lang="{language}">' in html
    assert re.findall(r"<(?:link|script|img|iframe)\b", html) == []
    assert html.count("@font-face") == 2


def test_json_is_the_figures(plan: Any, tmp_path: Path) -> None:
    file = tmp_path / "report.json"
    make(plan, file, format="json")
    figures = json.loads(file.read_text(encoding="utf-8"))
    assert figures["plan"]["slug"] == plan.slug
    assert [commitment["code"] for commitment in figures["commitments"]] == ["1"]


def test_xlsx_holds_the_figures_and_no_formula(plan: Any, tmp_path: Path) -> None:
    file = tmp_path / "report.xlsx"
    make(plan, file, format="xlsx")
    workbook = load_workbook(file)
    assert workbook.sheetnames[:4] == ["Report", "Commitments", "Milestones", "NGO answers"]
    answer = list(workbook["NGO answers"].values)[1]
    assert answer[:2] == ("1.1", "@SUM(1+1)")
    assert answer[4:6] == (-1, '=HYPERLINK("http://127.0.0.1:9/")')
    kinds = {cell.data_type for sheet in workbook for row in sheet for cell in row}
    assert kinds <= {"s", "n", "d", "inlineStr"}


def test_what_has_not_changed_is_not_rendered_again(plan: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rendered: list[str] = []

    def render(html: str) -> bytes:
        rendered.append(html)
        return b"%PDF-" + str(len(rendered)).encode()

    monkeypatch.setattr(make_report, "pdf_of", render)
    file = tmp_path / "report.pdf"
    make(plan, file, if_changed=True)
    assert make(plan, file, if_changed=True) == f"{file} is up to date."
    assert len(rendered) == 1
    # Another language, a changed record, a damaged file, a missing key: each is made anew.
    make(plan, file, if_changed=True, language="mn")
    make(plan, file, if_changed=True)
    assert len(rendered) == 3
    commitment = plan.commitments.get()
    commitment.title_en = "Another promise"
    commitment.save()
    make(plan, file, if_changed=True)
    assert len(rendered) == 4
    file.write_bytes(b"%PDF-")
    make(plan, file, if_changed=True)
    assert len(rendered) == 5
    file.with_name("report.pdf.key").unlink()
    make(plan, file, if_changed=True)
    assert len(rendered) == 6
    assert make(plan, file, if_changed=True) == f"{file} is up to date."
    # Without the option it is always made.
    make(plan, file)
    assert len(rendered) == 7


def test_a_failed_rendering_leaves_the_file_before(plan: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "report.pdf"
    file.write_bytes(b"%PDF-before")

    def fail(html: str) -> bytes:
        raise make_report.RenderingFailed("The engine ended with 1.")

    monkeypatch.setattr(make_report, "pdf_of", fail)
    with pytest.raises(CommandError, match=r"The engine ended with 1\."):
        make(plan, file)
    assert os.listdir(tmp_path) == ["report.pdf"]
    assert file.read_bytes() == b"%PDF-before"


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"plan": "nap-99"}, r"There is no plan nap-99\. There are: plan-\d+\."),
        ({"period": "2031-Q1"}, r"The plan plan-\d+ has no period 2031-Q1\. It has: 2025-Q1\."),
        ({"period": "2025-H2"}, r"has no period 2025-H2\."),
        ({"language": "ru"}, r"There is no language ru\. Choose one of: en, mn\."),
        ({"format": "doc"}, r"There is no format doc\. Choose one of: pdf, html, json, xlsx\."),
    ],
)
def test_what_there_is_not_is_refused_in_a_sentence(
    plan: Any, tmp_path: Path, changes: dict[str, Any], sentence: str
) -> None:
    values = {"plan": plan, "output": tmp_path / "report.pdf", **changes}
    with pytest.raises(CommandError, match=sentence):
        make(values.pop("plan"), values.pop("output"), **values)
    assert list(tmp_path.iterdir()) == []


def test_a_missing_folder_is_named(plan: Any, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"There is no folder .*nowhere"):
        make(plan, tmp_path / "nowhere" / "report.pdf")


def test_a_plan_that_is_not_public_gets_no_report(tmp_path: Path) -> None:
    period = factories.PublishedPeriodFactory(plan=factories.DraftPlanFactory())
    with pytest.raises(CommandError, match="has not been published"):
        make(period.plan, tmp_path / "report.pdf")


def test_a_released_report_is_made_again_and_not_the_draft_after_it(plan: Any, tmp_path: Path) -> None:
    values = {"plan": plan, "kind": Report.Kind.FINAL, "period_code": "2025-Q1"}
    draft = factories.ReportFactory(**values)
    factories.ReportSectionFactory(report=draft, body_en="Still being written.")
    file = tmp_path / "report.html"
    make(plan, file, format="html")
    html = file.read_text(encoding="utf-8")
    assert ("Still being written." in html, 'class="cover__draft"' in html) == (True, True)
    released = factories.ReleasedReportFactory(**values)
    factories.ReportSectionFactory(report=released, body_en="As it was released.")
    make(plan, file, format="html")
    html = file.read_text(encoding="utf-8")
    assert ("As it was released." in html, "Still being written." in html) == (True, False)


def test_no_contact_and_no_unpublished_word_is_in_any_format(plan: Any, tmp_path: Path) -> None:
    milestone = plan.commitments.get().milestones.get()
    factories.FocalPointFactory(commitment=milestone.commitment)
    factories.SubmittedCounterAssessmentFactory(
        milestone=milestone, period=milestone.self_assessments.get().period, recommendation="SECRET-WORDS"
    )
    texts = []
    for form in ("html", "json"):
        make(plan, tmp_path / f"report.{form}", format=form)
        texts.append((tmp_path / f"report.{form}").read_text(encoding="utf-8"))
    make(plan, tmp_path / "report.xlsx", format="xlsx")
    workbook = load_workbook(tmp_path / "report.xlsx")
    texts.append(" ".join(str(cell) for sheet in workbook for row in sheet.values for cell in row))
    for text in texts:
        assert [word for word in ("SECRET-WORDS", "Secret-Name", "secret-contact", "99112233") if word in text] == []
        assert milestone.title_en in text
