"""Reports and comments in the admin: drafts are written, what is released never changes."""

import pytest

from reports.models import Comment, Report, ReportFile, ReportSection
from tests import factories
from tests.admin_pages import address, problems, sent_back


def values(row):
    return type(row).objects.filter(pk=row.pk).values().get()


def test_an_editor_writes_a_draft_and_its_sections(client, editor):
    plan = factories.ActionPlanFactory()
    client.force_login(editor)
    there = address(Report, "add")
    sent = sent_back(client.get(there), plan=plan.pk, kind="biannual", period_code="2026-H1") | {
        "sections-TOTAL_FORMS": 1,
        "sections-0-kind": "lessons",
        "sections-0-position": 0,
        "sections-0-body_mn": "Илүү олон уулзалт хийх.",
    }
    assert client.post(there, sent).status_code == 302
    report = Report.objects.get()
    assert (report.state, report.number, report.sections.get().body_mn) == ("draft", None, "Илүү олон уулзалт хийх.")
    page = client.post(there, sent)
    assert problems(page) == ["There is already a draft of this report."]
    page = client.post(there, {**sent, "period_code": "2026-final"})
    assert problems(page) == ["A biannual report covers a half-year, the others a period."]


@pytest.mark.parametrize("role", ["editor", "publisher", "superuser"])
def test_nobody_changes_a_released_report_its_sections_or_its_files(client, db, request, role):
    client.force_login(request.getfixturevalue(role))
    report = factories.ReleasedReportFactory()
    section = factories.ReportSectionFactory(report=report)
    released = ReportFile.objects.create(
        report=report, language="en", format="pdf", file="reports/a.pdf", size=1, sha256="a" * 64, position=1
    )
    before = [values(row) for row in (report, section, released)]
    sent = {
        "plan": report.plan.pk,
        "kind": "final",
        "period_code": "2030-H1",
        "state": "draft",
        "opened_version": report.history.latest().history_id,
        "sections-TOTAL_FORMS": 1,
        "sections-INITIAL_FORMS": 1,
        "sections-0-id": section.pk,
        "sections-0-body_en": "Forged",
        "sections-0-DELETE": "on",
        "files-TOTAL_FORMS": 1,
        "files-INITIAL_FORMS": 1,
        "files-0-id": released.pk,
        "files-0-DELETE": "on",
        "post": "yes",
    }
    assert [client.post(address(Report, page, report), sent).status_code for page in ("change", "delete")] == [403, 403]
    assert [values(row) for row in (report, section, released)] == before


def test_the_files_of_a_draft_are_not_written_by_hand(client, superuser):
    report = factories.ReportFactory()
    client.force_login(superuser)
    there = address(Report, "change", report)
    sent = sent_back(client.get(there)) | {
        "files-TOTAL_FORMS": 1,
        "files-INITIAL_FORMS": 0,
        "files-0-format": "pdf",
        "files-0-size": 1,
        "files-0-sha256": "a" * 64,
        "files-0-position": 1,
    }
    assert client.post(there, sent).status_code == 302
    assert not ReportFile.objects.exists()


def test_a_draft_is_deleted_with_its_sections(client, editor):
    section = factories.ReportSectionFactory()
    client.force_login(editor)
    assert client.post(address(Report, "delete", section.report), {"post": "yes"}).status_code == 302
    assert (Report.objects.count(), ReportSection.objects.count()) == (0, 0)
    assert Report.history.latest().history_type == "-"


def test_a_comment_is_about_one_thing(client, editor):
    plan, milestone = factories.ActionPlanFactory(), factories.MilestoneFactory()
    client.force_login(editor)
    there = address(Comment, "add")
    sent = sent_back(client.get(there), kind="public", text_en="We want to be heard.")
    sentence = "A comment is about one thing: a plan, a report, a commitment or a milestone."
    assert problems(client.post(there, sent)) == [sentence]
    assert problems(client.post(there, {**sent, "plan": plan.pk, "milestone": milestone.pk})) == [sentence]
    assert client.post(there, {**sent, "milestone": milestone.pk}).status_code == 302
    assert Comment.objects.get().milestone == milestone
