"""Accounts, memberships, contacts and spellings in the admin."""

import pytest

from commitments.models import FocalPoint, Membership, Organisation, OrganisationAlias, User
from tests import factories
from tests.admin_pages import address, problems, sent_back

CONTACT = ("Tsetseg Secret-Name", "secret-contact@example.org", "99112233")


def test_a_superuser_makes_an_account_and_gives_it_a_role(client, superuser):
    client.force_login(superuser)
    page = client.get(address(User, "add"))
    group = page.context["adminform"].form.fields["groups"].queryset.get(name="editor")
    sent = sent_back(page, email="New.Person@Example.ORG", groups=[group.pk], usable_password="false")
    assert client.post(address(User, "add"), sent).status_code == 302
    made = User.objects.get(email="new.person@example.org")
    assert (made.role_names, made.is_staff, made.has_usable_password()) == ({"editor"}, True, False)


def test_an_address_is_one_account_in_any_case(client, superuser):
    factories.UserFactory(email="same@example.org")
    client.force_login(superuser)
    sent = sent_back(client.get(address(User, "add")), email="SAME@example.org", usable_password="false")
    assert set(problems(client.post(address(User, "add"), sent))) == {"This address is taken."}


@pytest.mark.parametrize("role", ["publisher", "superuser"])
def test_no_page_shows_what_a_password_is_kept_as(client, db, request, role):
    client.force_login(request.getfixturevalue(role))
    account = factories.UserFactory(password="a long password", name="Bat")
    stored = User.objects.get(pk=account.pk).password
    pages = [client.get(address(User, page, account)) for page in ("change", "history")] + [client.get(address(User))]
    assert {page.status_code for page in pages} == {200}
    assert [page for page in pages if stored.rpartition("$")[2] in page.content.decode()] == []


def test_a_publisher_gives_nobody_a_role(client, publisher):
    account = factories.UserFactory()
    client.force_login(publisher)
    for user in (account, publisher):
        assert (
            client.post(address(User, "change", user), {"is_superuser": "on", "email": user.email}).status_code == 403
        )
        assert client.get(f"{address(User)}{user.pk}/password/").status_code == 403
    assert not User.objects.filter(is_superuser=True).exists()


def test_who_speaks_for_an_organisation_is_a_publishers_decision(client, editor, publisher):
    user, organisation = factories.UserFactory(), factories.NgoFactory()
    sent = {"user": user.pk, "organisation": organisation.pk, "starts_on": "2026-01-01"}
    client.force_login(editor)
    assert client.post(address(Membership, "add"), sent).status_code == 403
    client.force_login(publisher)
    assert client.post(address(Membership, "add"), sent).status_code == 302
    assert list(Membership.objects.values_list("user", "organisation")) == [(user.pk, organisation.pk)]
    page = client.post(address(Membership, "add"), sent)
    assert problems(page) == ["This person already speaks for this organisation from that day."]


def test_a_contact_is_the_support_units_at_any_time(client, editor):
    contact = factories.FocalPointFactory()
    client.force_login(editor)
    there = address(FocalPoint, "change", contact)
    assert client.post(there, sent_back(client.get(there), ends_on="2026-01-01", phone="")).status_code == 302
    contact.refresh_from_db()
    assert (str(contact.ends_on), contact.phone) == ("2026-01-01", "")


def test_a_contacts_values_are_on_its_own_page_and_in_no_history(client, publisher):
    contact = factories.FocalPointFactory()
    client.force_login(publisher)
    there = address(FocalPoint, "change", contact)
    client.post(there, sent_back(client.get(there), name="Somebody Else"))
    pages = [
        client.get(address(FocalPoint, "history", contact)),
        client.get(address(type(contact.commitment), "history", contact.commitment)),
        client.get("/admin/"),
    ]
    shown = [value for page in pages for value in (*CONTACT, "Somebody Else") if value in page.content.decode()]
    assert shown == []
    assert CONTACT[1] in client.get(there).content.decode()


@pytest.mark.parametrize("spelling", ["MINING  ministry", "mining ministry"])
def test_a_spelling_names_one_organisation_in_any_case(client, editor, spelling):
    factories.OrganisationAliasFactory(name="Mining Ministry", organisation__name_en="Ministry of Mining")
    other = factories.OrganisationFactory()
    client.force_login(editor)
    there = address(Organisation, "change", other)
    sent = sent_back(client.get(there)) | {"aliases-TOTAL_FORMS": 1, "aliases-0-name": spelling}
    page = client.post(there, sent)
    assert problems(page) == [
        "A spelling can stand for one organisation only.",
        "“Mining Ministry” is a spelling of Ministry of Mining already.",
    ]
    assert OrganisationAlias.objects.count() == 1


def test_a_spelling_is_given_once(client, editor):
    organisation = factories.OrganisationFactory()
    factories.OrganisationAliasFactory(organisation=organisation, name="MOM")
    client.force_login(editor)
    there = address(Organisation, "change", organisation)
    sent = sent_back(client.get(there)) | {"aliases-TOTAL_FORMS": 2, "aliases-1-name": "mom"}
    assert "This spelling stands in the list twice." in problems(client.post(there, sent))
    assert client.post(there, sent | {"aliases-1-name": "MoM 2"}).status_code == 302
    assert list(OrganisationAlias.objects.values_list("name", flat=True)) == ["MOM", "MoM 2"]


def test_a_spelling_may_change_its_case_and_be_replaced_but_not_change_places(client, editor):
    organisation = factories.OrganisationFactory()
    for name in ("One", "Two"):
        factories.OrganisationAliasFactory(organisation=organisation, name=name)
    client.force_login(editor)
    there = address(Organisation, "change", organisation)
    assert client.post(there, sent_back(client.get(there), **{"aliases-0-name": "ONE"})).status_code == 302
    sent = sent_back(client.get(there))
    page = client.post(there, sent | {"aliases-0-name": "Two", "aliases-1-name": "One"})
    assert (page.status_code, len(problems(page))) == (200, 3)
    sent |= {"aliases-TOTAL_FORMS": 3, "aliases-1-DELETE": "on", "aliases-2-name": "two"}
    assert client.post(there, sent).status_code == 302
    assert list(OrganisationAlias.objects.values_list("name", flat=True)) == ["ONE", "two"]


def test_signing_in_leaves_no_trace_in_the_history_of_the_account(client, editor):
    before = editor.history.count()
    client.force_login(editor)
    editor.refresh_from_db()
    assert editor.last_login is not None
    assert editor.history.count() == before
