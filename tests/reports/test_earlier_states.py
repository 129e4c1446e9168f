"""A commitment's page over time: its quarters, and what stood there on an earlier day."""

from __future__ import annotations

import datetime
import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from assessments import lifecycle
from assessments.history import read_history
from assessments.models import CounterAssessment, Response, SelfAssessment, day_start
from commitments.models import Commitment, Milestone, User
from tests import factories
from tests.pages import get, source, texts

pytestmark = pytest.mark.django_db

GREEN, AMBER, RED = "completed_or_substantial", "limited", "not_started_or_delayed"


def noon(day: str) -> datetime.datetime:
    return day_start(datetime.date.fromisoformat(day)) + datetime.timedelta(hours=12)


@pytest.fixture
def milestone() -> Milestone:
    """Of a plan that is public since 2025-01-10."""
    plan = factories.ActionPlanFactory(published_at=noon("2025-01-10"))
    return factories.MilestoneFactory(commitment__plan=plan)


def rate(milestone: Milestone, quarter: int, rating: str, **values) -> SelfAssessment:
    """The government's rating of a quarter of 2025, public at noon of the tenth day after it."""
    plan = milestone.commitment.plan
    ends_on = datetime.date(2025, 3 * quarter, 30)
    public = day_start(ends_on) + datetime.timedelta(days=10, hours=12)
    period = plan.periods.filter(code=f"2025-Q{quarter}").first() or factories.PublishedPeriodFactory(
        plan=plan,
        code=f"2025-Q{quarter}",
        starts_on=datetime.date(2025, 3 * quarter - 2, 1),
        ends_on=ends_on,
        opened_at=public,
        published_at=public,
    )
    return factories.PublishedSelfAssessmentFactory(
        milestone=milestone, period=period, rating=rating, published_at=public, **values
    )


def answer(rated: SelfAssessment, day: str, **values) -> CounterAssessment:
    return factories.PublishedCounterAssessmentFactory(
        milestone=rated.milestone, period=rated.period, published_at=noon(day), **values
    )


def page_of(client: Client, milestone: Milestone, query: str = "") -> object:
    return get(client, milestone.commitment.get_absolute_url() + query)


class TestQuarters:
    def test_each_period_has_its_mark_and_its_words(self, client: Client, milestone: Milestone):
        rate(milestone, 1, RED)
        rate(factories.MilestoneFactory(commitment=milestone.commitment), 2, GREEN)
        rate(milestone, 3, AMBER)
        page = page_of(client, milestone)
        assert texts(page, ".quarters") == [
            "2025 Q1 Quarter 1 of 2025: Not started or severe delays 2025 Q2 Quarter 2 of 2025: Not rated "
            "2025 Q3 Quarter 3 of 2025: Limited progress",
            "2025 Q1 Quarter 1 of 2025: Not rated 2025 Q2 Quarter 2 of 2025: Completed or substantial progress "
            "2025 Q3 Quarter 3 of 2025: Not rated",
        ]

    def test_one_period_is_named_and_not_drawn(self, client: Client, milestone: Milestone):
        rate(milestone, 1, RED)
        page = page_of(client, milestone)
        assert texts(page, ".quarters") == []
        assert "Rated in one period: Quarter 1 of 2025" in source(page)

    def test_every_correction_leads_to_the_version_before(self, client: Client, milestone: Milestone, publisher: User):
        first = rate(milestone, 1, GREEN, evidence_en="The old words.")
        second = rate(milestone, 2, GREEN)
        for row in (first, second):
            factories.EvidenceFactory(self_assessment=row)
            lifecycle.correct_self_assessment(row, by=publisher, reason="It was not so.", rating=AMBER)
        page = page_of(client, milestone)
        code = milestone.code
        markup = source(page)
        for address in re.findall(r'<a href="#(v[^"]*)"', markup):
            assert f'id="{address}"' in markup
        assert re.findall(r'<a href="#(v[^"]*)"', markup) == [f"v{code}-2025-Q1-1", f"v{code}-2025-Q2-1"]
        assert "The old words." in " ".join(texts(page, ".history"))

    def test_unpublished_ratings_stand_in_no_quarter(self, client: Client, milestone: Milestone):
        rate(milestone, 1, RED)
        rated = rate(milestone, 2, AMBER)
        other = factories.MilestoneFactory(commitment=milestone.commitment)
        factories.SubmittedSelfAssessmentFactory(milestone=other, period=rated.period, rating=GREEN)
        factories.OpenPeriodFactory(
            plan=rated.plan, code="2025-Q4", starts_on=datetime.date(2025, 10, 1), ends_on=datetime.date(2025, 12, 31)
        )
        for reader in (None, factories.PublisherFactory()):
            if reader:
                client.force_login(reader)
            quarters = texts(page_of(client, milestone), ".quarters")
            assert [("Completed" in text, "Q4" in text) for text in quarters] == [(False, False)] * 2

    def test_three_queries_at_any_number_of_milestones_and_corrections(
        self, milestone: Milestone, publisher: User, django_assert_num_queries
    ):
        plan = milestone.commitment.plan
        milestones = [milestone, *(factories.MilestoneFactory(commitment=milestone.commitment) for _n in range(2))]
        for one in milestones:
            row = rate(one, 1, GREEN)
            factories.EvidenceFactory(self_assessment=row)
            lifecycle.correct_self_assessment(row, by=publisher, reason="No.", rating=AMBER)
        for subjects in (milestones[:1], milestones):
            with django_assert_num_queries(3):
                history = read_history(plan, subjects)
        assert [len(history[Milestone, one.pk][0].earlier) for one in milestones] == [1, 1, 1]


