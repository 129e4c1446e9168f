"""Accounts come by invitation: the mail, the link, the page behind it, and what it gives."""

from __future__ import annotations

import datetime
import re
from html import unescape

import pytest
from django.utils import timezone

from commitments.invitations import LASTS
from commitments.models import Invitation, Membership, User, organisations_of
from tests import factories
from tests.admin_pages import address, problems

PASSWORD = "a-quiet-long-password"
NAMES = r"Citizens' Union \d+|publisher-\d+@example.org"
GIVEN = {"name": "Saraa", "language": "mn", "password1": PASSWORD, "password2": PASSWORD}


def page_of(token: str, language: str = "en") -> str:
    return f"/{language}/accounts/invitation/{token}/"


def link_in(mail) -> str:
    return re.search(r"http://127\.0\.0\.1:8000(/\S+)", mail.body).group(1)


@pytest.fixture
def invite(client, db, django_capture_on_commit_callbacks):
    """Sends the admin's form as the person signed in."""

    def sent(**values):
        with django_capture_on_commit_callbacks(execute=True):
            return client.post(address(Invitation, "add"), {"email": "new@example.org", "language": "mn", **values})

    return sent


# --- inviting ---------------------------------------------------------------------------------------------------------


def test_a_publisher_invites_and_the_mail_goes_out_in_the_persons_language(client, publisher, invite, mailoutbox):
    publisher.name = "Bat"
    publisher.save()
    ngo = factories.NgoFactory(name_mn="Нээлттэй нийгэм", name_en="Open Society")
    client.force_login(publisher)
    assert invite(email="New@Example.org", name="Saraa", organisation=ngo.pk).status_code == 302
    invitation = Invitation.objects.get()
    assert (invitation.email, invitation.organisation, invitation.role) == ("new@example.org", ngo, "")
    assert (invitation.invited_by, invitation.expires_at - invitation.invited_at) == (publisher, LASTS)
    assert invitation.mailed_at is not None
    [mail] = mailoutbox
    assert (mail.to, mail.from_email, mail.content_subtype) == (["new@example.org"], "ogptracker@localhost", "plain")
    assert mail.subject.startswith("[OGP] ")
    assert ("Bat" in mail.body, "Нээлттэй нийгэм" in mail.body, "Saraa" in mail.body) == (True, True, True)
    link = link_in(mail)
    assert link.startswith("/mn/accounts/invitation/")
    client.logout()
    assert client.get(link).status_code == 200


def test_the_token_is_kept_nowhere(client, publisher, invite, mailoutbox):
    client.force_login(publisher)
    invite(role="msf-member")
    token = link_in(mailoutbox[0]).split("/")[-2]
    invitation = Invitation.objects.get()
    stored = [*Invitation.objects.values_list().get(), *Invitation.history.values_list().get()]
    assert [value for value in stored if value == token] == []
    shown = [client.get(address(Invitation, page, invitation)) for page in ("change", "history")]
    assert [page for page in shown if invitation.token_hash in page.content.decode()] == []


@pytest.mark.parametrize(
    ("who", "role", "invited"),
    [
        ("publisher", "", True),
        ("publisher", "msf-member", True),
        ("publisher", "editor", False),
        ("publisher", "publisher", False),
        ("superuser", "msf-member", True),
        ("superuser", "editor", True),
        ("superuser", "publisher", True),
    ],
)
def test_who_invites_to_what(client, request, invite, mailoutbox, who, role, invited):
    client.force_login(request.getfixturevalue(who))
    invite(role=role, organisation=factories.NgoFactory().pk)
    assert (Invitation.objects.exists(), len(mailoutbox)) == (invited, int(invited))


@pytest.mark.parametrize("who", ["editor", "msf_member", "representative"])
def test_nobody_else_invites(client, request, invite, mailoutbox, who):
    client.force_login(request.getfixturevalue(who))
    assert invite(role="msf-member").status_code in {302, 403}
    assert (Invitation.objects.exists(), mailoutbox) == (False, [])


def test_what_an_invitation_cannot_be(client, publisher, invite):
    client.force_login(publisher)
    assert problems(invite()) == ["Choose an organisation, a role, or both."]
    factories.InvitationFactory(email="new@example.org")
    assert problems(invite(role="msf-member", email="NEW@example.org")) == [
        "This address is invited already: send that again or take it back."
    ]


def test_a_mail_that_fails_is_seen_and_sent_again(client, publisher, invite, settings, monkeypatch):
    client.force_login(publisher)
    monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", _refuse)
    assert invite(role="msf-member").status_code == 302
    assert "The mail could not be sent: send it again" in client.get(address(Invitation)).content.decode()


def _refuse(*args):
    raise ConnectionRefusedError


def test_the_queues(client, publisher):
    past = timezone.now() - LASTS
    waiting = factories.InvitationFactory()
    expired = factories.InvitationFactory(invited_at=past - datetime.timedelta(seconds=1))
    accepted = factories.InvitationFactory(accepted_at=past, user=factories.UserFactory())
    back = factories.InvitationFactory(taken_back_at=past, taken_back_by=publisher)
    client.force_login(publisher)
    found = {
        queue: list(client.get(address(Invitation), {"queue": queue}).context["cl"].queryset)
        for queue in ("waiting", "expired", "accepted", "taken_back")
    }
    assert found == {"waiting": [waiting], "expired": [expired], "accepted": [accepted], "taken_back": [back]}


