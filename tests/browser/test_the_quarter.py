"""A quarter as the support unit goes through it: from the first page of the admin to what the public reads.

Once in English for the fifth plan, whose quarter is opened here and entered by hand; once in Mongolian for the
demonstration's sixty milestones, of which some are copied forward and the rest come from a ministry's workbook.
"""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.core.cache import cache
from django.core.management import call_command
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from openpyxl import load_workbook
from playwright.sync_api import Browser, Locator, Page

from assessments.models import ReportingPeriod, SelfAssessment
from assessments.ratings import Rating
from commitments.models import Milestone, User
from tests import factories
from tests.browser.conftest import SIZES
from tests.browser.test_accounts import PASSWORD, code_of
from tests.browser.test_pages import violations
from tests.browser.test_quarter_sheet import announced, press, row
from tests.ogptracker.test_load_demonstration import BANNER
from tests.workbook_files import saved

LINK = "https://example.org/report"


@dataclass
class Office:
    """The support unit's windows on the site, everybody's in one language; and what was wrong with what they saw."""

    browser: Browser
    address: str
    language: str
    windows: list[Page] = field(default_factory=list)
    looked_at: set[str] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)

    def window(self) -> Page:
        """A fresh one, of somebody who is not signed in."""
        page = self.browser.new_context(viewport=SIZES["desktop"], reduced_motion="reduce").new_page()
        page.set_default_timeout(20_000)
        page.on("console", lambda message: self.faults.append(message.text))
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.windows.append(page)
        return page

    def signed_in(self, user: User) -> Page:
        """On the first page of the admin, by password and code."""
        secret = generate_totp_secret()
        TOTP.activate(user, secret)
        page = self.window()
        page.goto(f"{self.address}/{self.language}/accounts/login/?next=/admin/")
        self.look(page, "signing in")
        page.locator("#id_login").fill(user.email)
        page.locator("#id_password").fill(PASSWORD)
        press(page, "Enter")
        page.wait_for_url("**/2fa/authenticate/**")
        self.look(page, "second factor")
        page.locator("#id_code").fill(code_of(secret))
        press(page, "Enter")
        page.wait_for_url("**/admin/")
        self.look(page, "first page")
        return page

    def look(self, page: Page, what: str) -> None:
        """Once at each kind of page: does it bar anybody, is it wider than a phone?"""
        if what in self.looked_at:
            return
        self.looked_at.add(what)
        complaints = list(self.faults)
        barred = [f"{what}: {fault}" for fault in violations(page)]
        # The checker asks for what a stylesheet imports at a wrong address, and the browser complains of that.
        self.faults = complaints + barred
        page.set_viewport_size(SIZES["phone"])
        if page.evaluate("document.documentElement.scrollWidth") > SIZES["phone"]["width"]:
            self.faults.append(f"{what}: wider than a phone")
        page.set_viewport_size(SIZES["desktop"])

    def public(self, path: str) -> Page:
        """What somebody sees who has never been here."""
        page = self.window()
        page.goto(f"{self.address}/{self.language}{path}")
        self.look(page, f"public {'commitment' if 'commitments' in path else 'plan'}")
        return page


@pytest.fixture
def office(browser: Browser, live_server: Any, loaded_plans: None, settings: Any) -> Iterator[Callable[[str], Office]]:
    settings.STAFF_NEEDS_SECOND_FACTOR = True
    cache.clear()
    opened: list[Office] = []

    def open_office(language: str) -> Office:
        opened.append(Office(browser, live_server.url, language))
        return opened[-1]

    yield open_office
    for office in opened:
        for page in office.windows:
            page.context.close()


def follow(page: Page, name: str | re.Pattern[str]) -> None:
    page.get_by_role("link", name=name).first.click()


def said(page: Page) -> str:
    """The messages on top of a page that came after an act."""
    return page.locator(".messagelist").inner_text()


def attach_link(where: Locator, address: str) -> None:
    """Opens the row's files and links, where they are not open yet."""
    if not where.get_by_label(_("Link: address")).is_visible():
        where.locator(".sheet__foot summary").first.click()
    where.get_by_label(_("Link: address")).fill(address)


def entries(period: ReportingPeriod) -> dict[str, SelfAssessment]:
    """What is in force or being entered, by the milestone's code."""
    newest = SelfAssessment.objects.filter(period=period, superseded_at=None).select_related("milestone")
    return {entry.milestone.code: entry for entry in newest}


