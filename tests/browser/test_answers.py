"""Answering in a browser: on a phone in Mongolian, through a lost session, without a script, without a mouse."""

from __future__ import annotations

import datetime
import io
import re
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone
from PIL import ExifTags, Image
from playwright.sync_api import Browser, Page

from assessments.models import CounterAssessment, SelfAssessment
from commitments import invitations
from commitments.models import Invitation
from tests import factories
from tests.admin_pages import address
from tests.browser.conftest import SIZES, Visit
from tests.browser.test_accounts import PASSWORD, faults, fill
from tests.uploads import PDF

WHERE = "counter-assessments/p/2025-Q1/1.1/"


@pytest.fixture
def rated(visit: Visit) -> SelfAssessment:
    """The government's rating (amber) in a window that is open for another week."""
    plan = factories.ActionPlanFactory(slug="p", title_en="The plan", title_mn="Төлөвлөгөө")
    period = factories.PublishedPeriodFactory(
        plan=plan, answers_close_at=timezone.now() + datetime.timedelta(days=7, hours=1)
    )
    milestone = factories.MilestoneFactory(
        commitment__plan=plan,
        commitment__code="1",
        code="1.1",
        title_mn="Цахим бүртгэл нэвтрүүлэх",
        agencies=[factories.OrganisationFactory(name_mn="Жишээ яам")],
    )
    return factories.PublishedSelfAssessmentFactory(milestone=milestone, period=period, evidence_mn="Төсөл бэлэн.")


@pytest.fixture
def author(rated: SelfAssessment) -> Any:
    ngo = factories.NgoFactory(slug="watch", name_mn="Иргэний хяналт")
    return factories.RepresentativeFactory(
        organisation=ngo, email="saraa@example.org", name="Saraa", language="mn", password=PASSWORD
    )


def own() -> CounterAssessment:
    return CounterAssessment.objects.get(organisation__slug="watch")


def shown_gap(page: Page) -> str:
    return " ".join(page.locator(".live:visible .gap").inner_text().split())


def photo() -> bytes:
    image, written = Image.new("RGB", (40, 30), "white"), io.BytesIO()
    exif = image.getexif()
    exif[ExifTags.Base.Make] = "Nokia"
    image.save(written, "JPEG", exif=exif)
    return written.getvalue()


def come_in(visit: Visit, language: str = "mn", then: str = "") -> Page:
    page = visit.to(f"/{language}/accounts/login/" + (f"?next=/{language}/{then}" if then else ""))
    fill(page, login="saraa@example.org", password=PASSWORD)
    return page


def press(page: Page, do: str) -> None:
    page.locator(f"button[value={do}]").click()
    page.wait_for_load_state()


@pytest.fixture(autouse=True)
def _mail_leads_here(settings: Any, live_server: Any) -> None:
    settings.SITE_URL = live_server.url


def by_invitation(visit: Visit) -> Page:
    """Follow the link of the mail on a phone, and set a password."""
    ngo = factories.NgoFactory(slug="watch", name_mn="Иргэний хяналт")
    invitation = Invitation(email="saraa@example.org", name="Saraa", language="mn", organisation=ngo)
    mail.outbox.clear()
    invitations.invite(invitation, by=factories.PublisherFactory(name="Bat"))
    page = visit.page
    page.set_viewport_size(SIZES["phone"])
    page.goto(re.search(r"http\S+", mail.outbox[0].body).group())
    fill(page, name="Saraa", password1=PASSWORD, password2=PASSWORD)
    return page


def at_the_office(browser: Browser, visit: Visit) -> Page:
    """A publisher's own window on the admin."""
    publisher = factories.PublisherFactory(email="bat@example.org", language="mn", password=PASSWORD)
    page = browser.new_context(viewport=SIZES["desktop"], reduced_motion="reduce").new_page()
    page.goto(f"{visit.address}/mn/accounts/login/?next=/admin/")
    fill(page, login=publisher.email, password=PASSWORD)
    return page


