"""What the pages of the real plans say, held against the documents as a person reads them."""

from __future__ import annotations

import pytest
from django.test import Client

from commitments.models import ActionPlan
from tests.pages import get, spoken, texts

pytestmark = pytest.mark.django_db

NAP_4_GOVERNMENT = {
    "completed": "1.2 1.3 1.4 1.5 2.2 2.3 2.4 2.5 3.1 3.3 3.4 3.6 4.3 4.4 5.1 5.2 5.3 5.5 5.6 5.7 5.8 "
    "6.1 6.3 6.4 6.5 6.6 7.1 8.1 8.2 8.3 8.4 9.1 9.2 9.3 9.4 9.5 9.6 9.7",
    "limited": "1.1 1.6 2.1 3.2 4.1 4.2 5.4 6.2 7.2 7.3 7.4 8.5 8.6 8.7",
    "not rated": "3.5",
}
NAP_4_NGO = [
    "1.1: government: Limited progress; NGO: Completed or substantial progress; higher by 1",
    "1.2: government: Completed or substantial progress; NGO: Limited progress; lower by 1",
    "1.3: government: Completed or substantial progress; NGO: Limited progress; lower by 1",
    "1.4: government: Completed or substantial progress; Open Society Forum: Not provided",
    "1.5: government: Completed or substantial progress; Open Society Forum: Limited progress; lower by 1",
    "1.6: government: Limited progress; NGO: Limited progress; agree",
    "6.1: government: Completed or substantial progress; Open Society Forum: Limited progress; lower by 1",
    "6.2: government: Limited progress; Open Society Forum: Not started or severe delays; lower by 1",
    "6.3: government: Completed or substantial progress; Open Society Forum: Limited progress; lower by 1",
    "6.4: government: Completed or substantial progress; Open Society Forum: Limited progress; lower by 1",
    "6.5: government: Completed or substantial progress; Open Society Forum: Not started or severe delays; lower by 2",
    "6.6: government: Completed or substantial progress; Open Society Forum: Limited progress; lower by 1",
]


