"""Plans, commitments, milestones and who rates them, as the API gives them away."""

import datetime
import hashlib
import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from assessments import lifecycle
from assessments.counts import count_plan
from assessments.ledger import read_ledger
from assessments.models import SelfAssessment
from commitments.models import ActionPlan, Commitment, Milestone
from tests import factories
from tests.uploads import PDF, upload


def read(address: str) -> Any:
    return Client().get(address)


def rows(address: str) -> list[dict[str, Any]]:
    return read(address).json()["results"]


def ids(address: str) -> list[str]:
    return [row["id"] for row in rows(address)]


# --- the real plans ---------------------------------------------------------------------------------------------------

MILESTONE_6_5 = {
    "id": "nap-4/6.5",
    "url": "http://testserver/api/v1/milestones/nap-4/6.5/",
    "plan": "nap-4",
    "commitment": "6",
    "code": "6.5",
    "title": "Online systems upgraded to provide feedback to the public on their proposals/suggestions",
    "title_language": "en",
    "title_en": "Online systems upgraded to provide feedback to the public on their proposals/suggestions",
    "title_mn": "",
    "expected_output_en": "",
    "expected_output_mn": "",
    "agencies": [
        {
            "slug": "ministry-of-finance",
            "name": "Ministry of Finance",
            "name_language": "en",
            "name_en": "Ministry of Finance",
            "name_mn": "",
            "short_name": "MOF",
            "url": "http://testserver/api/v1/organisations/ministry-of-finance/",
        }
    ],
    "due_text": "2022.10.01 – 2023.03.31",
    "starts_on": "2022-10-01",
    "ends_on": "2023-03-31",
    "rating": "completed_or_substantial",
    "light": "green",
    "no_rating_reason": None,
    "counter_ratings": [
        {
            "organisation": {
                "slug": "open-society-forum",
                "name": "Open Society Forum",
                "name_language": "en",
                "name_en": "Open Society Forum",
                "name_mn": "",
                "short_name": "",
                "url": "http://testserver/api/v1/organisations/open-society-forum/",
            },
            "rating": "not_started_or_delayed",
            "light": "red",
            "gap": -2,
            "no_rating_reason": None,
            "attribution": "stated",
            "stated_on": "2023-08-31",
        }
    ],
    "contested": True,
    "removed_answers": [],
    "source": {
        "document": "nap-4-report",
        "title": "Open Government Partnership: National Action Plan IV Report",
        "title_language": "en",
        "address": "",
        "place": "Commitment 6, milestone 5; dates: OGP dataset, row MN0053",
    },
}


def test_a_milestone_of_the_fourth_plan(loaded_plans: None) -> None:
    [row] = [row for row in rows("/api/v1/milestones/?plan=nap-4&page_size=200") if row["id"] == "nap-4/6.5"]
    assert row == MILESTONE_6_5
    assert read("/api/v1/milestones/nap-4/6.5/").json() == {
        **MILESTONE_6_5,
        "period": "2023-final",
        "note_en": "",
        "note_mn": "",
    }


def test_a_milestone_whose_rating_is_not_legible(loaded_plans: None) -> None:
    row = read("/api/v1/milestones/nap-4/3.5/").json()
    assert [row["rating"], row["light"], row["no_rating_reason"]] == [None, None, "not_legible"]


def test_a_plan_is_given_whole_and_says_what_its_ledger_says(nap_4: ActionPlan, django_assert_num_queries: Any) -> None:
    ledger, plan = read_ledger(nap_4), read("/api/v1/plans/nap-4/").json()
    counts = count_plan(ledger)
    assert [commitment["id"] for commitment in plan["commitments"]] == [f"nap-4/{code}" for code in range(1, 10)]
    assert [
        (milestone["id"], milestone["rating"], milestone["contested"], len(milestone["counter_ratings"]))
        for commitment in plan["commitments"]
        for milestone in commitment["milestones"]
    ] == [
        (f"nap-4/{subject.subject.code}", subject.rating, subject.contested, len(subject.verdicts))
        for subject in ledger.subjects
    ]
    assert [
        (finding["stage"], finding["completion"])
        for commitment in plan["commitments"]
        for finding in commitment["independent_reviews"]
    ] == [(review.stage, review.completion) for entry in ledger.commitments for review in entry.whole.reviews]
    government = plan["counts"]["government"]
    assert (plan["counts"]["subjects"], government["green"], government["amber"], government["not_rated"]) == (
        counts.subjects,
        counts.government.green,
        counts.government.amber,
        counts.government.not_rated,
    )
    assert plan["counts"]["agreement"] == {
        "compared": counts.agreement.compared,
        "lower": counts.agreement.lower,
        "agree": counts.agreement.agree,
        "higher": counts.agreement.higher,
        "by_gap": {str(gap): count for gap, count in counts.agreement.by_gap.items()},
    }
    assert plan["counts"]["contested"] == counts.contested
    assert plan["subjects"] == "milestones"
    assert [commitment["counts"]["subjects"] for commitment in plan["commitments"]] == [
        len(entry.milestones) for entry in ledger.commitments
    ]


