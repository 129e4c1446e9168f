"""What raters say beside each other, and every count of it: on NAP IV as the report has it, and on rows made here."""

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from assessments import lifecycle
from assessments.answer_states import AnswerStates, count_answer_states
from assessments.counts import (
    Agreement,
    Disagreement,
    ReviewComparison,
    Tally,
    count_by_organisation,
    count_claims,
    count_commitment,
    count_disagreement,
    count_plan,
    disagreement_by_commitment,
    disagreement_over_time,
    whole_percent,
)
from assessments.history import read_over_time
from assessments.ledger import read_commitment, read_ledger, read_ledgers
from assessments.models import SelfAssessment
from commitments.models import ActionPlan, Commitment, Meeting
from tests import factories

GREEN, AMBER, RED = "completed_or_substantial", "limited", "not_started_or_delayed"


def gaps(**counted):
    """An agreement from ``lower_2`` to ``higher_2``."""
    names = {"lower_2": -2, "lower_1": -1, "equal": 0, "higher_1": 1, "higher_2": 2}
    return Agreement({steps: counted.get(name, 0) for name, steps in names.items()})


# --- NAP IV -----------------------------------------------------------------------------------------------------------


def test_the_counts_of_nap_4(nap_4):
    ledger = read_ledger(nap_4)
    counts = count_plan(ledger)
    assert counts.subjects == len(ledger.subjects) == 53
    assert counts.government == Tally(53, {GREEN: 38, AMBER: 14, RED: 0})
    assert (counts.government.green, counts.government.amber, counts.government.red) == (38, 14, 0)
    assert (counts.government.rated, counts.government.not_rated) == (52, 1)
    # Of the 52 that are rated.
    assert [counts.government.percent(light) for light in ("green", "amber", "red")] == [73, 27, 0]
    assert counts.ngo == Tally(53, {GREEN: 1, AMBER: 8, RED: 2}, not_provided=1)
    assert (counts.ngo_answers, counts.ngo_rated_subjects, counts.ngo.not_rated) == (26, 11, 41)
    assert (counts.contested, len(ledger.contested)) == (10, 10)
    assert counts.agreement == gaps(lower_2=1, lower_1=8, equal=1, higher_1=1)
    assert (counts.agreement.lower, counts.agreement.agree, counts.agreement.higher) == (9, 1, 1)
    assert (counts.agreement.compared, counts.agreement.differ) == (11, 10)
    assert counts.by_steps == {(2, 0): 1, (2, 1): 7, (1, 0): 1, (1, 1): 1, (1, 2): 1}


def test_the_counts_of_the_commitments_add_up_to_those_of_the_plan(nap_4):
    ledger = read_ledger(nap_4)
    whole, parts = count_plan(ledger), [count_commitment(entry) for entry in ledger.commitments]
    assert sum(part.subjects for part in parts) == whole.subjects
    for rating in whole.government.by_rating:
        assert sum(part.government.by_rating[rating] for part in parts) == whole.government.by_rating[rating]
        assert sum(part.ngo.by_rating[rating] for part in parts) == whole.ngo.by_rating[rating]
    assert sum(part.contested for part in parts) == whole.contested
    assert [part.government.total for part in parts] == [6, 5, 6, 4, 8, 6, 4, 7, 7]


def test_the_widest_disagreement_of_nap_4_comes_first(nap_4):
    assert [(subject.subject.code, subject.widest.gap) for subject in read_ledger(nap_4).contested] == [
        ("6.5", -2),
        ("1.2", -1),
        ("1.3", -1),
        ("1.5", -1),
        ("6.1", -1),
        ("6.2", -1),
        ("6.3", -1),
        ("6.4", -1),
        ("6.6", -1),
        ("1.1", 1),
    ]


def test_who_answered_in_nap_4(nap_4):
    rows = [
        (str(row.organisation or ""), row.answers, row.rated, row.not_provided, row.agreement)
        for row in count_by_organisation(read_ledger(nap_4))
    ]
    assert rows == [
        ("Open Society Forum", 12, 7, 1, gaps(lower_2=1, lower_1=6)),
        ("", 4, 4, 0, gaps(lower_1=2, equal=1, higher_1=1)),
        ("Media Council of Mongolia", 5, 0, 0, gaps()),
        ("Steps without borders", 5, 0, 0, gaps()),
    ]


