"""The pages of organisations: the list in the reader's alphabet, an agency's duties, an NGO's answers."""

import datetime

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test.utils import CaptureQueriesContext

from assessments import lifecycle
from assessments.models import CounterAssessment
from commitments.models import Involvement, Organisation
from reports.organisation_pages import shown_organisations
from tests import factories
from tests.pages import add_commitment, get, source, texts

pytestmark = pytest.mark.django_db


def listed(client, query="", language="en"):
    """The rows of the list: name and short name, then leads, takes part, implements, overdue, answers."""
    page = get(client, f"/{language}/organisations/{query}")
    rows = source(page).split("<tbody>")[1:]
    return [
        [texts(_Part(row), "th")[0], *(int(cell.replace("–", "0")) for cell in texts(_Part(row), "td"))]
        for body in rows
        for row in body.split("</tbody>")[0].split("<tr>")[1:]
    ]


class _Part:
    def __init__(self, html):
        self.content = html.encode()


def names(client, query="", language="en"):
    return [row[0] for row in listed(client, query, language)]


def lead(organisation, role=Involvement.Role.LEAD, **commitment):
    made = factories.CommitmentFactory(**commitment)
    factories.InvolvementFactory(commitment=made, organisation=organisation, role=role)
    return made


def queries(client, address):
    with CaptureQueriesContext(connection) as captured:
        get(client, address)
    return len(captured)


# --- the list ---------------------------------------------------------------------------------------------------------


def test_those_with_duties_and_answers_come_first_then_those_named_each_part_in_the_readers_alphabet(client):
    kinds = Organisation.Kind
    for name, kind in (
        ("Үндэсний газар", kinds.GOVERNMENT),
        ("Уул уурхайн яам", kinds.GOVERNMENT),
        ("Өмчийн газар", kinds.PARLIAMENT),
        ("Орон сууцны газар", kinds.GOVERNMENT),
        ("Ёс зүй", kinds.NGO),
        ("Жендэр төв", kinds.NGO),
        ("Евро банк", kinds.INTERNATIONAL),
    ):
        lead(factories.OrganisationFactory(name_en="", name_mn=name, kind=kind), role=Involvement.Role.OTHER)
    commitment = lead(factories.OrganisationFactory(name_en="", name_mn="Ялам"))
    rated = factories.PublishedSelfAssessmentFactory(milestone__commitment=commitment)
    ngo = factories.NgoFactory(name_en="", name_mn="Юрт")
    factories.PublishedCounterAssessmentFactory(milestone=rated.milestone, organisation=ngo)
    assert names(client, language="mn") == [
        *("Ялам", "Юрт"),
        *("Орон сууцны газар", "Өмчийн газар", "Уул уурхайн яам", "Үндэсний газар"),
        *("Ёс зүй", "Жендэр төв"),
        "Евро банк",
    ]


def test_each_stands_with_what_it_leads_implements_is_late_with_and_answered(client):
    agency = factories.OrganisationFactory(name_en="Agency", short_name="AG")
    commitment = lead(agency, code="1")
    lead(agency, role=Involvement.Role.SUPPORTING_GOVERNMENT, plan=commitment.plan, code="2")
    past = datetime.date(2020, 1, 1)
    factories.MilestoneFactory(commitment=commitment, code="1.1", agencies=[agency], ends_on=past)
    factories.MilestoneFactory(commitment=commitment, code="1.2", ends_on=past)  # nobody else: the lead's
    rated = factories.PublishedSelfAssessmentFactory(
        milestone=factories.MilestoneFactory(commitment=commitment, code="1.3"), rating="completed_or_substantial"
    )
    ngo = factories.NgoFactory(name_en="Watch")
    factories.PublishedCounterAssessmentFactory(milestone=rated.milestone, organisation=ngo)
    factories.CounterAssessmentFactory(organisation=ngo, milestone=factories.MilestoneFactory(commitment=commitment))
    assert listed(client) == [["Agency AG", 1, 1, 4, 2, 0], ["Watch", 0, 0, 0, 0, 1]]
    assert texts(get(client, "/en/organisations/"), "h1") == [
        "Of 2 organisations, 1 leads commitments, 1 has something overdue, 1 has answered the government's ratings."
    ]


def test_it_is_narrowed_by_kind_and_letters_as_the_api_is(client):
    for name, kind in (("Open Forum", "ngo"), ("Open Ministry", "government"), ("Closed Forum", "ngo")):
        lead(factories.OrganisationFactory(name_en=name, kind=kind))
    factories.OrganisationAliasFactory(organisation=Organisation.objects.get(name_en="Open Forum"), name="НЭЭЛТТЭЙ")
    assert names(client, "?kind=ngo") == ["Closed Forum", "Open Forum"]
    assert names(client, "?q=OPE") == ["Open Forum", "Open Ministry"]
    assert names(client, "?q=open&kind=ngo") == ["Open Forum"]
    assert names(client, "?q=нээлттэй") == ["Open Forum"]
    assert names(client, "?q=xyz") == []
    page = get(client, "/en/organisations/?kind=ngo&q=open")
    assert "/api/v1/organisations/?kind=ngo&amp;q=open" in source(page)


