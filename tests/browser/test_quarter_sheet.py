"""The quarter sheet as an editor works on it: with the keyboard alone, with and without scripts, beside a colleague."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, Route

from assessments import lifecycle
from assessments.entry import form_for, save_entry
from assessments.models import ReportingPeriod, SelfAssessment
from commitments.models import User
from tests import factories
from tests.browser.conftest import SIZES
from tests.browser.test_pages import focused, violations

WIDE, NARROW = SIZES["desktop"], SIZES["phone"]


@dataclass
class Desk:
    """An editor in front of a plan with two commitments, its second quarter open, its first one published."""

    period: ReportingPeriod
    editor: User
    address: str
    open_window: Callable[..., Page]
    complaints: list[str] = field(default_factory=list)

    def sheet(self, page: Page, query: str = "") -> Page:
        page.goto(f"{self.address}/admin/quarter/{self.period.plan.slug}/{self.period.code}/{query}")
        return page

    def entry(self, code: str) -> SelfAssessment:
        return SelfAssessment.objects.get(period=self.period, milestone__code=code)


@pytest.fixture
def desk(browser: Browser, live_server, transactional_db: None) -> Iterator[Desk]:
    plan = factories.ActionPlanFactory()
    before = factories.PublishedPeriodFactory(plan=plan)
    period = factories.OpenPeriodFactory(
        plan=plan, code="2025-Q2", starts_on=datetime.date(2025, 4, 1), ends_on=datetime.date(2025, 6, 30)
    )
    for code in ("1", "2"):
        commitment = factories.CommitmentFactory(plan=plan, code=code, title_mn=f"{code}-р амлалт")
        for number in (1, 2):
            factories.MilestoneFactory(commitment=commitment, code=f"{code}.{number}", title_mn=f"{number}-р шат")
    factories.PublishedSelfAssessmentFactory(milestone__commitment=commitment, milestone__code="2.3", period=before)
    editor, contexts, complaints = factories.EditorFactory(name="Saraa"), [], []

    def open_window(user: User | None = None, **options) -> Page:
        context: BrowserContext = browser.new_context(**{"viewport": WIDE, "reduced_motion": "reduce"} | options)
        contexts.append(context)
        client = Client()
        client.force_login(user or editor)
        cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}])
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page

    yield Desk(period, editor, live_server.url, open_window, complaints)
    for context in contexts:
        context.close()


def row(page: Page, code: str):
    return page.locator(f"article[id='row-{code}']")


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def announced(page: Page, text: str) -> None:
    page.wait_for_function("text => document.getElementById('sheet-said').textContent.includes(text)", arg=text)


def test_a_row_is_entered_with_the_keyboard_alone_and_the_page_stays(desk: Desk):
    page = desk.sheet(desk.open_window())
    page.evaluate("window.still = true")
    page.locator("[id='row-1.1-rating_1']").focus()
    press(page, "Space", "Tab")
    assert focused(page) == "Evidence"
    page.keyboard.type("The draft is written.")
    press(page, "Tab")
    assert focused(page) == "What stands in the way"
    assert row(page, "1.1").get_by_text("Not saved yet").is_visible()
    press(page, "Control+Enter")
    announced(page, "1.1 is saved.")
    assert (desk.entry("1.1").rating, desk.entry("1.1").evidence_en) == ("limited", "The draft is written.")
    assert row(page, "1.1").get_by_text("Draft, 1 to mend").is_visible()
    assert row(page, "1.1").get_by_text("Below green, say what stands in the way.").is_visible()
    assert not row(page, "1.1").get_by_text("Not saved yet").is_visible()
    assert page.get_by_text("1 of 5 entered").is_visible()
    assert page.get_by_role("link", name="To mend 1").is_visible()
    page.wait_for_function("() => document.activeElement.id === 'row-1.1-challenges_en'")
    page.keyboard.type("No money.")
    press(page, "Tab", "Tab", "Tab", "Tab")
    assert focused(page) == "Save and submit 1.1"
    press(page, "Enter")
    announced(page, "1.1 is submitted.")
    assert desk.entry("1.1").state == "submitted"
    page.wait_for_function("() => document.activeElement.id === 'row-1.1-name'")
    press(page, "Tab")
    assert focused(page) == "History: 1.1"
    press(page, "Tab")
    assert focused(page) == "Return it to be mended: 1.1"
    press(page, "Tab")
    assert page.evaluate("() => document.activeElement.name") == "rating"
    assert page.evaluate("() => document.activeElement.closest('article').id") == "row-1.2"
    assert page.evaluate("window.still")
    assert desk.complaints == []


def test_what_is_not_rated_asks_why_and_nothing_else_does(desk: Desk):
    page = desk.sheet(desk.open_window())
    asked = row(page, "1.1").get_by_label("Why there is no rating")
    assert not asked.is_visible()
    row(page, "1.1").get_by_label("Not rated").check()
    asked.select_option("not_provided")
    row(page, "1.1").get_by_role("button", name="Save and submit").click()
    announced(page, "1.1 is submitted.")
    assert (desk.entry("1.1").rating, desk.entry("1.1").no_rating_reason) == (None, "not_provided")
    row(page, "1.2").get_by_label("Completed or substantial").check()
    assert row(page, "1.2").get_by_text("Not needed for green.").is_visible()


def test_a_link_and_a_file_are_saved_with_the_row(desk: Desk, tmp_path):
    page = desk.sheet(desk.open_window())
    row(page, "1.1").get_by_label("Completed or substantial").check()
    row(page, "1.1").get_by_label("Evidence").first.fill("Law adopted.")
    row(page, "1.1").get_by_role("button", name="Save and submit").click()
    announced(page, "For green, attach a file or a link.")
    page.wait_for_function("() => document.activeElement.matches('.error-summary')")
    page.get_by_role("link", name="Add files: For green, attach a file or a link.").click()
    assert page.evaluate("document.activeElement.name") == "new_files"
    row(page, "1.1").get_by_label("Link: address").fill("https://example.org/law")
    letter = tmp_path / "letter.txt"
    letter.write_text("Adopted.")
    row(page, "1.1").get_by_label("Files").set_input_files(letter)
    row(page, "1.1").get_by_role("button", name="Save and submit").click()
    announced(page, "1.1 is submitted.")
    kept = desk.entry("1.1").attachments.all()
    assert [(evidence.address, evidence.file_name) for evidence in kept] == [
        ("", "letter.txt"),
        ("https://example.org/law", ""),
    ]


def test_the_same_as_last_quarter_is_one_press_and_keeps_what_was_typed(desk: Desk):
    page = desk.sheet(desk.open_window(), "?open=2")
    row(page, "2.3").get_by_label("What stands in the way").fill("Time.")
    row(page, "2.3").get_by_role("button", name="Same as Quarter 1 of 2025").click()
    announced(page, "2.3 now says the same as Quarter 1 of 2025.")
    assert row(page, "2.3").get_by_label("Evidence").first.input_value() == "The draft is written."
    assert row(page, "2.3").get_by_label("What stands in the way").input_value() == "Time."
    assert row(page, "2.3").get_by_text("Not saved yet").is_visible()
    assert desk.entry("2.3").challenges_en == "No money yet."


def test_two_on_one_row_the_second_is_told_and_keeps_the_text(desk: Desk):
    page = desk.sheet(desk.open_window())
    row(page, "1.1").get_by_label("Evidence").first.fill("Two laws.")
    step = desk.period.plan.commitments.get(code="1").milestones.get(code="1.1")
    colleague = factories.EditorFactory(name="Bold")
    sent = {bound.name: bound.value() or "" for bound in form_for(desk.period, step)}
    save_entry(desk.period, step, sent | {"evidence_en": "A law.", "challenges_en": "Money."}, by=colleague)
    row(page, "1.1").get_by_role("button", name="Save 1.1").click()
    errors = row(page, "1.1").locator(".error-summary")
    errors.wait_for()
    page.wait_for_function("() => document.activeElement.matches('.error-summary')")
    assert row(page, "1.1").get_by_text("Bold wrote here meanwhile: A law.").first.is_visible()
    assert row(page, "1.1").get_by_label("Evidence").first.input_value() == "Two laws."
    assert row(page, "1.1").get_by_label("What stands in the way").input_value() == "Money."
    assert row(page, "1.1").get_by_text("Not saved yet").is_visible()
    row(page, "1.1").get_by_role("button", name="Save 1.1").click()
    announced(page, "1.1 is saved.")
    assert (desk.entry("1.1").evidence_en, desk.entry("1.1").challenges_en) == ("Two laws.", "Money.")


def test_a_site_that_does_not_answer_leaves_the_text_and_says_so(desk: Desk):
    page = desk.sheet(desk.open_window())
    row(page, "1.1").get_by_label("Evidence").first.fill("Kept.")
    page.route("**/row/**", lambda route: route.abort())
    row(page, "1.1").get_by_role("button", name="Save 1.1").click()
    announced(page, "Not saved: the site did not answer. Your text stands here; try again.")
    assert row(page, "1.1").get_by_label("Evidence").first.input_value() == "Kept."
    page.unroute("**/row/**")
    row(page, "1.1").get_by_role("button", name="Save 1.1").click()
    announced(page, "1.1 is saved.")


def test_whoever_was_signed_out_signs_in_elsewhere_and_saves(desk: Desk):
    page = desk.sheet(desk.open_window())
    row(page, "1.1").get_by_label("Evidence").first.fill("Kept.")
    session = page.context.cookies()
    page.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    row(page, "1.1").get_by_role("button", name="Save 1.1").click()
    announced(page, "Not saved: you are signed out.")
    page.context.add_cookies(session)
    row(page, "1.1").get_by_role("button", name="Save 1.1").click()
    announced(page, "1.1 is saved.")
    assert desk.entry("1.1").evidence_en == "Kept."


def test_what_is_typed_while_the_row_is_on_its_way_is_not_lost(desk: Desk):
    page = desk.sheet(desk.open_window())
    field = row(page, "1.1").get_by_label("Evidence").first
    field.fill("First.")

    def type_meanwhile(route: Route) -> None:
        page.evaluate("document.getElementById('row-1.1-evidence_en').value = 'First. Second.'")
        route.continue_()

    page.route("**/row/**", type_meanwhile)
    row(page, "1.1").get_by_role("button", name="Save 1.1").click()
    announced(page, "1.1 is saved.")
    assert desk.entry("1.1").evidence_en == "First."
    assert field.input_value() == "First. Second."
    assert row(page, "1.1").get_by_text("Not saved yet").is_visible()


def test_leaving_with_unsaved_text_warns(desk: Desk):
    page = desk.sheet(desk.open_window())
    row(page, "1.1").get_by_label("Evidence").first.fill("Unsaved.")
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.get_by_role("link", name="To mend 0").click()
    assert asked == ["beforeunload"]
    assert row(page, "1.1").get_by_label("Evidence").first.input_value() == "Unsaved."


def test_without_scripts_the_sheet_comes_back_at_the_row(desk: Desk):
    page = desk.sheet(desk.open_window(java_script_enabled=False))
    row(page, "1.2").get_by_label("Limited progress").check()
    row(page, "1.2").get_by_label("Evidence").first.fill("The draft is written.")
    row(page, "1.2").get_by_role("button", name="Save 1.2").click()
    assert page.url.endswith("/2025-Q2/?open=1#row-1.2")
    assert page.locator(".messagelist").inner_text() == "1.2 is saved."
    row(page, "1.2").get_by_text("Files and links").first.click()
    row(page, "1.2").get_by_label("Link: address").fill("ftp://example.org/")
    row(page, "1.2").get_by_label("What stands in the way").fill("No money.")
    row(page, "1.2").get_by_role("button", name="Save and submit").click()
    assert page.locator(".error-summary li").all_inner_texts() == [
        "Add a link: Give a link that begins with https:// or http://."
    ]
    assert row(page, "1.2").get_by_label("What stands in the way").input_value() == "No money."
    assert desk.entry("1.2").challenges_en == ""
    row(page, "1.2").get_by_label("Link: address").fill("https://example.org/draft")
    row(page, "1.2").get_by_role("button", name="Save and submit").click()
    assert desk.entry("1.2").state == "submitted"
    page.get_by_label("Light").select_option("amber")
    page.get_by_role("button", name="Show").click()
    assert page.locator(".sheet__row").count() == 1


@pytest.mark.parametrize("language", ["en", "mn"])
def test_nothing_bars_anybody_and_nothing_sticks_out(desk: Desk, language: str):
    desk.editor.language = language
    desk.editor.save()
    step = desk.period.plan.commitments.get(code="1").milestones.get(code="1.1")
    factories.SelfAssessmentFactory(milestone=step, period=desk.period, challenges_en="")
    mended = factories.SubmittedSelfAssessmentFactory(milestone__commitment=step.commitment, period=desk.period)
    lifecycle.return_self_assessment(mended, by=desk.editor, reason="Which law?")
    factories.SubmittedSelfAssessmentFactory(milestone__commitment=step.commitment, period=desk.period)
    page = desk.open_window()
    address = f"/admin/quarter/{desk.period.plan.slug}/2025-Q2/"
    found, widths = {}, {}
    for there in (address, "/admin/quarter/", f"{address}row/1.1/"):
        page.goto(f"{desk.address}{there}")
        for details in page.locator("details").all():
            details.evaluate("details => { details.open = true; }")
        for size, viewport in SIZES.items():
            page.set_viewport_size(viewport)
            widths[there, size] = page.evaluate("document.documentElement.scrollWidth") - viewport["width"]
            for scheme in ("light", "dark"):
                page.emulate_media(color_scheme=scheme)
                found[there, size, scheme] = violations(page)
    assert {key: rules for key, rules in found.items() if rules} == {}
    assert set(widths.values()) == {0}
    assert desk.complaints == []
