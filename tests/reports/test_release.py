"""A report is released whole or not at all: frozen, numbered, in one chain, and then as it is for ever."""

from __future__ import annotations

import datetime
import hashlib
import io
import json
import zipfile
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from pypdf import PdfReader

from commitments.models import ActionPlan
from reports import making
from reports.chain import present_checkpoint
from reports.content import to_json
from reports.data_package import package_of
from reports.figures import build_figures
from reports.models import Release, Report, ReportFile
from reports.pdf import RenderingFailed
from reports.release import correct, release
from tests import factories
from tests.releases import FILES, WORDS, asked, draft, drawn, make, quick_engine, released, work

pytestmark = pytest.mark.django_db

__all__ = ["quick_engine"]

NAMES = ["en.pdf", "en.html", "en.xlsx", "en.json", "mn.pdf", "mn.html", "mn.xlsx", "mn.json", "data.zip"]


def stored() -> list[str]:
    """Every file in the folder of reports."""
    if not default_storage.exists("reports"):
        return []
    folders, _files = default_storage.listdir("reports")
    return sorted(name for folder in folders for name in default_storage.listdir(f"reports/{folder}")[1])


class TestReleased:
    def test_it_has_number_moment_figures_and_nine_files_in_one_chain(self, quick_engine, publisher) -> None:
        before = timezone.now()
        report = released(by=publisher)
        slug = report.plan.slug
        assert (report.state, report.number, report.released_by) == ("released", 1, publisher)
        assert before <= report.as_of <= report.released_at
        files = list(report.files.order_by("position"))
        assert [file.name for file in files] == [f"{slug}-report-1-{name}" for name in NAMES]
        assert [file.position for file in files] == list(range(1, FILES + 1))
        assert [file.previous_sha256 for file in files] == ["", *(file.sha256 for file in files[:-1])]
        for file in files:
            content = file.file.read()
            assert (len(content), hashlib.sha256(content).hexdigest()) == (file.size, file.sha256)
        assert stored() == sorted(file.name for file in files)
        assert report.history.latest().history_user == publisher

    def test_the_json_file_is_the_frozen_figures_with_number_state_and_the_checkpoint_before_it(self, quick_engine):
        first = released()
        checkpoint = present_checkpoint()
        second = released()
        content = second.files.get(language="mn", format="json").file.read().decode()
        figures = json.loads(content)
        assert figures == second.figures["mn"]
        assert content == json.dumps(figures, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        said = figures["report"]
        assert (said["state"], said["number"]) == ("released", 1)
        assert said["checkpoint"] == {"count": FILES, "head": checkpoint.head}
        assert first.figures["en"]["report"]["checkpoint"]["count"] == 0

    def test_what_changes_after_the_freeze_is_not_in_it(self, quick_engine) -> None:
        report = draft()
        attempt = asked(report)
        milestone = report.plan.commitments.get().milestones.get()
        factories.CommentFactory(plan=None, milestone=milestone, text_en="Said afterwards.")
        make(attempt)
        report.refresh_from_db()
        assert "Said afterwards." not in json.dumps(report.figures)
        assert report.as_of == attempt.as_of
        live = build_figures(report.plan, report.period_code, "en", report=report)
        assert "Said afterwards." in to_json(live)

    @pytest.mark.django_db(transaction=True)
    def test_the_worker_takes_it_from_the_queue(self, quick_engine) -> None:
        report = draft()
        asked(report)
        assert DBTaskResult.objects.count() == 1
        work()
        assert Report.objects.get(pk=report.pk).state == "released"
        assert DBTaskResult.objects.get().status == "SUCCESSFUL"

    def test_the_orm_changes_nothing_of_it(self, quick_engine) -> None:
        report = released()
        section, file = report.sections.get(), report.files.first()
        report.correction_reason, section.body_en, file.sha256 = "x", "x", "x"
        for act in (
            report.save,
            report.delete,
            section.save,
            section.delete,
            file.save,
            file.delete,
            lambda: Report.objects.update(figures={}),
            lambda: ReportFile.objects.all().delete(),
        ):
            with pytest.raises(IntegrityError, match="stays as it is"), transaction.atomic():
                act()

    @pytest.mark.once
    def test_in_earnest_paper_and_page_say_that_it_is_released_and_how_it_is_checked(self) -> None:
        report = released()
        text = " ".join(
            page.extract_text() for page in PdfReader(report.files.get(language="en", format="pdf").file).pages
        )
        assert "Draft" not in text
        assert "This is report No. 1" in text
        assert WORDS in " ".join(text.split())
        html = report.files.get(language="mn", format="html").file.read().decode()
        assert '<html lang="mn"' in html


class TestRefused:
    def test_to_everybody_but_publishers(self, editor, msf_member) -> None:
        report = draft()
        for user in (editor, msf_member, None):
            with pytest.raises(PermissionDenied):
                release(report, by=user)
        assert not Release.objects.exists()

    def refused(self, report: Report, publisher: Any, **options: Any) -> list[str]:
        with pytest.raises(ValidationError) as refusal:
            release(report, by=publisher, **options)
        return refusal.value.messages

    def test_twice(self, quick_engine, publisher) -> None:
        report = draft()
        attempt = asked(report)
        assert self.refused(report, publisher) == ["It is being released at this moment."]
        make(attempt)
        assert self.refused(report, publisher) == ["It is released already."]

    def test_where_the_period_was_reported_already_or_is_none(self, quick_engine, publisher) -> None:
        report = released()
        sentence = "Report No. 1 says this already. A mistake in it is corrected from its own page."
        assert self.refused(draft(report.plan), publisher) == [sentence]
        other = draft()
        other.plan.periods.update(code="2025-Q3")
        assert self.refused(other, publisher) == ["The plan has no such period."]

    def test_of_a_plan_that_is_not_public(self, publisher) -> None:
        plan = factories.DraftPlanFactory()
        factories.ReportingPeriodFactory(plan=plan)
        sentence = "The plan has not been published. A report speaks of what is public."
        assert self.refused(draft(plan), publisher) == [sentence]

    def test_where_the_figures_are_not_those_that_were_confirmed(self, publisher) -> None:
        sentence = "The record has changed since you opened this page. Look at the figures again."
        assert self.refused(draft(), publisher, counted="0") == [sentence]
        assert not Release.objects.exists()


class TestFailed:
    def assert_nothing_is_released(self, report: Report) -> None:
        report.refresh_from_db()
        assert (report.state, report.number, report.figures, stored()) == ("draft", None, None, [])
        assert not ReportFile.objects.exists()

    def test_a_file_that_cannot_be_made_leaves_nothing_but_the_reason_and_the_next_attempt_works(
        self, quick_engine, monkeypatch
    ) -> None:
        def broken(canonical: str, form: str) -> bytes:
            if form == "html" and '"language":"mn"' in canonical:
                raise RenderingFailed("The report may fetch nothing, and asked for https://example.org/")
            return drawn(canonical, form)

        report = draft()
        monkeypatch.setattr("reports.released_files.rendered", broken)
        attempt = make(asked(report))
        assert (attempt.state, attempt.problem, attempt.files_made) == ("failed", "file", 5)
        assert attempt.problem_place == f"{report.plan.slug}-report-1-mn.html"
        assert attempt.problem_details.endswith("asked for https://example.org/")
        self.assert_nothing_is_released(report)
        monkeypatch.setattr("reports.released_files.rendered", drawn)
        assert released(report).number == 1

    @pytest.mark.parametrize("error", [OSError(28, "No space left on device"), RuntimeError("Odd")])
    def test_whatever_goes_wrong(self, quick_engine, monkeypatch, error) -> None:
        def full(*args: Any, **options: Any) -> str:
            raise error

        report = draft()
        attempt = asked(report)
        monkeypatch.setattr(default_storage, "save", full)
        make(attempt)
        problem = "storage" if isinstance(error, OSError) else "other"
        assert (attempt.state, attempt.problem) == ("failed", problem)
        assert str(getattr(error, "strerror", None) or error) in attempt.problem_details
        monkeypatch.undo()
        self.assert_nothing_is_released(report)

    def test_in_the_last_transaction_no_file_stays(self, quick_engine, monkeypatch) -> None:
        report = draft()
        attempt = asked(report)
        monkeypatch.setattr(making, "keep", lambda *args: (_ for _ in ()).throw(RuntimeError("Odd")))
        assert make(attempt).problem == "other"
        self.assert_nothing_is_released(report)

    def test_a_worker_that_was_killed_is_found_out_and_the_release_can_be_asked_for_again(
        self, quick_engine, monkeypatch, publisher
    ) -> None:
        def killed(canonical: str, form: str) -> bytes:
            if form == "html":
                raise SystemExit
            return drawn(canonical, form)

        report = draft()
        attempt = asked(report)
        monkeypatch.setattr("reports.released_files.rendered", killed)
        with pytest.raises(SystemExit):
            make(attempt)
        attempt.refresh_from_db()
        assert (attempt.state, attempt.files_made, len(stored())) == ("making", 1, 1)
        assert not attempt.is_stalled()
        with pytest.raises(ValidationError, match="at this moment"):
            release(report, by=publisher)
        Release.objects.update(moved_at=timezone.now() - Release.STALLED - datetime.timedelta(seconds=1))
        monkeypatch.setattr("reports.released_files.rendered", drawn)
        second = release(report, by=publisher)
        attempt.refresh_from_db()
        assert (attempt.state, attempt.problem) == ("failed", "stopped")
        self.assert_nothing_is_released(report)
        assert make(attempt).state == "failed"  # the queue gives it out once more
        assert make(second).state == "done"
        assert (Report.objects.get().number, len(stored())) == (1, FILES)

    def test_a_slow_worker_whose_attempt_was_given_up_shows_nothing(self, quick_engine, monkeypatch) -> None:
        report = draft()
        attempt = asked(report)

        def slow(canonical: str, form: str) -> bytes:
            if '"language":"mn"' in canonical:
                making.give_up(attempt, making.Failed(Release.Problem.STOPPED))
            return drawn(canonical, form)

        monkeypatch.setattr("reports.released_files.rendered", slow)
        assert make(attempt).problem == "stopped"
        self.assert_nothing_is_released(report)

    def test_an_attempt_is_taken_on_once(self, quick_engine, monkeypatch) -> None:
        attempt = asked(draft())
        Release.objects.update(begun_at=timezone.now())
        assert make(attempt).state == "making"
        assert stored() == []

    def test_words_that_were_changed_meanwhile_are_not_left_out_silently(self, quick_engine) -> None:
        report = draft()
        attempt = asked(report)
        section = report.sections.get()
        section.body_en = "It went well."
        section.save()
        assert make(attempt).problem == "changed"
        self.assert_nothing_is_released(report)


class TestOneAfterTheOther:
    def test_numbers_count_in_the_plan_and_the_chain_over_all_plans(self, quick_engine) -> None:
        first = released()
        factories.ReportingPeriodFactory(
            plan=first.plan,
            code="2025-Q3",
            starts_on=datetime.date(2025, 7, 1),
            ends_on=datetime.date(2025, 9, 30),
        )
        other, second = released(), released(draft(first.plan, period_code="2025-H2"))
        assert [report.number for report in (first, other, second)] == [1, 1, 2]
        files = list(ReportFile.objects.order_by("position"))
        assert [file.position for file in files] == list(range(1, 3 * FILES + 1))
        assert [file.previous_sha256 for file in files[1:]] == [file.sha256 for file in files[:-1]]

    def test_what_another_release_overtakes_is_made_again_with_the_right_number_and_checkpoint(
        self, quick_engine, monkeypatch
    ) -> None:
        one, other = draft(), draft()
        slow, quick = asked(one), asked(other)

        def overtaken(canonical: str, form: str) -> bytes:
            if not ReportFile.objects.exists():
                monkeypatch.setattr("reports.released_files.rendered", drawn)
                make(quick)
            return drawn(canonical, form)

        monkeypatch.setattr("reports.released_files.rendered", overtaken)
        assert make(slow).state == "done"
        one.refresh_from_db()
        assert one.figures["en"]["report"]["checkpoint"]["count"] == FILES
        assert [file.position for file in one.files.all()] == list(range(FILES + 1, 2 * FILES + 1))
        assert len(stored()) == 2 * FILES


class TestCorrected:
    def test_a_new_draft_follows_it_with_its_words_and_a_reason(self, quick_engine, publisher) -> None:
        old = released()
        new = correct(old, by=publisher, reason="A rating was read wrongly.")
        assert (new.state, new.supersedes, new.kind, new.period_code) == ("draft", old, old.kind, old.period_code)
        assert [section.body_en for section in new.sections.all()] == [WORDS]
        assert Report.objects.get(pk=old.pk).corrected_by is None
        new = released(new)
        assert (new.number, Report.objects.get(pk=old.pk).corrected_by) == (2, new)
        assert len(stored()) == 2 * FILES

    def test_once_with_a_reason_and_by_a_publisher(self, quick_engine, publisher, editor) -> None:
        old = released()
        with pytest.raises(PermissionDenied):
            correct(old, by=editor, reason="x")
        with pytest.raises(ValidationError, match="the reason is public"):
            correct(old, by=publisher, reason="  ")
        with pytest.raises(ValidationError, match="a draft is edited"):
            correct(draft(), by=publisher, reason="x")
        correct(old, by=publisher, reason="x")
        with pytest.raises(ValidationError, match="exists already"):
            correct(old, by=publisher, reason="x")


class TestDataPackage:
    def test_it_describes_every_column_and_escapes_what_looks_like_a_formula(self, quick_engine) -> None:
        report = released()
        with zipfile.ZipFile(io.BytesIO(report.files.get(format="zip").file.read())) as package:
            described = json.loads(package.read("datapackage.json"))
            assert package.namelist() == [
                "datapackage.json",
                *(resource["path"] for resource in described["resources"]),
            ]
            assert {entry.date_time for entry in package.infolist()} == {(1980, 1, 1, 0, 0, 0)}
            tables = {resource["name"]: resource for resource in described["resources"]}
            for resource in tables.values():
                content = package.read(resource["path"])
                assert (resource["bytes"], resource["hash"]) == (
                    len(content),
                    f"sha256:{hashlib.sha256(content).hexdigest()}",
                )
                head = content.decode().split("\r\n")[0]
                assert head.split(",") == [field["name"] for field in resource["schema"]["fields"]]
            answers = package.read(tables["counter-assessments"]["path"]).decode()
        assert "'=Begin again" in answers
        assert described["name"] == f"{report.plan.slug}-report-1"
        assert "licenses" not in described

    def test_the_real_plan_comes_out_whole_twice_the_same(self, nap_4: ActionPlan) -> None:
        report = Report.objects.get(plan=nap_4)
        figures = {
            language: build_figures(nap_4, report.period_code, language, report=report) for language in ("en", "mn")
        }
        content = package_of(figures)
        assert content == package_of(figures)
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            rows = {name: package.read(name).decode().count("\r\n") - 1 for name in package.namelist()[1:]}
        assert rows["data/commitments.csv"] == 9
        assert rows["data/milestones.csv"] == 53
        assert rows["data/counter-assessments.csv"] == 26
