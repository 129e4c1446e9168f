"""The admin's first page: what needs this person today, every count the one of the list that it leads to."""

import datetime
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import override

from assessments import lifecycle
from assessments.admin.queues import count_sheets
from assessments.models import Evidence
from assessments.sheet import read_sheet
from ogptracker.queues import waiting
from tests import factories
from tests.pages import texts

LONG_AGO = timezone.now() - datetime.timedelta(days=400)


def running_plan(**values):
    return factories.ActionPlanFactory(
        starts_on=timezone.localdate() - datetime.timedelta(days=700),
        ends_on=timezone.localdate() + datetime.timedelta(days=300),
        **values,
    )


def step(plan, **values):
    return factories.MilestoneFactory(commitment__plan=plan, title_mn="Алхам", **values)


def one_of_everything():
    """A running plan with something in every queue."""
    plan = running_plan()
    period = factories.OpenPeriodFactory(plan=plan, entry_closes_at=LONG_AGO)
    factories.ReportingPeriodFactory(plan=plan, code="2025-Q2", starts_on="2025-04-01", ends_on="2025-06-30")
    factories.SelfAssessmentFactory(milestone=step(plan), period=period, challenges_en="")
    factories.SelfAssessmentFactory(milestone=step(plan), period=period)
    factories.SubmittedSelfAssessmentFactory(milestone=step(plan), period=period)
    step(plan, ends_on=timezone.localdate() - datetime.timedelta(days=1))
    before = factories.PublishedPeriodFactory(plan=plan, code="2024-Q4", starts_on="2024-10-01", ends_on="2024-12-31")
    rated = factories.PublishedSelfAssessmentFactory(milestone=step(plan), period=before)
    factories.EvidenceFactory(self_assessment=rated, check_result=Evidence.CheckResult.NOT_FOUND)
    factories.SubmittedCounterAssessmentFactory(milestone=rated.milestone, period=before)
    answer = factories.PublishedCounterAssessmentFactory(milestone=rated.milestone, period=before)
    factories.PublishedCounterAssessmentFactory(milestone=rated.milestone, period=before)
    factories.ResponseFactory(counter_assessment=answer)
    factories.CommitmentFactory(plan=plan, title_en="", title_mn="Амлалт")
    report = factories.ReportFactory(plan=plan)
    factories.FailedReleaseFactory(report=report)
    factories.DraftPlanFactory()


EVERYTHING = {
    "entry-is-open": "Entry is open",
    "to-mend": "To mend",
    "ready-to-submit": "Ready to submit",
    "entry-is-over-not-published": "Entry is over, not published",
    "submitted-to-be-published": "Submitted, to be published",
    "quarters-to-open": "Quarters to open",
    "answers-to-publish": "Answers to publish",
    "answers-without-a-response": "Answers without a response",
    "responses-in-draft": "Responses in draft",
    "links-that-did-not-open": "Links that did not open",
    "milestones-overdue": "Milestones overdue",
    "evidence-older-than-half-a-year": "Evidence older than half a year",
    "releases-that-failed": "Releases that failed",
    "reports-in-draft": "Reports in draft",
    "texts-in-one-language": "Texts in one language",
    "plans-in-draft": "Plans in draft",
}
FOR_PUBLISHERS = {"submitted-to-be-published", "quarters-to-open", "releases-that-failed"}


def test_every_queue_holds_what_waits_and_a_publisher_sees_them_all(publisher):
    one_of_everything()
    queues = waiting(publisher)
    assert {queue.name: str(queue.title) for queue in queues} == EVERYTHING
    assert [queue.name for queue in queues if not queue.count] == []


def test_an_editor_sees_what_an_editor_can_do_something_about(editor):
    one_of_everything()
    assert {queue.name for queue in waiting(editor)} == EVERYTHING.keys() - FOR_PUBLISHERS


def test_nothing_waits_in_an_empty_record(client, publisher):
    client.force_login(publisher)
    page = client.get("/admin/")
    assert (page.context["queues"], len(page.context["empty_queues"])) == ([], len(EVERYTHING))
    assert "Nothing waits for you." in page.content.decode()


