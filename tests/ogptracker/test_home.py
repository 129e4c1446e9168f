"""The first page, the way to it, and what the site answers where there is nothing to show."""

import re

import pytest
from django.test import Client
from django.utils import timezone

from commitments.models import User
from commitments.revision import read_revision
from tests import factories
from tests.pages import add_commitment, source, spoken, texts


def rated_plan(**plan):
    """A published plan with one rated milestone."""
    rated = factories.PublishedSelfAssessmentFactory(milestone__commitment__plan=factories.ActionPlanFactory(**plan))
    return rated.milestone.commitment.plan


class TestTheWayToTheReadersLanguage:
    @pytest.mark.parametrize(
        ("asked", "address"),
        [
            ("mn", "/mn/"),
            ("en-GB,en;q=0.9,mn;q=0.8", "/en/"),
            ("mn-MN,en;q=0.5", "/mn/"),
            ("de,en;q=0.5", "/en/"),
            ("de,fr;q=0.5", "/mn/"),
            ("*", "/mn/"),
            ("", "/mn/"),
            ("\u0000;;;,,en;q=x" + "a" * 600, "/mn/"),
        ],
    )
    def test_root_leads_to_the_language_that_the_browser_asks_for(self, client: Client, asked, address):
        response = client.get("/", headers={"Accept-Language": asked})
        assert (response.status_code, response["Location"], response["Vary"]) == (302, address, "Accept-Language")

    @pytest.mark.django_db
    @pytest.mark.parametrize(
        ("here", "there"),
        [("/en/", "/mn/"), ("/mn/plans/?x=1", "/en/plans/?x=1"), ("/en/accounts/login/", "/mn/accounts/login/")],
    )
    def test_every_page_leads_to_itself_in_the_other_language(self, client: Client, here, there):
        page = source(client.get(here))
        assert f'href="{there}" lang="{there[1:3]}" hreflang="{there[1:3]}"' in page
        assert f'<html lang="{here[1:3]}">' in page

    @pytest.mark.django_db
    def test_search_engines_are_told_of_both_languages_and_of_no_query(self, client: Client):
        page = source(client.get("/mn/plans/?theme=x"))
        assert '<link rel="canonical" href="http://testserver/mn/plans/">' in page
        assert '<link rel="alternate" hreflang="en" href="http://testserver/en/plans/">' in page


@pytest.mark.django_db
class TestTheRealPlans:
    def test_the_current_plan_says_what_is_awaited_and_the_latest_rated_one_what_was_found(
        self, loaded_plans, client: Client
    ):
        response = client.get("/en/")
        assert texts(response, "h1")[0].startswith("No rating has been published yet")
        assert texts(response, ".finding-head") == [
            "The government rates 38 of 53 milestones completed or substantial. "
            "NGOs rated 11 of the 53, and differ on 10."
        ]
        assert len(re.findall(r"\b\d Adv|\b[2-9] [A-Z]", texts(response, ".titles")[0])) == 9
        assert len(spoken(response)) == 53

    def test_the_widest_gap_and_the_printed_figures_that_differ_stand_below(self, loaded_plans, client: Client):
        response = client.get("/en/")
        assert "Widest gap: 6.5, lower by 2" in texts(response, "h2")
        assert texts(response, "tr")[1:] == [
            "Milestones fully completed 39 38",
            "Milestones fully completed (per cent) 74% 73%",
            "Milestones in progress or close to being completed (per cent) 26% 27%",
        ]

    def test_every_plan_is_one_click_away(self, loaded_plans, client: Client):
        page = client.get("/mn/").content.decode()
        assert [f'href="/mn/plans/nap-{n}/"' in page for n in range(1, 7)] == [True] * 5 + [False]


