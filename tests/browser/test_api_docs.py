"""The API's documentation page under the site's own policy: it renders, answers, and loads nothing from elsewhere."""

from ogptracker.api import RESOURCES
from tests.browser.conftest import Visit


def test_the_documentation_shows_every_address_and_loads_nothing_from_elsewhere(visit: Visit) -> None:
    page = visit.to("/api/docs/")
    page.wait_for_selector(".opblock")
    assert page.locator(".opblock").count() == 2 * len(RESOURCES)
    page.get_by_text("/api/v1/milestones/{plan}/{code}/").click()
    page.get_by_role("button", name="Try it out").click()
    page.get_by_placeholder("plan").fill("nap-4")
    page.get_by_placeholder("code").fill("6.5")
    page.get_by_role("button", name="Execute").click()
    page.wait_for_selector(".live-responses-table")
    assert page.locator(".live-responses-table .response-col_status").last.inner_text().startswith("200")
    assert visit.seen.complaints == []
    assert [address for address in visit.seen.requests if not address.startswith((visit.address, "data:"))] == []
    assert page.context.cookies() == []
