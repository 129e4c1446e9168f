"""Pages about the site, the way to them from everywhere, and pages that show that something went wrong."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.test import Client
from django.utils.translation import override
from django.views.csrf import csrf_failure
from django.views.defaults import permission_denied, server_error

from assessments.models import CounterAssessment
from tests import factories
from tests.pages import source, texts

ABOUT = ("about", "privacy", "accessibility")
CYRILLIC = re.compile(r"[А-Яа-яӨөҮү]")


@pytest.mark.django_db
class TestPagesAboutTheSite:
    @pytest.mark.parametrize("page", ABOUT)
    def test_they_are_in_both_languages_and_set_no_cookie(self, client: Client, page: str):
        english, mongolian = client.get(f"/en/{page}/"), client.get(f"/mn/{page}/")
        assert (english.status_code, mongolian.status_code) == (200, 200)
        assert CYRILLIC.findall(" ".join(texts(english, "main"))) == []
        assert (len(texts(english, "h1")), len(texts(english, "h2"))) == (
            len(texts(mongolian, "h1")),
            len(texts(mongolian, "h2")),
        )
        assert dict(client.cookies) == {}

    @pytest.mark.parametrize("page", ABOUT)
    def test_an_address_to_write_to_is_shown_where_there_is_one(self, client: Client, page: str, settings: Any):
        assert "mailto:" not in source(client.get(f"/en/{page}/"))
        settings.CONTACT_EMAIL = "ogp@example.org"
        assert '<a href="mailto:ogp@example.org">ogp@example.org</a>' in source(client.get(f"/en/{page}/"))

    def test_every_mark_stands_with_its_word(self, client: Client):
        assert texts(client.get("/en/about/"), ".light") == [
            "Completed or substantial progress",
            "Limited progress",
            "Not started or severe delays",
            "Completed",
            "Substantial",
            "Limited progress",
            "Not started",
            "Not rated",
            "Not provided",
        ]

    def test_as_many_reasons_to_withhold_are_named_as_there_are(self, client: Client):
        assert len(CounterAssessment.WithheldReason) == 3
        assert "for one of three public reasons" in source(client.get("/en/about/"))

    def test_the_foot_of_every_page_leads_to_them_and_no_link_in_it_is_broken(self, client: Client):
        foot = source(client.get("/en/plans/")).partition("<footer")[2]
        links = re.findall(r'href="([^"]+)"', foot)
        assert links == [
            "/en/about/",
            "/en/changes/",
            "/en/feed.atom",
            "/en/deadlines.ics",
            "/en/data/",
            "/api/docs/",
            "/en/privacy/",
            "/en/accessibility/",
        ]
        assert [link for link in links if client.get(link).status_code != 200] == []

    def test_the_foot_of_a_plans_page_leads_to_what_follows_it(self, client: Client):
        plan = factories.ActionPlanFactory(slug="nap-7")
        factories.CommitmentFactory(plan=plan, code="1")
        foot = source(client.get("/en/plans/nap-7/commitments/1/")).partition("<footer")[2]
        links = re.findall(r'href="([^"]+)"', foot)[:5]
        assert links == [
            "/en/plans/nap-7/commitments/1/feed.atom",
            "/en/plans/nap-7/feed.atom",
            "/en/plans/nap-7/deadlines.ics",
            "/en/changes/?plan=nap-7",
            "/en/data/?plan=nap-7",
        ]
        assert [link for link in links if client.get(link).status_code != 200] == []

    def test_the_page_of_a_draft_plan_offers_no_feed_that_is_not_there(self, client: Client):
        factories.DraftPlanFactory(slug="nap-8")
        client.force_login(factories.SuperuserFactory())
        assert "nap-8/feed.atom" not in source(client.get("/en/plans/nap-8/"))


def ways_on(response: Any) -> list[str]:
    main = source(response).partition("<main")[2].partition("</main>")[0]
    return re.findall(r'href="([^"]+)"', main)


class TestErrorPages:
    @pytest.mark.django_db
    @pytest.mark.parametrize(
        ("address", "language"),
        [
            ("/en/nothing/", "en"),
            ("/mn/nothing/", "mn"),
            ("/nothing", "en"),
            ("/de/plans/", "en"),
            ("/en/plans/%00/", "en"),
            ("/en/plans/../../etc/passwd", "en"),
            ("/mn/plans/nap-7/commitments/%F0%9F%8C%9E/", "mn"),
            ("/en/" + "a" * 3000, "en"),
            ("//evil.example/%0d%0aX: y", "en"),
        ],
    )
    def test_an_address_that_names_nothing_leads_on(self, client: Client, address: str, language: str):
        response = client.get(address, headers={"accept-language": "en"})
        assert response.status_code == 404
        assert f'<html lang="{language}">' in source(response)
        assert ways_on(response)[:2] == [f"/{language}/", f"/{language}/plans/"]

    def test_a_failure_is_told_without_the_database(self, rf: Any):
        with override("en"):
            answer = server_error(rf.get("/en/plans/"))
        assert (answer.status_code, texts(answer, "h1")) == (500, ["Something failed on our side."])
        assert ways_on(answer)[:2] == ["/en/", "/en/plans/"]

    @pytest.mark.django_db
    def test_those_for_people_know_who_reads(self, rf: Any):
        request: HttpRequest = rf.get("/mn/plans/")
        request.user = factories.UserFactory()
        with override("mn"):
            refused, forged = permission_denied(request, PermissionDenied()), csrf_failure(request)
            assert (refused.status_code, forged.status_code) == (403, 403)
            assert [ways_on(answer)[0] for answer in (refused, forged)] == ["/mn/", "/mn/"]
            assert CYRILLIC.search(texts(refused, "h1")[0])
            assert CYRILLIC.search(texts(forged, "h1")[0])

    def test_too_many_attempts_are_told_to_wait(self):
        with override("en"):
            page = render_to_string("429.html")
        assert "Wait a few minutes, then try again." in page
        assert 'href="/en/plans/"' in page

    @pytest.mark.django_db
    def test_a_failing_page_answers_500_in_the_readers_language(self, client: Client, monkeypatch: Any):
        def fail(*args: Any, **kwargs: Any) -> None:
            raise RuntimeError("The database is gone.")

        monkeypatch.setattr("reports.views.read_ledgers", fail)
        client.raise_request_exception = False
        response = client.get("/mn/plans/")
        assert response.status_code == 500
        assert '<html lang="mn">' in source(response)
        assert "database is gone" not in source(response)
