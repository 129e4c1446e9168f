"""Entering a rating: what is saved, what is refused, and that two people never overwrite each other."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import translation
from django.utils.datastructures import MultiValueDict

from assessments import lifecycle
from assessments.entry import Submission, form_for, save_entry, submit_ready
from assessments.models import SelfAssessment
from tests import factories


@pytest.fixture
def period(db):
    return factories.OpenPeriodFactory()


@pytest.fixture
def step(period):
    return factories.MilestoneFactory(commitment__plan=period.plan)


def typed(period, step, **changes):
    """What the browser sends when the row's form is saved with some fields changed."""
    form = form_for(period, step)
    sent = {bound.name: bound.value() or "" for bound in form if bound.name not in {"removed", "new_files"}}
    return sent | changes


def stored(step):
    return SelfAssessment.objects.get(milestone=step)


def test_a_draft_may_be_incomplete_and_is_kept_with_who_entered_it(period, step, editor):
    form = save_entry(period, step, typed(period, step, rating="limited", evidence_mn="Өргөдөл өгсөн."), by=editor)
    entry = stored(step)
    assert (form.errors, entry.state, entry.rating, entry.evidence_mn) == ({}, "draft", "limited", "Өргөдөл өгсөн.")
    assert [row.history_user for row in entry.history.all()] == [editor]


def test_saving_what_is_saved_already_leaves_no_trace(period, step, editor):
    save_entry(period, step, typed(period, step, rating="limited"), by=editor)
    save_entry(period, step, typed(period, step), by=editor)
    assert stored(step).history.count() == 1


def test_an_incomplete_rating_is_saved_and_says_beside_its_field_why_it_is_not_submitted(period, step, editor):
    form = save_entry(period, step, typed(period, step, rating="limited"), by=editor, submit=True)
    assert form.errors == {"challenges_en": ["Below green, say what stands in the way."]}
    assert (stored(step).state, stored(step).rating) == ("draft", "limited")


def test_a_complete_rating_is_submitted(period, step, editor):
    form = save_entry(
        period, step, typed(period, step, rating="limited", challenges_mn="Мөнгө алга."), by=editor, submit=True
    )
    assert (form.errors, form.instance.state, stored(step).submitted_by) == ({}, "submitted", editor)


def test_no_rating_needs_its_reason_and_a_rating_drops_a_reason_left_over(period, step, editor):
    form = save_entry(period, step, typed(period, step, evidence_en="Asked."), by=editor, submit=True)
    assert form.errors == {"rating": ["Give a rating, or say why there is none."]}
    save_entry(period, step, typed(period, step, no_rating_reason="not_provided"), by=editor)
    assert (stored(step).rating, stored(step).no_rating_reason) == (None, "not_provided")
    save_entry(period, step, typed(period, step, rating="limited"), by=editor)
    assert (stored(step).rating, stored(step).no_rating_reason) == ("limited", "")


def test_a_rating_of_another_scale_and_a_control_character_are_refused_and_nothing_is_saved(period, step, editor):
    sent = typed(period, step, rating="completed", evidence_en="a\x00b")
    form = save_entry(period, step, sent, by=editor)
    assert set(form.errors) == {"rating", "evidence_en"}
    assert not SelfAssessment.objects.exists()
    assert form["evidence_en"].value() == "a\x00b"


def test_the_second_editor_is_told_who_changed_what_and_keeps_what_they_typed(period, step, editor):
    save_entry(period, step, typed(period, step, rating="limited", evidence_en="A draft."), by=editor)
    opened = typed(period, step)
    colleague = factories.EditorFactory(name="Bold")
    save_entry(period, step, opened | {"evidence_en": "A law.", "challenges_en": "Money."}, by=colleague)
    form = save_entry(period, step, opened | {"evidence_en": "Two laws."}, by=editor)
    assert form.errors["evidence_en"] == ["Bold wrote here meanwhile: A law."]
    assert form.errors["challenges_en"] == ["Taken over from Bold: Money."]
    assert (form["evidence_en"].value(), form["challenges_en"].value()) == ("Two laws.", "Money.")
    assert stored(step).evidence_en == "A law."
    again = save_entry(period, step, form.data, by=editor)
    assert (again.errors, stored(step).evidence_en, stored(step).challenges_en) == ({}, "Two laws.", "Money.")


def test_two_people_who_begin_the_same_row_are_told_of_each_other(period, step, editor):
    opened = typed(period, step)
    colleague = factories.EditorFactory(name="Bold")
    save_entry(period, step, opened | {"rating": "limited", "challenges_en": "Money."}, by=colleague)
    form = save_entry(period, step, opened | {"rating": "not_started_or_delayed"}, by=editor)
    assert form.errors["rating"] == ["Bold wrote here meanwhile: Limited progress"]
    assert form.errors["challenges_en"] == ["Taken over from Bold: Money."]
    assert (stored(step).rating, form["rating"].value()) == ("limited", "not_started_or_delayed")
    same = save_entry(period, step, opened | {"rating": "limited", "challenges_en": "Money."}, by=editor)
    assert (same.errors, stored(step).history.count()) == ({}, 1)


