"""A quarter under many hands at once: nothing that was acknowledged is lost, and nobody's text is."""

import pytest
from django.core.exceptions import ValidationError

from assessments import lifecycle
from assessments.correction import correction_form, save_correction
from assessments.entry import form_for, save_entry
from assessments.models import ReportingPeriod, SelfAssessment
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)

EDITORS = 8
STEPS = 6


@pytest.fixture
def period():
    return factories.OpenPeriodFactory()


@pytest.fixture
def commitment(period):
    return factories.CommitmentFactory(plan=period.plan, code="1")


def steps(commitment, number):
    return [factories.MilestoneFactory(commitment=commitment, code=f"1.{place}") for place in range(1, number + 1)]


def typed(form, **changes):
    values = {bound.name: bound.value() for bound in form if bound.name not in {"removed", "new_files"}}
    return {name: "" if value is None else value for name, value in values.items()} | changes


def test_many_editors_on_the_same_rows_lose_no_update_and_no_text(at_once, period, commitment):
    rows = steps(commitment, STEPS)
    for row in rows[: STEPS // 2]:  # the others are not there yet
        factories.SelfAssessmentFactory(milestone=row, period=period)
    people = [factories.EditorFactory(name=f"Editor {number}") for number in range(EDITORS)]

    def enter(person, row):
        text = f"{person.name} on {row.code}"
        sent = typed(form_for(period, row), rating="limited", evidence_en=text)
        return lambda: (row.pk, text, save_entry(period, row, sent, by=person))

    done = at_once([enter(person, row) for row in rows for person in people])
    assert len(done) == EDITORS * STEPS
    for row in rows:
        own = [(text, form) for pk, text, form in done if pk == row.pk]
        saved = [text for text, form in own if not form.errors]
        entries = SelfAssessment.objects.filter(milestone=row)
        assert [entry.evidence_en for entry in entries] == saved
        assert len(saved) == 1
        for text, form in own:
            if form.errors:
                assert form["evidence_en"].value() == text
                assert saved[0].partition(" on")[0] in form.non_field_errors()[0]


def test_one_after_the_other_with_the_version_that_was_shown_everybody_gets_in(at_once, period, commitment):
    (row,) = steps(commitment, 1)
    people = [factories.EditorFactory() for _number in range(EDITORS)]

    def until_saved(person, number):
        def act():
            sent = typed(form_for(period, row), rating="limited", evidence_en=f"{number}")
            for _try in range(50):
                form = save_entry(period, row, sent, by=person)
                if not form.errors:
                    return number
                sent |= {"opened_version": form["opened_version"].value()}
            return None

        return act

    done = at_once([until_saved(person, number) for number, person in enumerate(people)])
    assert sorted(done) == list(range(EDITORS))
    told = (
        SelfAssessment.objects.get(milestone=row).history.order_by("history_id").values_list("evidence_en", flat=True)
    )
    assert sorted(told) == [f"{number}" for number in range(EDITORS)]


def test_what_is_submitted_while_the_quarter_is_published_is_published_or_told(at_once, period, commitment):
    drafts = [factories.SelfAssessmentFactory(milestone=row, period=period) for row in steps(commitment, 12)]
    editor, publisher = factories.EditorFactory(), factories.PublisherFactory()

    def submit(draft):
        def act():
            try:
                lifecycle.submit_self_assessment(draft, by=editor)
            except ValidationError as refusal:
                return draft.pk, refusal.messages
            return draft.pk, None

        return act

    publish = lambda: lifecycle.publish_period(period, by=publisher)  # noqa: E731
    *submitted, published = at_once([*(submit(draft) for draft in drafts), publish])
    accepted = {pk for pk, refused in submitted if refused is None}
    told = {pk for pk, refused in submitted if refused == ["This period is not open for entry."]}
    assert accepted | told == {draft.pk for draft in drafts}
    states = dict(SelfAssessment.objects.values_list("pk", "state"))
    assert {pk for pk, state in states.items() if state == "published"} == accepted
    assert {pk for pk, state in states.items() if state == "draft"} == told
    assert (published, ReportingPeriod.objects.get().published_by) == (len(accepted), publisher)


def test_two_publishers_press_publish_at_once_and_it_is_done_once(at_once, period, commitment):
    for row in steps(commitment, 5):
        factories.SubmittedSelfAssessmentFactory(milestone=row, period=period)
    counted = lifecycle.submitted_versions(period)
    people = [factories.PublisherFactory() for _number in range(4)]

    def publish(person):
        def act():
            try:
                return lifecycle.publish_period(period, by=person, counted=counted)
            except ValidationError as refusal:
                return refusal.messages

        return act

    done = at_once([publish(person) for person in people])
    refused = ["Only a period that is open for entry can be published."]
    assert sorted(done, key=str) == sorted([5, refused, refused, refused], key=str)
    for row in SelfAssessment.objects.all():
        assert [entry.history_change_reason for entry in row.history.all()] == ["published", None]


def test_returning_while_it_is_published_is_one_or_the_other(at_once, period, commitment):
    for row in steps(commitment, 6):
        factories.SubmittedSelfAssessmentFactory(milestone=row, period=period)
    editor, publisher = factories.EditorFactory(), factories.PublisherFactory()
    counted = lifecycle.submitted_versions(period)

    def return_(row):
        def act():
            try:
                lifecycle.return_self_assessment(row, by=editor, reason="Which law?")
            except ValidationError as refusal:
                return refusal.messages
            return "returned"

        return act

    def publish():
        try:
            return lifecycle.publish_period(period, by=publisher, counted=counted)
        except ValidationError as refusal:
            return refusal.code

    rows = list(SelfAssessment.objects.all())
    *returned, published = at_once([*(return_(row) for row in rows), publish])
    states = sorted(SelfAssessment.objects.values_list("state", flat=True))
    if published == "counted":
        assert states == sorted(["returned"] * returned.count("returned") + ["submitted"] * (6 - len(returned)))
    else:
        assert (published, states) == (6, ["published"] * 6)
        assert returned == [["Only a submitted rating can be returned."]] * 6


def test_two_publishers_correct_at_once_and_there_is_one_new_version(at_once):
    public = factories.PublishedSelfAssessmentFactory()
    people = [factories.PublisherFactory(name=f"Publisher {number}") for number in range(4)]

    def correct(person):
        sent = typed(correction_form(public.period, public.subject), evidence_en=person.name, reason="Read anew.")
        return lambda: (person.name, save_correction(public.period, public.subject, sent, by=person))

    done = at_once([correct(person) for person in people])
    saved = [name for name, form in done if not form.errors]
    versions = SelfAssessment.objects.order_by("version")
    assert [(row.version, row.is_current, row.evidence_en) for row in versions] == [
        (1, False, "The draft is written."),
        (2, True, saved[0]),
    ]
    assert len(saved) == 1
    for name, form in done:
        if form.errors:
            assert form["evidence_en"].value() == name
            assert saved[0] in form.non_field_errors()[0]