def story(entry: SelfAssessment) -> list[tuple[str, str, str]]:
    """Who made it what, and why, from the first trace to the newest."""
    traces = SelfAssessment.history.filter(id=entry.pk).order_by("history_id")
    return [(trace.history_user.name, trace.state, trace.history_change_reason or "") for trace in traces]


# --- the fifth plan, in English ---------------------------------------------------------------------------------------


def enter_by_keyboard(page: Page, code: str) -> None:
    row(page, code).get_by_label("Limited progress").focus()
    press(page, "Space", "Tab")
    page.keyboard.type("A draft was discussed.")
    press(page, "Tab")
    page.keyboard.type("No money yet.")
    press(page, "Control+Enter")
    announced(page, f"{code} is saved.")


def enter_green(page: Page, code: str, letter: Path) -> None:
    """Forgets what green needs, is told beside the field, and adds it."""
    row(page, code).get_by_label("Completed or substantial").check()
    row(page, code).get_by_label("Evidence").first.fill("The register is open.")
    row(page, code).get_by_role("button", name="Save and submit").click()
    announced(page, f"{code} is saved as a draft, but not submitted. For green, attach a file or a link.")
    row(page, code).get_by_label("Files").set_input_files(letter)
    row(page, code).get_by_role("button", name=f"Save {code}").click()
    announced(page, f"{code} is saved.")


def enter_red(page: Page, code: str) -> None:
    row(page, code).get_by_label("Not started or severe delays").check()
    row(page, code).get_by_label("What stands in the way").fill("The law is not adopted.")
    row(page, code).get_by_role("button", name=f"Save {code}").click()
    announced(page, f"{code} is saved.")


def enter_not_rated(page: Page, code: str) -> None:
    row(page, code).get_by_label("Not rated").check()
    row(page, code).get_by_label("Why there is no rating").select_option("Asked, and none given")
    row(page, code).get_by_role("button", name=f"Save {code}").click()
    announced(page, f"{code} is saved.")


