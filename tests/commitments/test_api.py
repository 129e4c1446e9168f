"""How the API is read: pages, orders, languages, refusals; and the resources without ratings."""

from typing import Any

import pytest
from django.test import Client

from commitments.models import Meeting
from ogptracker.api import RESOURCES
from tests import factories

LISTS = [f"/api/v1/{name}/" for name in RESOURCES]


def read(address: str, **headers: str) -> Any:
    """The answer to an anonymous reader; only ``headers`` say more about who asks."""
    return Client().get(address, headers=headers)


def ids(address: str) -> list[str]:
    return [row["id"] for row in read(address).json()["results"]]


# --- addresses --------------------------------------------------------------------------------------------------------


def test_the_root_names_every_resource(db: None) -> None:
    assert read("/api/v1/").json() == {name: f"http://testserver/api/v1/{name}/" for name in RESOURCES}


@pytest.mark.parametrize("address", [*LISTS, "/api/v1/plans/x/", "/api/v1/", "/api/v1/nonsense/", "/api/v1/plans"])
@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_nothing_can_be_written(db: None, address: str, method: str) -> None:
    answer = getattr(Client(enforce_csrf_checks=True), method)(address, {"slug": "x"}, content_type="application/json")
    assert (answer.status_code, answer.json()) == (405, {"detail": "This record can only be read: use GET."})


def test_head_and_options_are_answered(db: None) -> None:
    plan = factories.ActionPlanFactory()
    for address in [*LISTS, f"/api/v1/plans/{plan.slug}/"]:
        assert Client().head(address).status_code == 200
        assert Client().options(address).status_code == 200


@pytest.mark.parametrize(
    "address",
    [
        "/api/v1/plans/nap-9/",
        "/api/v1/plans/1%00/",
        "/api/v1/plans/%0A/",
        "/api/v1/nonsense/",
        "/api/nonsense/",
        "/api/",
        "/api/v1/milestones/nap-4/1%001/",
        "/api/v1/milestones/nap-4/%ED%A0%80/",
        "/api/v1/periods/nap-4/..%2F/",
        "/api/v1/self-assessments/nap-4/milestone/1.1/2023-final/99999999999999999999/",
        "/api/v1/self-assessments/nap-4/plan/1.1/2023-final/1/",
        "/api/v1/counter-assessments/nap-4/milestone/1.1/2023-final/unnamed.x/1/",
        "/api/v1/counter-assessments/nap-4/milestone/1.1/2023-final/unnamed.99999999999/1/",
        "/api/v1/reports/nap-4/99999999999999999999/",
        "/api/v1/organisations/" + "a" * 5000 + "/",
    ],
)
def test_an_address_that_names_nothing_gets_a_sentence(db: None, address: str) -> None:
    answer = read(address)
    assert (answer.status_code, answer.json()) == (404, {"detail": "There is nothing published at this address."})


def test_a_forgotten_last_slash_is_forgiven(db: None) -> None:
    answer = read("/api/v1/plans?q=open")
    assert (answer.status_code, answer.headers["Location"]) == (301, "/api/v1/plans/?q=open")


# --- what may be asked ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", LISTS)
def test_a_parameter_that_does_not_exist_is_refused_and_those_that_do_are_named(db: None, address: str) -> None:
    answer = read(f"{address}?focal_point=x")
    assert answer.status_code == 400
    [sentence] = answer.json()["focal_point"]
    assert sentence.startswith("There is no such parameter here. These exist: ")
    assert {"language", "ordering", "page", "page_size"} <= set(sentence.rstrip(".").split(": ")[1].split(", "))


