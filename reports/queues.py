"""What waits among reports."""

from __future__ import annotations

from typing import Any

from django.db.models import Prefetch
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from commitments import roles
from commitments.admin.queues import Line, Queue, listed, queue
from reports.admin_release import address_of
from reports.models import Release, Report


def waiting(user: Any) -> list[Queue]:
    drafts = Report.objects.visible_to(user).filter(state=Report.State.DRAFT).count()
    words = ngettext("%(count)d report is not released", "%(count)d reports are not released", drafts)
    line = Line(drafts, words % {"count": drafts}, listed(Report, state__exact=Report.State.DRAFT.value))
    own = [queue("reports-in-draft", _("Reports in draft"), [line])]
    if roles.is_publisher(user):
        own.insert(0, queue("releases-that-failed", _("Releases that failed"), _failed(user)))
    return own


def _failed(user: Any) -> list[Line]:
    """Drafts whose last attempt to be released came to nothing, each with the page that says why."""
    attempts = Release.objects.order_by("requested_at").defer("figures")
    drafts = Report.objects.visible_to(user).filter(state=Report.State.DRAFT, releases__isnull=False).distinct()
    lines = []
    for report in drafts.select_related("plan").prefetch_related(Prefetch("releases", attempts)):
        last = list(report.releases.all())[-1]
        if last.state == Release.State.FAILED or last.is_stalled():
            lines.append(Line(1, str(report), address_of(report)))
    return lines
