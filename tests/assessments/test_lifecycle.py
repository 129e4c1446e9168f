"""The verbs: who may, from which state, what they leave behind, and that a refusal leaves nothing."""

import datetime
import random

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from assessments import lifecycle
from assessments.models import CounterAssessment, Evidence, ReportingPeriod, SelfAssessment, day_start
from commitments.models import Milestone
from tests import factories

QUARTERS = [
    ("2025-Q1", datetime.date(2025, 1, 1), datetime.date(2025, 3, 31)),
    ("2025-Q2", datetime.date(2025, 4, 1), datetime.date(2025, 6, 30)),
    ("2025-Q3", datetime.date(2025, 7, 1), datetime.date(2025, 9, 30)),
]


def quarter(plan, number, factory=factories.PublishedPeriodFactory):
    code, starts_on, ends_on = QUARTERS[number - 1]
    return factory(plan=plan, code=code, starts_on=starts_on, ends_on=ends_on)


def reasons(row):
    """Why the row changed, oldest first."""
    return [entry.history_change_reason for entry in reversed(row.history.all())]


def flags(row):
    row.refresh_from_db()
    return row.is_current, row.is_latest


# --- who may ----------------------------------------------------------------------------------------------------------

# Verb -> something that makes what it acts on, and how it is called.
VERBS = {
    "publish_plan": (factories.DraftPlanFactory, {}),
    "open_period": (factories.ReportingPeriodFactory, {}),
    "publish_period": (factories.OpenPeriodFactory, {}),
    "reopen_period": (factories.PublishedPeriodFactory, {"reason": "Two ministries were late."}),
    "submit_self_assessment": (factories.SelfAssessmentFactory, {}),
    "return_self_assessment": (factories.SubmittedSelfAssessmentFactory, {"reason": "Which law?"}),
    "correct_self_assessment": (factories.PublishedSelfAssessmentFactory, {"reason": "Read wrongly."}),
    "publish_counter_assessment": (factories.SubmittedCounterAssessmentFactory, {}),
    "publish_response": (factories.ResponseFactory, {}),
}
PUBLISHERS = {"publisher", "superuser"}
MAY = dict.fromkeys(VERBS, PUBLISHERS) | {
    "submit_self_assessment": {"editor", *PUBLISHERS},
    "return_self_assessment": {"editor", *PUBLISHERS},
}


@pytest.mark.parametrize("verb", VERBS)
def test_who_may(db, verb):
    users = {
        "nobody": None,
        "anonymous": AnonymousUser(),
        "ngo": factories.RepresentativeFactory(),
        "msf": factories.MsfMemberFactory(),
        "inactive": factories.PublisherFactory(is_active=False),
        "editor": factories.EditorFactory(),
        "publisher": factories.PublisherFactory(),
        "superuser": factories.SuperuserFactory(),
    }
    factory, options = VERBS[verb]
    could = set()
    for role, user in users.items():
        row = factory()
        before = type(row).objects.values().get(pk=row.pk)
        try:
            getattr(lifecycle, verb)(row, by=user, **options)
            could.add(role)
        except PermissionDenied:
            assert type(row).objects.values().get(pk=row.pk) == before
    assert could == MAY[verb]


# --- plans and periods ------------------------------------------------------------------------------------------------


def test_a_plan_is_published_once(publisher):
    before = timezone.now()
    plan = lifecycle.publish_plan(factories.DraftPlanFactory(), by=publisher)
    plan.refresh_from_db()
    assert before <= plan.published_at <= timezone.now()
    assert (plan.published_by, reasons(plan)) == (publisher, [None, "published"])
    with pytest.raises(ValidationError, match="published already"):
        lifecycle.publish_plan(plan, by=publisher)


