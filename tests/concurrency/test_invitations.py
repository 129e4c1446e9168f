"""One link, many hands at once: one account."""

from __future__ import annotations

import pytest
from django.test import Client

from commitments.models import Invitation, Membership, User
from tests import factories

HANDS = 8
PASSWORD = "a-quiet-long-password"

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_link_used_by_many_at_once_makes_one_account(at_once):
    invitation = factories.InvitationFactory(token="hers")
    sent = {"language": "mn", "password1": PASSWORD, "password2": PASSWORD}

    def use(n):
        return Client().post("/en/accounts/invitation/hers/", {**sent, "name": f"Hand {n}"}).status_code

    got = at_once([lambda n=n: use(n) for n in range(HANDS)])
    # One comes in; who waited at the lock or came later finds the link used.
    assert sorted(got) == [302] + [410] * (HANDS - 1)
    user = User.objects.get(email=invitation.email)
    assert user.name == f"Hand {got.index(302)}"
    assert list(Membership.objects.values_list("user", "organisation")) == [(user.pk, invitation.organisation.pk)]
    invitation.refresh_from_db()
    assert (invitation.user, Invitation.history.filter(history_type="~").count()) == (user, 1)


def test_an_account_that_accepts_many_times_at_once_is_a_member_once(at_once):
    user = factories.UserFactory(email="known@example.org")
    invitation = factories.InvitationFactory(token="more", email=user.email)
    hands = [Client() for _n in range(HANDS)]
    for client in hands:
        client.force_login(user)
    got = at_once([lambda client=client: client.post("/en/accounts/invitation/more/").status_code for client in hands])
    assert sorted(got) == [302] + [410] * (HANDS - 1)
    assert list(user.memberships.values_list("organisation", flat=True)) == [invitation.organisation.pk]
