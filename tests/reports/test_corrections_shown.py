"""What was corrected, repeated or reopened is said in public: page, API and report alike."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.formats import date_format

from assessments import lifecycle
from assessments.ledger import comparisons
from commitments.models import Milestone
from reports.commitment_figures import government
from tests import factories
from tests.pages import get, texts

GREEN, AMBER, RED = "completed_or_substantial", "limited", "not_started_or_delayed"


@pytest.fixture
def public(db):
    row = factories.PublishedSelfAssessmentFactory(rating=GREEN, evidence_en="The law passed.")
    factories.EvidenceFactory(self_assessment=row)
    return row


def page_of(client, row):
    return get(client, row.milestone.commitment.get_absolute_url())


def test_a_corrected_rating_shows_when_why_and_the_whole_version_before(client, public, publisher):
    second = lifecycle.correct_self_assessment(public, by=publisher, reason="It had not passed.", rating=AMBER)
    lifecycle.correct_self_assessment(second, by=publisher, reason="Withdrawn.", rating=RED, evidence_en="Withdrawn.")
    day = date_format(timezone.localdate(), "DATE_FORMAT")
    page = page_of(client, public)
    assert texts(page, ".corrected") == [
        f"Corrected on {day}. Withdrawn. Before: Limited progress",
        f"Corrected on {day}. It had not passed. Before: Completed or substantial progress",
    ]
    old = texts(page, ".correction")[1]
    assert ("The law passed." in old, "Link: The draft law" in old) == (True, True)


def test_a_report_prints_the_rating_before_it(public, publisher):
    lifecycle.correct_self_assessment(public, by=publisher, reason="It had not passed.", rating=AMBER)
    printed = government(next(iter(comparisons([public.milestone]).values())))
    assert (printed.version, printed.correction_reason, printed.before.words) == (
        2,
        "It had not passed.",
        "Completed or substantial progress",
    )


def test_what_was_corrected_later_is_not_yet_corrected_then(public, publisher):
    before = public.published_at
    lifecycle.correct_self_assessment(public, by=publisher, reason="It had not passed.", rating=AMBER)
    then = next(iter(comparisons([public.milestone], as_of=before).values()))
    assert (then.government, then.corrections) == (public, ())


def test_one_corrected_rating_costs_as_many_queries_as_three(public, publisher):
    def asked():
        milestones = list(Milestone.objects.all())
        with CaptureQueriesContext(connection) as queries:
            comparisons(milestones)
        return len(queries)

    never = asked()
    lifecycle.correct_self_assessment(public, by=publisher, reason="Read wrongly.", rating=AMBER)
    one = asked()
    for _number in range(2):
        other = factories.PublishedSelfAssessmentFactory(rating=GREEN)
        factories.EvidenceFactory(self_assessment=other)
        lifecycle.correct_self_assessment(other, by=publisher, reason="Read wrongly.", rating=AMBER)
    # The versions that were replaced, and their evidence.
    assert (one - never, asked() - one) == (2, 0)


def quarters(plan, *codes):
    months = {"1": ("01-01", "03-31"), "2": ("04-01", "06-30"), "3": ("07-01", "09-30")}
    return [
        factories.OpenPeriodFactory(
            plan=plan,
            code=code,
            starts_on=f"{code[:4]}-{months[code[-1]][0]}",
            ends_on=f"{code[:4]}-{months[code[-1]][1]}",
        )
        for code in codes
    ]


@pytest.fixture
def copied_twice(publisher):
    """A rating of 2025-Q1 that 2025-Q2 and 2025-Q3 repeat; the newest one."""
    step = factories.MilestoneFactory()
    first, second, third = quarters(step.commitment.plan, "2025-Q1", "2025-Q2", "2025-Q3")
    row = factories.SubmittedSelfAssessmentFactory(milestone=step, period=first)
    lifecycle.publish_period(first, by=publisher)
    for period in (second, third):
        row.refresh_from_db()
        row = lifecycle.submit_self_assessment(lifecycle.copy_forward(row, period, by=publisher), by=publisher)
        lifecycle.publish_period(period, by=publisher)
    row.refresh_from_db()
    return row


def test_a_repeated_rating_says_since_when_it_is_unchanged(client, copied_twice):
    assert "Unchanged since: Quarter 1 of 2025" in texts(page_of(client, copied_twice), ".reply")
    printed = government(next(iter(comparisons([copied_twice.milestone]).values())))
    assert printed.unchanged_since == "Quarter 1 of 2025"
    rows = client.get("/api/v1/self-assessments/").json()["results"]
    assert [(row["period"], row["copied_from"]) for row in rows] == [
        ("2025-Q3", "2025-Q2"),
        ("2025-Q2", "2025-Q1"),
        ("2025-Q1", None),
    ]


def test_what_was_corrected_at_its_origin_is_no_longer_unchanged_since_then(copied_twice, publisher):
    origin = copied_twice.copied_from.copied_from
    lifecycle.correct_self_assessment(origin, by=publisher, reason="Read wrongly.", rating=RED)
    found = next(iter(comparisons([copied_twice.milestone]).values()))
    assert found.unchanged_since.code == "2025-Q2"


def test_a_reopened_period_is_said_on_the_plans_page_and_in_the_api(client, public, publisher):
    period = public.period
    lifecycle.reopen_period(period, by=publisher, reason="Two ministries were late.")
    period.refresh_from_db()
    day = date_format(timezone.localdate(), "DATE_FORMAT")
    address = period.plan.get_absolute_url()
    sentence = (
        f"Quarter 1 of 2025 was opened again on {day}, after its ratings had been published: Two ministries were late."
    )
    assert f"{sentence} What is added is not published yet." in texts(get(client, address), ".prose")
    lifecycle.publish_period(period, by=publisher)
    assert f"{sentence} What was added was published on {day}." in texts(get(client, address), ".prose")
    shown = client.get("/api/v1/periods/").json()["results"][0]
    period.refresh_from_db()
    assert (shown["reopen_reason"], shown["reopened_at"][:10], shown["republished_at"][:10]) == (
        "Two ministries were late.",
        timezone.localdate(period.reopened_at).isoformat(),
        timezone.localdate(period.republished_at).isoformat(),
    )


def test_who_reopened_corrected_or_published_is_not_said_in_public(client, public):
    saraa = factories.PublisherFactory(name="Secret-Publisher", email="secret-publisher@example.org")
    lifecycle.reopen_period(public.period, by=saraa, reason="Late.")
    lifecycle.correct_self_assessment(public, by=saraa, reason="Read wrongly.", rating=AMBER)
    addresses = [
        public.period.plan.get_absolute_url(),
        public.milestone.commitment.get_absolute_url(),
        "/api/v1/periods/",
        "/api/v1/self-assessments/",
    ]
    pages = [client.get(address).content.decode().lower() for address in addresses]
    assert [("secret-publisher" in page, "read wrongly" in page or "late." in page) for page in pages] == [
        (False, True)
    ] * 4