class TestNapFour:
    def test_every_milestone_stands_with_its_ratings(self, nap_4, client: Client):
        sentences = spoken(get(client, "/en/plans/nap-4/"))
        said = {
            "completed": "government: Completed or substantial progress",
            "limited": "government: Limited progress",
            "not rated": "government: Not rated",
        }
        assert {
            name: " ".join(sentence.split(":")[0] for sentence in sentences if said[name] in sentence) for name in said
        } == NAP_4_GOVERNMENT
        assert [sentence for sentence in sentences if sentence.count(";")] == NAP_4_NGO

    def test_opens_with_its_finding_and_names_the_reviewers(self, nap_4, client: Client):
        response = get(client, "/en/plans/nap-4/")
        finding = " ".join(
            [
                "The government rates 38 of 53 milestones completed or substantial.",
                "NGOs rated 11 of the 53, and differ on 10.",
            ]
        )
        assert texts(response, "h1") == [finding]
        assert texts(response, ".lede") == [
            "The independent reviewer rated 6 of the 9 commitments. "
            "On 19 of their 36 rated milestones, the government's rating is above the reviewer's. Where they disagree"
        ]
        assert texts(response, "title") == [f"NAP IV: {finding} · Open Government Partnership Mongolia"]

    def test_the_reviewer_and_who_differs_stand_in_every_row(self, nap_4, client: Client):
        response = get(client, "/en/plans/nap-4/")
        assert [text.removeprefix("Reviewer: ") for text in texts(response, ".row__irm")] == [
            "Limited progress", "Substantial", "Not recorded", "Not recorded", "Limited progress",
            "Substantial", "Limited progress", "Not started", "Not recorded",
        ]  # fmt: skip
        assert texts(response, ".row__diff") == [
            "NGOs 3 lower, 1 higher of 5 rated IRM below 4 of 6",
            "No NGO rating IRM above 1 of 5",
            "No NGO rating",
            "No NGO rating",
            "No NGO rating IRM below 7 of 8",
            "NGOs 6 lower of 6 rated IRM above 1 of 6",
            "No NGO rating IRM below 1 of 4",
            "No NGO rating IRM below 7 of 7",
            "No NGO rating",
        ]

    def test_printed_figures_stand_beside_the_counts(self, nap_4, client: Client):
        rows = [row.split(" document 1")[0] for row in texts(get(client, "/en/plans/nap-4/"), "tr")]
        assert "Milestones 53 53" in rows
        assert "Milestones fully completed 39 38" in rows
        assert "Commitments 2 and 8: milestones completed or with substantial progress 9 8" in rows
        assert "Civil society organisations among the stakeholders 32 nothing to count" in rows

    def test_recommendations_remarks_and_making_are_there(self, nap_4, client: Client):
        response = get(client, "/en/plans/nap-4/")
        headings = texts(response, "h2")
        assert "14 recommendations of the reviewer" in headings
        assert "How the plan was made" in headings
        assert [remark.split(" Remark")[0] for remark in texts(response, ".voice")] == [
            "Steps without borders 28 Aug 2023",
            "Steps without borders 28 Aug 2023",
            "Psychological responsiveness 1 Sep 2023",
        ]

    def test_a_commitment_shows_each_voice_as_its_own(self, nap_4, client: Client):
        response = get(client, "/en/plans/nap-4/commitments/1/")
        assert [text.split(" Source")[0][:70] for text in texts(response, ".voice__who")][:6] == [
            "End of term report of 2024",
            "Progress report of 2022",
            "Government 15 Aug 2023",
            "NGOs 3 answers, 1 with a rating",
            "NGO, not named in the source",
            "Steps without borders 28 Aug 2023",
        ]
        # Of the whole; then of each milestone: counted beside the government where many answered, and each answer's.
        assert texts(response, ".gap") == [
            "▼ lower by 1: 3", "= agree: 1", "▲ higher by 1: 1",
            "▲ higher by 1: 1", "▲ higher by 1",
            "▼ lower by 1: 1", "▼ lower by 1",
            "▼ lower by 1: 1", "▼ lower by 1",
            "▼ lower by 1",
            "= agree: 1", "= agree",
        ]  # fmt: skip
        page = response.content.decode()
        assert [code for code in ("1.1", "1.2", "1.3", "1.4", "1.5", "1.6") if f'id="m{code}"' in page] == [
            "1.1", "1.2", "1.3", "1.4", "1.5", "1.6",
        ]  # fmt: skip
        assert any(
            text.startswith("The source does not name the author; inferred:") for text in texts(response, ".reply")
        )

    def test_what_cannot_be_read_is_said_in_words(self, nap_4, client: Client):
        page = get(client, "/en/plans/nap-4/commitments/3/").content.decode()
        assert "Not legible in the source" in page
        assert '<span class="lost">[…]</span>' in page

    def test_the_ministrys_remark_stands_under_its_milestone_and_rates_nothing(self, nap_4, client: Client):
        remarks = [
            text
            for text in texts(get(client, "/en/plans/nap-4/commitments/5/"), ".voice")
            if "Remark of the government, no rating" in text
        ]
        assert [remark[:46] for remark in remarks] == ["Ministry of Justice and Home Affairs 30 Aug 20"]

    def test_rows_can_be_narrowed(self, nap_4, client: Client):
        def codes(query: str) -> list[str]:
            return texts(get(client, f"/en/plans/nap-4/?{query}"), ".row__title")

        everything = codes("")
        assert len(everything) == 9
        assert codes("contested=true") == [everything[0], everything[5]]
        assert codes("rating=limited&organisation=ministry-of-health") == [everything[6]]
        assert codes("rating=not_started") == []

    def test_a_value_that_means_nothing_is_answered_with_a_sentence(self, nap_4, client: Client):
        response = get(client, "/en/plans/nap-4/?rating=%00&organisation=nobody")
        assert texts(response, ".error") == [
            "There is no such organisation.",
            "Choose one of these: not_started, not_started_or_delayed, limited, substantial, completed_or_substantial, "
            "completed.",
        ]


