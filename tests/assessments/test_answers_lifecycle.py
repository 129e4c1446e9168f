"""An answer's life: drafted together, sent once, replaced, withdrawn, returned, withheld; and what the agency says."""

import datetime
import uuid

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from assessments import lifecycle
from assessments.answer_states import AnswerStates, count_answer_states
from assessments.counts import count_plan
from assessments.ledger import Mark, read_ledger
from assessments.models import CounterAssessment, Evidence, Response, SelfAssessment
from tests import factories

GREEN, AMBER, RED = "completed_or_substantial", "limited", "not_started_or_delayed"
WORDS = {"rating": RED, "recommendation": "Begin.", "justification": "Nothing was done.", "language": "en"}
HOUR = datetime.timedelta(hours=1)


@pytest.fixture
def ngo(db):
    return factories.NgoFactory()


@pytest.fixture
def author(ngo):
    return factories.RepresentativeFactory(organisation=ngo, name="Bold")


@pytest.fixture
def colleague(ngo):
    return factories.RepresentativeFactory(organisation=ngo, name="Tsetseg")


@pytest.fixture
def rated(db):
    """The government's rating (amber) in a period that takes answers for another hour."""
    milestone = factories.MilestoneFactory()
    period = factories.PublishedPeriodFactory(plan=milestone.commitment.plan, answers_close_at=timezone.now() + HOUR)
    return factories.PublishedSelfAssessmentFactory(milestone=milestone, period=period)


def unsaved(rated, ngo):
    return CounterAssessment(
        milestone_id=rated.milestone_id,
        commitment_id=rated.commitment_id,
        period=rated.period,
        organisation=ngo,
    )


def drafted(rated, author, **words):
    draft = unsaved(rated, author.memberships.get().organisation)
    return lifecycle.save_draft(draft, by=author, opened_version=0, seen=rated, **(WORDS | words))


def sent(rated, author, **words):
    return lifecycle.submit_counter_assessment(drafted(rated, author, **words), by=author, submission_key=uuid.uuid4())


def close(period):
    period.answers_open_at, period.answers_close_at = timezone.now() - 2 * HOUR, timezone.now() - HOUR
    period.save()


def reasons(row):
    return [entry.history_change_reason for entry in reversed(row.history.all())]


def said(row):
    row.refresh_from_db()
    return {name: getattr(row, name) for name in CounterAssessment.WORDS}


# --- drafts -----------------------------------------------------------------------------------------------------------


def test_a_draft_is_begun_and_saved_by_any_of_the_organisation(rated, author, colleague):
    draft = drafted(rated, author, justification="", recommendation="Be")
    assert (draft.state, draft.draft_version, draft.saved_by, draft.version) == ("draft", 1, author, 1)
    assert (draft.answers, draft.answered_rating) == (rated, AMBER)
    again = lifecycle.save_draft(draft, by=colleague, opened_version=1, seen=rated, recommendation="Begin now.")
    assert (again.pk, again.draft_version, again.saved_by, again.recommendation) == (
        draft.pk,
        2,
        colleague,
        "Begin now.",
    )
    assert draft.history.count() == 0


def test_the_second_of_two_savers_is_told_who_was_first_and_loses_nothing(rated, author, colleague):
    draft = drafted(rated, author)
    lifecycle.save_draft(draft, by=colleague, opened_version=1, seen=rated, recommendation="Hers.")
    with pytest.raises(lifecycle.ChangedMeanwhile, match="Tsetseg saved this draft on") as refusal:
        lifecycle.save_draft(draft, by=author, opened_version=1, seen=rated, recommendation="His.")
    assert refusal.value.current.recommendation == "Hers."
    assert CounterAssessment.objects.get().recommendation == "Hers."


def test_saving_what_stands_there_already_is_no_change_and_no_conflict(rated, author, ngo):
    first = drafted(rated, author)
    # The answer to the first request was lost, and the form sends the same again, as new.
    again = lifecycle.save_draft(unsaved(rated, ngo), by=author, opened_version=0, seen=rated, **WORDS)
    assert (again.pk, again.draft_version) == (first.pk, 1)
    with pytest.raises(lifecycle.ChangedMeanwhile):
        lifecycle.save_draft(unsaved(rated, ngo), by=author, opened_version=0, seen=rated, recommendation="Other.")


