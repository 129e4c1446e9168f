"""The public pages of plans and commitments: what stands on them, for whom, and what never does."""

from __future__ import annotations

import datetime

import pytest
from django.test import Client
from django.utils import timezone

from assessments import lifecycle
from assessments.models import CounterAssessment, SelfAssessment, day_start
from assessments.ratings import NoRatingReason, Rating
from commitments.models import Involvement, User
from tests import factories
from tests.pages import add_commitment, get, texts
from tests.uploads import upload

pytestmark = pytest.mark.django_db


class TestMongolian:
    def test_dates_are_mongolian_and_english_titles_say_that_they_are_english(self, nap_4, client: Client):
        page = get(client, "/mn/plans/nap-4/commitments/6/").content.decode()
        assert "2023-08-31" in page
        assert "31 Aug 2023" not in page
        assert '<h1><span lang="en">Increasing public participation' in page

    def test_what_exists_in_mongolian_is_shown_in_mongolian(self, client: Client):
        commitment = factories.CommitmentFactory(title_en="Openness", title_mn="Нээлттэй байдал")
        address = f"plans/{commitment.plan.slug}/commitments/{commitment.code}/"
        assert texts(get(client, f"/mn/{address}"), "h1") == ["Нээлттэй байдал"]
        assert texts(get(client, f"/en/{address}"), "h1") == ["Openness"]


class TestWhatAPageSaysOfAMilestone:
    def page(self, client: Client, row) -> object:
        commitment = row.milestone.commitment
        return get(client, f"/en/plans/{commitment.plan.slug}/commitments/{commitment.code}/")

    def test_a_correction_shows_its_reason_and_the_rating_before(self, client: Client, publisher: User):
        rated = factories.PublishedSelfAssessmentFactory()
        factories.EvidenceFactory(self_assessment=rated)
        lifecycle.correct_self_assessment(
            rated, by=publisher, reason="The law was passed.", rating=Rating.COMPLETED_OR_SUBSTANTIAL
        )
        today = timezone.localdate()
        assert texts(self.page(client, rated), ".corrected") == [
            f"Corrected on {today.day} {today:%b %Y}. The law was passed. Before: Limited progress"
        ]

    def test_an_answer_shows_its_words_its_evidence_and_the_response(self, client: Client):
        rated = factories.PublishedSelfAssessmentFactory()
        answer = factories.PublishedCounterAssessmentFactory(
            milestone=rated.milestone, condition="Green once it is adopted.", organisation__name_en="Open Eyes"
        )
        factories.EvidenceFactory(self_assessment=None, counter_assessment=answer, title_en="Our own survey")
        factories.PublishedResponseFactory(counter_assessment=answer, organisation__name_en="Ministry of Answers")
        [government, ngo] = texts(self.page(client, rated), ".voice")[2:]
        assert "Limited progress" in government
        assert ngo == (
            "Open Eyes Not started or severe delays ▼ lower by 1 Condition: Green once it is adopted. "
            "Recommendation: Begin. Justification: Nothing was done. Link: Our own survey, example.org, "
            "not checked since it was recorded Ministry of Answers: Rating kept. The ministry keeps its rating."
        )

    def test_no_response_and_no_evidence_are_said(self, client: Client):
        rated = factories.PublishedSelfAssessmentFactory()
        factories.PublishedCounterAssessmentFactory(milestone=rated.milestone)
        assert texts(self.page(client, rated), ".reply") == [
            "No file or link given.",
            "No response yet",
        ]

    def test_a_rating_that_was_asked_for_and_not_given_is_not_a_missing_one(self, client: Client):
        rated = factories.PublishedSelfAssessmentFactory(rating=None, no_rating_reason=NoRatingReason.NOT_LEGIBLE)
        factories.PublishedCounterAssessmentFactory(
            milestone=rated.milestone, rating=None, no_rating_reason=NoRatingReason.NOT_PROVIDED
        )
        response = self.page(client, rated)
        assert [text for text in texts(response, ".light") if text.startswith("Not ")] == ["Not rated", "Not provided"]
        assert texts(response, ".reply")[0] == "Not legible in the source"

    def test_a_long_statement_keeps_every_word(self, client: Client):
        long = " ".join(f"Word{n} said." for n in range(80))
        rated = factories.PublishedSelfAssessmentFactory(evidence_en=long)
        response = self.page(client, rated)
        head, rest = texts(response, ".said")[0], texts(response, "details")[0]
        assert f"{head} {rest.removeprefix('128 words more')}" == long

    def test_a_link_is_named_and_says_when_it_was_tried(self, client: Client):
        rated = factories.PublishedSelfAssessmentFactory()
        factories.EvidenceFactory(
            self_assessment=rated,
            title_en="",
            address="https://www.example.org/a/b",
            checked_at=day_start(datetime.date(2026, 9, 3)),
            check_result="opened",
        )
        assert texts(self.page(client, rated), ".evidence") == ["Link: example.org, opened 3 Sep 2026"]

    def test_a_file_is_named_with_what_it_is_and_can_be_downloaded(self, client: Client):
        rated = factories.PublishedSelfAssessmentFactory()
        row = factories.FileEvidenceFactory(self_assessment=rated, upload=upload("Тэмдэглэл.pdf"))
        page = self.page(client, rated)
        assert texts(page, ".evidence") == [f"File: Тэмдэглэл.pdf, PDF, {row.size} bytes, SHA-256 {row.sha256[:12]}"]
        assert f'href="/evidence/{row.key}/"' in page.content.decode()


