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


def drafts_of_one_plan():
    """Three, on three half-years."""
    first = draft()
    for code, start, end in (("2025-Q3", "2025-07-01", "2025-09-30"), ("2026-Q1", "2026-01-01", "2026-03-31")):
        factories.ReportingPeriodFactory(plan=first.plan, code=code, starts_on=start, ends_on=end)
    return [first, *(draft(first.plan, period_code=code) for code in ("2025-H2", "2026-H1"))]


def test_releases_of_a_plan_at_once_get_numbers_without_a_gap_and_one_chain(at_once, quick_engine):
    reports = drafts_of_one_plan()
    attempts = [asked(report) for report in reports]
    other = asked(draft())
    done = at_once([lambda attempt=attempt: make(attempt) for attempt in [*attempts, other]])
    assert [(attempt.state, attempt.problem_details) for attempt in done] == [("done", "")] * 4
    numbers = Report.objects.filter(plan=reports[0].plan).values_list("number", flat=True)
    assert sorted(numbers) == [1, 2, 3]
    assert list(ReportFile.objects.order_by("position").values_list("position", flat=True)) == list(
        range(1, 4 * FILES + 1)
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
