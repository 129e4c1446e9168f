"""The verbs: the one place that changes the state of a period, a rating or an answer.

Every verb runs in a transaction, locks what it changes, and reads the database's clock after the lock. ``by`` is the
user who acts; None only where a row is copied from a document.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from assessments.models import CounterAssessment, ReportingPeriod, Response, SelfAssessment, day_start
from assessments.ratings import Light, NoRatingReason, light_of
from commitments import roles
from commitments.models import ActionPlan, Commitment, Milestone


def clock() -> datetime.datetime:
    """The database's clock at this instant, not at the start of the transaction."""
    if connection.vendor != "postgresql":
        return timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        return cursor.fetchone()[0]


def _require(role: Callable[[Any], bool], by: Any) -> None:
    if not role(by):
        raise PermissionDenied(_("Your role does not allow this."))


def _locked(row: Any) -> Any:
    """The row as it stands now, held until the transaction ends."""
    return type(row).objects.select_for_update(of=("self",)).get(pk=row.pk)


def _keep(row: Any, by: Any, reason: str) -> None:
    """Check and save, with who and why in the history, also where no request says who."""
    row.full_clean()
    row._history_user, row._change_reason = by, reason
    row.save()


# --- plans and periods ------------------------------------------------------------------------------------------------


@transaction.atomic
def publish_plan(plan: ActionPlan, *, by: Any) -> ActionPlan:
    """Make a draft plan public."""
    _require(roles.is_publisher, by)
    plan = _locked(plan)
    if plan.published_at:
        raise ValidationError(_("This plan is published already."))
    plan.published_at, plan.published_by = clock(), by
    _keep(plan, by, "published")
    return plan


@transaction.atomic
def open_period(
    period: ReportingPeriod, *, by: Any, entry_closes_at: datetime.datetime | None = None
) -> ReportingPeriod:
    """Open a planned period for entry."""
    _require(roles.is_publisher, by)
    period = _locked(period)
    if period.state() != ReportingPeriod.State.PLANNED:
        raise ValidationError(_("Only a planned period can be opened."))
    period.opened_at, period.opened_by, period.entry_closes_at = clock(), by, entry_closes_at
    _keep(period, by, "opened")
    return period


@transaction.atomic
def publish_period(
    period: ReportingPeriod,
    *,
    by: Any,
    answers_open_at: datetime.datetime | None = None,
    answers_close_at: datetime.datetime | None = None,
) -> int:
    """Publish every submitted rating of an opened period in one act, and set the answering window.

    Returns how many were published. Drafts and returned ones stay what they are.
    """
    _require(roles.is_publisher, by)
    period = _locked(period)
    if period.state() != ReportingPeriod.State.ENTRY:
        raise ValidationError(_("Only a period that is open for entry can be published."))
    submitted = list(
        SelfAssessment.objects.select_for_update(of=("self",)).filter(
            period=period, state=SelfAssessment.State.SUBMITTED
        )
    )
    moment = clock()
    period.published_at, period.published_by = moment, by
    period.answers_open_at, period.answers_close_at = answers_open_at or moment, answers_close_at
    _keep(period, by, "published")
    for assessment in submitted:
        _publish_self_assessment(assessment, by=by, moment=moment)
    return len(submitted)


# --- the government's ratings -----------------------------------------------------------------------------------------


def incompleteness(assessment: SelfAssessment) -> dict[str, str]:
    """What is missing before a self-assessment may be submitted, by field; empty when it is complete."""
    missing: dict[str, str] = {}
    light = light_of(assessment.rating)
    if not assessment.rating and not assessment.no_rating_reason:
        missing["rating"] = _("Give a rating, or say why there is none.")
    if light in {Light.AMBER, Light.RED} and not (assessment.challenges_en or assessment.challenges_mn):
        missing["challenges_en"] = _("Below green, say what stands in the way.")
    if light == Light.GREEN:
        if not (assessment.evidence_en or assessment.evidence_mn):
            missing["evidence_en"] = _("For green, describe the evidence.")
        if not assessment.pk or not assessment.attachments.exists():
            missing["attachments"] = _("For green, attach a file or a link.")
    if assessment.no_rating_reason == NoRatingReason.OTHER and not assessment.no_rating_text:
        missing["no_rating_text"] = _("Say in words why there is no rating.")
    return missing


