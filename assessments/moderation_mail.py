"""Mail to those who sent an answer: what the support unit has done with it, in their language."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from assessments.lifecycle.answers import MENDING
from assessments.models import CounterAssessment
from commitments import mail
from commitments.localised import localised
from commitments.models import Membership, User, organisations_of

State = CounterAssessment.State
SUBJECTS = {
    State.PUBLISHED: _("Your answer {number} is published"),
    State.RETURNED: _("Your answer {number} is returned to be mended"),
    State.WITHHELD: _("Your answer {number} is not shown"),
}


def tell_author(answer: CounterAssessment) -> None:
    """Write to the author once the transaction is committed; nobody where the answer was copied from a document."""
    if not answer.transcribed:
        transaction.on_commit(partial(_send, answer))


def readers_of(answer: CounterAssessment) -> list[User]:
    """Who sent it, as long as they speak for the organisation; else everybody who does today."""
    sender = answer.submitted_by
    if sender and answer.organisation_id in organisations_of(sender):
        return [sender]
    memberships = Membership.objects.on(timezone.localdate()).filter(organisation=answer.organisation_id)
    return list(User.objects.filter(memberships__in=memberships, is_active=True).distinct())


def _send(answer: CounterAssessment) -> None:
    state: Any = answer.state
    for reader in readers_of(answer):
        mail.send(
            "answer_moved",
            format_lazy(SUBJECTS[state], number=answer.reference_number or answer.subject.code),
            to=reader.email,
            language=reader.language,
            app="assessments",
            answer=answer,
            state=answer.state,
            note=localised(answer, "withheld_note", reader.language).text,
            days=MENDING.days,
        )