def test_a_quarter_that_is_open_says_how_far_it_is(client, editor):
    plan = running_plan(number=5)
    period = factories.OpenPeriodFactory(plan=plan, entry_closes_at="2090-04-15T10:00:00Z")
    for _number in range(3):
        step(plan)
    factories.SelfAssessmentFactory(milestone=step(plan), period=period)
    client.force_login(editor)
    page = client.get("/admin/")
    lines = {queue.name: [(line.count, line.words) for line in queue.lines] for queue in page.context["queues"]}
    assert lines["entry-is-open"] == [
        (3, "NAP V, Quarter 1 of 2025: 1 of 4 entered; entry closes 15 Apr 2090, 18:00"),
    ]
    assert lines["ready-to-submit"] == [(1, "NAP V, Quarter 1 of 2025: 1 rating")]


def test_the_queues_of_a_quarter_are_those_of_its_sheet(publisher):
    one_of_everything()
    plan = factories.CommitmentFactory().plan  # rated as a whole
    whole = factories.OpenPeriodFactory(plan=plan)
    periods = [whole, *type(whole).objects.filter(code="2025-Q1").exclude(pk=whole.pk).select_related("plan")]
    counted = count_sheets(periods)
    assert {
        period.pk: (counts.total, counts.entered, counts.by_queue, counts.by_state)
        for period in periods
        if (counts := counted[period.pk])
    } == {
        period.pk: (counts.total, counts.entered, counts.by_queue, counts.by_state)
        for period in periods
        if (counts := read_sheet(period).counts)
    }


def test_each_line_leads_to_a_list_of_as_many_rows(client, publisher):
    one_of_everything()
    client.force_login(publisher)
    for queue in waiting(publisher):
        for line in queue.lines:
            page = client.get(line.address)
            assert page.status_code == 200, line.address
            if "cl" in page.context:
                assert (line.words, page.context["cl"].result_count) == (line.words, line.count)


def test_what_is_done_leaves_its_queue(client, publisher):
    one_of_everything()
    counts = {queue.name: queue.count for queue in waiting(publisher)}
    period = factories.ReportingPeriodFactory._meta.model.objects.get(code="2025-Q1")
    lifecycle.publish_period(period, by=publisher)
    after = {queue.name: queue.count for queue in waiting(publisher)}
    assert {name for name in counts if after[name] != counts[name]} == {
        "entry-is-open",
        "to-mend",
        "ready-to-submit",
        "entry-is-over-not-published",
        "submitted-to-be-published",
        "evidence-older-than-half-a-year",
    }


def test_a_release_that_failed_waits_for_a_publisher_until_another_attempt(publisher):
    report = factories.ReportFactory()
    moment = timezone.now()
    factories.FailedReleaseFactory(report=report, requested_at=moment)

    def failed():
        (queue,) = (queue for queue in waiting(publisher) if queue.name == "releases-that-failed")
        return [(line.count, line.words, line.address) for line in queue.lines]

    line = (1, str(report), f"/admin/reports/report/{report.pk}/release/")
    assert failed() == [line]
    making = {"state": "making", "problem": "", "figures": {}, "requested_at": moment + datetime.timedelta(minutes=1)}
    again = factories.FailedReleaseFactory(report=report, **making)
    assert failed() == []
    type(again).objects.filter(pk=again.pk).update(moved_at=moment - again.STALLED * 2)  # the worker is gone
    assert failed() == [line]


def test_the_record_of_a_past_plan_is_not_overdue_and_a_transcribed_answer_awaits_no_response(publisher):
    ended = factories.ActionPlanFactory(starts_on="2020-01-01", ends_on="2021-12-31")
    factories.MilestoneFactory(commitment__plan=ended, ends_on="2021-06-30")
    factories.PublishedCounterAssessmentFactory(transcribed=True, source=factories.SourceDocumentFactory())
    counts = {queue.name: queue.count for queue in waiting(publisher)}
    assert (counts["milestones-overdue"], counts["answers-without-a-response"]) == (0, 0)


