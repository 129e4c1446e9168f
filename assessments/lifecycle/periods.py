"""Plans and periods: published, opened, published quarter by quarter, reopened."""

from __future__ import annotations

import datetime
import hashlib
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from assessments.lifecycle.acting import clock, keep, locked, require
from assessments.lifecycle.ratings import publish_submitted
from assessments.models import ReportingPeriod, SelfAssessment
from commitments import roles
from commitments.admin.versions import with_stored_version
from commitments.models import ActionPlan


@transaction.atomic
def publish_plan(plan: ActionPlan, *, by: Any) -> ActionPlan:
    """Make a draft plan public."""
    require(roles.is_publisher, by)
    plan = locked(plan)
    if plan.published_at:
        raise ValidationError(_("This plan is published already."))
    plan.published_at, plan.published_by = clock(), by
    keep(plan, by, "published")
    return plan


@transaction.atomic
def open_period(
    period: ReportingPeriod, *, by: Any, entry_closes_at: datetime.datetime | None = None
) -> ReportingPeriod:
    """Open a planned period for entry."""
    require(roles.is_publisher, by)
    period = locked(period)
    if period.state() != ReportingPeriod.State.PLANNED:
        raise ValidationError(_("Only a planned period can be opened."))
    period.opened_at, period.opened_by, period.entry_closes_at = clock(), by, entry_closes_at
    keep(period, by, "opened")
    return period


def submitted_versions(period: ReportingPeriod) -> str:
    """Which ratings of a period are submitted, and in which versions, as one word.

    It is the same as long as nobody submits, returns or publishes one: what a publication was counted from.
    """
    submitted = SelfAssessment.objects.filter(period=period, state=SelfAssessment.State.SUBMITTED)
    versions = with_stored_version(submitted).order_by("pk").values_list("pk", "stored_version")
    return hashlib.sha256(",".join(f"{pk}:{version}" for pk, version in versions).encode()).hexdigest()


@transaction.atomic
def publish_period(
    period: ReportingPeriod,
    *,
    by: Any,
    answers_open_at: datetime.datetime | None = None,
    answers_close_at: datetime.datetime | None = None,
    counted: str | None = None,
) -> int:
    """Publish every submitted rating of an opened period in one act, and set the answering window.

    Returns how many were published. Drafts and returned ones stay what they are. A reopened period keeps the moment at
    which it was first published, and its answering window unless another is given. ``counted`` is what
    `submitted_versions` said when the act was counted: where it says something else by now, nothing is published.
    """
    require(roles.is_publisher, by)
    period = locked(period)
    if period.state() != ReportingPeriod.State.ENTRY:
        raise ValidationError(_("Only a period that is open for entry can be published."))
    submitted = list(
        SelfAssessment.objects.select_for_update(of=("self",)).filter(
            period=period, state=SelfAssessment.State.SUBMITTED
        )
    )
    if counted is not None and counted != submitted_versions(period):
        raise ValidationError(
            _("Somebody submitted or returned a rating meanwhile. Nothing is published: look at the new counts."),
            code="counted",
        )
    _refuse_own(submitted, by)
    moment = clock()
    if period.published_at:
        period.republished_at, period.republished_by = moment, by
        period.answers_open_at = answers_open_at or period.answers_open_at
        period.answers_close_at = answers_close_at or period.answers_close_at
    else:
        period.published_at, period.published_by = moment, by
        period.answers_open_at, period.answers_close_at = answers_open_at or moment, answers_close_at
    keep(period, by, "published")
    for assessment in submitted:
        publish_submitted(assessment, by=by, moment=moment)
    return len(submitted)


def _refuse_own(submitted: list[SelfAssessment], by: Any) -> None:
    """Where a second person publishes, it is not the one who submitted."""
    own = sum(assessment.submitted_by_id == by.pk for assessment in submitted)
    if settings.SECOND_PERSON_PUBLISHES and own:
        raise ValidationError(
            ngettext(
                "You have submitted %(count)d of these ratings yourself: another publisher has to publish them.",
                "You have submitted %(count)d of these ratings yourself: another publisher has to publish them.",
                own,
            )
            % {"count": own},
            code="second_person",
        )


@transaction.atomic
def reopen_period(period: ReportingPeriod, *, by: Any, reason: str) -> ReportingPeriod:
    """Open a published period again, to enter what is missing in it; the reason is public.

    What is published stays published, and is corrected in the open as ever.
    """
    require(roles.is_publisher, by)
    period = locked(period)
    if period.state() not in {ReportingPeriod.State.ANSWERING, ReportingPeriod.State.CLOSED}:
        raise ValidationError(_("Only a published period can be reopened."))
    if not reason.strip():
        raise ValidationError({"reopen_reason": _("Say why the period is reopened; the reason is public.")})
    period.reopened_at, period.reopened_by, period.reopen_reason = clock(), by, reason
    period.republished_at = period.republished_by = None
    keep(period, by, reason)
    return period
