"""The first page, the way to it, and what the site answers where there is nothing to show."""

import datetime
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
        assert texts(response, ".differ")[0].startswith("6.5")
        assert "▼▼ lower by 2" in texts(response, ".gap")
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
        with django_assert_num_queries(24):
            client.get("/en/")
        add_commitment(plan, milestones=3)
        add_commitment(plan, milestones=3)
        with django_assert_num_queries(24):
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


@pytest.mark.django_db
class TestWhatHappensInThePlan:
    """The notes beside the rows: what changed, what is late and next, where raters differ most."""

    GREEN, AMBER, RED = "completed_or_substantial", "limited", "not_started_or_delayed"

    @pytest.fixture
    def plan(self):
        today = timezone.localdate()
        return factories.ActionPlanFactory(
            number=7, starts_on=today - datetime.timedelta(days=400), ends_on=today + datetime.timedelta(days=400)
        )

    def quarter(self, plan, number: int, ratings: dict[str, str | None]) -> None:
        """The plan's milestones with their ratings in the first, second … quarter of 2025."""
        period = factories.PublishedPeriodFactory(
            plan=plan,
            code=f"2025-Q{number}",
            starts_on=datetime.date(2025, 3 * number - 2, 1),
            ends_on=datetime.date(2025, 3 * number, 30),
        )
        commitment = plan.commitments.first() or factories.CommitmentFactory(plan=plan, code="1")
        for code, rating in ratings.items():
            milestone = commitment.milestones.filter(code=code).first() or factories.MilestoneFactory(
                commitment=commitment, code=code, title_en=f"Step {code}", starts_on=None, ends_on=None
            )
            if rating:
                factories.PublishedSelfAssessmentFactory(milestone=milestone, period=period, rating=rating)

    def test_says_what_the_newest_period_changed(self, client: Client, plan):
        self.quarter(plan, 1, {"1.1": self.RED, "1.2": self.GREEN, "1.3": None, "1.4": self.AMBER})
        self.quarter(plan, 2, {"1.1": self.GREEN, "1.2": self.AMBER, "1.3": self.RED, "1.4": self.AMBER})
        assert texts(client.get("/en/"), ".changed") == [
            "What changed: Quarter 2 of 2025 Against the period before: Quarter 1 of 2025. Unchanged: 1. "
            "Improved: 1 1.1 Step 1.1 Not started or severe delays →then Completed or substantial progress "
            "Slipped: 1 1.2 Step 1.2 Completed or substantial progress →then Limited progress "
            "Newly rated: 1 1.3 Step 1.3 Not started or severe delays All changes"
        ]

    def test_says_that_nothing_moved(self, client: Client, plan):
        for number in (1, 2):
            self.quarter(plan, number, {"1.1": self.RED})
        assert texts(client.get("/en/"), ".changed")[0].endswith(
            "Unchanged: 1. No rating of the government changed. All changes"
        )

    def test_a_first_period_is_compared_with_none(self, client: Client, plan):
        self.quarter(plan, 1, {"1.1": self.RED})
        assert texts(client.get("/en/"), ".changed") == [
            "What changed: Quarter 1 of 2025 This is the only period of NAP VII with published ratings: "
            "there is none to compare it with. All changes"
        ]

    def test_unpublished_ratings_move_nothing_not_even_for_staff(self, client: Client, plan, publisher: User):
        self.quarter(plan, 1, {"1.1": self.RED})
        self.quarter(plan, 2, {"1.1": self.RED})
        milestone = plan.commitments.get().milestones.get()
        factories.SubmittedSelfAssessmentFactory(
            milestone=milestone,
            period=factories.OpenPeriodFactory(
                plan=plan, code="2025-Q3", starts_on=datetime.date(2025, 7, 1), ends_on=datetime.date(2025, 9, 30)
            ),
            rating=self.GREEN,
        )
        client.force_login(publisher)
        assert texts(client.get("/en/"), ".changed")[0].startswith("What changed: Quarter 2 of 2025")

    def test_many_moves_are_named_by_code_and_the_rest_counted(self, client: Client, plan):
        codes = [f"1.{n}" for n in range(1, 41)]
        self.quarter(plan, 1, dict.fromkeys(codes, self.RED))
        self.quarter(plan, 2, dict.fromkeys(codes, self.AMBER))
        [changed] = texts(client.get("/en/"), ".changed")
        assert "Improved: 40" in changed
        assert changed.endswith("1.27, and 13 more All changes")

    def test_names_the_next_deadlines_and_what_is_overdue(self, client: Client, plan):
        today = timezone.localdate()
        self.quarter(plan, 1, {"1.1": self.RED, "1.2": self.GREEN, "1.3": None, "1.4": None})
        for code, days in (("1.1", -20), ("1.2", -20), ("1.3", 5), ("1.4", 5)):
            plan.commitments.get().milestones.filter(code=code).update(ends_on=today + datetime.timedelta(days=days))
        plan.periods.update(answers_close_at=timezone.now() + datetime.timedelta(days=2, hours=1))
        ends_on = today + datetime.timedelta(days=30)
        factories.ReportingPeriodFactory(plan=plan, code="2099-Q1", starts_on=today, ends_on=ends_on)
        lines = texts(client.get("/en/"), ".dates")
        assert re.fullmatch(
            r"Quarter 1 of 2025 Answers until .* \(Ulaanbaatar\) 2 days left "
            rf"Quarter 1 of 2099 ends on {ends_on.day} {ends_on:%b %Y} "
            r"2 due next [^:]*: 1\.3, 1\.4",
            lines[0],
        )
        assert re.fullmatch(r"1\.1 Step 1\.1 due \d+ \w+ \d+", lines[1])

    def test_the_widest_disagreements_stand_with_both_ratings_and_without_the_words(self, client: Client, plan):
        self.quarter(plan, 1, {f"1.{n}": self.GREEN for n in range(1, 6)})
        for code, rating in (("1.2", self.AMBER), ("1.3", self.RED), ("1.4", self.AMBER), ("1.5", self.AMBER)):
            milestone = plan.commitments.get().milestones.get(code=code)
            factories.PublishedCounterAssessmentFactory(
                milestone=milestone, rating=rating, justification="Not so.", organisation__name_en=f"Watch {code}"
            )
        rows = texts(client.get("/en/"), ".differ")
        assert [re.match(r"\d\.\d", row).group() for row in rows] == ["1.3", "1.2", "1.4"]
        assert rows[0].endswith(
            "Government Completed or substantial progress Watch 1.3 Not started or severe delays ▼▼ lower by 2"
        )

    def test_asks_as_many_questions_for_three_rows_as_for_one(
        self, client: Client, plan, django_assert_num_queries, django_assert_max_num_queries
    ):
        def fill(codes: list[str]) -> None:
            self.quarter(plan, 1, dict.fromkeys(codes, self.RED))
            self.quarter(plan, 2, dict.fromkeys(codes, self.GREEN))
            for milestone in plan.commitments.get().milestones.all():
                factories.PublishedCounterAssessmentFactory(
                    milestone=milestone, period=plan.periods.get(code="2025-Q2"), rating=self.RED
                )

        fill(["1.1"])
        with django_assert_max_num_queries(40) as first:
            client.get("/en/")
        asked = len(first)
        for milestone in ("1.2", "1.3"):
            for number, rating in ((1, self.RED), (2, self.GREEN)):
                factories.PublishedSelfAssessmentFactory(
                    milestone=plan.commitments.get().milestones.filter(code=milestone).first()
                    or factories.MilestoneFactory(commitment=plan.commitments.get(), code=milestone),
                    period=plan.periods.get(code=f"2025-Q{number}"),
                    rating=rating,
                )
        with django_assert_num_queries(asked):
            client.get("/en/")