def test_a_plan_without_milestones_is_rated_by_commitment(loaded_plans: None) -> None:
    plan = read("/api/v1/plans/nap-1/").json()
    assert (plan["subjects"], plan["counts"]["subjects"]) == ("commitments", 21)
    assert {commitment["rating"] for commitment in plan["commitments"]} == set(
        SelfAssessment.objects.filter(period__plan__slug="nap-1", is_latest=True).values_list("rating", flat=True)
    )
    assert [theme["kind"] for theme in plan["themes"]] == ["priority"] * 3
    assert [period["id"] for period in plan["periods"]] == ["nap-1/2016-final"]


def test_every_row_of_the_real_plans_has_its_own_id_and_an_address_that_works(loaded_plans: None) -> None:
    for resource in ("self-assessments", "counter-assessments", "independent-reviews", "claims", "periods"):
        found = rows(f"/api/v1/{resource}/?page_size=200")
        assert len({row["id"] for row in found}) == len(found) > 0
        assert [read(row["url"]).json()["id"] for row in found] == [row["id"] for row in found]


def test_a_printed_figure_stands_beside_the_count(loaded_plans: None) -> None:
    claim = read("/api/v1/claims/nap-4/milestones-total/").json()
    shown = ("printed", "value", "unit", "measure", "counted", "differs")
    assert [claim[field] for field in shown] == ["53", 53, "number", "milestones", 53, False]


# --- what may not leak ------------------------------------------------------------------------------------------------


@pytest.fixture
def everything_secret(db: None) -> Milestone:
    """A published plan with a secret of every kind; each secret carries the word "secret" or a number of its own."""
    plan = factories.ActionPlanFactory(
        slug="open",
        predecessor=factories.DraftPlanFactory(
            slug="secret-before", starts_on=datetime.date(2020, 1, 1), ends_on=datetime.date(2023, 12, 31)
        ),
    )
    hidden = factories.CommitmentFactory(plan=plan.predecessor, code="secret-77", title_en="A secret promise")
    hidden_milestone = factories.MilestoneFactory(commitment=hidden, code="9977.1", title_en="A secret step")
    factories.PublishedSelfAssessmentFactory(milestone=hidden_milestone, evidence_en="secret evidence")
    factories.IndependentReviewFactory(commitment=hidden, link="https://example.org/secret-review")
    factories.ThemeFactory(plan=plan.predecessor, code="secret-theme")
    factories.MeetingFactory(plan=plan.predecessor, title_en="A secret meeting")
    factories.RecommendationFactory(plan=plan.predecessor, text_en="A secret recommendation")
    factories.ClaimFactory(plan=plan.predecessor, label_en="A secret figure")

    commitment = factories.CommitmentFactory(plan=plan, code="1", carried_over_from=hidden)
    factories.FocalPointFactory(commitment=commitment)
    milestone = factories.MilestoneFactory(commitment=commitment, code="1.1")
    published = factories.PublishedSelfAssessmentFactory(milestone=milestone)
    later = factories.OpenPeriodFactory(
        plan=plan, code="2025-Q2", starts_on=datetime.date(2025, 4, 1), ends_on=datetime.date(2025, 6, 30)
    )
    for factory in (factories.SelfAssessmentFactory, factories.SubmittedSelfAssessmentFactory):
        subject = factories.MilestoneFactory(commitment=commitment)
        draft = factory(milestone=subject, period=later, rating="completed_or_substantial", evidence_en="secret draft")
        factories.EvidenceFactory(self_assessment=draft, address="https://example.org/secret-file")
    draft = factories.CounterAssessmentFactory(milestone=milestone, recommendation="secret criticism")
    factories.EvidenceFactory(
        self_assessment=None, counter_assessment=draft, address="https://example.org/secret-criticism"
    )
    factories.SubmittedCounterAssessmentFactory(milestone=milestone, recommendation="secret submitted criticism")
    for state in ("withdrawn", "withheld"):
        factories.PublishedCounterAssessmentFactory(
            milestone=milestone, recommendation="a secret that is gone", state=state
        )
    answer = factories.PublishedCounterAssessmentFactory(milestone=milestone, rating=published.rating)
    factories.ResponseFactory(counter_assessment=answer, reason_en="secret response")
    factories.ReportFactory(plan=plan, period_code="2025-H1")
    factories.UserFactory(email="secret-user@example.org", name="Secret User")
    return milestone


