"""A draft's files: made by the worker, read by those who may, and every taking written down."""

from __future__ import annotations

import datetime
import hashlib
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from commitments.models import ActionPlan, RatingScale
from reports import drafts
from reports.drafts import AT_WORK, LOST_AFTER, make_draft_file, occasions, request_files
from reports.models import DraftDownload, DraftFile, Report
from reports.pdf import RenderingFailed
from tests import factories
from tests.releases import draft, drawn, released

State = DraftFile.State


def quarter(plan: ActionPlan, code: str) -> Any:
    year, place = int(code[:4]), int(code[-1])
    first = datetime.date(year, 3 * place - 2, 1)
    last = (first + datetime.timedelta(days=95)).replace(day=1) - datetime.timedelta(days=1)
    return factories.ReportingPeriodFactory(plan=plan, code=code, starts_on=first, ends_on=last)


@pytest.fixture
def report(db: None) -> Report:
    plan = factories.ActionPlanFactory(slug="nap-9")
    quarter(plan, "2025-Q1")
    quarter(plan, "2025-Q2")
    return factories.ReportFactory(plan=plan)


@pytest.fixture
def at_once(settings: Any, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Tasks run where they are asked for, and rendering is told apart by format; what was rendered, in order."""
    settings.TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}}
    made: list[str] = []

    def rendered(canonical: str, form: str) -> bytes:
        made.append(form)
        return f"{form} {canonical}".encode()

    monkeypatch.setattr(drafts, "rendered", rendered)
    return made


# --- on what a draft may be begun -------------------------------------------------------------------------------------


def test_half_years_that_have_begun_mid_term_and_end_are_offered_newest_first(db: None) -> None:
    plan = factories.ActionPlanFactory(
        slug="nap-9", starts_on=datetime.date(2024, 1, 1), ends_on=datetime.date(2025, 12, 31)
    )
    for year in (2024, 2025):
        for place in (1, 2, 3, 4):
            quarter(plan, f"{year}-Q{place}")

    def offered(today: datetime.date) -> list[str]:
        return [row.value.removeprefix("nap-9 ") for row in occasions([plan], today)]

    assert offered(datetime.date(2023, 12, 31)) == []
    assert offered(datetime.date(2024, 3, 1)) == ["biannual 2024-H1"]
    assert offered(datetime.date(2025, 1, 1)) == [
        "biannual 2025-H1",
        "mid_term 2024-Q4",
        "biannual 2024-H2",
        "biannual 2024-H1",
    ]
    assert offered(datetime.date(2026, 7, 1))[:2] == ["final 2025-Q4", "biannual 2025-H2"]


def test_a_plan_rated_for_completion_ends_in_a_completion_report(db: None) -> None:
    plan = factories.ActionPlanFactory(slug="nap-9", rating_scale=RatingScale.COMPLETION)
    factories.ReportingPeriodFactory(plan=plan, code="2025-final")
    (row,) = occasions([plan], datetime.date(2026, 1, 1))
    assert (row.value, row.words) == (
        "nap-9 completion 2025-final",
        "Completion report: Final assessment 2025 (2025-final)",
    )


# --- made by the worker -----------------------------------------------------------------------------------------------


def test_files_are_made_in_both_languages_and_left_alone_while_nothing_changes(
    report: Report, msf_member: Any, at_once: list[str]
) -> None:
    request_files(report, by=msf_member)
    files = {(made.language, made.format): made for made in DraftFile.objects.all()}
    assert sorted(files) == [("en", "html"), ("en", "pdf"), ("mn", "html"), ("mn", "pdf")]
    assert {made.state for made in files.values()} == {State.DONE}
    english = files["en", "pdf"]
    assert english.sha256 == hashlib.sha256(bytes(english.content or b"")).hexdigest()
    assert (english.file_name, len(at_once)) == ("nap-9-2025-H1-biannual-draft-en.pdf", 4)
    assert b'"state":"draft"' in bytes(english.content or b"")

    request_files(report, by=msf_member)
    assert len(at_once) == 4
    factories.ReportSectionFactory(report=report, body_en="It went well.", body_mn="")
    request_files(report, by=msf_member)
    assert len(at_once) == 8


def test_what_is_being_made_is_not_asked_for_twice_and_what_was_broken_off_is(
    report: Report, msf_member: Any, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    monkeypatch.setattr(type(make_draft_file), "enqueue", lambda _task, pk: asked.append(pk))
    request_files(report, by=msf_member)
    request_files(report, by=msf_member)
    assert len(asked) == 4
    DraftFile.objects.update(state=State.RENDERING, requested_at=timezone.now() - LOST_AFTER)
    request_files(report, by=msf_member)
    assert len(asked) == 8


def test_a_failure_is_said_and_the_file_before_stays(
    report: Report, msf_member: Any, at_once: list[str], monkeypatch: pytest.MonkeyPatch, client: Client
) -> None:
    request_files(report, by=msf_member)
    before = DraftFile.objects.get(language="en", format="pdf")

    def fails(canonical: str, form: str) -> bytes:
        raise RenderingFailed("The engine ended with 1.")

    monkeypatch.setattr(drafts, "rendered", fails)
    factories.ReportSectionFactory(report=report)
    request_files(report, by=msf_member)
    after = DraftFile.objects.get(language="en", format="pdf")
    assert (after.state, after.failure, after.sha256) == (State.FAILED, "The engine ended with 1.", before.sha256)
    client.force_login(msf_member)
    assert "The engine ended with 1." in client.get(f"/en/reports/drafts/{report.pk}/").content.decode()


def test_a_report_that_was_released_meanwhile_gets_no_draft(msf_member: Any, at_once: list[str]) -> None:
    released = factories.ReleasedReportFactory()
    request_files(released, by=msf_member)
    row = DraftFile.objects.create(
        report=released, language="en", format="pdf", requested_at=timezone.now(), requested_by=msf_member
    )
    make_draft_file.call(row.pk)
    make_draft_file.call(row.pk + 1)
    assert at_once == []


def test_the_worker_really_makes_a_document_that_says_draft_in_both_languages(
    report: Report, msf_member: Any, settings: Any
) -> None:
    row = DraftFile.objects.create(
        report=report, language="mn", format="html", requested_at=timezone.now(), requested_by=msf_member
    )
    make_draft_file.call(row.pk)
    row.refresh_from_db()
    assert (row.state, row.failure) == (State.DONE, "")
    assert '<p class="draft">Ноорог · Draft</p>' in bytes(row.content or b"").decode()


# --- the pages --------------------------------------------------------------------------------------------------------


def addresses(report: Report) -> list[str]:
    own = f"/en/reports/drafts/{report.pk}/"
    return ["/en/reports/drafts/", own, f"{own}en.pdf", f"{own}en.html"]


def test_drafts_do_not_exist_for_strangers(
    client: Client, report: Report, msf_member: Any, representative: Any, at_once: list[str]
) -> None:
    request_files(report, by=msf_member)
    for user in (None, representative):
        if user:
            client.force_login(user)
        assert [client.get(there).status_code for there in addresses(report)] == [404] * 4
        assert client.post(addresses(report)[1]).status_code == 404
    assert not DraftDownload.objects.exists()


@pytest.mark.parametrize("role", ["msf_member", "editor", "publisher"])
def test_who_reads_drafts_takes_one_and_it_is_written_down(
    client: Client, request: pytest.FixtureRequest, report: Report, role: str, at_once: list[str]
) -> None:
    user = request.getfixturevalue(role)
    client.force_login(user)
    there = addresses(report)[1]
    assert client.get(there).status_code == 200
    assert client.post(there).status_code == 302
    assert client.head(f"{there}en.pdf").status_code == 200
    answer = client.get(f"{there}en.pdf")
    assert {
        name: answer[name] for name in ("Content-Disposition", "Cache-Control", "X-Robots-Tag", "Content-Type")
    } == {
        "Content-Disposition": 'attachment; filename="nap-9-2025-H1-biannual-draft-en.pdf"',
        "Cache-Control": "private, no-store",
        "X-Robots-Tag": "noindex",
        "Content-Type": "application/pdf",
    }
    (taken,) = DraftDownload.objects.all()
    assert (taken.report, taken.language, taken.format, taken.downloaded_by) == (report, "en", "pdf", user)
    assert taken.sha256 == hashlib.sha256(answer.content).hexdigest()


def test_html_opens_in_the_browser_in_its_own_styles_and_nothing_else(
    client: Client, report: Report, msf_member: Any, at_once: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    html = b'<style>p { color: red; }</style><style media="screen">p { color: blue; }</style><p>A</p>'
    monkeypatch.setattr(drafts, "rendered", lambda canonical, form: html)
    request_files(report, by=msf_member)
    client.force_login(msf_member)
    answer = client.get(addresses(report)[3])
    assert answer["Content-Disposition"] == 'inline; filename="nap-9-2025-H1-biannual-draft-en.html"'
    assert answer["Content-Security-Policy"] == (
        "default-src 'none'; style-src 'sha256-pckGv9YvNcB5xy+Y4fbqhyo+ib850wyiuWeNbZvLi00='"
        " 'sha256-QSqLgiKqPxCeZH1d3vWR+4HJOthCVhvG1P/AFaVJfR4='; font-src data:; sandbox"
    )


def test_the_page_looks_again_while_the_worker_is_at_it_and_says_when_it_was_broken_off(
    client: Client, report: Report, msf_member: Any
) -> None:
    client.force_login(msf_member)
    there = addresses(report)[1]
    row = DraftFile.objects.create(
        report=report, language="en", format="pdf", requested_at=timezone.now(), requested_by=msf_member
    )
    for state in AT_WORK:
        DraftFile.objects.update(state=state)
        page = client.get(there)
        assert (page["Refresh"], str(state.label) in page.content.decode(), b"Make the files" in page.content) == (
            "4",
            True,
            False,
        )
    DraftFile.objects.update(requested_at=timezone.now() - LOST_AFTER)
    page = client.get(there)
    assert (page.has_header("Refresh"), b"the worker stopped" in page.content, b"Make the files" in page.content) == (
        False,
        True,
        True,
    )
    assert client.get(f"{there}{row.language}.{row.format}").status_code == 404  # has no content yet


@pytest.mark.parametrize("odd", ["0/", "99999999999999999999999/", "1/xx.pdf", "1/en.exe", "1/en.pdf?x=%00"])
def test_odd_addresses_are_nothing(client: Client, msf_member: Any, odd: str) -> None:
    client.force_login(msf_member)
    assert client.get(f"/en/reports/drafts/{odd}").status_code == 404


@pytest.mark.parametrize("odd", ["%00.pdf", "en.%00", "en.xlsx", "de.pdf", "en.pdf%00"])
def test_an_odd_language_or_format_of_a_draft_is_nothing(
    client: Client, report: Report, msf_member: Any, odd: str
) -> None:
    client.force_login(msf_member)
    assert client.get(f"{addresses(report)[1]}{odd}").status_code == 404


def test_once_it_is_released_nothing_of_the_draft_is_left_but_who_took_it(
    client: Client, msf_member: Any, at_once: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reports.released_files.rendered", drawn)
    report = draft()
    request_files(report, by=msf_member)
    client.force_login(msf_member)
    own, file = addresses(report)[1:3]
    assert client.get(file).status_code == 200
    released(report)
    assert (DraftFile.objects.count(), DraftDownload.objects.count()) == (0, 1)
    assert client.get(file).status_code == 404
    assert (client.get(own).url, client.post(own).status_code) == (f"/en/reports/{report.plan.slug}/1/", 404)  # type: ignore[attr-defined]
    client.logout()
    assert client.get(own).status_code == 404


def test_a_worker_that_is_done_after_the_release_leaves_nothing(
    report: Report, msf_member: Any, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = DraftFile.objects.create(
        report=report, language="en", format="pdf", requested_at=timezone.now(), requested_by=msf_member
    )

    def rendered(canonical: str, form: str) -> bytes:
        DraftFile.objects.all().delete()
        return b"late"

    monkeypatch.setattr(drafts, "rendered", rendered)
    make_draft_file.call(row.pk)
    assert not DraftFile.objects.exists()


def test_the_list_of_drafts_asks_the_same_for_one_and_for_three(
    client: Client, report: Report, msf_member: Any, django_assert_num_queries: Any
) -> None:
    client.force_login(msf_member)
    client.get("/en/reports/drafts/")
    with django_assert_num_queries(6):
        client.get("/en/reports/drafts/")
    for code in ("2024-H1", "2024-H2"):
        quarter(report.plan, code.replace("H1", "Q1").replace("H2", "Q3"))
        factories.ReportFactory(plan=report.plan, period_code=code)
    with django_assert_num_queries(6):
        client.get("/en/reports/drafts/")