def test_a_period_goes_from_planned_to_entry_to_answering(publisher):
    period = factories.ReportingPeriodFactory()
    with pytest.raises(ValidationError, match="open for entry"):
        lifecycle.publish_period(period, by=publisher)
    closes = timezone.now() + datetime.timedelta(days=10)
    opened = lifecycle.open_period(period, by=publisher, entry_closes_at=closes)
    assert (opened.state(), opened.opened_by, opened.entry_closes_at) == (
        ReportingPeriod.State.ENTRY,
        publisher,
        closes,
    )
    with pytest.raises(ValidationError, match="Only a planned period"):
        lifecycle.open_period(period, by=publisher)

    assert lifecycle.publish_period(period, by=publisher, answers_close_at=closes) == 0
    period.refresh_from_db()
    assert (period.answers_open_at, period.answers_close_at) == (period.published_at, closes)
    moments = [period.opened_at, period.published_at, closes]
    assert [period.state(moment) for moment in [moments[0] - datetime.timedelta(seconds=1), *moments]] == [
        ReportingPeriod.State.PLANNED,
        ReportingPeriod.State.ENTRY,
        ReportingPeriod.State.ANSWERING,
        ReportingPeriod.State.CLOSED,
    ]
    assert reasons(period) == [None, "opened", "published"]
    with pytest.raises(ValidationError, match="open for entry"):
        lifecycle.publish_period(period, by=publisher)


def test_publishing_a_quarter_publishes_what_was_submitted_and_nothing_else(publisher):
    period = factories.OpenPeriodFactory()
    commitment = factories.CommitmentFactory(plan=period.plan)

    def rating(factory, **values):
        return factory(milestone=factories.MilestoneFactory(commitment=commitment), period=period, **values)

    submitted = [rating(factories.SubmittedSelfAssessmentFactory) for _number in range(3)]
    draft = rating(factories.SelfAssessmentFactory)
    elsewhere = factories.SubmittedSelfAssessmentFactory()
    assert lifecycle.publish_period(period, by=publisher) == 3
    period.refresh_from_db()
    for row in submitted:
        assert flags(row) == (True, True)
        assert (row.state, row.published_by, row.published_at) == ("published", publisher, period.published_at)
    for row in (draft, elsewhere):
        assert flags(row) == (False, False)
        assert row.published_at is None


# --- the government's ratings -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "missing"),
    [
        ({"rating": None}, ["rating"]),
        ({"rating": "limited", "challenges_en": ""}, ["challenges_en"]),
        ({"rating": "limited", "challenges_en": "", "challenges_mn": "Мөнгө алга."}, []),
        ({"rating": "limited", "evidence_en": ""}, []),
        ({"rating": "not_started_or_delayed", "challenges_en": ""}, ["challenges_en"]),
        ({"rating": "completed_or_substantial", "challenges_en": ""}, ["attachments"]),
        ({"rating": "completed_or_substantial", "evidence_en": ""}, ["evidence_en", "attachments"]),
        ({"rating": None, "no_rating_reason": "not_provided"}, []),
    ],
)
def test_what_is_missing_before_a_rating_may_be_submitted(db, values, missing):
    assert list(lifecycle.incompleteness(factories.SelfAssessmentFactory(**values))) == missing


def test_a_green_rating_with_text_and_a_link_is_complete(db):
    row = factories.SelfAssessmentFactory(rating="completed_or_substantial")
    factories.EvidenceFactory(self_assessment=row)
    assert lifecycle.incompleteness(row) == {}


def test_an_incomplete_rating_is_not_submitted_and_says_why(editor):
    row = factories.SelfAssessmentFactory(rating="completed_or_substantial", evidence_en="")
    with pytest.raises(ValidationError) as refusal:
        lifecycle.submit_self_assessment(row, by=editor)
    assert refusal.value.message_dict == {
        "evidence_en": ["For green, describe the evidence."],
        "attachments": ["For green, attach a file or a link."],
    }
    row.refresh_from_db()
    assert (row.state, reasons(row)) == ("draft", [None])


def test_a_rating_submitted_twice_is_submitted_once(editor):
    row = factories.SelfAssessmentFactory()
    first = lifecycle.submit_self_assessment(row, by=editor)
    again = lifecycle.submit_self_assessment(row, by=factories.EditorFactory())
    assert (again.submitted_at, again.submitted_by) == (first.submitted_at, editor)
    assert reasons(row) == [None, "submitted"]


