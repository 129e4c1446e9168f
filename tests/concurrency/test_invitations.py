"""One link, many hands at once: one account. On PostgreSQL, where rows are locked and nothing queues by itself."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection, connections
from django.test import Client

from commitments.models import Invitation, Membership, User
from tests import factories

HANDS = 8
PASSWORD = "a-quiet-long-password"


def all_at_once(act):
    """What each of the hands gets, all of which begin in the same moment."""
    together = Barrier(HANDS)

    def hand(n):
        try:
            together.wait()
            return act(n)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(HANDS) as pool:
        return list(pool.map(hand, range(HANDS)))


@pytest.fixture(autouse=True)
def _on_postgresql(transactional_db):
    if connection.vendor != "postgresql":
        pytest.skip("SQLite in memory is one connection")


def test_a_link_used_by_many_at_once_makes_one_account():
    invitation = factories.InvitationFactory(token="hers")
    sent = {"language": "mn", "password1": PASSWORD, "password2": PASSWORD}
    got = all_at_once(
        lambda n: Client().post("/en/accounts/invitation/hers/", {**sent, "name": f"Hand {n}"}).status_code
    )
    assert got.count(302) == 1
    # Who came later finds the link used; who waited at the lock too.
    assert set(got) <= {302, 410, 200}
    user = User.objects.get(email=invitation.email)
    assert user.name == f"Hand {got.index(302)}"
    assert list(Membership.objects.values_list("user", "organisation")) == [(user.pk, invitation.organisation.pk)]
    invitation.refresh_from_db()
    assert (invitation.user, Invitation.history.filter(history_type="~").count()) == (user, 1)


def test_an_account_that_accepts_many_times_at_once_is_a_member_once():
    user = factories.UserFactory(email="known@example.org")
    invitation = factories.InvitationFactory(token="more", email=user.email)
    hands = [Client() for _n in range(HANDS)]
    for client in hands:
        client.force_login(user)
    got = all_at_once(lambda n: hands[n].post("/en/accounts/invitation/more/").status_code)
    assert (got.count(302), set(got) <= {302, 410}) == (1, True)
    assert list(user.memberships.values_list("organisation", flat=True)) == [invitation.organisation.pk]
