"""What a report tells beyond its ratings: what moved, what is late, what is owed, what was given and held."""

from __future__ import annotations

import dataclasses
import datetime
import io
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from openpyxl import load_workbook

from assessments import lifecycle
from commitments.models import ActionPlan, Milestone
from reports.content import ChangePart, Figures, to_json
from reports.document import html_of
from reports.figures import build_figures
from reports.spreadsheet import workbook_of
from tests import factories
from tests.uploads import upload

GREEN, AMBER, RED = "completed_or_substantial", "limited", "not_started_or_delayed"
LONG_AGO = datetime.datetime(2025, 7, 1, 3, tzinfo=datetime.UTC)


@pytest.fixture
def plan(db: None) -> ActionPlan:
    return factories.ActionPlanFactory(slug="nap-9")


@pytest.fixture
def quarters(plan: ActionPlan) -> dict[str, Any]:
    """The four quarters of 2025, published."""
    ends = {1: (3, 31), 2: (6, 30), 3: (9, 30), 4: (12, 31)}
    return {
        f"2025-Q{place}": factories.PublishedPeriodFactory(
            plan=plan,
            code=f"2025-Q{place}",
            starts_on=datetime.date(2025, 3 * place - 2, 1),
            ends_on=datetime.date(2025, *ends[place]),
            opened_at=LONG_AGO,
            published_at=LONG_AGO,
        )
        for place in ends
    }


def milestone(plan: ActionPlan, code: str, **values: Any) -> Milestone:
    commitment = plan.commitments.first() or factories.CommitmentFactory(plan=plan, code="1")
    return factories.MilestoneFactory(commitment=commitment, code=code, **values)


def rate(subject: Milestone, period: Any, rating: str, at: datetime.datetime = LONG_AGO) -> Any:
    return factories.PublishedSelfAssessmentFactory(milestone=subject, period=period, rating=rating, published_at=at)


def figures_of(plan: ActionPlan, period: str = "2025-H2", language: str = "en", **options: Any) -> Figures:
    return build_figures(plan, period, language, **options)


def codes(changes: Any) -> dict[str, list[str]]:
    kinds = ("improved", "slipped", "newly_rated", "no_longer_rated", "corrected")
    return {kind: [move.code for move in getattr(changes, kind)] for kind in kinds}


# --- what changed -----------------------------------------------------------------------------------------------------


def test_without_a_report_before_it_is_compared_with_the_period_before(
    plan: ActionPlan, quarters: dict[str, Any]
) -> None:
    for code, before, after in (("1.1", RED, GREEN), ("1.2", GREEN, AMBER), ("1.3", AMBER, AMBER), ("1.4", None, RED)):
        subject = milestone(plan, code)
        if before:
            rate(subject, quarters["2025-Q2"], before)
        rate(subject, quarters["2025-Q4"], after)
    changes = figures_of(plan).changes
    assert changes is not None
    assert (changes.since, changes.unchanged) == ("Quarter 2 of 2025", 1)
    assert codes(changes) == {
        "improved": ["1.1"],
        "slipped": ["1.2"],
        "newly_rated": ["1.4"],
        "no_longer_rated": [],
        "corrected": [],
    }
    (improved,) = changes.improved
    assert dataclasses.replace(improved, title=None, before=None, after=None) == ChangePart(  # type: ignore[arg-type]
        "1.1",
        "1",
        None,  # type: ignore[arg-type]
        None,
        None,
        2,
        "",
    )
    assert (improved.before.rating, improved.after.rating) == (RED, GREEN)  # type: ignore[union-attr]


def test_after_a_released_report_it_is_compared_with_what_that_report_saw(
    plan: ActionPlan, quarters: dict[str, Any]
) -> None:
    subject = milestone(plan, "1.1")
    entry = rate(subject, quarters["2025-Q2"], RED)
    rate(subject, quarters["2025-Q4"], AMBER)
    seen = timezone.now()
    factories.ReleasedReportFactory(plan=plan, period_code="2025-H1", number=1, as_of=seen)
    # Corrected after the report: its reader saw red.
    lifecycle.correct_self_assessment(
        entry, by=factories.PublisherFactory(), reason="Misread.", rating=AMBER, challenges_en="A"
    )
    changes = figures_of(plan).changes
    assert changes is not None
    assert changes.since.startswith("Report No. 1 (2025-H1), as of ")
    assert codes(changes)["improved"] == ["1.1"]


def test_the_first_report_of_a_plan_compares_with_nothing(plan: ActionPlan, quarters: dict[str, Any]) -> None:
    rate(milestone(plan, "1.1"), quarters["2025-Q1"], GREEN)
    figures = figures_of(plan, "2025-H1")
    assert figures.changes is None
    assert 'id="changes"' not in html_of(to_json(figures))