@pytest.mark.parametrize("query", ["?kind=thing", "?q=%00", "?q=" + "a" * 201, "?kind=%00&q=%01"])
def test_what_means_nothing_is_refused_with_a_sentence(client, query):
    lead(factories.OrganisationFactory())
    page = get(client, f"/en/organisations/{query}")
    assert len(texts(page, ".error")) >= 1
    assert texts(page, "tbody") == []


@pytest.mark.parametrize("query", ["?page=0", "?page=x", "?page=99999999999999999999", "?page=%00", "?kind=&q="])
def test_odd_pages_are_a_page(client, query):
    lead(factories.OrganisationFactory(name_en="One"))
    assert names(client, query) == ["One"]


def test_only_who_stands_in_something_public_is_listed_or_has_a_page(client, editor):
    draft = lead(factories.OrganisationFactory(slug="drafted"), plan=factories.DraftPlanFactory())
    factories.MilestoneFactory(commitment=draft, agencies=[factories.OrganisationFactory(slug="drafted-too")])
    for state in ("draft", "submitted", "returned", "withheld", "withdrawn"):
        factories.CounterAssessmentFactory(state=state, organisation=factories.NgoFactory(slug=state))
    factories.OrganisationFactory(slug="idle")
    factories.ResponseFactory(organisation=factories.OrganisationFactory(slug="drafting"))
    meeting = factories.MeetingFactory()
    factories.ParticipationFactory(meeting=meeting, organisation=factories.OrganisationFactory(slug="present"))
    factories.CommentFactory(organisation=factories.OrganisationFactory(slug="remarking"))
    author = CounterAssessment.objects.get(state="published").organisation
    shown = {"present", "remarking", author.slug}
    slugs = set(Organisation.objects.values_list("slug", flat=True))
    found = {slug for slug in slugs if client.get(f"/en/organisations/{slug}/").status_code == 200}
    assert found == shown
    assert len(names(client)) == len(shown)
    client.force_login(editor)
    assert client.get("/en/organisations/drafted/").status_code == 200


def test_invented_ones_are_apart_and_for_the_support_unit(client, editor, settings):
    settings.DEBUG = False
    plan = factories.ActionPlanFactory(is_demonstration=True, number=None)
    invented = factories.OrganisationFactory(name_en="Invented", is_demonstration=True)
    lead(invented, plan=plan)
    lead(factories.OrganisationFactory(name_en="Real"))
    real_in_practice = factories.OrganisationFactory(name_en="Practising")
    lead(real_in_practice, plan=plan)
    assert names(client) == ["Real"]
    assert "Demonstration: this organisation is invented" in source(get(client, invented.get_absolute_url()))
    assert client.get(real_in_practice.get_absolute_url()).status_code == 404
    client.force_login(editor)
    assert names(client) == ["Real", "Invented"]
    assert texts(get(client, "/en/organisations/"), "h1") == ["Of 1 organisation, 1 leads commitments."]


@pytest.mark.parametrize("language", ["en", "mn"])
def test_the_list_takes_the_same_queries_at_one_three_and_many(client, language):
    plan = factories.ActionPlanFactory()
    address = f"/{language}/organisations/"
    add_commitment(plan, milestones=1)
    once = queries(client, address)
    add_commitment(plan, milestones=3)
    add_commitment(plan, milestones=1)
    assert queries(client, address) == once
    commitment = factories.CommitmentFactory(plan=plan)
    for _n in range(60):
        factories.InvolvementFactory(
            commitment=commitment, role=Involvement.Role.OTHER, organisation=factories.OrganisationFactory()
        )
    assert queries(client, address) == once
    assert len(listed(client, language=language)) == 50
    assert listed(client, "?page=2", language)


# --- an agency --------------------------------------------------------------------------------------------------------