def test_the_reviewer_of_nap_4_stands_beside_and_contests_nothing(nap_4):
    counts = count_plan(read_ledger(nap_4))
    rated = [entry.commitment.code for entry in read_ledger(nap_4).commitments if entry.review]
    assert rated == ["1", "2", "5", "6", "7", "8"]
    assert counts.review == Tally(9, {"completed": 0, "substantial": 2, "limited": 3, "not_started": 1})
    assert counts.against_review.compared == sum(
        subject.rating is not None
        for entry in read_ledger(nap_4).commitments
        if entry.review
        for subject in entry.subjects
    )


def test_nap_4_as_of_days_past(nap_4):
    """Each rater appears on the day from which its word was public."""

    def on(year, month, day):
        moment = datetime.datetime(year, month, day, tzinfo=timezone.get_default_timezone())
        counts = count_plan(read_ledger(nap_4, as_of=moment))
        return counts.government.rated, counts.ngo_answers, counts.contested

    assert on(2023, 8, 14) == (0, 0, 0)
    assert on(2023, 8, 15) == (52, 6, 3)  # and the answers that bear no day of their own
    assert on(2023, 8, 28) == (52, 10, 3)
    assert on(2023, 8, 30) == (52, 16, 4)
    assert on(2023, 8, 31) == (52, 22, 10)
    assert on(2023, 9, 21) == (52, 26, 10)


def test_the_disagreement_of_nap_4(nap_4, django_assert_num_queries):
    ledger = read_ledger(nap_4)
    whole = count_disagreement(ledger.subjects)
    assert whole == Disagreement(
        rated=52,
        answered=17,
        answers=26,
        conditional=1,
        agreement=gaps(lower_2=1, lower_1=8, equal=1, higher_1=1),
    )
    by_commitment = disagreement_by_commitment(ledger)
    assert [
        (entry.commitment.code, counted.agreement.lower, counted.agreement.agree, counted.agreement.higher)
        for entry, counted in by_commitment
        if counted.agreement.compared
    ] == [("1", 3, 1, 1), ("6", 6, 0, 0)]
    assert sum(counted.answers for _entry, counted in by_commitment) == whole.answers
    with django_assert_num_queries(3):
        over_time = disagreement_over_time(read_over_time(nap_4))
    assert [(period.code, counted) for period, counted in over_time] == [("2023-final", whole)]


def test_what_became_of_the_answers_to_nap_4(nap_4, django_assert_num_queries):
    with django_assert_num_queries(1):
        counted = count_answer_states([nap_4])
    assert list(counted.values()) == [AnswerStates(received=26, published=26)]


# --- queries ----------------------------------------------------------------------------------------------------------


def full_plan(commitments):
    """A plan with two milestones a commitment, and on each a rating with a link, two answers, a response."""
    plan = factories.ActionPlanFactory()
    for number in range(1, commitments + 1):
        commitment = factories.CommitmentFactory(plan=plan, code=str(number), theme=factories.ThemeFactory(plan=plan))
        commitment.policy_areas.add(factories.PolicyAreaFactory())
        factories.InvolvementFactory(commitment=commitment)
        factories.IndependentReviewFactory(commitment=commitment)
        for step in (1, 2):
            milestone = factories.MilestoneFactory(
                commitment=commitment, code=f"{number}.{step}", agencies=[factories.OrganisationFactory()]
            )
            rating = factories.PublishedSelfAssessmentFactory(milestone=milestone)
            factories.EvidenceFactory(self_assessment=rating)
            for _ngo in range(2):
                answer = factories.PublishedCounterAssessmentFactory(milestone=milestone)
                factories.EvidenceFactory(self_assessment=None, counter_assessment=answer)
                response = factories.PublishedResponseFactory(counter_assessment=answer)
                factories.EvidenceFactory(self_assessment=None, response=response)
    return plan


