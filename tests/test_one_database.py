"""Page, API, admin and report read one database: on the real plans they say the same counts, each in its own way."""

from __future__ import annotations

import re
from collections import Counter
from html.parser import HTMLParser
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from assessments.models import CounterAssessment, SelfAssessment
from assessments.ratings import Rating
from commitments.models import ActionPlan, User
from reports.figures import build_figures

RATED = {"nap-1": "2016-final", "nap-4": "2023-final"}

# The totals of the plans as a person counts them in the documents (rating labels as the page prints them).
READ_BY_EYE = {
    "nap-1": {
        "Government": {
            "Completed": 5,
            "Substantial": 8,
            "Limited progress": 3,
            "Not started": 0,
            "Not rated": 5,
        },
        "NGOs": {
            "Completed": 0,
            "Substantial": 0,
            "Limited progress": 0,
            "Not started": 0,
            "Not rated": 21,
        },
        "Independent reviewer (IRM)": {
            "Completed": 0,
            "Substantial": 0,
            "Limited progress": 0,
            "Not started": 1,
            "Not recorded": 20,
        },
    },
    "nap-4": {
        "Government": {
            "Completed or substantial progress": 38,
            "Limited progress": 14,
            "Not started or severe delays": 0,
            "Not rated": 1,
        },
        "NGOs": {
            "Completed or substantial progress": 1,
            "Limited progress": 8,
            "Not started or severe delays": 2,
            "Not rated": 41,
            "Not provided": 1,
        },
        "Independent reviewer (IRM)": {
            "Completed": 0,
            "Substantial": 2,
            "Limited progress": 3,
            "Not started": 1,
            "Not recorded": 3,
        },
    },
}


