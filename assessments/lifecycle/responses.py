"""What the agencies respond to answers, entered by the support unit; and the corrections that come of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from assessments.lifecycle.acting import clock, keep, locked, require
from assessments.lifecycle.answers import rating_to_answer
from assessments.lifecycle.ratings import correct_self_assessment
from assessments.models import CounterAssessment, Evidence, Response, SelfAssessment
from commitments import roles


def _held(response: Response) -> Response:
    locked(response.counter_assessment.period)
    return locked(response)


@transaction.atomic
def publish_response(response: Response, *, by: Any, correction: SelfAssessment | None = None) -> Response:
    """Put an agency's response beside the answer that it responds to.

    Where it says that the rating is changed, ``correction`` is the published version of the rating that came of it.
    """
    require(roles.is_publisher, by)
    response = _held(response)
    if response.state != Response.State.DRAFT:
        raise ValidationError(_("This response is published already."))
    answer = response.counter_assessment
    if answer.state != CounterAssessment.State.PUBLISHED:
        raise ValidationError(_("The answer that it responds to is not public."))
    if response.kind == Response.Kind.CHANGED:
        _refuse_other_correction(answer, correction)
        response.correction = correction
    response.state = Response.State.PUBLISHED
    response.published_at, response.published_by, response.is_current = clock(), by, True
    keep(response, by, "published")
    return response


def _refuse_other_correction(answer: CounterAssessment, correction: SelfAssessment | None) -> None:
    before = SelfAssessment.objects.filter(superseded_by=correction).first() if correction else None
    if correction is None or before is None:
        raise ValidationError(_("A changed rating is published as a correction together with its response."))
    if (correction.milestone_id, correction.commitment_id, correction.period_id) != (
        answer.milestone_id,
        answer.commitment_id,
        answer.period_id,
    ):
        raise ValidationError(_("This correction is of another rating."))
    if correction.rating == before.rating:
        raise ValidationError({"rating": _("The response says that the rating is changed: choose another rating.")})


@transaction.atomic
def correct_from_response(
    response: Response,
    *,
    by: Any,
    reason: str,
    attach: Iterable[Evidence] = (),
    detach: Iterable[Evidence] = (),
    **changes: Any,
) -> Response:
    """Correct the government's rating as an agency's response says, and publish both together, linked.

    The arguments are those of `correct_self_assessment`. Returns the response; its ``correction`` is the new version.
    """
    require(roles.is_publisher, by)
    response = _held(response)
    rated = rating_to_answer(response.counter_assessment)
    if rated is None:
        raise ValidationError(_("There is no published rating to correct."))
    correction = correct_self_assessment(rated, by=by, reason=reason, attach=attach, detach=detach, **changes)
    return publish_response(response, by=by, correction=correction)


@transaction.atomic
def correct_response(response: Response, *, by: Any, reason: str, **changes: Any) -> Response:
    """Publish a new version of a published response, with a public reason; the old version stays readable.

    ``changes`` are the fields that differ; evidence is carried over. Returns the new version.
    """
    require(roles.is_publisher, by)
    old = _held(response)
    if not old.is_current:
        raise ValidationError(_("Only the response that is in force can be corrected."))
    if not reason.strip():
        raise ValidationError(
            {"correction_reason": _("Say why the published response is corrected; the reason is public.")}
        )
    moment = clock()
    new = Response(
        **{
            field.attname: getattr(old, field.attname)
            for field in Response._meta.concrete_fields
            if not field.primary_key
        }
    )
    for field, value in changes.items():
        setattr(new, field, value)
    new.version, new.supersedes, new.correction_reason = old.version + 1, old, reason
    if new.kind != Response.Kind.CHANGED:
        new.correction = None
    new.published_at, new.published_by = moment, by
    old.superseded_at, old.is_current = moment, False
    keep(old, by, "superseded")
    keep(new, by, reason)
    for evidence in old.attachments.all():
        evidence.pk = None
        evidence._state.adding = True
        evidence.response = new
        evidence.save()
    return new