LEAKS = re.compile(r"secret|99112233|9977\.1|example\.org", re.IGNORECASE)


def test_nothing_unpublished_is_in_any_list_or_detail(
    everything_secret: Milestone, superuser: Any, subtests: Any
) -> None:
    # As a superuser: the one whose own pages show the most.
    client = Client()
    client.force_login(superuser)
    for resource in client.get("/api/v1/").json().values():
        listed = client.get(resource)
        assert LEAKS.search(listed.content.decode()) is None, resource
        for row in listed.json()["results"]:
            assert LEAKS.search(client.get(row["url"]).content.decode()) is None, row["url"]


def test_nothing_unpublished_moves_a_rating_a_count_or_a_filter(everything_secret: Milestone) -> None:
    row = read("/api/v1/milestones/open/1.1/").json()
    assert (row["rating"], row["contested"], len(row["counter_ratings"])) == ("limited", False, 1)
    assert ids("/api/v1/milestones/?contested=true") == []
    assert ids("/api/v1/milestones/?rating=limited") == ["open/1.1"]
    assert ids("/api/v1/milestones/?light=green") == []
    assert len(rows("/api/v1/counter-assessments/")) == 1
    assert ids("/api/v1/self-assessments/") == ["open/milestone/1.1/2025-Q1/1"]
    plan = read("/api/v1/plans/open/").json()
    assert (plan["predecessor"], plan["commitments"][0]["carried_over_from"]) == (None, None)
    assert (plan["counts"]["government"]["rated"], plan["counts"]["ngo_answers"]) == (1, 1)


@pytest.mark.parametrize(
    "address",
    [
        "/api/v1/plans/secret-before/",
        "/api/v1/commitments/secret-before/secret-77/",
        "/api/v1/milestones/secret-before/9977.1/",
        "/api/v1/periods/secret-before/2025-Q1/",
        "/api/v1/self-assessments/secret-before/milestone/9977.1/2025-Q1/1/",
    ],
)
def test_what_is_not_published_is_refused_as_what_does_not_exist(everything_secret: Milestone, address: str) -> None:
    answer = read(address)
    assert (answer.status_code, answer.json()) == (404, {"detail": "There is nothing published at this address."})


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("plan=secret-before", "There is no such plan."),
        ("commitment=secret-77", "There is nothing with this code."),
        ("theme=secret-theme", "There is nothing with this code."),
        ("plan=none", "There is no such plan."),
        ("commitment=none", "There is nothing with this code."),
    ],
)
def test_a_filter_by_what_is_not_published_is_refused_as_by_what_does_not_exist(
    everything_secret: Milestone, query: str, sentence: str
) -> None:
    answer = read(f"/api/v1/milestones/?{query}")
    assert (answer.status_code, answer.json()) == (400, {query.split("=")[0]: [sentence]})


def test_a_demonstration_is_listed_only_by_its_own_slug(db: None) -> None:
    plan = factories.ActionPlanFactory(slug="practice", is_demonstration=True)
    milestone = factories.MilestoneFactory(commitment__plan=plan, commitment__code="1", code="1.1")
    factories.PublishedSelfAssessmentFactory(milestone=milestone)
    factories.PublishedCounterAssessmentFactory(milestone=milestone)
    factories.IndependentReviewFactory(commitment=milestone.commitment)
    factories.IndependentReviewFactory(commitment=None, milestone=milestone)
    factories.MeetingFactory(plan=plan)
    factories.RecommendationFactory(plan=plan)
    factories.ClaimFactory(plan=plan)
    factories.ReleasedReportFactory(plan=plan)
    for resource, count in [
        ("commitments", 1),
        ("milestones", 1),
        ("periods", 1),
        ("self-assessments", 1),
        ("counter-assessments", 1),
        ("independent-reviews", 2),
        ("recommendations", 1),
        ("meetings", 1),
        ("claims", 1),
        ("reports", 1),
    ]:
        assert rows(f"/api/v1/{resource}/") == [], resource
        assert len(rows(f"/api/v1/{resource}/?plan=practice")) == count, resource
    assert rows("/api/v1/plans/") == []
    assert read("/api/v1/plans/practice/").json()["is_demonstration"] is True


