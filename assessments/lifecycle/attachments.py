"""Files and links under an organisation's draft: they come and go with it, and stay from the moment it is sent."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from assessments.files import refuse_too_many
from assessments.lifecycle.acting import clock, keep, locked
from assessments.models import CounterAssessment, Evidence
from commitments.models import organisations_of


@transaction.atomic
def attach(draft: CounterAssessment, evidence: Evidence, *, by: Any) -> CounterAssessment:
    """Put an unsaved file or link under a draft. What stands there already is not put there twice.

    Raises PermissionDenied for strangers, ValidationError where the answer was sent or has too many. Returns the
    draft, whose `draft_version` has gone up: who read it through before has not read this.
    """
    row = _held(draft, by)
    same = Evidence.objects.filter(counter_assessment=row)
    same = same.filter(sha256=evidence.sha256) if evidence.sha256 else same.filter(address=evidence.address)
    if same.exists():
        return row
    refuse_too_many(row.attachments.count() + 1)
    evidence.counter_assessment = row
    evidence.position = max((other.position for other in row.attachments.all()), default=0) + 1
    evidence.full_clean()
    _save_unsent(evidence)
    return _noted(row, by)


@transaction.atomic
def detach(draft: CounterAssessment, evidence: Evidence, *, by: Any) -> CounterAssessment:
    """Take a file or link away from a draft. The stored file goes with the next `remove_unused_files`."""
    row = _held(draft, by)
    key, was_sent = evidence.pk, evidence.history.exists()
    if not row.attachments.filter(pk=key).delete()[0]:
        return row
    if not was_sent:
        Evidence.history.filter(id=key).delete()  # a draft leaves no history (design rule 8)
    return _noted(row, by)


def copy_attachments(before: CounterAssessment, draft: CounterAssessment) -> None:
    """The same files and links under the draft of the next version."""
    for evidence in before.attachments.all():
        evidence.pk = None
        evidence._state.adding = True
        evidence.counter_assessment = draft
        _save_unsent(evidence)


def keep_attachments(row: CounterAssessment, by: Any, reason: str) -> None:
    """Begin the history of what is sent now."""
    for evidence in row.attachments.all():
        keep(evidence, by, reason)


def _held(draft: CounterAssessment, by: Any) -> CounterAssessment:
    if by is None or draft.transcribed or draft.organisation_id not in organisations_of(by):
        raise PermissionDenied(_("You do not speak for this organisation."))
    row: CounterAssessment = locked(draft)
    if row.state not in CounterAssessment.OPEN:
        raise ValidationError(_("This answer was sent meanwhile. Replace it to change its files and links."))
    return row


def _save_unsent(evidence: Evidence) -> None:
    evidence.skip_history_when_saving = True  # type: ignore[attr-defined]
    evidence.save()


def _noted(row: CounterAssessment, by: Any) -> CounterAssessment:
    row.state = CounterAssessment.State.DRAFT
    row.draft_version += 1
    row.saved_at, row.saved_by = clock(), by
    keep(row, by, "saved")
    return row
