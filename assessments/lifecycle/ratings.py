"""The government's ratings: entered, submitted, returned, published, corrected."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from assessments.lifecycle.acting import clock, held_for_entry, keep, locked, refuse_closed, require
from assessments.lifecycle.versions import take_into_force
from assessments.models import Evidence, ReportingPeriod, SelfAssessment
from assessments.models.subjects import column_of
from assessments.ratings import Light, NoRatingReason, light_of
from commitments import roles


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


def _refuse_incomplete(assessment: SelfAssessment) -> None:
    if missing := incompleteness(assessment):
        raise ValidationError(dict(missing))


@transaction.atomic
def submit_self_assessment(assessment: SelfAssessment, *, by: Any) -> SelfAssessment:
    """Hand a complete draft over for publication. Submitting a submitted one again changes nothing."""
    require(roles.is_support_unit, by)
    period = locked(assessment.period)
    assessment = locked(assessment)
    if assessment.state == SelfAssessment.State.SUBMITTED:
        return assessment
    if assessment.state == SelfAssessment.State.PUBLISHED:
        raise ValidationError(_("A published rating is corrected, not edited."))
    refuse_closed(period)
    _refuse_incomplete(assessment)
    assessment.state = SelfAssessment.State.SUBMITTED
    assessment.submitted_at, assessment.submitted_by = clock(), by
    keep(assessment, by, "submitted")
    return assessment


@transaction.atomic
def return_self_assessment(assessment: SelfAssessment, *, by: Any, reason: str) -> SelfAssessment:
    """Give a submitted rating back to be mended; the reason says what to mend."""
    require(roles.is_support_unit, by)
    assessment = locked(assessment)
    if assessment.state != SelfAssessment.State.SUBMITTED:
        raise ValidationError(_("Only a submitted rating can be returned."))
    if not reason.strip():
        raise ValidationError({"return_reason": _("Say what has to be mended.")})
    assessment.state, assessment.return_reason = SelfAssessment.State.RETURNED, reason
    assessment.returned_at, assessment.returned_by = clock(), by
    keep(assessment, by, "returned")
    return assessment


@transaction.atomic
def copy_forward(earlier: SelfAssessment, period: ReportingPeriod, *, by: Any) -> SelfAssessment:
    """A draft in ``period`` that says what the subject's published rating of an earlier period said, marked so.

    Evidence files and links come along. Raises ValidationError where the subject has an entry in the period already.
    """
    require(roles.is_support_unit, by)
    period = held_for_entry(period)
    if not earlier.is_current or earlier.period.ends_on >= period.ends_on:
        raise ValidationError(_("Only the published rating of an earlier period can be copied."))
    draft = SelfAssessment(
        period=period,
        milestone_id=earlier.milestone_id,
        commitment_id=earlier.commitment_id,
        copied_from=earlier,
        **{name: getattr(earlier, name) for name in SelfAssessment.WORDS},
    )
    if SelfAssessment.objects.filter(period=period, **{column_of(draft.subject): draft.subject}).exists():
        raise ValidationError(_("It has a rating in this period already: open that one."), code="unique")
    keep(draft, by, "copied from the period before")
    for evidence in earlier.attachments.all():
        _attach(evidence, draft)
    return draft


@transaction.atomic
def correct_self_assessment(
    assessment: SelfAssessment,
    *,
    by: Any,
    reason: str,
    attach: Iterable[Evidence] = (),
    detach: Iterable[Evidence] = (),
    **changes: Any,
) -> SelfAssessment:
    """Publish a new version of a published rating, with a public reason; the old version stays readable.

    ``changes`` are the fields that differ. Evidence is carried over but for ``detach`` (rows of the old version);
    ``attach`` are unsaved rows to add. Returns the new version.
    """
    require(roles.is_publisher, by)
    locked(assessment.period)
    old = locked(assessment)
    if not old.is_current:
        raise ValidationError(_("Only the rating that is in force can be corrected."))
    if not reason.strip():
        raise ValidationError(
            {"correction_reason": _("Say why the published rating is corrected; the reason is public.")}
        )
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
    new.transcribed, new.copied_from = False, None
    new.state = SelfAssessment.State.SUBMITTED
    new.published_at = new.published_by = new.superseded_at = None
    new.is_current = new.is_latest = False
    moment = clock()
    new.submitted_at, new.submitted_by = moment, by
    old.superseded_at, old.is_current = moment, False
    keep(old, by, "superseded")
    SelfAssessment.objects.filter(pk=old.pk).update(is_latest=False)
    keep(new, by, reason)
    dropped = {evidence.pk for evidence in detach}
    for evidence in (*(kept for kept in old.attachments.all() if kept.pk not in dropped), *attach):
        _attach(evidence, new)
    _refuse_incomplete(new)
    publish_submitted(new, by=by, moment=moment, reason=reason)
    return new


def _attach(evidence: Evidence, assessment: SelfAssessment) -> None:
    """Put a copy of a row (or a new one) under an assessment; the file itself is stored once."""
    evidence.pk = None
    evidence._state.adding = True
    evidence.self_assessment = assessment
    evidence.save()


def publish_submitted(
    assessment: SelfAssessment, *, by: Any, moment: datetime.datetime, reason: str = "published"
) -> None:
    assessment.state = SelfAssessment.State.PUBLISHED
    assessment.published_at, assessment.published_by = moment, by
    keep(assessment, by, reason)
    take_into_force(assessment)
