"""Public answers: kept, compressed and tagged; never stale, and never somebody else's."""

from __future__ import annotations

import datetime
import gzip
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.core.cache import caches
from django.core.files.base import ContentFile
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.utils import timezone

from assessments import lifecycle
from assessments.models import CounterAssessment, ReportingPeriod
from assessments.workspace import deadline_of
from commitments.models import Milestone, User
from ogptracker import published_pages
from ogptracker.published_pages import takes_gzip
from reports import commitment_page
from tests import factories
from tests.pages import texts

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("kept_pages")]

PUBLIC = "public, max-age=0, must-revalidate"
ADDRESSES = ("/en/", "/mn/plans/", "/en/plans/p/", "/en/plans/p/commitments/1/", "/mn/plans/p/disagreements/")
OF_THE_API = ("/api/v1/", "/api/v1/plans/", "/api/v1/milestones/?plan=p", "/api/schema/")


@pytest.fixture
def rated():
    """A rating in a published period of the plan `p`."""
    milestone = factories.MilestoneFactory(code="1.1", commitment__code="1", commitment__plan__slug="p")
    return factories.PublishedSelfAssessmentFactory(milestone=milestone)


def compressed(client: Client, address: str, **headers: str) -> Any:
    return client.get(address, headers={"Accept-Encoding": "gzip", **headers})


class TestWhatIsKept:
    @pytest.mark.parametrize("address", [*ADDRESSES, *OF_THE_API, "/sitemap.xml", "/robots.txt"])
    def test_the_second_reader_costs_one_query_and_gets_the_same_bytes(
        self, client, rated, address, django_assert_num_queries
    ):
        first = client.get(address)
        assert first.status_code == 200
        with django_assert_num_queries(1):
            second = client.get(address)
        assert second.content == first.content
        assert second.headers == first.headers
        assert second["Cache-Control"] == PUBLIC
        assert dict(second.cookies) == {}

    def test_the_way_to_the_readers_language_costs_no_query(self, client, django_assert_num_queries):
        with django_assert_num_queries(0):
            assert client.get("/").status_code == 302

    @pytest.mark.parametrize("address", [*ADDRESSES, *OF_THE_API])
    def test_who_has_it_already_is_told_so_with_one_query_and_nothing_made(
        self, client, rated, address, django_assert_num_queries
    ):
        for headers in ({}, {"Accept-Encoding": "gzip"}):
            had = client.get(address, headers=headers)
            with django_assert_num_queries(1):
                answer = client.get(address, headers={**headers, "If-None-Match": had["ETag"]})
            assert (answer.status_code, answer.content) == (304, b"")
            assert {name: answer[name] for name in ("ETag", "Cache-Control", "Vary")} == {
                name: had[name] for name in ("ETag", "Cache-Control", "Vary")
            }

    def test_compressed_it_is_another_representation_with_a_tag_of_its_own(self, client, rated):
        plain, packed = client.get("/en/plans/p/"), compressed(client, "/en/plans/p/")
        assert gzip.decompress(packed.content) == plain.content
        assert (packed["Content-Encoding"], plain.has_header("Content-Encoding")) == ("gzip", False)
        assert packed["ETag"] == plain["ETag"][:-1] + '-gzip"'
        assert not plain["ETag"].startswith("W/")
        for answer in (plain, packed):
            assert answer["Content-Length"] == str(len(answer.content))
            assert answer["Vary"] == "Cookie, Accept-Encoding"
        # The tag of one says nothing about the other.
        assert compressed(client, "/en/plans/p/", **{"If-None-Match": plain["ETag"]}).status_code == 200

    @pytest.mark.parametrize("known", [False, True])
    @pytest.mark.parametrize("coding", ["gzip", "identity"])
    def test_head_says_what_get_would(self, client, rated, known, coding):
        if known:
            client.get("/en/plans/p/")
        head = client.head("/en/plans/p/", headers={"Accept-Encoding": coding})
        got = client.get("/en/plans/p/", headers={"Accept-Encoding": coding})
        assert head.content == b""
        assert head.headers == got.headers
        assert head["Content-Length"] == str(len(got.content))

    def test_the_order_of_parameters_and_empty_ones_make_no_other_page(self, client, rated, django_assert_num_queries):
        first = client.get("/en/plans/p/?rating=limited&contested=true")
        with django_assert_num_queries(1):
            second = client.get("/en/plans/p/?theme=&contested=true&rating=limited&organisation=")
        assert second.content == first.content

    def test_a_kept_page_does_not_repeat_the_address_of_who_asked_first(self, client, rated):
        asked = client.get("/en/plans/p/?evil-words=")
        assert b"evil" not in asked.content
        assert client.get("/en/plans/p/").content == asked.content
        assert b"noindex" not in asked.content

    def test_the_apis_documentation_still_asks_for_its_script_with_an_empty_parameter(self, client):
        types = [client.get(f"/api/docs/{query}")["Content-Type"].partition(";")[0] for query in ("", "?script=")]
        assert types == ["text/html", "application/javascript"]

    def test_the_api_still_refuses_an_empty_parameter_that_it_does_not_know(self, client, rated):
        assert client.get("/api/v1/plans/").status_code == 200
        assert client.get("/api/v1/plans/?evil=").status_code == 400

    def test_languages_hosts_and_schemes_have_pages_of_their_own(self, client, rated, settings):
        settings.ALLOWED_HOSTS = ["one.example.org", "two.example.org"]
        for _round in range(2):
            for host in settings.ALLOWED_HOSTS:
                for scheme, secure in (("http", False), ("https", True)):
                    answer = client.get("/en/plans/p/", headers={"Host": host}, secure=secure)
                    assert f'<link rel="canonical" href="{scheme}://{host}/en/plans/p/">' in answer.content.decode()
            for asked, told in (("mn", "mn"), ("en-GB,mn;q=0.5", "en"), ("fr", "en"), ("", "en")):
                rows = client.get("/api/v1/plans/", headers={"Accept-Language": asked, "Host": "one.example.org"})
                assert rows["Content-Language"] == told

    def test_an_address_that_nothing_links_to_is_answered_and_not_kept(self, client, rated):
        address = f"/en/plans/p/?x={'y' * 400}"
        for _round in range(2):
            answer = client.get(address)
            assert answer.status_code == 200
            assert answer["Cache-Control"] == PUBLIC
        assert not [key for key in caches["pages"]._cache if "page:" in key]

    def test_a_very_large_page_is_answered_and_not_kept(self, client, rated, monkeypatch):
        monkeypatch.setattr(published_pages, "LARGEST", 10)
        assert client.get("/en/plans/p/")["ETag"]
        assert not [key for key in caches["pages"]._cache if "page:" in key]

    def test_a_release_has_pages_of_its_own(self, client, rated, monkeypatch):
        client.get("/en/plans/p/")
        monkeypatch.setattr(published_pages, "_fingerprint_once", lambda: "the next release")
        client.get("/en/plans/p/")
        assert len([key for key in caches["pages"]._cache if "page:" in key]) == 2


