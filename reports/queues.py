"""What waits among reports."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from commitments.admin.queues import Line, Queue, listed, queue
from reports.models import Report


def waiting(user: Any) -> list[Queue]:
    drafts = Report.objects.visible_to(user).filter(state=Report.State.DRAFT).count()
    words = ngettext("%(count)d report is not released", "%(count)d reports are not released", drafts)
    line = Line(drafts, words % {"count": drafts}, listed(Report, state__exact=Report.State.DRAFT.value))
    return [queue("reports-in-draft", _("Reports in draft"), [line])]
