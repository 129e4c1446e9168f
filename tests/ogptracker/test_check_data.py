"""`check_data` finds a row that was broken behind the back of forms and verbs, and names it."""

import datetime
import hashlib
from io import StringIO

import pytest
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from assessments import lifecycle
from assessments.models import AnswerNumbers, CounterAssessment, Evidence
from commitments.models import Milestone, Organisation
from ogptracker.data_checks import checked_models
from tests.factories import (
    CounterAssessmentFactory,
    EvidenceFactory,
    MilestoneFactory,
    OrganisationFactory,
    PublishedCounterAssessmentFactory,
    PublishedSelfAssessmentFactory,
    PublisherFactory,
    SelfAssessmentFactory,
    SubmittedCounterAssessmentFactory,
)
from tests.unguarded import unguarded


def check() -> tuple[list[str], str]:
    """The lines about broken rows, and the last sentence."""
    out = StringIO()
    try:
        call_command("check_data", stdout=out)
    except CommandError as error:
        return out.getvalue().splitlines(), str(error)
    *lines, last = out.getvalue().splitlines()
    return lines, last


def test_the_real_plans_are_sound(loaded_plans):
    rows = sum(model._default_manager.count() for model in checked_models())
    assert rows > 1000
    assert check() == ([], f"{rows} rows checked: all are sound.")


def test_every_table_of_our_own_is_checked():
    assert sorted(model.__name__ for model in checked_models()) == [
        "ActionPlan",
        "AnswerNumbers",
        "Claim",
        "Comment",
        "Commitment",
        "CounterAssessment",
        "DraftDownload",
        "DraftFile",
        "Evidence",
        "FocalPoint",
        "IndependentReview",
        "Invitation",
        "Involvement",
        "Meeting",
        "Membership",
        "Milestone",
        "Organisation",
        "OrganisationAlias",
        "Participation",
        "PendingImport",
        "PlanStatement",
        "PolicyArea",
        "Recommendation",
        "Release",
        "Report",
        "ReportFile",
        "ReportSection",
        "ReportingPeriod",
        "Response",
        "SelfAssessment",
        "SentReminder",
        "SourceDocument",
        "Theme",
        "User",
    ]


def test_what_people_and_verbs_make_is_sound(db):
    PublishedCounterAssessmentFactory(
        milestone=PublishedSelfAssessmentFactory().milestone,
    )
    CounterAssessmentFactory()
    EvidenceFactory()
    lines, last = check()
    assert lines == []
    assert last.endswith("rows checked: all are sound.")


def untracked(row, **values):
    """Change a row as SQL would, with its history made to agree, so that only the broken rule shows."""
    with unguarded(type(row)):
        QuerySet(type(row)).filter(pk=row.pk).update(**values)
    tracked = {column.name for column in type(row).history.model.tracked_fields}
    known = {name: value for name, value in values.items() if name in tracked}
    if known:
        row.history.update(**known)
    row.refresh_from_db()
    return row


def only_problem(lines: list[str]) -> str:
    (line,) = lines
    return line


def test_finds_a_change_without_a_trace(db):
    milestone = MilestoneFactory(code="1.1")
    Milestone.objects.update(title_en="Something easier")
    lines, last = check()
    name = f"Milestone {milestone.commitment.plan.slug}/1.1 (pk {milestone.pk})"
    assert lines == [
        f"{name}: title_en is not what its history says it was made last",
        f"{name}: search_text is not what saving the row would make it",
    ]
    assert last.endswith(" rows checked: 1 broken, 0 with a wrong flag.")


def test_finds_a_row_that_sql_put_in_without_history(db):
    organisation = OrganisationFactory()
    organisation.history.all().delete()
    assert only_problem(check()[0]) == f"Organisation {organisation.slug} (pk {organisation.pk}): it has no history"


def test_finds_a_rating_that_is_not_on_the_plans_scale(db):
    rating = untracked(SelfAssessmentFactory(), rating="completed")
    assert only_problem(check()[0]) == (
        f"SelfAssessment “{rating}” (pk {rating.pk}): rating: This rating is not on the plan's scale."
    )