@pytest.mark.parametrize("factory", [factories.ReportingPeriodFactory, factories.PublishedPeriodFactory])
def test_nothing_is_submitted_to_a_period_that_is_not_open(editor, factory):
    milestone = factories.MilestoneFactory()
    row = factories.SelfAssessmentFactory(milestone=milestone, period=factory(plan=milestone.commitment.plan))
    with pytest.raises(ValidationError, match="not open for entry"):
        lifecycle.submit_self_assessment(row, by=editor)


def test_a_published_rating_is_not_submitted_again(editor):
    with pytest.raises(ValidationError, match="corrected, not edited"):
        lifecycle.submit_self_assessment(factories.PublishedSelfAssessmentFactory(), by=editor)


def test_a_returned_rating_says_what_to_mend_and_can_be_submitted_again(editor):
    row = factories.SubmittedSelfAssessmentFactory()
    with pytest.raises(ValidationError, match="Say what has to be mended"):
        lifecycle.return_self_assessment(row, by=editor, reason=" ")
    returned = lifecycle.return_self_assessment(row, by=editor, reason="Which law?")
    assert (returned.state, returned.return_reason, returned.returned_by) == ("returned", "Which law?", editor)
    with pytest.raises(ValidationError, match="Only a submitted rating"):
        lifecycle.return_self_assessment(row, by=editor, reason="Again")
    assert lifecycle.submit_self_assessment(row, by=editor).state == "submitted"
    assert reasons(row) == [None, "returned", "submitted"]


def test_a_correction_is_a_new_version_and_the_old_one_stays_readable(publisher):
    old = factories.PublishedSelfAssessmentFactory(rating="completed_or_substantial")
    factories.EvidenceFactory(self_assessment=old, address="https://example.org/law")
    new = lifecycle.correct_self_assessment(old, by=publisher, reason="The law was repealed.", rating="limited")
    assert (flags(old), flags(new)) == ((False, False), (True, True))
    assert (old.rating, old.superseded_at) == ("completed_or_substantial", new.published_at)
    assert (new.rating, new.version, new.supersedes, new.correction_reason, new.published_by) == (
        "limited",
        2,
        old,
        "The law was repealed.",
        publisher,
    )
    assert new.evidence_en == old.evidence_en
    assert list(Evidence.objects.order_by("pk").values_list("self_assessment", "address")) == [
        (old.pk, "https://example.org/law"),
        (new.pk, "https://example.org/law"),
    ]
    assert reasons(old) == [None, "superseded"]


def test_a_correction_without_a_reason_changes_nothing(publisher):
    old = factories.PublishedSelfAssessmentFactory()
    with pytest.raises(ValidationError, match="the reason is public"):
        lifecycle.correct_self_assessment(old, by=publisher, reason=" ", rating="completed_or_substantial")
    assert flags(old) == (True, True)
    assert (SelfAssessment.objects.count(), old.superseded_at, reasons(old)) == (1, None, [None])


def test_only_the_rating_in_force_is_corrected(publisher):
    old = factories.PublishedSelfAssessmentFactory()
    lifecycle.correct_self_assessment(old, by=publisher, reason="Once")
    for row in (old, factories.SubmittedSelfAssessmentFactory()):
        with pytest.raises(ValidationError, match="in force"):
            lifecycle.correct_self_assessment(row, by=publisher, reason="Twice")


def test_a_corrected_transcription_is_no_transcription(publisher):
    document = factories.SourceDocumentFactory()
    period = factories.PublishedPeriodFactory()
    row = SelfAssessment(
        milestone=factories.MilestoneFactory(commitment__plan=period.plan),
        period=period,
        rating="limited",
        source=document,
    )
    lifecycle.publish_transcribed(row, on=datetime.date(2025, 4, 10), reason="copied")
    with pytest.raises(ValidationError) as refusal:
        lifecycle.correct_self_assessment(row, by=publisher, reason="The printed rating was a slip.")
    assert refusal.value.message_dict == {"challenges_en": ["Below green, say what stands in the way."]}
    assert flags(row) == (True, True)
    new = lifecycle.correct_self_assessment(
        row, by=publisher, reason="The printed rating was a slip.", challenges_en="No money."
    )
    assert (row.transcribed, new.transcribed) == (True, False)


