"""What changed: feeds that programs understand, the page that says the same, and nothing in them that is not public."""

from __future__ import annotations

import datetime
import re
from typing import Any
from xml.etree import ElementTree

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from assessments import lifecycle
from assessments.models import CounterAssessment, IndependentReview, Response, SelfAssessment
from assessments.ratings import Rating
from commitments.models import ActionPlan
from tests import factories
from tests.pages import source, texts

ATOM = "{http://www.w3.org/2005/Atom}"
XML_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"

pytestmark = pytest.mark.django_db


def feed(client: Client, address: str) -> ElementTree.Element:
    response = client.get(address)
    assert (response.status_code, response["Content-Type"]) == (200, "application/atom+xml; charset=utf-8")
    return ElementTree.fromstring(response.content)  # noqa: S314 (it was made here)


def titles(client: Client, address: str) -> list[str]:
    return [str(entry.findtext(f"{ATOM}title")) for entry in feed(client, address).iter(f"{ATOM}entry")]


def said(entry: ElementTree.Element) -> str:
    """The words of an entry, its markup taken out."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", str(entry.findtext(f"{ATOM}summary")))).strip()


@pytest.fixture
def plan() -> ActionPlan:
    return factories.ActionPlanFactory(slug="nap-7", number=7, title_en="Seventh plan")


@pytest.fixture
def rated(plan: ActionPlan) -> SelfAssessment:
    """Milestone 1.1 in commitment 1 is rated; its words would run as a script if they were not escaped."""
    milestone = factories.MilestoneFactory(
        commitment__plan=plan, commitment__code="1", code="1.1", title_en="<script>alert(1)</script> & more"
    )
    return factories.PublishedSelfAssessmentFactory(milestone=milestone)


@pytest.fixture
def answer(rated: SelfAssessment) -> CounterAssessment:
    return factories.PublishedCounterAssessmentFactory(
        milestone=rated.milestone,
        organisation__slug="globe",
        organisation__name_en="Globe & Co",
        recommendation="First line.\nSecond line.",
    )


class TestWhatIsAnEvent:
    def test_a_published_quarter_is_one_entry_with_its_counts(self, client: Client, plan: ActionPlan):
        period = factories.OpenPeriodFactory(plan=plan)
        for rating in (Rating.LIMITED, Rating.LIMITED, Rating.COMPLETED_OR_SUBSTANTIAL, None):
            factories.SubmittedSelfAssessmentFactory(
                milestone__commitment__plan=plan,
                period=period,
                rating=rating,
                no_rating_reason="" if rating else "other",
                no_rating_text="" if rating else "Not yet.",
            )
        lifecycle.publish_period(period, by=factories.PublisherFactory())
        first = next(feed(client, "/en/feed.atom").iter(f"{ATOM}entry"))
        assert first.findtext(f"{ATOM}title") == "NAP VII, Quarter 1 of 2025: 4 ratings of the government published"
        assert said(first) == "Completed or substantial progress: 1. Limited progress: 2. Not rated: 1."

    def test_a_reopened_quarter_is_a_second_entry_for_what_was_added(self, client: Client, rated: SelfAssessment):
        period, publisher = rated.period, factories.PublisherFactory()
        lifecycle.reopen_period(period, by=publisher, reason="One was forgotten.")
        factories.SubmittedSelfAssessmentFactory(milestone__commitment__plan=rated.plan, period=period)
        lifecycle.publish_period(period, by=publisher)
        assert titles(client, "/en/plans/nap-7/feed.atom") == [
            "NAP VII, Quarter 1 of 2025: 1 rating of the government published",
            "NAP VII, Quarter 1 of 2025: 1 rating of the government published",
            "NAP VII is published",
        ]

    def test_a_corrected_rating_says_what_stood_there_and_why(self, client: Client, rated: SelfAssessment):
        lifecycle.correct_self_assessment(
            rated, by=factories.PublisherFactory(), reason="The law failed.", rating=Rating.NOT_STARTED_OR_DELAYED
        )
        first = next(feed(client, "/en/feed.atom").iter(f"{ATOM}entry"))
        assert first.findtext(f"{ATOM}title") == "NAP VII, 1.1: the government’s rating corrected (Quarter 1 of 2025)"
        assert said(first) == (
            "&lt;script&gt;alert(1)&lt;/script&gt; &amp; more Not started or severe delays. Before: Limited progress. "
            "Reason of the correction: The law failed."
        )
        # The quarter goes on saying what it published then.
        assert titles(client, "/en/feed.atom")[1] == "NAP VII, Quarter 1 of 2025: 1 rating of the government published"

    def test_an_answer_and_its_response_stand_with_their_words(self, client: Client, answer: CounterAssessment):
        factories.PublishedResponseFactory(
            counter_assessment=answer, organisation__name_en="Ministry", kind=Response.Kind.KEPT
        )
        response, answered = list(feed(client, "/en/feed.atom").iter(f"{ATOM}entry"))[:2]
        assert response.findtext(f"{ATOM}title") == "NAP VII, 1.1: Ministry responds (Rating kept)"
        assert said(response).endswith("The ministry keeps its rating.")
        assert answered.findtext(f"{ATOM}title") == "NAP VII, 1.1: Globe & Co rates “Not started or severe delays”"
        assert "First line.<br>Second line." in str(answered.findtext(f"{ATOM}summary"))

    def test_reports_and_dated_reviews_and_plans_are_events(self, client: Client, rated: SelfAssessment):
        factories.IndependentReviewFactory(
            commitment=rated.milestone.commitment,
            stage=IndependentReview.Stage.END_OF_TERM,
            reviewed_on=datetime.date(2024, 5, 1),
        )
        factories.ReleasedReportFactory(plan=rated.plan, number=3)
        factories.ReportFactory(plan=rated.plan, period_code="2025-H2")
        assert titles(client, "/en/feed.atom") == [
            "NAP VII: Biannual report, First half of 2025, released (No. 3)",
            "NAP VII, Quarter 1 of 2025: 1 rating of the government published",
            "NAP VII: 1 finding of the independent reviewer (End of term)",
            "NAP VII is published",
        ]

    def test_a_commitment_has_its_own_events_only(self, client: Client, answer: CounterAssessment):
        factories.PublishedSelfAssessmentFactory(milestone__commitment__plan=answer.plan, milestone__code="2.1")
        factories.ReleasedReportFactory(plan=answer.plan)
        assert titles(client, "/en/plans/nap-7/commitments/1/feed.atom") == [
            "NAP VII, 1.1: Globe & Co rates “Not started or severe delays”",
            "NAP VII, Quarter 1 of 2025: 1 rating of the government published",
        ]

    @pytest.mark.parametrize("verb", ["withhold", "withdraw"])
    def test_what_is_shown_no_more_takes_the_place_of_its_words(
        self, client: Client, answer: CounterAssessment, verb: str
    ):
        before = {entry.findtext(f"{ATOM}id") for entry in feed(client, "/en/feed.atom").iter(f"{ATOM}entry")}
        factories.PublishedResponseFactory(counter_assessment=answer, reason_en="The secret response.")
        if verb == "withhold":
            lifecycle.withhold_counter_assessment(
                answer, by=factories.PublisherFactory(), reason="personal_data", note_en="A telephone number."
            )
        else:
            lifecycle.withdraw_counter_assessment(
                answer, by=factories.RepresentativeFactory(organisation=answer.organisation)
            )
        root = feed(client, "/en/feed.atom")
        first = next(root.iter(f"{ATOM}entry"))
        assert {entry.findtext(f"{ATOM}id") for entry in root.iter(f"{ATOM}entry")} == before
        assert (
            first.findtext(f"{ATOM}title")
            == {
                "withhold": "NAP VII, 1.1: the answer of Globe & Co is withheld",
                "withdraw": "NAP VII, 1.1: Globe & Co has withdrawn its answer",
            }[verb]
        )
        everything = "".join(
            client.get(address).content.decode()
            for address in ("/en/feed.atom", "/en/changes/", "/en/plans/nap-7/feed.atom")
        )
        assert [word for word in ("First line", "Nothing was done", "secret response") if word in everything] == []
        if verb == "withhold":
            assert said(first).endswith("Reason: It contains personal data. A telephone number.")


class TestTheFormat:
    def test_it_has_what_atom_asks_for(self, client: Client, answer: CounterAssessment, settings: Any):
        settings.SITE_URL = "https://ogp.example.org"
        root = feed(client, "/mn/feed.atom")
        links = {link.get("rel"): link.get("href") for link in root.findall(f"{ATOM}link")}
        entries = list(root.iter(f"{ATOM}entry"))
        ids = [str(entry.findtext(f"{ATOM}id")) for entry in entries]
        assert root.get(XML_LANGUAGE) == "mn"
        assert links == {"self": "http://testserver/mn/feed.atom", "alternate": "http://testserver/mn/changes/"}
        assert root.findtext(f"{ATOM}id") == "tag:ogp.example.org,2026:mn/feed.atom"
        assert root.findtext(f"{ATOM}author/{ATOM}name") == "Нээлттэй засгийн түншлэл, Монгол"
        assert ids[0] == "tag:ogp.example.org,2026:mn/counter-assessments/nap-7/milestone/1.1/2025-Q1/globe/1"
        assert ids[2] == "tag:ogp.example.org,2026:mn/plans/nap-7"
        assert len(set(ids)) == len(ids) == 3
        moments = [str(entry.findtext(f"{ATOM}updated")) for entry in entries]
        assert moments == sorted(moments, reverse=True)
        assert root.findtext(f"{ATOM}updated") == moments[0]
        assert all(datetime.datetime.fromisoformat(moment).tzinfo for moment in moments)
        for entry in entries:
            assert {link.get("rel") for link in entry.findall(f"{ATOM}link")} == {"alternate"}
            assert [part.get("type") for part in entry.findall(f"{ATOM}summary")] == ["html"]

    def test_words_of_the_record_are_never_markup(self, client: Client, answer: CounterAssessment):
        summary = str(next(feed(client, "/en/feed.atom").iter(f"{ATOM}entry")).findtext(f"{ATOM}summary"))
        assert "<script>" not in summary
        assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; more" in summary

    def test_the_other_language_is_marked_and_names_its_own_entries(self, client: Client, answer: CounterAssessment):
        first = next(feed(client, "/mn/feed.atom").iter(f"{ATOM}entry"))
        assert '<span lang="en">First line.' in str(first.findtext(f"{ATOM}summary"))
        assert titles(client, "/mn/feed.atom")[2] == "VII төлөвлөгөө нийтлэгдсэн"

    def test_pages_tell_feed_readers_where_it_is(self, client: Client, rated: SelfAssessment):
        def offered(address: str) -> list[str]:
            return re.findall(r'type="application/atom\+xml" href="([^"]+)" title=', source(client.get(address)))

        assert offered("/en/plans/") == ["/en/feed.atom"]
        assert offered("/en/plans/nap-7/") == ["/en/plans/nap-7/feed.atom", "/en/feed.atom"]
        assert offered("/en/plans/nap-7/commitments/1/") == [
            "/en/plans/nap-7/commitments/1/feed.atom",
            "/en/plans/nap-7/feed.atom",
            "/en/feed.atom",
        ]


class TestWhatIsNotPublic:
    def test_nothing_that_is_not_published_is_an_event_of_anybody(self, client: Client, rated: SelfAssessment):
        for state in ("draft", "submitted", "returned", "withheld", "withdrawn"):
            factories.CounterAssessmentFactory(
                milestone=rated.milestone, state=state, recommendation="Secret.", justification="Secret."
            )
        answer = factories.PublishedCounterAssessmentFactory(milestone=rated.milestone)
        factories.ResponseFactory(counter_assessment=answer, reason_en="Secret.")
        factories.SubmittedSelfAssessmentFactory(
            milestone__commitment__plan=rated.plan, period=rated.period, evidence_en="Secret."
        )
        factories.ReportFactory(plan=rated.plan)
        draft = factories.DraftPlanFactory(slug="nap-8", title_en="Secret plan")
        factories.PublishedSelfAssessmentFactory(milestone__commitment__plan=draft, milestone__title_en="Secret step")
        client.force_login(factories.SuperuserFactory())
        assert len(titles(client, "/en/feed.atom")) == 3  # the plan, its quarter, the one published answer
        for address in ("/en/feed.atom", "/en/changes/", "/en/plans/nap-7/feed.atom", "/en/deadlines.ics"):
            assert "ecret" not in client.get(address).content.decode()

    @pytest.mark.parametrize(
        "address",
        [
            "/en/plans/nap-8/feed.atom",
            "/en/plans/nap-8/deadlines.ics",
            "/en/plans/nap-8/commitments/1/feed.atom",
            "/en/changes/?plan=nap-8",
            "/en/data/?plan=nap-8",
            "/en/plans/none/feed.atom",
            "/en/plans/nap-7/commitments/none/feed.atom",
            "/en/plans/nap-7/commitments/%00/feed.atom",
            "/en/changes/?plan=%00",
            "/en/changes/?plan=demo",
        ],
    )
    def test_a_draft_plan_is_as_unknown_as_none_to_staff_too(self, client: Client, plan: ActionPlan, address: str):
        factories.CommitmentFactory(plan=factories.DraftPlanFactory(slug="nap-8"), code="1")
        factories.ActionPlanFactory(slug="demo", is_demonstration=True)
        client.force_login(factories.SuperuserFactory())
        assert client.get(address).status_code == 404

    def test_a_demonstration_is_in_no_feed_but_its_own(self, client: Client):
        rated = factories.PublishedSelfAssessmentFactory(
            milestone__commitment__plan=factories.ActionPlanFactory(slug="demo", is_demonstration=True)
        )
        factories.PublishedCounterAssessmentFactory(milestone=rated.milestone)
        assert titles(client, "/en/feed.atom") == []
        assert texts(client.get("/en/changes/"), ".event") == []
        assert len(titles(client, "/en/plans/demo/feed.atom")) == 3


class TestThePageOfChanges:
    def test_it_says_the_same_as_the_feed(self, client: Client, answer: CounterAssessment):
        factories.ReleasedReportFactory(plan=answer.plan)
        for plan, address in (("", "/en/feed.atom"), ("?plan=nap-7", "/en/plans/nap-7/feed.atom")):
            page = client.get(f"/en/changes/{plan}")
            assert texts(page, "h4") == titles(client, address)
            assert len(texts(page, "h4")) == 4

    def test_it_opens_with_the_day_of_the_last_change(self, client: Client, plan: ActionPlan):
        assert texts(client.get("/en/changes/"), "h1") == ["The last change is of 27 Dec 2023."]

    def test_without_a_plan_it_says_so(self, client: Client):
        assert texts(client.get("/en/changes/"), "h1") == ["Nothing has become public here yet."]
        assert titles(client, "/en/feed.atom") == []

    def test_pages_neither_repeat_nor_lose_a_change(self, client: Client, plan: ActionPlan):
        moment = timezone.now()
        rated = factories.PublishedSelfAssessmentFactory(milestone__commitment__plan=plan, published_at=moment)
        for _n in range(63):
            factories.PublishedCounterAssessmentFactory(
                milestone=rated.milestone, submitted_at=moment, published_at=moment
            )
        pages = [client.get(f"/en/changes/?plan=nap-7&page={page}") for page in (1, 2, 3, 4)]
        assert [len(texts(page, "h4")) for page in pages] == [30, 30, 5, 0]
        assert len({title for page in pages for title in texts(page, "h4")}) == 65
        assert ["Older changes" in source(page) for page in pages] == [True, True, False, False]
        assert 'href="?plan=nap-7&amp;page=1"' in source(pages[1])
        assert texts(pages[3], ".prose") == ["There are no changes on this page."]
        assert len(titles(client, "/en/feed.atom")) == 50

    @pytest.mark.parametrize("query", ["page=0", "page=-1", "page=x", "page=", "page=1&page=2", "plan=", "x=%00"])
    def test_an_odd_page_is_the_first(self, client: Client, plan: ActionPlan, query: str):
        assert texts(client.get(f"/en/changes/?{query}"), "h4") == ["NAP VII is published"]

    def test_it_is_only_read(self, client: Client):
        assert [client.post(address).status_code for address in ("/en/changes/", "/en/feed.atom", "/en/data/")] == [
            405,
            405,
            405,
        ]


def add_events(plan: ActionPlan) -> None:
    rated = factories.PublishedSelfAssessmentFactory(milestone__commitment__plan=plan)
    answer = factories.PublishedCounterAssessmentFactory(milestone=rated.milestone)
    factories.PublishedResponseFactory(counter_assessment=answer)
    lifecycle.correct_self_assessment(rated, by=factories.PublisherFactory(), reason="A slip.")
    removed = factories.PublishedCounterAssessmentFactory(milestone=rated.milestone)
    lifecycle.withhold_counter_assessment(removed, by=factories.PublisherFactory(), reason="off_topic")
    factories.IndependentReviewFactory(commitment=rated.milestone.commitment, reviewed_on=datetime.date(2024, 1, 1))
    factories.ReleasedReportFactory(plan=plan)


@pytest.mark.parametrize(("address", "queries"), [("/en/feed.atom", 10), ("/en/changes/", 13)])
def test_queries_are_the_same_however_many_changes_there_are(
    client: Client, plan: ActionPlan, address: str, queries: int
):
    for _n in range(3):
        add_events(plan)
        with CaptureQueriesContext(connection) as asked:
            client.get(address)
        assert len(asked) == queries
