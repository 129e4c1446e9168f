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
from commitments.rules import in_order


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


def organisations_of(user: Any) -> list[int]:
    """Primary keys of the organisations the user speaks for today."""
    if not user.is_authenticated or not user.is_active:
        return []
    return list(user.memberships.on(timezone.localdate()).values_list("organisation_id", flat=True))
