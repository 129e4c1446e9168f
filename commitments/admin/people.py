"""Accounts, and for which organisation they speak."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.contrib.auth.models import Group
from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commitments import roles, second_factor
from commitments.admin.base import RecordAdmin, section
from commitments.admin.verbs import Verb
from commitments.admin.versions import RecordForm
from commitments.models import Membership, User


def role_name(group: Group) -> str:
    """A role in words; groups are named by code."""
    return str(roles.NAMES.get(group.name, group.name))


class LowerCaseAddress(RecordForm):
    """An e-mail address as it is stored."""

    def clean_email(self) -> str:
        """As accounts are made everywhere: an address is one account in any case of its letters."""
        return self.cleaned_data["email"].lower()


class UserForm(LowerCaseAddress, UserChangeForm):
    """An account; its password is replaced on a page of its own."""

    class Meta:
        model = User
        fields = "__all__"
        field_classes: dict[str, Any] = {}


class UserCreationForm(LowerCaseAddress, AdminUserCreationForm):
    """A new account; without a password its owner sets one by mail."""

    class Meta:
        model = User
        fields = ("email",)
        field_classes: dict[str, Any] = {}


@admin.register(User)
class UserAdmin(RecordAdmin, DjangoUserAdmin):
    """Publishers see who has an account; superusers make them and give roles. Nobody deletes one."""

    form = UserForm
    add_form = UserCreationForm
    prefetched = ("groups", "memberships__organisation", "authenticator_set")
    list_display = ("email", "name", "role", "speaks_for", "language", "is_active", "has_second_factor", "last_login")
    list_display_links = ("email", "name")
    list_filter = ("groups", "is_superuser", "is_active", "language")
    search_fields = ("email", "name")
    ordering = ("email",)
    filter_horizontal = ()
    readonly_fields = ("last_login", "date_joined", "has_second_factor")
    fieldsets = (
        section(None, "email", "password", "name", "language"),
        section(gettext_lazy("What it may do"), "is_active", "groups", "is_superuser", "has_second_factor"),
        section(gettext_lazy("Dates"), ("last_login", "date_joined")),
    )
    add_fieldsets = (
        section(None, "email", "name", "language", "usable_password", "password1", "password2"),
        section(gettext_lazy("What it may do"), "groups", "is_superuser"),
    )
    verbs = (
        Verb(
            name="reset-second-factor",
            label=gettext_lazy("Reset the second factor"),
            question=gettext_lazy(
                "Has this person lost the telephone and the recovery codes, and are you sure who asked? "
                "The password alone will open the account until they set up another second factor."
            ),
            done=gettext_lazy("The second factor of %(record)s is reset."),
            act=second_factor.reset,
            role=roles.is_publisher,
            applies=second_factor.has_one,
        ),
    )

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return roles.is_publisher(request.user)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.is_active and request.user.is_superuser

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.is_active and request.user.is_superuser

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Whether a password is set is for those who may change it."""
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None or self.has_change_permission(request, obj):
            return fieldsets
        return [
            (title, {**options, "fields": [name for name in options["fields"] if name != "password"]})
            for title, options in fieldsets
        ]

    def why_read_only(self, request: HttpRequest, obj: Any) -> str:
        return _("A superuser makes accounts and gives roles.")

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "groups":
            kwargs |= {"widget": forms.CheckboxSelectMultiple, "label": _("Roles"), "help_text": ""}
        field: Any = super().formfield_for_manytomany(db_field, request, **kwargs)
        field.label_from_instance = role_name
        return field

    @admin.display(description=gettext_lazy("role"))
    def role(self, user: User) -> str:
        held = [role_name(group) for group in user.groups.all()]
        return ", ".join([*([_("Superuser")] if user.is_superuser else []), *held])

    @admin.display(description=gettext_lazy("second factor"), boolean=True)
    def has_second_factor(self, user: User) -> bool:
        return second_factor.has_one(user)

    @admin.display(description=gettext_lazy("speaks for"))
    def speaks_for(self, user: User) -> str:
        today = timezone.localdate()
        return "; ".join(
            str(membership.organisation)
            for membership in user.memberships.all()
            if membership.starts_on <= today and (membership.ends_on is None or membership.ends_on >= today)
        )


class LastingFilter(admin.SimpleListFilter):
    title = gettext_lazy("state")
    parameter_name = "lasting"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", gettext_lazy("Today")), ("no", gettext_lazy("Ended or not begun"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        today = queryset.on(timezone.localdate())
        if self.value() == "yes":
            return today
        return queryset.filter(~Q(pk__in=today.values("pk"))) if self.value() == "no" else queryset


@admin.register(Membership)
class MembershipAdmin(RecordAdmin):
    """A membership ends by its last day; it is not deleted."""

    related = ("user", "organisation")
    list_display = ("user", "organisation", "starts_on", "ends_on")
    list_filter = (LastingFilter,)
    search_fields = ("user__email", "user__name", "organisation__search_text")
    autocomplete_fields = ("user", "organisation")
    fieldsets = (section(None, "user", "organisation", ("starts_on", "ends_on")),)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return roles.is_publisher(request.user)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return roles.is_publisher(request.user)

    def why_read_only(self, request: HttpRequest, obj: Any) -> str:
        return _("A publisher decides who speaks for an organisation.")
