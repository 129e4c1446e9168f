"""No admin without a second factor, outside DEBUG; and what happens when it is lost."""

from __future__ import annotations

import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.urls import reverse

from commitments.models import User
from tests import factories
from tests.admin_pages import address

PASSWORD = "a-quiet-long-password"
ACTIVATE = "/en/accounts/2fa/totp/activate/"


@pytest.fixture(autouse=True)
def _as_on_a_public_server(settings):
    settings.STAFF_NEEDS_SECOND_FACTOR = True
    cache.clear()


def code_of(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def with_factor(user: User) -> str:
    """Gives the account an authenticator and recovery codes; the authenticator's secret."""
    secret = generate_totp_secret()
    TOTP.activate(user, secret)
    RecoveryCodes.activate(user)
    return secret


def sign_in(client, user: User, then: str = ""):
    client.logout()
    return client.post("/en/accounts/login/", {"login": user.email, "password": PASSWORD, "next": then})


@pytest.mark.parametrize("factory", [factories.EditorFactory, factories.PublisherFactory, factories.SuperuserFactory])
def test_staff_set_up_a_second_factor_before_the_admin_opens_and_come_back_to_where_they_wanted(client, db, factory):
    user = factory(password=PASSWORD)
    wanted = f"{address(User)}?q=bat" if user.is_superuser else "/admin/commitments/organisation/?q=bat"
    assert sign_in(client, user, then=wanted).url == wanted
    assert client.get(wanted).url == ACTIVATE
    page = client.get(ACTIVATE)
    assert "The admin opens only to accounts with a second factor" in page.content.decode()
    activated = client.post(ACTIVATE, {"code": code_of(page.context["form"].secret)})
    assert activated.url == "/en/accounts/2fa/recovery-codes/"
    codes = client.get(activated.url)
    assert len(codes.context["unused_codes"]) == 10
    assert f'href="{wanted}"' in codes.content.decode()
    assert client.get("/en/accounts/2fa/recovery-codes/download/").content.decode().split() == [
        *codes.context["unused_codes"]
    ]
    assert client.get(wanted).status_code == 200
    assert "second_factor_wanted_page" not in client.session


def test_no_address_of_the_admin_opens_without_one(client, editor):
    client.force_login(editor)
    pages = ["/admin/", "/admin/login/", "/admin/jsi18n/", "/admin/nothing/", address(User), "/admin/autocomplete/"]
    assert {client.get(page).url for page in pages} == {ACTIVATE}
    assert client.post("/admin/commitments/organisation/add/", {}).url == ACTIVATE
    assert client.session["second_factor_wanted_page"] == "/admin/"


def test_others_need_none(client, representative, msf_member):
    for user in (representative, msf_member):
        client.force_login(user)
        assert [client.get(page).status_code for page in ("/en/", "/en/accounts/profile/")] == [200, 200]
        assert client.get("/admin/").url == "/admin/login/?next=/admin/"


def test_the_code_is_asked_for_at_sign_in(client, db):
    user = factories.EditorFactory(password=PASSWORD)
    secret = with_factor(user)
    assert sign_in(client, user, then="/admin/").url == reverse("mfa_authenticate")
    assert client.get("/admin/").url.startswith("/admin/login/")
    assert client.post(reverse("mfa_authenticate"), {"code": "000000"}).status_code == 200
    assert client.post(reverse("mfa_authenticate"), {"code": code_of(secret)}).url == "/admin/"
    assert client.get("/admin/").status_code == 200


def test_a_code_and_a_recovery_code_open_once(client, db):
    user = factories.EditorFactory(password=PASSWORD)
    secret = with_factor(user)
    recovery = Authenticator.objects.get(user=user, type="recovery_codes").wrap().get_unused_codes()[0]
    for code in (code_of(secret), recovery):
        sign_in(client, user)
        assert client.post(reverse("mfa_authenticate"), {"code": code}).status_code == 302
        assert client.get("/admin/").status_code == 200
        sign_in(client, user)
        assert client.post(reverse("mfa_authenticate"), {"code": code}).status_code == 200
        assert client.get("/admin/").status_code == 302


def test_a_session_from_before_the_activation_gives_the_code_first(client, db):
    user = factories.EditorFactory(password=PASSWORD)
    sign_in(client, user)
    secret = with_factor(user)  # in another session
    asked = client.get("/admin/?x=1")
    assert asked.url == "/en/accounts/2fa/reauthenticate/?next=%2Fadmin%2F%3Fx%3D1"
    given = client.post("/en/accounts/2fa/reauthenticate/", {"code": code_of(secret), "next": "/admin/"})
    assert (given.url, client.get("/admin/").status_code) == ("/admin/", 200)


def test_codes_are_not_guessed(client, db):
    user = factories.EditorFactory(password=PASSWORD)
    secret = with_factor(user)
    sign_in(client, user)
    for n in range(5):
        client.post(reverse("mfa_authenticate"), {"code": f"11111{n}"})
    page = client.post(reverse("mfa_authenticate"), {"code": code_of(secret)})
    assert page.context["form"].errors == {"code": ["Too many failed login attempts. Try again later."]}


def test_who_gives_the_second_factor_up_gives_the_admin_up(client, db):
    user = factories.EditorFactory(password=PASSWORD)
    secret = with_factor(user)
    sign_in(client, user)
    client.post(reverse("mfa_authenticate"), {"code": code_of(secret)})
    assert client.post(reverse("mfa_deactivate_totp")).status_code == 302
    assert not Authenticator.objects.exists()
    assert client.get("/admin/").url == ACTIVATE


def test_the_known_code_of_development_opens_nothing(client, db, settings):
    with_factor(user := factories.EditorFactory(password=PASSWORD))
    sign_in(client, user)
    client.post(reverse("mfa_authenticate"), {"code": "000000"})
    assert client.get("/admin/").status_code == 302


# --- lost -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def at_work(client, settings):
    """Signs staff in with the admin open."""
    settings.STAFF_NEEDS_SECOND_FACTOR = False
    return client.force_login


RESET = "reset-second-factor"


def test_a_publisher_resets_a_colleagues_lost_one_and_the_history_says_so(
    client, at_work, publisher, mailoutbox, django_capture_on_commit_callbacks
):
    colleague = factories.EditorFactory(language="mn")
    secret = with_factor(colleague)
    at_work(publisher)
    assert "sure who asked" in client.get(address(User, RESET, colleague)).content.decode()
    assert Authenticator.objects.filter(user=colleague).count() == 2
    with django_capture_on_commit_callbacks(execute=True):
        client.post(address(User, RESET, colleague))
    assert not Authenticator.objects.exists()
    entry = colleague.history.first()
    assert (entry.history_user, entry.history_change_reason) == (publisher, "Second factor reset")
    story = client.get(address(User, "history", colleague)).content.decode()
    assert ("Second factor reset" in story, secret in story) == (True, False)
    assert [mail.to for mail in mailoutbox] == [[colleague.email]]


def test_nobody_sees_what_a_second_factor_is_made_of(client, at_work, superuser):
    colleague = factories.EditorFactory()
    secret = with_factor(colleague)
    seed = Authenticator.objects.get(user=colleague, type="recovery_codes").data["seed"]
    at_work(superuser)
    pages = [client.get(address(User)), *(client.get(address(User, page, colleague)) for page in ("change", "history"))]
    assert {page.status_code for page in pages} == {200}
    assert [page for page in pages if secret in page.content.decode() or seed in page.content.decode()] == []


@pytest.mark.parametrize(
    ("who", "whose", "told"),
    [
        ("publisher", "superuser", "Only a superuser resets the second factor of a superuser."),
        ("publisher", "publisher", "Deactivate your own second factor on the page of your account."),
        ("superuser", "superuser", "Deactivate your own second factor on the page of your account."),
    ],
)
def test_whose_second_factor_stays(client, at_work, request, who, whose, told):
    by, user = request.getfixturevalue(who), request.getfixturevalue(whose)
    with_factor(user)
    at_work(by)
    page = client.post(address(User, RESET, user), follow=True)
    assert [str(message) for message in page.context["messages"]] == [told]
    assert Authenticator.objects.filter(user=user).count() == 2


def test_an_editor_resets_nobodys(client, at_work, editor):
    with_factor(colleague := factories.EditorFactory())
    at_work(editor)
    assert client.post(address(User, RESET, colleague)).status_code in {302, 403}
    assert Authenticator.objects.filter(user=colleague).count() == 2


def test_a_command_helps_the_last_superuser(superuser, capsys):
    with_factor(superuser)
    call_command("reset_second_factor", superuser.email.upper())
    assert capsys.readouterr().out == f"The second factor of {superuser.email} is reset.\n"
    entry = superuser.history.first()
    assert (entry.history_user, entry.history_change_reason) == (None, "Second factor reset")
    with pytest.raises(CommandError, match="This account has no second factor"):
        call_command("reset_second_factor", superuser.email)
    with pytest.raises(CommandError, match="No account has the address"):
        call_command("reset_second_factor", "nobody@example.org")