def test_a_draft_may_be_incomplete_and_is_kept_after_the_window_has_closed(rated, author):
    draft = drafted(rated, author, rating=None, no_rating_reason="other", recommendation="", justification="")
    close(rated.period)
    again = lifecycle.save_draft(draft, by=author, opened_version=1, seen=rated, recommendation="Half a sen")
    assert again.recommendation == "Half a sen"
    with pytest.raises(lifecycle.AnswersClosed):
        lifecycle.submit_counter_assessment(again, by=author, submission_key=uuid.uuid4())
    again.refresh_from_db()
    assert (again.state, again.recommendation) == ("draft", "Half a sen")


def test_what_cannot_be_stored_is_refused_by_field(rated, author):
    with pytest.raises(ValidationError) as refusal:
        drafted(rated, author, recommendation="\x00", rating="substantial")
    assert set(refusal.value.message_dict) == {"recommendation", "rating"}
    assert not CounterAssessment.objects.exists()


def test_nothing_but_words_is_saved(rated, author):
    draft = drafted(rated, author)
    for other in ({"state": "published"}, {"organisation": factories.NgoFactory()}, {"reference_number": "CA-1"}):
        with pytest.raises(TypeError, match="Not words"):
            lifecycle.save_draft(draft, by=author, opened_version=1, seen=rated, **other)


def test_a_period_that_is_not_published_has_nothing_to_answer(author, ngo):
    rated = factories.SubmittedSelfAssessmentFactory()
    with pytest.raises(ValidationError, match="not published yet"):
        lifecycle.save_draft(unsaved(rated, ngo), by=author, opened_version=0, seen=None, **WORDS)
    hidden = factories.PublishedSelfAssessmentFactory(milestone__commitment__plan=factories.DraftPlanFactory())
    with pytest.raises(ValidationError, match="not published yet"):
        lifecycle.save_draft(unsaved(hidden, ngo), by=author, opened_version=0, seen=hidden, **WORDS)


def test_only_a_published_rating_of_the_same_subject_is_answered(rated, author, ngo):
    for other in (factories.PublishedSelfAssessmentFactory(), factories.SelfAssessmentFactory()):
        with pytest.raises(ValidationError, match="of the same subject and period"):
            lifecycle.save_draft(unsaved(rated, ngo), by=author, opened_version=0, seen=other, **WORDS)


def test_a_commitment_as_a_whole_is_answered_without_a_rating_of_it(rated, author, ngo):
    whole = CounterAssessment(commitment=rated.milestone.commitment, period=rated.period, organisation=ngo)
    draft = lifecycle.save_draft(whole, by=author, opened_version=0, seen=None, rating=GREEN)
    row = lifecycle.submit_counter_assessment(draft, by=author, submission_key=uuid.uuid4())
    assert (row.state, row.answers, row.answered_rating, row.gap_when_given) == ("submitted", None, None, None)


# --- who may ----------------------------------------------------------------------------------------------------------


def acts(rated, author):
    """Every verb of the author's side, each on a row of its own state."""
    draft = drafted(rated, author)
    yield lambda by: lifecycle.save_draft(draft, by=by, opened_version=1, seen=rated, recommendation="Stolen.")
    yield lambda by: lifecycle.submit_counter_assessment(draft, by=by, submission_key=uuid.uuid4())
    row = lifecycle.submit_counter_assessment(draft, by=author, submission_key=uuid.uuid4())
    yield lambda by: lifecycle.replace_counter_assessment(row, by=by)
    yield lambda by: lifecycle.withdraw_counter_assessment(row, by=by)


def test_nobody_acts_for_an_organisation_but_those_who_speak_for_it_today(rated, author, ngo):
    former = factories.UserFactory()
    yesterday = timezone.localdate() - datetime.timedelta(days=1)
    factories.MembershipFactory(user=former, organisation=ngo, ends_on=yesterday)
    strangers = [
        None,
        AnonymousUser(),
        former,
        factories.RepresentativeFactory(),
        factories.MsfMemberFactory(),
        factories.EditorFactory(),
        factories.PublisherFactory(),
        factories.SuperuserFactory(),
    ]
    for act in acts(rated, author):
        before = list(CounterAssessment.objects.values())
        for stranger in strangers:
            with pytest.raises(PermissionDenied):
                act(stranger)
        assert list(CounterAssessment.objects.values()) == before