class TestNeverStale:
    def test_after_publishing_the_next_answers_show_it(self, client, publisher: User):
        period = factories.OpenPeriodFactory(plan__slug="p")
        milestone = factories.MilestoneFactory(code="1.1", commitment__code="1", commitment__plan=period.plan)
        draft = factories.SelfAssessmentFactory(milestone=milestone, period=period)
        lifecycle.submit_self_assessment(draft, by=factories.EditorFactory())
        rating = "/api/v1/milestones/?plan=p"
        before = {address: client.get(address).content for address in (*ADDRESSES, rating)}
        assert client.get(rating).json()["results"][0]["rating"] is None
        lifecycle.publish_period(period, by=publisher)
        after = {address: client.get(address).content for address in before}
        assert [address for address in before if before[address] == after[address]] == []
        assert client.get(rating).json()["results"][0]["rating"] == draft.rating

    def test_what_was_public_and_is_withheld_is_gone_at_once(self, client, rated, publisher: User):
        answer = factories.PublishedCounterAssessmentFactory(milestone=rated.milestone, recommendation="Name names.")
        had = client.get("/en/plans/p/commitments/1/")
        assert b"Name names." in had.content
        lifecycle.withhold_counter_assessment(answer, by=publisher, reason=CounterAssessment.WithheldReason.values[0])
        now = client.get("/en/plans/p/commitments/1/", headers={"If-None-Match": had["ETag"]})
        assert now.status_code == 200
        assert b"Name names." not in now.content

    def test_whoever_writes(self, client, rated):
        assert b"Otherwise" not in client.get("/en/plans/p/commitments/1/").content
        with connection.cursor() as cursor:
            cursor.execute("UPDATE commitments_milestone SET title_en = 'Otherwise'")
        assert b"Otherwise" in client.get("/en/plans/p/commitments/1/").content

    def test_a_page_made_while_a_publication_commits_is_not_kept_as_the_newer_one(self, client, rated, monkeypatch):
        """The worst moment: after the page has read its rows, and before it is finished."""
        render = commitment_page.render

        def render_late(request: HttpRequest, *args: Any, **options: Any) -> HttpResponse:
            monkeypatch.undo()
            Milestone.objects.update(title_en="Meanwhile")
            return render(request, *args, **options)

        monkeypatch.setattr(commitment_page, "render", render_late)
        during = client.get("/en/plans/p/commitments/1/")
        assert b"Meanwhile" not in during.content
        assert b"Meanwhile" in client.get("/en/plans/p/commitments/1/").content

    def test_a_minute_after_the_closing_time_it_says_closed(self, client, monkeypatch):
        closes = timezone.now() + datetime.timedelta(hours=3)
        factories.PublishedPeriodFactory(plan__slug="p", answers_close_at=closes)

        def says(moment: datetime.datetime) -> tuple[list[str], str]:
            monkeypatch.setattr(timezone, "now", lambda: moment)
            state = client.get("/api/v1/periods/?plan=p").json()["results"][0]["state"]
            return texts(client.get("/en/plans/p/"), ".periods"), state

        minute = datetime.timedelta(minutes=1)
        for _round in range(2):  # with nothing kept, then with both states kept
            assert says(closes - minute)[1] == "answering"
            assert says(closes)[1] == "closed"
            assert says(closes + minute)[1] == "closed"

    def test_days_and_in_the_end_hours_that_are_left_are_counted_anew(self, rf: RequestFactory, monkeypatch):
        closes = timezone.now() + datetime.timedelta(days=9)
        factories.PublishedPeriodFactory(plan__slug="p", answers_close_at=closes)
        made = []

        def left(request: HttpRequest) -> HttpResponse:
            made.append(deadline_of(ReportingPeriod.objects.get(), timezone.now()))
            return HttpResponse(made[-1].state + made[-1].left)

        def says(**before: int) -> str:
            monkeypatch.setattr(timezone, "now", lambda: closes - datetime.timedelta(**before))
            return published_pages.published_pages(left)(rf.get("/en/anything/")).content.decode()

        monkeypatch.setattr(timezone, "localdate", lambda *moment: datetime.date(2025, 5, 5))  # midnight apart
        assert [says(days=4, hours=3), says(days=4, minutes=1), says(days=3, hours=23), says(days=2, hours=23)] == [
            "open4 days left",
            "open4 days left",
            "open3 days left",
            "soon2 days left",
        ]
        assert [says(hours=25), says(hours=23, minutes=1), says(minutes=61), says(minutes=59), says(minutes=0)] == [
            "soon1 day left",
            "soon23 hours left",
            "soon1 hour left",
            "soon0 hours left",
            "closed",
        ]
        assert len(made) == 8  # the second was kept

    def test_the_day_after_its_last_day_it_is_overdue(self, client, monkeypatch):
        milestone = factories.MilestoneFactory(
            code="1.1", commitment__plan__slug="p", ends_on=datetime.date(2025, 5, 31), starts_on=None
        )
        factories.PublishedSelfAssessmentFactory(milestone=milestone)

        def overdue(*moment: int) -> list[str]:
            local = datetime.datetime(*moment, tzinfo=timezone.get_default_timezone())
            monkeypatch.setattr(timezone, "now", lambda: local)
            return [row["code"] for row in client.get("/api/v1/milestones/?plan=p&overdue=true").json()["results"]]

        assert overdue(2025, 5, 31, 23, 59) == []
        assert overdue(2025, 6, 1, 0, 1) == ["1.1"]

    def test_two_processes_that_looked_at_different_times_mean_the_same(self, client, monkeypatch):
        """One store for all: what one process kept before a closing time is not what another finds after it."""
        closes = timezone.now() + datetime.timedelta(hours=3)
        factories.PublishedPeriodFactory(plan__slug="p", answers_close_at=closes)
        monkeypatch.setattr(timezone, "now", lambda: closes - datetime.timedelta(hours=1))
        assert client.get("/api/v1/periods/?plan=p").json()["results"][0]["state"] == "answering"
        store = caches["pages"]
        [moments] = [key for key in store._cache if "moments:" in key]
        store.delete(moments.split(":", 2)[2])
        monkeypatch.setattr(timezone, "now", lambda: closes + datetime.timedelta(hours=1))
        assert client.get("/api/v1/periods/?plan=p").json()["results"][0]["state"] == "closed"


