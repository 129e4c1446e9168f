"""The public pages of released reports: whole, safe to open, the same for ever, and silent about drafts."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.test import Client

from reports.chain import chained_files, checksum_list, present_checkpoint
from reports.release import correct
from tests import factories
from tests.pages import texts
from tests.releases import FILES, WORDS, asked, quick_engine, released

pytestmark = pytest.mark.django_db

__all__ = ["quick_engine"]


def page(address: str, client: Client | None = None) -> str:
    response = (client or Client()).get(address)
    assert response.status_code == 200
    return response.content.decode()


class TestList:
    def test_reports_stand_by_plan_newest_first_with_every_file(self, quick_engine) -> None:
        assert "No report has been released" in page("/en/reports/")
        old = released()
        new = released(correct(old, by=old.released_by, reason="A rating was read wrongly."))
        html = page("/en/reports/")
        assert re.findall(r'<a href="(/en/reports/[^"]+/)"', html) == [
            f"/en/reports/{old.plan.slug}/2/",
            f"/en/reports/{old.plan.slug}/1/",
            f"/en/reports/{old.plan.slug}/2/",  # which supersedes the first
        ]
        assert len(re.findall(r"/en/reports/[^/]+/2/\w\w\.\w+", html)) == new.files.count() == FILES
        checkpoint = present_checkpoint()
        assert f"{checkpoint.count}:{checkpoint.head}" in html
        assert new.get_absolute_url() in page(old.plan.get_absolute_url())

    def test_a_demonstration_is_not_shown_to_visitors(self, quick_engine, editor) -> None:
        report = released()
        type(report.plan).objects.update(is_demonstration=True)
        assert report.get_absolute_url() not in page("/en/reports/")
        client = Client()
        client.force_login(editor)
        assert report.get_absolute_url() in page("/en/reports/", client)

    @pytest.mark.parametrize("number", [1, 3])
    def test_it_takes_the_same_queries_whatever_its_length(
        self, quick_engine, number, django_assert_num_queries
    ) -> None:
        for _report in range(number):
            released()
        with django_assert_num_queries(5):
            page("/en/reports/")


class TestPage:
    def test_it_shows_checksums_whole_who_released_it_and_what_it_counted(self, quick_engine) -> None:
        released()
        report = released()
        html = page(report.get_absolute_url())
        first = report.files.get(position=FILES + 1)
        for file in report.files.all():
            assert html.count(file.sha256) == 1
        assert first.previous_sha256 in html
        checkpoint = report.figures["en"]["report"]["checkpoint"]
        assert checkpoint["head"] in html
        assert f"head -n {FILES} | sha256sum" in html
        assert "support unit" in html
        assert report.released_by.email not in html
        headline = texts(Client().get(report.get_absolute_url()), "h1")
        assert headline == [report.figures["en"]["totals"]["headline"]]
        assert WORDS in html

    def test_it_says_what_corrects_it_and_the_other_what_it_corrects_and_why(self, quick_engine) -> None:
        old = released()
        assert "Superseded" not in page(old.get_absolute_url())
        new = correct(old, by=old.released_by, reason="A rating was read wrongly.")
        assert "read wrongly" not in page(old.get_absolute_url())
        new = released(new)
        for report in (old, new):
            assert "A rating was read wrongly." in page(report.get_absolute_url())
        assert "Superseded" in page(old.get_absolute_url())
        assert "Superseded" not in page(new.get_absolute_url())
        assert Client().get(old.files.first().get_absolute_url()).status_code == 200

    def test_in_mongolian_the_mongolian_files_come_first(self, quick_engine) -> None:
        report = released()
        html = page(f"/mn/reports/{report.plan.slug}/1/")
        found = re.findall(rf"/mn/reports/{report.plan.slug}/1/(\w\w\.\w+)", html)
        assert found == [f"{code}.{form}" for code in ("mn", "en") for form in ("pdf", "html", "xlsx", "json")] + [
            "mn.zip"
        ]

    def test_figures_of_another_time_are_no_error(self, db) -> None:
        report = factories.ReleasedReportFactory(figures={"milestones": 3})
        assert "It has no files." in page(report.get_absolute_url())

    def test_of_what_there_is_not_there_is_no_page(self, quick_engine) -> None:
        report = released()
        slug = report.plan.slug
        for address in (
            f"{slug}/2/",
            f"{slug}/0/",
            f"{slug}/99999999999999999999999999/",
            "none/1/",
            f"{slug}/1/en.exe",
            f"{slug}/1/de.pdf",
            f"{slug}/1/.pdf",
            f"{slug}/1/en.pdf%00",
            f"{slug}/99999999999999999999999999/en.pdf",
        ):
            assert Client().get(f"/en/reports/{address}").status_code == 404, address
        assert Client().post(report.get_absolute_url()).status_code == 405


class TestFiles:
    def test_each_comes_with_its_name_type_and_bytes_to_be_kept_for_ever(self, quick_engine) -> None:
        report = released()
        types = {
            "pdf": "application/pdf",
            "html": "text/html; charset=utf-8",
            "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "json": "application/json",
            "zip": "application/zip",
        }
        for file in report.files.all():
            response = Client().get(file.get_absolute_url())
            assert b"".join(response.streaming_content) == file.file.read()
            attached = "inline" if file.format == "html" else "attachment"
            assert response["Content-Disposition"] == f'{attached}; filename="{file.name}"'
            assert (response["Content-Type"], response["Content-Length"]) == (types[file.format], str(file.size))
            assert (response["ETag"], response["X-Content-Type-Options"]) == (f'"{file.sha256}"', "nosniff")
            assert response["Cache-Control"] == "public, max-age=31536000, immutable"
            assert response["Content-Security-Policy"].startswith("default-src 'none';")
            assert "sandbox" in response["Content-Security-Policy"]
            assert not response.cookies
            again = Client().get(file.get_absolute_url(), headers={"If-None-Match": f'"{file.sha256}"'})
            assert (again.status_code, again.content) == (304, b"")

    def test_the_web_server_may_send_them(self, quick_engine, settings) -> None:
        settings.EVIDENCE_ACCEL_PREFIX = "/stored/"
        file = released().files.get(language="mn", format="pdf")
        response = Client().get(file.get_absolute_url())
        assert response["X-Accel-Redirect"] == f"/stored/{file.file}"
        assert (response.content, response["Cache-Control"]) == (b"", "public, max-age=31536000, immutable")

    def test_the_data_package_is_found_under_either_language(self, quick_engine) -> None:
        slug = released().plan.slug
        one, other = (Client().get(f"/en/reports/{slug}/1/{code}.zip") for code in ("en", "mn"))
        assert one["ETag"] == other["ETag"]

    def test_a_file_that_the_storage_has_lost_is_missed_and_not_an_error(self, quick_engine, caplog) -> None:
        file = released().files.first()
        default_storage.delete(str(file.file))
        assert Client().get(file.get_absolute_url()).status_code == 404
        assert str(file.file) in caplog.text

    def test_the_list_of_checksums_is_what_sha256sum_writes(self, quick_engine) -> None:
        report = released()
        text = page("/en/reports/SHA256SUMS")
        assert text == checksum_list(chained_files())
        assert text.splitlines()[0] == f"{report.files.first().sha256}  {report.plan.slug}-report-1-en.pdf"


def test_the_words_of_a_draft_are_on_nothing_public(quick_engine) -> None:
    secret = "Zanabazar wrote this and nobody has released it."
    old = released()
    new = correct(old, by=old.released_by, reason=secret)
    section = new.sections.get()
    section.title_en = section.body_en = secret
    section.save()
    factories.CommentFactory(plan=None, report=new, text_en=secret)
    attempt = asked(new)  # and one that is being made
    assert secret in str(attempt.figures)
    slug = old.plan.slug
    addresses = [
        "/en/",
        "/en/plans/",
        "/en/reports/",
        f"/en/plans/{slug}/",
        f"/en/plans/{slug}/commitments/{old.plan.commitments.get().code}/",
        f"/en/plans/{slug}/disagreements/",
        f"/en/reports/{slug}/1/",
        "/en/reports/SHA256SUMS",
        "/api/v1/reports/",
        f"/api/v1/reports/{slug}/1/",
        f"/api/v1/plans/{slug}/",
        "/en/search/?q=Zanabazar",
        "/en/feed.atom",
        "/en/deadlines.ics",
        "/en/data/",
    ]
    found: dict[str, Any] = {}
    for address in addresses:
        response = Client().get(address, follow=True)
        body = b"".join(response.streaming_content) if response.streaming else response.content
        found[address] = "Zanabazar" in body.decode().replace("?q=Zanabazar", "").replace('value="Zanabazar"', "")
        assert response.status_code in {200, 404}
    assert [address for address, leaks in found.items() if leaks and "search" not in address] == []
    assert "nobody has released it" not in Client().get("/en/search/?q=Zanabazar").content.decode()
    for name in ("en.pdf", "mn.json", "en.zip"):
        assert Client().get(f"/en/reports/{slug}/2/{name}").status_code == 404
    assert Client().get(f"/en/reports/{slug}/2/").status_code == 404