# --- who rated what ---------------------------------------------------------------------------------------------------


def test_a_corrected_rating_leaves_both_versions_readable(db: None, publisher: Any) -> None:
    milestone = factories.MilestoneFactory(commitment__plan__slug="p", code="1.1")
    first = factories.PublishedSelfAssessmentFactory(milestone=milestone)
    answer = factories.PublishedCounterAssessmentFactory(
        milestone=milestone, organisation__slug="ngo", rating="limited", answers=first, answered_rating="limited"
    )
    lifecycle.correct_self_assessment(first, by=publisher, reason="A mistake.", rating="not_started_or_delayed")
    shown = ("id", "rating", "version", "is_current", "is_latest", "correction_reason")
    assert [[row[field] for field in shown] for row in rows("/api/v1/self-assessments/")] == [
        ["p/milestone/1.1/2025-Q1/2", "not_started_or_delayed", 2, True, True, "A mistake."],
        ["p/milestone/1.1/2025-Q1/1", "limited", 1, False, False, ""],
    ]
    assert ids("/api/v1/self-assessments/?current=true") == ["p/milestone/1.1/2025-Q1/2"]
    assert ids("/api/v1/self-assessments/?latest=false") == ["p/milestone/1.1/2025-Q1/1"]
    [row] = rows("/api/v1/counter-assessments/")
    assert [row[field] for field in ("id", "gap", "answered_rating", "gap_when_given")] == [
        f"p/milestone/1.1/2025-Q1/{answer.organisation.slug}/1",
        1,
        "limited",
        0,
    ]


def test_answers_that_name_nobody_are_told_apart(loaded_plans: None) -> None:
    unnamed = [row for row in rows("/api/v1/counter-assessments/?page_size=200") if row["organisation"] is None]
    assert unnamed
    for row in unnamed:
        assert re.fullmatch(r"nap-4/milestone/[\d.]+/2023-final/unnamed\.\d/1", row["id"])
        assert read(row["url"]).json() == row


def test_published_evidence_and_responses_are_shown(db: None) -> None:
    milestone = factories.MilestoneFactory(commitment__plan__slug="p", code="1.1")
    rating = factories.PublishedSelfAssessmentFactory(milestone=milestone)
    factories.EvidenceFactory(self_assessment=rating, title_en="The law", address="https://example.org/law")
    answer = factories.PublishedCounterAssessmentFactory(milestone=milestone)
    factories.PublishedResponseFactory(counter_assessment=answer, organisation__slug="agency")
    assert rows("/api/v1/self-assessments/")[0]["attachments"] == [
        {
            "title": "The law",
            "title_language": "en",
            "title_en": "The law",
            "title_mn": "",
            "address": "https://example.org/law",
            "file_name": "",
            "media_type": "",
            "download_address": None,
            "sha256": "",
            "size": None,
            "checked_at": None,
            "check_result": None,
        }
    ]
    [response] = rows("/api/v1/counter-assessments/")[0]["responses"]
    assert (response["organisation"]["slug"], response["kind"]) == ("agency", "kept")


def test_a_file_is_shown_with_its_name_kind_checksum_and_where_it_is_downloaded(db: None) -> None:
    rating = factories.PublishedSelfAssessmentFactory()
    row = factories.FileEvidenceFactory(self_assessment=rating, title_en="", upload=upload("Тэмдэглэл.pdf"))
    [attachment] = rows("/api/v1/self-assessments/")[0]["attachments"]
    assert attachment == {
        "title": "",
        "title_language": None,
        "title_en": "",
        "title_mn": "",
        "address": "",
        "file_name": "Тэмдэглэл.pdf",
        "media_type": "application/pdf",
        "download_address": f"http://testserver/evidence/{row.key}/",
        "sha256": hashlib.sha256(PDF).hexdigest(),
        "size": len(PDF),
        "checked_at": None,
        "check_result": None,
    }
    assert b"".join(Client().get(attachment["download_address"]).streaming_content) == PDF


def test_what_came_of_a_link_is_a_code(db: None) -> None:
    rating = factories.PublishedSelfAssessmentFactory()
    factories.EvidenceFactory(self_assessment=rating, checked_at=timezone.now(), check_result="not_found")
    [attachment] = rows("/api/v1/self-assessments/")[0]["attachments"]
    assert attachment["check_result"] == "not_found"


