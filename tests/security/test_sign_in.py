"""Signing in and setting a new password tell nobody who has an account, and guessing is limited."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core import checks
from django.core.cache import cache, caches
from django.core.management import call_command
from django.db import connection

from ogptracker import checks as own_checks
from tests import factories

PASSWORD = "a-quiet-long-password"
SIGN_IN, RESET = "/en/accounts/login/", "/en/accounts/password/reset/"
WRONG = ["The email address and/or password you specified are not correct."]
TOO_MANY = ["Too many failed login attempts. Try again later."]


@pytest.fixture(autouse=True)
def _nothing_counted_yet():
    cache.clear()


@pytest.fixture
def account(db):
    return factories.UserFactory(email="known@example.org", password=PASSWORD)


def try_password(client, email, typed="wrong", place="192.0.2.1"):
    return client.post(SIGN_IN, {"login": email, "password": typed}, REMOTE_ADDR=place)


def told(page):
    return page.context["form"].non_field_errors() if page.status_code == 200 else []


def same_words(page, email):
    """A page without what differs on every page: the token, and the address that was typed."""
    text = page.content.decode().replace(email, "")
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", text)


def test_a_wrong_password_and_an_unknown_address_get_the_same_page(client, account):
    pages = {email: try_password(client, email) for email in ("known@example.org", "other@example.org")}
    assert {page.status_code for page in pages.values()} == {200}
    assert [told(page) for page in pages.values()] == [WRONG, WRONG]
    assert len({same_words(page, email) for email, page in pages.items()}) == 1


def test_an_account_that_is_switched_off_gives_itself_away_to_nobody(client, account):
    account.is_active = False
    account.save()
    assert told(try_password(client, account.email)) == WRONG


def test_an_unknown_address_costs_as_much_hashing_as_a_known_one(client, account, monkeypatch):
    hashed = []
    encode = MD5PasswordHasher.encode
    monkeypatch.setattr(MD5PasswordHasher, "encode", lambda *args: hashed.append(1) or encode(*args))
    costs = []
    for email in ("known@example.org", "other@example.org"):
        hashed.clear()
        try_password(client, email)
        costs.append(len(hashed))
    assert costs == [1, 1]


def test_a_reset_answers_the_same_and_writes_to_both(client, account, mailoutbox):
    off = factories.UserFactory(email="off@example.org", is_active=False)
    pages = [client.post(RESET, {"email": email}) for email in (account.email, "other@example.org", off.email)]
    assert [(page.status_code, page.url) for page in pages] == [(302, "/en/accounts/password/reset/done/")] * 3
    assert [(mail.to, mail.subject) for mail in mailoutbox] == [
        (["known@example.org"], "[OGP] Password Reset Email"),
        (["other@example.org"], "[OGP] No account with this address"),
        (["off@example.org"], "[OGP] No account with this address"),
    ]
    assert [("password/reset/key" in mail.body, "signup" in mail.body) for mail in mailoutbox] == [
        (True, False),
        (False, False),
        (False, False),
    ]


def test_the_mail_is_in_the_language_of_the_account(client, account, mailoutbox):
    account.language = "mn"
    account.save()
    client.post(RESET, {"email": account.email})
    link = re.search(r"http://testserver(/\S+)", mailoutbox[0].body).group(1)
    assert link.startswith("/mn/accounts/password/reset/key/")
    form = client.get(link).url
    sent = {"password1": "another-long-password", "password2": "another-long-password"}
    assert client.post(form, sent).url == "/mn/accounts/password/reset/key/done/"
    account.refresh_from_db()
    assert account.check_password("another-long-password")
    assert client.get(link).context["token_fail"]
    assert [mail.to for mail in mailoutbox] == [[account.email]] * 2  # the second says that it was changed


def test_mails_to_one_address_are_few_whether_it_has_an_account_or_not(client, account, mailoutbox):
    for email in (account.email, "other@example.org"):
        answers = [client.post(RESET, {"email": email}).status_code for _n in range(4)]
        assert answers[:3] == [302] * 3
        assert answers[3] == 429
    assert len(mailoutbox) == 6


def test_five_wrong_passwords_from_one_place_and_the_right_one_waits(client, account):
    assert [told(try_password(client, account.email)) for _n in range(5)] == [WRONG] * 5
    assert told(try_password(client, account.email, PASSWORD)) == TOO_MANY


def test_unknown_addresses_are_limited_alike(client, db):
    pages = [told(try_password(client, "other@example.org")) for _n in range(6)]
    assert pages == [WRONG] * 5 + [TOO_MANY]


def test_who_knows_an_address_locks_nobody_out(client, account):
    for _n in range(8):
        try_password(client, account.email, place="198.51.100.7")
    assert try_password(client, account.email, PASSWORD, place="192.0.2.1").status_code == 302


def test_many_addresses_from_one_place_are_limited(client, db):
    pages = [told(try_password(client, f"user-{n}@example.org")) for n in range(11)]
    assert pages == [WRONG] * 10 + [TOO_MANY]


def test_behind_a_proxy_the_place_is_what_the_proxy_wrote(client, account, settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1

    def guess(claimed, typed="wrong"):
        return client.post(
            SIGN_IN,
            {"login": account.email, "password": typed},
            REMOTE_ADDR="127.0.0.1",
            headers={"x-forwarded-for": claimed},
        )

    for n in range(5):
        guess(f"10.0.0.{n}, 198.51.100.7")  # the first part is the guesser's own invention
    assert told(guess("10.0.0.9, 198.51.100.7", PASSWORD)) == TOO_MANY
    assert guess("192.0.2.1", PASSWORD).status_code == 302


def test_attempts_are_counted_where_all_workers_see_them(client, account, settings):
    settings.CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "shared_counts"}
    }
    call_command("createcachetable")
    for _n in range(5):
        try_password(client, account.email)
    # What another worker starts with: nothing but the table.
    del caches["default"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM shared_counts")
        assert cursor.fetchone()[0] > 0
    assert told(try_password(client, account.email, PASSWORD)) == TOO_MANY


def test_sign_up_is_closed(client, db):
    sent = {"email": "new@example.org", "password1": PASSWORD, "password2": PASSWORD}
    for page in (client.get("/en/accounts/signup/"), client.post("/en/accounts/signup/", sent)):
        assert "Accounts come by invitation" in page.content.decode()


# --- what `check --deploy` says ---------------------------------------------------------------------------------------


def said(check):
    return [message.id for message in check(None)]


def test_a_public_server_is_told_what_is_unsafe(settings):
    settings.DEBUG = False
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 0
    settings.STAFF_NEEDS_SECOND_FACTOR = False
    settings.MFA_TOTP_INSECURE_BYPASS_CODE = "000000"
    found = [message.id for message in checks.run_checks(include_deployment_checks=True)]
    assert sorted(id for id in found if id.startswith("ogptracker.")) == [
        "ogptracker.E001",
        "ogptracker.W001",
        "ogptracker.W002",
        "ogptracker.W003",
    ]


def test_a_well_kept_server_is_told_nothing(settings):
    settings.DEBUG = False
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "counts"}}
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    settings.STAFF_NEEDS_SECOND_FACTOR = True
    assert [
        said(check)
        for check in (
            own_checks.attempts_are_counted_once,
            own_checks.the_readers_address_is_known,
            own_checks.no_code_opens_everything,
            own_checks.staff_have_a_second_factor,
        )
    ] == [[], [], [], []]