@pytest.mark.parametrize(
    ("factory", "sentence"),
    [
        (
            factories.SubmittedSelfAssessmentFactory,
            "It was submitted meanwhile: it has to be returned before it can be changed.",
        ),
        (
            factories.PublishedSelfAssessmentFactory,
            "It was published meanwhile. A published rating is corrected, not edited.",
        ),
    ],
)
def test_what_is_submitted_or_published_is_not_entered_over(period, step, editor, factory, sentence):
    sent = typed(period, step, rating="limited", evidence_en="Mine.")
    factory(milestone=step, period=period)
    form = save_entry(period, step, sent, by=editor)
    assert form.non_field_errors()[-1] == sentence
    assert (stored(step).evidence_en, form["evidence_en"].value()) == ("The draft is written.", "Mine.")


def test_a_closed_period_takes_nothing_and_gives_the_text_back(step, editor, period):
    sent = typed(period, step, evidence_en="Late.")
    lifecycle.publish_period(period, by=factories.PublisherFactory())
    form = save_entry(period, step, sent, by=editor)
    assert form.non_field_errors() == ["This period is not open for entry."]
    assert (form["evidence_en"].value(), SelfAssessment.objects.count()) == ("Late.", 0)


def test_changing_a_copied_rating_takes_its_mark_away(step, period, editor):
    earlier = factories.PublishedSelfAssessmentFactory(
        milestone=step,
        period=factories.PublishedPeriodFactory(
            plan=period.plan, code="2024-Q4", starts_on="2024-10-01", ends_on="2024-12-31"
        ),
    )
    draft = lifecycle.copy_forward(earlier, period, by=editor)
    save_entry(period, step, typed(period, step), by=editor)
    assert stored_in(period, step).copied_from == earlier
    save_entry(period, step, typed(period, step, next_steps_en="Ask again."), by=editor)
    assert (stored_in(period, step).pk, stored_in(period, step).copied_from) == (draft.pk, None)


def stored_in(period, step):
    return SelfAssessment.objects.get(milestone=step, period=period)


def test_an_empty_row_leaves_nothing_and_is_not_submitted(period, step, editor):
    assert save_entry(period, step, typed(period, step), by=editor).is_saved is False
    form = save_entry(period, step, typed(period, step), by=editor, submit=True)
    assert form.errors == {"rating": ["Give a rating, or say why there is none."]}
    assert not SelfAssessment.objects.exists()


def kept(step):
    return [(row.file_name, row.address, row.title_en, row.title_mn) for row in stored(step).attachments.all()]


def test_files_and_links_are_saved_with_the_row_once_however_often_it_is_sent(period, step, editor):
    sent = typed(period, step, rating="limited", new_link="https://example.org/law", new_link_title="Хуулийн төсөл")
    for _n in range(2):
        files = MultiValueDict({"new_files": [SimpleUploadedFile("a.txt", b"A"), SimpleUploadedFile("b.txt", b"B")]})
        assert save_entry(period, step, sent, files=files, by=editor).errors == {}
    assert kept(step) == [
        ("a.txt", "", "", ""),
        ("b.txt", "", "", ""),
        ("", "https://example.org/law", "", "Хуулийн төсөл"),
    ]
    assert {row.history.get().history_user for row in stored(step).attachments.all()} == {editor}


def test_what_is_wrong_with_a_file_or_a_link_is_said_beside_it_and_nothing_is_saved(period, step, editor):
    files = MultiValueDict({"new_files": [SimpleUploadedFile("a.exe", b"MZ\x00"), SimpleUploadedFile("b.txt", b"B")]})
    sent = typed(period, step, rating="limited", new_link="https://me:secret@example.org/")
    form = save_entry(period, step, sent, files=files, by=editor)
    assert set(form.errors) == {"new_files", "new_link"}
    assert form.errors["new_files"][0].startswith("a.exe: ")
    assert form.errors["new_files"][-1] == "Nothing is kept of the files: choose them again."
    assert form.errors["new_link"] == ["This link contains a name or password. Give it without."]
    only_title = save_entry(period, step, typed(period, step, new_link_title="A law"), by=editor)
    assert only_title.errors == {"new_link": ["Give the link that this is the title of."]}
    assert not SelfAssessment.objects.exists()