@pytest.fixture
def agency(db):
    """Leads 1, supports 2; implements 1.1 (green), 1.2 (overdue), 2.1 (not due), 2.2 (no date)."""
    agency = factories.OrganisationFactory(slug="agency", name_en="Agency", website="https://agency.example/")
    plan = factories.ActionPlanFactory(number=9)
    first, second = lead(agency, plan=plan, code="1"), lead(agency, "supporting_government", plan=plan, code="2")
    past, future = datetime.date(2020, 1, 1), datetime.date(2999, 1, 1)
    step = {"agencies": [agency]}
    done = factories.MilestoneFactory(commitment=first, code="1.1", title_en="Done", ends_on=past, **step)
    late = factories.MilestoneFactory(commitment=first, code="1.2", title_en="Late", ends_on=past, **step)
    factories.MilestoneFactory(commitment=second, code="2.1", title_en="Ahead", ends_on=future, **step)
    factories.MilestoneFactory(commitment=second, code="2.2", title_en="Undated", **step)
    factories.MilestoneFactory(commitment=second, code="2.3", title_en="Of others", agencies=[factories.NgoFactory()])
    factories.PublishedSelfAssessmentFactory(milestone=done, rating="completed_or_substantial")
    factories.PublishedSelfAssessmentFactory(milestone=late, rating="limited")
    factories.PublishedCounterAssessmentFactory(
        milestone=done, rating="limited", organisation=factories.NgoFactory(slug="watch", name_en="Watch")
    )
    return agency


def test_an_agency_opens_with_its_finding_and_lists_what_is_overdue_and_owed(client, agency):
    page = get(client, "/en/organisations/agency/")
    assert texts(page, "h1") == [
        "The government rates 1 of the 4 milestones it implements completed or substantial. 1 is overdue. "
        "1 response to NGOs is owed."
    ]
    assert texts(page, "h2") == ["Overdue", "1 response owed", "NAP IX"]
    assert [entry.split(" Due")[0] for entry in texts(page, ".entry")] == [
        "1.2 Late NAP IX;",
        f"1.1 Done NAP IX, Quarter 1 of 2025; Watch, {texts(page, '.entry')[1].rsplit(', ')[-1]}",
    ]
    assert 'href="https://agency.example/"' in source(page)
    assert "/api/v1/organisations/agency/" in source(page)


def test_its_milestones_stand_with_every_rater_and_their_due_dates(client, agency):
    page = get(client, "/en/organisations/agency/")
    rows = texts(page, ".differ")
    assert [row.split("Due:")[0].split("Government")[0].strip() for row in rows] == [
        "1.1Done Done; not known whether by the due date",
        "1.2Late Overdue",
        "2.1Ahead Not due yet",
        "2.2Undated No due date in the record",
    ]
    assert "Watch Limited progress ▼ lower by 1" in rows[0]
    assert "1 Completed or substantial progress" in texts(page, ".tally")[0]
    assert texts(page, ".tally")[1] == (
        "1 Done; not known whether by the due date1 Overdue1 Not due yet1 No due date in the record"
    )
    assert [row.rsplit(" ", 1)[-1] for row in texts(page, "tr")[1:]] == ["Lead", "government"]


def test_a_response_is_given_and_no_longer_owed(client, agency):
    answer = CounterAssessment.objects.get(organisation__slug="watch")
    factories.PublishedResponseFactory(counter_assessment=answer, organisation=agency, reason_en="It is done.")
    page = get(client, "/en/organisations/agency/")
    assert texts(page, "h2") == ["Overdue", "NAP IX", "1 response given"]
    assert texts(page, ".entry")[-1].endswith("Rating kept. It is done.")


def test_a_transcribed_answer_owes_nothing_and_a_draft_response_says_nothing(client, agency):
    answer = CounterAssessment.objects.get(organisation__slug="watch")
    factories.ResponseFactory(counter_assessment=answer, organisation=agency, reason_en="Secret.")
    page = get(client, "/en/organisations/agency/")
    assert "Secret" not in source(page)
    assert "1 response owed" in texts(page, "h2")


@pytest.mark.parametrize("language", ["en", "mn"])
def test_an_agencys_page_takes_the_same_queries_however_much_there_is(client, language):
    agency = factories.OrganisationFactory(slug="agency")
    plan = factories.ActionPlanFactory()

    def more():
        commitment = add_commitment(plan, milestones=1)
        factories.InvolvementFactory(commitment=commitment, organisation=agency)
        milestone = commitment.milestones.get()
        milestone.agencies.add(agency)
        answer = milestone.counter_assessments.get()
        factories.PublishedResponseFactory(counter_assessment=answer, organisation=agency)
        other = factories.PublishedCounterAssessmentFactory(milestone=milestone)
        assert other.is_latest
        factories.CommentFactory(plan=None, milestone=milestone, organisation=agency)
        factories.ParticipationFactory(meeting=factories.MeetingFactory(plan=plan), organisation=agency)
        factories.OrganisationAliasFactory(organisation=agency)

    more()
    once = queries(client, f"/{language}/organisations/agency/")
    more()
    more()
    assert queries(client, f"/{language}/organisations/agency/") == once


# --- an NGO -----------------------------------------------------------------------------------------------------------