def test_an_answer_that_only_comments_is_no_rating_and_a_refused_one_is(db: None) -> None:
    milestone = factories.MilestoneFactory(commitment__plan__slug="p", code="1.1")
    factories.PublishedSelfAssessmentFactory(milestone=milestone)
    for reason in ("comment_only", "not_provided"):
        factories.PublishedCounterAssessmentFactory(milestone=milestone, rating=None, no_rating_reason=reason)
    [row] = rows("/api/v1/milestones/")
    assert [(answer["rating"], answer["gap"], answer["no_rating_reason"]) for answer in row["counter_ratings"]] == [
        (None, None, "not_provided")
    ]
    assert row["contested"] is False


def test_codes_with_a_slash_or_a_blank_have_addresses_that_work(db: None) -> None:
    milestone = factories.MilestoneFactory(commitment__plan__slug="p", code="1/a b?#%")
    factories.PublishedSelfAssessmentFactory(milestone=milestone)
    for resource in ("milestones", "self-assessments"):
        [row] = rows(f"/api/v1/{resource}/")
        assert read(row["url"]).json()["id"] == row["id"]


# --- queries ----------------------------------------------------------------------------------------------------------


def commitment_with_everything(plan: ActionPlan, period: Any, number: int) -> Commitment:
    source = factories.SourceDocumentFactory()
    earlier = factories.CommitmentFactory(source=source)
    commitment = factories.CommitmentFactory(
        plan=plan,
        code=str(number),
        theme=factories.ThemeFactory(plan=plan),
        source=source,
        carried_over_from=earlier,
    )
    commitment.policy_areas.add(factories.PolicyAreaFactory())
    factories.InvolvementFactory.create_batch(2, commitment=commitment)
    factories.IndependentReviewFactory(commitment=commitment, source=source)
    milestone = factories.MilestoneFactory(
        commitment=commitment,
        code=f"{number}.1",
        source=source,
        agencies=factories.OrganisationFactory.create_batch(2),
    )
    rating = factories.PublishedSelfAssessmentFactory(milestone=milestone, period=period, source=source)
    factories.EvidenceFactory(self_assessment=rating)
    answer = factories.PublishedCounterAssessmentFactory(milestone=milestone, period=period, source=source)
    factories.PublishedResponseFactory(counter_assessment=answer)
    claim = factories.ClaimFactory(plan=plan, source=source)
    claim.commitments.add(commitment)
    factories.PlanStatementFactory(plan=plan, theme=commitment.theme, source=source)
    return commitment


QUERIES = {
    "/api/v1/plans/": 2,
    "/api/v1/plans/p/": 23,
    "/api/v1/commitments/?plan=p": 19,
    "/api/v1/commitments/p/1/": 17,
    "/api/v1/milestones/?plan=p&contested=true&light=amber&overdue=false": 12,
    "/api/v1/milestones/p/1.1/": 10,
    "/api/v1/periods/": 3,
    "/api/v1/self-assessments/?plan=p": 4,
    "/api/v1/counter-assessments/?plan=p": 13,
    "/api/v1/independent-reviews/": 2,
    "/api/v1/claims/?plan=p": 18,
}


@pytest.mark.parametrize("number", [1, 3])
@pytest.mark.parametrize("address", QUERIES)
def test_answers_take_the_same_queries_whatever_their_length(
    db: None, address: str, number: int, django_assert_num_queries: Any
) -> None:
    plan = factories.ActionPlanFactory(slug="p", source=factories.SourceDocumentFactory())
    period = factories.PublishedPeriodFactory(plan=plan)
    for code in range(1, number + 1):
        commitment_with_everything(plan, period, code)
    with django_assert_num_queries(QUERIES[address]):
        answer = read(address).json()
    if "results" in answer and address not in {"/api/v1/plans/", "/api/v1/periods/"}:
        assert len(answer["results"]) == number


@pytest.mark.parametrize("number", [1, 3])
@pytest.mark.parametrize(("resource", "queries"), [("commitments", 18), ("claims", 17)])
def test_lists_over_several_plans_take_the_queries_of_one(
    db: None, resource: str, queries: int, number: int, django_assert_num_queries: Any
) -> None:
    for plan in factories.ActionPlanFactory.create_batch(number):
        commitment_with_everything(plan, factories.PublishedPeriodFactory(plan=plan), 1)
    query = {"commitments": "contested=true", "claims": ""}[resource]
    with django_assert_num_queries(queries):
        assert len(rows(f"/api/v1/{resource}/?{query}")) == number
