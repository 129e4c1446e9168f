"""The filters that page and API share say in the database's words what the ledger says of rows."""

import datetime
import itertools
from typing import Any

import pytest
from django.test import Client, RequestFactory
from django.utils import timezone

from assessments.filters import CommitmentFilter, MilestoneFilter
from assessments.ledger import CommitmentEntry, Comparison, read_ledger
from assessments.ratings import SCALES, Light, Rating
from commitments.models import ActionPlan, Commitment, Milestone, RatingScale
from tests import factories


def found(query: str, resource: str = "milestones") -> list[str]:
    answer = Client().get(f"/api/v1/{resource}/?{query}&page_size=200")
    assert answer.status_code == 200, answer.content
    return [row["id"] for row in answer.json()["results"]]


def milestones() -> list[tuple[str, Comparison]]:
    """Every milestone of the real plans as the ledger compares it, newest plan first."""
    return [
        (f"{plan.slug}/{subject.subject.code}", subject)
        for plan in ActionPlan.objects.all()
        for entry in read_ledger(plan).commitments
        for subject in entry.milestones
    ]


def commitments() -> list[tuple[str, CommitmentEntry]]:
    return [
        (f"{plan.slug}/{entry.commitment.code}", entry)
        for plan in ActionPlan.objects.all()
        for entry in read_ledger(plan).commitments
    ]


def is_overdue(subject: Comparison) -> bool:
    ends_on = subject.subject.ends_on
    return ends_on is not None and ends_on < timezone.localdate() and subject.light != Light.GREEN


def test_contested_is_what_the_ledger_calls_contested(loaded_plans: None) -> None:
    contested = [key for key, subject in milestones() if subject.contested]
    assert contested
    assert found("contested=true") == contested
    assert found("contested=false") == [key for key, subject in milestones() if not subject.contested]
    assert found("contested=true", "commitments") == [
        key for key, entry in commitments() if any(subject.contested for subject in entry.subjects)
    ]
    assert found("contested=false", "commitments") == [
        key for key, entry in commitments() if not any(subject.contested for subject in entry.subjects)
    ]


@pytest.mark.parametrize("scale", RatingScale)
def test_contested_compares_every_pair_of_ratings_as_the_ledger_does(db: None, scale: RatingScale) -> None:
    plan = factories.ActionPlanFactory(rating_scale=scale)
    period = factories.PublishedPeriodFactory(plan=plan)
    for rating, own in itertools.product((None, *SCALES[scale]), repeat=2):
        about = {"milestone": factories.MilestoneFactory(commitment__plan=plan), "period": period}
        reason, refusal = "" if rating else "not_legible", "" if own else "not_provided"
        factories.PublishedSelfAssessmentFactory(**about, rating=rating, no_rating_reason=reason)
        factories.PublishedCounterAssessmentFactory(**about, rating=own, no_rating_reason=refusal)
    assert sorted(found("contested=true")) == sorted(key for key, subject in milestones() if subject.contested)
    assert len(found("contested=true")) == {RatingScale.TRAFFIC_LIGHT: 6, RatingScale.COMPLETION: 10}[scale]


def test_an_answer_to_an_earlier_period_contests_nothing_now(db: None) -> None:
    milestone = factories.MilestoneFactory()
    plan = milestone.commitment.plan
    before = factories.PublishedPeriodFactory(plan=plan)
    after = factories.PublishedPeriodFactory(
        plan=plan, code="2025-Q2", starts_on=datetime.date(2025, 4, 1), ends_on=datetime.date(2025, 6, 30)
    )
    factories.PublishedSelfAssessmentFactory(milestone=milestone, period=before)
    factories.PublishedCounterAssessmentFactory(milestone=milestone, period=before)
    assert len(found("contested=true")) == 1
    factories.PublishedSelfAssessmentFactory(milestone=milestone, period=after)
    assert found("contested=true") == []
    assert not read_ledger(plan).subjects[0].contested


@pytest.mark.parametrize("rating", Rating)
def test_rating_and_light_are_the_governments_latest_published(loaded_plans: None, rating: Rating) -> None:
    assert found(f"rating={rating}") == [key for key, subject in milestones() if subject.rating == rating]
    assert found(f"light={rating.light}") == [key for key, subject in milestones() if subject.light == rating.light]
    assert found(f"rating={rating}", "commitments") == [
        key for key, entry in commitments() if rating in {subject.rating for subject in entry.subjects}
    ]
    assert found(f"light={rating.light}", "commitments") == [
        key for key, entry in commitments() if rating.light in {subject.light for subject in entry.subjects}
    ]


def test_in_a_plan_with_milestones_no_commitment_is_found_by_what_is_said_of_it_as_a_whole(db: None) -> None:
    plan = factories.ActionPlanFactory(slug="p")
    commitment = factories.CommitmentFactory(plan=plan, code="1")
    factories.PublishedSelfAssessmentFactory(milestone=None, commitment=commitment)
    factories.PublishedCounterAssessmentFactory(milestone=None, commitment=commitment)
    queries = ("rating=limited", "light=amber", "contested=true")
    assert [found(query, "commitments") for query in queries] == [["p/1"], ["p/1"], ["p/1"]]
    factories.MilestoneFactory(commitment__plan=plan, commitment__code="2")
    assert [found(query, "commitments") for query in queries] == [[], [], []]
    assert not read_ledger(plan).entry("1").subjects  # type: ignore[union-attr]


