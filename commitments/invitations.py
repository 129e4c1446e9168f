"""How somebody gets an account: the verbs of an invitation, from the mail to the first sign-in.

A link works once and for ``LASTS``. Its token is random, travels in the mail alone, and is stored as a hash.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commitments import mail, roles
from commitments.models import Invitation, Membership, User

LASTS = timedelta(days=14)


class Closed(Exception):
    """The link was used, taken back or replaced, or its time is over."""


class AddressTaken(Exception):
    """An account with the invited address came to be: its owner signs in and accepts."""


def invite(invitation: Invitation, *, by: User) -> None:
    """Save a new invitation and mail its link. Raises PermissionDenied for a role that ``by`` may not give."""
    _require(invitation, by)
    _issue(invitation, by)


@transaction.atomic
def send_again(invitation: Invitation, *, by: User) -> None:
    """Mail a new link, good for another ``LASTS``; the old one stops working."""
    _require(invitation, by)
    _issue(_unanswered(invitation), by)


@transaction.atomic
def take_back(invitation: Invitation, *, by: User) -> None:
    """End the invitation: its link stops working."""
    _require(invitation, by)
    held = _unanswered(invitation)
    held.taken_back_at, held.taken_back_by = timezone.now(), by
    _keep(held, by)


def find(token: str) -> Invitation | None:
    """The invitation that a link belongs to, whatever its state."""
    return (
        Invitation.objects.select_related("organisation", "invited_by").filter(token_hash=_hash(token)).first()
        if token.isascii()
        else None
    )


def offer(invitation: Invitation) -> str:
    """Who invites to what, in a sentence."""
    role = roles.NAMES.get(invitation.role, "")
    words = {"who": invitation.invited_by, "organisation": invitation.organisation, "role": role}
    if not invitation.organisation:
        return _("%(who)s invites you to work here as: %(role)s.") % words
    if not role:
        return _("%(who)s invites you to answer the government’s ratings for %(organisation)s.") % words
    return _("%(who)s invites you to speak for %(organisation)s and to work here as: %(role)s.") % words


def account_of(invitation: Invitation) -> User | None:
    """The account that the invited address has already."""
    return User.objects.filter(email__iexact=invitation.email).first()


@transaction.atomic
def open_account(token: str, *, name: str, language: str, password: str) -> User:
    """Make the invited person's account with what it was invited to.

    Raises Closed; raises AddressTaken where the address has an account, whose owner alone may accept.
    """
    invitation = _held(token)
    if account_of(invitation):
        raise AddressTaken
    user = User(email=invitation.email, name=name, language=language)
    user.set_password(password)
    user.full_clean()
    try:
        user.save()
    except IntegrityError as error:  # made by somebody else in this moment
        raise AddressTaken from error
    _give(invitation, user)
    return user


@transaction.atomic
def accept(token: str, *, by: User) -> None:
    """Give an existing account what it was invited to. Raises Closed; PermissionDenied for anybody else's account."""
    invitation = _held(token)
    if by.email != invitation.email:
        raise PermissionDenied
    _give(invitation, by)


def _require(invitation: Invitation, by: User) -> None:
    if not roles.may_invite(by, invitation.role):
        raise PermissionDenied(_("Your role does not allow this."))


def _unanswered(invitation: Invitation) -> Invitation:
    held = Invitation.objects.select_for_update(of=("self",)).get(pk=invitation.pk)
    if held.accepted_at or held.taken_back_at:
        raise ValidationError(_("This invitation was accepted or taken back meanwhile."))
    return held


def _held(token: str) -> Invitation:
    """The invitation of a link that still works, held until the transaction ends. Raises Closed."""
    invitation = Invitation.objects.select_for_update(of=("self",)).filter(token_hash=_hash(token)).first()
    if invitation is None or invitation.state(timezone.now()) != Invitation.State.WAITING:
        raise Closed
    return invitation


def _give(invitation: Invitation, user: User) -> None:
    if invitation.organisation:
        _let_speak(user, invitation)
    if invitation.role:
        user.groups.add(Group.objects.get(name=invitation.role))
    invitation.accepted_at, invitation.user = timezone.now(), user
    _keep(invitation, user)


def _let_speak(user: User, invitation: Invitation) -> None:
    """A membership from today; one that would have ended goes on."""
    today = timezone.localdate()
    lasting = Membership.objects.on(today).filter(user=user, organisation=invitation.organisation).first()
    if lasting is None:
        lasting = Membership(user=user, organisation=invitation.organisation, starts_on=today)
    elif lasting.ends_on is None:
        return
    lasting.ends_on = None
    _keep(lasting, invitation.invited_by)


def _issue(invitation: Invitation, by: User) -> None:
    token = secrets.token_urlsafe(32)
    invitation.token_hash = _hash(token)
    invitation.invited_by, invitation.invited_at = by, timezone.now()
    invitation.expires_at, invitation.mailed_at = invitation.invited_at + LASTS, None
    _keep(invitation, by)
    transaction.on_commit(lambda: _mail(invitation, token))


def _keep(row: Any, by: User) -> None:
    row.full_clean()
    row._history_user = by
    row.save()


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("ascii", "replace")).hexdigest()


def _mail(invitation: Invitation, token: str) -> None:
    """Send the link; where that fails the invitation stays and shows it, so that it can be sent again."""
    with translation.override(invitation.language):
        letter: dict[str, Any] = {"invitation": invitation, "token": token, "offer": offer(invitation)}
    subject = gettext_lazy("Your account with the Open Government Partnership tracker")
    if mail.send("invitation", subject, to=invitation.email, language=invitation.language, **letter):
        Invitation.objects.filter(pk=invitation.pk).update(mailed_at=timezone.now())
