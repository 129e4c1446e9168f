"""What an organisation does with its answer: drafts it with colleagues, sends it, replaces it, withdraws it.

Only people who speak for the organisation today may, and nobody for them. Every refusal leaves the draft as it was.
"""

from __future__ import annotations

import datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from assessments.answer_mail import acknowledge
from assessments.lifecycle.acting import clock, keep, locked
from assessments.lifecycle.attachments import copy_attachments, keep_attachments
from assessments.lifecycle.versions import take_into_force
from assessments.models import AnswerNumbers, CounterAssessment, ReportingPeriod, SelfAssessment
from assessments.models.subjects import column_of
from assessments.ratings import NoRatingReason
from commitments.models import organisations_of

# How long an answer that was returned may be sent again, also when the window closes meanwhile: it was in time once.
MENDING = datetime.timedelta(days=7)
LONGEST = 4000  # letters in one text of an answer that is sent; a draft may be longer
# What the author's form fills in.
AUTHORED = tuple(name for name in CounterAssessment.WORDS if name not in {"organisation", "stated_on"})
# Reasons for no rating that an author has; the others are for what is copied from a document.
AUTHORS_REASONS = {NoRatingReason.COMMENT_ONLY, NoRatingReason.OTHER}

State = CounterAssessment.State


class AnswersClosed(ValidationError):
    """The period takes no answers any more; ``closed_at`` is the moment since when."""

    def __init__(self, closed_at: datetime.datetime) -> None:
        self.closed_at = closed_at
        local = timezone.localtime(closed_at)
        when = f"{date_format(local, 'DATETIME_FORMAT')} ({local.tzname()})"
        super().__init__(_("Answers to this period closed on %(when)s."), code="closed", params={"when": when})


class ChangedMeanwhile(ValidationError):
    """Somebody saved or sent the answer after it was opened; ``current`` is how it stands now."""

    def __init__(self, current: CounterAssessment) -> None:
        self.current = current
        sent = current.state not in CounterAssessment.OPEN
        who, moment = (current.submitted_by, current.submitted_at) if sent else (current.saved_by, current.saved_at)
        said = _("%(who)s sent this answer on %(when)s.") if sent else _("%(who)s saved this draft on %(when)s.")
        when = date_format(timezone.localtime(moment), "DATETIME_FORMAT") if moment else ""
        super().__init__(said, code="changed_meanwhile", params={"who": who or "", "when": when})


class RatingChanged(ValidationError):
    """The government's rating is another than the one that was on the screen; ``current`` is the one in force."""

    def __init__(self, current: SelfAssessment | None) -> None:
        self.current = current
        super().__init__(
            _("The government's rating has changed since you read it. Look at it again, then send your answer."),
            code="rating_changed",
        )


def require_author(answer: CounterAssessment, by: Any) -> None:
    """Raise PermissionDenied unless ``by`` speaks for the answer's organisation today."""
    if answer.transcribed or by is None or answer.organisation_id not in organisations_of(by):
        raise PermissionDenied(_("You do not speak for this organisation."))


def versions_of(answer: CounterAssessment) -> Any:
    """All versions of an organisation's answer on this subject in this period."""
    return CounterAssessment.objects.filter(
        **{column_of(answer.subject): answer.subject}, period=answer.period_id, organisation=answer.organisation_id
    )


def rating_to_answer(answer: CounterAssessment) -> SelfAssessment | None:
    """The government's rating in force of the subject in the period."""
    return (
        SelfAssessment.objects.published()
        .filter(**{column_of(answer.subject): answer.subject}, period=answer.period_id)
        .first()
    )