class TestTheOtherPlans:
    def test_the_list_gives_every_plan_its_finding(self, loaded_plans, client: Client):
        response = get(client, "/en/plans/")
        assert texts(response, ".code") == ["NAP V", "NAP IV", "NAP III", "NAP II", "NAP I"]
        findings = texts(response, ".row__finding")
        assert findings[0].startswith("No rating has been published yet")
        assert findings[2:] == [
            "This plan and the government's ratings of it are not transcribed here. "
            "The independent reviewer rated 4 of the 4 commitments here.",
            "This plan and the government's ratings of it are not transcribed here. "
            "The independent reviewer rated 2 of the 2 commitments here.",
            "The government rates 13 of 21 commitments completed or substantial. No NGO has rated any of them. "
            "The independent reviewer rated 1 of the 21 commitments here.",
        ]

    def test_nap_1_rates_commitments_as_wholes_under_its_priorities(self, loaded_plans, client: Client):
        response = get(client, "/en/plans/nap-1/")
        assert texts(response, ".theme") == [
            "3.2.1 Increasing public transparency",
            "3.2.2 Improving public services",
            "3.2.3 Enhancing justice and reducing corruption",
        ]
        ratings = [text.removeprefix("Government: ") for text in texts(response, ".row__gov")]
        assert {rating: ratings.count(rating) for rating in ratings} == {
            "Substantial": 8,
            "Completed": 5,
            "Limited progress": 3,
            "Not rated": 5,
        }
        assert len(spoken(response)) == 21

    def test_nap_1_shows_the_fields_of_the_completion_form(self, loaded_plans, client: Client):
        response = get(client, "/en/plans/nap-1/commitments/3.3.1.4/")
        assert (
            texts(response, "h2")[0] == "The government's rating of this commitment: Substantial. No NGO has rated it."
        )
        assert texts(response, "dt") == [
            "Lead", "Plan", "End date, as printed", "Evidence updated", "Permanent link", "This page as data",
            "The plan’s own wording", "In brief", "Main objective", "How it serves open government", "Intended results",
            "Lead", "Other", "Supporting, government", "Responsible",
        ]  # fmt: skip
        assert texts(response, "dd")[-1] == (
            "Head of Cadaster division in Mineral Resource Authority, Mineral Resources and Petroleum Authority "
            "Coordinator of Secretariat, EITI Mongolia Secretariat"
        )

    def test_nap_5_lists_what_is_promised_and_when_ratings_are_due(self, loaded_plans, client: Client):
        response = get(client, "/en/plans/nap-5/")
        steps = texts(response, ".row__steps")
        assert steps.count("Its milestones are not in this record.") == 7
        assert (
            "1.1 Submit the Law on the Extractive Industries Transparency for Parliament discussion Due: 2025"
            in steps[0]
        )
        assert len(texts(response, ".periods")[0].split("Quarter")) == 17
        assert "Government organisations, 20" in texts(response, "h4")
        assert "Non-government organisations that commented on the draft 30 29 document 1, paragraph 5" in texts(
            response, "tr"
        )

    def test_a_plan_that_is_not_transcribed_says_so_and_shows_its_reviews(self, loaded_plans, client: Client):
        response = get(client, "/en/plans/nap-2/")
        assert texts(response, "h1") == ["This plan and the government's ratings of it are not transcribed here."]
        assert texts(response, ".row__gov") == ["Government: Not transcribed here"] * 2
        assert texts(response, ".row__irm") == ["Reviewer: Limited progress"] * 2
        inside = get(client, "/en/plans/nap-2/commitments/4/")
        assert texts(inside, "h2")[0] == "The government's own rating is not transcribed here."

    @pytest.mark.parametrize("language", ["en", "mn"])
    def test_every_page_of_the_real_plans_answers(self, loaded_plans, client: Client, language):
        for plan in ActionPlan.objects.all():
            get(client, f"/{language}/plans/{plan.slug}/")
            for commitment in plan.commitments.all():
                get(client, f"/{language}/plans/{plan.slug}/commitments/{commitment.code}/")