def test_sent_again_the_old_link_stops(client, publisher, mailoutbox, django_capture_on_commit_callbacks):
    invitation = factories.InvitationFactory(token="old", invited_at=timezone.now() - 2 * LASTS)
    client.force_login(publisher)
    with django_capture_on_commit_callbacks(execute=True):
        client.post(address(Invitation, "send-again", invitation))
    client.logout()
    assert client.get(page_of("old")).status_code == 404
    assert client.get(link_in(mailoutbox[0])).status_code == 200
    assert Invitation.objects.get().expires_at > timezone.now()


def test_taken_back_the_link_stops(client, publisher):
    invitation = factories.InvitationFactory(token="known")
    client.force_login(publisher)
    client.post(address(Invitation, "take-back", invitation))
    invitation.refresh_from_db()
    assert (invitation.taken_back_by, invitation.history.first().history_user) == (publisher, publisher)
    client.logout()
    assert client.get(page_of("known")).status_code == 410
    assert client.post(page_of("known"), GIVEN).status_code == 410
    assert User.objects.filter(email=invitation.email).exists() is False


def test_a_publisher_leaves_the_invitations_of_staff_alone(client, publisher):
    invitation = factories.InvitationFactory(role="editor", token="known")
    client.force_login(publisher)
    for verb in ("send-again", "take-back"):
        assert client.post(address(Invitation, verb, invitation)).status_code == 403
    client.logout()
    assert client.get(page_of("known")).status_code == 200


# --- coming in --------------------------------------------------------------------------------------------------------


def test_she_sets_name_and_password_and_is_in(client, db, settings):
    invitation = factories.InvitationFactory(token="hers", name="S.", language="mn")
    page = client.get(page_of("hers", "mn"))
    assert (page.status_code, page.headers["Cache-Control"]) == (
        200,
        "max-age=0, no-cache, no-store, must-revalidate, private",
    )
    assert page.context["form"]["name"].value() == "S."
    assert page.context["form"]["language"].value() == "mn"
    assert page.context["offer"] in unescape(page.content.decode())
    assert {str(invitation.organisation), str(invitation.invited_by)} <= set(re.findall(NAMES, page.context["offer"]))
    entered = client.post(page_of("hers", "mn"), GIVEN)
    assert (entered.status_code, entered.url) == (302, "/mn/counter-assessments/")
    user = User.objects.get(email=invitation.email)
    assert (user.name, user.language, user.check_password(PASSWORD)) == ("Saraa", "mn", True)
    assert client.get("/en/accounts/profile/").context["user"] == user
    assert organisations_of(user) == [invitation.organisation.pk]
    assert (user.role_names, user.is_staff, user.is_superuser) == (frozenset(), False, False)
    invitation.refresh_from_db()
    assert (invitation.user, invitation.accepted_at is not None) == (user, True)


def test_a_role_is_given_as_invited(client, db):
    factories.EditorFactory()  # the groups stand
    factories.InvitationFactory(token="hers", organisation=None, role="editor", email="e@example.org")
    client.post(page_of("hers"), GIVEN)
    user = User.objects.get(email="e@example.org")
    assert (user.role_names, user.is_staff, user.memberships.count()) == ({"editor"}, True, 0)


def test_what_is_wrong_stands_beside_its_field_and_nothing_typed_is_lost(client, db):
    factories.InvitationFactory(token="hers", email="saraa@example.org")
    page = client.post(page_of("hers"), {**GIVEN, "password1": "short", "password2": "short", "name": ""})
    assert page.status_code == 200
    assert page.context["form"].errors.keys() == {"name", "password2"}
    assert page.context["form"]["language"].value() == "mn"
    page = client.post(page_of("hers"), {**GIVEN, "password1": "saraa@example.org", "password2": "saraa@example.org"})
    assert page.context["form"].errors["password2"] == ["The password is too similar to the e-mail address."]
    page = client.post(page_of("hers"), {**GIVEN, "name": "Sa\x00raa", "language": "xx"})
    assert page.context["form"].errors.keys() == {"name", "language"}
    assert not User.objects.filter(email="saraa@example.org").exists()


@pytest.mark.parametrize("token", ["unknown", "Үл-мэдэгдэх", "a" * 5000, "%00", "'"])
def test_an_unknown_link_is_one_clear_page(client, db, token):
    factories.InvitationFactory()
    for page in (client.get(page_of(token)), client.post(page_of(token), GIVEN)):
        assert (page.status_code, "This invitation no longer works" in page.content.decode()) == (404, True)


def test_a_link_works_once(client, db):
    invitation = factories.InvitationFactory(token="hers")
    client.post(page_of("hers"), GIVEN)
    client.logout()
    for page in (client.get(page_of("hers")), client.post(page_of("hers"), {**GIVEN, "name": "Somebody"})):
        assert (page.status_code, "This invitation no longer works" in page.content.decode()) == (410, True)
    assert User.objects.get(email=invitation.email).name == "Saraa"


