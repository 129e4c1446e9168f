"""Released reports, as the API gives them away."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from reports.models import ReportFile
from tests import factories


def read(address: str) -> Any:
    return Client().get(address).json()


def test_a_released_report_with_its_words_figures_and_files(db: None) -> None:
    report = factories.ReleasedReportFactory(plan__slug="p", number=1, figures={"milestones": 3})
    factories.ReportSectionFactory(report=report, position=1)
    ReportFile.objects.create(
        report=report,
        language="en",
        format="pdf",
        file="reports/secret/secret-path.pdf",
        size=12,
        sha256="ab" * 32,
        position=1,
    )
    row = {
        "id": "p/1",
        "url": "http://testserver/api/v1/reports/p/1/",
        "plan": "p",
        "number": 1,
        "kind": "biannual",
        "period": "2025-H1",
        "as_of": timezone.localtime(report.as_of).isoformat(),
        "released_at": timezone.localtime(report.released_at).isoformat(),
        "supersedes": None,
        "correction_reason": "",
        "superseded_by": None,
        "files": [
            {
                "language": "en",
                "format": "pdf",
                "url": "http://testserver/en/reports/p/1/en.pdf",
                "name": "secret-path.pdf",
                "size": 12,
                "sha256": "ab" * 32,
                "position": 1,
                "previous_sha256": "",
            }
        ],
    }
    assert read("/api/v1/reports/")["results"] == [row]
    assert read("/api/v1/reports/p/1/") == {
        **row,
        "sections": [
            {
                "kind": "lessons",
                "position": 1,
                "title": "Lessons",
                "title_language": "en",
                "title_en": "Lessons",
                "title_mn": "",
                "body_en": "Meet more often.",
                "body_mn": "",
            }
        ],
        "figures": {"milestones": 3},
    }


def test_drafts_are_in_no_list_and_have_no_address(db: None) -> None:
    released = factories.ReleasedReportFactory(plan__slug="p", number=1)
    factories.ReportFactory(plan=released.plan, period_code="2025-H2")
    factories.ReleasedReportFactory(plan=factories.DraftPlanFactory(slug="draft"), number=1)
    assert [row["id"] for row in read("/api/v1/reports/")["results"]] == ["p/1"]
    assert [row["id"] for row in read("/api/v1/reports/?plan=p&kind=biannual")["results"]] == ["p/1"]
    assert Client().get("/api/v1/reports/draft/1/").status_code == 404
    assert Client().get("/api/v1/reports/p/None/").status_code == 404


def test_a_corrected_one_says_by_which_and_a_draft_of_a_correction_is_not_told(db: None) -> None:
    old = factories.ReleasedReportFactory(plan__slug="p", number=1)
    new = factories.ReportFactory(plan=old.plan, supersedes=old, correction_reason="Secret until it is released.")
    row = read("/api/v1/reports/p/1/")
    assert (row["superseded_by"], "Secret" in str(row)) == (None, False)
    values = factories.ReleasedReportFactory.build(plan=old.plan, released_by=old.released_by)
    new.state, new.number, new.as_of, new.figures = "released", 2, values.as_of, {"milestones": 3}
    new.released_at, new.released_by = values.released_at, old.released_by
    new.save()
    assert read("/api/v1/reports/p/1/")["superseded_by"] == 2
    assert read("/api/v1/reports/p/2/")["supersedes"] == 1


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_takes_the_same_queries_whatever_its_length(
    db: None, number: int, django_assert_num_queries: Any
) -> None:
    for report in factories.ReleasedReportFactory.create_batch(number):
        factories.ReportSectionFactory(report=report)
    with django_assert_num_queries(4):
        assert len(read("/api/v1/reports/")["results"]) == number