@transaction.atomic
def submit_self_assessment(assessment: SelfAssessment, *, by: Any) -> SelfAssessment:
    """Hand a complete draft over for publication. Submitting a submitted one again changes nothing."""
    _require(roles.is_support_unit, by)
    assessment = _locked(assessment)
    if assessment.state == SelfAssessment.State.SUBMITTED:
        return assessment
    if assessment.state == SelfAssessment.State.PUBLISHED:
        raise ValidationError(_("A published rating is corrected, not edited."))
    if assessment.period.state() != ReportingPeriod.State.ENTRY:
        raise ValidationError(_("This period is not open for entry."))
    if missing := incompleteness(assessment):
        raise ValidationError(
            {(field if hasattr(assessment, field) else "__all__"): text for field, text in missing.items()}
        )
    assessment.state = SelfAssessment.State.SUBMITTED
    assessment.submitted_at, assessment.submitted_by = clock(), by
    _keep(assessment, by, "submitted")
    return assessment


@transaction.atomic
def return_self_assessment(assessment: SelfAssessment, *, by: Any, reason: str) -> SelfAssessment:
    """Give a submitted rating back to be mended; the reason says what to mend."""
    _require(roles.is_support_unit, by)
    assessment = _locked(assessment)
    if assessment.state != SelfAssessment.State.SUBMITTED:
        raise ValidationError(_("Only a submitted rating can be returned."))
    if not reason.strip():
        raise ValidationError({"return_reason": _("Say what has to be mended.")})
    assessment.state, assessment.return_reason = SelfAssessment.State.RETURNED, reason
    assessment.returned_at, assessment.returned_by = clock(), by
    _keep(assessment, by, "returned")
    return assessment


@transaction.atomic
def correct_self_assessment(assessment: SelfAssessment, *, by: Any, reason: str, **changes: Any) -> SelfAssessment:
    """Publish a new version of a published rating, with a public reason; the old version stays readable.

    ``changes`` are the fields that differ; evidence files and links are carried over. Returns the new version.
    """
    _require(roles.is_publisher, by)
    old = _locked(assessment)
    if not old.is_current:
        raise ValidationError(_("Only the rating that is in force can be corrected."))
    new = SelfAssessment(
        **{
            field.attname: getattr(old, field.attname)
            for field in SelfAssessment._meta.concrete_fields
            if not field.primary_key
        }
    )
    for field, value in changes.items():
        setattr(new, field, value)
    new.version, new.supersedes, new.correction_reason = old.version + 1, old, reason
    new.transcribed = False
    new.state = SelfAssessment.State.SUBMITTED
    new.published_at = new.published_by = new.superseded_at = None
    new.is_current = new.is_latest = False
    moment = clock()
    new.submitted_at, new.submitted_by = moment, by
    old.superseded_at, old.is_current = moment, False
    _keep(old, by, "superseded")
    SelfAssessment.objects.filter(pk=old.pk).update(is_latest=False)
    _keep(new, by, reason)
    _copy_attachments(old, new)
    _publish_self_assessment(new, by=by, moment=moment, reason=reason)
    return new


def _copy_attachments(old: SelfAssessment, new: SelfAssessment) -> None:
    for evidence in old.attachments.all():
        evidence.pk = None
        evidence._state.adding = True
        evidence.self_assessment = new
        evidence.save()


