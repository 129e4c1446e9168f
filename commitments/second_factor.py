"""A second factor that its owner has lost is taken away by a colleague; the owner then sets up another."""

from __future__ import annotations

from typing import Any

from allauth.mfa.models import Authenticator
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commitments import mail, roles
from commitments.models import User


def has_one(user: Any) -> bool:
    return any(factor.type == Authenticator.Type.TOTP for factor in user.authenticator_set.all())


@transaction.atomic
def reset(user: User, *, by: User | None) -> None:
    """Forget the account's authenticator and recovery codes; its history says who did it and when, not what they were.

    ``by``: a publisher, for a superuser's account a superuser; None for a command. Raises PermissionDenied for other
    roles; ValidationError for one's own account (its page asks for the code first) and where there is nothing to reset.
    """
    if by is not None:
        if not roles.is_publisher(by):
            raise PermissionDenied(_("Your role does not allow this."))
        if user.is_superuser and not roles.is_superuser(by):
            raise ValidationError(_("Only a superuser resets the second factor of a superuser."))
        if by == user:
            raise ValidationError(_("Deactivate your own second factor on the page of your account."))
    held: Any = User.objects.select_for_update(of=("self",)).get(pk=user.pk)
    deleted, _by_model = Authenticator.objects.filter(user=held).delete()
    if not deleted:
        raise ValidationError(_("This account has no second factor."))
    held._history_user, held._change_reason = by, _("Second factor reset")
    held.save()
    subject = gettext_lazy("Your second factor was reset")
    letter = {"to": held.email, "language": held.language, "by": str(by) if by else ""}
    transaction.on_commit(lambda: mail.send("second_factor_reset", subject, **letter))