def test_an_ngo_opens_with_its_answers_and_what_they_led_to(client, publisher):
    ngo = factories.NgoFactory(slug="watch", name_en="Watch")
    factories.OrganisationAliasFactory(organisation=ngo, name="Харах ТББ")
    plan = factories.ActionPlanFactory(number=9)
    step = {"commitment": factories.CommitmentFactory(plan=plan)}
    for code, answer in (("1.1", "not_started_or_delayed"), ("1.2", "limited"), ("1.3", None)):
        milestone = factories.MilestoneFactory(code=code, **step)
        factories.PublishedSelfAssessmentFactory(milestone=milestone, rating="limited")
        given = factories.PublishedCounterAssessmentFactory(
            milestone=milestone,
            organisation=ngo,
            rating=answer,
            no_rating_reason="" if answer else "comment_only",
            recommendation=f"Mend {code}.",
            justification="",
        )
        if code == "1.1":
            factories.PublishedResponseFactory(counter_assessment=given, reason_en="We look into it.")
    page = get(client, "/en/organisations/watch/")
    assert texts(page, "h1") == [
        "It has answered 3 ratings of the government. Of its 2 ratings that can be compared: 1 lower."
    ]
    assert texts(page, ".lede") == ["1 of 3 got a response of an agency. None of them changed a rating."]
    assert texts(page, "h2") == ["3 published answers"]
    assert [row.split("This organisation ")[1].split(" Recommendation:")[0] for row in texts(page, ".differ")] == [
        "Not started or severe delays ▼ lower by 1",
        "Limited progress = agree",
        "Recommendation only",
    ]
    assert "Mend 1.3." in texts(page, ".differ")[2]
    assert "Rating kept. We look into it." in texts(page, ".differ")[0]
    assert "Харах ТББ" in texts(page, ".facts")[0]


def test_what_was_withdrawn_or_withheld_leaves_its_mark_and_no_word(client, publisher):
    rated = factories.PublishedSelfAssessmentFactory()
    answer = factories.PublishedCounterAssessmentFactory(
        milestone=rated.milestone, organisation=factories.NgoFactory(slug="watch"), recommendation="Secret advice."
    )
    assert "Secret advice." in source(get(client, "/en/organisations/watch/"))
    lifecycle.withhold_counter_assessment(answer, by=publisher, reason="personal_data")
    page = get(client, "/en/organisations/watch/")
    assert "Secret" not in source(page)
    assert texts(page, "h2") == ["No longer shown"]
    assert "Reason: It contains personal data." in texts(page, ".entry")[0]


def test_nobody_reads_more_of_an_ngo_than_is_published(client, representative):
    own = representative.memberships.get().organisation
    factories.PublishedCounterAssessmentFactory(organisation=own)
    for state in ("draft", "submitted", "returned"):
        factories.CounterAssessmentFactory(organisation=own, state=state, recommendation="Secret advice.")
    for user in (None, representative):
        if user:
            client.force_login(user)
        page = get(client, own.get_absolute_url())
        assert "Secret" not in source(page)
        assert "1 published answer" in texts(page, "h2")


def test_an_answer_stands_beside_the_rating_of_its_own_period_as_corrected(client):
    ngo = factories.NgoFactory(slug="watch")
    rated = factories.PublishedSelfAssessmentFactory(rating="completed_or_substantial")
    factories.PublishedCounterAssessmentFactory(milestone=rated.milestone, organisation=ngo)
    later = factories.PublishedPeriodFactory(
        plan=rated.plan, code="2025-Q2", starts_on="2025-04-01", ends_on="2025-06-30"
    )
    factories.PublishedSelfAssessmentFactory(milestone=rated.milestone, period=later, rating="not_started_or_delayed")
    assert "▼▼ lower by 2" in texts(get(client, "/en/organisations/watch/"), ".differ")[0]


# --- links ------------------------------------------------------------------------------------------------------------


def test_agencies_and_ngos_lead_to_their_pages_from_where_they_stand(client):
    commitment = add_commitment(factories.ActionPlanFactory(slug="nap-9"), milestones=1)
    agency = commitment.involvements.get().organisation
    ngo = commitment.milestones.get().counter_assessments.get().organisation
    assert f'href="{agency.get_absolute_url()}"' in source(get(client, "/en/plans/nap-9/"))
    assert f'href="{ngo.get_absolute_url()}"' in source(get(client, commitment.get_absolute_url()))


@pytest.mark.usefixtures("loaded_plans")
def test_the_real_organisations(client):
    assert texts(get(client, "/en/organisations/open-society-forum/"), "h1") == [
        "It has answered 12 ratings of the government. Of its 7 ratings that can be compared: 7 lower."
    ]
    for slug in shown_organisations(AnonymousUser()).values_list("slug", flat=True)[::9]:
        assert client.get(f"/mn/organisations/{slug}/").status_code == 200
