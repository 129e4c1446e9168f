"""One rating at a time: returned before it is published, corrected in the open afterwards."""

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict

from assessments import lifecycle
from assessments.correction import correction_form, save_correction
from assessments.models import Evidence, SelfAssessment
from commitments.admin.history import Change
from tests import factories
from tests.assessments.test_publishing import said, there
from tests.pages import texts

REASON = "The law had not passed."


@pytest.fixture
def public(db):
    row = factories.PublishedSelfAssessmentFactory(
        rating="completed_or_substantial", evidence_en="The law passed.", challenges_en=""
    )
    factories.EvidenceFactory(self_assessment=row)
    return row


def typed(row, **changes):
    """What the browser sends when the page's form is sent with some fields changed."""
    form = correction_form(row.period, row.subject)
    values = ((bound.html_name, bound.value()) for bound in form if bound.name not in {"removed", "new_files"})
    return {name: "" if value is None else value for name, value in values} | {"reason": REASON} | changes


def querydict(data):
    sent = QueryDict(mutable=True)
    for name, value in data.items():
        sent.setlist(name, value if isinstance(value, list) else [value])
    return sent


def correct(row, by, files=None, **changes):
    files = MultiValueDict({"new_files": files or []})
    return save_correction(row.period, row.subject, querydict(typed(row, **changes)), files=files, by=by)


def in_force(row):
    return SelfAssessment.objects.get(milestone=row.milestone, is_current=True)


class TestCorrecting:
    def test_a_correction_is_a_new_version_and_the_old_one_stays_as_it_was(self, public, publisher):
        before = SelfAssessment.objects.values().get(pk=public.pk)
        correct(public, publisher, rating="limited", challenges_en="Parliament was dissolved.")
        new = in_force(public)
        assert (new.version, new.supersedes, new.rating, new.correction_reason) == (2, public, "limited", REASON)
        assert (new.published_by, new.evidence_en) == (publisher, "The law passed.")
        assert [evidence.address for evidence in new.attachments.all()] == ["https://example.org/draft-law"]
        after = SelfAssessment.objects.values().get(pk=public.pk)
        changed = {name for name in after if after[name] != before[name]}
        assert (changed, public.attachments.count()) == ({"superseded_at", "is_current", "is_latest"}, 1)

    def test_evidence_is_added_and_left_out(self, public, publisher):
        old = public.attachments.get()
        upload = SimpleUploadedFile("минутес.txt", "Хурлын тэмдэглэл".encode())
        correct(
            public,
            publisher,
            files=[upload],
            removed=[str(old.pk)],
            new_link="https://legalinfo.mn/law",
            new_link_title="The law",
        )
        kept = in_force(public).attachments.order_by("pk")
        assert [(row.title_en, row.address, row.file_name) for row in kept] == [
            ("", "", "минутес.txt"),
            ("The law", "https://legalinfo.mn/law", ""),
        ]
        assert list(public.attachments.all()) == [old]

    @pytest.mark.parametrize(
        ("changes", "field", "sentence"),
        [
            ({"rating": "limited"}, "challenges_en", "Below green, say what stands in the way."),
            ({"evidence_en": ""}, "evidence_en", "For green, describe the evidence."),
            ({"rating": ""}, "rating", "Give a rating, or say why there is none."),
            ({"rating": "", "no_rating_reason": "other"}, "no_rating_text", "Say in words why there is no rating."),
            (
                {"rating": "completed"},
                "rating",
                "Select a valid choice. completed is not one of the available choices.",
            ),
            ({"reason": " ", "next_steps_en": "More."}, "reason", "This field is required."),
            ({}, "__all__", "Nothing is changed: this is what is published already."),
            ({"evidence_en": "a\0b"}, "evidence_en", "Null characters are not allowed."),
        ],
    )
    def test_what_is_refused_is_said_at_its_field_and_nothing_is_published(
        self, public, publisher, changes, field, sentence
    ):
        form = correct(public, publisher, **changes)
        assert sentence in form.errors[field]
        assert (SelfAssessment.objects.count(), in_force(public)) == (1, public)

    def test_green_without_any_evidence_left_is_refused(self, public, publisher):
        form = correct(public, publisher, removed=[str(public.attachments.get().pk)])
        assert form.errors == {"new_files": ["For green, attach a file or a link."]}
        assert (SelfAssessment.objects.count(), Evidence.objects.count()) == (1, 1)

    def test_an_odd_file_or_link_is_refused_at_its_field(self, public, publisher):
        upload = SimpleUploadedFile("law.exe", b"MZ\x90")
        form = correct(public, publisher, files=[upload], new_link="x y")
        assert sorted(form.errors) == ["new_files", "new_link"]
        assert in_force(public) == public

    def test_two_publishers_at_once_the_second_is_told_and_keeps_the_text(self, public, publisher):
        sent = typed(public, evidence_en="Mine.")
        saraa = factories.PublisherFactory(name="Saraa")
        correct(public, saraa, evidence_en="Hers.", reason="Read anew.")
        form = save_correction(public.period, public.subject, querydict(sent), by=publisher)
        assert form.non_field_errors()[0].startswith("Saraa changed this after you had opened it")
        assert form.errors["evidence_en"] == ["Saraa wrote here meanwhile: Hers."]
        assert (form["evidence_en"].value(), in_force(public).evidence_en) == ("Mine.", "Hers.")
        again = {**sent, "opened_version": form["opened_version"].value()}
        save_correction(public.period, public.subject, querydict(again), by=publisher)
        assert (in_force(public).version, in_force(public).evidence_en) == (3, "Mine.")

    def test_one_who_only_adds_evidence_is_told_too(self, public, publisher):
        sent = typed(public, new_link="https://example.org/more")
        correct(public, factories.PublisherFactory(), evidence_en="Hers.")
        form = save_correction(public.period, public.subject, querydict(sent), by=publisher)
        assert form.non_field_errors() == ["It was corrected after you had opened it: compare, and send it again."]
        assert in_force(public).version == 2

    def test_the_same_form_sent_twice_is_one_correction(self, public, publisher):
        sent = typed(public, evidence_en="Once.")
        for _time in range(2):
            save_correction(public.period, public.subject, querydict(sent), by=publisher)
        assert SelfAssessment.objects.count() == 2

    def test_only_publishers_correct(self, public, editor, representative):
        for user in (editor, representative):
            with pytest.raises(PermissionDenied):
                correct(public, user, rating="limited", challenges_en="x")
        assert SelfAssessment.objects.count() == 1


