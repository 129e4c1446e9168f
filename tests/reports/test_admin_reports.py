"""Reports and comments in the admin: drafts are written, what is released never changes."""

import datetime

import pytest
from django.utils import timezone

from reports.drafts import add_usual_sections
from reports.models import Comment, DraftDownload, Report, ReportFile, ReportSection
from tests import factories
from tests.admin_pages import address, problems, sent_back


def values(row):
    return type(row).objects.filter(pk=row.pk).values().get()


@pytest.fixture
def half_year(db):
    """A published plan with the two quarters of 2025's first half."""
    plan = factories.ActionPlanFactory(slug="nap-9")
    factories.ReportingPeriodFactory(plan=plan)
    factories.ReportingPeriodFactory(
        plan=plan, code="2025-Q2", starts_on=datetime.date(2025, 4, 1), ends_on=datetime.date(2025, 6, 30)
    )
    return plan


def test_an_editor_begins_a_draft_and_finds_its_usual_sections(client, editor, half_year):
    client.force_login(editor)
    there = address(Report, "add")
    sent = sent_back(client.get(there), occasion="nap-9 biannual 2025-H1")
    answer = client.post(there, sent)
    report = Report.objects.get()
    assert (answer.status_code, answer.url) == (302, address(Report, "change", report))
    assert (report.plan, report.kind, report.period_code, report.state) == (half_year, "biannual", "2025-H1", "draft")
    assert list(report.sections.values_list("kind", flat=True)) == [
        "introduction",
        "how_it_went",
        "lessons",
        "recommendations",
        "next_steps",
    ]
    assert problems(client.post(there, sent)) == ["There is already a draft of this report."]


def test_a_draft_is_begun_only_on_what_the_plan_has(client, editor, half_year):
    client.force_login(editor)
    there = address(Report, "add")
    opened = sent_back(client.get(there))
    for forged in ("nap-9 biannual 2024-H1", "nap-9 final 2025-H1", "nap-8 biannual 2025-H1", "\x00", "9" * 400):
        sentences = problems(client.post(there, {**opened, "occasion": forged}))
        assert [sentence.startswith("Select a valid choice.") or "Null" in sentence for sentence in sentences] == [True]
    assert problems(client.post(there, {**opened, "occasion": ""})) == ["This field is required."]
    assert not Report.objects.exists()


def test_a_section_is_written_beside_the_live_figures(client, editor, half_year):
    report = factories.ReportFactory(plan=half_year, period_code="2025-H1")
    add_usual_sections(report)
    client.force_login(editor)
    there = address(Report, "change", report)
    page = client.get(there)
    figures = page.context["figures"]
    assert (figures.report.period_words, figures.totals.subjects) == ("First half of 2025", 0)
    sent = sent_back(page) | {"sections-2-body_mn": "Илүү *олон* уулзалт хийх."}
    assert client.post(there, sent).status_code == 302
    assert report.sections.get(kind="lessons").body_mn == "Илүү *олон* уулзалт хийх."


def test_a_section_refuses_what_a_report_would_lose(client, editor, half_year):
    report = factories.ReportFactory(plan=half_year, period_code="2025-H1")
    add_usual_sections(report)
    client.force_login(editor)
    there = address(Report, "change", report)
    page = client.post(there, sent_back(client.get(there)) | {"sections-0-body_en": "One.\n\n<b>Two</b>"})
    assert problems(page) == [
        "Line 3: HTML is not printed as such: write headings with #, lists with -, bold words between two stars."
    ]


def test_the_downloads_of_a_draft_stand_under_it(client, editor, half_year, msf_member):
    report = factories.ReportFactory(plan=half_year, period_code="2025-H1")
    DraftDownload.objects.create(
        report=report,
        language="mn",
        format="pdf",
        size=3,
        sha256="a" * 64,
        downloaded_at=timezone.now(),
        downloaded_by=msf_member,
    )
    client.force_login(editor)
    page = client.get(address(Report, "change", report)).content.decode()
    assert ("a" * 64 in page, str(msf_member) in page) == (True, True)
    # What was handed out is not made undone.
    client.post(address(Report, "delete", report), {"post": "yes"})
    assert Report.objects.filter(pk=report.pk).exists()


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