def test_a_quarter_of_the_fifth_plan_is_opened_entered_published_and_corrected(
    office: Callable[[str], Office], tmp_path: Path
):
    unit = office("en")
    letter = tmp_path / "letter.txt"
    letter.write_text("The register is open since Monday.")
    begun = ReportingPeriod.objects.filter(plan__slug="nap-5", starts_on__lte=timezone.localdate())
    period = begun.latest("starts_on")
    codes = list(Milestone.objects.filter(commitment__plan__slug="nap-5").values_list("code", flat=True))
    green, missing, red = codes[1], codes[2], codes[3:]

    # A publisher opens the quarter, from the first page.
    publisher = unit.signed_in(factories.PublisherFactory(name="Bold", password=PASSWORD))
    follow(publisher, f"NAP V, {period.name} began")
    unit.look(publisher, "open the quarter")
    publisher.get_by_label("time of day").fill("17:30")
    publisher.get_by_role("button", name="Open the quarter").click()
    assert said(publisher) == f"{period.name} is open for entry."

    # An editor enters every milestone and submits.
    editor = unit.signed_in(factories.EditorFactory(name="Saraa", password=PASSWORD))
    follow(editor, re.compile(rf"NAP V, {period.name}: 0 of {len(codes)} entered; entry closes .*17:30"))
    unit.look(editor, "sheet")
    follow(editor, f"Not entered {len(codes)}")
    enter_by_keyboard(editor, codes[0])
    enter_green(editor, green, letter)
    enter_not_rated(editor, missing)
    for code in red:
        enter_red(editor, code)
    assert editor.get_by_text(f"{len(codes)} of {len(codes)} entered").is_visible()
    editor.get_by_role("button", name=f"Submit all {len(codes)} that are ready").click()
    assert said(editor) == f"{len(codes)} rows are submitted."

    # The publisher reads what publishing would do, sets the answering window, and publishes.
    follow(publisher, "Home")
    follow(publisher, f"NAP V, {period.name}: {len(codes)} ratings wait for a publisher")
    unit.look(publisher, "publish the quarter")
    finding = f"{len(codes)} of {len(codes)} ratings are submitted and would become public."
    assert publisher.get_by_text(finding).is_visible()
    assert publisher.get_by_text(f"Saraa: {len(codes)}").is_visible()
    publisher.get_by_role("group", name="Answers close").get_by_label("time of day").fill("12:00")
    publisher.get_by_role("button", name=f"Publish {len(codes)} ratings").click()
    assert said(publisher) == f"{len(codes)} ratings are published."
    unit.look(publisher, "published")
    assert publisher.get_by_text(re.compile(r"Organisations may answer from .* until .*, 12:00\.")).is_visible()

    # One was wrong: it is corrected in the open.
    follow(publisher, "The quarter sheet")
    follow(publisher, re.compile(r"^Published "))
    follow(publisher, f"Correct {green}")
    unit.look(publisher, "correct")
    publisher.get_by_role("textbox", name="Why it is corrected").fill("The register was closed again.")
    publisher.get_by_role("radio", name="Limited progress").check()
    publisher.get_by_role("textbox", name="Challenges in English").fill("The server failed.")
    publisher.get_by_role("textbox", name="Add a link").fill(LINK)
    publisher.get_by_role("button", name="Publish the correction").click()
    assert said(publisher) == f"{green} is corrected: the new version is public."
    row(publisher, green).get_by_role("link", name="History").click()
    unit.look(publisher, "history")
    assert publisher.get_by_text("The register was closed again.").first.is_visible()

    # The record says so.
    period.refresh_from_db()
    assert (period.state(), timezone.localtime(period.answers_close_at).hour) == (ReportingPeriod.State.ANSWERING, 12)
    now = entries(period)
    assert {code: (entry.rating or entry.no_rating_reason, entry.state) for code, entry in now.items()} == {
        codes[0]: ("limited", "published"),
        green: ("limited", "published"),
        missing: ("not_provided", "published"),
        **dict.fromkeys(red, ("not_started_or_delayed", "published")),
    }
    assert story(now[codes[0]]) == [
        ("Saraa", "draft", ""),
        ("Saraa", "submitted", "submitted"),
        ("Bold", "published", "published"),
    ]
    corrected, before = now[green], now[green].supersedes
    assert (before.rating, corrected.version, corrected.is_latest) == ("completed_or_substantial", 2, True)
    assert story(corrected) == [
        ("Bold", state, "The register was closed again.") for state in ("submitted", "published")
    ]
    assert {evidence.file_name or evidence.address for evidence in corrected.attachments.all()} == {"letter.txt", LINK}

    # And so does the public site.
    plan = unit.public("/plans/nap-5/")
    assert plan.get_by_role("link", name=f"{codes[0]}: government: Limited progress").count() == 1
    assert plan.get_by_role("link", name=f"{red[-1]}: government: Not started or severe delays").count() == 1
    commitment = unit.public(f"/plans/nap-5/commitments/{now[green].milestone.commitment.code}/")
    milestone = commitment.locator(f"[id='m{green}']")
    assert "The register was closed again. Before: Completed or substantial" in " ".join(milestone.inner_text().split())
    assert milestone.get_by_text(f"{green}: government: Limited progress").count() == 1
    assert milestone.get_by_role("link", name="example.org").is_visible()
    assert unit.faults == []


# --- the demonstration's sixty milestones, in Mongolian ---------------------------------------------------------------


class Workbook:
    """A quarter's workbook in a ministry: rows by code, columns by their English heading."""

    def __init__(self, path: Path) -> None:
        self.book = load_workbook(io.BytesIO(path.read_bytes()))
        self.sheet = self.book.worksheets[1]
        self.columns = {re.split("[,\n]", cell.value)[0]: cell.column for cell in self.sheet[1]}
        self.rows = {cell.value: cell.row for cell in self.sheet["A"][1:]}
        self.offered = [cell.value for cell in self.book.worksheets[-1]["A"]]

    def says(self, code: str, column: str) -> str:
        return self._cell(code, column).value or ""

    def put(self, code: str, **words: str) -> None:
        """Columns by heading, with ``_`` for its blanks and nothing after its comma."""
        for column, text in words.items():
            self._cell(code, column.replace("_", " ")).value = text

    def saved_as(self, name: str) -> dict[str, Any]:
        return {"name": name, "mimeType": "application/octet-stream", "buffer": saved(self.book)}

    def _cell(self, code: str, column: str) -> Any:
        return self.sheet.cell(self.rows[code], self.columns[column])


