"""What SQL itself cannot change, whoever sends it (PostgreSQL)."""

import hashlib

import pytest
from django.core.files.base import ContentFile
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from reports.models import ReportFile
from tests import factories

pytestmark = pytest.mark.django_db


def refused(statement, *values):
    """Whether the database refuses the statement, and says so."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, values)
    except IntegrityError as error:
        return "what is said stays as it is" in str(error)
    assert cursor.rowcount == 1
    return False


def set_column(row, column, value):
    return refused(f"UPDATE {row._meta.db_table} SET {column} = %s WHERE id = %s", value, row.pk)  # noqa: S608


def delete(row):
    return refused(f"DELETE FROM {row._meta.db_table} WHERE id = %s", row.pk)  # noqa: S608


ANSWER = {
    "rating": "limited",
    "no_rating_text": "x",
    "recommendation": "x",
    "justification": "x",
    "condition": "x",
    "language": "mn",
    "stated_on": "2020-01-01",
    "reference_number": "CA-1",
    "answered_rating": "limited",
    "attribution": "inferred",
    "transcribed": True,
}


@pytest.mark.parametrize("state", ["submitted", "published", "withheld", "withdrawn"])
def test_an_answer_that_was_sent_stays(state):
    factory = factories.SubmittedCounterAssessmentFactory
    if state == "published":
        factory = factories.PublishedCounterAssessmentFactory
    row = factory(state=state)
    assert {column for column, value in ANSWER.items() if not set_column(row, column, value)} == set()
    assert set_column(row, "organisation_id", factories.NgoFactory().pk)
    assert set_column(row, "milestone_id", factories.MilestoneFactory().pk)
    assert set_column(row, "state", "draft")
    assert delete(row)


def test_a_draft_and_a_returned_answer_are_their_authors_to_change():
    for state in ("draft", "returned"):
        row = factories.CounterAssessmentFactory(state=state)
        assert not set_column(row, "recommendation", "Begin soon.")
    assert delete(row)
    assert not delete(factories.CounterAssessmentFactory())


def test_what_was_shown_is_not_taken_back_into_the_queue():
    row = factories.PublishedCounterAssessmentFactory()
    for state in ("submitted", "returned", "draft"):
        assert set_column(row, "state", state)
    hidden = factories.SubmittedCounterAssessmentFactory(state="withheld")
    for state in ("submitted", "published"):
        assert set_column(hidden, "state", state)


def test_a_published_rating_stays():
    row = factories.PublishedSelfAssessmentFactory()
    words = {"rating": "completed_or_substantial", "evidence_en": "x", "challenges_mn": "x", "correction_reason": "x"}
    assert {column for column, value in words.items() if not set_column(row, column, value)} == set()
    assert set_column(row, "state", "draft")
    assert set_column(row, "transcribed", True)
    assert delete(row)
    draft = factories.SelfAssessmentFactory()
    assert not set_column(draft, "evidence_en", "More.")
    assert not delete(draft)


def test_a_transcription_is_mended_and_not_deleted():
    source = factories.SourceDocumentFactory()
    for factory in (factories.PublishedSelfAssessmentFactory, factories.PublishedCounterAssessmentFactory):
        row = factory(transcribed=True, source=source)
        assert not set_column(row, "rating", "completed_or_substantial")
        assert set_column(row, "transcribed", False)
        assert delete(row)


def test_a_published_response_stays():
    row = factories.PublishedResponseFactory()
    assert set_column(row, "reason_en", "x")
    assert set_column(row, "kind", "noted")
    assert delete(row)
    assert not set_column(factories.ResponseFactory(), "reason_en", "x")


def test_evidence_under_what_is_published_stays_and_its_link_is_checked():
    parents = [
        {"self_assessment": factories.PublishedSelfAssessmentFactory()},
        {"self_assessment": None, "counter_assessment": factories.SubmittedCounterAssessmentFactory()},
        {"self_assessment": None, "response": factories.PublishedResponseFactory()},
    ]
    for parent in parents:
        row = factories.EvidenceFactory(**parent)
        for column in ("address", "title_en", "sha256"):
            assert set_column(row, column, "x")
        assert set_column(row, "self_assessment_id", factories.SelfAssessmentFactory().pk)
        assert delete(row)
        assert not set_column(row, "checked_at", timezone.now())
    draft = factories.EvidenceFactory()
    assert not set_column(draft, "address", "https://example.org/other")
    assert not delete(draft)


def test_a_released_report_stays():
    report = factories.ReleasedReportFactory()
    section = factories.ReportSectionFactory(report=report)
    content = b"%PDF"
    file = ReportFile.objects.create(
        report=report,
        language="en",
        format="pdf",
        file=ContentFile(content, name="report.pdf"),
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        position=1,
    )
    for column, value in {"figures": '{"milestones": 4}', "number": 99, "as_of": timezone.now()}.items():
        assert set_column(report, column, value)
    assert set_column(section, "body_en", "x")
    assert set_column(file, "sha256", "x")
    assert [delete(row) for row in (file, section, report)] == [True, True, True]
    assert not set_column(factories.ReportFactory(), "correction_reason", "x")
