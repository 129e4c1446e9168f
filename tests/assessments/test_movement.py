"""What the ratings of a plan did between two readings of it."""

import datetime

import pytest
from django.utils import timezone

from assessments import lifecycle
from assessments.ledger import read_ledger
from assessments.models import SelfAssessment
from assessments.movement import PeriodMovement, compare, latest_movement
from tests import factories

GREEN, AMBER, RED = "completed_or_substantial", "limited", "not_started_or_delayed"


@pytest.fixture
def quarters(db):
    """Two published quarters of a plan, the second at the end of June."""
    plan = factories.ActionPlanFactory()
    return [
        factories.PublishedPeriodFactory(plan=plan, code=code, starts_on=starts, ends_on=ends)
        for code, starts, ends in (
            ("2025-Q1", datetime.date(2025, 1, 1), datetime.date(2025, 3, 31)),
            ("2025-Q2", datetime.date(2025, 4, 1), datetime.date(2025, 6, 30)),
        )
    ]


def rated(quarters, code, *ratings):
    """A milestone with these ratings by quarter; None: the quarter says nothing of it, "": asked, none given."""
    commitment = quarters[0].plan.commitments.first() or factories.CommitmentFactory(plan=quarters[0].plan)
    milestone = factories.MilestoneFactory(commitment=commitment, code=code)
    for period, rating in zip(quarters, ratings, strict=True):
        if rating is not None:
            reason = "" if rating else "not_provided"
            factories.PublishedSelfAssessmentFactory(
                milestone=milestone, period=period, rating=rating or None, no_rating_reason=reason
            )
    return milestone


def codes(movement):
    return {name: [move.subject.code for move in getattr(movement, name)] for name in movement.__dataclass_fields__}


def test_each_subject_moved_in_one_way(quarters, django_assert_num_queries):
    rated(quarters, "1.1", AMBER, GREEN)
    rated(quarters, "1.2", GREEN, RED)
    rated(quarters, "1.3", RED, RED)
    rated(quarters, "1.4", None, AMBER)
    rated(quarters, "1.5", "", AMBER)
    rated(quarters, "1.6", AMBER, "")
    rated(quarters, "1.7", GREEN, None)  # the second quarter is silent: what the first said stands
    rated(quarters, "1.8", "", "")
    with django_assert_num_queries(3):
        found = latest_movement(quarters[0].plan)
    assert found == PeriodMovement(quarters[0], quarters[1], found.movement)
    assert codes(found.movement) == {
        "improved": ["1.1"],
        "slipped": ["1.2"],
        "newly_rated": ["1.4", "1.5"],
        "no_longer_rated": ["1.6"],
        "unchanged": ["1.3", "1.7", "1.8"],
        "corrected": [],
    }
    assert [move.steps for move in (*found.movement.improved, *found.movement.slipped)] == [1, -2]


def test_queries_do_not_grow_with_the_plan(quarters, django_assert_num_queries):
    for number in range(1, 4):
        rated(quarters, f"1.{number}", AMBER, GREEN)
    with django_assert_num_queries(3):
        latest_movement(quarters[0].plan)


def test_the_first_quarter_rates_anew_and_before_it_nothing_moved(quarters):
    plan = quarters[0].plan
    assert latest_movement(factories.ActionPlanFactory()) is None
    quarters[1].delete()
    rated(quarters[:1], "1.1", GREEN)
    found = latest_movement(plan)
    assert (found.before, found.after) == (None, quarters[0])
    assert codes(found.movement)["newly_rated"] == ["1.1"]


def test_a_correction_moves_the_rating_and_is_told(quarters):
    milestone = rated(quarters, "1.1", GREEN, GREEN)
    plan = quarters[0].plan
    before = read_ledger(plan)
    moment = timezone.now()
    lifecycle.correct_self_assessment(
        SelfAssessment.objects.get(milestone=milestone, is_latest=True),
        by=factories.PublisherFactory(),
        reason="The act was not signed.",
        rating=AMBER,
        challenges_en="It waits for a signature.",
    )
    after = read_ledger(plan)
    assert codes(compare(before.subjects, after.subjects)) == {
        "improved": [],
        "slipped": ["1.1"],
        "newly_rated": [],
        "no_longer_rated": [],
        "unchanged": [],
        "corrected": ["1.1"],
    }
    assert codes(latest_movement(plan).movement)["corrected"] == ["1.1"]
    # Read again as it stood before the correction, nothing has moved.
    assert codes(compare(before.subjects, read_ledger(plan, as_of=moment).subjects))["unchanged"] == ["1.1"]
    # A correction that both readings know is old news.
    assert codes(compare(after.subjects, after.subjects))["corrected"] == []


def test_what_is_entered_and_not_published_moves_nothing(quarters):
    milestone = rated(quarters, "1.1", AMBER, AMBER)
    third = factories.OpenPeriodFactory(
        plan=quarters[0].plan,
        code="2025-Q3",
        starts_on=datetime.date(2025, 7, 1),
        ends_on=datetime.date(2025, 9, 30),
    )
    factories.SubmittedSelfAssessmentFactory(milestone=milestone, period=third, rating=RED)
    found = latest_movement(quarters[0].plan, user=factories.EditorFactory())
    assert (found.after, codes(found.movement)["unchanged"]) == (quarters[1], ["1.1"])
