"""Whether promises came by their day, by agency; and which answers still want a response."""

import datetime

import pytest
from django.utils import timezone

from assessments.filters import MilestoneFilter
from assessments.ledger import read_ledger
from assessments.punctuality import (
    DueState,
    count_punctuality,
    due_states,
    overdue_subjects,
    punctuality_by_agency,
    responses_owed,
)
from commitments.models import Milestone
from tests import factories

GREEN, AMBER, RED = "completed_or_substantial", "limited", "not_started_or_delayed"
MARCH, JUNE = datetime.date(2025, 3, 31), datetime.date(2025, 6, 30)
JULY = datetime.date(2025, 7, 15)


@pytest.fixture
def quarters(db):
    plan = factories.ActionPlanFactory()
    return [
        factories.PublishedPeriodFactory(plan=plan, code=code, starts_on=starts, ends_on=ends)
        for code, starts, ends in (
            ("2025-Q1", datetime.date(2025, 1, 1), MARCH),
            ("2025-Q2", datetime.date(2025, 4, 1), JUNE),
        )
    ]


def promised(quarters, code, due, *ratings, agencies=()):
    plan = quarters[0].plan
    commitment = plan.commitments.first() or factories.CommitmentFactory(plan=plan)
    milestone = factories.MilestoneFactory(commitment=commitment, code=code, ends_on=due, agencies=list(agencies))
    for period, rating in zip(quarters, ratings, strict=True):
        if rating:
            factories.PublishedSelfAssessmentFactory(milestone=milestone, period=period, rating=rating)
    return milestone


@pytest.mark.parametrize(
    ("due", "ratings", "state"),
    [
        (None, (GREEN, GREEN), DueState.UNDATED),
        (JUNE, (None, None), DueState.OVERDUE),
        (JUNE, (RED, AMBER), DueState.OVERDUE),
        (JUNE, (GREEN, AMBER), DueState.OVERDUE),
        (JULY, (RED, AMBER), DueState.AHEAD),  # on the day itself there is still time
        (JUNE, (AMBER, GREEN), DueState.ON_TIME),
        (JULY, (GREEN, GREEN), DueState.ON_TIME),
        (MARCH, (AMBER, GREEN), DueState.LATE),
        (datetime.date(2025, 5, 1), (AMBER, GREEN), DueState.DONE),  # between two ratings
        (MARCH, (None, GREEN), DueState.DONE),
        (MARCH, (GREEN, None), DueState.ON_TIME),
        (datetime.date(2025, 2, 1), (GREEN, GREEN), DueState.DONE),
    ],
)
def test_how_a_milestone_stands_to_its_due_date(quarters, due, ratings, state):
    promised(quarters, "1.1", due, *ratings)
    ledger = read_ledger(quarters[0].plan)
    assert list(due_states(ledger, JULY).values()) == [state]
    assert [subject.subject.code for subject in overdue_subjects(ledger, due_states(ledger, JULY))] == (
        ["1.1"] if state == DueState.OVERDUE else []
    )


def test_a_ledger_of_an_earlier_period_knows_nothing_of_later_ratings(quarters):
    promised(quarters, "1.1", MARCH, AMBER, GREEN)
    earlier = read_ledger(quarters[0].plan, until=MARCH)
    assert list(due_states(earlier, datetime.date(2025, 4, 1)).values()) == [DueState.OVERDUE]


def test_nap_4_is_counted_and_its_overdue_are_those_of_the_filter(nap_4, django_assert_num_queries):
    ledger = read_ledger(nap_4)
    with django_assert_num_queries(3):
        states = due_states(ledger, timezone.localdate())
    counted = count_punctuality(states.values())
    assert counted.by_state == {"on_time": 5, "late": 0, "done": 19, "overdue": 11, "ahead": 0, "undated": 18}
    assert counted.total == len(ledger.subjects) == 53
    filtered = MilestoneFilter({"plan": "nap-4", "overdue": "true"}, Milestone.objects.all()).qs
    overdue = {subject.subject.code for subject in overdue_subjects(ledger, states)}
    assert overdue == {milestone.code for milestone in filtered}


def test_what_several_agencies_implement_counts_for_each(quarters):
    first, second = (factories.OrganisationFactory(name_en=name) for name in ("Agency B", "Agency A"))
    promised(quarters, "1.1", MARCH, AMBER, AMBER, agencies=[first, second])
    promised(quarters, "1.2", JUNE, AMBER, GREEN, agencies=[first])
    ledger = read_ledger(quarters[0].plan)
    rows = punctuality_by_agency(ledger, due_states(ledger, JULY))
    assert [
        (row.agency, row.punctuality.overdue, row.punctuality.on_time, [one.subject.code for one in row.overdue])
        for row in rows
    ] == [(second, 1, 0, ["1.1"]), (first, 1, 1, ["1.1"])]


def test_a_milestone_without_agencies_is_its_commitments_leads(quarters):
    milestone = promised(quarters, "1.1", MARCH, RED, RED)
    lead = factories.InvolvementFactory(commitment=milestone.commitment, organisation=factories.OrganisationFactory())
    ledger = read_ledger(quarters[0].plan)
    assert [row.agency for row in punctuality_by_agency(ledger, due_states(ledger, JULY))] == [lead.organisation]


def test_a_response_is_owed_until_it_is_published(db):
    milestone = factories.MilestoneFactory()
    factories.PublishedSelfAssessmentFactory(milestone=milestone)
    plan = milestone.commitment.plan
    unanswered, drafted, answered = (
        factories.PublishedCounterAssessmentFactory(milestone=milestone) for _number in range(3)
    )
    factories.ResponseFactory(counter_assessment=drafted)
    factories.PublishedResponseFactory(counter_assessment=answered)
    factories.SubmittedCounterAssessmentFactory(milestone=milestone)
    factories.TranscribedCounterAssessmentFactory(
        milestone=milestone, state="published", published_at=timezone.now(), published_by=factories.PublisherFactory()
    )
    assert responses_owed(plan) == [unanswered, drafted]
    assert responses_owed(factories.ActionPlanFactory()) == []


@pytest.mark.parametrize("rows", [1, 3])
def test_queries_for_responses_owed_are_constant(db, django_assert_num_queries, rows):
    milestone = factories.MilestoneFactory(agencies=[factories.OrganisationFactory()])
    for _number in range(rows):
        factories.PublishedCounterAssessmentFactory(milestone=milestone)
    factories.InvolvementFactory(commitment=milestone.commitment, organisation=factories.OrganisationFactory())
    with django_assert_num_queries(4):
        owed = responses_owed(milestone.commitment.plan)
        assert [len(answer.milestone.agencies.all()) for answer in owed] == [1] * rows
