"""How many answers a plan received, and what became of them: silence, waiting and withholding are counted too."""

from __future__ import annotations

import datetime
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Exists, OuterRef
from django.utils import timezone

from assessments.models import CounterAssessment, Response
from commitments.models import ActionPlan


@dataclass(frozen=True)
class AnswerStates:
    """How many answers came in, and what became of them: each is in exactly one of the others."""

    received: int = 0
    published: int = 0  # in force
    replaced: int = 0  # by a newer version of their author
    waiting: int = 0
    returned: int = 0  # and not sent again yet
    withheld: int = 0
    withdrawn: int = 0
    unanswered: int = 0  # of the published that were given here: without a published response of an agency
    withheld_by_reason: dict[str, int] = field(default_factory=dict)  # code of a reason -> count; those with any
    oldest_waiting_at: datetime.datetime | None = None

    def days_waited(self, as_of: datetime.datetime | None = None) -> int | None:
        """Days from the date of the oldest that waits to today: midnight changes it. None where none waits."""
        if self.oldest_waiting_at is None:
            return None
        return (timezone.localdate(as_of) - timezone.localdate(self.oldest_waiting_at)).days


def count_answer_states(plans: Iterable[ActionPlan]) -> dict[int, AnswerStates]:
    """What became of the answers that plans received, by primary key of the period. One query.

    A period that got none is absent: its counts are those of an empty `AnswerStates`.
    """
    responses = Response.objects.published().filter(counter_assessment=OuterRef("pk"))
    rows: Any = (
        CounterAssessment.objects.filter(period__plan__in=plans)
        .exclude(state=CounterAssessment.State.DRAFT, submitted_at__isnull=True)
        .values("period", "state", "transcribed", "withheld_reason", "submitted_at", "superseded_at")
        .annotate(has_response=Exists(responses))
        .order_by()
    )
    of_period: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        of_period[row["period"]].append(row)
    return {period: _answer_states(own) for period, own in of_period.items()}


def _answer_states(rows: list[dict[str, Any]]) -> AnswerStates:
    counted = Counter(_became(row) for row in rows)
    reasons = Counter(row["withheld_reason"] for row in rows if row["withheld_reason"])
    waiting = [row["submitted_at"] for row in rows if _became(row) == "waiting"]
    return AnswerStates(
        received=len(rows),
        unanswered=sum(_became(row) == "published" and not (row["has_response"] or row["transcribed"]) for row in rows),
        withheld_by_reason=dict(sorted(reasons.items())),
        oldest_waiting_at=min(waiting, default=None),
        **counted,
    )


def _became(row: dict[str, Any]) -> str:
    """Which count of `AnswerStates` an answer is in. One that is being mended still counts as returned."""
    state = CounterAssessment.State
    if row["state"] in {state.WITHHELD, state.WITHDRAWN}:
        return row["state"]
    if row["superseded_at"]:
        return "replaced"
    return {state.PUBLISHED: "published", state.SUBMITTED: "waiting"}.get(row["state"], "returned")