@pytest.mark.parametrize(
    ("query", "refusal"),
    [
        ("language=fr", {"language": ["Choose one of these: en, mn."]}),
        ("page=0", {"page": ["A page is a whole number, from 1."]}),
        ("page=last", {"page": ["A page is a whole number, from 1."]}),
        ("page=%00", {"page": ["A page is a whole number, from 1."]}),
        ("page=" + "9" * 5000, {"page": ["A page is a whole number, from 1."]}),
        ("page=١", {"page": ["A page is a whole number, from 1."]}),
        ("page_size=0", {"page_size": ["Ask for 1 to 200 rows."]}),
        ("page_size=201", {"page_size": ["Ask for 1 to 200 rows."]}),
        ("page_size=-1", {"page_size": ["Ask for 1 to 200 rows."]}),
        ("page=1&page=2", {"page": ["Give this once."]}),
        ("kind=secret", {"kind": ["Choose one of these: government, parliament, ngo, academia, private, "
                                  "international, media, other."]}),
        ("active=maybe", {"active": ["Choose one of these: true, false."]}),
        ("ordering=search_text", {"ordering": ["Choose one of these: slug, -slug, name_en, -name_en, name_mn, "
                                               "-name_mn, kind, -kind."]}),
        ("ordering=slug,kind", {"ordering": ["Choose one of these: slug, -slug, name_en, -name_en, name_mn, "
                                             "-name_mn, kind, -kind."]}),
        ("q=" + "a" * 201, {"q": ["Ensure this value has at most 200 characters (it has 201)."]}),
        ("&".join(f"a{number}=1" for number in range(2001)), {"detail": ["The address has too many parameters."]}),
    ],
)  # fmt: skip
def test_a_value_that_means_nothing_is_refused_with_a_sentence(db: None, query: str, refusal: dict[str, Any]) -> None:
    answer = read(f"/api/v1/organisations/?{query}")
    assert (answer.status_code, answer.json()) == (400, refusal)


@pytest.mark.parametrize("query", ["q=%00", "q=%1B", "q=%EF%BF%BF", "kind=%00", "active=%00"])
def test_characters_that_no_text_has_are_refused(db: None, query: str) -> None:
    answer = read(f"/api/v1/organisations/?{query}")
    assert (answer.status_code, list(answer.json())) == (400, [query.split("=")[0]])


def test_a_detail_takes_the_language_only(db: None) -> None:
    plan = factories.ActionPlanFactory()
    answer = read(f"/api/v1/plans/{plan.slug}/?page=1")
    refusal = {"page": ["There is no such parameter here. These exist: language."]}
    assert (answer.status_code, answer.json()) == (400, refusal)


def test_a_page_behind_the_last_is_not_found(db: None) -> None:
    answer = read("/api/v1/organisations/?page=2")
    assert (answer.status_code, answer.json()) == (404, {"detail": "There is no such page."})


def test_what_is_not_json_is_not_acceptable(db: None) -> None:
    answer = read("/api/v1/plans/", accept="text/html")
    assert (answer.status_code, answer.json()) == (406, {"detail": "Answers come as JSON only."})


def test_pages_hold_fifty_rows_or_as_many_as_asked(db: None) -> None:
    factories.OrganisationFactory.create_batch(51)
    first = read("/api/v1/organisations/").json()
    assert (first["count"], len(first["results"]), first["previous"]) == (51, 50, None)
    second = read(first["next"]).json()
    assert (len(second["results"]), second["next"]) == (1, None)
    assert len(read("/api/v1/organisations/?page_size=51").json()["results"]) == 51


def test_orders_are_total_and_rows_without_a_value_come_last(db: None) -> None:
    plan = factories.ActionPlanFactory(slug="p")
    for code, held_on in [("a", None), ("b", "2023-12-08"), ("c", "2023-11-08"), ("d", "2023-12-08")]:
        factories.MeetingFactory(plan=plan, code=code, held_on=held_on)
    assert ids("/api/v1/meetings/?ordering=held_on") == ["p/c", "p/b", "p/d", "p/a"]
    assert ids("/api/v1/meetings/?ordering=-held_on") == ["p/b", "p/d", "p/c", "p/a"]
    assert ids("/api/v1/meetings/") == ["p/a", "p/b", "p/c", "p/d"]


# --- languages and caches ---------------------------------------------------------------------------------------------


def test_titles_come_in_the_asked_language_then_the_accepted_then_english(db: None) -> None:
    factories.ActionPlanFactory(slug="both", title_en="Plan", title_mn="Төлөвлөгөө")

    def title(query: str = "", **headers: str) -> tuple[str, str]:
        plan = read(f"/api/v1/plans/both/{query}", **headers).json()
        return plan["title"], plan["title_language"]

    english, mongolian = ("Plan", "en"), ("Төлөвлөгөө", "mn")
    assert title() == english
    assert title(**{"accept-language": "mn-MN,en;q=0.5"}) == mongolian
    assert title(**{"accept-language": "fr, de"}) == english
    assert title(**{"accept-language": "mn;q=0"}) == english
    assert title(**{"accept-language": "%00;;q=x"}) == english
    assert title("?language=mn", **{"accept-language": "en"}) == mongolian
    assert title("?language=en", **{"accept-language": "mn"}) == english


