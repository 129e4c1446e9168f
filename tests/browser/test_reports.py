"""Reports: released from the admin, read by a member of the forum, verified, and made again byte for byte."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.management import call_command
from playwright.sync_api import Page

from reports.models import Report
from tests import factories
from tests.browser.test_accounts import PASSWORD
from tests.browser.test_quarter_sheet import press
from tests.browser.test_the_quarter import Office, office
from tests.releases import FILES, work

__all__ = ["office"]

FINAL, HALF_YEAR = "nap-4", "nap-9"


def release(unit: Office, page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    """From a draft's page in the admin to the public page of the report."""
    page.get_by_role("link", name="Release the report").click()
    unit.look(page, "what a release freezes")
    # Not while the page is examined.
    monkeypatch.setattr("reports.admin_release.LOOK_AGAIN", 3600)
    page.get_by_role("button", name="Release as No. 1").click()
    page.get_by_text("It waits for the worker to begin.").wait_for()
    unit.look(page, "a release in the making")
    monkeypatch.undo()
    page.reload()
    work()
    page.get_by_role("link", name="Its page, with its files and their checksums").click()  # it looks again by itself
    page.get_by_role("heading", name="How to check it").wait_for()
    unit.look(page, "a released report")


def plan_with_a_half_year() -> None:
    """A small one: each file is made twice."""
    plan = factories.ActionPlanFactory(slug=HALF_YEAR, number=9)
    first = factories.PublishedPeriodFactory(plan=plan, code="2025-Q1", starts_on="2025-01-01", ends_on="2025-03-31")
    second = factories.PublishedPeriodFactory(plan=plan, code="2025-Q2", starts_on="2025-04-01", ends_on="2025-06-30")
    milestone = factories.MilestoneFactory(commitment__plan=plan)
    factories.PublishedSelfAssessmentFactory(milestone=milestone, period=first, rating="limited")
    factories.PublishedSelfAssessmentFactory(milestone=milestone, period=second)


def begin_a_draft(page: Page, address: str) -> None:
    page.goto(f"{address}/admin/reports/report/add/")
    page.locator("#id_occasion").select_option(value=f"{HALF_YEAR} biannual 2025-H1")
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url(re.compile(r"/report/\d+/change/"))


def signed_in_member(unit: Office) -> Page:
    member, page = factories.MsfMemberFactory(password=PASSWORD), unit.window()
    page.goto(f"{unit.address}/en/accounts/login/?next=/en/reports/")
    page.locator("#id_login").fill(member.email)
    page.locator("#id_password").fill(PASSWORD)
    press(page, "Enter")
    page.wait_for_url(re.compile(r"^[^?]+/en/reports/$"))
    return page


def test_a_final_and_a_biannual_report_are_released_downloaded_verified_and_made_again(
    office: Callable[[str], Office], monkeypatch: pytest.MonkeyPatch
) -> None:
    plan_with_a_half_year()
    unit = office("en")
    publisher = unit.signed_in(factories.PublisherFactory(password=PASSWORD))
    final = Report.objects.get(plan__slug=FINAL)
    publisher.goto(f"{unit.address}/admin/reports/report/{final.pk}/change/")
    release(unit, publisher, monkeypatch)
    begin_a_draft(publisher, unit.address)
    release(unit, publisher, monkeypatch)

    # A member of the forum reads the list, opens a report and takes its files.
    member = signed_in_member(unit)
    unit.look(member, "released reports")
    member.get_by_role("link", name="Final report, Final assessment 2023").click()
    for name in ("PDF, English", "PDF, Mongolian", "Data package (CSV)"):
        with member.expect_download() as taken:
            member.get_by_role("link", name=name).click()
        file = final.files.get(file__endswith=taken.value.suggested_filename)
        content = Path(taken.value.path()).read_bytes()
        assert hashlib.sha256(content).hexdigest() == file.sha256
        assert file.sha256 in member.locator("main").inner_text()
    member.get_by_role("link", name="HTML, English").click()
    assert "38 of 53" in member.locator("body").inner_text()

    said = io.StringIO()
    call_command("verify_reports", stdout=said)
    assert said.getvalue().startswith(f"{2 * FILES} files are as they were released.\n")
    for slug in (FINAL, HALF_YEAR):
        again = io.StringIO()
        call_command("rebuild_report", slug, 1, stdout=again)
        assert [line.rpartition(": ")[2] for line in again.getvalue().splitlines()] == ["the same"] * FILES
    assert unit.faults == []