def test_overdue_is_past_its_last_day_and_not_green(loaded_plans: None) -> None:
    late = [key for key, subject in milestones() if is_overdue(subject)]
    assert late
    assert found("overdue=true") == late
    assert found("overdue=false") == [key for key, subject in milestones() if not is_overdue(subject)]
    assert found("overdue=true", "commitments") == [
        key for key, entry in commitments() if any(is_overdue(subject) for subject in entry.milestones)
    ]


def test_a_milestone_is_due_to_the_end_of_its_last_day(db: None) -> None:
    today = timezone.localdate()
    factories.MilestoneFactory(commitment__plan__slug="p", code="1", ends_on=today)
    assert found("overdue=true") == []
    Milestone.objects.update(ends_on=today - datetime.timedelta(days=1))
    assert found("overdue=true") == ["p/1"]


def test_the_contracts_example(loaded_plans: None) -> None:
    organisation = "mineral-resources-and-petroleum-authority"
    expected = [
        key
        for key, subject in milestones()
        if key.startswith("nap-4/")
        and subject.rating == Rating.LIMITED
        and subject.contested
        and organisation in {agency.slug for agency in subject.subject.agencies.all()}
    ]
    assert expected == ["nap-4/1.1"]
    assert found(f"plan=nap-4&rating=limited&contested=true&organisation={organisation}") == expected


def test_commitments_are_found_by_who_leads_them_or_implements_a_milestone(db: None) -> None:
    plan = factories.ActionPlanFactory(slug="p")
    lead, agency = factories.OrganisationFactory(slug="lead"), factories.OrganisationFactory(slug="agency")
    first, second = (factories.CommitmentFactory(plan=plan, code=code) for code in "12")
    factories.InvolvementFactory(commitment=first, organisation=lead)
    factories.MilestoneFactory(commitment=first, agencies=[agency])
    factories.MilestoneFactory(commitment=first, agencies=[agency])
    factories.MilestoneFactory(commitment=second, agencies=[agency])
    assert found("organisation=lead", "commitments") == ["p/1"]
    assert found("organisation=agency", "commitments") == ["p/1", "p/2"]


def test_parts_of_a_plan_are_found_by_their_codes(db: None) -> None:
    plan, other = factories.ActionPlanFactory(slug="p"), factories.ActionPlanFactory(slug="q")
    theme = factories.ThemeFactory(plan=plan, code="3.1")
    commitment = factories.CommitmentFactory(plan=plan, code="1", theme=theme, title_en="Open contracting")
    milestone = factories.MilestoneFactory(
        commitment=commitment, code="1.1", title_en="A register of beneficial owners"
    )
    factories.MilestoneFactory(commitment__plan=plan, commitment__code="2", code="2.1")
    factories.MilestoneFactory(commitment__plan=other, commitment__code="1", code="1.1")
    factories.PublishedSelfAssessmentFactory(milestone=milestone)
    factories.IndependentReviewFactory(commitment=commitment)
    assert found("plan=p&commitment=1") == ["p/1.1"]
    assert sorted(found("commitment=1")) == ["p/1.1", "q/1.1"]
    assert found("theme=3.1") == ["p/1.1"]
    assert found("theme=3.1", "commitments") == ["p/1"]
    assert found("q=OWNERS+register") == ["p/1.1"]
    assert found("q=contracting", "commitments") == ["p/1"]
    assert found("plan=p&milestone=1.1&period=2025-Q1", "self-assessments") == ["p/milestone/1.1/2025-Q1/1"]
    assert found("commitment=1", "self-assessments") == ["p/milestone/1.1/2025-Q1/1"]
    assert found("plan=p&commitment=1&stage=end_of_term", "independent-reviews") == ["p/commitment/1/end_of_term"]


@pytest.mark.parametrize(
    ("query", "refusal"),
    [
        ("plan=p&commitment=1", {"commitment": ["There is nothing with this code."]}),
        ("theme=%00", {"theme": ["Null characters are not allowed."]}),
        ("organisation=nobody", {"organisation": ["There is no such organisation."]}),
        ("light=blue", {"light": ["Choose one of these: green, amber, red."]}),
        ("contested=1", {"contested": ["Choose one of these: true, false."]}),
        ("overdue=True", {"overdue": ["Choose one of these: true, false."]}),
    ],
)
def test_a_value_that_means_nothing_is_refused_with_a_sentence(
    db: None, query: str, refusal: dict[str, list[str]]
) -> None:
    factories.ActionPlanFactory(slug="p")
    factories.CommitmentFactory(code="1")
    answer = Client().get(f"/api/v1/milestones/?{query}")
    assert answer.status_code == 400
    assert {name: answer.json()[name][-1:] for name in answer.json()} == refusal


def test_pages_filter_with_the_eyes_of_their_reader(db: None, msf_member: Any) -> None:
    plan = factories.DraftPlanFactory(slug="draft")
    factories.MilestoneFactory(commitment__plan=plan, commitment__code="1", code="1.1")
    request = RequestFactory().get("/")
    request.user = msf_member
    query = {"plan": "draft", "commitment": "1"}
    own = MilestoneFilter(query, queryset=Milestone.objects.visible_to(msf_member), request=request)
    assert (own.is_valid(), [milestone.code for milestone in own.qs]) == (True, ["1.1"])
    anybodys = CommitmentFilter({"plan": "draft"}, queryset=Commitment.objects.all())
    assert anybodys.errors == {"plan": ["There is no such plan."]}