def test_a_link_is_taken_away_with_a_trace_and_only_from_its_own_row(period, step, editor):
    save_entry(period, step, typed(period, step, rating="limited", new_link="https://example.org/law"), by=editor)
    (link,), other = stored(step).attachments.all(), factories.EvidenceFactory()
    sent = typed(period, step) | {"removed": [str(link.pk), str(other.pk), "x"]}
    assert save_entry(period, step, sent, by=editor).errors == {}
    assert save_entry(period, step, sent, by=editor).errors == {}
    assert (kept(step), other.self_assessment.attachments.count()) == ([], 1)
    assert link.history.first().history_user == editor


def test_too_many_files_and_links_are_refused(period, step, editor, settings):
    settings.EVIDENCE_MAX_ATTACHMENTS = 1
    save_entry(period, step, typed(period, step, rating="limited", new_link="https://example.org/1"), by=editor)
    form = save_entry(period, step, typed(period, step, new_link="https://example.org/2"), by=editor)
    assert form.errors == {"new_link": ["At most 1 file or link can be given."]}
    swapped = {"new_link": "https://example.org/2", "removed": [str(stored(step).attachments.get().pk)]}
    assert save_entry(period, step, typed(period, step) | swapped, by=editor).errors == {}
    assert [address for _name, address, *_titles in kept(step)] == ["https://example.org/2"]


def test_a_link_is_not_lost_where_a_colleague_changed_the_words_meanwhile(period, step, editor):
    save_entry(period, step, typed(period, step, rating="limited"), by=editor)
    opened = typed(period, step)
    save_entry(period, step, opened | {"evidence_en": "A law."}, by=factories.EditorFactory())
    form = save_entry(period, step, opened | {"new_link": "https://example.org/law"}, by=editor)
    assert (form.errors, stored(step).evidence_en) == ({}, "A law.")
    assert kept(step) == [("", "https://example.org/law", "", "")]


def test_green_is_complete_with_a_link_of_the_same_save(period, step, editor):
    sent = typed(period, step, rating="completed_or_substantial", evidence_en="Adopted.")
    form = save_entry(period, step, sent, by=editor, submit=True)
    assert form.errors == {"new_files": ["For green, attach a file or a link."]}
    sent = typed(period, step, new_link="https://example.org/law")
    assert save_entry(period, step, sent, by=editor, submit=True).errors == {}
    assert stored(step).state == "submitted"


def test_adding_a_link_to_a_copied_rating_takes_its_mark_away(step, period, editor):
    earlier = factories.PublishedSelfAssessmentFactory(
        milestone=step,
        period=factories.PublishedPeriodFactory(
            plan=period.plan, code="2024-Q4", starts_on="2024-10-01", ends_on="2024-12-31"
        ),
    )
    lifecycle.copy_forward(earlier, period, by=editor)
    save_entry(period, step, typed(period, step, new_link="https://example.org/law"), by=editor)
    assert stored_in(period, step).copied_from is None


def test_sentences_stand_in_the_language_that_is_read(period, step, editor):
    with translation.override("mn"):
        form = save_entry(period, step, typed(period, step, rating="limited"), by=editor, submit=True)
    assert set(form.errors) == {"challenges_mn"}


def test_all_that_is_ready_is_submitted_and_what_is_refused_is_named(period, editor, monkeypatch):
    ready = [factories.SelfAssessmentFactory(milestone__commitment__plan=period.plan, period=period) for _n in range(2)]
    factories.SelfAssessmentFactory(milestone__commitment__plan=period.plan, period=period, challenges_en="")
    submit = lifecycle.submit_self_assessment

    def refuse_the_second(entry, *, by):
        if entry == ready[1]:
            raise ValidationError("Not this one.")
        return submit(entry, by=by)

    monkeypatch.setattr(lifecycle, "submit_self_assessment", refuse_the_second)
    codes = [entry.subject.code for entry in ready]
    assert submit_ready(period, by=editor) == Submission((codes[0],), ((codes[1], "Not this one."),))
    assert sorted(SelfAssessment.objects.values_list("state", flat=True)) == ["draft", "draft", "submitted"]


def test_only_the_support_unit_submits_all_and_only_while_the_period_is_open(period, editor, msf_member):
    with pytest.raises(PermissionDenied):
        submit_ready(period, by=msf_member)
    lifecycle.publish_period(period, by=factories.PublisherFactory())
    with pytest.raises(ValidationError, match="This period is not open for entry"):
        submit_ready(period, by=editor)


def test_only_the_support_unit_enters(period, step, publisher, msf_member, representative):
    for user in (msf_member, representative):
        with pytest.raises(PermissionDenied):
            save_entry(period, step, typed(period, step, rating="limited"), by=user)
    assert not SelfAssessment.objects.exists()
    assert save_entry(period, step, typed(period, step, rating="limited"), by=publisher).errors == {}
