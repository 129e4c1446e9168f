"""The page of open data, and the tables it leads to: the API's values, the API's filters, safe in a spreadsheet."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from assessments import lifecycle
from assessments.models import CounterAssessment
from commitments.tables import columns_of, in_cell
from ogptracker.api import RESOURCES
from ogptracker.data import TABLES
from tests import factories
from tests.pages import add_commitment, source, texts

pytestmark = pytest.mark.django_db


def table(client: Client, address: str) -> list[dict[str, str]]:
    response = client.get(address)
    assert (response.status_code, response["Content-Type"]) == (200, "text/csv; charset=utf-8")
    assert response.content.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"), newline="")))


def rows(client: Client, address: str) -> list[dict[str, Any]]:
    separator = "&" if "?" in address else "?"
    found = client.get(f"{address}{separator}page_size=200").json()
    assert found["next"] is None
    return found["results"]


def cells(name: str, row: dict[str, Any]) -> dict[str, str]:
    """What the table has to show of a row of the API; nothing in the real plans would be a formula."""
    return {
        column.name: in_cell(row, column.path)
        for column in columns_of(RESOURCES[name].serializer_class())  # type: ignore[misc]
    }


@pytest.mark.parametrize("name", RESOURCES)
@pytest.mark.parametrize("language", ["en", "mn"])
def test_tables_hold_what_the_api_says_of_the_real_plans(loaded_plans: None, client: Client, name: str, language: str):
    found = table(client, f"/api/v1/{name}.csv?language={language}")
    assert found == [cells(name, row) for row in rows(client, f"/api/v1/{name}/?language={language}")]
    assert bool(found) is (name != "reports")


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("plan=nap-4", 53),
        ("plan=nap-4&contested=true", 10),
        ("plan=nap-4&rating=limited&ordering=-code", 14),
        ("q=law", 16),
    ],
)
def test_tables_take_the_filters_of_the_lists(loaded_plans: None, client: Client, query: str, count: int):
    found = table(client, f"/api/v1/milestones.csv?{query}")
    assert [row["id"] for row in found] == [row["id"] for row in rows(client, f"/api/v1/milestones/?{query}")]
    assert len(found) == count


def test_what_stands_inside_a_row_has_columns_of_its_own(client: Client):
    rated = factories.PublishedSelfAssessmentFactory(
        milestone=factories.MilestoneFactory(
            agencies=[
                factories.OrganisationFactory(slug="finance", name_en="Finance"),
                factories.OrganisationFactory(slug="justice", name_en="Justice"),
            ]
        )
    )
    for slug, rating in (("first", "limited"), ("second", None)):
        factories.PublishedCounterAssessmentFactory(
            milestone=rated.milestone,
            organisation__slug=slug,
            rating=rating,
            no_rating_reason="" if rating else "not_provided",
        )
    (row,) = table(client, "/api/v1/milestones.csv")
    assert {name: row[name] for name in row if name.startswith(("agencies", "counter_ratings", "contested"))} == {
        "agencies.slug": "finance; justice",
        "agencies.name": "Finance; Justice",
        "contested": "false",
        "counter_ratings.organisation.slug": "first; second",
        "counter_ratings.organisation.name": row["counter_ratings.organisation.name"],
        "counter_ratings.rating": "limited; ",
        "counter_ratings.light": "amber; ",
        "counter_ratings.gap": "0; ",
        "counter_ratings.no_rating_reason": "; not_provided",
        "counter_ratings.attribution": "stated; stated",
        "counter_ratings.stated_on": "; ",
    }


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("=HYPERLINK(1)", "'=HYPERLINK(1)"),
        ("+1+cmd|' /C calc'!A0", "'+1+cmd|' /C calc'!A0"),
        ("-2+3+cmd", "'-2+3+cmd"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("- first\n- second", "'- first\n- second"),
        ('Ө, Ү; “quoted” "so"', 'Ө, Ү; “quoted” "so"'),
        ("a = b", "a = b"),
    ],
)
def test_no_cell_is_a_formula_and_nothing_else_is_changed(client: Client, said: str, written: str):
    rated = factories.PublishedSelfAssessmentFactory()
    factories.PublishedCounterAssessmentFactory(milestone=rated.milestone, recommendation=said)
    (row,) = table(client, "/api/v1/counter-assessments.csv")
    assert row["recommendation"] == written
    assert row["gap"] == "-1"  # a number stays one


def test_drafts_and_what_is_shown_no_more_are_in_no_table(client: Client):
    rated = factories.PublishedSelfAssessmentFactory()
    for state in ("draft", "submitted", "returned", "withheld", "withdrawn"):
        factories.CounterAssessmentFactory(milestone=rated.milestone, state=state, recommendation="Secret.")
    answer = factories.PublishedCounterAssessmentFactory(milestone=rated.milestone, recommendation="Secret.")
    factories.FocalPointFactory(commitment=rated.milestone.commitment, name="Secret name")
    factories.SelfAssessmentFactory(milestone__commitment__plan=rated.plan, evidence_en="Secret.")
    factories.PublishedSelfAssessmentFactory(
        milestone__title_en="Secret", milestone__commitment__plan=factories.DraftPlanFactory(title_en="Secret")
    )
    factories.ActionPlanFactory(title_en="Secret", is_demonstration=True)
    lifecycle.withhold_counter_assessment(answer, by=factories.PublisherFactory(), reason="personal_data")
    assert CounterAssessment.objects.filter(recommendation="Secret.").count() == 6
    client.force_login(factories.SuperuserFactory())
    for name in RESOURCES:
        assert "ecret" not in client.get(f"/api/v1/{name}.csv").content.decode()
    assert "ecret" not in client.get("/en/data/").content.decode()


@pytest.mark.parametrize(
    ("query", "refused"),
    [("plan=none", "plan"), ("page=2", "page"), ("rating=x", "rating"), ("plan=a&plan=b", "plan"), ("x=1", "x")],
)
def test_what_means_nothing_is_refused_in_a_sentence(client: Client, query: str, refused: str):
    response = client.get(f"/api/v1/milestones.csv?{query}", headers={"accept": "text/csv"})
    assert (response.status_code, response["Content-Type"]) == (400, "application/json")
    assert list(response.json()) == [refused]


def test_a_table_is_a_public_download_under_its_own_name(client: Client):
    factories.ActionPlanFactory(slug="nap-7")
    response = client.get("/api/v1/self-assessments.csv?plan=nap-7", headers={"accept": "text/csv"})
    assert response["Content-Disposition"] == 'attachment; filename="nap-7-self-assessments.csv"'
    assert ("public" in response["Cache-Control"], dict(response.cookies)) == (True, {})
    assert client.post("/api/v1/self-assessments.csv").status_code == 405


@pytest.mark.parametrize("name", RESOURCES)
def test_queries_are_the_same_however_many_rows_there_are(client: Client, name: str):
    plan = factories.ActionPlanFactory()
    numbers = set()
    for _n in range(3):
        add_commitment(plan, milestones=1)
        factories.MeetingFactory(plan=plan)
        factories.ClaimFactory(plan=plan)
        factories.ReleasedReportFactory(plan=plan)
        with CaptureQueriesContext(connection) as asked:
            client.get(f"/api/v1/{name}.csv")
        numbers.add(len(asked))
    assert len(numbers) == 1


class TestThePage:
    def test_every_resource_of_the_api_is_a_table_on_it(self, client: Client):
        assert set(TABLES) == set(RESOURCES)
        page = source(client.get("/mn/data/"))
        assert [name for name in RESOURCES if f'href="/api/v1/{name}.csv?language=mn"' not in page] == []
        assert [name for name in RESOURCES if f'href="/api/v1/{name}/?language=mn"' not in page] == []

    def test_every_column_says_what_it_means(self, client: Client):
        columns = [column for view in RESOURCES.values() for column in columns_of(view.serializer_class())]  # type: ignore[misc]
        assert [column.name for column in columns if not column.says] == []
        assert len(texts(client.get("/en/data/"), "dd")) == len(columns)

    def test_every_link_to_data_leads_to_some(self, loaded_plans: None, client: Client):
        links = re.findall(r'href="(/(?:api/v1|en|api)/[^"#]*)"', client.get("/en/data/?plan=nap-4").content.decode())
        assert len(links) > 25
        broken = {link: client.get(link.replace("&amp;", "&")).status_code for link in set(links)}
        assert {link: status for link, status in broken.items() if status not in (200, 302)} == {}

    def test_one_plan_narrows_every_table_that_belongs_to_plans(self, client: Client):
        factories.ActionPlanFactory(slug="nap-7", number=7)
        page = client.get("/en/data/?plan=nap-7")
        assert "Tables of NAP VII" in texts(page, "h2")
        links = re.findall(r'href="(/api/v1/[^"]+\.csv[^"]*)"', page.content.decode())
        assert len(links) == len(RESOURCES) - 2  # plans themselves, and organisations
        assert {link.partition("?")[2] for link in links} == {"plan=nap-7&amp;language=en"}

    def test_no_licence_is_invented(self, client: Client, settings: Any):
        assert "No licence has been declared for this record yet." in source(client.get("/en/data/"))
        settings.DATA_LICENCE_NAME = "Open Licence 1.0"
        settings.DATA_LICENCE_URL = "https://example.org/licence"
        page = source(client.get("/en/data/"))
        assert "No licence has been declared" not in page
        assert '<a href="https://example.org/licence">Open Licence 1.0</a>' in page

    def test_what_columns_mean_is_marked_as_english(self, client: Client):
        assert source(client.get("/mn/data/")).count('<dl class="meanings" lang="en">') == len(RESOURCES)