def queries_of(*plans, **options):
    with CaptureQueriesContext(
        connection,
    ) as captured:
        for ledger in read_ledgers(plans, **options):
            counts = count_plan(ledger)
            count_by_organisation(ledger)
            for subject in ledger.subjects:
                [str(answer.organisation) for answer in subject.answers]
                [list(answer.assessment.responses.all()) for answer in subject.answers]
                str(subject.government.period.name)
                list(subject.government.attachments.all())
                list(subject.subject.agencies.all())
            for entry in ledger.commitments:
                [str(lead) for lead in entry.leads]
                str(entry.commitment.theme)
    return len(captured), counts.subjects


@pytest.mark.parametrize("options", [{}, {"as_of": True}])
def test_a_plan_is_read_in_as_many_queries_whatever_its_length(db, options):
    one, three = full_plan(1), full_plan(3)
    if options:
        options = {"as_of": timezone.now()}
    queries, subjects = queries_of(one, **options)
    assert (queries, subjects) == (14, 2)
    assert queries_of(three, **options) == (queries, 6)
    assert queries_of(one, three, **options) == (queries, 6)


# --- several voices on one milestone ----------------------------------------------------------------------------------


def one_milestone(rating, *answers):
    """The comparison of a milestone that the government rates so, and NGOs so; None: a comment only."""
    milestone = factories.MilestoneFactory()
    factories.PublishedSelfAssessmentFactory(milestone=milestone, rating=rating)
    for answer in answers:
        values = {"rating": answer} if answer else {"rating": None, "no_rating_reason": "comment_only"}
        factories.PublishedCounterAssessmentFactory(milestone=milestone, **values)
    return read_ledger(milestone.commitment.plan)


def test_several_ngos_on_one_milestone_are_each_compared_and_never_averaged(db):
    ledger = one_milestone(AMBER, RED, AMBER, GREEN, None)
    (subject,) = ledger.subjects
    assert sorted(subject.gaps) == [-1, 0, 1]
    assert (subject.contested, subject.widest.gap) == (True, -1)  # the lower of two that are as far
    assert (len(subject.answers), len(subject.verdicts), len(subject.rated)) == (4, 3, 3)
    counts = count_plan(ledger)
    assert counts.agreement == gaps(lower_1=1, equal=1, higher_1=1)
    assert (counts.contested, counts.ngo_rated_subjects, counts.ngo_answers) == (1, 1, 4)
    # Subjects by answer: one milestone stands three times.
    assert counts.ngo == Tally(3, {GREEN: 1, AMBER: 1, RED: 1})


def test_agreement_on_all_is_no_contest(db):
    (subject,) = one_milestone(GREEN, GREEN, GREEN).subjects
    assert (subject.gaps, subject.contested, subject.widest.gap) == ((0, 0), False, 0)


def test_comments_alone_are_no_verdict(db):
    ledger = one_milestone(GREEN, None)
    (subject,) = ledger.subjects
    assert (subject.verdicts, subject.gaps, subject.contested, subject.widest) == ((), (), False, None)
    assert count_plan(ledger).ngo == Tally(1, {GREEN: 0, AMBER: 0, RED: 0})


def test_asked_and_not_provided_is_counted_apart(db):
    milestone = factories.MilestoneFactory()
    factories.PublishedSelfAssessmentFactory(milestone=milestone)
    factories.PublishedCounterAssessmentFactory(milestone=milestone, rating=None, no_rating_reason="not_provided")
    tally = count_plan(read_ledger(milestone.commitment.plan)).ngo
    assert (tally.not_provided, tally.rated, tally.not_rated) == (1, 0, 0)


def test_where_the_government_has_no_rating_nothing_is_compared(db):
    milestone = factories.MilestoneFactory()
    factories.PublishedSelfAssessmentFactory(milestone=milestone, rating=None, no_rating_reason="not_legible")
    factories.PublishedCounterAssessmentFactory(milestone=milestone, rating=RED)
    ledger = read_ledger(milestone.commitment.plan)
    (subject,) = ledger.subjects
    assert ([answer.gap for answer in subject.answers], subject.contested) == ([None], False)
    counts = count_plan(ledger)
    assert counts.government == Tally(1, {GREEN: 0, AMBER: 0, RED: 0})
    assert [counts.government.percent(light) for light in ("green", "amber", "red")] == [None, None, None]
    assert counts.agreement.compared == 0


