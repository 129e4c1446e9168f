"""Moments that people set: a day and a time of day, in the zone that the record is kept in."""

from __future__ import annotations

import datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

CLOSING_HOUR = datetime.time(18)
DAY_FORMAT, TIME_FORMAT = "%Y-%m-%d", "%H:%M"


class MomentField(forms.SplitDateTimeField):
    """Two fields with the browser's own pickers; what is typed without them is written as those write it."""

    def __init__(self, **options: Any) -> None:
        day: dict[str, Any] = {"type": "date", "aria-label": _("day")}
        time: dict[str, Any] = {"type": "time", "aria-label": _("time of day")}
        widget = forms.SplitDateTimeWidget(
            date_format=DAY_FORMAT, time_format=TIME_FORMAT, date_attrs=day, time_attrs=time
        )
        super().__init__(
            widget=widget,
            input_date_formats=[DAY_FORMAT],
            input_time_formats=[TIME_FORMAT, "%H:%M:%S"],
            error_messages={
                "invalid_date": _("Write the day as 2026-07-15."),
                "invalid_time": _("Write the time as 18:00."),
                "incomplete": _("Give the day and the time of day."),
                "required": _("Give the day and the time of day."),
            },
            **options,
        )


def evening_of(day: datetime.date) -> datetime.datetime:
    """The hour of that day at which things close unless somebody says otherwise."""
    return datetime.datetime.combine(day, CLOSING_HOUR, tzinfo=timezone.get_default_timezone())


def refuse_past(moment: datetime.datetime | None) -> None:
    if moment is not None and moment <= timezone.now():
        raise forms.ValidationError(_("This moment has passed: give one in the future."), code="past")