def test_who_leaves_an_organisation_loses_access_at_once(rated, author):
    draft = drafted(rated, author)
    author.memberships.update(ends_on=timezone.localdate() - datetime.timedelta(days=1))
    with pytest.raises(PermissionDenied):
        lifecycle.submit_counter_assessment(draft, by=author, submission_key=uuid.uuid4())
    assert not CounterAssessment.objects.visible_to(author).exists()


# --- sending ----------------------------------------------------------------------------------------------------------


def test_an_answer_is_sent_with_a_reference_number_and_what_it_answers(rated, author):
    row = sent(rated, author)
    row.refresh_from_db()
    year = timezone.localdate().year
    assert (row.state, row.submitted_by, row.reference_number) == ("submitted", author, f"CA-{year}-00001")
    assert (row.answers, row.answered_rating, row.gap_when_given) == (rated, AMBER, -1)
    assert row.stated_on == timezone.localdate()
    assert reasons(row) == ["submitted"]
    other = factories.RepresentativeFactory()
    assert sent(rated, other).reference_number == f"CA-{year}-00002"


def test_sent_twice_is_sent_once(rated, author, colleague):
    draft, key = drafted(rated, author), uuid.uuid4()
    first = lifecycle.submit_counter_assessment(draft, by=author, submission_key=key)
    close(rated.period)
    again = lifecycle.submit_counter_assessment(draft, by=author, submission_key=key)
    assert (again.pk, again.reference_number, again.submitted_at) == (
        first.pk,
        first.reference_number,
        first.submitted_at,
    )
    with pytest.raises(lifecycle.ChangedMeanwhile, match="Bold sent this answer on"):
        lifecycle.submit_counter_assessment(draft, by=colleague, submission_key=uuid.uuid4())
    assert reasons(first) == ["submitted"]


def test_a_form_is_not_sent_for_two_answers(rated, author, ngo):
    key = uuid.uuid4()
    lifecycle.submit_counter_assessment(drafted(rated, author), by=author, submission_key=key)
    milestone = factories.MilestoneFactory(commitment=rated.milestone.commitment)
    other = factories.PublishedSelfAssessmentFactory(milestone=milestone, period=rated.period)
    with pytest.raises(ValidationError, match="sent for another answer"):
        lifecycle.submit_counter_assessment(drafted(other, author), by=author, submission_key=key)


def test_what_a_colleague_changed_after_it_was_read_through_is_not_sent(rated, author, colleague):
    draft = drafted(rated, author)
    lifecycle.save_draft(draft, by=colleague, opened_version=1, seen=rated, recommendation="Hers.")
    with pytest.raises(lifecycle.ChangedMeanwhile):
        lifecycle.submit_counter_assessment(draft, by=author, submission_key=uuid.uuid4(), opened_version=1)
    assert (
        lifecycle.submit_counter_assessment(
            draft, by=author, submission_key=uuid.uuid4(), opened_version=2
        ).recommendation
        == "Hers."
    )


@pytest.mark.parametrize(
    ("words", "missing"),
    [
        ({"rating": None}, {"rating"}),
        ({"rating": None, "no_rating_reason": "not_legible"}, {"rating"}),
        ({"rating": None, "no_rating_reason": "other"}, {"no_rating_text"}),
        ({"rating": None, "no_rating_reason": "comment_only", "recommendation": ""}, {"recommendation"}),
        ({"rating": RED, "justification": ""}, {"justification"}),
        ({"rating": GREEN, "justification": ""}, {"justification"}),
        ({"rating": AMBER, "justification": "", "recommendation": ""}, set()),
        ({"rating": None, "no_rating_reason": "comment_only", "justification": ""}, set()),
        ({"rating": None, "no_rating_reason": "other", "no_rating_text": "We were not let in."}, set()),
    ],
)
def test_what_is_missing_before_an_answer_may_be_sent(rated, author, words, missing):
    draft = drafted(rated, author, **words)
    assert set(lifecycle.answer_incompleteness(draft)) == missing
    if not missing:
        assert lifecycle.submit_counter_assessment(draft, by=author, submission_key=uuid.uuid4()).reference_number
        return
    with pytest.raises(ValidationError) as refusal:
        lifecycle.submit_counter_assessment(draft, by=author, submission_key=uuid.uuid4())
    assert set(refusal.value.message_dict) == missing
    draft.refresh_from_db()
    assert (draft.state, draft.reference_number) == ("draft", None)