class TestWhoSeesWhat:
    def test_unknown_and_draft_plans_are_not_there(self, client: Client):
        draft = factories.CommitmentFactory(plan=factories.DraftPlanFactory())
        known = factories.CommitmentFactory()
        for address in (
            "/en/plans/nothing/",
            f"/en/plans/{draft.plan.slug}/",
            f"/en/plans/{draft.plan.slug}/commitments/{draft.code}/",
            f"/mn/plans/{known.plan.slug}/commitments/nothing/",
            f"/mn/plans/{known.plan.slug}/commitments/%00/",
        ):
            assert client.get(address).status_code == 404

    def test_the_forums_members_read_drafts_that_say_what_they_are(self, client: Client, msf_member: User):
        draft = factories.CommitmentFactory(plan=factories.DraftPlanFactory())
        client.force_login(msf_member)
        for address in ("/en/plans/", f"/en/plans/{draft.plan.slug}/"):
            assert "Draft, not public" in texts(get(client, address), ".flag")

    def test_a_demonstration_says_what_it_is(self, client: Client):
        plan = factories.ActionPlanFactory(is_demonstration=True)
        sentence = "Demonstration: everything in this plan is invented."
        assert texts(get(client, f"/en/plans/{plan.slug}/"), ".demonstration") == [sentence]

    @pytest.mark.parametrize("role", ["anonymous", "stranger", "author", "member", "staff"])
    def test_nothing_unpublished_stands_on_a_public_page(self, client: Client, role):
        plan = factories.ActionPlanFactory()
        rated = factories.PublishedSelfAssessmentFactory(milestone__commitment__plan=plan, evidence_en="OPEN-EVIDENCE")
        commitment = rated.milestone.commitment
        other = factories.MilestoneFactory(commitment=commitment)
        factories.SelfAssessmentFactory(milestone=other, period=rated.period, evidence_en="HIDDEN-DRAFT")
        factories.SubmittedSelfAssessmentFactory(
            milestone=factories.MilestoneFactory(commitment=commitment), period=rated.period, evidence_en="HIDDEN-ENTRY"
        )
        answer = factories.PublishedCounterAssessmentFactory(milestone=rated.milestone, justification="OPEN-ANSWER")
        author = factories.RepresentativeFactory()
        own = author.memberships.get().organisation
        for state, factory in (
            ("HIDDEN-OWN-DRAFT", factories.CounterAssessmentFactory),
            ("HIDDEN-PENDING", factories.SubmittedCounterAssessmentFactory),
        ):
            milestone = factories.PublishedSelfAssessmentFactory(
                milestone=factories.MilestoneFactory(commitment=commitment)
            ).milestone
            factory(milestone=milestone, organisation=own, justification=state)
        factories.ResponseFactory(counter_assessment=answer, reason_en="HIDDEN-RESPONSE")
        factories.EvidenceFactory(
            self_assessment=SelfAssessment.objects.get(evidence_en="HIDDEN-DRAFT"), title_en="HIDDEN-FILE"
        )
        factories.EvidenceFactory(
            self_assessment=None,
            counter_assessment=CounterAssessment.objects.get(justification="HIDDEN-PENDING"),
            title_en="HIDDEN-SURVEY",
        )
        factories.FocalPointFactory(
            commitment=commitment,
            name="HIDDEN-NAME",
            email="hidden@example.org",
            phone="HIDDEN",
            department="HIDDEN-ROOM",
        )
        report = factories.ReportFactory(plan=plan)
        factories.ReportSectionFactory(report=report, title_en="HIDDEN-LESSON", body_en="HIDDEN-LESSON")
        factories.CommentFactory(plan=None, report=report, text_en="HIDDEN-REMARK")
        if role != "anonymous":
            client.force_login(
                {
                    "stranger": factories.RepresentativeFactory,
                    "author": lambda: author,
                    "member": factories.MsfMemberFactory,
                    "staff": factories.PublisherFactory,
                }[role]()
            )
        pages = {
            address: get(client, address).content.decode()
            for address in (
                "/en/",
                "/mn/",
                "/en/plans/",
                f"/en/plans/{plan.slug}/",
                f"/en/plans/{plan.slug}/?contested=true",
                commitment.get_absolute_url(),
            )
        }
        inside = pages[commitment.get_absolute_url()]
        assert "OPEN-EVIDENCE" in inside
        assert "OPEN-ANSWER" in inside
        assert "Head of unit" in inside
        assert {address for address, page in pages.items() if "HIDDEN" in page or "hidden@" in page} == set()

    def test_a_responsible_person_who_left_is_not_named_by_position_either(self, client: Client):
        commitment = factories.CommitmentFactory()
        factories.FocalPointFactory(
            commitment=commitment, position="Head of yesterday", ends_on=datetime.date(2020, 1, 1)
        )
        assert "Head of yesterday" not in get(client, commitment.get_absolute_url()).content.decode()

    def test_what_people_write_is_text_and_never_markup(self, client: Client):
        evil = "<script>alert(1)</script>"
        plan = factories.ActionPlanFactory(
            title_en=evil, making_en=evil, adopted_by_en=evil, coverage="partial", coverage_note_en=evil
        )
        commitment = factories.CommitmentFactory(plan=plan, title_en=evil, problem_en=evil, end_date_text=evil)
        factories.InvolvementFactory(commitment=commitment, organisation=None, as_printed=evil)
        factories.InvolvementFactory(
            commitment=commitment, role=Involvement.Role.OTHER, organisation__name_en=f"{evil} Ministry"
        )
        factories.FocalPointFactory(commitment=commitment, position=evil)
        milestone = factories.MilestoneFactory(
            commitment=commitment, title_en=f"[{evil}] {evil}", due_text=evil, note_en=evil, expected_output_en=evil
        )
        rated = factories.PublishedSelfAssessmentFactory(milestone=milestone, evidence_en=evil, challenges_en=evil)
        factories.EvidenceFactory(self_assessment=rated, title_en=evil)
        factories.PublishedCounterAssessmentFactory(
            milestone=milestone, justification=evil, recommendation=f"{evil}. " * 100, condition=evil
        )
        factories.ClaimFactory(plan=plan, label_en=evil, printed=evil)
        factories.MeetingFactory(plan=plan, title_en=evil, record_en=evil, date_text=evil)
        factories.PlanStatementFactory(plan=plan, text_en=evil)
        factories.RecommendationFactory(plan=plan, text_en=evil).commitments.add(commitment)
        factories.CommentFactory(plan=plan, text_en=evil)
        for address in ("/en/", "/mn/", "/en/plans/", plan.get_absolute_url(), commitment.get_absolute_url()):
            page = get(client, address).content.decode()
            assert "<script" not in page
            assert "&lt;script&gt;" in page


