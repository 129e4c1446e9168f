"""What became public, reports to the forum with it."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from assessments.events import ANYBODY, Event, Scope, newest
from assessments.events import read_events as read_events_below
from reports.models import Report
from reports.serializers import report_id


def read_events(scope: Scope, *, most: int) -> list[Event]:
    """As `assessments.events.read_events`; releases of reports stand among them, and are of no single commitment."""
    events = read_events_below(scope, most=most)
    return events if scope.commitment else newest([*events, *_releases(scope, most)], most)


def _releases(scope: Scope, most: int) -> list[Event]:
    released = (
        Report.objects.visible_to(ANYBODY)
        .filter(scope.of("plan__"))
        .select_related("plan")
        .defer("figures")
        .order_by("-released_at", "-pk")
    )
    return [
        Event(
            kind="report",
            kind_name=_("Report released"),
            key=f"reports/{report_id(report)}",
            moment=report.released_at,
            plan=report.plan,
            record=report,
            address=report.get_absolute_url(),
            title_template="reports/_event_title.html",
            said_template="reports/_event_said.html",
        )
        for report in released[:most]
        if report.released_at
    ]
