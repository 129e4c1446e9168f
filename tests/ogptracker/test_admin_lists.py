"""Lists of the admin: how many queries they cost, what search and filters find, and what an odd address gets."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from assessments.models import (
    Claim,
    CounterAssessment,
    IndependentReview,
    ReportingPeriod,
    Response,
    SelfAssessment,
)
from commitments.models import (
    ActionPlan,
    Commitment,
    FocalPoint,
    Invitation,
    Meeting,
    Membership,
    Milestone,
    Organisation,
    PlanStatement,
    PolicyArea,
    Recommendation,
    SourceDocument,
    Theme,
    User,
)
from reports.models import Comment, Report
from tests import factories
from tests.admin_pages import address


def milestone_with_agencies():
    return factories.MilestoneFactory(agencies=[factories.OrganisationFactory(), factories.OrganisationFactory()])


def commitment_with_leads():
    theme = factories.ThemeFactory()
    commitment = factories.CommitmentFactory(plan=theme.plan, theme=theme)
    factories.InvolvementFactory(commitment=commitment)
    factories.InvolvementFactory(commitment=commitment)


def compared_answer():
    rated = factories.PublishedSelfAssessmentFactory()
    factories.PublishedCounterAssessmentFactory(milestone=rated.milestone)


def recommendation_on_commitments():
    recommendation = factories.RecommendationFactory()
    recommendation.commitments.set([factories.CommitmentFactory(plan=recommendation.plan) for _ in range(2)])


def claim_on_commitments():
    claim = factories.ClaimFactory()
    claim.commitments.set([factories.CommitmentFactory(plan=claim.plan) for _ in range(2)])


def draft_with_evidence():
    factories.EvidenceFactory(self_assessment=factories.SelfAssessmentFactory(rating="completed_or_substantial"))


# What makes one more row, and how many queries the list costs a publisher: two for the session and the account, one for
# the roles, one each for the count, the rows and every relation or filter whose choices are rows.
LISTS = [
    (ReportingPeriod, factories.ReportingPeriodFactory, 6),
    (SelfAssessment, draft_with_evidence, 8),
    (CounterAssessment, compared_answer, 16),
    (Response, factories.ResponseFactory, 6),
    (IndependentReview, factories.IndependentReviewFactory, 6),
    (Claim, claim_on_commitments, 7),
    (ActionPlan, factories.ActionPlanFactory, 5),
    (Commitment, commitment_with_leads, 9),
    (Milestone, milestone_with_agencies, 7),
    (Recommendation, recommendation_on_commitments, 7),
    (Meeting, factories.ParticipationFactory, 6),
    (Theme, factories.ThemeFactory, 6),
    (PlanStatement, factories.PlanStatementFactory, 6),
    (Organisation, factories.OrganisationAliasFactory, 6),
    (FocalPoint, lambda: factories.FocalPointFactory(organisation=factories.OrganisationFactory()), 6),
    (PolicyArea, factories.PolicyAreaFactory, 5),
    (SourceDocument, factories.SourceDocumentFactory, 5),
    (User, factories.RepresentativeFactory, 10),
    (Invitation, factories.InvitationFactory, 5),
    (Membership, factories.MembershipFactory, 5),
    (Report, factories.ReportFactory, 6),
    (Comment, factories.CommentFactory, 6),
]


def queries(client, there):
    with CaptureQueriesContext(connection) as asked:
        assert client.get(there).status_code == 200
    return len(asked)


@pytest.mark.parametrize(("model", "make", "expected"), LISTS, ids=[row[0].__name__ for row in LISTS])
def test_a_list_asks_as_much_for_three_rows_as_for_one(client, publisher, model, make, expected):
    client.force_login(publisher)
    client.get(address(model))  # content types and the like are asked once a process
    make()
    one = queries(client, address(model))
    make()
    make()
    assert (one, queries(client, address(model))) == (expected, expected)


def organisation(rows):
    organisation = factories.OrganisationFactory()
    source = factories.SourceDocumentFactory()
    for _ in range(rows):
        factories.OrganisationAliasFactory(organisation=organisation, source=source)
    return organisation


def commitment(rows):
    commitment = factories.CommitmentFactory()
    for _ in range(rows):
        factories.InvolvementFactory(commitment=commitment)
        milestone = factories.MilestoneFactory(commitment=commitment)
        milestone.agencies.add(factories.OrganisationFactory())
        factories.FocalPointFactory(commitment=commitment, organisation=factories.OrganisationFactory())
    return commitment


def meeting(rows):
    meeting = factories.MeetingFactory()
    for _ in range(rows):
        factories.ParticipationFactory(meeting=meeting)
    return meeting


def self_assessment(rows):
    assessment = factories.SelfAssessmentFactory()
    for _ in range(rows):
        factories.EvidenceFactory(self_assessment=assessment)
    return assessment


def counter_assessment(rows):
    answer = factories.PublishedCounterAssessmentFactory()
    for _ in range(rows):
        factories.EvidenceFactory(self_assessment=None, counter_assessment=answer)
        factories.PublishedResponseFactory(counter_assessment=answer)
    return answer


def report(rows):
    report = factories.ReportFactory()
    for _ in range(rows):
        factories.ReportSectionFactory(report=report, source=factories.SourceDocumentFactory())
    return report


@pytest.mark.parametrize("page", ["change", "history"])
@pytest.mark.parametrize("make", [organisation, commitment, meeting, self_assessment, counter_assessment, report])
def test_a_form_and_a_history_ask_as_much_for_three_rows_under_the_record_as_for_one(client, publisher, make, page):
    client.force_login(publisher)
    one, three = make(1), make(3)
    client.get(address(type(one), page, one))
    assert queries(client, address(type(one), page, one)) == queries(client, address(type(three), page, three))


def found(client, model, **asked):
    page = client.get(address(model), asked)
    assert page.status_code == 200
    return [str(row) for row in page.context["cl"].result_list]


@pytest.mark.parametrize("words", ["ӨРӨГЛИЙН өдөрлөг", "єрєглийн", "өрөглийн ӨДӨР"])
def test_search_knows_cyrillic_case_and_the_letters_of_old_files(client, editor, words):
    factories.MilestoneFactory(title_en="", title_mn="Өрөглийн өдөрлөг", code="1.1")
    factories.MilestoneFactory(title_mn="Өөр", code="1.2")
    client.force_login(editor)
    client.cookies["django_language"] = "mn"
    assert found(client, Milestone, q=words) == ["1.1 Өрөглийн өдөрлөг"]


def test_search_reads_tables_without_a_folded_column_too(client, editor):
    factories.FocalPointFactory(name="Цэцэг", position="Мэргэжилтэн")
    factories.FocalPointFactory(name="Болд", position="Дарга")
    factories.PlanStatementFactory(code="3.1", text_mn="Ил тод байдал")
    factories.PlanStatementFactory(code="3.2", text_mn="Оролцоо")
    client.force_login(editor)
    assert found(client, FocalPoint, q="ЦЭЦЭГ") == ["Мэргэжилтэн"]
    assert found(client, PlanStatement, q="ИЛ тод") == ["Principle 3.1"]


def test_an_organisation_is_found_by_any_of_its_spellings_once(client, editor):
    ministry = factories.OrganisationFactory(name_en="Ministry of Mining")
    factories.OrganisationAliasFactory(organisation=ministry, name="ММХІ")
    factories.OrganisationAliasFactory(organisation=ministry, name="ММХ яам")
    factories.OrganisationFactory(name_en="Ministry of Health")
    client.force_login(editor)
    assert found(client, Organisation, q="ммх") == ["Ministry of Mining"]
    assert found(client, Organisation, q="ministry mining") == ["Ministry of Mining"]


def test_the_plan_filter_names_the_plan_as_every_address_does(client, editor):
    here = factories.MilestoneFactory(commitment__plan__slug="nap-4", code="1.1")
    factories.MilestoneFactory(code="2.1")
    rating = factories.SelfAssessmentFactory(milestone=here)
    factories.SelfAssessmentFactory()
    comment = factories.CommentFactory(plan=None, milestone=here)
    factories.CommentFactory()
    review = factories.IndependentReviewFactory(commitment=here.commitment)
    factories.IndependentReviewFactory()
    client.force_login(editor)
    for model, row in (
        (Milestone, here),
        (SelfAssessment, rating),
        (Comment, comment),
        (IndependentReview, review),
        (Commitment, here.commitment),
        (ReportingPeriod, rating.period),
        (ActionPlan, here.commitment.plan),
    ):
        if model is not ActionPlan:
            assert found(client, model, plan="nap-4") == [str(row)]
            assert found(client, model, plan="nowhere") == []


def test_the_translators_queue(client, editor):
    factories.MilestoneFactory(code="1.1", title_en="Open it", title_mn="")
    factories.MilestoneFactory(code="1.2", title_en="", title_mn="Нээх")
    factories.MilestoneFactory(code="1.3", title_en="Both", title_mn="Хоёул")
    client.force_login(editor)
    assert found(client, Milestone, missing="mn") == ["1.1 Open it"]
    assert found(client, Milestone, missing="en") == ["1.2 Нээх"]


def test_the_queues_of_self_assessments(client, editor):
    plan = factories.ActionPlanFactory()
    draft = factories.SelfAssessmentFactory(milestone__commitment__plan=plan)
    waiting = factories.SubmittedSelfAssessmentFactory(milestone__commitment__plan=plan, period=draft.period)
    public = factories.PublishedSelfAssessmentFactory()
    client.force_login(editor)
    assert found(client, SelfAssessment, queue="entered") == [str(draft)]
    assert found(client, SelfAssessment, queue="submitted") == [str(waiting)]
    assert found(client, SelfAssessment, queue="in-force") == [str(public)]
    assert found(client, SelfAssessment, queue="superseded") == []
    assert found(client, SelfAssessment, period=f"{plan.slug} 2025-Q1", rating="limited") == [str(draft), str(waiting)]
    assert found(client, SelfAssessment, rating="none") == []


def test_periods_are_filtered_by_the_state_that_is_derived(client, editor):
    for factory in (factories.ReportingPeriodFactory, factories.OpenPeriodFactory, factories.PublishedPeriodFactory):
        factory()
    client.force_login(editor)
    states = {state: len(found(client, ReportingPeriod, state=state)) for state in ReportingPeriod.State.values}
    assert states == {"planned": 1, "entry": 1, "answering": 1, "closed": 0}


def test_a_codes_plan_stands_before_it_where_plans_meet(client, editor):
    factories.MilestoneFactory(commitment__plan__slug="nap-4", code="1.1", title_en="Open it")
    client.force_login(editor)
    asked = {"app_label": "assessments", "model_name": "selfassessment", "field_name": "milestone", "term": "OPEN"}
    offered = client.get("/admin/autocomplete/", asked).json()["results"]
    assert [row["text"] for row in offered] == ["nap-4: 1.1 Open it"]


def test_a_drop_down_asks_as_much_for_three_rows_as_for_one(client, editor):
    client.force_login(editor)
    asked = (
        "/admin/autocomplete/?app_label=assessments&model_name=response&field_name=counter_assessment",
        "/admin/autocomplete/?app_label=assessments&model_name=selfassessment&field_name=milestone",
    )
    factories.PublishedCounterAssessmentFactory()
    one = [queries(client, there) for there in asked]
    factories.PublishedCounterAssessmentFactory()
    factories.PublishedCounterAssessmentFactory()
    assert [queries(client, there) for there in asked] == one


ODD = [
    "?rating=%00",
    "?q=%00",
    "?plan=%00",
    "?%00=1",
    "?o=",
    "?o=%00",
    "?o=abc.-.99999999999999999999",
    "?p=abc",
    "?p=99999999999999999999",
    "?all=",
    "?e=1",
    "?q=" + "x+" * 2000,
    "?q=%F0%9F%98%80%ED%A0%80",
    "?pk__in=abc",
    "?id__exact=99999999999999999999999",
    "?id__exact=abc",
    "?id__regex=(",
    "?code__regex=(",
    "?state__iregex=(",
    "?search_text__regex=(",
    "?plan__title_en__icontains=a",
    "?password__startswith=a",
    "?email__regex=(",
    "?state=nonsense",
    "?rating=nonsense",
    "?missing=nonsense",
    "?kind__exact=nonsense",
    "?active__exact=nonsense",
    "?period=nonsense",
    "?period=+",
    "?queue=nonsense",
    "?lasting=nonsense",
    "?published=nonsense",
    "?policy_areas__id__exact=abc",
    "?policy_areas__id__exact=99999999999999999999",
    "?_to_field=nonsense",
    "?_to_field=%00",
    "?_popup=%00",
    "?_facets=True",
    "?_changelist_filters=%2500",
]


# Between them these have every filter, every kind of search and every kind of column.
@pytest.mark.parametrize(
    "model", [Commitment, CounterAssessment, Organisation, ReportingPeriod, User, Membership, Comment]
)
def test_an_odd_question_is_never_an_error_of_ours(client, superuser, model):
    client.force_login(superuser)
    client.raise_request_exception = False
    statuses = {odd: client.get(address(model) + odd).status_code for odd in ODD}
    assert {odd: status for odd, status in statuses.items() if status not in {200, 302, 400}} == {}
    refused = {odd for odd, status in statuses.items() if status == 400}
    assert refused >= {"?rating=%00", "?q=%00", "?id__regex=(", "?_to_field=nonsense"}


@pytest.mark.parametrize("key", ["abc", "0", "-1", "99999999999999999999999", "1_2F", "%00", "_00", "..", "é"])
@pytest.mark.parametrize("page", ["change", "history", "delete", "password", "publish", "open", "submit"])
def test_an_odd_key_in_the_address_is_never_an_error_of_ours(client, superuser, page, key):
    client.force_login(superuser)
    client.raise_request_exception = False
    for model in (ActionPlan, Milestone, SelfAssessment, ReportingPeriod, User, Report):
        base = address(model)
        assert client.get(f"{base}{key}/{page}/").status_code in {301, 302, 400, 403, 404}
        assert client.post(f"{base}{key}/{page}/", {"post": "yes"}).status_code in {301, 302, 400, 403, 404}


def test_an_odd_address_gets_a_sentence_in_the_readers_language(client, editor):
    client.force_login(editor)
    page = client.get(address(Milestone) + "?q=a%00b")
    assert page.status_code == 400
    assert "The text contains a character that cannot be stored (code U+0000)" in page.content.decode()


@pytest.mark.parametrize("question", ["", "?app_label=x", "?app_label=assessments&model_name=response", "?term=%00"])
def test_an_odd_question_of_a_drop_down(client, editor, question):
    client.force_login(editor)
    assert client.get(f"/admin/autocomplete/{question}").status_code in {400, 403}


@pytest.mark.parametrize("language", ["en", "mn"])
@pytest.mark.parametrize("model", [row[0] for row in LISTS], ids=[row[0].__name__ for row in LISTS])
def test_every_page_speaks_the_language_of_its_reader(client, superuser, model, language):
    make = next(row[1] for row in LISTS if row[0] is model)
    make()
    superuser.language = language
    superuser.save()
    client.force_login(superuser)
    row = model.objects.first()
    pages = [client.get(address(model)), client.get(address(model, "history", row))]
    pages.append(client.get(address(model, "change", row)))
    if model is not CounterAssessment:
        pages.append(client.get(address(model, "add")))
    assert {page.status_code for page in pages} == {200}
    assert [page for page in pages if f'<html lang="{language}"' not in page.content.decode()] == []