def test_an_untranslated_title_says_which_language_it_is_in(db: None) -> None:
    factories.ActionPlanFactory(slug="one", title_en="", title_mn="Төлөвлөгөө")
    plan = read("/api/v1/plans/one/?language=en").json()
    assert [plan[field] for field in ("title", "title_language", "title_en", "title_mn")] == [
        "Төлөвлөгөө",
        "mn",
        "",
        "Төлөвлөгөө",
    ]


def test_a_language_cookie_has_no_say_so_that_caches_stay_right(db: None) -> None:
    factories.ActionPlanFactory(slug="both", title_en="Plan", title_mn="Төлөвлөгөө")
    reader = Client()
    reader.cookies["django_language"] = "mn"
    assert reader.get("/api/v1/plans/both/").json()["title_language"] == "en"


def test_answers_may_be_cached_by_everybody_and_depend_on_the_language_only(db: None) -> None:
    factories.ActionPlanFactory(slug="p")
    for address in [*LISTS, "/api/v1/plans/p/"]:
        answer = read(address)
        assert answer.headers["Cache-Control"] == "public, max-age=0, must-revalidate"
        assert answer.headers["Vary"] == "Accept-Language, Accept-Encoding"
        assert dict(answer.cookies) == {}
    assert read("/api/v1/plans/nap-9/").headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize("role", ["editor", "publisher", "msf_member", "superuser", "representative"])
def test_whoever_is_signed_in_reads_what_everybody_reads(db: None, role: str, request: pytest.FixtureRequest) -> None:
    factories.DraftPlanFactory(slug="secret-plan")
    factories.ActionPlanFactory(slug="public-plan")
    client = Client()
    client.force_login(request.getfixturevalue(role))
    answer = client.get("/api/v1/plans/")
    assert [plan["id"] for plan in answer.json()["results"]] == ["public-plan"]
    assert answer.headers["Vary"] == "Accept-Language, Accept-Encoding"
    assert client.get("/api/v1/plans/secret-plan/").status_code == 404


# --- what has no ratings ----------------------------------------------------------------------------------------------


def test_an_organisation(db: None) -> None:
    organisation = factories.NgoFactory(
        slug="globe", name_en="Globe International", name_mn="Глоб", short_name="GI", website="https://example.org/"
    )
    factories.OrganisationAliasFactory(organisation=organisation, name="Globe Intl.")
    assert read("/api/v1/organisations/globe/?language=mn").json() == {
        "id": "globe",
        "url": "http://testserver/api/v1/organisations/globe/",
        "slug": "globe",
        "name": "Глоб",
        "name_language": "mn",
        "name_en": "Globe International",
        "name_mn": "Глоб",
        "short_name": "GI",
        "kind": "ngo",
        "website": "https://example.org/",
        "active": True,
        "is_demonstration": False,
        "other_names": ["Globe Intl."],
        "source": None,
    }


def test_organisations_are_found_by_kind_activity_and_words(db: None) -> None:
    factories.NgoFactory(slug="globe", name_en="Globe International", name_mn="ГЛОБ ОЛОН УЛС")
    factories.OrganisationFactory(slug="old", name_en="Old Ministry", active=False)
    assert ids("/api/v1/organisations/?kind=ngo") == ["globe"]
    assert ids("/api/v1/organisations/?active=false") == ["old"]
    assert ids("/api/v1/organisations/?active=true") == ["globe"]
    assert ids("/api/v1/organisations/?q=глоб+globe") == ["globe"]
    assert ids("/api/v1/organisations/?q=%25") == []