class TestThePages:
    def test_a_publisher_corrects_beside_what_is_public(self, client, public, publisher):
        address = there(public.period, "correct", public.subject.code)
        client.force_login(publisher)
        page = client.get(address)
        assert texts(page, ".said-box")[0].startswith("Completed or substantial progress")
        done = client.post(address, typed(public, rating="limited", challenges_en="Not passed."), follow=True)
        assert said(done) == [f"{public.subject.code} is corrected: the new version is public."]
        assert in_force(public).version == 2

    def test_a_refused_correction_comes_back_with_everything_typed(self, client, public, publisher):
        address = there(public.period, "correct", public.subject.code)
        client.force_login(publisher)
        sent = typed(public, rating="limited", next_steps_mn="Дахин өргөн барина.")
        sent["new_link"] = "https://example.org/more"
        page = client.post(address, sent)
        assert page.status_code == 200
        html = page.content.decode()
        assert [text in html for text in ("Дахин өргөн барина.", "https://example.org/more", REASON)] == [True] * 3
        assert SelfAssessment.objects.count() == 1

    def test_what_is_not_published_is_not_corrected(self, client, publisher):
        draft = factories.SelfAssessmentFactory()
        client.force_login(publisher)
        for method in (client.get, client.post):
            page = method(there(draft.period, "correct", draft.subject.code), follow=True)
            assert said(page) == ["Only the rating that is in force can be corrected."]

    def test_an_editor_returns_a_submitted_rating_with_what_to_mend(self, client, editor):
        waiting = factories.SubmittedSelfAssessmentFactory()
        address = there(waiting.period, "return", waiting.subject.code)
        client.force_login(editor)
        assert "The draft is written." in texts(client.get(address), ".said-box")[0]
        refused = client.post(address, {"reason": ""})
        assert refused.context["form"].errors == {"reason": ["This field is required."]}
        assert said(client.post(address, {"reason": "Which law?"}, follow=True)) == [
            f"{waiting.subject.code} is returned."
        ]
        waiting.refresh_from_db()
        assert (waiting.state, waiting.return_reason, waiting.returned_by) == ("returned", "Which law?", editor)
        assert said(client.post(address, {"reason": "Again"}, follow=True)) == [
            "Only a submitted rating can be returned."
        ]

    def test_a_code_that_is_not_there_is_not_found(self, client, publisher):
        period = factories.OpenPeriodFactory()
        client.force_login(publisher)
        codes = ("9.9", "1/2", "ө")
        pages = [there(period, page, code) for page in ("return", "correct") for code in codes]
        assert {client.get(address).status_code for address in pages} == {404}

    def test_a_ratings_own_page_leads_to_them(self, client, public, publisher, editor):
        waiting = factories.SubmittedSelfAssessmentFactory()

        def offered(user):
            client.force_login(user)
            pages = (client.get(f"/admin/assessments/selfassessment/{row.pk}/change/") for row in (waiting, public))
            return [[address for _verb, address in page.context["verbs"]] for page in pages]

        to_return = there(waiting.period, "return", waiting.subject.code)
        to_correct = there(public.period, "correct", public.subject.code)
        assert offered(editor) == [[to_return], []]
        assert offered(publisher) == [[to_return], [to_correct]]


class TestTheHistory:
    def story(self, client, row):
        page = client.get(f"/admin/assessments/selfassessment/{row.pk}/history/")
        return [(entry.who, entry.what, entry.part, entry.reason) for entry in page.context["page"]]

    def test_a_rating_and_its_corrections_are_one_story_on_the_page_of_each(self, client, public, publisher, editor):
        saraa = factories.PublisherFactory(name="Saraa")
        correct(public, saraa, evidence_en="Not yet.")
        client.force_login(publisher)
        told = self.story(client, public)
        assert [row for row in told if row[0] == "Saraa"] == [
            ("Saraa", "Corrected", "Version 2", REASON),
            ("Saraa", "Replaced by a correction", "Version 1", ""),
        ]
        assert told == self.story(client, in_force(public))

    def test_a_correction_is_told_with_what_it_changed(self, client, public, publisher):
        before = public.evidence_en
        correct(public, publisher, evidence_en="Not yet.")
        client.force_login(publisher)
        page = client.get(f"/admin/assessments/selfassessment/{public.pk}/history/")
        assert page.context["page"][0].changes == (Change("Evidence in English", before, "Not yet."),)

    def test_what_is_published_in_one_act_says_so_at_each_rating(self, client, publisher):
        waiting = factories.SubmittedSelfAssessmentFactory()
        lifecycle.publish_period(waiting.period, by=publisher)
        client.force_login(publisher)
        assert self.story(client, waiting)[0] == (str(publisher), "Published", "", "")