# --- due dates --------------------------------------------------------------------------------------------------------


def test_overdue_milestones_longest_first_and_each_agency(plan: ActionPlan, quarters: dict[str, Any]) -> None:
    ministry, office = (factories.OrganisationFactory(name_en=name) for name in ("Ministry", "Office"))
    for code, due, rating, agencies in (
        ("1.1", datetime.date(2025, 12, 31), AMBER, [ministry]),
        ("1.2", datetime.date(2025, 6, 30), RED, [ministry, office]),
        ("1.3", datetime.date(2025, 12, 31), GREEN, [office]),
        ("1.4", datetime.date(2026, 1, 1), AMBER, [office]),
    ):
        subject = milestone(plan, code, starts_on=None, ends_on=due)
        subject.agencies.set(agencies)
        rate(subject, quarters["2025-Q4"], rating)
    figures = figures_of(plan, as_of=timezone.now())
    assert figures.due_looked_at == "1 Jan 2026"
    assert [(row.code, row.due_on, row.rated.rating) for row in figures.overdue] == [
        ("1.2", "2025-06-30", RED),
        ("1.1", "2025-12-31", AMBER),
    ]
    assert (figures.punctuality.total, figures.punctuality.overdue_codes) == (4, ("1.2", "1.1"))
    assert [
        (row.agency.text, row.total, row.on_time, row.overdue, row.ahead, row.overdue_codes)
        for row in figures.punctuality_by_agency
    ] == [("Ministry", 2, 0, 2, 0, ("1.1", "1.2")), ("Office", 3, 1, 1, 1, ("1.2",))]


# --- what is owed, given and held -------------------------------------------------------------------------------------


def answered(plan: ActionPlan, quarters: dict[str, Any], code: str = "1.1") -> Any:
    subject = milestone(plan, code)
    subject.agencies.set([factories.OrganisationFactory(), factories.OrganisationFactory()])
    rate(subject, quarters["2025-Q4"], GREEN)
    return factories.PublishedCounterAssessmentFactory(milestone=subject, period=quarters["2025-Q4"])


def test_an_answer_waits_for_each_agency_and_counts_once(plan: ActionPlan, quarters: dict[str, Any]) -> None:
    answer = answered(plan, quarters)
    figures = figures_of(plan)
    assert (figures.owed_answers, [len(row.answers) for row in figures.owed]) == (1, [1, 1])
    assert {row.answers[0].organisation.text for row in figures.owed} == {str(answer.organisation)}
    assert figures_of(plan, "2025-H1").owed_answers == 0
    factories.PublishedResponseFactory(counter_assessment=answer)
    assert (figures_of(plan).owed_answers, figures_of(plan).owed) == (0, ())


def test_evidence_is_listed_with_its_whole_checksum(plan: ActionPlan, quarters: dict[str, Any]) -> None:
    rating = rate(milestone(plan, "1.1"), quarters["2025-Q4"], GREEN)
    file = factories.FileEvidenceFactory(self_assessment=rating, upload=upload("order.pdf"))
    figures = figures_of(plan)
    assert [(row.code, row.organisation.text, row.attachment.sha256) for row in figures.evidence] == [
        ("1.1", "", file.sha256)
    ]
    page = html_of(to_json(figures))
    assert (file.sha256[:12] in page, file.sha256 in page, f"/evidence/{file.key}/" in page) == (True, False, True)


def test_meetings_of_the_half_year_stand_apart_and_their_absence_is_said(
    plan: ActionPlan, quarters: dict[str, Any]
) -> None:
    rate(milestone(plan, "1.1"), quarters["2025-Q4"], GREEN)
    for day in (datetime.date(2025, 6, 30), datetime.date(2025, 7, 1)):
        factories.MeetingFactory(plan=plan, title_en=f"Held {day}", held_on=day)
    figures = figures_of(plan)
    assert [(row.held_on, row.in_period) for row in figures.meetings] == [("2025-06-30", False), ("2025-07-01", True)]
    silent = html_of(to_json(figures_of(plan, "2025-H1").__class__(**{**figures.__dict__, "meetings": ()})))
    assert "No meeting of this time is in the record." in silent


# --- the same everywhere ----------------------------------------------------------------------------------------------


