from io import StringIO

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.management import CommandError, call_command

from commitments import roles
from commitments.models import User, organisations_of
from ogptracker.management.commands.create_demo_accounts import PASSWORD
from tests.factories import NgoFactory


def create() -> list[str]:
    out = StringIO()
    call_command("create_demo_accounts", stdout=out)
    return out.getvalue().splitlines()


@pytest.fixture
def forum(db, settings):
    settings.DEBUG = True
    return NgoFactory(slug="open-society-forum", name_en="Open Society Forum")


def test_refuses_outside_debug(db, settings):
    settings.DEBUG = False
    with pytest.raises(CommandError, match="with DEBUG on only"):
        create()
    assert not User.objects.exists()


def test_refuses_without_the_organisation_and_makes_none(db, settings):
    settings.DEBUG = True
    with pytest.raises(CommandError, match="load_plans first"):
        create()
    assert not User.objects.exists()


def test_makes_one_account_for_each_role_and_prints_them(forum):
    assert create() == [
        "E-mail                 Password          Role                     May",
        f"superuser@example.org  {PASSWORD}  Superuser                everything, accounts too",
        f"publisher@example.org  {PASSWORD}  Publisher                enter and publish ratings, answers, reports",
        f"editor@example.org     {PASSWORD}  Editor                   enter ratings and reference data",
        f"member@example.org     {PASSWORD}  MSF member               read drafts of plans and reports",
        f"ngo@example.org        {PASSWORD}  NGO, Open Society Forum  answer the government's ratings",
    ]
    users = {user.email: user for user in User.objects.all()}
    assert {email: sorted(user.role_names) for email, user in users.items()} == {
        "superuser@example.org": [],
        "publisher@example.org": [roles.PUBLISHER],
        "editor@example.org": [roles.EDITOR],
        "member@example.org": [roles.MSF_MEMBER],
        "ngo@example.org": [],
    }
    assert [email for email, user in users.items() if user.is_superuser] == ["superuser@example.org"]
    assert {email: organisations_of(user) for email, user in users.items() if organisations_of(user)} == {
        "ngo@example.org": [forum.pk]
    }


def test_the_password_is_one_that_a_person_could_have_chosen(forum):
    create()
    for user in User.objects.all():
        validate_password(PASSWORD, user)


def test_leaves_what_was_made_of_an_account(forum):
    create()
    editor = User.objects.get(email="editor@example.org")
    editor.set_password("a-password-of-my-own")
    editor.save()
    editor.groups.clear()
    lines = create()
    assert (
        lines[3] == "editor@example.org     (changed)         Editor                   enter ratings and reference data"
    )
    editor = User.objects.get(email="editor@example.org")
    assert (editor.check_password("a-password-of-my-own"), editor.role_names) == (True, frozenset())
    assert User.objects.count() == 5