def fill_in(book: Workbook, codes: list[str]) -> None:
    """What a ministry answers: every third milestone is green, the others are on their way."""
    green, amber, _red = book.offered
    for place, code in enumerate(codes):
        if place % 3:
            book.put(code, Rating=amber, Evidence_in_Mongolian="Төсөл бэлэн.", Challenges_in_Mongolian="Төсөв алга.")
        else:
            book.put(code, Rating=green, Evidence_in_Mongolian="Бүртгэл нээгдсэн.", Links=f"{LINK}/{code}")


def upload(page: Page, file: dict[str, Any]) -> None:
    page.get_by_label(_("Excel workbook (XLSX)")).set_input_files(file)
    page.get_by_role("button", name=_("Show what it would change")).click()


def problems(page: Page) -> list[tuple[str, ...]]:
    """Row, column and sentence of each."""
    lines = page.get_by_role("region", name=_("Problems")).locator("tbody tr").all()
    return [tuple(line.get_by_role("cell").all_inner_texts()[1:]) for line in lines]


def mend(page: Page, code: str) -> None:
    """Adds whatever a draft may lack, and submits it; a returned one is sent again."""
    mended = row(page, code)
    if mended.get_by_label(str(Rating.COMPLETED_OR_SUBSTANTIAL.label)).is_checked():
        attach_link(mended, f"{LINK}/{code}")
    else:
        mended.get_by_label(_("What stands in the way")).first.fill("Төсөв алга.")
    mended.get_by_role("button", name=_("Save and submit")).click()
    announced(page, _("%(code)s is submitted.") % {"code": code})


