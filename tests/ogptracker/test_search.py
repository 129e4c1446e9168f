"""The page of search: what is found, in which order, where it stands; and that nothing unpublished can be found."""

import re
from urllib.parse import quote

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from assessments import lifecycle
from commitments.models import Commitment, Milestone
from reports.release import correct
from tests import factories
from tests.pages import get, source, texts
from tests.releases import draft, quick_engine, released

pytestmark = pytest.mark.django_db

__all__ = ["quick_engine"]


def ask(client, words, language="en", **more):
    query = "".join(f"&{name}={value}" for name, value in more.items())
    return get(client, f"/{language}/search/?q={quote(words)}{query}")


def results(page):
    """What is listed: each kind with its results as they read."""
    return {
        texts(_Part(section), "h2")[0]: texts(_Part(section), ".result__title")
        for section in page.content.decode().split("<section")[1:]
    }


class _Part:
    def __init__(self, html):
        self.content = html.encode()


@pytest.fixture
def record(db):
    """One row of every kind that says “lantern”, in the plan NAP IX."""
    plan = factories.ActionPlanFactory(slug="nap-9", number=9, title_en="Lantern plan", title_mn="Дэнлүү төлөвлөгөө")
    commitment = factories.CommitmentFactory(
        plan=plan, code="6", title_en="Lantern law", title_mn="Дэнлүүний хууль", ogp_identifier="MN0049"
    )
    milestone = factories.MilestoneFactory(commitment=commitment, code="6.5", title_en="Light lanterns", title_mn="")
    rated = factories.PublishedSelfAssessmentFactory(milestone=milestone, evidence_en="A lantern was lit in May.")
    factories.PublishedCounterAssessmentFactory(
        milestone=milestone,
        organisation=factories.NgoFactory(name_en="Lantern Watch"),
        justification="No lantern was seen.",
    )
    factories.RecommendationFactory(plan=plan, code="1", text_en="Buy a lantern.")
    assert rated.is_latest
    return plan


def test_every_kind_is_found_in_both_languages_with_the_words_marked_and_where_it_stands(client, record):
    page = ask(client, "LANTERNS")
    assert texts(page, "h1") == ["7 results for these words: LANTERNS"]
    assert results(page) == {
        "Plans": ["Lantern plan"],
        "Commitments": ["6Lantern law"],
        "Milestones": ["6.5Light lanterns"],
        "What the government says of its ratings": ["6.5Light lanterns"],
        "What NGOs answer": ["6.5Light lanterns"],
        "Recommendations of the reviewer": ["1Buy a lantern."],
        "Organisations": ["Lantern Watch"],
    }
    assert texts(page, "mark") == [
        *("Lantern", "Lantern", "lanterns", "lanterns", "lantern", "lanterns", "lantern", "lantern", "Lantern")
    ]
    assert texts(page, ".where") == [
        "NAP IX, 2024–2027",
        "NAP IX",
        "NAP IX, commitment 6",
        "NAP IX, Government, Quarter 1 of 2025",
        "NAP IX, Lantern Watch, Quarter 1 of 2025",
        "NAP IX, Independent Reporting Mechanism (IRM)",
        "Non-governmental organisation",
    ]


def test_a_reader_finds_by_words_of_the_other_language_and_sees_where_they_stand(client, record):
    page = ask(client, "lantern", "mn")
    assert '<span lang="en">Light <mark>lanterns</mark></span>' in source(page)
    assert texts(page, ".result__title")[1] == "6Дэнлүүний хууль"
    assert '<span lang="en"><mark>Lantern</mark> law</span>' in source(page)
    assert "<mark>Дэнлүүний</mark>" in source(ask(client, "дэнлүү хууль", "en"))


@pytest.mark.parametrize("words", ["6.5", "nap-9/6.5", "NAP-9 6.5"])
def test_a_milestone_is_found_by_its_code_first_and_once(client, record, words):
    factories.MilestoneFactory(title_en="It says 6.5 too, and nap 9")
    page = ask(client, words)
    assert next(iter(results(page).items())) == ("By this code", ["6.5Light lanterns"])
    assert texts(page, ".result__title").count("6.5Light lanterns") == 1


@pytest.mark.parametrize("words", ["MN0049", "mn0049", "МN0049"])
def test_a_commitment_is_found_by_its_identifier(client, record, words):
    assert results(ask(client, words)) == {"By this code": ["6Lantern law"]}


def test_a_word_in_the_title_comes_before_one_in_the_text_and_the_newest_plan_first(client):
    old = factories.ActionPlanFactory(starts_on="2019-01-01", ends_on="2020-12-31")
    new = factories.ActionPlanFactory(starts_on="2024-01-01", ends_on="2027-12-31")
    factories.CommitmentFactory(plan=old, code="1", title_en="Pine")
    factories.CommitmentFactory(plan=new, code="2", title_en="Tree", description_en="A pine.")
    factories.CommitmentFactory(plan=new, code="3", title_en="Pine forest")
    assert results(ask(client, "pine"))["Commitments"] == ["3Pine forest", "1Pine", "2Tree"]


