"""What search engines are told, in files of their own and in the head of each page; nothing unpublished is in it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from defusedxml import ElementTree
from django.test import Client

from assessments.models import SelfAssessment
from tests import factories

pytestmark = pytest.mark.django_db

NAMES = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9", "x": "http://www.w3.org/1999/xhtml"}
SITE = "http://testserver"


def told(client: Client) -> dict[str, dict[str, str]]:
    """Each address of the sitemap with its alternates by language."""
    found = ElementTree.fromstring(client.get("/sitemap.xml").content)
    return {
        url.findtext("s:loc", namespaces=NAMES).removeprefix(SITE): {
            link.attrib["hreflang"]: link.attrib["href"].removeprefix(SITE) for link in url.findall("x:link", NAMES)
        }
        for url in found.findall("s:url", NAMES)
    }


def head(client: Client, address: str) -> dict[str, Any]:
    """What the head of a page says of it."""
    response = client.get(address)
    assert response.status_code == 200, address
    return head_of(response.content.decode())


def head_of(page: str) -> dict[str, Any]:
    page = page.partition("</head>")[0]
    return {
        "title": " ".join(re.search(r"<title>(.*?)</title>", page, re.DOTALL)[1].split()),
        "description": " ".join(re.search(r'name="description"\s+content="([^"]*)"', page)[1].split()),
        "canonical": re.findall(r'rel="canonical" href="([^"]*)"', page),
        "alternates": dict(re.findall(r'rel="alternate"\s+hreflang="([^"]*)"\s+href="([^"]*)"', page)),
        "robots": re.findall(r'name="robots" content="([^"]*)"', page),
    }


class TestSitemap:
    def test_every_page_of_what_is_published_in_both_languages(self, client):
        plan = factories.PublishedSelfAssessmentFactory(
            milestone__commitment__code="1", milestone__commitment__plan__slug="p"
        ).period.plan
        factories.CommitmentFactory(plan=plan, code="2")
        released = factories.ReleasedReportFactory(plan=factories.ActionPlanFactory(slug="q"))
        agency = factories.InvolvementFactory(
            commitment=plan.commitments.get(code="2"), organisation=factories.OrganisationFactory(slug="agency")
        ).organisation
        pages = [
            "",
            "plans/",
            "organisations/",
            "reports/",
            "changes/",
            "data/",
            "about/",
            "privacy/",
            "accessibility/",
        ]
        pages += ["plans/p/", "plans/q/", "plans/p/disagreements/"]
        pages += ["plans/p/commitments/1/", "plans/p/commitments/2/"]
        pages += [f"organisations/{agency.slug}/", f"reports/q/{released.number}/"]
        assert told(client) == {
            f"/{language}/{page}": {"en": f"/en/{page}", "mn": f"/mn/{page}", "x-default": f"/{page}"}
            for page in pages
            for language in ("en", "mn")
        }

    def test_nothing_unpublished_and_nothing_invented(self, client):
        draft = factories.DraftPlanFactory(slug="secret-plan")
        factories.ReleasedReportFactory(plan=draft)
        factories.ReportFactory(plan__slug="p-2")
        factories.OrganisationFactory(slug="secret-organisation")  # it stands in nothing
        factories.CommitmentFactory(plan=draft, code="1")
        factories.SelfAssessmentFactory(milestone__commitment__plan__slug="p")  # a draft: no disagreements yet
        invented = factories.PublishedSelfAssessmentFactory(
            milestone__commitment__plan__slug="invented", milestone__commitment__plan__is_demonstration=True
        )
        assert SelfAssessment.objects.get(pk=invented.pk).is_latest
        addresses = "".join(told(client))
        assert "reports/p-2" not in addresses
        assert "/plans/p/" in addresses
        for hidden in ("secret", "invented", "disagreements"):
            assert hidden not in addresses

    def test_it_asks_as_many_queries_for_three_plans_as_for_one(self, client, django_assert_num_queries):
        for _round in range(3):
            factories.PublishedSelfAssessmentFactory()
            with django_assert_num_queries(5):  # plans, those with ratings, commitments, organisations, reports
                client.get("/sitemap.xml")

    def test_robots_are_sent_to_the_sitemap_and_kept_from_forms(self, client):
        answer = client.get("/robots.txt")
        assert answer["Content-Type"] == "text/plain; charset=utf-8"
        assert answer.content.decode().splitlines() == [
            "User-agent: *",
            "Disallow: /admin/",
            "Disallow: /en/accounts/",
            "Disallow: /en/counter-assessments/",
            "Disallow: /en/search/",
            "Disallow: /mn/accounts/",
            "Disallow: /mn/counter-assessments/",
            "Disallow: /mn/search/",
            "",
            "Sitemap: http://testserver/sitemap.xml",
        ]


class TestTheHeadOfAPage:
    def test_it_names_itself_both_languages_and_the_one_that_asks_the_browser(self, client):
        factories.ActionPlanFactory(slug="p")
        said = head(client, "/en/plans/p/")
        assert said["canonical"] == [f"{SITE}/en/plans/p/"]
        assert said["alternates"] == {
            "en": f"{SITE}/en/plans/p/",
            "mn": f"{SITE}/mn/plans/p/",
            "x-default": f"{SITE}/plans/p/",
        }
        for asked, given in (("mn", "/mn/plans/p/"), ("en", "/en/plans/p/")):
            answer = client.get("/plans/p/", headers={"Accept-Language": asked})
            assert (answer.status_code, answer["Location"], answer["Cache-Control"]) == (302, given, "no-cache")

    @pytest.mark.parametrize("query", ["rating=limited", "as_of=2025-06-30", "page=2", "utm_source=x"])
    def test_a_view_of_a_page_is_left_out_and_names_the_page(self, client, query):
        factories.ActionPlanFactory(slug="p")
        said = head(client, f"/en/plans/p/?{query}")
        assert said["robots"] == ["noindex"]
        assert said["canonical"] == [f"{SITE}/en/plans/p/"]

    def test_what_is_invented_is_left_out(self, client):
        plan = factories.ActionPlanFactory(slug="invented", is_demonstration=True)
        factories.CommitmentFactory(plan=plan, code="1")
        for page in ("", "commitments/1/", "disagreements/"):
            assert head(client, f"/mn/plans/invented/{page}")["robots"] == ["noindex"]

    def test_a_host_that_is_not_ours_is_refused_with_a_page(self, client):
        for address in ("/en/", "/en/accounts/login/", "/api/v1/plans/"):
            answer = client.get(address, headers={"Host": "evil.example.org"})
            assert answer.status_code == 400
            assert b"evil.example.org" not in answer.content
