"""Small reports that are released in tests, mostly without the engine, which takes seconds."""

from __future__ import annotations

import hashlib
import signal
from typing import Any

import pytest
from django.core.management import call_command

from commitments.models import ActionPlan
from reports.making import make_files
from reports.models import Release, Report
from reports.release import release
from tests import factories

FILES = 9
WORDS = "It went slower than it was promised."


def draft(plan: ActionPlan | None = None, **values: Any) -> Report:
    """A draft on the first half of 2025 with a section, of a plan with one rated milestone and one answer to it."""
    if plan is None:
        plan = factories.ActionPlanFactory()
        milestone = factories.MilestoneFactory(commitment__plan=plan)
        factories.PublishedSelfAssessmentFactory(milestone=milestone)
        factories.PublishedCounterAssessmentFactory(milestone=milestone, recommendation="=Begin again")
    report = factories.ReportFactory(plan=plan, **values)
    factories.ReportSectionFactory(report=report, kind="how_it_went", title_en="", body_en=WORDS)
    return report


def asked(report: Report, by: Any = None) -> Release:
    """Asked for by a publisher; the worker has not begun."""
    return release(report, by=by or factories.PublisherFactory())


def make(attempt: Release) -> Release:
    """What the worker does."""
    make_files.func(attempt.pk)
    attempt.refresh_from_db()
    return attempt


def work() -> None:
    """The worker does what is waiting, in this process, and ends; signals mean afterwards what they meant before."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGQUIT)
    handlers = {number: signal.getsignal(number) for number in numbers}
    try:
        call_command("db_worker", batch=True, verbosity=0, startup_delay=False, interval=0, reload=False)
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)


def released(report: Report | None = None, by: Any = None) -> Report:
    report = report or draft()
    attempt = make(asked(report, by))
    assert (attempt.state, attempt.problem_details) == (Release.State.DONE, "")
    return Report.objects.get(pk=report.pk)


def drawn(canonical: str, form: str) -> bytes:
    """Other bytes for other figures, at once."""
    return f"{form} of {hashlib.sha256(canonical.encode()).hexdigest()}".encode()


@pytest.fixture
def quick_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    """PDF and HTML are made without the engine."""
    monkeypatch.setattr("reports.released_files.rendered", drawn)
