"""The public pages as people meet them: seen, tabbed through, on a phone, in the dark, with nothing from elsewhere."""

from __future__ import annotations

import gzip

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.conftest import SIZES, Visit

PATHS = [
    "/",
    "/plans/",
    "/plans/nap-1/",
    "/plans/nap-4/",
    "/plans/nap-5/",
    "/plans/nap-4/commitments/6/",
    "/plans/nap-4/disagreements/",
    "/plans/nap-1/commitments/3.3.1.4/",
    "/organisations/",
    "/organisations/ministry-of-finance/",
    "/organisations/open-society-forum/",
    "/search/?q=budget",
    "/changes/?plan=nap-4",
    "/reports/",
    "/data/",
    "/about/",
    "/accessibility/",
    "/accounts/login/",
    "/nothing-here/",
]
ADDRESSES = [f"/{language}{path}" for path in PATHS for language in ("en", "mn")]
MOST_BYTES = 60_000  # compressed, with the styles


def violations(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [f"{rule['id']}: {node['html'][:150]}" for rule in found for node in rule["nodes"]]


def focused(page: Page) -> str:
    """What has the focus: its words, or a field's label."""
    text = page.evaluate(
        "(at => (at.labels?.length ? at.labels[0].firstChild : at).textContent)(document.activeElement)"
    )
    return " ".join(text.split())


@pytest.mark.parametrize("address", ADDRESSES)
def test_nothing_bars_anybody_and_nothing_sticks_out(visit: Visit, address: str):
    page = visit.to(address)
    found, widths = {}, {}
    for size, viewport in SIZES.items():
        page.set_viewport_size(viewport)
        widths[size] = page.evaluate("document.documentElement.scrollWidth")
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            found[size, scheme] = violations(page)
    assert found == {(size, scheme): [] for size in SIZES for scheme in ("light", "dark")}
    assert widths == {size: viewport["width"] for size, viewport in SIZES.items()}


@pytest.mark.parametrize("address", [f"/mn{path}" for path in PATHS])
def test_the_page_is_light_alone_and_quiet(visit: Visit, address: str):
    visit.to(address)
    visit.page.wait_for_load_state("networkidle")
    bodies = [response.body() for response in visit.seen.responses]
    assert sum(len(gzip.compress(body)) for body in bodies) <= MOST_BYTES
    assert {url for url in visit.seen.requests if not url.startswith((visit.address, "data:"))} == set()
    # The browser itself complains of a page that answers 404.
    assert [text for text in visit.seen.complaints if "404 (Not Found)" not in text] == []
    assert [text for text in visit.seen.complaints if "/static/" in text] == []


def test_the_first_tab_skips_to_the_content(visit: Visit):
    page = visit.to("/en/plans/nap-4/")
    page.keyboard.press("Tab")
    assert focused(page) == "Skip to content"
    assert page.evaluate("document.activeElement.getBoundingClientRect().top") >= 0
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.getElementById('main').contains(document.activeElement)")


def test_focus_goes_down_the_page_in_the_order_of_reading(visit: Visit):
    page = visit.to("/en/plans/nap-4/")
    order = []
    for _n in range(24):
        page.keyboard.press("Tab")
        order.append(focused(page)[:26])
    assert order == [
        "Skip to content",
        "Open Government Partnershi",
        "Search the record",
        "Search",
        "English",
        "Монгол",
        "NAP V",
        "All plans",
        "Disagreements",
        "Organisations",
        "Reports",
        "Data",
        "Sign in",
        "All plans",
        "Where they disagree",
        "NAP III",
        "JSON NAP IV",
        "Agency",
        "Government’s rating",
        "NGOs",
        "Due dates",
        "Order",
        "Show",
        "Strengthening extractive i",
    ]


def test_a_spine_leads_to_its_milestone(visit: Visit):
    page = visit.to("/en/plans/nap-4/")
    page.get_by_role("link", name="6.5: government: Completed or substantial progress").click()
    assert page.url == f"{visit.address}/en/plans/nap-4/commitments/6/#m6.5"
    assert page.locator("#m6\\.5").evaluate("milestone => milestone.matches(':target')")


def test_the_language_is_changed_on_the_spot(visit: Visit):
    page = visit.to("/en/plans/nap-4/commitments/6/")
    page.get_by_role("link", name="Монгол", exact=True).click()
    assert page.url == f"{visit.address}/mn/plans/nap-4/commitments/6/"
    assert page.locator("html").get_attribute("lang") == "mn"


def test_rows_are_narrowed_without_a_script(browser, visit: Visit):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{visit.address}/en/plans/nap-4/")
    page.get_by_label("NGOs").select_option("differ")
    page.get_by_role("button", name="Show").click()
    assert "contested=true" in page.url
    assert page.locator(".row__title").count() == 2
    context.close()


def test_marks_take_the_colours_of_the_dark_page(visit: Visit):
    page = visit.to("/en/plans/nap-4/")
    drawn = "getComputedStyle(document.querySelector('#m-green .m-full')).fill"
    page.emulate_media(color_scheme="light")
    assert page.evaluate(drawn) == "rgb(0, 115, 90)"
    page.emulate_media(color_scheme="dark")
    assert page.evaluate(drawn) == "rgb(53, 201, 180)"


def test_a_gap_of_two_steps_keeps_its_fill_and_its_words_in_forced_colours(visit: Visit):
    page = visit.to("/en/plans/nap-4/disagreements/")
    page.emulate_media(forced_colors="active")
    for chip in (".gap--2", ".agreement td.two"):
        ground, words = page.locator(chip).first.evaluate(
            "chip => [getComputedStyle(chip).backgroundColor, getComputedStyle(chip).color]"
        )
        assert {ground, words} == {"rgb(0, 0, 0)", "rgb(255, 255, 255)"}


def test_what_is_folded_is_printed_whole(visit: Visit):
    page = visit.to("/en/plans/nap-4/commitments/6/")
    rest = page.locator("details p").first
    assert not rest.is_visible()
    page.emulate_media(media="print")
    assert rest.is_visible()