@pytest.mark.django_db
class TestHome:
    def test_says_so_when_nothing_is_published(self, client: Client):
        factories.DraftPlanFactory(title_en="Not yet public")
        response = client.get("/en/")
        assert texts(response, "h1") == ["No plan is published here yet."]
        assert "Not yet public" not in response.content.decode()

    def test_a_current_plan_with_ratings_is_shown_once_and_in_full(self, client: Client):
        plan = rated_plan(title_en="The plan now", number=7)
        response = client.get("/en/")
        assert texts(response, "h1") == [
            "The government rates 0 of 1 milestone completed or substantial. No NGO has rated any of them."
        ]
        assert texts(response, ".kicker") == [plan.title_en]
        assert len(spoken(response)) == 1

    def test_demonstrations_and_drafts_never_stand_here_not_even_for_staff(self, client: Client, publisher: User):
        rated_plan(title_en="Invented", is_demonstration=True)
        rated_plan(title_en="Unpublished", published_at=None, published_by=None)
        client.force_login(publisher)
        assert texts(client.get("/en/"), "h1") == ["No plan is published here yet."]

    def test_asks_as_many_questions_for_three_rows_as_for_one(self, client: Client, django_assert_num_queries):
        plan = factories.ActionPlanFactory()
        add_commitment(plan, milestones=1)
        with django_assert_num_queries(21):
            client.get("/en/")
        add_commitment(plan, milestones=3)
        add_commitment(plan, milestones=3)
        with django_assert_num_queries(21):
            client.get("/en/")

    def test_sets_no_cookie(self, client: Client):
        rated_plan()
        for address in ("/en/", "/mn/", "/en/plans/"):
            assert client.get(address).cookies == {}

    def test_names_its_moment_its_zone_the_period_whose_ratings_it_shows_and_the_revision(self, client: Client):
        rated_plan(number=7)
        [line] = texts(client.get("/en/"), ".asof")
        today = timezone.localtime()
        assert f"{today.day} {today:%b %Y}, " in line
        assert line.endswith(f"Ulaanbaatar time Ratings of NAP VII: Quarter 1 of 2025 Revision {read_revision()}")


@pytest.mark.django_db
class TestWhereThereIsNothing:
    @pytest.mark.parametrize(("address", "language"), [("/en/nothing/", "en"), ("/mn/nothing/", "mn")])
    def test_an_unknown_address_gets_a_page_in_its_language(self, client: Client, address, language):
        response = client.get(address)
        page = response.content.decode()
        assert response.status_code == 404
        assert f'<html lang="{language}">' in page
        assert f'href="/{language}/plans/"' in page
        assert "canonical" not in page

    def test_a_failure_gets_a_page_in_its_language_without_the_database(
        self, monkeypatch, settings, django_assert_num_queries
    ):
        def fail(*args, **options):
            raise RuntimeError("secret cause")

        monkeypatch.setattr("ogptracker.pages.timezone.now", fail)
        client = Client(raise_request_exception=False)
        with django_assert_num_queries(0):
            response = client.get("/mn/")
        page = response.content.decode()
        assert response.status_code == 500
        assert '<html lang="mn">' in page
        assert texts(response, ".kicker") == ["500"]
        assert "secret cause" not in page

    def test_a_form_from_elsewhere_gets_a_page_that_says_what_to_do(self):
        response = Client(enforce_csrf_checks=True).post("/en/accounts/login/", {})
        assert response.status_code == 403
        assert texts(response, "h1") == ["The form was not accepted."]

    def test_the_watching_machine_gets_one_word(self, client: Client):
        response = client.get("/healthz")
        assert (response.status_code, response.content) == (200, b"ok\n")


@pytest.mark.django_db
class TestSigningIn:
    @pytest.mark.parametrize("language", ["en", "mn"])
    def test_the_form_stands_in_the_sites_frame_and_offers_no_account(self, client: Client, language):
        page = source(client.get(f"/{language}/accounts/login/"))
        assert '<main id="main" class="page narrow">' in page
        assert page.count('class="field"') == 2
        assert f'href="/{language}/plans/"' in page
        assert "signup" not in page

    def test_a_wrong_password_is_answered_above_the_fields_and_the_address_is_kept(self, client: Client):
        response = client.post("/en/accounts/login/", {"login": "somebody@example.org", "password": "wrong-password"})
        assert len(texts(response, ".error-summary")) == 1
        assert 'value="somebody@example.org"' in response.content.decode()

    def test_the_frame_knows_who_is_signed_in(self, client: Client, editor: User, msf_member: User):
        client.force_login(msf_member)
        page = client.get("/en/").content.decode()
        assert 'href="/en/accounts/logout/"' in page
        assert 'href="/admin/"' not in page
        client.force_login(editor)
        assert 'href="/admin/"' in client.get("/en/").content.decode()
