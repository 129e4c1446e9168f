"""The government's ratings in the admin: drafts of an open period are edited, everything after that is only read."""

import pytest
from django.test import Client

from assessments import lifecycle
from assessments.admin.ratings import SelfAssessmentAdmin
from assessments.models import Evidence, IndependentReview, ReportingPeriod, SelfAssessment
from assessments.ratings import Rating
from tests import factories
from tests.admin_pages import address, problems, sent_back


def values(row):
    return type(row).objects.filter(pk=row.pk).values().get()


class TestEntering:
    def test_an_editor_enters_a_rating_with_a_link_and_submits_it(self, client, editor):
        period = factories.OpenPeriodFactory()
        milestone = factories.MilestoneFactory(commitment__plan=period.plan)
        client.force_login(editor)
        there = address(SelfAssessment, "add")
        sent = sent_back(client.get(there), period=period.pk, milestone=milestone.pk)
        sent |= {
            "rating": "completed_or_substantial",
            "evidence_en": "The law is passed.",
            "attachments-TOTAL_FORMS": 1,
            "attachments-0-title_en": "The law",
            "attachments-0-address": "https://legalinfo.mn/law",
            "attachments-0-position": 0,
        }
        assert client.post(there, sent).status_code == 302
        assessment = SelfAssessment.objects.get()
        assert (assessment.state, assessment.rating) == ("draft", "completed_or_substantial")
        assert assessment.attachments.get().address == "https://legalinfo.mn/law"
        assert assessment.history.get().history_user == editor

        page = client.post(address(SelfAssessment, "submit", assessment), follow=True)
        assert [str(message) for message in page.context["messages"]][-1].endswith("is submitted.")
        assessment.refresh_from_db()
        assert (assessment.state, assessment.submitted_by) == ("submitted", editor)

    def test_what_is_missing_is_said_in_the_list_and_when_it_is_submitted(self, client, editor):
        draft = factories.SelfAssessmentFactory(rating="limited", challenges_en="")
        client.force_login(editor)
        sentence = "Below green, say what stands in the way."
        assert sentence in client.get(address(SelfAssessment)).content.decode()
        page = client.post(address(SelfAssessment, "submit", draft), follow=True)
        assert [str(message) for message in page.context["messages"]] == [sentence]
        draft.refresh_from_db()
        assert draft.state == "draft"

    def test_only_open_periods_are_offered_and_taken(self, client, editor):
        open_one = factories.OpenPeriodFactory()
        others = [factories.ReportingPeriodFactory(), factories.PublishedPeriodFactory()]
        client.force_login(editor)
        there = address(SelfAssessment, "add")
        page = client.get(there)
        assert list(page.context["adminform"].form.fields["period"].queryset) == [open_one]
        for period in others:
            milestone = factories.MilestoneFactory(commitment__plan=period.plan)
            refused = client.post(there, sent_back(page, period=period.pk, milestone=milestone.pk))
            assert problems(refused) == ["Select a valid choice. That choice is not one of the available choices."]
        assert not SelfAssessment.objects.exists()

    def test_a_subject_has_one_rating_in_a_period(self, client, editor):
        draft = factories.SelfAssessmentFactory()
        client.force_login(editor)
        there = address(SelfAssessment, "add")
        sent = sent_back(client.get(there), period=draft.period.pk, milestone=draft.milestone.pk, rating="limited")
        assert problems(client.post(there, sent)) == ["It has a rating in this period already: open that one."]

    @pytest.mark.parametrize(
        ("change", "sentence"),
        [
            ({"milestone": ""}, "Choose a milestone, or a commitment as a whole: one of the two."),
            ({"rating": "completed"}, "This rating is not on the plan's scale."),
            ({"rating": "", "no_rating_reason": "other"}, "Say in words why there is no rating."),
        ],
    )
    def test_what_is_not_allowed_is_said_in_a_sentence(self, client, editor, change, sentence):
        period = factories.OpenPeriodFactory()
        milestone = factories.MilestoneFactory(commitment__plan=period.plan)
        client.force_login(editor)
        there = address(SelfAssessment, "add")
        sent = sent_back(client.get(there), period=period.pk, milestone=milestone.pk, rating="limited") | change
        assert sentence in problems(client.post(there, sent))

    def test_a_period_of_another_plan_is_refused(self, client, editor):
        period, milestone = factories.OpenPeriodFactory(), factories.MilestoneFactory()
        client.force_login(editor)
        there = address(SelfAssessment, "add")
        sent = sent_back(client.get(there), period=period.pk, milestone=milestone.pk, rating="limited")
        assert problems(client.post(there, sent)) == ["This period belongs to another plan."]

    def test_the_plans_own_ratings_are_offered_with_word_and_mark(self, client, editor):
        draft = factories.SelfAssessmentFactory()
        client.force_login(editor)
        page = client.get(address(SelfAssessment, "change", draft))
        offered = [value for value, _label in page.context["adminform"].form.fields["rating"].choices]
        assert offered == ["completed_or_substantial", "limited", "not_started_or_delayed", ""]
        html = page.content.decode()
        assert html.index('href="#m-amber"') < html.index("Limited progress")

    def test_no_form_moves_the_state(self, client, editor):
        draft = factories.SelfAssessmentFactory()
        client.force_login(editor)
        there = address(SelfAssessment, "change", draft)
        sent = sent_back(client.get(there), evidence_en="More.") | {
            "state": "published",
            "version": 7,
            "is_latest": "on",
            "transcribed": "on",
            "published_at": "2020-01-01 00:00",
            "milestone": factories.MilestoneFactory().pk,
        }
        before = values(draft)
        assert client.post(there, sent).status_code == 302
        after = values(draft)
        assert {name for name in after if after[name] != before[name]} == {"evidence_en", "search_text"}