class Bars(HTMLParser):
    """Reads the bars of a page: {rater: {rating label: count}}, as a reader without eyes would."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: dict[str, dict[str, int]] = {}
        self.reading: list[str] = []
        self.rater = self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        classes = (dict(attrs).get("class") or "").split()
        if "bar__head" in classes:
            self.reading, self.text = ["head"], ""
        elif "tally" in classes:
            self.reading = ["tally"]
        elif tag == "li" and self.reading:
            self.text = ""

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_endtag(self, tag: str) -> None:
        if self.reading == ["head"] and tag == "b":
            self.rater = self.text.strip()
            self.found[self.rater] = {}
        elif self.reading == ["tally"] and tag == "li":
            count, label = self.text.split(maxsplit=1)
            self.found[self.rater][label.strip()] = int(count)
        elif tag in {"ul", "p"}:
            self.reading = []


def labelled(by_rating: dict[str, int], not_rated: int, not_provided: int, unrated: str) -> dict[str, int]:
    """Counts by code as the page prints them."""
    counts = {str(Rating(code).label): count for code, count in by_rating.items()}
    if not_rated:
        counts[unrated] = not_rated
    if not_provided:
        counts["Not provided"] = not_provided
    return counts


def of_the_api(client: Client, slug: str) -> dict[str, dict[str, int]]:
    counts = client.get(f"/api/v1/plans/{slug}/").json()["counts"]
    return {
        name: labelled(
            counts[rater]["by_rating"],
            counts[rater]["not_rated"],
            counts[rater]["not_provided"],
            "Not recorded" if rater == "review" else "Not rated",
        )
        for name, rater in (("Government", "government"), ("NGOs", "ngo"), ("Independent reviewer (IRM)", "review"))
    }


def of_the_report(slug: str) -> dict[str, dict[str, int]]:
    totals = build_figures(ActionPlan.objects.get(slug=slug), RATED[slug], "en").totals
    return {
        name: labelled(
            {rating.rating: rating.count for rating in tallied.ratings},
            tallied.not_rated,
            tallied.not_provided,
            "Not recorded" if tallied is totals.review else "Not rated",
        )
        for name, tallied in (
            ("Government", totals.government),
            ("NGOs", totals.ngo),
            ("Independent reviewer (IRM)", totals.review),
        )
    }


def of_the_admin(client: Client, model: str, **query: Any) -> int:
    """How many rows a change list counts."""
    response = client.get(reverse(f"admin:assessments_{model}_changelist"), query)
    assert response.status_code == 200
    return response.context["cl"].result_count


@pytest.mark.django_db
@pytest.mark.parametrize("slug", RATED)
class TestTotals:
    def test_the_spines_of_the_plan_page_say_what_the_document_says(
        self, loaded_plans: None, client: Client, slug: str
    ) -> None:
        page = client.get(f"/en/plans/{slug}/").content.decode()
        spoken = Counter(re.findall(r">[\d.]+: government: ([^;<]+)", page))
        assert spoken == {label: count for label, count in READ_BY_EYE[slug]["Government"].items() if count}

    def test_the_api_says_what_the_document_says(self, loaded_plans: None, client: Client, slug: str) -> None:
        assert of_the_api(client, slug) == READ_BY_EYE[slug]

    def test_the_report_says_what_the_document_says(self, loaded_plans: None, slug: str) -> None:
        with translation.override("en"):
            assert of_the_report(slug) == READ_BY_EYE[slug]

    def test_the_admin_lists_as_many_ratings(
        self, loaded_plans: None, client: Client, publisher: User, slug: str
    ) -> None:
        client.force_login(publisher)
        listed = {
            rating: of_the_admin(client, "selfassessment", plan=slug, rating=rating)
            for rating in SelfAssessment.objects.filter(period__plan__slug=slug, rating__isnull=False)
            .values_list("rating", flat=True)
            .distinct()
        }
        api = client.get(f"/api/v1/plans/{slug}/").json()["counts"]["government"]["by_rating"]
        assert listed == {rating: count for rating, count in api.items() if count}


@pytest.mark.django_db
def test_the_home_page_prints_what_the_document_says(loaded_plans: None, client: Client) -> None:
    assert Bars(client.get("/en/").content.decode()).found == READ_BY_EYE["nap-4"]


@pytest.mark.django_db
class TestDisagreement:
    """NAP IV: twelve milestones with an NGO rating row, eleven ratings, ten of them other than the government's."""

    def test_everywhere_the_same_milestones_are_contested(self, loaded_plans: None, client: Client) -> None:
        expected = ["1.1", "1.2", "1.3", "1.5", "6.1", "6.2", "6.3", "6.4", "6.5", "6.6"]
        rows = client.get("/api/v1/milestones/", {"plan": "nap-4", "contested": "true"}).json()
        figures = build_figures(ActionPlan.objects.get(slug="nap-4"), "2023-final", "en")
        of_the_report = [
            milestone.subject.code
            for commitment in figures.commitments
            for milestone in commitment.milestones
            if milestone.subject.contested
        ]
        assert [row["code"] for row in rows["results"]] == expected
        assert of_the_report == expected
        page = client.get("/en/plans/nap-4/").content.decode()
        spoken = re.findall(r">(\d\.\d): ([^<]*)<", page)
        differing = {code for code, sentence in spoken if "lower by" in sentence or "higher by" in sentence}
        assert differing == set(expected)

    def test_everywhere_the_same_gaps(self, loaded_plans: None, client: Client) -> None:
        expected = {-2: 1, -1: 8, 0: 1, 1: 1}
        rows = client.get("/api/v1/milestones/", {"plan": "nap-4", "page_size": 200}).json()["results"]
        of_the_api = Counter(
            answer["gap"] for row in rows for answer in row["counter_ratings"] if answer["gap"] is not None
        )
        figures = build_figures(ActionPlan.objects.get(slug="nap-4"), "2023-final", "en")
        of_the_report = Counter(
            answer.gap
            for commitment in figures.commitments
            for milestone in commitment.milestones
            for answer in milestone.subject.answers
            if answer.gap is not None
        )
        assert of_the_api == of_the_report == expected

    def test_everywhere_as_many_answers(self, loaded_plans: None, client: Client, publisher: User) -> None:
        published = CounterAssessment.objects.filter(period__plan__slug="nap-4").count()
        client.force_login(publisher)
        assert published == of_the_admin(client, "counterassessment", plan="nap-4")
        assert published == client.get("/api/v1/counter-assessments/", {"plan": "nap-4"}).json()["count"]
        assert published == client.get("/api/v1/plans/nap-4/").json()["counts"]["ngo_answers"]
        assert published == build_figures(ActionPlan.objects.get(slug="nap-4"), "2023-final", "en").totals.ngo_answers


@pytest.mark.django_db
def test_printed_figures_stand_beside_the_same_counts_everywhere(loaded_plans: None, client: Client) -> None:
    rows = client.get("/api/v1/claims/", {"plan": "nap-4", "page_size": 200}).json()["results"]
    of_the_api = {
        row["label"]: "" if row["counted"] is None else f"{row['counted']}{'%' * (row['unit'] == 'percent')}"
        for row in rows
    }
    figures = build_figures(ActionPlan.objects.get(slug="nap-4"), "2023-final", "en")
    assert of_the_api == {str(claim.label): claim.counted for claim in figures.claims}
    differing = {row["label"]: (row["printed"], row["counted"]) for row in rows if row["differs"]}
    assert differing["Milestones fully completed"] == ("39", 38)