def test_all_words_must_be_there_and_a_text_is_cut_around_the_first(client):
    words = "begin " * 40
    factories.CommitmentFactory(code="1", title_en="Tree", description_en=f"{words}needle {'end ' * 90}")
    page = ask(client, "tree needle")
    (excerpt,) = re.findall(r"<p>(… .*?)</p>", page.content.decode())
    assert (excerpt[:7], excerpt[-5:], "<mark>needle</mark>" in excerpt) == ("… begin", "end …", True)
    assert texts(ask(client, "tree thread"), "h1") == ["Nothing here has all of these words: tree thread"]


def test_five_of_a_kind_stand_at_a_glance_and_all_of_them_on_pages_of_their_own(client):
    commitment = factories.CommitmentFactory()
    for number in range(1, 24):
        factories.MilestoneFactory(commitment=commitment, code=f"1.{number}", title_en="Pine")
    page = ask(client, "pine")
    assert len(texts(page, ".result")) == 5
    assert "/en/search/?q=pine&amp;kind=milestones" in source(page)
    first, second = (ask(client, "pine", kind="milestones", page=number) for number in (1, 2))
    assert [len(texts(one, ".result")) for one in (first, second)] == [20, 3]
    assert texts(second, ".result__title") == ["1.21Pine", "1.22Pine", "1.23Pine"]
    assert "q=pine&amp;kind=milestones&amp;page=1" in source(second)
    for odd in ("x", "-1", "99999999999999999999", "%00"):
        assert texts(ask(client, "pine", kind="milestones", page=odd), ".result")
    assert results(ask(client, "pine", kind="nothing")) == results(page)


def test_without_words_the_page_says_what_is_searched(client):
    page = get(client, "/en/search/")
    assert texts(page, "h1") == ["Search the record"]
    assert '<meta name="robots" content="noindex">' in source(page)
    assert "canonical" not in source(page)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("q=%00", "The text contains a character that cannot be stored (code U+0000). Remove it and try again."),
        ("q=" + "a" * 201, "Ensure this value has at most 200 characters (it has 201)."),
        ("q=%25_%27%22", "There is no word or number in this. Type a word to search for."),
        ("q=[(*+?|&!:", "There is no word or number in this. Type a word to search for."),
    ],
)
def test_what_cannot_be_searched_for_gets_a_sentence(client, query, said):
    assert texts(get(client, f"/en/search/?{query}"), ".error") == [said]


@pytest.mark.parametrize("words", ["a'b", 'a"b', "a\\b", "a:*b", "x' OR '1'='1", "a & b | !c", "Ø ß ﬁ", "🙂 a"])
def test_odd_characters_are_looked_for_and_shown_as_they_are(client, words):
    page = ask(client, words)
    assert texts(page, "h1") == [f"Nothing here has all of these words: {words}"]


def test_markup_of_the_record_and_of_the_question_is_text(client):
    factories.MilestoneFactory(code="1.1", title_en="<script>pine</script>")
    page = source(ask(client, "<b>pine</b> script"))
    assert "&lt;<mark>script</mark>&gt;<mark>pine</mark>&lt;/<mark>script</mark>&gt;" not in page  # b is missing there
    page = source(ask(client, "<i>pine"))
    assert "<i>pine" not in page
    assert "&lt;script&gt;<mark>pine</mark>" in source(ask(client, "pine"))


def test_every_page_has_the_field_and_the_page_of_search_has_one(client):
    home = source(get(client, "/en/"))
    assert home.count('role="search"') == 1
    assert 'action="/en/search/"' in home
    assert source(get(client, "/en/search/?q=x")).count('role="search"') == 1


def secrets():
    """Rows that say “secret” and that nobody but some may read."""
    draft = factories.DraftPlanFactory(slug="secret-plan", title_en="Secret plan")
    hidden = factories.CommitmentFactory(plan=draft, code="77", title_en="Secret promise")
    factories.MilestoneFactory(commitment=hidden, code="77.1", title_en="Secret step")
    factories.RecommendationFactory(plan=draft, text_en="Secret advice")
    agency = factories.OrganisationFactory(name_en="Secret agency")
    factories.InvolvementFactory(commitment=hidden, organisation=agency)
    shown = factories.CommitmentFactory(code="5", title_en="Shown")
    factories.FocalPointFactory(commitment=shown, name="Secret Person", position="Secret post")
    factories.SelfAssessmentFactory(evidence_en="Secret evidence")
    factories.SubmittedSelfAssessmentFactory(evidence_en="Secret evidence")
    for state in ("draft", "submitted", "returned", "withheld", "withdrawn"):
        factories.CounterAssessmentFactory(
            state=state, justification="Secret words", organisation=factories.NgoFactory(name_en=f"Secret {state}")
        )
    invented = factories.ActionPlanFactory(title_en="Secret demonstration", is_demonstration=True, number=None)
    factories.MilestoneFactory(
        commitment=factories.CommitmentFactory(plan=invented, title_en="Secret"), title_en="Secret"
    )