def test_the_reviewer_never_makes_a_milestone_contested(db):
    milestone = factories.MilestoneFactory()
    factories.PublishedSelfAssessmentFactory(milestone=milestone, rating=GREEN)
    factories.IndependentReviewFactory(commitment=milestone.commitment, completion="not_started")
    ledger = read_ledger(milestone.commitment.plan)
    counts = count_plan(ledger)
    assert (counts.contested, counts.against_review) == (0, ReviewComparison(above=0, equal=0, below=1))


def test_the_end_of_term_review_counts_before_the_progress_review(db):
    commitment = factories.CommitmentFactory()
    factories.IndependentReviewFactory(commitment=commitment, completion="substantial")
    factories.IndependentReviewFactory(commitment=commitment, stage="progress", completion="limited")
    (entry,) = read_ledger(commitment.plan).commitments
    assert (entry.review.completion, len(entry.whole.reviews)) == ("substantial", 2)


# --- corrections and moments ------------------------------------------------------------------------------------------


def test_the_gap_is_counted_against_the_corrected_rating(publisher):
    milestone = factories.MilestoneFactory()
    rating = factories.PublishedSelfAssessmentFactory(milestone=milestone, rating=GREEN)
    answer = factories.PublishedCounterAssessmentFactory(
        milestone=milestone, rating=AMBER, answers=rating, answered_rating=GREEN
    )
    before = timezone.now()
    lifecycle.correct_self_assessment(rating, by=publisher, reason="The law was repealed.", rating=RED)

    def gap_as_of(moment):
        (subject,) = read_ledger(milestone.commitment.plan, as_of=moment).subjects
        return subject.rating, subject.gaps

    assert gap_as_of(None) == (RED, (1,))
    assert gap_as_of(before) == (GREEN, (-1,))
    # What the NGO said to the rating that it saw stays what it was.
    answer.refresh_from_db()
    assert answer.gap_when_given == -1


def test_answers_of_the_governments_latest_period_are_compared(db):
    milestone = factories.MilestoneFactory()
    plan = milestone.commitment.plan
    first = factories.PublishedPeriodFactory(plan=plan)
    second = factories.PublishedPeriodFactory(
        plan=plan, code="2025-Q2", starts_on=datetime.date(2025, 4, 1), ends_on=datetime.date(2025, 6, 30)
    )
    factories.PublishedSelfAssessmentFactory(milestone=milestone, period=first, rating=GREEN)
    factories.PublishedCounterAssessmentFactory(milestone=milestone, period=first, rating=RED)
    between = timezone.now()
    factories.PublishedSelfAssessmentFactory(milestone=milestone, period=second, rating=AMBER)
    factories.PublishedCounterAssessmentFactory(milestone=milestone, period=second, rating=GREEN)

    def read(**options):
        (subject,) = read_ledger(plan, **options).subjects
        return subject.rating, subject.gaps

    assert read() == (AMBER, (1,))
    assert read(as_of=between) == (GREEN, (-2,))
    assert read(until=datetime.date(2025, 3, 31)) == (GREEN, (-2,))
    assert read(until=datetime.date(2025, 6, 30)) == (AMBER, (1,))


def test_as_of_now_is_the_same_as_now(nap_4):
    for plan in ActionPlan.objects.all():
        now = count_plan(read_ledger(plan))
        assert count_plan(read_ledger(plan, as_of=timezone.now())) == now
        assert count_plan(read_ledger(plan, until=plan.ends_on)) == now