def answer_incompleteness(answer: CounterAssessment) -> dict[str, str]:
    """What is missing before an answer may be sent, by field; empty when it is complete."""
    missing: dict[str, str] = {}
    if not answer.rating and answer.no_rating_reason not in AUTHORS_REASONS:
        missing["rating"] = _("Give a rating, or choose to comment only.")
    if answer.no_rating_reason == NoRatingReason.OTHER and not answer.no_rating_text:
        missing["no_rating_text"] = _("Say in words why there is no rating.")
    if answer.no_rating_reason == NoRatingReason.COMMENT_ONLY and not answer.recommendation:
        missing["recommendation"] = _("Without a rating, write what you recommend or remark.")
    differs = answer.rating and answer.answered_rating and answer.rating != answer.answered_rating
    if differs and not answer.justification:
        missing["justification"] = _("Your rating differs from the government's: say why.")
    for name in ("justification", "recommendation", "condition"):
        if (letters := len(getattr(answer, name))) > LONGEST:
            missing[name] = _("Shorten this to %(limit)d characters; it has %(letters)d.") % {
                "limit": LONGEST,
                "letters": letters,
            }
    return missing


@transaction.atomic
def save_draft(
    draft: CounterAssessment, *, by: Any, opened_version: int, seen: SelfAssessment | None, **words: Any
) -> CounterAssessment:
    """Keep what the author has typed: words only, complete or not, also after the window has closed.

    ``draft`` is the organisation's draft, or an unsaved row with subject, period and organisation. ``opened_version``
    is the `draft_version` that the form was opened with, 0 for a new one; ``seen`` the government's rating on the
    screen. A returned answer becomes a draft again. Saving what stands there already changes nothing. Raises
    ChangedMeanwhile where a colleague saved or sent it after it was opened.
    """
    require_author(draft, by)
    if unknown := set(words) - set(AUTHORED):
        raise TypeError(f"Not words of an answer: {sorted(unknown)}")
    row = locked(draft) if draft.pk else _begun(draft)
    saying = {**words, "answers": seen, "answered_rating": seen.rating if seen else None}
    if row.pk:
        if all(getattr(row, name) == value for name, value in saying.items()):
            return row
        if row.state not in CounterAssessment.OPEN or row.draft_version != opened_version:
            raise ChangedMeanwhile(row)
    for name, value in saying.items():
        setattr(row, name, value)
    _refuse_other_subject(row)
    row.state = State.DRAFT
    row.draft_version += 1
    row.saved_at, row.saved_by = clock(), by
    keep(row, by, "saved")
    return row


def _begun(draft: CounterAssessment) -> CounterAssessment:
    """The draft to begin, or what the organisation has said on the subject in the period already."""
    period = locked(draft.period)
    if period.published_at is None or period.published_at > clock() or not period.plan.is_published:
        raise ValidationError(_("This period is not published yet, so there is nothing to answer."))
    newest = versions_of(draft).order_by("version").last()
    if newest is None:
        return draft
    return locked(newest)


def _refuse_other_subject(row: CounterAssessment) -> None:
    seen = row.answers
    if seen is None:
        return
    if seen.published_at is None or (seen.milestone_id, seen.commitment_id, seen.period_id) != (
        row.milestone_id,
        row.commitment_id,
        row.period_id,
    ):
        raise ValidationError(_("An answer is to a published rating of the same subject and period."))


@transaction.atomic
def submit_counter_assessment(
    draft: CounterAssessment, *, by: Any, submission_key: UUID, opened_version: int | None = None
) -> CounterAssessment:
    """Send a complete draft, once: the same key again gives the same row, with the same reference number.

    Its author gets a copy by mail when it is stored.
    ``opened_version`` is the `draft_version` that the author has read through. Raises AnswersClosed after the closing
    time (the draft is kept), RatingChanged, ChangedMeanwhile, or ValidationError with what is missing by field.
    """
    require_author(draft, by)
    period = locked(draft.period)
    row: CounterAssessment = locked(draft)
    if row.submission_key == submission_key and row.state != State.DRAFT:
        return row
    stale = opened_version is not None and row.draft_version != opened_version
    if row.state not in CounterAssessment.OPEN or row.submission_key == submission_key or stale:
        raise ChangedMeanwhile(row)
    if CounterAssessment.objects.filter(submission_key=submission_key).exists():
        raise ValidationError(_("This form was sent for another answer already. Open it anew."))
    moment = clock()
    _refuse_late(period, moment, returned_at=row.returned_at)
    if row.answers != (current := rating_to_answer(row)):
        raise RatingChanged(current)
    if missing := answer_incompleteness(row):
        raise ValidationError(dict(missing))
    for earlier in versions_of(row).filter(state__in=[State.SUBMITTED, State.RETURNED], superseded_at=None):
        if earlier != row:
            earlier.superseded_at = moment
            keep(earlier, by, "replaced")
    row.state, row.submission_key = State.SUBMITTED, submission_key
    row.submitted_at, row.submitted_by = moment, by
    row.stated_on = timezone.localdate(moment, timezone.get_default_timezone())
    row.reference_number = row.reference_number or _next_reference_number(row.stated_on.year)
    keep_attachments(row, by, "submitted")
    keep(row, by, "submitted")
    transaction.on_commit(lambda: acknowledge(row))
    return row


