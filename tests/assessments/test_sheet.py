"""The quarter sheet as data: what each row waits for, what stands beside it, and counts that follow from the rows."""

import datetime

from assessments import lifecycle
from assessments.models import SelfAssessment
from assessments.sheet import Filters, Queue, read_sheet
from tests import factories


def quarter(plan, number, factory=factories.OpenPeriodFactory):
    month = 3 * number - 2
    ends = datetime.date(2025, month + 3, 1) if month < 10 else datetime.date(2026, 1, 1)
    return factory(
        plan=plan,
        code=f"2025-Q{number}",
        starts_on=datetime.date(2025, month, 1),
        ends_on=ends - datetime.timedelta(days=1),
    )


def one_row_in_each_queue(period):
    """Milestones 1.1 to 1.7: not entered, empty draft, returned, incomplete, ready, submitted, published."""
    commitment = factories.CommitmentFactory(plan=period.plan, code="1")
    steps = [factories.MilestoneFactory(commitment=commitment, code=f"1.{n}") for n in range(1, 8)]
    factories.SelfAssessmentFactory(milestone=steps[1], period=period, rating=None, challenges_en="Asked the ministry.")
    returned = factories.SubmittedSelfAssessmentFactory(milestone=steps[2], period=period)
    lifecycle.return_self_assessment(returned, by=factories.EditorFactory(), reason="Which law?")
    factories.SelfAssessmentFactory(milestone=steps[3], period=period, challenges_en="")
    factories.SelfAssessmentFactory(milestone=steps[4], period=period)
    factories.SubmittedSelfAssessmentFactory(milestone=steps[5], period=period, rating="not_started_or_delayed")
    factories.PublishedSelfAssessmentFactory(milestone=steps[6], period=period, rating="completed_or_substantial")
    return steps


def test_every_row_stands_in_one_queue_and_every_count_follows_from_the_rows(db):
    period = quarter(factories.ActionPlanFactory(), 1)
    one_row_in_each_queue(period)
    sheet = read_sheet(period)
    assert [(row.code, row.queue) for row in sheet.rows] == [
        ("1.1", Queue.NOT_ENTERED),
        ("1.2", Queue.NOT_ENTERED),
        ("1.3", Queue.TO_MEND),
        ("1.4", Queue.TO_MEND),
        ("1.5", Queue.READY),
        ("1.6", Queue.SUBMITTED),
        ("1.7", Queue.PUBLISHED),
    ]
    counts = sheet.counts
    assert (counts.total, counts.entered) == (7, 5)
    assert counts.by_queue == {"not-entered": 2, "to-mend": 2, "ready": 1, "submitted": 1, "published": 1}
    assert counts.by_state == {"draft": 3, "submitted": 1, "returned": 1, "published": 1}
    assert counts.by_light == {"green": 1, "amber": 3, "red": 1, "none": 2}
    assert [row.is_editable for row in sheet.rows] == [True, True, True, True, True, False, False]


def test_the_period_before_stands_beside_and_is_the_newest_published_one(db):
    plan = factories.ActionPlanFactory()
    step = factories.MilestoneFactory(commitment__plan=plan)
    first, second = (quarter(plan, n, factories.PublishedPeriodFactory) for n in (1, 2))
    factories.PublishedSelfAssessmentFactory(milestone=step, period=first, rating="completed_or_substantial")
    published = factories.PublishedSelfAssessmentFactory(milestone=step, period=second)
    factories.SelfAssessmentFactory(milestone=step, period=quarter(plan, 3), rating="completed_or_substantial")
    (row,) = read_sheet(quarter(plan, 4)).rows
    assert (row.earlier, row.entry, row.can_be_copied, row.changed) == (published, None, True, False)
    (row,) = read_sheet(second).rows
    assert (row.earlier.period, row.entry, row.changed, row.can_be_copied) == (first, published, True, False)