def queries(client):
    with CaptureQueriesContext(connection) as asked:
        assert client.get("/admin/").status_code == 200
    return len(asked)


@pytest.mark.parametrize("role", ["editor", "publisher", "superuser"])
def test_the_page_asks_as_much_for_three_of_everything_as_for_one(client, request, db, role):
    client.force_login(request.getfixturevalue(role))
    one_of_everything()
    client.get("/admin/")
    one = queries(client)
    one_of_everything()
    one_of_everything()
    assert queries(client) == one


class TestRecentChanges:
    def test_the_newest_change_comes_first_with_who_what_and_why(self, client, publisher):
        saraa = factories.PublisherFactory(name="Saraa")
        public = factories.PublishedSelfAssessmentFactory(milestone__code="1.1")
        lifecycle.reopen_period(public.period, by=saraa, reason="Two ministries were late.")
        client.force_login(publisher)
        first = client.get("/admin/").context["changes"][0]
        assert (first.who, first.what, first.table, first.name, first.reason) == (
            "Saraa",
            "Changed",
            "reporting period",
            str(public.period),
            "Two ministries were late.",
        )
        assert client.get(first.address).status_code == 200

    def test_what_one_person_publishes_in_one_go_is_one_line(self, client, publisher):
        period = factories.OpenPeriodFactory()
        for _number in range(3):
            factories.SubmittedSelfAssessmentFactory(
                milestone=factories.MilestoneFactory(commitment__plan=period.plan), period=period
            )
        lifecycle.publish_period(period, by=publisher)
        client.force_login(publisher)
        lines = client.get("/admin/").context["changes"]
        assert [(line.what, line.count, line.table, line.name) for line in lines[:2]] == [
            ("Published", 3, "self-assessments", ""),
            ("Published", 1, "reporting period", str(period)),
        ]

    def test_older_ones_are_a_click_away_and_an_odd_page_is_the_first(self, client, publisher):
        for number in range(15):
            organisation = factories.OrganisationFactory()
            organisation.history.update(history_date=timezone.now() - datetime.timedelta(hours=number))
        client.force_login(publisher)
        first, second = (client.get("/admin/", {"changes": page}) for page in ("1", "2"))
        assert (len(first.context["changes"]), first.context["older"]) == (10, 2)
        assert len(second.context["changes"]) >= 5
        assert {change.moment for change in first.context["changes"]}.isdisjoint(
            change.moment for change in second.context["changes"]
        )
        for odd in ("0", "-1", "x", "٣", "9999999"):
            page = client.get("/admin/", {"changes": odd})
            assert page.context["changes"] == first.context["changes"]

    def test_an_editor_reads_nothing_of_the_accounts(self, client, editor):
        factories.UserFactory(name="Secret-Name")
        client.force_login(editor)
        page = client.get("/admin/")
        assert "Secret-Name" not in page.content.decode()
        assert "user" not in {change.table for change in page.context["changes"]}


def guide(name):
    return (Path(settings.BASE_DIR) / "docs" / name).read_text(encoding="utf-8")


def test_every_queue_is_a_paragraph_of_the_staff_guide_under_its_own_name(publisher):
    headings = {
        slugify(heading): heading for heading in re.findall(r"^#+ (.+)$", guide("staff-guide.md"), re.MULTILINE)
    }
    assert {queue.name: headings.get(queue.name) for queue in waiting(publisher)} == EVERYTHING


def test_and_of_the_mongolian_one(publisher):
    paragraphs = dict(re.findall(r'^#+ (.+) <a id="([a-z-]+)"></a>$', guide("staff-guide.mn.md"), re.MULTILINE))
    with override("mn"):
        titles = {str(queue.title): queue.name for queue in waiting(publisher)}
    assert titles.items() - paragraphs.items() == set()


def test_the_page_names_each_queue_with_its_count(client, publisher):
    one_of_everything()
    client.force_login(publisher)
    page = client.get("/admin/")
    assert texts(page, "dt") == [f"{queue.title} {queue.count}" for queue in waiting(publisher)]
