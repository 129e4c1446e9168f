"""Deadlines as calendars that people subscribe to."""

from __future__ import annotations

import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from icalendar import Calendar

from commitments.models import ActionPlan
from tests import factories

ULAANBAATAR = ZoneInfo("Asia/Ulaanbaatar")

pytestmark = pytest.mark.django_db


def at(*parts: int) -> datetime.datetime:
    return datetime.datetime(*parts, tzinfo=ULAANBAATAR)  # type: ignore[arg-type]


def calendar(client: Client, address: str) -> Any:
    response = client.get(address)
    assert (response.status_code, response["Content-Type"]) == (200, "text/calendar; charset=utf-8")
    return Calendar.from_ical(response.content)


def kept(client: Client, address: str) -> list[tuple[str, Any]]:
    return [(str(event["summary"]), event["dtstart"].dt) for event in calendar(client, address).walk("VEVENT")]


@pytest.fixture
def plan() -> ActionPlan:
    return factories.ActionPlanFactory(
        slug="nap-7", number=7, starts_on=datetime.date(2025, 1, 1), ends_on=datetime.date(2028, 12, 31)
    )


@pytest.fixture
def quarter(plan: ActionPlan) -> Any:
    return factories.PublishedPeriodFactory(
        plan=plan,
        opened_at=at(2025, 3, 1, 9),
        published_at=at(2025, 4, 14, 10),
        entry_closes_at=at(2025, 4, 10, 18),
        answers_open_at=at(2025, 4, 14, 10),
        answers_close_at=at(2025, 4, 28, 18),
    )


QUARTER = [
    ("NAP VII: Quarter 1 of 2025 ends", datetime.date(2025, 3, 31)),
    ("NAP VII: entry of ratings closes, Quarter 1 of 2025", at(2025, 4, 10, 18)),
    ("NAP VII: NGOs may answer from now on, Quarter 1 of 2025", at(2025, 4, 14, 10)),
    ("NAP VII: answers of NGOs close, Quarter 1 of 2025", at(2025, 4, 28, 18)),
]


def test_it_says_when_quarters_end_and_entry_and_answering_close(client: Client, quarter: Any):
    assert kept(client, "/en/deadlines.ics") == QUARTER


def test_a_plan_adds_its_milestones_as_whole_days_and_its_own_end(client: Client, plan: ActionPlan, quarter: Any):
    for code, ends_on in (("1.2", datetime.date(2026, 6, 30)), ("1.3", None)):
        factories.MilestoneFactory(
            commitment__plan=plan, code=code, title_en="Publish, at last", due_text="mid-2026", ends_on=ends_on
        )
    assert kept(client, "/en/plans/nap-7/deadlines.ics") == [
        *QUARTER,
        ("NAP VII, 1.2: Publish, at last", datetime.date(2026, 6, 30)),
        ("NAP VII ends", datetime.date(2028, 12, 31)),
    ]
    due = calendar(client, "/en/plans/nap-7/deadlines.ics").walk("VEVENT")[4]
    assert str(due["description"]) == "Due, as the plan prints it: mid-2026"
    assert str(due["url"]).startswith("http://testserver/en/plans/nap-7/commitments/")
    assert due["dtstart"].params["VALUE"] == "DATE"


def test_names_and_stamps_are_the_same_in_every_language_and_at_every_time(client: Client, quarter: Any, settings: Any):
    settings.SITE_URL = "https://ogp.example.org"
    english, mongolian = (
        [(str(event["uid"]), event["dtstamp"].dt) for event in calendar(client, address).walk("VEVENT")]
        for address in ("/en/deadlines.ics", "/mn/deadlines.ics")
    )
    assert english == mongolian
    assert [uid for uid, _stamp in english] == [
        f"nap-7/2025-Q1/{what}@ogp.example.org" for what in ("ends", "entry-closes", "answers-open", "answers-close")
    ]
    assert {stamp for _uid, stamp in english} == {at(2025, 4, 14, 10)}
    assert client.get("/en/deadlines.ics").content == client.get("/en/deadlines.ics").content


def test_times_name_their_zone_and_long_cyrillic_lines_are_folded_whole(client: Client, plan: ActionPlan, quarter: Any):
    title = "Өндөр үнэлгээг үндэслэлтэй, нээлттэй хэлэлцэж, " * 6
    factories.MilestoneFactory(
        commitment__plan=plan, title_en="", title_mn=title, ends_on=datetime.date(2026, 6, 30), code="1.2"
    )
    content = client.get("/mn/plans/nap-7/deadlines.ics").content
    lines = content.split(b"\r\n")
    assert b"DTSTART;TZID=Asia/Ulaanbaatar:20250410T180000" in lines
    assert content.count(b"BEGIN:VTIMEZONE") == 1
    assert max(len(line) for line in lines) <= 75
    assert [line.decode() for line in lines]  # no letter is cut in two
    summaries = [event["summary"] for event in calendar(client, "/mn/plans/nap-7/deadlines.ics").walk("VEVENT")]
    assert (str(summaries[-2]), summaries[-2].params["LANGUAGE"]) == (
        f"VII төлөвлөгөө, 1.2: {title.strip()}",
        "mn",
    )
    assert str(summaries[0]) == "VII төлөвлөгөө: 2025 оны 1‑р улирал дуусна"


def test_a_title_in_the_other_language_says_so(client: Client, plan: ActionPlan):
    factories.MilestoneFactory(commitment__plan=plan, title_en="Publish", ends_on=datetime.date(2026, 6, 30))
    events = calendar(client, "/mn/plans/nap-7/deadlines.ics").walk("VEVENT")
    assert [event["summary"].params["LANGUAGE"] for event in events] == ["en", "mn"]


def test_it_can_be_subscribed_to(client: Client, quarter: Any):
    whole = calendar(client, "/en/plans/nap-7/deadlines.ics")
    assert [str(whole[name]) for name in ("version", "method", "x-wr-calname", "x-wr-timezone", "x-published-ttl")] == [
        "2.0",
        "PUBLISH",
        "Deadlines of NAP VII · Open Government Partnership Mongolia",
        "Asia/Ulaanbaatar",
        "PT12H",
    ]
    assert whole["refresh-interval"].dt == datetime.timedelta(hours=12)
    answer = client.get("/en/plans/nap-7/deadlines.ics")
    assert answer["Content-Disposition"] == 'inline; filename="nap-7-deadlines.ics"'


def test_draft_plans_and_demonstrations_are_not_in_it(client: Client):
    factories.ReportingPeriodFactory(plan=factories.DraftPlanFactory())
    factories.ReportingPeriodFactory(plan=factories.ActionPlanFactory(slug="demo", is_demonstration=True))
    client.force_login(factories.SuperuserFactory())
    assert kept(client, "/en/deadlines.ics") == []
    assert [title for title, _when in kept(client, "/en/plans/demo/deadlines.ics")] == [
        "Demonstration: Quarter 1 of 2025 ends",
        "Demonstration ends",
    ]


@pytest.mark.parametrize("address", ["/en/deadlines.ics", "/en/plans/nap-7/deadlines.ics"])
def test_queries_are_the_same_however_many_there_are(client: Client, plan: ActionPlan, address: str):
    numbers = set()
    for n in range(1, 4):
        factories.ReportingPeriodFactory(plan=plan, code=f"2025-Q{n}")
        factories.MilestoneFactory(commitment__plan=plan, ends_on=timezone.localdate())
        with CaptureQueriesContext(connection) as asked:
            client.get(address)
        numbers.add(len(asked))
    assert numbers == {1 if address == "/en/deadlines.ics" else 3}