@pytest.mark.parametrize("role", ["anonymous", "editor"])
def test_what_is_not_published_is_in_no_count(db, role):
    options = {"user": factories.EditorFactory()} if role == "editor" else {}
    milestone = factories.MilestoneFactory()
    factories.SubmittedSelfAssessmentFactory(milestone=milestone)
    ledger = read_ledger(milestone.commitment.plan, **options)
    assert (ledger.has_ratings, ledger.subjects[0].government) == (False, None)
    SelfAssessment.objects.all().delete()
    factories.PublishedSelfAssessmentFactory(milestone=milestone, rating=GREEN)
    factories.SubmittedCounterAssessmentFactory(milestone=milestone)
    factories.CounterAssessmentFactory(milestone=milestone)
    counts = count_plan(read_ledger(milestone.commitment.plan, **options))
    assert (counts.ngo_answers, counts.contested, counts.government.green) == (0, 0, 1)


def test_a_draft_plan_is_empty_for_the_public(db):
    plan = factories.DraftPlanFactory()
    factories.MilestoneFactory(commitment__plan=plan)
    assert read_ledger(plan).commitments == ()
    assert len(read_ledger(plan, user=factories.MsfMemberFactory()).commitments) == 1


# --- whole commitments, claims, percentages ---------------------------------------------------------------------------


def test_a_plan_without_milestones_is_rated_by_commitments(db):
    plan = factories.CompletionPlanFactory()
    for rating in ("completed", "substantial", "not_started"):
        factories.PublishedSelfAssessmentFactory(
            milestone=None, commitment=factories.CommitmentFactory(plan=plan), rating=rating
        )
    ledger = read_ledger(plan)
    assert ledger.rated_as_whole
    counts = count_plan(ledger)
    assert counts.government == Tally(3, {"completed": 1, "substantial": 1, "limited": 0, "not_started": 1})
    assert (counts.government.green, counts.government.red) == (2, 1)


def test_a_printed_figure_stands_beside_the_count(db):
    plan = factories.ActionPlanFactory()
    first, second = (factories.CommitmentFactory(plan=plan, code=code) for code in ("1", "2"))
    for commitment, rating in ((first, GREEN), (second, GREEN), (second, AMBER)):
        factories.PublishedSelfAssessmentFactory(
            milestone=factories.MilestoneFactory(commitment=commitment), rating=rating
        )
    factories.ClaimFactory(plan=plan, code="a", measure="milestones", value=3)
    factories.ClaimFactory(plan=plan, code="b", measure="government_green", value=2).commitments.add(second)
    factories.ClaimFactory(plan=plan, code="c", measure="government_green_percent", value=66)
    factories.ClaimFactory(plan=plan, code="d", measure="", value=200)
    factories.ClaimFactory(plan=plan, code="e", measure="government_not_rated", value=1)
    assert [(row.claim.code, row.counted, row.differs) for row in count_claims(read_ledger(plan))] == [
        ("a", 3, False),
        ("b", 1, True),
        ("c", 67, True),
        ("d", None, False),
        ("e", 0, True),
    ]


def test_organisations_that_commented_are_counted_once_and_members_of_a_working_group_not(db):
    plan = factories.ActionPlanFactory()
    comments = factories.MeetingFactory(plan=plan, kind=Meeting.Kind.WRITTEN_COMMENTS)
    twice = factories.ParticipationFactory(meeting=comments)
    factories.ParticipationFactory(meeting=comments, organisation=twice.organisation)
    factories.ParticipationFactory(meeting=factories.MeetingFactory(plan=plan))
    factories.ClaimFactory(plan=plan, measure="commenting_government")
    assert [row.counted for row in count_claims(read_ledger(plan))] == [1]


@pytest.mark.parametrize(
    ("part", "base", "percent"), [(1, 3, 33), (2, 3, 67), (1, 8, 13), (1, 200, 1), (0, 5, 0), (5, 5, 100), (0, 0, None)]
)
def test_percentages_are_whole_and_halves_go_up(part, base, percent):
    assert whole_percent(part, base) == percent


@pytest.mark.parametrize("factory", [factories.SelfAssessmentFactory, factories.CounterAssessmentFactory])
def test_no_rater_rates_on_another_scale_than_the_plans(db, factory):
    """Else a rating would be in no row of a tally, and in its total."""
    with pytest.raises(ValidationError, match="not on the plan's scale"):
        factory(rating="substantial")