class TestQueries:
    def test_the_list_of_plans(self, client: Client, django_assert_num_queries):
        add_commitment(factories.ActionPlanFactory(), milestones=1)
        with django_assert_num_queries(18):
            get(client, "/en/plans/")
        for _n in range(2):
            add_commitment(factories.ActionPlanFactory(), milestones=3)
        with django_assert_num_queries(18):
            get(client, "/en/plans/")

    def test_a_plan(self, client: Client, django_assert_num_queries):
        plan = factories.ActionPlanFactory()

        def grow(milestones: int) -> None:
            add_commitment(plan, milestones=milestones)
            factories.ClaimFactory(plan=plan)
            factories.ParticipationFactory(meeting=factories.MeetingFactory(plan=plan))
            factories.PlanStatementFactory(plan=plan, theme=factories.ThemeFactory(plan=plan))
            factories.CommentFactory(plan=plan, organisation=factories.NgoFactory())

        grow(1)
        with django_assert_num_queries(31):
            get(client, plan.get_absolute_url())
        for _n in range(2):
            grow(3)
        with django_assert_num_queries(31):
            get(client, plan.get_absolute_url())

    def test_a_commitment(self, client: Client, django_assert_num_queries):
        plan = factories.ActionPlanFactory()
        small, large = add_commitment(plan, milestones=1), add_commitment(plan, milestones=3)
        for commitment in (small, large):
            with django_assert_num_queries(22):
                get(client, commitment.get_absolute_url())