class TestNobodyElses:
    def test_who_is_signed_in_gets_a_page_of_their_own_that_nobody_keeps(self, client, rated, editor: User):
        public = client.get("/en/plans/p/")
        client.force_login(editor)
        own = client.get("/en/plans/p/", headers={"If-None-Match": public["ETag"]})
        assert own.status_code == 200
        assert own["Cache-Control"] == "private, no-store"
        assert not own.has_header("ETag")
        assert b"Sign out" in own.content
        client.logout()
        assert b"Sign out" not in client.get("/en/plans/p/").content

    def test_a_draft_that_was_read_by_the_forum_is_not_there_for_anybody_else(self, client, msf_member: User):
        factories.DraftPlanFactory(slug="secret-plan")
        client.force_login(msf_member)
        assert client.get("/en/plans/secret-plan/").status_code == 200
        client.logout()
        answer = client.get("/en/plans/secret-plan/")
        assert (answer.status_code, answer["Cache-Control"]) == (404, "no-cache")

    def test_the_api_knows_nobody_and_gives_the_signed_in_what_everybody_gets(
        self, client, rated, editor: User, django_assert_num_queries
    ):
        public = client.get("/api/v1/plans/")
        client.force_login(editor)
        with django_assert_num_queries(1):
            own = client.get("/api/v1/plans/")
        assert (own.content, own["Cache-Control"]) == (public.content, PUBLIC)
        assert own["Vary"] == "Accept-Language, Accept-Encoding"

    @pytest.mark.parametrize("cookie", ["sessionid", "messages", "django_language"])
    def test_who_brings_a_cookie_that_may_show_in_the_page_is_asked_for_by_name(self, client, rated, cookie):
        client.get("/en/plans/p/")
        client.cookies[cookie] = "anything"
        assert client.get("/en/plans/p/")["Cache-Control"] == "private, no-store"

    def test_cookies_of_others_are_no_matter(self, client, rated, django_assert_num_queries):
        client.get("/en/plans/p/")
        client.cookies["csrftoken"] = "a" * 32
        client.cookies["_counter_of_the_portal"] = "x"
        with django_assert_num_queries(1):
            assert client.get("/en/plans/p/")["Cache-Control"] == PUBLIC

    @pytest.mark.parametrize(
        "address",
        [
            "/en/accounts/login/",
            "/en/accounts/password/reset/",
            "/admin/login/",
            "/en/counter-assessments/",
            "/healthz",
        ],
    )
    def test_forms_and_accounts_are_never_kept(self, client, address):
        for _round in range(2):
            answer = client.get(address, follow=True, headers={"Accept-Encoding": "gzip"})
            assert "no-store" in answer["Cache-Control"]
            assert not answer.has_header("ETag")
            assert not answer.has_header("Content-Encoding")
        assert not [key for key in caches["pages"]._cache if "page:" in key]

    def test_a_page_with_a_forms_token_or_a_cookie_or_a_policy_of_its_own_is_not_kept(self, rf: RequestFactory):
        from django.middleware.csrf import get_token

        def with_token(request: HttpRequest) -> HttpResponse:
            return HttpResponse(get_token(request))

        def with_cookie(request: HttpRequest) -> HttpResponse:
            response = HttpResponse("x")
            response.set_cookie("seen", "1")
            return response

        def with_policy(request: HttpRequest) -> HttpResponse:
            return HttpResponse("x", headers={"Cache-Control": "public, max-age=300"})

        def of_another_header(request: HttpRequest) -> HttpResponse:
            return HttpResponse("x", headers={"Vary": "User-Agent"})

        def sent_by_the_web_server(request: HttpRequest) -> HttpResponse:
            return HttpResponse(headers={"X-Accel-Redirect": "/stored/x"})

        def refused(request: HttpRequest) -> HttpResponse:
            return HttpResponse("x", status=410)

        policies = {
            view.__name__: published_pages.published_pages(view)(rf.get("/en/anything/")).headers["Cache-Control"]
            for view in (with_token, with_cookie, with_policy, of_another_header, sent_by_the_web_server, refused)
        }
        assert policies == {
            "with_token": "private, no-store",
            "with_cookie": "private, no-store",
            "with_policy": "public, max-age=300",
            "of_another_header": "no-cache",
            "sent_by_the_web_server": "no-cache",
            "refused": "no-cache",
        }
        assert not [key for key in caches["pages"]._cache if "page:" in key]

    def test_a_file_of_evidence_keeps_its_own_policy(self, client, rated):
        row = factories.EvidenceFactory(
            self_assessment=rated, address="", file=ContentFile(b"x", name="a.txt"), size=1, sha256="2" * 64
        )
        answer = client.get(row.get_absolute_url())
        assert (answer.status_code, answer["Cache-Control"]) == (200, "public, max-age=300")

    def test_public_pages_make_no_session_and_set_no_cookie(self, client, rated):
        for address in (*ADDRESSES, *OF_THE_API):
            assert dict(client.get(address).cookies) == {}
        assert not Session.objects.exists()
        assert CounterAssessment.objects.count() == 0


@pytest.mark.parametrize(
    ("header", "takes"),
    [
        ("gzip, deflate, br, zstd", True),
        ("br;q=1.0, GZIP;q=0.8", True),
        ("gzip;q=0", False),
        ("gzip; q=0.000, identity", False),
        ("gzip;q=0.001", True),
        ("xgzip", False),
        ("identity", False),
        ("", False),
    ],
)
def test_who_takes_gzip(rf: RequestFactory, header: str, takes: bool):
    assert takes_gzip(rf.get("/", headers={"Accept-Encoding": header})) is takes
