"""The repository clock: when evidence counts as updated, for how long, and in which plans anybody waits for it."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.test import Client

from assessments.findings import evidence_finding, freshness_finding
from assessments.freshness import Freshness, FreshnessState, freshness_of, is_running, months_after, stale_commitments
from assessments.models import SelfAssessment, day_start
from commitments.models import ActionPlan, Commitment
from tests import factories
from tests.pages import get, texts

pytestmark = pytest.mark.django_db


def day(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)


def moment(text: str) -> datetime.datetime:
    return day_start(day(text))


@pytest.fixture
def plan() -> ActionPlan:
    return factories.ActionPlanFactory(slug="p", starts_on=day("2024-01-01"), ends_on=day("2027-12-31"))


@pytest.fixture
def commitment(plan: ActionPlan) -> Commitment:
    return factories.CommitmentFactory(plan=plan, code="1")


def rated(commitment: Commitment, on: str, **values: Any) -> SelfAssessment:
    """A published rating with evidence in words."""
    milestone = factories.MilestoneFactory(commitment=commitment)
    return factories.PublishedSelfAssessmentFactory(milestone=milestone, published_at=moment(on), **values)


def updated(commitment: Commitment, as_of: str = "2026-01-01") -> str | None:
    found = freshness_of([commitment], moment(as_of))[commitment.pk].updated_at
    return found.astimezone(datetime.timezone(datetime.timedelta(hours=8))).date().isoformat() if found else None


class TestWhatIsAnUpdate:
    def test_a_published_rating_with_evidence_in_words(self, commitment: Commitment) -> None:
        rated(commitment, "2025-04-15")
        assert updated(commitment) == "2025-04-15"

    def test_one_with_a_link_alone(self, commitment: Commitment) -> None:
        bare = rated(commitment, "2025-04-15", evidence_en="")
        assert updated(commitment) is None
        factories.EvidenceFactory(self_assessment=bare)
        assert updated(commitment) == "2025-04-15"

    def test_one_of_the_commitment_as_a_whole(self, commitment: Commitment) -> None:
        factories.PublishedSelfAssessmentFactory(
            milestone=None, commitment=commitment, published_at=moment("2025-04-15")
        )
        assert updated(commitment) == "2025-04-15"

    def test_the_newest_counts_and_only_what_was_published_by_then(self, commitment: Commitment) -> None:
        rated(commitment, "2025-04-15")
        rated(commitment, "2025-07-15")
        moments = ["2025-04-14", "2025-04-15", "2025-07-14", "2025-07-15"]
        assert [updated(commitment, as_of) for as_of in moments] == [None, "2025-04-15", "2025-04-15", "2025-07-15"]

    def test_not_a_draft(self, commitment: Commitment) -> None:
        factories.SelfAssessmentFactory(milestone__commitment=commitment)
        factories.SubmittedSelfAssessmentFactory(milestone__commitment=commitment)
        assert updated(commitment) is None

    def test_not_a_rating_that_repeats_an_earlier_one(self, commitment: Commitment) -> None:
        first = rated(commitment, "2025-04-15")
        period = factories.PublishedPeriodFactory(
            plan=commitment.plan, code="2025-Q2", starts_on=day("2025-04-01"), ends_on=day("2025-06-30")
        )
        rated(commitment, "2025-07-15", period=period, copied_from=first)
        assert updated(commitment) == "2025-04-15"

    def test_a_published_response_with_its_letter(self, commitment: Commitment) -> None:
        answer = factories.PublishedCounterAssessmentFactory(milestone__commitment=commitment)
        response = factories.PublishedResponseFactory(counter_assessment=answer, published_at=moment("2025-05-02"))
        assert updated(commitment) is None
        factories.EvidenceFactory(self_assessment=None, response=response)
        assert updated(commitment) == "2025-05-02"

    def test_not_the_letter_of_a_draft_of_a_response_nor_an_organisations_evidence(
        self, commitment: Commitment
    ) -> None:
        answer = factories.PublishedCounterAssessmentFactory(milestone__commitment=commitment)
        factories.EvidenceFactory(self_assessment=None, counter_assessment=answer)
        draft = factories.ResponseFactory(counter_assessment=answer)
        factories.EvidenceFactory(self_assessment=None, response=draft)
        assert updated(commitment) is None

    def test_of_another_commitment_it_is_none(self, commitment: Commitment) -> None:
        rated(factories.CommitmentFactory(plan=commitment.plan), "2025-04-15")
        assert updated(commitment) is None


class TestTheClock:
    @pytest.mark.parametrize(
        ("as_of", "state", "left"),
        [
            ("2025-04-15", FreshnessState.FRESH, 183),
            ("2025-09-14", FreshnessState.FRESH, 31),
            ("2025-09-15", FreshnessState.DUE, 30),
            ("2025-10-15", FreshnessState.DUE, 0),
            ("2025-10-16", FreshnessState.OVERDUE, -1),
        ],
    )
    def test_an_update_is_fresh_for_six_months(
        self, commitment: Commitment, as_of: str, state: FreshnessState, left: int
    ) -> None:
        rated(commitment, "2025-04-15")
        assert freshness_of([commitment], moment(as_of)) == {
            commitment.pk: Freshness(commitment, moment("2025-04-15"), day("2025-10-15"), state, left)
        }

    def test_without_evidence_it_says_so(self, commitment: Commitment) -> None:
        assert freshness_of([commitment], moment("2025-04-15")) == {
            commitment.pk: Freshness(commitment, None, None, FreshnessState.NEVER, None)
        }

    def test_a_plan_that_has_ended_has_no_clock_but_its_last_update(self, commitment: Commitment) -> None:
        rated(commitment, "2025-04-15")
        assert freshness_of([commitment], moment("2028-04-01")) == {
            commitment.pk: Freshness(commitment, moment("2025-04-15"), None, None, None)
        }

    def test_it_runs_from_the_first_day_until_three_months_after_the_last(self, plan: ActionPlan) -> None:
        days = ["2023-12-31", "2024-01-01", "2028-03-31", "2028-04-01"]
        assert [is_running(plan, day(text)) for text in days] == [False, True, True, False]

    def test_months_end_where_the_month_does(self) -> None:
        assert [months_after(day(text), 6).isoformat() for text in ("2025-08-31", "2023-08-30", "2025-06-15")] == [
            "2026-02-28",
            "2024-02-29",
            "2025-12-15",
        ]


class TestTheQueue:
    def test_lists_what_is_overdue_or_never_was(self, plan: ActionPlan, commitment: Commitment) -> None:
        rated(commitment, "2025-04-15")
        never = factories.CommitmentFactory(plan=plan, code="2")
        rated(factories.CommitmentFactory(plan=plan, code="3"), "2025-10-01")
        found = [(row.commitment, row.state) for row in stale_commitments(moment("2025-12-01"))]
        assert found == [(commitment, FreshnessState.OVERDUE), (never, FreshnessState.NEVER)]

    def test_leaves_out_drafts_demonstrations_and_ended_plans(self) -> None:
        ended = factories.ActionPlanFactory(starts_on=day("2020-01-01"), ends_on=day("2021-12-31"))
        for plan in (factories.DraftPlanFactory(), factories.ActionPlanFactory(is_demonstration=True), ended):
            factories.CommitmentFactory(plan=plan)
        assert stale_commitments(moment("2025-12-01")) == []

    @pytest.mark.parametrize("number", [1, 3])
    def test_takes_three_queries_whatever_its_length(
        self, plan: ActionPlan, number: int, django_assert_num_queries: Any
    ) -> None:
        for _n in range(number):
            rated(factories.CommitmentFactory(plan=plan), "2025-04-15")
        with django_assert_num_queries(3):
            assert len(stale_commitments(moment("2025-12-01"))) == number


class TestSentences:
    @pytest.mark.parametrize(
        ("as_of", "said"),
        [
            ("2025-04-14", "None published yet"),
            ("2025-05-01", "15 Apr 2025; the next update is due by 15 Oct 2025"),
            ("2025-10-14", "15 Apr 2025; the next update is due by 15 Oct 2025, in 1 day"),
            ("2025-10-13", "15 Apr 2025; the next update is due by 15 Oct 2025, in 2 days"),
            ("2025-10-16", "15 Apr 2025; the next update was due by 15 Oct 2025 and is overdue"),
            ("2028-04-01", "15 Apr 2025"),
        ],
    )
    def test_of_a_commitment(self, commitment: Commitment, as_of: str, said: str) -> None:
        rated(commitment, "2025-04-15")
        assert evidence_finding(freshness_of([commitment], moment(as_of))[commitment.pk]) == said

    def test_of_a_plan(self, plan: ActionPlan, commitment: Commitment) -> None:
        rated(commitment, "2025-04-15")
        rated(factories.CommitmentFactory(plan=plan), "2025-10-01")
        factories.CommitmentFactory(plan=plan)

        def said(as_of: str) -> str:
            return freshness_finding(list(freshness_of(plan.commitments.all(), moment(as_of)).values()))

        assert said("2025-12-01") == (
            "Evidence updated within six months: 1 of 3 commitments; overdue: 1; none published yet: 1."
        )
        assert said("2028-04-01") == ""


class TestWhereItIsShown:
    @pytest.fixture
    def long_ago(self, commitment: Commitment) -> Commitment:
        """Overdue today, in a plan that runs today."""
        rated(commitment, "2024-04-15")
        ActionPlan.objects.filter(pk=commitment.plan_id).update(ends_on=day("2999-12-31"))
        return commitment

    def test_on_the_commitments_page(self, long_ago: Commitment, client: Client) -> None:
        response = get(client, long_ago.get_absolute_url())
        facts = dict(zip(texts(response, "dt"), texts(response, "dd"), strict=True))
        assert facts["Evidence updated"] == "15 Apr 2024; the next update was due by 15 Oct 2024 and is overdue"

    def test_as_one_sentence_on_the_plans_page(self, long_ago: Commitment, client: Client) -> None:
        sentence = "Evidence updated within six months: 0 of 1 commitment; overdue: 1; none published yet: 0."
        assert sentence in texts(get(client, long_ago.plan.get_absolute_url()), "p")

    def test_in_the_api(self, long_ago: Commitment, client: Client) -> None:
        expected = ("2024-04-15T00:00:00+08:00", "2024-10-15")
        listed = client.get("/api/v1/commitments/?plan=p").json()["results"][0]
        single = client.get("/api/v1/commitments/p/1/").json()
        nested = client.get("/api/v1/plans/p/").json()["commitments"][0]
        found = [(row["evidence_updated_at"], row["evidence_fresh_until"]) for row in (listed, single, nested)]
        assert found == [expected] * 3

    def test_without_evidence_the_api_says_null(self, commitment: Commitment, client: Client) -> None:
        single = client.get("/api/v1/commitments/p/1/").json()
        assert (single["evidence_updated_at"], single["evidence_fresh_until"]) == (None, None)


def test_nap_4_is_read_with_its_last_update_and_no_clock(nap_4: ActionPlan) -> None:
    found = freshness_of(nap_4.commitments.select_related("plan"), moment("2026-11-01")).values()
    assert {(row.state, row.fresh_until) for row in found} == {(None, None)}
    assert {row.updated_at for row in found} == {moment("2023-08-15")}