def test_late_is_late_and_says_when_it_closed(rated, author):
    draft = drafted(rated, author)
    close(rated.period)
    with pytest.raises(lifecycle.AnswersClosed, match=r"closed on .* \(\+08\)") as refusal:
        lifecycle.submit_counter_assessment(draft, by=author, submission_key=uuid.uuid4())
    assert refusal.value.closed_at == rated.period.answers_close_at


def test_early_is_not_late(rated, author):
    draft = drafted(rated, author)
    rated.period.answers_open_at = timezone.now() + HOUR / 2
    rated.period.save()
    with pytest.raises(ValidationError, match="not open yet"):
        lifecycle.submit_counter_assessment(draft, by=author, submission_key=uuid.uuid4())


def test_who_answered_a_rating_that_was_corrected_meanwhile_looks_again(rated, author, publisher):
    draft = drafted(rated, author)
    corrected = lifecycle.correct_self_assessment(rated, by=publisher, reason="A slip.", rating=RED)
    with pytest.raises(lifecycle.RatingChanged) as refusal:
        lifecycle.submit_counter_assessment(draft, by=author, submission_key=uuid.uuid4())
    assert refusal.value.current == corrected
    draft = lifecycle.save_draft(draft, by=author, opened_version=1, seen=corrected)
    row = lifecycle.submit_counter_assessment(draft, by=author, submission_key=uuid.uuid4())
    assert (row.answers, row.answered_rating, row.gap_when_given) == (corrected, RED, 0)


# --- replacing and withdrawing ----------------------------------------------------------------------------------------


def test_what_waits_is_replaced_by_a_newer_version_when_that_is_sent(rated, author, publisher):
    first = sent(rated, author)
    words = said(first)
    draft = lifecycle.replace_counter_assessment(first, by=author)
    assert (draft.version, draft.supersedes, draft.state, said(draft)["recommendation"]) == (
        2,
        first,
        "draft",
        "Begin.",
    )
    assert lifecycle.replace_counter_assessment(first, by=author) == draft
    assert first in CounterAssessment.objects.waiting()
    draft = lifecycle.save_draft(draft, by=author, opened_version=1, seen=rated, recommendation="Begin today.")
    second = lifecycle.submit_counter_assessment(draft, by=author, submission_key=uuid.uuid4())
    assert list(CounterAssessment.objects.waiting()) == [second]
    assert said(first) == words
    assert (first.superseded_at, reasons(first)) == (second.submitted_at, ["submitted", "replaced"])
    with pytest.raises(ValidationError, match="publish the newer one"):
        lifecycle.publish_counter_assessment(first, by=publisher)
    assert lifecycle.publish_counter_assessment(second, by=publisher).is_current
    assert second.reference_number != first.reference_number


def test_evidence_comes_along_to_the_new_version(rated, author):
    draft = drafted(rated, author)
    factories.EvidenceFactory(self_assessment=None, counter_assessment=draft, address="https://example.org/photo")
    row = lifecycle.submit_counter_assessment(draft, by=author, submission_key=uuid.uuid4())
    draft = lifecycle.replace_counter_assessment(row, by=author)
    assert [version.attachments.get().address for version in (row, draft)] == ["https://example.org/photo"] * 2


def test_what_is_public_stands_until_the_new_version_is_published(rated, author, publisher):
    first = lifecycle.publish_counter_assessment(sent(rated, author), by=publisher)
    withdrawn = lifecycle.submit_counter_assessment(
        lifecycle.replace_counter_assessment(first, by=author), by=author, submission_key=uuid.uuid4()
    )
    lifecycle.withdraw_counter_assessment(withdrawn, by=author)
    first.refresh_from_db()
    assert first.is_current
    third = lifecycle.submit_counter_assessment(
        lifecycle.replace_counter_assessment(withdrawn, by=author), by=author, submission_key=uuid.uuid4()
    )
    third = lifecycle.publish_counter_assessment(third, by=publisher)
    first.refresh_from_db()
    assert (first.is_current, first.superseded_at, third.version) == (False, third.published_at, 3)


@pytest.mark.parametrize("verb", ["replace_counter_assessment", "withdraw_counter_assessment"])
def test_after_the_window_has_closed_nothing_is_replaced_or_withdrawn(rated, author, verb):
    row = sent(rated, author)
    close(rated.period)
    with pytest.raises(lifecycle.AnswersClosed):
        getattr(lifecycle, verb)(row, by=author)
    row.refresh_from_db()
    assert row.state == "submitted"


