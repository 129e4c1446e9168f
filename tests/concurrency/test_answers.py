"""Answers at the same moment: the closing time, equal submissions, colleagues on one draft, reference numbers."""

import datetime
import time
import uuid
from functools import partial

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction

from assessments import lifecycle
from assessments.models import AnswerNumbers, CounterAssessment, ReportingPeriod
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)

WORDS = {"rating": "not_started_or_delayed", "recommendation": "Begin.", "justification": "Nothing was done."}


def rated_milestones(number, *, closes_at=None):
    """The government's ratings of as many milestones, in one period."""
    plan = factories.ActionPlanFactory()
    period = factories.PublishedPeriodFactory(plan=plan, answers_close_at=closes_at)
    commitment = factories.CommitmentFactory(plan=plan)
    return [
        factories.PublishedSelfAssessmentFactory(
            milestone=factories.MilestoneFactory(commitment=commitment), period=period
        )
        for _number in range(number)
    ]


def unsaved(rated, organisation):
    return CounterAssessment(milestone_id=rated.milestone_id, period=rated.period, organisation=organisation)


def drafted(rated, author):
    organisation = author.memberships.get().organisation
    return lifecycle.save_draft(unsaved(rated, organisation), by=author, opened_version=0, seen=rated, **WORDS)


def test_every_acknowledged_answer_is_in_the_record_at_the_closing_time_and_every_other_was_told(at_once):
    ratings = rated_milestones(12)
    authors = factories.RepresentativeFactory.create_batch(6)
    drafts = {author: [drafted(rated, author) for rated in ratings] for author in authors}
    period = ratings[0].period
    period.answers_close_at = lifecycle.clock() + datetime.timedelta(seconds=1)
    period.save()
    acknowledged, late = [], []

    def send_all(author):
        for draft in drafts[author]:
            time.sleep(0.12)
            try:
                acknowledged.append(
                    lifecycle.submit_counter_assessment(draft, by=author, submission_key=uuid.uuid4()).pk
                )
            except lifecycle.AnswersClosed as refusal:
                late.append((draft.pk, refusal.closed_at))

    def take_stock():
        """What a closing act would find: under the period's lock, as soon as the time has passed."""
        while lifecycle.clock() < period.answers_close_at:
            time.sleep(0.001)
        with transaction.atomic():
            ReportingPeriod.objects.select_for_update().get(pk=period.pk)
            return set(CounterAssessment.objects.waiting().values_list("pk", flat=True))

    *_sent, at_the_close = at_once([*(partial(send_all, author) for author in authors), take_stock])
    assert acknowledged
    assert late
    assert len(acknowledged) + len(late) == 72
    assert at_the_close == set(acknowledged)
    sent = CounterAssessment.objects.waiting()
    assert set(sent.values_list("pk", flat=True)) == set(acknowledged)
    assert all(row.submitted_at < period.answers_close_at for row in sent)
    # What came late is kept.
    assert set(CounterAssessment.objects.filter(state="draft").values_list("pk", flat=True)) == {
        key for key, _closed_at in late
    }
    assert {closed_at for _key, closed_at in late} == {period.answers_close_at}


def test_sixteen_equal_submissions_give_one_row_and_one_reference_number(at_once):
    [rated] = rated_milestones(1)
    author = factories.RepresentativeFactory()
    organisation, key = author.memberships.get().organisation, uuid.uuid4()

    def send():
        draft = lifecycle.save_draft(unsaved(rated, organisation), by=author, opened_version=0, seen=rated, **WORDS)
        row = lifecycle.submit_counter_assessment(draft, by=author, submission_key=key)
        return row.pk, row.reference_number, row.submitted_at

    assert len(set(at_once([send] * 16))) == 1
    row = CounterAssessment.objects.get()
    assert row.history.count() == 1
    assert AnswerNumbers.objects.get().last == 1


def test_colleagues_on_one_draft_lose_nothing(at_once):
    [rated] = rated_milestones(1)
    organisation = factories.NgoFactory()
    authors = [factories.RepresentativeFactory(organisation=organisation) for _number in range(6)]
    draft = drafted(rated, authors[0])
    told = []

    def add_five_words(number):
        for word in range(5):
            while True:
                seen = CounterAssessment.objects.get(pk=draft.pk)
                text = f"{seen.recommendation} {number}-{word}"
                try:
                    lifecycle.save_draft(
                        seen, by=authors[number], opened_version=seen.draft_version, seen=rated, recommendation=text
                    )
                    break
                except lifecycle.ChangedMeanwhile as refusal:
                    told.append(refusal.current.saved_by)

    at_once([partial(add_five_words, number) for number in range(6)])
    row = CounterAssessment.objects.get()
    added = row.recommendation.removeprefix("Begin. ").split()
    assert sorted(added) == sorted(f"{number}-{word}" for number in range(6) for word in range(5))
    assert row.draft_version == 31
    assert told  # or there was no race


def test_two_who_begin_one_draft_begin_one(at_once):
    [rated] = rated_milestones(1)
    organisation = factories.NgoFactory()
    authors = [factories.RepresentativeFactory(organisation=organisation) for _number in range(8)]

    def begin(author):
        try:
            lifecycle.save_draft(
                unsaved(rated, organisation), by=author, opened_version=0, seen=rated, recommendation=str(author)
            )
        except lifecycle.ChangedMeanwhile:
            return "told"
        return "saved"

    assert sorted(at_once([partial(begin, author) for author in authors])) == ["saved"] + ["told"] * 7
    assert CounterAssessment.objects.count() == 1


def test_reference_numbers_never_repeat_over_plans_and_periods(at_once):
    authors = factories.RepresentativeFactory.create_batch(16)
    drafts = [drafted(rated_milestones(1)[0], author) for author in authors]

    def send(draft, author):
        return lifecycle.submit_counter_assessment(draft, by=author, submission_key=uuid.uuid4()).reference_number

    numbers = at_once([partial(send, draft, author) for draft, author in zip(drafts, authors, strict=True)])
    assert len(set(numbers)) == 16
    assert AnswerNumbers.objects.get().last == 16


def test_an_answer_is_published_or_withdrawn_and_never_both(at_once):
    publisher = factories.PublisherFactory()
    author = factories.RepresentativeFactory()
    for rated in rated_milestones(5):
        row = lifecycle.submit_counter_assessment(drafted(rated, author), by=author, submission_key=uuid.uuid4())
        outcomes = at_once(
            [
                partial(_said, lifecycle.withdraw_counter_assessment, row, author),
                partial(_said, lifecycle.publish_counter_assessment, row, publisher),
            ]
        )
        row.refresh_from_db()
        # Withdrawn first, it is not published; published first, it leaves a mark.
        assert outcomes in (["done", "refused"], ["done", "done"])
        assert (row.state, row.is_current) == ("withdrawn", False)
        assert (row.published_at is not None) == (outcomes == ["done", "done"])


def _said(verb, row, by):
    try:
        verb(row, by=by)
    except ValidationError:
        return "refused"
    return "done"


def test_these_tests_run_where_writers_meet():
    assert connection.vendor == "postgresql"