def test_a_link_works_for_fourteen_days(client, db):
    late = timezone.now() - LASTS
    factories.InvitationFactory(token="over", invited_at=late)
    factories.InvitationFactory(token="last", invited_at=late + datetime.timedelta(minutes=1))
    assert [client.get(page_of(token)).status_code for token in ("over", "last")] == [410, 200]
    assert client.post(page_of("over"), GIVEN).status_code == 410


# --- an account that is there already ---------------------------------------------------------------------------------


def test_the_owner_of_an_account_accepts_when_signed_in(client, db):
    account = factories.UserFactory(email="known@example.org", password="another-quiet-password", name="Known")
    invitation = factories.InvitationFactory(token="more", email="known@example.org")
    page = client.get(page_of("more"))
    assert "form" not in page.context
    assert 'href="/en/accounts/login/?next=/en/accounts/invitation/more/"' in page.content.decode()
    assert client.post(page_of("more"), GIVEN).status_code == 200
    account.refresh_from_db()
    assert (account.name, account.check_password("another-quiet-password")) == ("Known", True)
    assert organisations_of(account) == []
    client.force_login(account)
    assert organisations_of(account) == []
    assert client.post(page_of("more")).status_code == 302
    assert organisations_of(account) == [invitation.organisation.pk]


def test_nobody_else_accepts(client, representative):
    factories.UserFactory(email="known@example.org")
    for email in ("known@example.org", "new@example.org"):
        invitation = factories.InvitationFactory(token=email, email=email)
        client.force_login(representative)
        page = client.post(page_of(email), GIVEN)
        assert page.status_code == 200
        assert "Sign out first" in page.content.decode()
        assert not Membership.objects.filter(organisation=invitation.organisation).exists()


@pytest.mark.parametrize("days", [0, 3])
def test_who_was_to_leave_stays(client, db, days):
    until = timezone.localdate() + datetime.timedelta(days=days)
    user = factories.UserFactory(email="known@example.org")
    membership = factories.MembershipFactory(user=user, organisation=factories.NgoFactory(), ends_on=until)
    factories.InvitationFactory(token="more", email=user.email, organisation=membership.organisation)
    client.force_login(user)
    client.post(page_of("more"))
    assert list(user.memberships.values_list("organisation", "ends_on")) == [(membership.organisation.pk, None)]


def test_who_has_left_comes_back(client, db):
    yesterday = timezone.localdate() - datetime.timedelta(days=1)
    user = factories.UserFactory(email="known@example.org")
    left = factories.MembershipFactory(user=user, organisation=factories.NgoFactory(), ends_on=yesterday)
    factories.InvitationFactory(token="more", email=user.email, organisation=left.organisation)
    client.force_login(user)
    client.post(page_of("more"))
    assert organisations_of(user) == [left.organisation.pk]
    assert user.memberships.count() == 2


# --- leaving ----------------------------------------------------------------------------------------------------------


def test_access_ends_with_the_membership_at_the_next_request(client, representative):
    membership = representative.memberships.get()
    client.force_login(representative)
    assert client.get("/en/accounts/profile/").context["memberships"].count() == 1
    yesterday = timezone.localdate() - datetime.timedelta(days=1)
    Membership.objects.filter(pk=membership.pk).update(starts_on=yesterday, ends_on=yesterday)
    assert client.get("/en/accounts/profile/").context["memberships"].count() == 0
    assert organisations_of(representative) == []


def test_access_ends_with_the_account_at_the_next_request(client, representative, editor):
    for user, page in ((representative, "/en/accounts/profile/"), (editor, "/admin/")):
        client.force_login(user)
        assert client.get(page).status_code == 200
        User.objects.filter(pk=user.pk).update(is_active=False)
        assert client.get(page).status_code == 302
        user.refresh_from_db()
        assert organisations_of(user) == []


# --- one's own page ---------------------------------------------------------------------------------------------------


def test_name_and_language_are_ones_own(client, editor):
    client.force_login(editor)
    sent = {"name": "Dorj", "language": "mn", "email": "x@example.org", "is_superuser": "on", "groups": "2"}
    assert client.post("/en/accounts/profile/", sent).url == "/en/accounts/profile/"
    after = User.objects.get(pk=editor.pk)
    assert (after.name, after.language, after.email) == ("Dorj", "mn", editor.email)
    assert (after.is_superuser, after.role_names) == (False, {"editor"})
    assert after.history.first().history_user == editor
    assert 'lang="mn"' in client.get("/admin/").content.decode()


def test_ones_own_page_is_for_the_signed_in(client, db):
    assert client.get("/en/accounts/profile/").url == "/en/accounts/login/?next=/en/accounts/profile/"
    assert client.get("/en/accounts/email/").url == "/en/accounts/profile/"


def test_a_name_is_needed_and_plain(client, editor):
    client.force_login(editor)
    for name in ("", "two\nlines", "nul\x00"):
        page = client.post("/en/accounts/profile/", {"name": name, "language": "en"})
        assert page.context["form"].errors.keys() == {"name"}
