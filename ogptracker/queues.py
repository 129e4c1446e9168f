"""What needs somebody today, from every app: the first page of the admin begins with it."""

from __future__ import annotations

from typing import Any

from assessments.admin import queues as of_assessments
from commitments.admin import queues as of_commitments
from commitments.admin.queues import Queue
from reports import queues as of_reports


def waiting(user: Any) -> list[Queue]:
    """Every queue that this user can act on, in the order of the work, empty ones too."""
    return [*of_assessments.waiting(user), *of_reports.waiting(user), *of_commitments.waiting(user)]