def test_a_row_says_who_saved_it_last_and_a_tally_counts_what_is_drawn(db):
    period = quarter(factories.ActionPlanFactory(), 1)
    one_row_in_each_queue(period)
    entry = factories.SelfAssessmentFactory(milestone__commitment__plan=period.plan, period=period)
    entry._history_user = factories.EditorFactory(name="Saraa")
    entry.save()
    rows = {row.code: row.saved and row.saved.by for row in read_sheet(period).rows}
    assert (rows["1.1"], rows["1.4"], rows[entry.subject.code]) == (None, "A command", "Saraa")
    tally = read_sheet(period).counts.tally
    assert (tally.total, tally.by_rating, tally.not_provided, tally.not_rated) == (
        8,
        {"completed_or_substantial": 1, "limited": 4, "not_started_or_delayed": 1},
        0,
        2,
    )


def test_a_plan_without_milestones_is_entered_by_commitment(db):
    plan = factories.CompletionPlanFactory()
    commitment = factories.CommitmentFactory(plan=plan)
    lead = factories.InvolvementFactory(commitment=commitment).organisation
    entry = factories.SelfAssessmentFactory(
        milestone=None, commitment=commitment, period=quarter(plan, 1), rating="substantial"
    )
    sheet = read_sheet(entry.period)
    assert [(row.subject, row.entry) for row in sheet.rows] == [(commitment, entry)]
    assert sheet.agencies == (lead,)


def test_filters_take_rows_and_never_change_the_whole_counts(db):
    period = quarter(factories.ActionPlanFactory(), 1)
    steps = one_row_in_each_queue(period)
    agency = factories.OrganisationFactory(slug="mof")
    steps[4].agencies.add(agency)
    other = factories.MilestoneFactory(commitment__plan=period.plan, commitment__code="2", code="2.1")
    other.agencies.add(agency)
    sheet = read_sheet(period)

    def shown(**filters):
        return [row.code for row in sheet.filtered(Filters(**filters)).rows]

    assert shown(agency="mof") == ["1.5", "2.1"]
    assert shown(agency="mof", commitment="2") == ["2.1"]
    assert shown(queue="to-mend") == ["1.3", "1.4"]
    assert shown(light="none") == ["1.1", "1.2", "2.1"]
    assert shown(light="red", queue="ready") == []
    assert sheet.filtered(Filters(queue="ready")).counts.total == 1
    assert [row.code for row in sheet.filtered(Filters(queue="ready"), keep="1.1").rows] == ["1.1", "1.5"]
    assert sheet.counts.total == 8


def test_one_row_alone_is_the_same_row(db):
    period = quarter(factories.ActionPlanFactory(), 1)
    one_row_in_each_queue(period)
    assert read_sheet(period, only="1.4").rows == (read_sheet(period).row("1.4"),)
    assert read_sheet(period, only="9.9").rows == ()


def test_the_number_of_queries_does_not_grow_with_the_plan(db, django_assert_num_queries):
    period = quarter(factories.ActionPlanFactory(), 2)
    before = quarter(period.plan, 1, factories.PublishedPeriodFactory)

    def add(number):
        agency = factories.OrganisationFactory()
        step = factories.MilestoneFactory(commitment__plan=period.plan, agencies=[agency])
        factories.PublishedSelfAssessmentFactory(milestone=step, period=before)
        entry = factories.SelfAssessmentFactory(milestone=step, period=period, rating="completed_or_substantial")
        factories.EvidenceFactory(self_assessment=entry)

    add(1)
    with django_assert_num_queries(9):
        assert read_sheet(period).counts.by_queue["ready"] == 1
    add(2)
    add(3)
    with django_assert_num_queries(9):
        sheet = read_sheet(period)
        assert sheet.counts.by_queue["ready"] == 3
        assert [agency.slug for agency in sheet.agencies] == sorted(agency.slug for agency in sheet.agencies)
    assert SelfAssessment.objects.count() == 6