def test_withdrawn_before_publication_it_was_never_there_but_is_counted(rated, author, publisher):
    row = lifecycle.withdraw_counter_assessment(sent(rated, author), by=author)
    assert (row.state, row.withdrawn_by) == ("withdrawn", author)
    assert lifecycle.withdraw_counter_assessment(row, by=author).withdrawn_at == row.withdrawn_at
    with pytest.raises(ValidationError, match="Only a submitted answer"):
        lifecycle.publish_counter_assessment(row, by=publisher)
    (subject,) = read_ledger(rated.plan).subjects
    assert (subject.answers, subject.marks) == ((), ())
    assert count_answer_states([rated.plan]) == {rated.period.pk: AnswerStates(received=1, withdrawn=1)}


def test_withdrawn_after_publication_it_leaves_a_dated_mark_without_words(rated, author, publisher, ngo):
    row = lifecycle.publish_counter_assessment(sent(rated, author), by=publisher)
    public = timezone.now()
    assert count_plan(read_ledger(rated.plan)).contested == 1
    row = lifecycle.withdraw_counter_assessment(row, by=author)

    def read(**options):
        (subject,) = read_ledger(rated.plan, **options).subjects
        return [answer.assessment for answer in subject.answers], list(subject.marks), subject.contested

    mark = Mark(ngo, "withdrawn", row.withdrawn_at, "", "", "")
    assert read() == ([], [mark], False)
    # Of the moment at which it was public the public sees the mark too; the support unit and the author see it.
    assert read(as_of=public) == ([], [mark], False)
    assert read(as_of=public, user=publisher) == ([row], [], True)
    assert read(as_of=public, user=author) == ([row], [], True)
    assert read(as_of=timezone.now(), user=publisher) == ([], [mark], False)
    assert read(as_of=row.published_at - HOUR) == ([], [], False)
    assert not CounterAssessment.objects.visible_to(AnonymousUser()).exists()


# --- the support unit -------------------------------------------------------------------------------------------------


def test_who_may_moderate(rated, author):
    users = {
        "nobody": None,
        "author": author,
        "msf": factories.MsfMemberFactory(),
        "editor": factories.EditorFactory(),
        "publisher": factories.PublisherFactory(),
        "superuser": factories.SuperuserFactory(),
    }

    def may(act):
        could = set()
        for role, user in users.items():
            row = factories.SubmittedCounterAssessmentFactory()
            try:
                act(row, user)
                could.add(role)
            except PermissionDenied:
                row.refresh_from_db()
                assert row.state == "submitted"
        return could

    assert may(lambda row, by: lifecycle.return_counter_assessment(row, by=by, reason="Whose?")) == {
        "editor",
        "publisher",
        "superuser",
    }
    assert may(lambda row, by: lifecycle.publish_counter_assessment(row, by=by)) == {"publisher", "superuser"}
    assert may(lambda row, by: lifecycle.withhold_counter_assessment(row, by=by, reason="unlawful")) == {
        "publisher",
        "superuser",
    }


def test_a_returned_answer_is_mended_by_its_author_out_of_sight_and_keeps_its_number(rated, author, editor, publisher):
    row = sent(rated, author)
    with pytest.raises(ValidationError, match="Say what has to be mended"):
        lifecycle.return_counter_assessment(row, by=editor, reason=" ")
    row = lifecycle.return_counter_assessment(row, by=editor, reason="A telephone number is in it.")
    assert (row.state, row.returned_by) == ("returned", editor)
    assert count_answer_states([rated.plan]) == {rated.period.pk: AnswerStates(received=1, returned=1)}
    mended = lifecycle.save_draft(
        row, by=author, opened_version=row.draft_version, seen=rated, recommendation="Secret half-senten"
    )
    assert not CounterAssessment.objects.visible_to(publisher).exists()
    assert count_answer_states([rated.plan]) == {rated.period.pk: AnswerStates(received=1, returned=1)}
    mended = lifecycle.save_draft(
        mended, by=author, opened_version=mended.draft_version, seen=rated, recommendation="Begin."
    )
    again = lifecycle.submit_counter_assessment(mended, by=author, submission_key=uuid.uuid4())
    assert (again.pk, again.reference_number, again.state) == (row.pk, row.reference_number, "submitted")
    assert reasons(again) == ["submitted", "returned", "submitted"]
    assert "Secret half-senten" not in {entry.recommendation for entry in again.history.all()}