def go(page: Page, name: str) -> None:
    page.locator("a.verb").get_by_text(name, exact=True).click()
    page.wait_for_load_state()


def send(page: Page) -> None:
    page.locator("#content form [type=submit]").first.click()
    page.wait_for_load_state()


def test_from_the_invitation_to_the_correction_on_a_phone_in_mongolian(
    browser: Browser, visit: Visit, rated: SelfAssessment
):
    page = by_invitation(visit)
    assert page.url == f"{visit.address}/mn/counter-assessments/"
    assert page.locator("h1").inner_text() == "Манай үнэлгээ: Төлөвлөгөө, 2025 оны 1\u2011р улирал"
    page.get_by_role("link", name="1.1 Цахим бүртгэл нэвтрүүлэх").click()
    page.locator("input[value=not_started_or_delayed]").check()
    assert shown_gap(page) == "▼ 1 шат доогуур"
    page.locator("#id_recommendation").fill("Бүртгэлийг нээх.")
    page.wait_for_selector("#saved:has-text('Ноорог хадгалагдсан')")
    assert own().recommendation == "Бүртгэлийг нээх."
    page.locator("#id_files").set_input_files(
        [
            {"name": "zurag.jpg", "mimeType": "image/jpeg", "buffer": photo()},
            {"name": "akt.pdf", "mimeType": "application/pdf", "buffer": PDF},
        ]
    )
    press(page, "check")
    assert page.evaluate("document.activeElement.id") == "summary"
    assert page.locator("#id_justification").get_attribute("aria-invalid") == "true"
    assert page.locator(".attached li").count() == 2
    assert faults(page) == []

    page.set_viewport_size(SIZES["phone"])
    page.context.clear_cookies()
    page.locator("#id_justification").fill("Юу ч хийгээгүй.")
    page.wait_for_selector(".saved--not")
    page.get_by_role("link", name="Нэвтрэх").last.click()
    fill(page, login="saraa@example.org", password=PASSWORD)
    assert page.locator("#id_justification").input_value() == "Юу ч хийгээгүй."
    page.wait_for_selector("#saved:has-text('Ноорог хадгалагдсан')")
    assert own().justification == "Юу ч хийгээгүй."

    press(page, "check")
    assert page.url == f"{visit.address}/mn/{WHERE}check/"
    assert faults(page) == []
    page.locator("form.actions button").click()
    page.wait_for_load_state()
    answer = own()
    assert page.locator(".facts--large dd").first.inner_text() == answer.reference_number
    assert faults(page) == []
    assert mail.outbox[-1].subject == f"[OGP] Танай үнэлгээг хүлээн авлаа: {answer.reference_number}"
    assert "Юу ч хийгээгүй." in mail.outbox[-1].body

    office = at_the_office(browser, visit)
    office.goto(f"{visit.address}{address(CounterAssessment, 'change', answer)}")
    assert office.locator("#content").get_by_text("Юу ч хийгээгүй.").count() == 1
    go(office, "Нийтлэх")
    send(office)
    answer.refresh_from_db()
    assert answer.state == "published"

    page.context.clear_cookies()
    visit.to("/mn/plans/p/commitments/1/")
    voices = page.locator("#m1\\.1 .voices").inner_text()
    assert ["Төсөл бэлэн." in voices, "Юу ч хийгээгүй." in voices, "Иргэний хяналт" in voices] == [True, True, True]
    assert "Saraa" not in page.content()

    office.goto(f"{visit.address}{address(CounterAssessment, 'change', answer)}")
    go(office, "Хариу тайлбар оруулах")
    office.locator("#id_kind").select_option("changed")
    office.locator("#id_reason_mn").fill("Бүртгэл ажиллаагүйг хүлээн зөвшөөрөв.")
    office.locator("[name=_continue]").click()
    office.wait_for_load_state()
    go(office, "Залруулсан үнэлгээтэй хамт нийтлэх")
    office.locator("input[name=rating][value=not_started_or_delayed]").check()
    office.locator("#id_challenges_mn").fill("Мөнгө алга.")
    office.locator("#id_reason").fill("Байгууллагын хариугаар залруулав.")
    send(office)
    answer.refresh_from_db()
    corrected = SelfAssessment.objects.get(milestone=rated.milestone, is_latest=True)
    assert (corrected.version, corrected.rating, answer.responses.get().correction) == (
        2,
        "not_started_or_delayed",
        corrected,
    )
    visit.to("/mn/plans/p/commitments/1/")
    block = page.locator("#m1\\.1").inner_text()
    assert [
        words in block
        for words in ("Бүртгэл ажиллаагүйг хүлээн зөвшөөрөв.", "Байгууллагын хариугаар залруулав.", "Юу ч хийгээгүй.")
    ] == [True, True, True]
    office.context.close()