def test_a_correction_adds_and_drops_evidence_on_the_new_version_only(publisher):
    old = factories.PublishedSelfAssessmentFactory()
    wrong, kept = (factories.EvidenceFactory(self_assessment=old, address=f"https://example.org/{n}") for n in "ab")
    new = lifecycle.correct_self_assessment(
        old,
        by=publisher,
        reason="The link led to another law.",
        rating="completed_or_substantial",
        attach=[Evidence(address="https://example.org/c")],
        detach=[wrong],
    )
    addresses = [[row.address for row in version.attachments.all()] for version in (old, new)]
    assert addresses == [[wrong.address, kept.address], [kept.address, "https://example.org/c"]]


def test_the_same_as_last_quarter_is_a_draft_marked_so_with_its_evidence(editor):
    earlier = factories.PublishedSelfAssessmentFactory(challenges_mn="Мөнгө алга.", next_steps_en="Ask again.")
    link = factories.EvidenceFactory(self_assessment=earlier)
    period = quarter(earlier.plan, 2, factories.OpenPeriodFactory)
    draft = lifecycle.copy_forward(earlier, period, by=editor)
    assert (draft.state, draft.copied_from, draft.period) == (SelfAssessment.State.DRAFT, earlier, period)
    assert [getattr(draft, name) for name in SelfAssessment.WORDS] == [
        getattr(earlier, name) for name in SelfAssessment.WORDS
    ]
    assert [row.address for row in draft.attachments.all()] == [link.address]
    assert [row.pk for row in earlier.attachments.all()] == [link.pk]
    assert reasons(draft) == ["copied from the period before"]
    with pytest.raises(ValidationError, match="has a rating in this period already"):
        lifecycle.copy_forward(earlier, period, by=editor)


def test_only_what_was_published_before_is_copied_forward(editor):
    draft = factories.SelfAssessmentFactory()
    later = quarter(draft.plan, 2, factories.OpenPeriodFactory)
    with pytest.raises(ValidationError, match="of an earlier period"):
        lifecycle.copy_forward(draft, later, by=editor)
    published = factories.PublishedSelfAssessmentFactory(
        milestone=factories.MilestoneFactory(commitment=draft.milestone.commitment),
        period=quarter(draft.plan, 3),
    )
    with pytest.raises(ValidationError, match="of an earlier period"):
        lifecycle.copy_forward(published, later, by=editor)


# --- a period that is opened again ------------------------------------------------------------------------------------


def test_a_reopened_period_takes_what_is_missing_and_keeps_what_is_published(publisher):
    rated = factories.PublishedSelfAssessmentFactory()
    period = rated.period
    first = period.published_at
    period = lifecycle.reopen_period(period, by=publisher, reason="Two ministries were late.")
    assert (period.state(), period.takes_answers()) == (ReportingPeriod.State.ENTRY, True)
    assert period.state(first) == ReportingPeriod.State.ANSWERING
    late = factories.SubmittedSelfAssessmentFactory(
        milestone=factories.MilestoneFactory(commitment=rated.milestone.commitment), period=period
    )
    assert lifecycle.publish_period(period, by=publisher) == 1
    period.refresh_from_db()
    assert (period.state(), period.published_at) == (ReportingPeriod.State.ANSWERING, first)
    assert (flags(rated), flags(late)) == ((True, True), (True, True))
    assert reasons(period)[-2:] == ["Two ministries were late.", "published"]
    again = lifecycle.reopen_period(period, by=publisher, reason="Once more.")
    assert (again.state(), again.reopen_reason, again.republished_at) == (
        ReportingPeriod.State.ENTRY,
        "Once more.",
        None,
    )


def test_a_period_is_reopened_with_a_reason_and_only_once_it_is_published(publisher):
    with pytest.raises(ValidationError, match="the reason is public"):
        lifecycle.reopen_period(factories.PublishedPeriodFactory(), by=publisher, reason=" ")
    for make in (factories.ReportingPeriodFactory, factories.OpenPeriodFactory):
        with pytest.raises(ValidationError, match="Only a published period"):
            lifecycle.reopen_period(make(), by=publisher, reason="Why not?")


# --- the answers of organisations -------------------------------------------------------------------------------------