def test_what_is_not_public_is_not_found_by_anybody_else(client, representative, msf_member):
    secrets()
    assert texts(ask(client, "secret"), "h1") == ["Nothing here has all of these words: secret"]
    assert texts(ask(client, "77.1"), "h1") == ["Nothing here has all of these words: 77.1"]
    client.force_login(representative)
    assert texts(ask(client, "secret"), "h1") == ["Nothing here has all of these words: secret"]
    client.force_login(msf_member)
    assert set(results(ask(client, "secret"))) == {
        "Plans",
        "Commitments",
        "Milestones",
        "Recommendations of the reviewer",
        "Organisations",
    }


def test_a_released_report_is_found_by_its_name_and_its_narrative(client, quick_engine):
    report = draft(period_code="2025-H1")
    factories.ReportSectionFactory(report=report, title_en="", body_en="# Lanterns\n\n- One *lantern* was lit.")
    kind, name = "Reports to the forum", "Biannual report, First half of 2025"
    assert kind not in results(ask(client, "lantern"))
    client.force_login(factories.MsfMemberFactory())
    assert kind not in results(ask(client, "lantern"))
    released(report)
    client.logout()
    page = ask(client, "lantern")
    assert results(page) == {kind: [name]}
    assert texts(page, ".where") == [f"{report.plan.short_name}, report No. 1"]
    assert texts(page, "mark") == ["Lanterns", "lantern"]
    assert f'href="/en/reports/{report.plan.slug}/1/"' in source(page)
    assert results(ask(client, "first half 2025")) == {kind: [name]}
    assert results(ask(client, "хагас жилийн тайлан", "mn")) == {
        "Форумд өгсөн тайлан": ["Хагас жилийн тайлан, 2025 оны эхний хагас жил"]
    }


def test_of_a_report_that_was_corrected_the_later_one_is_found_and_its_draft_is_not(client, quick_engine):
    first = released(draft(period_code="2025-H1"))
    second = correct(first, by=factories.PublisherFactory(), reason="A rating was read wrongly.")
    factories.ReportSectionFactory(report=second, body_en="A lantern.")
    assert results(ask(client, "lantern")) == {}
    released(second)
    assert texts(ask(client, "first half 2025"), ".where") == [f"{first.plan.short_name}, report No. 2"]
    assert len(results(ask(client, "lantern"))) == 1


def test_an_authors_own_draft_is_no_result(client, representative):
    own = representative.memberships.get().organisation
    factories.CounterAssessmentFactory(organisation=own, justification="Secret words")
    client.force_login(representative)
    assert texts(ask(client, "secret"), "h1") == ["Nothing here has all of these words: secret"]


def test_withheld_words_are_no_longer_found(client):
    rated = factories.PublishedSelfAssessmentFactory()
    answer = factories.PublishedCounterAssessmentFactory(milestone=rated.milestone, justification="Secret words")
    assert texts(ask(client, "secret"), ".result")
    lifecycle.withhold_counter_assessment(answer, by=factories.PublisherFactory(), reason="personal_data")
    assert not texts(ask(client, "secret"), ".result")


def test_what_was_corrected_is_found_as_it_is_now(client):
    rated = factories.PublishedSelfAssessmentFactory(evidence_en="Pine")
    factories.PublishedSelfAssessmentFactory(
        milestone=rated.milestone,
        period=factories.PublishedPeriodFactory(
            plan=rated.plan, code="2025-Q2", starts_on="2025-04-01", ends_on="2025-06-30"
        ),
        evidence_en="Birch",
    )
    assert not texts(ask(client, "pine"), ".result")
    assert len(texts(ask(client, "birch"), ".result")) == 1


def test_queries_do_not_grow_with_what_is_found(client, record):
    with CaptureQueriesContext(
        connection,
    ) as one:
        ask(client, "lantern")
    for number in (1, 2):
        commitment = factories.CommitmentFactory(plan=record, code=f"2{number}", title_en="Lantern")
        milestone = factories.MilestoneFactory(commitment=commitment, title_en="Lantern")
        factories.PublishedSelfAssessmentFactory(milestone=milestone, evidence_en="Lantern")
        ngo = factories.NgoFactory(name_en=f"Lantern {number}")
        factories.PublishedCounterAssessmentFactory(milestone=milestone, justification="Lantern", organisation=ngo)
        factories.RecommendationFactory(plan=record, text_en="Lantern", code=f"3{number}")
    with CaptureQueriesContext(connection) as three:
        assert len(texts(ask(client, "lantern"), ".result")) == 19
    assert len(three) == len(one)


@pytest.mark.usefixtures("loaded_plans")
def test_the_real_plans_keep_words_of_every_row_and_are_found_by_them(client):
    assert not Milestone.objects.filter(search_text="").exists()
    assert not Commitment.objects.filter(search_text="").exists()
    first = next(iter(results(ask(client, "nap-4/6.5")).items()))
    assert first == (
        "By this code",
        ["6.5Online systems upgraded to provide feedback to the public on their proposals/suggestions"],
    )
    assert texts(ask(client, '"open society forum ngo"'), ".result__title") == ["Open Society Forum"]
