"""What the support unit does with an organisation's answer: shows it, returns it, withholds it; never changes it."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from assessments.lifecycle.acting import clock, keep, locked, require
from assessments.lifecycle.answers import versions_of
from assessments.lifecycle.versions import take_into_force
from assessments.models import CounterAssessment
from commitments import roles

State = CounterAssessment.State


def _held(answer: CounterAssessment) -> CounterAssessment:
    locked(answer.period)
    return locked(answer)


@transaction.atomic
def publish_counter_assessment(answer: CounterAssessment, *, by: Any) -> CounterAssessment:
    """Put a submitted answer beside the government's rating, unchanged, in place of the version shown until now."""
    require(roles.is_publisher, by)
    answer = _held(answer)
    if answer.superseded_at:
        raise ValidationError(_("Its author has replaced this answer: publish the newer one."))
    if answer.state != State.SUBMITTED:
        raise ValidationError(_("Only a submitted answer can be published."))
    moment = clock()
    if answer.organisation_id:
        for before in versions_of(answer).filter(is_current=True):
            before.superseded_at, before.is_current = moment, False
            keep(before, by, "superseded")
            CounterAssessment.objects.filter(pk=before.pk).update(is_latest=False)
    answer.state = State.PUBLISHED
    answer.published_at, answer.published_by = moment, by
    keep(answer, by, "published")
    take_into_force(answer)
    return answer


@transaction.atomic
def return_counter_assessment(answer: CounterAssessment, *, by: Any, reason: str) -> CounterAssessment:
    """Give a submitted answer back to its author; the reason is for the author and not public."""
    require(roles.is_support_unit, by)
    answer = _held(answer)
    if not answer.is_waiting or answer.transcribed:
        raise ValidationError(_("Only a submitted answer can be returned."))
    if not reason.strip():
        raise ValidationError({"return_reason": _("Say what has to be mended.")})
    answer.state, answer.return_reason = State.RETURNED, reason
    answer.returned_at, answer.returned_by = clock(), by
    keep(answer, by, "returned")
    return answer


@transaction.atomic
def withhold_counter_assessment(
    answer: CounterAssessment, *, by: Any, reason: str, note_en: str = "", note_mn: str = ""
) -> CounterAssessment:
    """Do not show an answer, or show it no more, for a reason of the public list.

    A published one, also one that a newer version has replaced, leaves a dated mark with reason and note.
    """
    require(roles.is_publisher, by)
    answer = _held(answer)
    if not answer.is_waiting and answer.state != State.PUBLISHED:
        raise ValidationError(_("Only a submitted or published answer can be withheld."))
    if reason not in CounterAssessment.WithheldReason:
        raise ValidationError({"withheld_reason": _("Say why it is withheld; the reason is public.")})
    answer.state, answer.is_current = State.WITHHELD, False
    answer.withheld_at, answer.withheld_by = clock(), by
    answer.withheld_reason, answer.withheld_note_en, answer.withheld_note_mn = reason, note_en, note_mn
    keep(answer, by, "withheld")
    take_into_force(answer)
    return answer


@transaction.atomic
def transcribe_counter_assessment(answer: CounterAssessment, *, by: Any) -> CounterAssessment:
    """Copy an answer from a letter or report, marked so, with its source and its gaps; a publisher publishes it.

    ``answer`` is unsaved, or such a copy that is not published yet and was copied badly.
    """
    require(roles.is_support_unit, by)
    locked(answer.period)
    if answer.pk:
        stored = locked(answer)
        if not (stored.transcribed and stored.is_waiting):
            raise ValidationError(_("These are the words of their author. Nobody else changes them."))
    elif answer.organisation_id:
        place_copy(answer)
    if not answer.source_id:
        raise ValidationError({"source": _("A row copied from a document names the document.")})
    answer.transcribed, answer.state = True, State.SUBMITTED
    answer.submitted_at, answer.submitted_by = clock(), by
    keep(answer, by, "transcribed")
    return answer


def place_copy(answer: CounterAssessment) -> None:
    """Number an unsaved copy after what is known of the organisation. Raises ValidationError, beside ``organisation``.

    What it can send, or has sent, itself is not copied for it; nor is a copy made twice. Whether it has a draft makes
    no difference to the refusal, which would tell the support unit of it.
    """
    period, organisation = answer.period, answer.organisation
    by_itself = period.answers_open_at is not None and organisation is not None and organisation.memberships.exists()
    sent = versions_of(answer).filter(submitted_at__isnull=False)
    if by_itself or sent.filter(transcribed=False).exists():
        raise ValidationError(
            {"organisation": _("This organisation answers this period here itself, in its own words.")}
        )
    if sent.waiting().exists():
        raise ValidationError(
            {"organisation": _("An answer of this organisation is entered already and waits to be published.")}
        )
    newest = versions_of(answer).order_by("version").last()
    if newest:
        answer.version, answer.supersedes = newest.version + 1, newest