def test_an_answer_is_published_unchanged(publisher):
    answer = factories.SubmittedCounterAssessmentFactory(condition="If the bill is submitted.")
    words = {name: getattr(answer, name) for name in CounterAssessment.WORDS}
    published = lifecycle.publish_counter_assessment(answer, by=publisher)
    published.refresh_from_db()
    assert {name: getattr(published, name) for name in CounterAssessment.WORDS} == words
    assert (published.state, published.published_by, published.is_current) == ("published", publisher, True)


@pytest.mark.parametrize("state", [state for state in CounterAssessment.State if state != "submitted"])
def test_only_a_submitted_answer_is_published(publisher, state):
    published = {"published_at": timezone.now(), "published_by": publisher} if state == "published" else {}
    answer = factories.CounterAssessmentFactory(state=state, **published)
    with pytest.raises(ValidationError, match="Only a submitted answer"):
        lifecycle.publish_counter_assessment(answer, by=publisher)


def test_a_newer_answer_of_the_same_organisation_takes_the_place_of_the_earlier(publisher):
    rating = factories.PublishedSelfAssessmentFactory()
    first = factories.PublishedCounterAssessmentFactory(milestone=rating.milestone)
    second = factories.SubmittedCounterAssessmentFactory(
        milestone=rating.milestone,
        organisation=first.organisation,
        version=2,
        supersedes=first,
        correction_reason="New facts.",
    )
    second = lifecycle.publish_counter_assessment(second, by=publisher)
    assert (flags(first), flags(second)) == ((False, False), (True, True))
    assert first.superseded_at == second.published_at


def test_an_organisations_drafts_leave_no_history(publisher):
    answer = factories.CounterAssessmentFactory()
    answer.recommendation = "A second thought."
    answer.save()
    assert answer.history.count() == 0
    answer.state, answer.submitted_at, answer.submitted_by = "submitted", timezone.now(), factories.UserFactory()
    answer.save()
    lifecycle.publish_counter_assessment(answer, by=publisher)
    assert reasons(answer) == [None, "published"]


def test_a_response_is_published_once(publisher):
    response = lifecycle.publish_response(factories.ResponseFactory(), by=publisher)
    assert (response.state, response.is_current, response.published_by) == ("published", True, publisher)
    with pytest.raises(ValidationError, match="published already"):
        lifecycle.publish_response(response, by=publisher)


# --- copied from documents --------------------------------------------------------------------------------------------


def test_a_transcribed_rating_keeps_its_gaps_and_is_public_since_the_day_of_the_document(db):
    period = factories.PublishedPeriodFactory()
    milestone = factories.MilestoneFactory(commitment__plan=period.plan)
    row = SelfAssessment(
        milestone=milestone, period=period, no_rating_reason="not_legible", source=factories.SourceDocumentFactory()
    )
    lifecycle.publish_transcribed(row, on=datetime.date(2023, 8, 15), reason="load_plans")
    assert flags(row) == (True, True)
    assert (row.transcribed, row.state, row.published_by, row.submitted_at) == (True, "published", None, None)
    # Midnight in Ulaanbaatar.
    assert row.published_at == datetime.datetime(2023, 8, 14, 16, tzinfo=datetime.UTC)
    assert reasons(row) == ["load_plans"]


def test_a_transcribed_row_names_its_document(db):
    row = SelfAssessment(
        milestone=factories.MilestoneFactory(), period=factories.PublishedPeriodFactory(), rating="limited"
    )
    with pytest.raises(ValidationError, match="names the document"):
        lifecycle.publish_transcribed(row, on=datetime.date(2023, 8, 15), reason="load_plans")
    assert not SelfAssessment.objects.exists()


def test_a_rating_of_another_plans_period_is_refused(db):
    row = SelfAssessment(
        milestone=factories.MilestoneFactory(),
        period=factories.PublishedPeriodFactory(),
        rating="limited",
        source=factories.SourceDocumentFactory(),
    )
    with pytest.raises(ValidationError, match="another plan"):
        lifecycle.publish_transcribed(row, on=datetime.date(2023, 8, 15), reason="load_plans")


# --- which version is in force ----------------------------------------------------------------------------------------