def test_what_was_in_time_may_be_mended_for_a_week_though_the_window_closes(rated, author, editor):
    row = lifecycle.return_counter_assessment(sent(rated, author), by=editor, reason="Whose?")
    close(rated.period)
    again = lifecycle.submit_counter_assessment(row, by=author, submission_key=uuid.uuid4())
    assert again.state == "submitted"
    row = lifecycle.return_counter_assessment(again, by=editor, reason="Whose?")
    CounterAssessment.objects.filter(pk=row.pk).update(returned_at=timezone.now() - datetime.timedelta(days=8))
    with pytest.raises(lifecycle.AnswersClosed):
        lifecycle.submit_counter_assessment(row, by=author, submission_key=uuid.uuid4())


def test_personal_data_found_after_publication_hides_the_words_with_mark_and_reason(rated, author, publisher, ngo):
    row = lifecycle.publish_counter_assessment(sent(rated, author), by=publisher)
    words = said(row)
    with pytest.raises(ValidationError, match="the reason is public"):
        lifecycle.withhold_counter_assessment(row, by=publisher, reason="inconvenient")
    row = lifecycle.withhold_counter_assessment(row, by=publisher, reason="personal_data", note_en="A name was in it.")
    (subject,) = read_ledger(rated.plan).subjects
    (mark,) = subject.marks
    assert mark == Mark(ngo, "withheld", row.withheld_at, "personal_data", "A name was in it.", "")
    assert mark.reason_label == "It contains personal data"
    assert (subject.answers, subject.contested) == ((), False)
    assert said(row) == words


def test_a_replaced_version_can_be_withheld_and_the_new_one_stands(rated, author, publisher):
    first = lifecycle.publish_counter_assessment(sent(rated, author), by=publisher)
    second = lifecycle.submit_counter_assessment(
        lifecycle.replace_counter_assessment(first, by=author), by=author, submission_key=uuid.uuid4()
    )
    second = lifecycle.publish_counter_assessment(second, by=publisher)
    lifecycle.withhold_counter_assessment(first, by=publisher, reason="personal_data")
    (subject,) = read_ledger(rated.plan).subjects
    assert ([answer.assessment for answer in subject.answers], len(subject.marks)) == ([second], 1)
    assert list(CounterAssessment.objects.visible_to(AnonymousUser())) == [second]


def test_only_what_was_sent_is_returned_or_withheld(rated, author, publisher):
    draft = drafted(rated, author)
    with pytest.raises(ValidationError, match="can be returned"):
        lifecycle.return_counter_assessment(draft, by=publisher, reason="Why?")
    with pytest.raises(ValidationError, match="can be withheld"):
        lifecycle.withhold_counter_assessment(draft, by=publisher, reason="unlawful")


def test_a_letter_is_copied_by_staff_marked_so_with_its_source_and_gaps(rated, editor, publisher, ngo):
    letter = unsaved(rated, ngo)
    letter.no_rating_reason, letter.recommendation = "not_provided", "Beginn."
    with pytest.raises(ValidationError, match="names the document"):
        lifecycle.transcribe_counter_assessment(letter, by=editor)
    letter.source = factories.SourceDocumentFactory()
    with pytest.raises(PermissionDenied):
        lifecycle.transcribe_counter_assessment(letter, by=factories.RepresentativeFactory())
    row = lifecycle.transcribe_counter_assessment(letter, by=editor)
    assert (row.state, row.transcribed, row.submitted_by, row.reference_number) == ("submitted", True, editor, None)
    row.recommendation = "Begin."
    row = lifecycle.transcribe_counter_assessment(row, by=editor)
    with pytest.raises(ValidationError, match="can be returned"):
        lifecycle.return_counter_assessment(row, by=editor, reason="Why?")
    row = lifecycle.publish_counter_assessment(row, by=publisher)
    assert (row.recommendation, row.is_current) == ("Begin.", True)
    with pytest.raises(ValidationError, match="Nobody else changes them"):
        lifecycle.transcribe_counter_assessment(row, by=editor)


