"""The page of disagreements in a browser: narrowed without a script, whole on a phone, in the dark, on paper."""

import pytest

from tests.browser.conftest import SIZES, Visit
from tests.browser.test_pages import violations

THERE = "/plans/nap-4/disagreements/"


def test_the_rows_are_narrowed_by_a_form_that_needs_no_script(browser, live_server, loaded_plans):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{live_server.url}/en{THERE}")
    page.select_option("select[name=gap]", "-2")
    page.click("text=Show")
    assert page.inner_text("#list") == "1 milestone, widest gap first"
    assert page.locator(".differ h4 b").all_inner_texts() == ["6.5"]
    page.click("text=Show all")
    assert page.locator(".differ").count() == 10
    context.close()


def test_a_count_of_the_table_leads_to_its_rows(visit: Visit):
    page = visit.to(f"/en{THERE}")
    page.click(".agreement td.two a")
    assert page.locator(".differ h4 b").all_inner_texts() == ["6.5"]


@pytest.mark.parametrize("language", ["en", "mn"])
def test_no_word_of_the_table_is_broken_on_a_phone(visit: Visit, language: str):
    page = visit.to(f"/{language}{THERE}")
    page.set_viewport_size(SIZES["phone"])
    assert page.evaluate("document.documentElement.scrollWidth") == SIZES["phone"]["width"]
    heights = page.evaluate(
        "[...document.querySelectorAll('.agreement thead .light span')].map(at => {"
        "  const words = at.textContent.trim().split(/\\s+/).length;"
        "  return at.getBoundingClientRect().height <= words * parseFloat(getComputedStyle(at).lineHeight) + 1;"
        "})"
    )
    assert heights == [True, True, True]


def test_it_can_be_printed_from_the_dark(visit: Visit):
    page = visit.to(f"/en{THERE}")
    page.emulate_media(color_scheme="dark", media="print")
    assert page.locator("form.filters").is_hidden()
    assert violations(page) == []
