"""The repository clock: when a commitment's evidence was last updated, and until when it counts as up to date.

OGP's Participation and Co-Creation Standards (minimum requirement 2.2) ask for a repository of evidence that is updated
at least twice a year. Here that is asked of each commitment.
"""

from __future__ import annotations

import calendar
import datetime
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import models
from django.db.models import Max, Q
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from assessments.models import Response, SelfAssessment
from commitments.models import ActionPlan, Commitment

FRESH_FOR = 6  # months after an update
WARNED_FOR = 30  # days before it is overdue
GRACE = 3  # months after a plan's end in which its last evidence is still awaited


class FreshnessState(models.TextChoices):
    FRESH = "fresh", _("Up to date")
    DUE = "due", _("Update due soon")
    OVERDUE = "overdue", _("Update overdue")
    NEVER = "never", _("No evidence published yet")


@dataclass(frozen=True)
class Freshness:
    """How a commitment stands to the clock at a moment."""

    commitment: Commitment
    updated_at: datetime.datetime | None
    fresh_until: datetime.date | None  # the last day; None where no clock runs or there is no evidence
    state: FreshnessState | None  # None where no clock runs
    days_left: int | None  # until `fresh_until`, negative after it

    @property
    def is_stale(self) -> bool:
        return self.state in {FreshnessState.OVERDUE, FreshnessState.NEVER}


def is_running(plan: ActionPlan, day: datetime.date) -> bool:
    """Whether evidence is awaited: from a plan's first day until three months after its last."""
    return plan.starts_on <= day <= months_after(plan.ends_on, GRACE)


def freshness_of(commitments: Iterable[Commitment], as_of: datetime.datetime | None = None) -> dict[int, Freshness]:
    """Each commitment's freshness at a moment (now by default), by primary key, in the order given. Two queries.

    An update is a published self-assessment with evidence (words, a file or a link), corrections included, or a
    published response with a file or a link. A rating copied forward unchanged repeats its evidence and updates
    nothing. A plan that does not run has no clock, only its last update.
    """
    moment = as_of or timezone.now()
    day = timezone.localdate(moment)
    commitments = list(commitments)
    updates = _updates([commitment.pk for commitment in commitments], moment)
    return {
        commitment.pk: _freshness(commitment, updates.get(commitment.pk), day, is_running(commitment.plan, day))
        for commitment in commitments
    }


def stale_commitments(as_of: datetime.datetime | None = None) -> list[Freshness]:
    """The commitments of running plans whose evidence is overdue or was never published: a queue of the staff.

    Published plans only, without demonstrations, in the order of plans and codes. Three queries.
    """
    moment = as_of or timezone.now()
    commitments = Commitment.objects.filter(plan__published_at__lte=moment, plan__is_demonstration=False)
    ordered = commitments.select_related("plan").order_by("-plan__starts_on", "code_order")
    return [freshness for freshness in freshness_of(ordered, moment).values() if freshness.is_stale]


def months_after(day: datetime.date, months: int) -> datetime.date:
    """The same day of the month that many months later; the month's last where it is shorter."""
    year, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + year, month + 1
    return datetime.date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def _freshness(
    commitment: Commitment, updated_at: datetime.datetime | None, day: datetime.date, running: bool
) -> Freshness:
    if not running:
        return Freshness(commitment, updated_at, None, None, None)
    if updated_at is None:
        return Freshness(commitment, None, None, FreshnessState.NEVER, None)
    until = months_after(timezone.localdate(updated_at), FRESH_FOR)
    left = (until - day).days
    in_time = FreshnessState.DUE if left <= WARNED_FOR else FreshnessState.FRESH
    return Freshness(commitment, updated_at, until, in_time if left >= 0 else FreshnessState.OVERDUE, left)


def _updates(commitments: list[int], moment: datetime.datetime) -> dict[int, datetime.datetime]:
    """When each commitment's evidence was last updated, by primary key."""
    ratings = (
        SelfAssessment.objects.filter(
            Q(milestone__commitment__in=commitments) | Q(commitment__in=commitments),
            ~Q(evidence_en="") | ~Q(evidence_mn="") | Q(attachments__isnull=False),
            published_at__lte=moment,
            copied_from=None,
        )
        .annotate(promise=Coalesce("milestone__commitment", "commitment"))
        .order_by()
    )
    answered = "counter_assessment__"
    responses = (
        Response.objects.filter(
            Q(**{f"{answered}milestone__commitment__in": commitments})
            | Q(**{f"{answered}commitment__in": commitments}),
            counter_assessment__state="published",
            attachments__isnull=False,
            published_at__lte=moment,
        )
        .annotate(promise=Coalesce(f"{answered}milestone__commitment", f"{answered}commitment"))
        .order_by()
    )
    updates: dict[int, datetime.datetime] = {}
    for rows in (ratings, responses):
        for promise, updated_at in rows.values_list("promise").annotate(Max("published_at")):
            updates[promise] = max(updated_at, updates.get(promise, updated_at))
    return updates
