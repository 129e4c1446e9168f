"""Who a user is: the offices of design rule 6.1. The groups are made by a migration; membership is the only fact."""

from typing import Any

from django.conf import settings
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

EDITOR = "editor"
PUBLISHER = "publisher"
MSF_MEMBER = "msf-member"
GROUPS = (EDITOR, PUBLISHER, MSF_MEMBER)
NAMES = {EDITOR: _("Editor"), PUBLISHER: _("Publisher"), MSF_MEMBER: _("Member of the forum")}


def holds(user: Any, *roles: str) -> bool:
    """Whether an active user holds one of the roles; a superuser is also a publisher."""
    if user is None or not user.is_authenticated or not user.is_active:
        return False
    return (user.is_superuser and PUBLISHER in roles) or not user.role_names.isdisjoint(roles)


def is_publisher(user: Any) -> bool:
    return holds(user, PUBLISHER)


def is_superuser(user: Any) -> bool:
    return user is not None and user.is_authenticated and user.is_active and user.is_superuser


def may_invite(user: Any, role: str) -> bool:
    """Publishers invite representatives and members of the forum (``role`` empty or MSF), superusers everybody."""
    return is_superuser(user) or (is_publisher(user) and role in {"", MSF_MEMBER})


def is_support_unit(user: Any) -> bool:
    """Editors and publishers: the staff who keep the record."""
    return holds(user, EDITOR, PUBLISHER)


def sees_drafts(user: Any) -> bool:
    """Draft plans and draft reports are for the support unit and the members of the Multi-Stakeholder Forum."""
    return holds(user, EDITOR, PUBLISHER, MSF_MEMBER)


def finds_demonstrations(user: Any) -> bool:
    """Invented plans are listed for the support unit, to practise on, and for whoever develops."""
    return settings.DEBUG or is_support_unit(user)


def in_visible_plan(user: Any, prefix: str = "") -> Q:
    """Rows whose plan the user may see; ``prefix`` leads to the plan (``plan__``, ``commitment__plan__``)."""
    return Q() if sees_drafts(user) else Q(**{f"{prefix}published_at__isnull": False})