def _publish_self_assessment(
    assessment: SelfAssessment, *, by: Any, moment: datetime.datetime, reason: str = "published"
) -> None:
    assessment.state = SelfAssessment.State.PUBLISHED
    assessment.published_at, assessment.published_by = moment, by
    _keep(assessment, by, reason)
    _take_into_force(assessment)


# --- the answers of organisations -------------------------------------------------------------------------------------


@transaction.atomic
def publish_counter_assessment(answer: CounterAssessment, *, by: Any) -> CounterAssessment:
    """Put a submitted answer beside the government's rating, unchanged."""
    _require(roles.is_publisher, by)
    answer = _locked(answer)
    if answer.state != CounterAssessment.State.SUBMITTED:
        raise ValidationError(_("Only a submitted answer can be published."))
    moment = clock()
    before = answer.supersedes
    if before and before.is_current:
        before.superseded_at, before.is_current = moment, False
        _keep(before, by, "superseded")
        CounterAssessment.objects.filter(pk=before.pk).update(is_latest=False)
    answer.state = CounterAssessment.State.PUBLISHED
    answer.published_at, answer.published_by = moment, by
    _keep(answer, by, "published")
    _take_into_force(answer)
    return answer


@transaction.atomic
def publish_response(response: Response, *, by: Any) -> Response:
    """Put an agency's response beside the answer that it responds to."""
    _require(roles.is_publisher, by)
    response = _locked(response)
    if response.state != Response.State.DRAFT:
        raise ValidationError(_("This response is published already."))
    response.state = Response.State.PUBLISHED
    response.published_at, response.published_by, response.is_current = clock(), by, True
    _keep(response, by, "published")
    return response


# --- copied from documents --------------------------------------------------------------------------------------------


@transaction.atomic
def publish_transcribed(
    row: SelfAssessment | CounterAssessment, *, on: datetime.date, reason: str
) -> SelfAssessment | CounterAssessment:
    """Take a row copied from a document into the record, public since the day the document (or the row) bears.

    Gaps of the document stay gaps: completeness binds only what is entered here.
    """
    if not row.source_id:
        raise ValidationError(_("A row copied from a document names the document."))
    row.transcribed = True
    row.state = type(row).State.PUBLISHED
    row.published_at, row.published_by = day_start(on), None
    _keep(row, None, reason)
    _take_into_force(row)
    return row


# --- which version is in force ----------------------------------------------------------------------------------------


def flags_in_force(subject: Milestone | Commitment) -> dict[type[models.Model], dict[str, set[int]]]:
    """What ``is_current`` and ``is_latest`` ought to be: primary keys by model and flag, computed from the moments."""
    current = {
        model: model.objects.filter(
            **{_column(subject): subject},
            state="published",
            published_at__isnull=False,
            superseded_at__isnull=True,
        ).select_related("period")
        for model in (SelfAssessment, CounterAssessment)
    }
    newest = max((row.period for row in current[SelfAssessment]), key=lambda period: period.ends_on, default=None)
    return {
        model: {
            "is_current": {row.pk for row in rows},
            "is_latest": {row.pk for row in rows if row.period == newest},
        }
        for model, rows in current.items()
    }


def _take_into_force(row: SelfAssessment | CounterAssessment) -> None:
    """Bring the stored flags up to date, also on the row that the caller goes on with."""
    refresh_flags(row.subject)
    row.refresh_from_db(fields=["is_current", "is_latest"])


def refresh_flags(subject: Milestone | Commitment) -> None:
    """Store which assessments of a subject are current, and which belong to its newest published period."""
    for model, flags in flags_in_force(subject).items():
        rows = model._default_manager.filter(**{_column(subject): subject})
        for flag, keys in flags.items():
            rows.filter(**{flag: True}).exclude(pk__in=keys).update(**{flag: False})
            rows.filter(**{flag: False}, pk__in=keys).update(**{flag: True})


def _column(subject: Milestone | Commitment) -> str:
    return "milestone" if isinstance(subject, Milestone) else "commitment"