@pytest.mark.parametrize("language", ["en", "mn"])
def test_every_page_of_the_workspace_bars_nobody(visit: Visit, author: Any, rated: SelfAssessment, language: str):
    page = come_in(visit, language)
    found = {"workspace": faults(page)}
    visit.to(f"/{language}/{WHERE}")
    found["form"] = faults(page)
    page.locator("input[value=limited]").check()
    press(page, "check")
    found["check"] = faults(page)
    page.locator("form.actions button").click()
    page.wait_for_load_state()
    found["receipt"] = faults(page)
    visit.to(f"/{language}/{WHERE}")
    found["sent"] = faults(page)
    visit.to(f"/{language}/{WHERE}withdraw/")
    found["withdraw"] = faults(page)
    other = factories.NgoFactory()
    factories.MembershipFactory(user=author, organisation=other)
    visit.to(f"/{language}/counter-assessments/")
    found["choose"] = faults(page)
    author.memberships.all().delete()
    visit.to(f"/{language}/counter-assessments/")
    found["nobody"] = faults(page)
    assert found == {name: [] for name in found}
    assert len(found) == 8


def test_without_a_script_nothing_typed_is_lost(browser: Browser, visit: Visit, author: Any):
    context = browser.new_context(java_script_enabled=False, viewport=SIZES["phone"])
    page = context.new_page()
    page.goto(f"{visit.address}/en/accounts/login/?next=/en/{WHERE}")
    fill(page, login="saraa@example.org", password=PASSWORD)
    page.locator("input[value=completed_or_substantial]").check()
    assert shown_gap(page) == "▲ higher by 1"
    page.locator("#id_justification").fill("It is open.")
    press(page, "save")
    assert own().justification == "It is open."
    context.clear_cookies()
    page.locator("#id_condition").fill("Once it is law.")
    press(page, "save")
    assert page.locator("h1").inner_text() == "You were signed out meanwhile. Your text is here."
    page.get_by_role("button", name="Go on with this text").click()
    page.wait_for_load_state()
    fill(page, login="saraa@example.org", password=PASSWORD)
    assert page.locator("#id_condition").input_value() == "Once it is law."
    press(page, "check")
    page.get_by_role("button", name="Send the answer").click()
    page.wait_for_load_state()
    answer = own()
    assert (answer.state, answer.condition, answer.justification) == ("submitted", "Once it is law.", "It is open.")
    context.close()


def test_a_keyboard_is_enough(visit: Visit, author: Any):
    page = come_in(visit, "en", WHERE)
    # In a group of radio buttons the space bar chooses the first, the arrows the next.
    page.locator("#id_rating_0").focus()
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    assert page.locator("input[name=rating]:checked").get_attribute("value") == "limited"
    order = []
    for _n in range(8):
        page.keyboard.press("Tab")
        order.append(page.evaluate("document.activeElement.name || document.activeElement.href"))
        if order[-1] == "recommendation":
            page.keyboard.type("Begin.")
    assert order[:7] == ["justification", "recommendation", "condition", "links", "files", "language", "do"]
    page.locator("button[value=check]").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/check/**")
    page.get_by_role("button", name="Send the answer").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/receipt/**")
    assert (own().state, own().recommendation) == ("submitted", "Begin.")
    assert visit.seen.complaints == []
