"""What every verb does: ask the role, lock, read the clock after the lock, leave a trace."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from assessments.models import ReportingPeriod


def clock() -> datetime.datetime:
    """The database's clock at this instant, not at the start of the transaction."""
    if connection.vendor != "postgresql":
        return timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        return cursor.fetchone()[0]


def require(role: Callable[[Any], bool], by: Any) -> None:
    if not role(by):
        raise PermissionDenied(_("Your role does not allow this."))


def locked(row: Any) -> Any:
    """The row as it stands now, held until the transaction ends."""
    return type(row).objects.select_for_update(of=("self",)).get(pk=row.pk)


def held_for_entry(period: ReportingPeriod) -> ReportingPeriod:
    """The period as it stands now, held until the transaction ends, so that nobody publishes it meanwhile.

    Raises ValidationError where it is not open for entry. Always taken before a rating in it is locked.
    """
    held = locked(period)
    refuse_closed(held)
    return held


def refuse_closed(period: ReportingPeriod) -> None:
    if period.state(clock()) != ReportingPeriod.State.ENTRY:
        raise ValidationError(_("This period is not open for entry."))


def keep(row: Any, by: Any, reason: str) -> None:
    """Check and save, with who and why in the history, also where no request says who."""
    row.full_clean()
    row._history_user, row._change_reason = by, reason
    row.save()