class TestAfterSubmission:
    @pytest.mark.parametrize("role", ["editor", "publisher", "superuser"])
    @pytest.mark.parametrize(
        "make", [factories.SubmittedSelfAssessmentFactory, factories.PublishedSelfAssessmentFactory]
    )
    def test_nobody_edits_it_or_its_evidence(self, client, db, request, role, make):
        client.force_login(request.getfixturevalue(role))
        assessment = make()
        evidence = factories.EvidenceFactory(self_assessment=assessment)
        before = (values(assessment), values(evidence), assessment.history.count())
        sent = {
            "rating": "completed_or_substantial",
            "evidence_en": "Forged",
            "opened_version": assessment.history.latest().history_id,
            "attachments-TOTAL_FORMS": 1,
            "attachments-INITIAL_FORMS": 1,
            "attachments-0-id": evidence.pk,
            "attachments-0-self_assessment": assessment.pk,
            "attachments-0-opened_version": evidence.history.latest().history_id,
            "attachments-0-DELETE": "on",
        }
        statuses = [
            client.post(address(SelfAssessment, page, assessment), {**sent, "post": "yes"}).status_code
            for page in ("change", "delete", "submit", "history")
        ]
        assert statuses == [403, 403, 302, 200]
        assert (values(assessment), values(evidence), assessment.history.count()) == before
        assert SelfAssessment.objects.count() == Evidence.objects.count() == 1

    def test_its_page_says_why(self, client, editor):
        client.force_login(editor)
        waiting = factories.SubmittedSelfAssessmentFactory()
        public = factories.PublishedSelfAssessmentFactory()
        closed = factories.SelfAssessmentFactory(period=public.period, milestone__commitment__plan=public.plan)
        said = [
            client.get(address(SelfAssessment, "change", row)).context["why_read_only"]
            for row in (waiting, public, closed)
        ]
        assert said == [
            "It is submitted, and waits for a publisher. It can be returned to be mended.",
            "It is published. A published rating is corrected by a new version with a public reason.",
            "Its period is not open for entry.",
        ]

    def test_what_was_typed_while_another_submitted_it_is_given_back(self, client, editor):
        draft = factories.SelfAssessmentFactory()
        client.force_login(editor)
        there = address(SelfAssessment, "change", draft)
        form = client.get(there)
        saraa = Client()
        saraa.force_login(factories.EditorFactory(name="Saraa"))
        saraa.post(address(SelfAssessment, "submit", draft))
        page = client.post(there, sent_back(form, evidence_en="An hour of typing"))
        assert page.status_code == 403
        html = page.content.decode()
        assert "An hour of typing" in html
        assert "The last change is by Saraa" in " ".join(html.split())
        draft.refresh_from_db()
        assert draft.evidence_en == "The draft is written."

    def test_it_is_not_saved_when_it_was_submitted_between_the_question_and_the_lock(self, client, editor, monkeypatch):
        draft = factories.SelfAssessmentFactory()
        client.force_login(editor)
        there = address(SelfAssessment, "change", draft)
        sent = sent_back(client.get(there), evidence_en="Too late")
        read = SelfAssessmentAdmin.get_object

        def read_then_submitted(*args):
            monkeypatch.undo()
            row = read(*args)
            lifecycle.submit_self_assessment(draft, by=editor)
            return row

        monkeypatch.setattr(SelfAssessmentAdmin, "get_object", read_then_submitted)
        sent["opened_version"] = draft.history.latest().history_id + 1
        page = client.post(there, sent)
        assert (page.status_code, "Too late" in page.content.decode()) == (403, True)
        draft.refresh_from_db()
        assert draft.evidence_en == "The draft is written."

    def test_a_correction_shows_as_one_and_both_versions_stay(self, client, publisher):
        public = factories.PublishedSelfAssessmentFactory(rating="limited")
        lifecycle.correct_self_assessment(public, by=publisher, reason="The law had passed.", rating=Rating.LIMITED)
        client.force_login(publisher)
        html = client.get(address(SelfAssessment)).content.decode()
        assert "Published, corrected since" in html
        assert client.get(address(SelfAssessment), {"queue": "superseded"}).context["cl"].result_count == 1


class TestPeriods:
    def test_once_it_is_open_a_publisher_moves_its_closing_time_and_nothing_else(self, client, publisher):
        period = factories.OpenPeriodFactory(entry_closes_at="2025-04-15T10:00:00Z")
        client.force_login(publisher)
        there = address(ReportingPeriod, "change", period)
        sent = sent_back(client.get(there)) | {
            "code": "2030-Q4",
            "ends_on": "2030-12-31",
            "entry_closes_at_0": "2025-04-20",
            "entry_closes_at_1": "18:00:00",
            "change_reason": "snow",
        }
        assert client.post(there, sent).status_code == 302
        period.refresh_from_db()
        assert (period.code, str(period.ends_on), period.entry_closes_at.isoformat()) == (
            "2025-Q1",
            "2025-03-31",
            "2025-04-20T10:00:00+00:00",
        )
        assert period.history.latest().history_change_reason == "snow"


def test_two_reviews_of_one_stage_are_refused_in_a_sentence(client, editor):
    review = factories.IndependentReviewFactory()
    client.force_login(editor)
    there = address(IndependentReview, "add")
    sent = sent_back(client.get(there), commitment=review.commitment.pk, stage=review.stage, completion="limited")
    assert problems(client.post(there, sent)) == ["This stage is recorded already."]