def test_the_latest_is_that_of_the_newest_period_and_not_the_one_published_last(publisher):
    milestone = factories.MilestoneFactory()
    plan = milestone.commitment.plan
    second = factories.PublishedSelfAssessmentFactory(milestone=milestone, period=quarter(plan, 2))
    first = factories.PublishedSelfAssessmentFactory(milestone=milestone, period=quarter(plan, 1))
    assert (flags(first), flags(second)) == ((True, False), (True, True))
    corrected = lifecycle.correct_self_assessment(first, by=publisher, reason="Late news.")
    assert (flags(first), flags(corrected), flags(second)) == ((False, False), (True, False), (True, True))


def test_answers_of_an_earlier_period_are_current_but_not_latest(db):
    milestone = factories.MilestoneFactory()
    plan = milestone.commitment.plan
    first = quarter(plan, 1)
    factories.PublishedSelfAssessmentFactory(milestone=milestone, period=first)
    answer = factories.PublishedCounterAssessmentFactory(milestone=milestone, period=first)
    assert flags(answer) == (True, True)
    factories.PublishedSelfAssessmentFactory(milestone=milestone, period=quarter(plan, 2))
    assert flags(answer) == (True, False)


def test_an_answer_without_a_rating_of_the_government_is_not_latest(db):
    assert flags(factories.PublishedCounterAssessmentFactory()) == (True, False)


@pytest.mark.parametrize("seed", range(5))
def test_stored_flags_are_what_the_moments_say_after_any_order_of_verbs(publisher, seed):
    chance = random.Random(seed)
    plan = factories.ActionPlanFactory()
    periods = [quarter(plan, number) for number in (1, 2, 3)]
    milestones = [factories.MilestoneFactory(commitment__plan=plan) for _number in range(2)]
    ngos = [factories.NgoFactory() for _number in range(2)]
    for _step in range(25):
        milestone, period = chance.choice(milestones), chance.choice(periods)
        rating = SelfAssessment.objects.filter(milestone=milestone, period=period, is_current=True).first()
        if chance.random() < 0.5:
            if rating:
                lifecycle.correct_self_assessment(rating, by=publisher, reason="News")
            else:
                factories.PublishedSelfAssessmentFactory(milestone=milestone, period=period)
        else:
            ngo = chance.choice(ngos)
            before = (
                CounterAssessment.objects.filter(milestone=milestone, period=period, organisation=ngo)
                .order_by("version")
                .last()
            )
            version = {"version": before.version + 1, "supersedes": before} if before else {}
            answer = factories.SubmittedCounterAssessmentFactory(
                milestone=milestone, period=period, organisation=ngo, **version
            )
            lifecycle.publish_counter_assessment(answer, by=publisher)
        for subject in milestones:
            for model, computed in lifecycle.flags_in_force(subject).items():
                rows = model.objects.filter(milestone=subject)
                stored = {
                    flag: set(rows.filter(**{flag: True}).values_list("pk", flat=True))
                    for flag in ("is_current", "is_latest")
                }
                assert stored == computed
    assert SelfAssessment.objects.filter(is_latest=True).count() <= len(milestones) == Milestone.objects.count()


def test_the_clock_goes_on_within_a_transaction(db):
    assert lifecycle.clock() < lifecycle.clock()
    assert abs(lifecycle.clock() - timezone.now()) < datetime.timedelta(minutes=1)


def test_a_day_starts_at_midnight_in_ulaanbaatar():
    assert day_start(datetime.date(2024, 1, 1)).isoformat() == "2024-01-01T00:00:00+08:00"


def test_the_history_names_who_acted_also_where_no_request_says_who(publisher):
    plan = factories.DraftPlanFactory()
    lifecycle.publish_plan(plan, by=publisher)
    newest = plan.history.first()
    assert (newest.history_user, newest.history_change_reason) == (publisher, "published")


def test_a_long_reason_of_a_correction_stands_whole_in_the_history(publisher):
    rated = factories.PublishedSelfAssessmentFactory()
    reason = "The evidence was withdrawn. " * 20
    corrected = lifecycle.correct_self_assessment(rated, by=publisher, reason=reason.strip())
    assert reason.strip() in [entry.history_change_reason for entry in corrected.history.all()]
