"""The rows of a plan's page: what stands in them, how they are narrowed, and in which order."""

from __future__ import annotations

import datetime
import re
from types import SimpleNamespace

import pytest
from django.test import Client
from django.utils import timezone

from assessments.templatetags.marks import strip_columns
from commitments.models import ActionPlan, Commitment, Involvement
from tests import factories
from tests.pages import get, source, texts

pytestmark = pytest.mark.django_db

GREEN, AMBER, RED = "completed_or_substantial", "limited", "not_started_or_delayed"


@pytest.fixture
def plan() -> ActionPlan:
    """A running plan of four commitments.

    1 is green, due in the past; 2 amber and overdue, an NGO one step lower; 3 red, due next week, an NGO two steps
    higher; 4 is neither rated nor dated.
    """
    today = timezone.localdate()
    plan = factories.ActionPlanFactory(
        starts_on=today - datetime.timedelta(days=300), ends_on=today + datetime.timedelta(days=300)
    )
    agencies = {name: factories.OrganisationFactory(name_en=name) for name in ("Alpha", "Beta", "Gamma")}
    rows: list[tuple[str, str | None, int | None, str | None, str | None, int]] = [
        ("1", GREEN, -9, None, "Gamma", 40),
        ("2", AMBER, -9, RED, "Alpha", 90),
        ("3", RED, 7, GREEN, "Beta", 10),
        ("4", None, None, None, None, 0),
    ]
    for code, rating, days, answered, agency, age in rows:
        commitment = factories.CommitmentFactory(plan=plan, code=code, title_en=f"Promise {code}")
        milestone = factories.MilestoneFactory(
            commitment=commitment,
            code=f"{code}.1",
            starts_on=None,
            ends_on=None if days is None else today + datetime.timedelta(days=days),
        )
        if agency:
            factories.InvolvementFactory(
                commitment=commitment, role=Involvement.Role.LEAD, organisation=agencies[agency]
            )
        if rating:
            factories.PublishedSelfAssessmentFactory(
                milestone=milestone, rating=rating, published_at=timezone.now() - datetime.timedelta(days=age)
            )
        if answered:
            factories.PublishedCounterAssessmentFactory(milestone=milestone, rating=answered)
    return plan


def codes(client: Client, plan: ActionPlan, query: str = "") -> list[str]:
    """The rows by their commitments' codes, in the order in which they stand."""
    markup = source(get(client, f"{plan.get_absolute_url()}?{query}"))
    return re.findall(r'<h3 class="row__title"><a href="[^"]*/commitments/([^/]+)/"', markup)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["1", "2", "3", "4"]),
        ("light=green", ["1"]),
        ("light=amber", ["2"]),
        ("rating=not_started_or_delayed", ["3"]),
        ("contested=true", ["2", "3"]),
        ("contested=false", ["1", "4"]),
        ("overdue=true", ["2"]),
        ("overdue=false", ["1", "3", "4"]),
        ("contested=true&overdue=true", ["2"]),
        ("light=green&overdue=true", []),
        ("order=plan", ["1", "2", "3", "4"]),
        ("order=gap", ["3", "2", "1", "4"]),
        ("order=due", ["2", "3", "1", "4"]),
        ("order=freshness", ["4", "2", "1", "3"]),
        ("order=agency", ["2", "3", "1", "4"]),
        ("order=due&contested=true", ["2", "3"]),
        ("order=gap&order=due", ["2", "3", "1", "4"]),
        ("light=&order=", ["1", "2", "3", "4"]),
    ],
)
def test_rows_are_narrowed_and_ordered_as_asked(client: Client, plan: ActionPlan, query: str, found: list[str]):
    assert codes(client, plan, query) == found


@pytest.mark.parametrize("query", ["light=purple", "overdue=maybe", "light=%00", "contested=" + "9" * 5000])
def test_a_filter_that_is_none_is_answered_with_a_sentence(client: Client, plan: ActionPlan, query: str):
    page = get(client, f"{plan.get_absolute_url()}?{query}")
    assert (len(texts(page, ".error")), codes(client, plan, query)) == (1, [])


@pytest.mark.parametrize("order", ["x", "-due", "%00", "code_order", "9" * 5000])
def test_an_order_that_is_none_is_answered_with_a_sentence(client: Client, plan: ActionPlan, order: str):
    page = get(client, f"{plan.get_absolute_url()}?order={order}")
    assert texts(page, ".error") == [
        "The address asks for an order that is none; the commitments stand as in the plan."
    ]
    assert codes(client, plan, f"order={order}") == ["1", "2", "3", "4"]


def test_the_page_shows_what_the_api_finds(client: Client, plan: ActionPlan):
    for query in ("light=green", "contested=true", "overdue=true", "overdue=false"):
        answer = client.get(f"/api/v1/commitments/?plan={plan.slug}&{query}").json()
        assert [row["code"] for row in answer["results"]] == codes(client, plan, query)


def test_narrowed_rows_lead_to_the_same_rows_of_the_api(client: Client, plan: ActionPlan):
    page = source(get(client, f"{plan.get_absolute_url()}?overdue=true&order=due"))
    [address] = re.findall(r'href="(/api/v1/commitments/[^"]*)"', page)
    answer = client.get(address.replace("&amp;", "&")).json()
    assert [row["code"] for row in answer["results"]] == ["2"]


def test_a_choice_is_kept_when_another_is_made(client: Client, plan: ActionPlan):
    page = source(get(client, f"{plan.get_absolute_url()}?overdue=true&order=due"))
    assert re.findall(r'<option value="([^"]*)" selected>', page) == ["true", "due"]


def test_a_row_says_what_is_overdue_what_is_next_and_when_evidence_was_updated(client: Client, plan: ActionPlan):
    def day(offset: int) -> str:
        date = timezone.localdate() + datetime.timedelta(days=offset)
        return f"{date.day} {date:%b %Y}"

    assert texts(get(client, plan.get_absolute_url()), ".row__due") == [
        f"Evidence updated {day(-40)}",
        "1 milestone overdue",
        f"Evidence updated {day(-90)}",
        f"Next due {day(7)} (3.1)",
        f"Evidence updated {day(-10)}",
        "No evidence published yet",
    ]


def test_commitments_without_a_theme_stand_under_a_heading_of_their_own(client: Client, plan: ActionPlan):
    theme = factories.ThemeFactory(plan=plan, code="A", title_en="Openness")
    Commitment.objects.filter(plan=plan, code__in=["1", "2"]).update(theme=theme)
    assert texts(get(client, plan.get_absolute_url()), ".theme") == ["A Openness", "Under no theme"]
    assert texts(get(client, f"{plan.get_absolute_url()}?order=due"), ".theme") == []


@pytest.mark.parametrize(("milestones", "columns"), [(1, None), (8, None), (9, 5), (11, 6), (17, 9), (18, 7), (80, 9)])
def test_no_line_of_a_long_strip_is_left_with_one_spine(milestones: int, columns: int | None):
    assert strip_columns(SimpleNamespace(subjects=[None] * milestones)) == columns
