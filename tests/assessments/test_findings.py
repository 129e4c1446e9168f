"""The sentences that pages open with where there is nothing to count yet, or one commitment to speak of."""

import datetime

import pytest

from assessments.counts import count_commitment
from assessments.findings import awaited_finding, commitment_finding, whole_review_finding
from assessments.ledger import read_ledger
from assessments.models import ReportingPeriod, day_start
from assessments.ratings import NoRatingReason, Rating
from tests import factories


def quarters(*ends: tuple[int, int], published: int = 0) -> list[ReportingPeriod]:
    """Periods that end in these (year, quarter)s; the first ones are published."""
    return [
        ReportingPeriod(
            code=f"{year}-Q{quarter}",
            starts_on=datetime.date(year, 3 * quarter - 2, 1),
            ends_on=datetime.date(year, 3 * quarter, 30),
            published_at=day_start(datetime.date(2020, 1, 1)) if n < published else None,
        )
        for n, (year, quarter) in enumerate(ends)
    ]


class TestWhatIsAwaited:
    def said(self, periods: list[ReportingPeriod], *day: int) -> str:
        return awaited_finding(periods, day_start(datetime.date(*day)))

    def test_before_the_first_period_has_ended(self):
        assert self.said(quarters((2024, 1), (2024, 2)), 2024, 3, 30) == (
            "No rating has been published yet. "
            "The first is awaited for this period: Quarter 1 of 2024, until 30 Mar 2024."
        )

    def test_when_periods_have_ended_without_a_rating(self):
        assert self.said(quarters((2024, 1), (2024, 2), (2024, 3)), 2024, 7, 1) == (
            "No rating has been published yet: 2 of the 3 planned reporting periods have ended. "
            "The next: Quarter 3 of 2024, until 30 Sep 2024."
        )

    def test_when_all_have_ended(self):
        assert self.said(quarters((2024, 1), (2024, 2)), 2025, 1, 1) == (
            "No rating has been published, although all 2 planned reporting periods have ended."
        )

    def test_when_none_is_planned(self):
        assert self.said([], 2025, 1, 1) == "No rating has been published yet, and no reporting period is planned."

    def test_a_published_period_is_not_awaited(self):
        assert self.said(quarters((2024, 1), (2024, 2), published=1), 2024, 5, 1) == (
            "No rating has been published yet. "
            "The first is awaited for this period: Quarter 2 of 2024, until 30 Jun 2024."
        )


@pytest.mark.django_db
class TestOneCommitment:
    def said(self, commitment) -> tuple[str, str]:
        entry = read_ledger(commitment.plan).entry(commitment.code)
        counts = count_commitment(entry)
        return commitment_finding(entry, counts), whole_review_finding(entry, counts)

    def test_nothing_is_here(self):
        commitment = factories.CommitmentFactory()
        factories.MilestoneFactory(commitment__plan=commitment.plan)
        assert self.said(commitment) == (
            "The milestones of this commitment are not in this record, and no rating of it has been published.",
            "No rating of the independent reviewer is recorded here.",
        )

    def test_milestones_without_a_rating(self):
        commitment = factories.MilestoneFactory().commitment
        factories.IndependentReviewFactory(commitment=commitment)
        assert self.said(commitment) == (
            "The government has not published a rating yet.",
            "The independent reviewer's rating of the whole: Limited progress.",
        )

    def test_rated_as_a_whole(self):
        commitment = factories.CommitmentFactory(plan=factories.CompletionPlanFactory())
        rated = factories.PublishedSelfAssessmentFactory(milestone=None, commitment=commitment, rating=Rating.COMPLETED)
        assert self.said(commitment)[0] == "The government's rating of this commitment: Completed. No NGO has rated it."
        factories.PublishedCounterAssessmentFactory(
            milestone=None, commitment=commitment, period=rated.period, rating=Rating.LIMITED
        )
        assert self.said(commitment)[0] == "The government's rating of this commitment: Completed. NGOs differ."

    def test_a_whole_without_a_rating_is_not_called_unpublished(self):
        commitment = factories.CommitmentFactory(plan=factories.CompletionPlanFactory())
        factories.PublishedSelfAssessmentFactory(
            milestone=None, commitment=commitment, rating=None, no_rating_reason=NoRatingReason.NOT_LEGIBLE
        )
        assert self.said(commitment)[0] == "The government's rating of this commitment: none is on record."

    def test_the_reviewer_beside_milestones(self):
        rated = factories.PublishedSelfAssessmentFactory(rating=Rating.COMPLETED_OR_SUBSTANTIAL)
        commitment = rated.milestone.commitment
        factories.PublishedSelfAssessmentFactory(milestone=factories.MilestoneFactory(commitment=commitment))
        factories.IndependentReviewFactory(commitment=commitment)
        assert self.said(commitment) == (
            "The government rates 1 of 2 milestones completed or substantial. No NGO has rated any of them.",
            "The independent reviewer's rating of the whole: Limited progress. "
            "Of the 2 milestones it rated, the government puts 1 above that and 0 below.",
        )


@pytest.mark.django_db
def test_answers_stand_in_one_order_on_every_database():
    rated = factories.PublishedSelfAssessmentFactory()
    comment = {"rating": None, "no_rating_reason": NoRatingReason.COMMENT_ONLY}
    for name, values in (
        ("comments late", {**comment, "stated_on": datetime.date(2025, 3, 2)}),
        ("comments undated", comment),
        ("rates undated", {}),
        ("comments early", {**comment, "stated_on": datetime.date(2025, 3, 1)}),
        ("rates dated", {"stated_on": datetime.date(2025, 3, 3)}),
    ):
        factories.PublishedCounterAssessmentFactory(milestone=rated.milestone, organisation__name_en=name, **values)
    [comparison] = read_ledger(rated.milestone.commitment.plan).subjects
    assert [str(answer.organisation) for answer in comparison.answers] == [
        "rates dated",
        "rates undated",
        "comments early",
        "comments late",
        "comments undated",
    ]
