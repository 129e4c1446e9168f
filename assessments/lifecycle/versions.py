"""Which version is in force, and rows copied from documents, which come into force on the day they bear."""

from __future__ import annotations

import datetime

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils.translation import gettext as _

from assessments.lifecycle.acting import keep
from assessments.models import CounterAssessment, SelfAssessment, day_start
from assessments.models.subjects import column_of
from commitments.models import Commitment, Milestone


def flags_in_force(subject: Milestone | Commitment) -> dict[type[models.Model], dict[str, set[int]]]:
    """What ``is_current`` and ``is_latest`` ought to be: primary keys by model and flag, computed from the moments."""
    current = {
        model: model.objects.filter(
            **{column_of(subject): subject},
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


def take_into_force(row: SelfAssessment | CounterAssessment) -> None:
    """Bring the stored flags up to date, also on the row that the caller goes on with."""
    refresh_flags(row.subject)
    row.refresh_from_db(fields=["is_current", "is_latest"])


def refresh_flags(subject: Milestone | Commitment) -> None:
    """Store which assessments of a subject are current, and which belong to its newest published period."""
    for model, flags in flags_in_force(subject).items():
        rows = model._default_manager.filter(**{column_of(subject): subject})
        for flag, keys in flags.items():
            rows.filter(**{flag: True}).exclude(pk__in=keys).update(**{flag: False})
            rows.filter(**{flag: False}, pk__in=keys).update(**{flag: True})


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
    keep(row, None, reason)
    take_into_force(row)
    return row