def test_the_workbook_holds_dates_as_dates_and_counts_as_numbers(
    plan: ActionPlan, quarters: dict[str, Any], tmp_path: Any
) -> None:
    answered(plan, quarters)
    subject = milestone(plan, "1.2", starts_on=None, ends_on=datetime.date(2025, 6, 30))
    rate(subject, quarters["2025-Q2"], GREEN)
    rate(subject, quarters["2025-Q4"], AMBER)
    file = tmp_path / "report.xlsx"
    file.write_bytes(workbook_of(figures_of(plan)))
    book = load_workbook(file)
    late = book["Overdue"]
    assert [cell.value for cell in late[2]][3].date() == datetime.date(2025, 6, 30)
    assert (late["A2"].value, late["A2"].data_type) == ("1.2", "s")
    assert (late.freeze_panes, late.auto_filter.ref) == ("C2", "A1:E2")
    assert next(row[:6] for row in book["What changed"].iter_rows(min_row=2, values_only=True)) == (
        "Slipped",
        "1.2",
        subject.title_en,
        "Completed or substantial progress",
        "Limited progress",
        -1,
    )
    facts = dict(book["Report"].iter_rows(values_only=True))
    assert (facts["Overdue on 1 Jan 2026"], facts["Responses owed"], facts["Slipped"]) == (1, 1, 1)
    assert "Comments" not in book.sheetnames


@pytest.mark.parametrize("language", ["en", "mn"])
def test_a_text_that_no_cell_holds_is_cut_in_the_workbook_and_says_where_the_rest_is(
    plan: ActionPlan, quarters: dict[str, Any], language: str
) -> None:
    said = "ab " * 12_000
    factories.PublishedSelfAssessmentFactory(
        milestone=milestone(plan, "1.1"), period=quarters["2025-Q4"], evidence_en=said
    )
    figures = figures_of(plan, language=language)
    book = load_workbook(io.BytesIO(workbook_of(figures)))
    (cell,) = (
        cell.value for sheet in book for row in sheet.iter_rows() for cell in row if str(cell.value).startswith("ab ab")
    )
    assert len(cell) == 32_767
    beginning, _dots, end = cell.rpartition("… [")
    assert said.startswith(beginning)
    assert end.rstrip("]") in {
        "The text goes on. A cell holds no more; all of it is in the report's PDF, HTML, JSON and data package.",
        "Бичвэр үүгээр дуусаагүй. Нүдэнд үүнээс илүү багтахгүй; тайлангийн PDF, HTML, JSON болон өгөгдлийн багцад"
        " бүрэн эхээр нь бий.",
    }
    assert said.strip() in to_json(figures)


def test_every_code_leads_to_its_permanent_place(plan: ActionPlan, quarters: dict[str, Any], settings: Any) -> None:
    settings.SITE_URL = "https://ogp.example.org"
    rate(milestone(plan, "1.1"), quarters["2025-Q4"], GREEN)
    figures = figures_of(plan, language="mn")
    frozen = to_json(figures)
    # The address is of the figures: another installation that prints them again prints the same.
    settings.SITE_URL = "https://other.example.org"
    page = html_of(frozen)
    addresses = [figures.plan.address, figures.commitments[0].address, figures.commitments[0].milestones[0].address]
    assert addresses == [
        "https://ogp.example.org/mn/plans/nap-9/",
        "https://ogp.example.org/mn/plans/nap-9/commitments/1/",
        "https://ogp.example.org/mn/plans/nap-9/commitments/1/#m1.1",
    ]
    assert [f'href="{address}"' in page for address in addresses] == [True] * 3
    assert "other.example.org" not in page


def test_a_section_is_printed_with_its_headings_and_is_plain_in_the_data(
    plan: ActionPlan, quarters: dict[str, Any]
) -> None:
    report = factories.ReportFactory(plan=plan, period_code="2025-H2")
    factories.ReportSectionFactory(report=report, title_en="", body_en="# One\n\n- *two*", body_mn="")
    factories.ReportSectionFactory(report=report, title_en="Empty", body_en="", body_mn="")
    figures = figures_of(plan, language="mn", report=report)
    assert [(section.title.text, section.plain) for section in figures.sections] == [("Сургамж", "One\n\n– two")]
    assert (
        '<div class="prose" lang="en"><h3>One</h3><ul class="points"><li><strong>two</strong></li></ul></div>'
        in html_of(to_json(figures))
    )


def test_the_number_of_queries_does_not_grow(plan: ActionPlan, quarters: dict[str, Any]) -> None:
    counted = []
    for codes_ in (["1.1"], ["1.2", "1.3"]):
        for code in codes_:
            answered(plan, quarters, code)
            rate(milestone(plan, f"{code}9"), quarters["2025-Q2"], GREEN)
        with CaptureQueriesContext(connection) as queries:
            figures_of(plan)
        counted.append(len(queries))
    assert counted[0] == counted[1]
