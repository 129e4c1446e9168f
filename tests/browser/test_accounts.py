"""Coming in, in a browser: by invitation, by a second factor, by a recovery code; and every page on the way."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.core import mail
from django.core.cache import cache
from playwright.sync_api import Page

from commitments import invitations
from commitments.models import Invitation, User
from tests import factories
from tests.browser.conftest import SIZES, Visit
from tests.browser.test_pages import violations

PASSWORD = "a-quiet-long-password"


@pytest.fixture(autouse=True)
def _as_on_a_public_server(settings: Any, live_server: Any) -> None:
    settings.STAFF_NEEDS_SECOND_FACTOR = True
    settings.SITE_URL = live_server.url
    cache.clear()


def code_of(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def fill(page: Page, **fields: str) -> None:
    """Types into the fields of the page's form by id, then sends it."""
    for name, value in fields.items():
        page.locator(f"#id_{name}").fill(value)
    page.locator(f"#id_{name}").press("Enter")
    page.wait_for_load_state()


def sign_in(visit: Visit, user: User, language: str = "en", then: str = "/admin/") -> Page:
    page = visit.to(f"/{language}/accounts/login/?next={then}")
    fill(page, login=user.email, password=PASSWORD)
    return page


def faults(page: Page) -> list[str]:
    """What bars somebody or sticks out, on a phone and on a desk."""
    found = []
    for viewport in SIZES.values():
        page.set_viewport_size(viewport)
        found += violations(page)
        if page.evaluate("document.documentElement.scrollWidth") != viewport["width"]:
            found.append(f"wider than {viewport['width']}: {page.url}")
    return found


def invited(language: str) -> str:
    """The link that the mail brings to a representative of an NGO."""
    invitation = Invitation(
        email="saraa@example.org", name="Saraa", language=language, organisation=factories.NgoFactory()
    )
    mail.outbox.clear()
    invitations.invite(invitation, by=factories.PublisherFactory(name="Bat"))
    return re.search(r"http\S+", mail.outbox[0].body).group()


@pytest.mark.parametrize("language", ["en", "mn"])
def test_from_the_invitation_to_being_signed_in(visit: Visit, language: str):
    link = invited(language)
    visit.page.set_viewport_size(SIZES["phone"])
    visit.page.goto(link)
    assert faults(visit.page) == []
    fill(visit.page, name="Saraa", password1="short", password2="short")
    assert visit.page.locator("#id_name").input_value() == "Saraa"
    assert faults(visit.page) == []
    fill(visit.page, password1=PASSWORD, password2=PASSWORD)
    assert visit.page.url == f"{visit.address}/{language}/counter-assessments/"
    user = User.objects.get(email="saraa@example.org")
    assert user.language == language
    visit.to(f"/{language}/accounts/profile/")
    assert faults(visit.page) == []
    visit.page.goto(link)
    assert visit.page.locator("h1").inner_text() in {
        "This invitation no longer works",
        "Энэ урилга хүчингүй болсон",
    }
    assert faults(visit.page) == []


@pytest.mark.parametrize("language", ["en", "mn"])
def test_staff_set_up_a_second_factor_and_go_where_they_wanted(visit: Visit, language: str):
    user = factories.PublisherFactory(password=PASSWORD, language=language)
    page = sign_in(visit, user, language, then="/admin/commitments/invitation/add/")
    assert page.url == f"{visit.address}/{language}/accounts/2fa/totp/activate/"
    assert faults(page) == []
    fill(page, code=code_of(page.locator("#authenticator_secret").input_value()))
    assert page.url == f"{visit.address}/{language}/accounts/2fa/recovery-codes/"
    assert page.locator(".codes li").count() == 10
    assert faults(page) == []
    page.locator("main a.button").first.click()
    page.wait_for_load_state()
    assert page.url == f"{visit.address}/admin/commitments/invitation/add/"
    assert visit.seen.complaints == []


def test_staff_sign_in_with_a_code_and_with_a_recovery_code(visit: Visit):
    user = factories.EditorFactory(password=PASSWORD)
    secret = generate_totp_secret()
    TOTP.activate(user, secret)
    RecoveryCodes.activate(user)
    recovery = Authenticator.objects.get(user=user, type="recovery_codes").wrap().get_unused_codes()[0]
    for code in (code_of(secret), recovery):
        page = sign_in(visit, user)
        assert page.url == f"{visit.address}/en/accounts/2fa/authenticate/"
        assert faults(page) == []
        fill(page, code="123")
        assert page.locator(".error").inner_text() == "Incorrect code."
        assert faults(page) == []
        fill(page, code=code)
        assert page.url == f"{visit.address}/admin/"
        visit.page.context.clear_cookies()


@pytest.mark.parametrize("language", ["en", "mn"])
def test_every_page_of_an_account_bars_nobody(visit: Visit, language: str):
    user = factories.EditorFactory(password=PASSWORD, language=language)
    open_to_all = [
        "login/",
        "signup/",
        "inactive/",
        "password/reset/",
        "password/reset/done/",
        "password/reset/key/1-x/",
    ]
    own = ["profile/", "password/change/", "2fa/", "2fa/totp/activate/", "reauthenticate/", "logout/"]
    protected = ["2fa/totp/deactivate/", "2fa/recovery-codes/", "2fa/recovery-codes/generate/", "2fa/reauthenticate/"]
    found = {path: faults(visit.to(f"/{language}/accounts/{path}")) for path in open_to_all}
    sign_in(visit, user, language, then=f"/{language}/accounts/profile/")
    found |= {path: faults(visit.to(f"/{language}/accounts/{path}")) for path in own}
    TOTP.activate(user, generate_totp_secret())
    RecoveryCodes.activate(user)
    found |= {path: faults(visit.to(f"/{language}/accounts/{path}")) for path in protected}
    assert found == {path: [] for path in (*open_to_all, *own, *protected)}


@pytest.mark.parametrize(
    "path",
    [
        "commitments/invitation/",
        "commitments/invitation/add/",
        "commitments/membership/add/",
        "commitments/commitment/add/",
        "commitments/organisation/add/",
    ],
)
def test_the_long_drop_downs_of_the_admin_have_names(visit: Visit, settings: Any, path: str):
    settings.STAFF_NEEDS_SECOND_FACTOR = False
    page = sign_in(visit, factories.PublisherFactory(password=PASSWORD), then=f"/admin/{path}")
    assert faults(page) == []
    boxes = page.locator(".select2-selection")
    for n in range(boxes.count()):
        boxes.nth(n).click()
        page.wait_for_selector(".select2-results__option[role=option], .select2-results__message")
        assert faults(page) == []
        page.keyboard.press("Escape")


def test_a_drop_down_says_its_field_and_what_is_chosen(visit: Visit, settings: Any):
    settings.STAFF_NEEDS_SECOND_FACTOR = False
    page = sign_in(visit, factories.PublisherFactory(password=PASSWORD), then="/admin/commitments/membership/add/")
    page.get_by_role("combobox", name="Organisation").click()
    page.get_by_role("searchbox", name="Organisation").fill("Open Society")
    page.get_by_role("option", name="Open Society Forum").first.click()
    assert page.get_by_role("combobox", name=re.compile("Organisation.*Open Society Forum")).count() == 1