def test_finds_a_choice_that_does_not_exist(db):
    organisation = untracked(OrganisationFactory(), kind="club")
    assert only_problem(check()[0]) == (
        f"Organisation {organisation.slug} (pk {organisation.pk}): kind: Value 'club' is not a valid choice."
    )


def test_finds_a_code_twice_in_a_plan(db):
    first = MilestoneFactory(code="1.1")
    second = MilestoneFactory(code="1.2", commitment__plan=first.commitment.plan)
    untracked(second, code="1.1", code_order=first.code_order, search_text=first.search_text)
    slug = first.commitment.plan.slug
    lines = [line for line in check()[0] if "code:" in line]
    assert lines == [
        f"Milestone {slug}/1.1 (pk {row.pk}): code: This plan already has a milestone with this code."
        for row in (first, second)
    ]


def test_finds_text_that_is_not_composed(db):
    organisation = OrganisationFactory()
    decomposed = "Тус\u0438\u0306лах"  # и and a breve, instead of й
    with connection.cursor() as cursor:
        for table in ("commitments_organisation", "commitments_historicalorganisation"):
            cursor.execute(f"UPDATE {table} SET short_name = %s", [decomposed])  # noqa: S608
    Organisation.objects.update(search_text=Organisation.objects.get().searched_words())
    assert only_problem(check()[0]) == (
        f"Organisation {organisation.slug} (pk {organisation.pk}): "
        "short_name: the text is not in the form it is kept in (NFC, no blanks at its ends)"
    )


def test_finds_a_wrong_order_of_codes(db):
    row = MilestoneFactory(code="1.10")
    Milestone.objects.update(code_order="0001.0001")
    assert only_problem(check()[0]) == (
        f"Milestone {row.commitment.plan.slug}/1.10 (pk {row.pk}): code_order is not what saving the row would make it"
    )


@pytest.mark.parametrize("flag", ["is_current", "is_latest"])
@pytest.mark.parametrize("factory", [PublishedSelfAssessmentFactory, PublishedCounterAssessmentFactory])
def test_finds_a_wrong_flag(db, factory, flag):
    milestone = PublishedSelfAssessmentFactory().milestone
    row = factory() if factory is PublishedSelfAssessmentFactory else factory(milestone=milestone)
    type(row).objects.filter(pk=row.pk).update(**{flag: False})
    lines, last = check()
    assert lines == [f"{type(row).__name__} “{row}” (pk {row.pk}): {flag} is stored as False"]
    assert last.endswith(" rows checked: 0 broken, 1 with a wrong flag.")


def test_finds_a_version_that_supersedes_another_subject(db):
    first, second = PublishedSelfAssessmentFactory(), PublishedSelfAssessmentFactory()
    moment = timezone.now()
    untracked(first, superseded_at=moment, is_current=False)
    untracked(second, version=2, supersedes=first, correction_reason="Read wrongly.", published_at=moment)
    lines = check()[0]
    assert (
        f"SelfAssessment “{second}” (pk {second.pk}): it supersedes pk {first.pk}, which is about something else"
        in lines
    )


def test_finds_a_rating_that_ended_without_a_later_one(db):
    row = PublishedSelfAssessmentFactory()
    untracked(row, superseded_at=row.published_at, is_current=False, is_latest=False)
    assert only_problem(check()[0]) == (
        f"SelfAssessment “{row}” (pk {row.pk}): "
        f"superseded_at is {row.superseded_at}, and the version after it was published at None"
    )


def test_finds_an_answer_whose_answered_rating_is_another(db):
    rating = PublishedSelfAssessmentFactory(rating="limited")
    answer = PublishedCounterAssessmentFactory(milestone=rating.milestone, answers=rating, answered_rating="limited")
    untracked(answer, answered_rating="completed_or_substantial")
    assert only_problem(check()[0]) == (
        f"CounterAssessment “{answer}” (pk {answer.pk}): "
        "answered_rating is completed_or_substantial, and the rating it answers is limited"
    )