def test_a_meeting(db: None) -> None:
    source = factories.SourceDocumentFactory(slug="news", title_en="The news", address="https://example.org/news")
    plan = factories.ActionPlanFactory(slug="p")
    meeting = factories.MeetingFactory(
        plan=plan, code="wg-1", held_on="2023-11-08", participants_total=52, source=source, source_place="p. 2"
    )
    agency = factories.OrganisationFactory(slug="agency", name_en="Agency")
    factories.ParticipationFactory(meeting=meeting, position=1, organisation=agency, as_printed="The Agency")
    factories.ParticipationFactory(meeting=meeting, position=2, organisation=None, as_printed="Others")
    assert read("/api/v1/meetings/p/wg-1/").json() == {
        "id": "p/wg-1",
        "url": "http://testserver/api/v1/meetings/p/wg-1/",
        "plan": "p",
        "code": "wg-1",
        "kind": "working_group",
        "title": "A meeting",
        "title_language": "en",
        "title_en": "A meeting",
        "title_mn": "",
        "held_on": "2023-11-08",
        "date_text": "",
        "occasions": 1,
        "participants_government": None,
        "participants_other": None,
        "participants_total": 52,
        "record_en": "",
        "record_mn": "",
        "decision_en": "",
        "decision_mn": "",
        "participations": [
            {
                "listed_as": "government",
                "position": 1,
                "organisation": {
                    "slug": "agency",
                    "name": "Agency",
                    "name_language": "en",
                    "name_en": "Agency",
                    "name_mn": "",
                    "short_name": "",
                    "url": "http://testserver/api/v1/organisations/agency/",
                },
                "as_printed": "The Agency",
            },
            {"listed_as": "government", "position": 2, "organisation": None, "as_printed": "Others"},
        ],
        "source": {
            "document": "news",
            "title": "The news",
            "title_language": "en",
            "address": "https://example.org/news",
            "place": "p. 2",
        },
    }


def test_meetings_are_found_by_plan_kind_and_organisation(db: None) -> None:
    plan, other = factories.ActionPlanFactory(slug="p"), factories.ActionPlanFactory(slug="other")
    workshop = factories.MeetingFactory(plan=plan, code="w", kind=Meeting.Kind.WORKSHOP)
    factories.MeetingFactory(plan=plan, code="m")
    factories.MeetingFactory(plan=other, code="m")
    agency = factories.OrganisationFactory(slug="agency")
    factories.ParticipationFactory.create_batch(2, meeting=workshop, organisation=agency)
    assert ids("/api/v1/meetings/?plan=p") == ["p/m", "p/w"]
    assert ids("/api/v1/meetings/?kind=workshop") == ["p/w"]
    assert ids("/api/v1/meetings/?organisation=agency") == ["p/w"]


def test_recommendations_are_found_by_commitment_and_reviewer(db: None) -> None:
    plan = factories.ActionPlanFactory(slug="p")
    commitment = factories.CommitmentFactory(plan=plan, code="1")
    recommendation = factories.RecommendationFactory(plan=plan, code="1-1")
    recommendation.commitments.add(commitment)
    factories.RecommendationFactory(plan=plan, code="0-1", reviewer="other")
    assert ids("/api/v1/recommendations/?plan=p&commitment=1") == ["p/1-1"]
    assert ids("/api/v1/recommendations/?reviewer=other") == ["p/0-1"]
    assert read("/api/v1/recommendations/p/1-1/").json()["commitments"] == ["1"]
    refused = read("/api/v1/recommendations/?plan=p&commitment=2")
    assert (refused.status_code, refused.json()) == (400, {"commitment": ["There is nothing with this code."]})


@pytest.mark.parametrize("rows", [1, 3])
def test_lists_take_the_same_queries_whatever_their_length(db: None, rows: int, django_assert_num_queries: Any) -> None:
    source = factories.SourceDocumentFactory()
    for _row in range(rows):
        plan = factories.ActionPlanFactory(source=source)
        meeting = factories.MeetingFactory(plan=plan, source=source)
        factories.ParticipationFactory.create_batch(rows, meeting=meeting)
        factories.RecommendationFactory(plan=plan, source=source).commitments.add(
            factories.CommitmentFactory(plan=plan)
        )
        factories.OrganisationAliasFactory()
    with django_assert_num_queries(4):
        assert len(read("/api/v1/meetings/").json()["results"]) == rows
    with django_assert_num_queries(3):
        assert len(read("/api/v1/recommendations/").json()["results"]) == rows
    with django_assert_num_queries(3):
        assert len(read("/api/v1/organisations/").json()["results"]) == rows + rows * rows
