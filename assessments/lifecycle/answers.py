"""What organisations answer, and what the agencies respond."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from assessments.lifecycle.acting import clock, keep, locked, require
from assessments.lifecycle.versions import take_into_force
from assessments.models import CounterAssessment, Response
from commitments import roles


@transaction.atomic
def publish_counter_assessment(answer: CounterAssessment, *, by: Any) -> CounterAssessment:
    """Put a submitted answer beside the government's rating, unchanged."""
    require(roles.is_publisher, by)
    answer = locked(answer)
    if answer.state != CounterAssessment.State.SUBMITTED:
        raise ValidationError(_("Only a submitted answer can be published."))
    moment = clock()
    before = answer.supersedes
    if before and before.is_current:
        before.superseded_at, before.is_current = moment, False
        keep(before, by, "superseded")
        CounterAssessment.objects.filter(pk=before.pk).update(is_latest=False)
    answer.state = CounterAssessment.State.PUBLISHED
    answer.published_at, answer.published_by = moment, by
    keep(answer, by, "published")
    take_into_force(answer)
    return answer


@transaction.atomic
def publish_response(response: Response, *, by: Any) -> Response:
    """Put an agency's response beside the answer that it responds to."""
    require(roles.is_publisher, by)
    response = locked(response)
    if response.state != Response.State.DRAFT:
        raise ValidationError(_("This response is published already."))
    response.state = Response.State.PUBLISHED
    response.published_at, response.published_by, response.is_current = clock(), by, True
    keep(response, by, "published")
    return response