# --- over time, and by state ------------------------------------------------------------------------------------------


def test_disagreement_over_time_compares_each_period_with_its_own_ratings(db, django_assert_num_queries):
    milestone = factories.MilestoneFactory()
    plan = milestone.commitment.plan
    first = factories.PublishedPeriodFactory(plan=plan)
    second = factories.PublishedPeriodFactory(
        plan=plan, code="2025-Q2", starts_on=datetime.date(2025, 4, 1), ends_on=datetime.date(2025, 6, 30)
    )
    factories.ReportingPeriodFactory(
        plan=plan, code="2025-Q3", starts_on=datetime.date(2025, 7, 1), ends_on=datetime.date(2025, 9, 30)
    )
    other = factories.MilestoneFactory(commitment=milestone.commitment)
    for period, governments, answers in ((first, GREEN, [RED, AMBER]), (second, AMBER, [GREEN])):
        factories.PublishedSelfAssessmentFactory(milestone=milestone, period=period, rating=governments)
        for answer in answers:
            factories.PublishedCounterAssessmentFactory(milestone=milestone, period=period, rating=answer)
        factories.SubmittedCounterAssessmentFactory(milestone=milestone, period=period, rating=RED)
    # Not rated in the second period: what was said of it before is not said again.
    factories.PublishedSelfAssessmentFactory(milestone=other, period=first, rating=GREEN)
    with django_assert_num_queries(3):
        counted = disagreement_over_time(read_over_time(plan))
    assert [(period, (row.rated, row.answered, row.agreement)) for period, row in counted] == [
        (first, (2, 1, gaps(lower_2=1, lower_1=1))),
        (second, (1, 1, gaps(higher_1=1))),
    ]


def test_every_answer_is_in_one_count_of_its_state_and_drafts_are_in_none(db, django_assert_num_queries):
    rated = factories.PublishedSelfAssessmentFactory()
    ngo = factories.NgoFactory()

    def answer(state, factory=factories.SubmittedCounterAssessmentFactory, **values):
        return factory(
            milestone=factories.MilestoneFactory(commitment=rated.milestone.commitment),
            period=rated.period,
            organisation=ngo,
            state=state,
            **values,
        )

    moment = timezone.now()
    public = factories.PublishedCounterAssessmentFactory
    answer("draft")
    answer(
        "draft", submitted_at=moment, returned_at=moment, returned_by=factories.EditorFactory(), return_reason="Mend."
    )
    answer("returned")
    waiting = answer("submitted", submitted_at=moment - datetime.timedelta(days=3, hours=1))
    answer("submitted")
    answer("submitted", superseded_at=moment)
    answer("withheld", withheld_reason="unlawful")
    answer("withdrawn")
    answer("published", public)
    answer("withheld", public)
    answer("withdrawn", public)
    with django_assert_num_queries(1):
        counted = count_answer_states([rated.plan])
    states = AnswerStates(
        received=10,
        published=1,
        unanswered=1,
        replaced=1,
        waiting=2,
        returned=2,
        withheld=2,
        withdrawn=2,
        withheld_by_reason={"personal_data": 1, "unlawful": 1},
        oldest_waiting_at=waiting.submitted_at,
    )
    assert counted == {rated.period.pk: states}
    assert (states.days_waited(), AnswerStates().days_waited()) == (3, None)


def test_one_commitment_reads_as_it_stands_in_its_plan(loaded_plans):
    for slug in ("nap-1", "nap-4", "nap-5"):
        plan = ActionPlan.objects.get(slug=slug)
        for entry in read_ledger(plan).commitments[:3]:
            assert read_commitment(entry.commitment) == entry


def test_one_commitment_of_a_draft_is_read_by_those_who_see_drafts(db, msf_member):
    draft = factories.CommitmentFactory(plan=factories.DraftPlanFactory())
    assert read_commitment(draft, user=msf_member).commitment == draft
    with pytest.raises(Commitment.DoesNotExist):
        read_commitment(draft)
