"""Releases at once: every one its own number, all files in one chain, and nothing twice."""

import pytest
from django.core.exceptions import ValidationError

from reports.models import Release, Report, ReportFile
from reports.release import release
from reports.verification import verify
from tests import factories
from tests.releases import FILES, asked, draft, make, quick_engine

pytestmark = pytest.mark.django_db(transaction=True)

__all__ = ["quick_engine"]

QUARTERS = [(f"{year}-Q{quarter}", year, 3 * quarter) for year in (2025, 2026) for quarter in (1, 3)]


def drafts_of_one_plan():
    """Four, on four half-years."""
    first = draft()
    plan = first.plan
    for code, year, month in QUARTERS[1:]:
        factories.ReportingPeriodFactory(
            plan=plan, code=code, starts_on=f"{year}-{month - 2:02}-01", ends_on=f"{year}-{month:02}-28"
        )
    return [first, *(draft(plan, period_code=code) for code in ("2025-H2", "2026-H1", "2026-H2"))]


def test_releases_of_a_plan_at_once_get_numbers_without_a_gap_and_one_chain(at_once, quick_engine):
    reports = drafts_of_one_plan()
    attempts = [asked(report) for report in reports]
    others = [asked(draft()) for _number in range(2)]
    done = at_once([lambda attempt=attempt: make(attempt) for attempt in [*attempts, *others]])
    assert [(attempt.state, attempt.problem_details) for attempt in done] == [("done", "")] * 6
    numbers = Report.objects.filter(plan=reports[0].plan).values_list("number", flat=True)
    assert sorted(numbers) == [1, 2, 3, 4]
    assert list(ReportFile.objects.order_by("position").values_list("position", flat=True)) == list(
        range(1, 6 * FILES + 1)
    )
    assert list(verify()) == []


def test_a_report_that_is_asked_for_by_many_is_released_once(at_once, quick_engine):
    report = draft()
    people = [factories.PublisherFactory() for _number in range(6)]

    def ask(person):
        try:
            return release(report, by=person).state
        except ValidationError as refusal:
            return refusal.messages

    told = at_once([lambda person=person: ask(person) for person in people])
    assert told.count("making") == 1
    assert told.count(["It is being released at this moment."]) == 5
    attempt = Release.objects.get()
    done = at_once([lambda: make(attempt) for _worker in range(4)])
    assert {row.state for row in done} <= {"making", "done"}
    assert (Release.objects.get().state, Report.objects.get().number) == ("done", 1)
    assert ReportFile.objects.count() == FILES
    assert list(verify()) == []