def test_an_authors_own_answer_is_never_overwritten_by_a_copy(rated, author, editor):
    row = sent(rated, author)
    row.source, row.recommendation = factories.SourceDocumentFactory(), "Other words."
    with pytest.raises(ValidationError, match="Nobody else changes them"):
        lifecycle.transcribe_counter_assessment(row, by=editor)


# --- responses --------------------------------------------------------------------------------------------------------


@pytest.fixture
def answered(rated, author, publisher):
    return lifecycle.publish_counter_assessment(sent(rated, author), by=publisher)


def test_a_changed_rating_is_a_correction_linked_to_the_answer_that_caused_it(answered, rated, publisher):
    response = factories.ResponseFactory(counter_assessment=answered, kind="changed")
    with pytest.raises(ValidationError, match="as a correction together"):
        lifecycle.publish_response(response, by=publisher)
    response = lifecycle.correct_from_response(
        response, by=publisher, reason="The union showed that nothing was done.", rating=RED
    )
    correction = SelfAssessment.objects.get(is_current=True)
    assert (response.state, response.is_current, response.correction) == ("published", True, correction)
    assert (correction.version, correction.rating, correction.supersedes) == (2, RED, rated)
    assert list(correction.caused_by.values_list("counter_assessment", flat=True)) == [answered.pk]
    (subject,) = read_ledger(rated.plan).subjects
    assert (subject.rating, subject.gaps) == (RED, (0,))
    answered.refresh_from_db()
    assert answered.gap_when_given == -1


def test_a_response_that_changes_nothing_is_not_called_a_change(answered, rated, publisher):
    response = factories.ResponseFactory(counter_assessment=answered, kind="changed")
    with pytest.raises(ValidationError, match="choose another rating"):
        lifecycle.correct_from_response(response, by=publisher, reason="Why not?", next_steps_en="More.")
    assert SelfAssessment.objects.count() == 1
    other = factories.PublishedSelfAssessmentFactory()
    other = lifecycle.correct_self_assessment(other, by=publisher, reason="A slip.", rating=RED)
    with pytest.raises(ValidationError, match="of another rating"):
        lifecycle.publish_response(response, by=publisher, correction=other)


def test_one_correction_may_be_caused_by_several_answers(answered, rated, publisher):
    other = lifecycle.publish_counter_assessment(sent(rated, factories.RepresentativeFactory()), by=publisher)
    first = factories.ResponseFactory(counter_assessment=answered, kind="changed")
    correction = lifecycle.correct_from_response(first, by=publisher, reason="True.", rating=RED).correction
    second = factories.ResponseFactory(counter_assessment=other, kind="changed")
    lifecycle.publish_response(second, by=publisher, correction=correction)
    assert correction.caused_by.count() == 2


def test_a_published_response_is_corrected_in_the_open(answered, publisher):
    old = factories.PublishedResponseFactory(counter_assessment=answered)
    factories.EvidenceFactory(self_assessment=None, response=old)
    with pytest.raises(ValidationError, match="the reason is public"):
        lifecycle.correct_response(old, by=publisher, reason=" ")
    new = lifecycle.correct_response(old, by=publisher, reason="A word was missing.", reason_en="It does keep it.")
    old.refresh_from_db()
    assert (old.is_current, old.superseded_at, old.reason_en) == (
        False,
        new.published_at,
        "The ministry keeps its rating.",
    )
    assert (new.version, new.supersedes, new.is_current, new.reason_en) == (2, old, True, "It does keep it.")
    assert Evidence.objects.filter(response__in=[old, new]).count() == 2
    with pytest.raises(ValidationError, match="in force"):
        lifecycle.correct_response(old, by=publisher, reason="Again")


def test_who_may_respond(answered):
    response = factories.ResponseFactory(counter_assessment=answered, kind="changed")
    shown = factories.PublishedResponseFactory(counter_assessment=answered)
    for user in (None, factories.RepresentativeFactory(), factories.EditorFactory()):
        with pytest.raises(PermissionDenied):
            lifecycle.correct_from_response(response, by=user, reason="Why?", rating=RED)
        with pytest.raises(PermissionDenied):
            lifecycle.correct_response(shown, by=user, reason="Why?")


def test_what_is_not_public_is_not_responded_to_in_public(publisher):
    response = factories.ResponseFactory(counter_assessment=factories.SubmittedCounterAssessmentFactory())
    with pytest.raises(ValidationError, match="is not public"):
        lifecycle.publish_response(response, by=publisher)
    assert Response.objects.get().published_at is None
