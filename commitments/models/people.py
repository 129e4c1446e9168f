from __future__ import annotations

import datetime
from functools import cached_property
from typing import Any

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from commitments import roles
from commitments.fields import LineField
from commitments.models.organisations import Organisation
from commitments.rules import in_order, moment_and_person


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        if not email:
            raise ValueError("A user signs in by e-mail, so an address is needed.")
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        return self.create_user(email, password, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email__iexact=username)


class UserQuerySet(models.QuerySet["User"]):
    def visible_to(self, user: Any) -> UserQuerySet:
        """Publishers see who has an account, everybody else only their own."""
        if roles.is_publisher(user):
            return self
        return self.filter(pk=user.pk) if user.is_authenticated else self.none()


class User(AbstractBaseUser, PermissionsMixin):
    """An account. What it may do follows from its groups and memberships, never from a flag."""

    email = models.EmailField(_("e-mail address"), unique=True, error_messages={"unique": _("This address is taken.")})
    name = LineField(_("name"), max_length=150, blank=True, help_text=_("Shown to the support unit only."))
    language = models.CharField(
        _("language"),
        max_length=2,
        choices=settings.LANGUAGES,
        default="mn",
        help_text=_("Of the admin and of the mail that is sent to this person."),
    )
    is_active = models.BooleanField(_("active"), default=True, help_text=_("Switch off instead of deleting."))
    date_joined = models.DateTimeField(_("joined"), default=timezone.now, editable=False)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"

    history = HistoricalRecords(excluded_fields=["password", "last_login"])
    objects = UserManager.from_queryset(UserQuerySet)()

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        ordering = ["email"]
        constraints = [
            models.UniqueConstraint(
                Lower("email"), name="user_email_once", violation_error_message=_("This address is taken.")
            )
        ]

    def __str__(self) -> str:
        return self.name or self.email

    def natural_key(self) -> tuple[str]:
        return (self.email,)

    def save(self, *args: Any, **options: Any) -> None:
        """Signing in changes nothing that the history keeps."""
        if options.get("update_fields") == ["last_login"]:
            self.skip_history_when_saving = True
        elif hasattr(self, "skip_history_when_saving"):
            del self.skip_history_when_saving
        super().save(*args, **options)

    @cached_property
    def role_names(self) -> frozenset[str]:
        """Names of the user's groups; read once per request."""
        return frozenset(self.groups.values_list("name", flat=True))

    @property
    def is_staff(self) -> bool:
        """Whether the admin is open to this account: the support unit and superusers, nobody else."""
        return self.is_active and (self.is_superuser or roles.is_support_unit(self))


class MembershipQuerySet(models.QuerySet["Membership"]):
    def on(self, day: datetime.date) -> MembershipQuerySet:
        return self.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=day), starts_on__lte=day)

    def visible_to(self, user: Any) -> MembershipQuerySet:
        if roles.is_support_unit(user):
            return self
        return self.filter(user=user) if user.is_authenticated else self.none()


class Membership(models.Model):
    """A user speaks for an organisation from one day until another."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships", verbose_name=_("user"))
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="memberships", verbose_name=_("organisation")
    )
    starts_on = models.DateField(_("from"), default=timezone.localdate)
    ends_on = models.DateField(
        _("until"),
        null=True,
        blank=True,
        help_text=_("The last day. Empty while it lasts; access ends with it."),
    )

    history = HistoricalRecords()
    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        ordering = ["organisation", "user", "starts_on"]
        constraints = [
            in_order("starts_on", "ends_on", table="membership"),
            models.UniqueConstraint(
                fields=["user", "organisation", "starts_on"],
                name="membership_once",
                violation_error_message=_("This person already speaks for this organisation from that day."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}, {self.organisation}"


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def visible_to(self, user: Any) -> InvitationQuerySet:
        return self if roles.is_publisher(user) else self.none()

    def waiting(self, moment: datetime.datetime) -> InvitationQuerySet:
        return self.filter(NOT_ANSWERED, expires_at__gt=moment)

    def expired(self, moment: datetime.datetime) -> InvitationQuerySet:
        return self.filter(NOT_ANSWERED, expires_at__lte=moment)


NOT_ANSWERED = Q(accepted_at__isnull=True, taken_back_at__isnull=True)


class Invitation(models.Model):
    """An account offered to a person by mail: to speak for an organisation, to hold a role, or both.

    Only a hash of the link's token is kept, so that nobody who reads the database can use it.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        EXPIRED = "expired", _("Expired")
        ACCEPTED = "accepted", _("Accepted")
        TAKEN_BACK = "taken_back", _("Taken back")

    email = models.EmailField(_("e-mail address"), help_text=_("The link goes there as soon as this is saved."))
    name = LineField(_("name"), max_length=150, blank=True, help_text=_("The person may write it differently."))
    organisation = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="invitations",
        verbose_name=_("organisation"),
        help_text=_("For which the person will speak. Empty for the support unit and members of the forum."),
    )
    role = models.CharField(
        _("role"),
        max_length=20,
        blank=True,
        choices=[(role, roles.NAMES[role]) for role in roles.GROUPS],
        help_text=_("Empty for representatives of NGOs."),
    )
    language = models.CharField(
        _("language"), max_length=2, choices=settings.LANGUAGES, default="mn", help_text=_("Of the mail that invites.")
    )
    invited_by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="+", verbose_name=_("invited by"), editable=False
    )
    invited_at = models.DateTimeField(_("invited at"), editable=False)
    expires_at = models.DateTimeField(_("expires at"), editable=False)
    mailed_at = models.DateTimeField(_("mailed at"), null=True, editable=False)
    accepted_at = models.DateTimeField(_("accepted at"), null=True, editable=False)
    user = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("account"), editable=False
    )
    taken_back_at = models.DateTimeField(_("taken back at"), null=True, editable=False)
    taken_back_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("taken back by"), editable=False
    )
    token_hash = models.CharField(max_length=64, unique=True, editable=False)

    history = HistoricalRecords(excluded_fields=["token_hash", "mailed_at"])
    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        ordering = ["-invited_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                condition=NOT_ANSWERED,
                name="invitation_once",
                violation_error_message=_("This address is invited already: send that again or take it back."),
            ),
            models.CheckConstraint(
                condition=Q(organisation__isnull=False) | ~Q(role=""),
                name="invitation_to_something",
                violation_error_message=_("Choose an organisation, a role, or both."),
            ),
            models.CheckConstraint(
                condition=Q(accepted_at__isnull=True, user__isnull=True)
                | Q(accepted_at__isnull=False, user__isnull=False),
                name="invitation_accepted_at_and_user",
                violation_error_message=_("When something was done and who did it must be recorded together."),
            ),
            models.CheckConstraint(
                condition=Q(accepted_at__isnull=True) | Q(taken_back_at__isnull=True),
                name="invitation_one_end",
                violation_error_message=_("An accepted invitation cannot be taken back."),
            ),
            moment_and_person("taken_back", table="invitation"),
        ]

    def __str__(self) -> str:
        return self.email

    def state(self, moment: datetime.datetime) -> Invitation.State:
        if self.accepted_at:
            return self.State.ACCEPTED
        if self.taken_back_at:
            return self.State.TAKEN_BACK
        return self.State.WAITING if moment < self.expires_at else self.State.EXPIRED


def organisations_of(user: Any) -> list[int]:
    """Primary keys of the organisations the user speaks for today."""
    if not user.is_authenticated or not user.is_active:
        return []
    return list(user.memberships.on(timezone.localdate()).values_list("organisation_id", flat=True))
