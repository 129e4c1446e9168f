"""Who was offered an account, and what came of it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commitments import invitations, roles
from commitments.admin.base import RecordAdmin, section
from commitments.admin.people import LowerCaseAddress
from commitments.admin.verbs import Verb
from commitments.models import Invitation


class InvitationForm(LowerCaseAddress):
    """Offers the roles that the person who invites may give."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        role: Any = self.fields.get("role")
        if role is not None:
            role.choices = [choice for choice in role.choices if roles.may_invite(self.user, choice[0])]


class QueueFilter(admin.SimpleListFilter):
    title = gettext_lazy("queue")
    parameter_name = "queue"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(Invitation.State.choices)

    def queryset(self, request: HttpRequest, queryset: Any) -> QuerySet:
        now, state = timezone.now(), Invitation.State
        match self.value():
            case state.WAITING:
                return queryset.waiting(now)
            case state.EXPIRED:
                return queryset.expired(now)
            case state.ACCEPTED:
                return queryset.filter(accepted_at__isnull=False)
            case state.TAKEN_BACK:
                return queryset.filter(taken_back_at__isnull=False)
        return queryset


def _is_unanswered(invitation: Invitation) -> bool:
    return invitation.state(timezone.now()) in {Invitation.State.WAITING, Invitation.State.EXPIRED}


@admin.register(Invitation)
class InvitationAdmin(RecordAdmin):
    """To add one is to invite; after that it is sent again or taken back, and stays as a record."""

    form = InvitationForm
    related = ("organisation", "invited_by", "user", "taken_back_by")
    list_display = ("email", "name", "organisation", "role", "state", "expires_at", "invited_by", "invited_at")
    list_filter = (QueueFilter, "role")
    search_fields = ("email", "name", "organisation__search_text")
    autocomplete_fields = ("organisation",)
    readonly_fields = ("state", "invited_by", "invited_at", "expires_at", "mailed_at", "accepted_at", "user")
    fieldsets = (
        section(None, "email", "name", "language"),
        section(gettext_lazy("Invited to"), "organisation", "role"),
        section(
            gettext_lazy("State"),
            "state",
            ("invited_by", "invited_at"),
            ("mailed_at", "expires_at"),
            ("user", "accepted_at"),
        ),
    )
    add_fieldsets = fieldsets[:2]
    verbs = (
        Verb(
            name="send-again",
            label=gettext_lazy("Send again"),
            question=gettext_lazy("Send a new link by mail? The old one stops working; the new one works for 14 days."),
            done=gettext_lazy("A new link was sent to %(record)s."),
            act=invitations.send_again,
            role=roles.is_publisher,
            applies=_is_unanswered,
        ),
        Verb(
            name="take-back",
            label=gettext_lazy("Take back"),
            question=gettext_lazy("Take the invitation back? Its link stops working at once."),
            done=gettext_lazy("The invitation of %(record)s is taken back."),
            act=invitations.take_back,
            role=roles.is_publisher,
            applies=_is_unanswered,
        ),
    )

    def has_module_permission(self, request: HttpRequest) -> bool:
        return roles.is_publisher(request.user)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return roles.is_publisher(request.user)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return roles.is_publisher(request.user)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        return super().get_fieldsets(request, obj) if obj else self.add_fieldsets

    def offered_verbs(self, request: HttpRequest, row: Any) -> list[tuple[Verb, str]]:
        return super().offered_verbs(request, row) if roles.may_invite(request.user, row.role) else []

    def why_read_only(self, request: HttpRequest, obj: Any) -> str:
        return _("An invitation stays as it was sent. To invite otherwise, take it back and send another.")

    def save_model(self, request: HttpRequest, obj: Any, form: forms.ModelForm, change: bool) -> None:
        invitations.invite(obj, by=request.user)  # type: ignore[arg-type]

    @admin.display(description=gettext_lazy("state"))
    def state(self, invitation: Invitation) -> str:
        state = invitation.state(timezone.now())
        if state == Invitation.State.WAITING and invitation.mailed_at is None:
            return _("The mail could not be sent: send it again")
        if state == Invitation.State.TAKEN_BACK:
            day = date_format(timezone.localtime(invitation.taken_back_at), "SHORT_DATE_FORMAT")
            return _("Taken back by %(who)s, %(day)s") % {"who": invitation.taken_back_by, "day": day}
        return str(state.label)