class TestAsOf:
    def test_it_shows_what_was_public_at_the_end_of_that_day(self, client: Client, milestone: Milestone):
        first = rate(milestone, 1, RED, evidence_en="SPRING")
        answer(first, "2025-04-20", justification="EARLY-ANSWER")
        rate(milestone, 2, GREEN, evidence_en="SUMMER")
        days = {
            day: [word for word in ("SPRING", "EARLY-ANSWER", "SUMMER") if word in source(page)]
            for day in ("2025-04-08", "2025-04-09", "2025-04-20", "2025-07-09", "2025-07-10", "")
            for page in [page_of(client, milestone, f"?as_of={day}")]
        }
        assert days == {
            "2025-04-08": [],
            "2025-04-09": ["SPRING"],
            "2025-04-20": ["SPRING", "EARLY-ANSWER"],
            "2025-07-09": ["SPRING", "EARLY-ANSWER"],
            "2025-07-10": ["SUMMER"],
            "": ["SUMMER"],
        }

    def test_the_day_ends_where_the_record_is_kept(self, client: Client, milestone: Milestone):
        rated = rate(milestone, 1, RED, evidence_en="SPRING")
        late = datetime.datetime(2025, 4, 9, 16, 30, tzinfo=datetime.UTC)  # half past midnight in Ulaanbaatar
        SelfAssessment.objects.filter(pk=rated.pk).update(published_at=late)
        shown = ["SPRING" in source(page_of(client, milestone, f"?as_of=2025-04-{day}")) for day in ("09", "10")]
        assert shown == [False, True]

    def test_a_correction_and_a_newer_response_are_not_there_yet(
        self, client: Client, milestone: Milestone, publisher: User
    ):
        rated = rate(milestone, 1, GREEN, evidence_en="OLD-WORDS")
        factories.EvidenceFactory(self_assessment=rated)
        given = answer(rated, "2025-04-20")
        response = factories.PublishedResponseFactory(
            counter_assessment=given, reason_en="OLD-RESPONSE", published_at=noon("2025-05-01")
        )
        Response.objects.filter(pk=response.pk).update(is_current=False, superseded_at=noon("2025-06-01"))
        factories.PublishedResponseFactory(
            counter_assessment=given,
            organisation=response.organisation,
            reason_en="NEW-RESPONSE",
            version=2,
            supersedes=response,
            correction_reason="LATE-REASON",
            published_at=noon("2025-06-01"),
        )
        lifecycle.correct_self_assessment(
            rated, by=publisher, reason="LATE-REASON", rating=AMBER, evidence_en="NEW-WORDS"
        )
        words = ("OLD-WORDS", "OLD-RESPONSE", "NEW-RESPONSE", "NEW-WORDS", "LATE-REASON")
        found = {
            day: [word for word in words if word in source(page_of(client, milestone, f"?as_of={day}"))]
            for day in ("2025-04-25", "2025-05-05")
        }
        assert found == {"2025-04-25": ["OLD-WORDS"], "2025-05-05": ["OLD-WORDS", "OLD-RESPONSE"]}

    def test_what_bears_a_later_date_is_left_out_and_what_bears_none_is_not(self, client: Client, milestone: Milestone):
        commitment, plan = milestone.commitment, milestone.commitment.plan
        for text, issued_on in (("UNDATED-ADVICE", None), ("LATER-ADVICE", datetime.date(2025, 9, 1))):
            factories.RecommendationFactory(plan=plan, text_en=text, issued_on=issued_on).commitments.add(commitment)
        for text, stated_on in (("UNDATED-REMARK", None), ("LATER-REMARK", datetime.date(2025, 9, 1))):
            factories.CommentFactory(plan=None, commitment=commitment, text_en=text, stated_on=stated_on)
        factories.IndependentReviewFactory(
            commitment=commitment, completion="completed", reviewed_on=datetime.date(2025, 9, 1)
        )
        page = source(page_of(client, milestone, "?as_of=2025-08-31"))
        words = ("UNDATED-ADVICE", "LATER-ADVICE", "UNDATED-REMARK", "LATER-REMARK", "No review is recorded here.")
        assert [word for word in words if word in page] == [
            "UNDATED-ADVICE",
            "UNDATED-REMARK",
            "No review is recorded here.",
        ]

    @pytest.mark.parametrize("role", ["anonymous", "author", "member", "staff"])
    def test_nothing_that_was_never_public_shows_at_any_day(self, client: Client, milestone: Milestone, role: str):
        rated = rate(milestone, 1, RED)
        author = factories.RepresentativeFactory()
        own = author.memberships.get().organisation
        factories.SubmittedCounterAssessmentFactory(
            milestone=milestone, period=rated.period, organisation=own, justification="HIDDEN-PENDING"
        )
        other = factories.MilestoneFactory(commitment=milestone.commitment)
        factories.SelfAssessmentFactory(milestone=other, period=rated.period, evidence_en="HIDDEN-DRAFT")
        given = answer(rated, "2025-04-20", justification="HIDDEN-WITHDRAWN")
        CounterAssessment.objects.filter(pk=given.pk).update(
            state="withdrawn", withdrawn_at=noon("2025-05-01"), withdrawn_by=author, is_current=False, is_latest=False
        )
        factories.ResponseFactory(counter_assessment=answer(rated, "2025-04-20"), reason_en="HIDDEN-RESPONSE")
        if role != "anonymous":
            client.force_login(
                {
                    "author": lambda: author,
                    "member": factories.MsfMemberFactory,
                    "staff": factories.PublisherFactory,
                }[role]()
            )
        pages = [
            source(page_of(client, milestone, f"?as_of={day}"))
            for day in ("2025-04-25", "2025-06-01", timezone.localdate().isoformat())
        ]
        hidden = {word for page in pages for word in re.findall(r"HIDDEN-\w+", page)}
        # The support unit reads an answer as it stood before it was withdrawn.
        assert hidden == ({"HIDDEN-WITHDRAWN"} if role == "staff" else set())

    def test_it_says_so_leads_back_and_is_not_for_search_engines(self, client: Client, milestone: Milestone):
        address = milestone.commitment.get_absolute_url()
        page = source(page_of(client, milestone, "?as_of=2025-06-30"))
        assert "As it stood on 30 Jun 2025, not as it is now." in page
        assert f'<a href="{address}">The page as it is now</a>' in page
        assert f'<link rel="canonical" href="http://testserver{address}">' in page
        assert '<meta name="robots" content="noindex">' in page
        assert "30 Jun 2025, 23:59, Ulaanbaatar time" in page
        assert "noindex" not in source(page_of(client, milestone))

    def test_a_page_leads_to_its_own_state(self, client: Client, milestone: Milestone):
        rate(milestone, 1, RED, evidence_en="SPRING")
        today = timezone.localdate().isoformat()
        [link] = re.findall(r'href="([^"]*as_of[^"]*)"', source(page_of(client, milestone)))
        assert link == f"{milestone.commitment.get_absolute_url()}?as_of={today}"
        assert "SPRING" in source(get(client, link))

    def test_a_day_before_the_plan_says_so(self, client: Client, milestone: Milestone):
        page = source(page_of(client, milestone, "?as_of=2024-12-31"))
        assert "This is a day before the plan became public here, which was on 10 Jan 2025." in page

    @pytest.mark.parametrize(
        ("asked", "sentence"),
        [
            ("2999-01-01", "The address asks for a day that has not come yet."),
            ("9999-12-31", "The address asks for a day that has not come yet."),
            ("0001-01-01", "The address asks for a day that is none."),
            ("2025-02-30", "The address asks for a day that is none."),
            ("20250630", "The address asks for a day that is none."),
            ("2025-W01-1", "The address asks for a day that is none."),
            ("%00", "The address asks for a day that is none."),
            ("٢٠٢٥-٠٦-٣٠", "The address asks for a day that is none."),
            ("<script>", "The address asks for a day that is none."),
            ("1" * 5000, "The address asks for a day that is none."),
        ],
    )
    def test_an_odd_day_is_answered_with_a_sentence(self, client: Client, milestone: Milestone, asked, sentence):
        rate(milestone, 1, RED, evidence_en="SPRING")
        response = client.get(f"{milestone.commitment.get_absolute_url()}?as_of={asked}")
        page = source(response)
        assert (response.status_code, sentence in page, "SPRING" in page, "<script" in page) == (400, True, True, False)

    def test_tomorrow_has_not_come_yet(self, client: Client, milestone: Milestone):
        tomorrow = timezone.localdate() + datetime.timedelta(days=1)
        response = client.get(f"{milestone.commitment.get_absolute_url()}?as_of={tomorrow}")
        assert response.status_code == 400
        assert "The address asks for a day that has not come yet." in source(response)

    def test_an_earlier_state_costs_no_more_for_three_milestones_than_for_one(
        self, client: Client, milestone: Milestone
    ):
        def queries(commitment: Commitment) -> int:
            with CaptureQueriesContext(connection) as context:
                get(client, f"{commitment.get_absolute_url()}?as_of=2025-06-30")
            return len(context)

        rated = rate(milestone, 1, RED)
        answer(rated, "2025-04-20")
        one = queries(milestone.commitment)
        for _n in range(2):
            answer(rate(factories.MilestoneFactory(commitment=milestone.commitment), 1, RED), "2025-04-20")
        assert queries(milestone.commitment) == one