def test_sixty_milestones_are_copied_uploaded_mended_published_and_one_corrected(
    office: Callable[[str], Office], settings: Any
):
    settings.DEBUG = True
    call_command("load_demonstration", verbosity=0)
    settings.DEBUG = False
    before, period = ReportingPeriod.objects.filter(plan__slug="demonstration").order_by("starts_on")[4:]
    unit = office("mn")
    with translation.override("mn"):
        named = {"period": f"{period.plan.short_name}, {period.name}"}

        # An editor copies what has not changed.
        editor = unit.signed_in(factories.EditorFactory(name="Сараа", password=PASSWORD, language="mn"))
        follow(editor, re.compile(rf"{named['period']}: 60‑оос 31 оруулсан"))
        unit.look(editor, "sheet")
        follow(editor, f"{_('Not entered')} 29")
        same = _("Same as %(period)s") % {"period": before.name}
        copied = [text.split(": ")[-1] for text in editor.get_by_role("button", name=same).all_inner_texts()][:4]
        for code in copied:
            row(editor, code).get_by_role("button", name=same).click()
            announced(editor, _("%(code)s now says the same as %(period)s.") % {"code": code, "period": before.name})
        assert editor.get_by_text("Оруулсан нь 35, нийт 60").is_visible()

        # A ministry fills in the rest of the workbook, and makes three mistakes.
        with editor.expect_download() as download:
            follow(editor, _("Download as XLSX"))
        book = Workbook(download.value.path())
        codes = [code for code in book.rows if not book.says(code, "State")]
        assert len(codes) == 25
        fill_in(book, codes)
        first, second, third = codes[:3]
        green, _amber, _red = book.offered
        book.put(first, Rating="Бараг л болсон")
        book.put(second, Links="ftp://example.org/report")
        book.put(third, Code="99.9")
        follow(editor, _("Upload an XLSX"))
        unit.look(editor, "upload")
        upload(editor, book.saved_as("Яам.xlsx"))
        unit.look(editor, "problems")
        assert [found[:2] for found in problems(editor)] == [
            (str(book.rows[first]), _("rating").capitalize()),
            (str(book.rows[second]), _("links, one a line").capitalize()),
            (str(book.rows[third]), _("code").capitalize()),
        ]
        assert SelfAssessment.objects.filter(period=period).count() == 35

        # Mended, it shows what it would write, and writes that.
        book.put(first, Rating=green)
        book.put(second, Links="example.org/report")
        book.put(third, Code=third)
        follow(editor, _("Upload another file"))
        upload(editor, book.saved_as("Яам.xlsx"))
        unit.look(editor, "preview")
        assert problems(editor) == []
        editor.get_by_role("button", name=_("Write these differences")).click()
        written = {"file": "Яам.xlsx", "new": 25, "changed": 0}
        assert said(editor) == _("Written from %(file)s: %(new)d new, %(changed)d changed.") % written
        assert editor.get_by_text("Оруулсан нь 60, нийт 60").is_visible()

        # What was left to mend is mended in the sheet; then everything is submitted.
        follow(editor, f"{_('To mend')} 7")
        unit.look(editor, "to mend")
        for code in [text.strip() for text in editor.locator(".sheet__name .code").all_inner_texts()]:
            mend(editor, code)
        ready = ngettext("Submit the one that is ready", "Submit all %(counter)s that are ready", 35) % {"counter": 35}
        editor.get_by_role("button", name=ready).click()
        assert said(editor) == ngettext("%(count)s row is submitted.", "%(count)s rows are submitted.", 35) % {
            "count": 35
        }

        # A publisher publishes all sixty.
        publisher = unit.signed_in(factories.PublisherFactory(name="Болд", password=PASSWORD, language="mn"))
        waiting = ngettext(
            "%(period)s: %(count)d rating waits for a publisher",
            "%(period)s: %(count)d ratings wait for a publisher",
            60,
        )
        follow(publisher, waiting % {**named, "count": 60})
        unit.look(publisher, "publish the quarter")
        assert publisher.get_by_role("note").inner_text() == BANNER["mn"]
        assert publisher.get_by_text("Сараа: 42").is_visible()
        button = ngettext("Publish %(counter)s rating", "Publish %(counter)s ratings", 60) % {"counter": 60}
        publisher.get_by_role("button", name=button).click()
        assert said(publisher) == ngettext(
            "%(number)d rating is published.", "%(number)d ratings are published.", 60
        ) % {"number": 60}
        unit.look(publisher, "published")

        # One was wrong: it is corrected in the open.
        follow(publisher, _("The quarter sheet, where a rating is corrected"))
        follow(publisher, re.compile(rf"^{_('Published')} "))
        follow(publisher, f"{_('Correct')} {first}")
        unit.look(publisher, "correct")
        publisher.get_by_role("textbox", name=_("Why it is corrected")).fill("Бүртгэл дахин хаагдсан.")
        publisher.get_by_role("radio", name=str(Rating.LIMITED.label)).check()
        publisher.get_by_role("textbox", name=_("challenges in Mongolian")).fill("Сервер гэмтсэн.")
        publisher.get_by_role("textbox", name=_("add a link")).fill(f"{LINK}/closed")
        publisher.get_by_role("button", name=_("Publish the correction")).click()
        assert said(publisher) == _("%(code)s is corrected: the new version is public.") % {"code": first}
        row(publisher, first).get_by_role("link", name=_("History")).click()
        unit.look(publisher, "history")
        assert publisher.get_by_text("Бүртгэл дахин хаагдсан.").first.is_visible()

        # The record says so.
        now = entries(period)
        assert Counter(entry.state for entry in now.values()) == {"published": 60}
        assert {code for code, entry in now.items() if entry.copied_from} >= set(copied)
        assert (now[second].rating, now[second].challenges_mn) == ("limited", "Төсөв алга.")
        assert [(who, state) for who, state, _why in story(now[second])] == [
            ("Сараа", "draft"),
            ("Сараа", "submitted"),
            ("Болд", "published"),
        ]
        assert "Яам.xlsx" in story(now[second])[0][2]
        assert (now[first].version, now[first].rating, now[first].supersedes.rating) == (
            2,
            "limited",
            "completed_or_substantial",
        )

        # And so does the public site, marked as invented.
        limited = re.compile(rf"^{re.escape(second)}: .*: {Rating.LIMITED.label}")
        plan = unit.public("/plans/demonstration/")
        assert plan.get_by_role("link", name=limited).count() == 1
        assert plan.get_by_role("note").first.inner_text() == BANNER["mn"]
        commitment = unit.public(f"/plans/demonstration/commitments/{now[first].milestone.commitment.code}/")
        assert "Бүртгэл дахин хаагдсан." in commitment.locator(f"[id='m{first}']").inner_text()
        assert commitment.get_by_role("note").first.inner_text() == BANNER["mn"]
    assert unit.faults == []