def test_finds_an_answer_to_a_rating_of_another_milestone(db):
    other = PublishedSelfAssessmentFactory(rating="limited")
    answer = PublishedCounterAssessmentFactory(answers=other, answered_rating="limited")
    assert only_problem(check()[0]) == (
        f"CounterAssessment “{answer}” (pk {answer.pk}): it answers a rating of another subject or period"
    )


def test_finds_a_file_that_is_not_the_one_that_came_in(db):
    content = b"the minutes"
    row = EvidenceFactory(
        address="",
        file=ContentFile(content, name="minutes.txt"),
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
    )
    assert check()[0] == []
    with row.file.storage.open(row.file.name, "wb") as stored:
        stored.write(b"other minutes")
    assert only_problem(check()[0]) == (
        f"Evidence “{row}” (pk {row.pk}): the file {row.file.name} is not the one whose SHA-256 is recorded"
    )


def test_finds_a_broken_constraint(db):
    """Constraints stop a row at the door; but they can have been off, as here."""
    row = MilestoneFactory(code="1.1")
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA ignore_check_constraints = ON")
        else:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("ALTER TABLE commitments_milestone DROP CONSTRAINT milestone_starts_on_ends_on")
        untracked(row, starts_on=datetime.date(2025, 1, 1), ends_on=datetime.date(2024, 1, 1))
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA ignore_check_constraints = OFF")
    assert only_problem(check()[0]) == (
        f"Milestone {row.commitment.plan.slug}/1.1 (pk {row.pk}): The end cannot be before the start."
    )


def test_an_organisations_draft_needs_no_history(db):
    draft = CounterAssessmentFactory()
    assert CounterAssessment.history.count() == 0
    CounterAssessment.objects.filter(pk=draft.pk).update(
        recommendation="Another word", search_text="| another word nothing was done"
    )
    assert check()[0] == []


def test_a_missing_file_is_no_broken_row(db):
    content = b"x"
    row = EvidenceFactory(
        address="", file=ContentFile(content, name="a.txt"), size=1, sha256=hashlib.sha256(content).hexdigest()
    )
    row.file.storage.delete(row.file.name)
    assert check()[0] == []
    assert Evidence.objects.count() == 1


def test_finds_an_answer_that_was_replaced_by_nothing(db):
    row = untracked(SubmittedCounterAssessmentFactory(), superseded_at=timezone.now())
    assert only_problem(check()[0]) == (
        f"CounterAssessment “{row}” (pk {row.pk}): "
        "it was replaced before it was published, and no later version was sent"
    )


def test_a_version_between_that_was_never_published_ends_nothing(db):
    """The first stays in force until the third is published."""
    first = PublishedCounterAssessmentFactory(milestone=PublishedSelfAssessmentFactory().milestone)
    same = {"milestone": first.milestone, "organisation": first.organisation}
    second = SubmittedCounterAssessmentFactory(**same, version=2, supersedes=first, state="withdrawn")
    assert check()[0] == []
    third = SubmittedCounterAssessmentFactory(**same, version=3, supersedes=second)
    lifecycle.publish_counter_assessment(third, by=PublisherFactory())
    assert check()[0] == []


def test_finds_a_reference_number_that_would_be_given_out_again(db):
    SubmittedCounterAssessmentFactory(reference_number="CA-2026-00007")
    numbers = AnswerNumbers.objects.create(year=2026, last=6)
    assert only_problem(check()[0]) == (
        f"AnswerNumbers “2026: 6” (pk {numbers.pk}): reference numbers beyond the last one given out: CA-2026-00007"
    )


def test_finds_a_table_whose_changes_are_not_counted(db):
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("DROP TRIGGER assessments_claim_delete_counted_in_revision")
        else:
            cursor.execute("ALTER TABLE assessments_claim DISABLE TRIGGER counted_in_revision")
    lines, last = check()
    assert lines == ["assessments_claim: its changes are not counted, and public pages do not show them. Run migrate."]
    assert last.endswith(" rows checked: all are sound, but not all tables are counted.")
