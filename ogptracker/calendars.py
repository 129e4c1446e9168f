"""Deadlines as calendars to subscribe to (iCalendar, RFC 5545)."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from icalendar import Calendar, Event, vDuration, vText

from assessments.deadlines import Deadline, read_deadlines
from ogptracker.feeds import published_plan, site_name

ASK_AGAIN = datetime.timedelta(hours=12)


@require_safe
def deadlines(request: HttpRequest) -> HttpResponse:
    """What every plan but demonstrations has to keep."""
    return _calendar(request, _("Deadlines"), "deadlines.ics", read_deadlines())


@require_safe
def plan_deadlines(request: HttpRequest, slug: str) -> HttpResponse:
    """What one plan has to keep, its milestones with it."""
    plan = published_plan(slug)
    title = _("Deadlines of %(plan)s") % {"plan": plan.short_name}
    return _calendar(request, title, f"{plan.slug}-deadlines.ics", read_deadlines(plan))


def _calendar(request: HttpRequest, title: str, file_name: str, kept: Sequence[Deadline]) -> HttpResponse:
    calendar = Calendar()
    calendar.add("prodid", f"-//{urlsplit(settings.SITE_URL).hostname}//ogptracker//{(get_language() or '').upper()}")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    name = f"{title} · {site_name()}"
    calendar.add("name", name, {"LANGUAGE": get_language()})
    calendar.add("x-wr-calname", name)
    calendar.add("x-wr-timezone", settings.TIME_ZONE)
    calendar.add("refresh-interval", ASK_AGAIN)
    calendar["refresh-interval"].params["VALUE"] = "DURATION"
    calendar.add("x-published-ttl", vDuration(ASK_AGAIN).to_ical().decode())
    for deadline in kept:
        calendar.add_component(_event(request, deadline))
    # Of the zone's past, no more than the deadlines need.
    calendar.add_missing_timezones(first_date=min((d.order[0].date() for d in kept), default=timezone.localdate()))
    response = HttpResponse(calendar.to_ical(), content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = f'inline; filename="{file_name}"'
    return response


def _event(request: HttpRequest, deadline: Deadline) -> Event:
    event = Event()
    event.add("uid", f"{deadline.key}@{urlsplit(settings.SITE_URL).hostname}")
    event.add("dtstamp", deadline.known_since.astimezone(datetime.UTC))
    if isinstance(deadline.when, datetime.datetime):
        event.add("dtstart", timezone.localtime(deadline.when, timezone.get_default_timezone()))
    else:
        event.add("dtstart", deadline.when)
    event.add("summary", vText(deadline.title, params={"LANGUAGE": deadline.language}))
    if deadline.said:
        event.add("description", vText(deadline.said, params={"LANGUAGE": get_language() or ""}))
    event.add("url", request.build_absolute_uri(deadline.address))
    event.add("transp", "TRANSPARENT")
    return event