@transaction.atomic
def replace_counter_assessment(answer: CounterAssessment, *, by: Any) -> CounterAssessment:
    """A draft of the next version of what was sent, with the same words and evidence, until the window closes.

    The version before stands until the new one is sent (if it waits) or published (if it is public).
    """
    require_author(answer, by)
    period = locked(answer.period)
    newest: CounterAssessment = locked(versions_of(answer).order_by("version").last())
    if newest.state in CounterAssessment.OPEN:
        return newest
    _refuse_late(period, clock())
    draft = CounterAssessment(
        period=period,
        milestone_id=newest.milestone_id,
        commitment_id=newest.commitment_id,
        organisation_id=newest.organisation_id,
        version=newest.version + 1,
        supersedes=newest,
        answers=newest.answers,
        answered_rating=newest.answered_rating,
        draft_version=1,
        saved_at=clock(),
        saved_by=by,
        **{name: getattr(newest, name) for name in AUTHORED},
    )
    keep(draft, by, "begun anew")
    copy_attachments(newest, draft)
    return draft


@transaction.atomic
def withdraw_counter_assessment(answer: CounterAssessment, *, by: Any) -> CounterAssessment:
    """Take back what was sent, until the window closes.

    Before publication nothing of it is shown and it is counted; after it, a dated mark without words stays.
    """
    require_author(answer, by)
    period = locked(answer.period)
    row: CounterAssessment = locked(answer)
    if row.state == State.WITHDRAWN:
        return row
    if row.state not in {State.SUBMITTED, State.RETURNED, State.PUBLISHED} or row.superseded_at:
        raise ValidationError(_("Only an answer that was sent and not replaced can be withdrawn."))
    moment = clock()
    _refuse_late(period, moment)
    row.state, row.is_current = State.WITHDRAWN, False
    row.withdrawn_at, row.withdrawn_by = moment, by
    keep(row, by, "withdrawn")
    take_into_force(row)
    return row


def takes_answer(
    period: ReportingPeriod, moment: datetime.datetime, *, returned_at: datetime.datetime | None = None
) -> bool:
    """Whether an answer may be sent at that moment: while the window is open, or while a returned one is mended."""
    return period.takes_answers(moment) or bool(returned_at and moment < returned_at + MENDING)


def _refuse_late(
    period: ReportingPeriod, moment: datetime.datetime, *, returned_at: datetime.datetime | None = None
) -> None:
    if takes_answer(period, moment, returned_at=returned_at):
        return
    if period.answers_close_at and period.answers_close_at <= moment:
        raise AnswersClosed(period.answers_close_at)
    raise ValidationError(_("Answers to this period are not open yet."))


def _next_reference_number(year: int) -> str:
    """Such as CA-2026-00042; given out once, in the order of submission."""
    AnswerNumbers.objects.get_or_create(year=year)
    numbers = AnswerNumbers.objects.select_for_update().get(year=year)
    numbers.last += 1
    numbers.save()
    return f"CA-{year}-{numbers.last:05}"
