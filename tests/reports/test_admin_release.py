"""A publisher's page of a release: what it would freeze, how far it is, why it failed; and the correction after it."""

from __future__ import annotations

import datetime

import pytest
from django.utils import timezone

from reports import making
from reports.models import Release, Report
from tests.admin_pages import address
from tests.pages import texts
from tests.releases import FILES, asked, draft, make, quick_engine, released

pytestmark = pytest.mark.django_db

__all__ = ["quick_engine"]


def said(page) -> str:
    return " ".join(" ".join(texts(page, "main") or texts(page, "body")).split())


@pytest.fixture
def report(client, publisher) -> Report:
    client.force_login(publisher)
    return draft()


@pytest.fixture
def there(report) -> str:
    return address(Report, "release", report)


def test_it_counts_what_it_would_freeze_and_releases_it_after_a_yes(client, report, there, quick_engine) -> None:
    assert there in client.get(address(Report, "change", report)).content.decode()
    page = client.get(there)
    assert (page.context["number"], page.context["refused"]) == (1, [])
    assert [name for name, _sections in page.context["missing_words"]] == ["mn"]
    assert "What the release freezes" in said(page)
    sent = client.post(there, {"counted": page.context["counted"]})
    assert (sent.status_code, sent.url) == (302, there)
    waiting = client.get(there)
    assert "It waits for the worker to begin." in said(waiting)
    assert waiting["Refresh"] == "3"
    make(Release.objects.get())
    done = client.get(there)
    assert "Refresh" not in done
    report.refresh_from_db()
    assert report.get_absolute_url() in done.content.decode()
    again = client.post(there, {"counted": page.context["counted"]}, follow=True)
    assert "It was released meanwhile. Nothing is done twice." in said(again)


def test_it_says_how_many_files_are_made(client, report, there) -> None:
    asked(report)
    Release.objects.update(begun_at=timezone.now(), files_made=3)
    page = client.get(there)
    assert f"3 of {FILES} files are made." in said(page)
    assert [state for _name, state in page.context["files"]] == ["made"] * 3 + ["being made"] + [""] * 5


def test_while_it_is_made_the_draft_is_neither_changed_nor_deleted(client, report, there) -> None:
    asked(report)
    page = client.get(address(Report, "change", report))
    assert "It is being released at this moment" in said(page)
    assert client.post(address(Report, "change", report), {}).status_code == 403
    assert client.post(address(Report, "delete", report), {"post": "yes"}).status_code == 403


def test_the_record_that_changed_after_the_page_was_opened_is_counted_again(client, report, there) -> None:
    counted = client.get(there).context["counted"]
    section = report.sections.get()
    section.body_en = "It went well."
    section.save()
    page = client.post(there, {"counted": counted})
    assert page.context["problems"] == ["The record has changed since you opened this page. Look at the figures again."]
    assert client.post(there, {"counted": page.context["counted"]}).status_code == 302


@pytest.mark.parametrize("sent", [{}, {"counted": ""}, {"counted": "x" * 70000}, {"counted": "\x00"}])
def test_a_yes_to_nothing_is_no_yes(client, report, there, sent) -> None:
    assert client.post(there, sent).status_code == 200
    assert not Release.objects.exists()


def test_a_failure_is_told_and_the_next_attempt_is_offered(client, report, there) -> None:
    attempt = asked(report)
    making.give_up(attempt, making.Failed(Release.Problem.FILE, "p-report-1-en.pdf", "<script>asked for</script>"))
    page = client.get(there)
    text = said(page)
    assert "nothing was released, and nothing is public." in text
    assert "This file could not be made. (p-report-1-en.pdf)" in text
    assert "<script>asked" not in page.content.decode()
    assert client.post(there, {"counted": page.context["counted"]}).status_code == 302
    assert Release.objects.filter(state="making").count() == 1


@pytest.mark.parametrize(("begun", "sentence"), [(True, "The work stopped in the middle."), (False, "has not begun")])
def test_a_worker_that_died_is_told_and_the_next_attempt_is_offered(client, report, there, begun, sentence) -> None:
    asked(report)
    past = timezone.now() - Release.STALLED - datetime.timedelta(seconds=1)
    Release.objects.update(moved_at=past, begun_at=past if begun else None)
    page = client.get(there)
    assert sentence in said(page)
    assert client.post(there, {"counted": page.context["counted"]}).status_code == 302
    assert sorted(Release.objects.values_list("state", flat=True)) == ["failed", "making"]


def test_what_cannot_be_released_says_why_and_has_no_button(client, report, there) -> None:
    report.plan.periods.update(code="2024-Q1")
    page = client.get(there)
    assert page.context["refused"] == ["The plan has no such period."]
    assert "counted" not in page.context
    assert client.post(there, {"counted": "x"}).context["problems"] == ["The plan has no such period."]


def test_a_released_report_is_corrected_by_a_draft_of_its_own(client, report, quick_engine) -> None:
    released(report)
    correct = address(Report, "correct", report)
    assert correct in client.get(address(Report, "change", report)).content.decode()
    page = client.post(correct, {"reason": ""})
    assert page.status_code == 200
    page = client.post(correct, {"reason": "A rating was read wrongly."}, follow=True)
    assert "that will take the place of" in said(page)
    new = Report.objects.get(supersedes=report)
    assert (new.state, new.correction_reason) == ("draft", "A rating was read wrongly.")
    assert page.redirect_chain == [(address(Report, "change", new), 302)]
    assert address(Report, "change", new) in client.get(address(Report, "change", report)).content.decode()
    assert new.history.latest().history_change_reason == "correction"
    assert correct not in client.get(address(Report, "change", report)).content.decode()
    page = client.get(address(Report, "release", new))
    assert (page.context["number"], page.context["refused"]) == (2, [])
