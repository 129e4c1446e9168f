"""What the government says of the demonstration: five published quarters, and the one that is being entered."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Any

from assessments import lifecycle
from assessments.models import Evidence, ReportingPeriod, SelfAssessment
from assessments.ratings import NoRatingReason, Rating
from commitments.models import Milestone
from ogptracker.demonstration.attachments import attach_file, attach_link
from ogptracker.demonstration.recording import Cast, published, record, words

LETTERS: dict[str, Rating | NoRatingReason] = {
    "g": Rating.COMPLETED_OR_SUBSTANTIAL,
    "a": Rating.LIMITED,
    "r": Rating.NOT_STARTED_OR_DELAYED,
    "n": NoRatingReason.NOT_PROVIDED,
    "c": NoRatingReason.COMMENT_ONLY,
    "o": NoRatingReason.OTHER,
}
SAME, NOTHING = "=", "."
PHRASES: dict[str, Any] = words("voices")["phrases"]
# What the next quarter makes of a rating.
NEXT = {
    Rating.NOT_STARTED_OR_DELAYED: Rating.LIMITED,
    Rating.LIMITED: Rating.COMPLETED_OR_SUBSTANTIAL,
    Rating.COMPLETED_OR_SUBSTANTIAL: Rating.COMPLETED_OR_SUBSTANTIAL,
}
# What the office's files were attached to: milestone, quarter, kind of file.
FILES = {("1.5", 3): "pdf", ("2.7", 0): "png", ("4.1", 4): "csv", ("10.3", 4): "pdf"}


def write_periods(cast: Cast) -> list[ReportingPeriod]:
    """The six quarters; the last one is planned still."""
    reopened = words("voices")["reopened"]
    periods = []
    for place, quarter in enumerate(cast.quarters):
        period = ReportingPeriod(
            plan=cast.plan, code=quarter.code, starts_on=quarter.starts_on, ends_on=quarter.ends_on
        )
        if quarter.published_at:
            period.entry_closes_at = quarter.entry_closes_at
            period.opened_at, period.opened_by = quarter.opened_at, cast.publisher
            period.published_at, period.published_by = quarter.published_at, cast.publisher
            period.answers_open_at, period.answers_close_at = quarter.published_at, quarter.answers_close_at
            if place == reopened["quarter"]:
                period.reopened_at = quarter.published_at + datetime.timedelta(days=20)
                period.republished_at = quarter.published_at + datetime.timedelta(days=27)
                period.reopened_by = period.republished_by = cast.publisher
                period.reopen_reason = reopened["reason"]
        periods.append(record(period, by=cast.publisher, at=period.republished_at or quarter.published_at))
    return periods


def write_published_ratings(cast: Cast, periods: list[ReportingPeriod]) -> None:
    """Every published rating of the five quarters, and what was corrected since; the flags are brought up to date."""
    late = set(words("voices")["reopened"]["late"])
    for number, (code, (story, _now)) in enumerate(cast.stories.items()):
        before: SelfAssessment | None = None
        for place, (letter, period) in enumerate(zip(story, periods[:5], strict=True)):
            if letter == NOTHING:
                continue
            rating = SelfAssessment(
                milestone=cast.milestones[code],
                period=period,
                state=SelfAssessment.State.PUBLISHED,
                submitted_by=cast.editor,
                published_by=cast.publisher,
            )
            if letter == SAME and before:
                rating.copied_from = before
                values = {name: getattr(before, name) for name in SelfAssessment.WORDS}
            else:
                values = said(LETTERS[letter], turn=number + place)
            for name, value in values.items():
                setattr(rating, name, value)
            moment = (period.republished_at if code in late else None) or published(period)
            rating.published_at, rating.submitted_at = moment, moment - datetime.timedelta(days=2)
            record(rating, by=cast.publisher, at=moment, reason="published")
            _attach(cast, rating, place)
            before = rating
    _write_past_corrections(cast, periods)
    for milestone in cast.milestones.values():
        lifecycle.refresh_flags(milestone)


def said(code: Rating | NoRatingReason, *, turn: int) -> dict[str, Any]:
    """Rating and texts as complete as the rules ask for; ``turn`` chooses among the phrases."""
    if isinstance(code, NoRatingReason):
        text = PHRASES["other_reason"] if code == NoRatingReason.OTHER else ""
        return {"no_rating_reason": code, "no_rating_text": text}
    values: dict[str, Any] = {"rating": code}
    if code != Rating.NOT_STARTED_OR_DELAYED:
        values |= _phrase("evidence", turn)
    if code != Rating.COMPLETED_OR_SUBSTANTIAL:
        values |= _phrase("challenges", turn) | _phrase("next_steps", turn)
    return values


def _phrase(kind: str, turn: int) -> dict[str, str]:
    choices = PHRASES[kind]
    return {f"{kind}_{language}": text for language, text in choices[turn % len(choices)].items()}


def _attach(cast: Cast, rating: SelfAssessment, place: int) -> None:
    """A link for every green, and the office's files."""
    if rating.rating != Rating.COMPLETED_OR_SUBSTANTIAL:
        return
    code, at = rating.subject.code, rating.published_at
    checked: dict[str, Any] = {}
    if place < 4 and at:
        result = Evidence.CheckResult.NOT_FOUND if code == "8.1" else Evidence.CheckResult.OPENED
        checked = {"checked_at": at + datetime.timedelta(days=30), "check_result": result}
    attach_link(rating, tail=f"{code}/{rating.period.code}", by=cast.editor, at=at, **checked)
    if kind := FILES.get((code, place)):
        attach_file(rating, kind=kind, name=f"milestone-{code}", by=cast.editor, at=at)


def _write_past_corrections(cast: Cast, periods: list[ReportingPeriod]) -> None:
    for correction, milestone, period in _corrections(cast, periods):
        if "after" not in correction:
            continue
        moment = published(period) + datetime.timedelta(days=correction.pop("after"))
        old = SelfAssessment.objects.get(milestone=milestone, period=period, superseded_at=None)
        new = SelfAssessment.objects.get(pk=old.pk)
        new.pk, new._state.adding, new.copied_from = None, True, None
        new.version, new.supersedes, new.correction_reason = old.version + 1, old, correction.pop("reason")
        for name, value in correction.items():
            setattr(new, name, value)
        new.submitted_at = new.published_at = moment
        new.submitted_by = cast.publisher
        old.superseded_at = moment
        record(old, by=cast.publisher, at=moment, reason="superseded")
        record(new, by=cast.publisher, at=moment, reason=new.correction_reason)
        for evidence in old.attachments.all():
            evidence.pk, evidence._state.adding, evidence.self_assessment = None, True, new
            record(evidence, by=cast.publisher, at=moment)


def _corrections(
    cast: Cast, periods: list[ReportingPeriod]
) -> Iterator[tuple[dict[str, Any], Milestone, ReportingPeriod]]:
    for values in words("voices")["corrections"]:
        yield values, cast.milestones[values.pop("milestone")], periods[values.pop("quarter")]


def enter_current_quarter(cast: Cast, periods: list[ReportingPeriod]) -> None:
    """What happens today, through the verbs: a correction, the quarter opened, and some of its ratings entered."""
    for correction, milestone, period in _corrections(cast, periods):
        if "after" not in correction:
            published = SelfAssessment.objects.get(milestone=milestone, period=period, is_current=True)
            lifecycle.correct_self_assessment(published, by=cast.publisher, **correction)
    period = lifecycle.open_period(periods[-1], by=cast.publisher, entry_closes_at=cast.quarters[-1].entry_closes_at)
    for number, (code, (_story, now)) in enumerate(cast.stories.items()):
        if now:
            _enter(cast, cast.milestones[code], period, now, turn=number)


def _enter(cast: Cast, milestone: Milestone, period: ReportingPeriod, how_far: str, *, turn: int) -> None:
    """One milestone: copied, a draft that lacks something, submitted, or returned."""
    before = SelfAssessment.objects.get(milestone=milestone, is_latest=True)
    if how_far == "copied":
        lifecycle.copy_forward(before, period, by=cast.editor)
        return
    rating = NEXT[Rating(before.rating or Rating.NOT_STARTED_OR_DELAYED)]
    draft = SelfAssessment(milestone=milestone, period=period, rating=rating)
    if how_far == "draft":
        draft.evidence_en = PHRASES["draft_evidence"]
        record(draft, by=cast.editor)
        return
    for name, value in said(rating, turn=turn).items():
        setattr(draft, name, value)
    record(draft, by=cast.editor)
    if rating == Rating.COMPLETED_OR_SUBSTANTIAL:
        attach_link(draft, tail=f"{milestone.code}/{period.code}", by=cast.editor)
    submitted = lifecycle.submit_self_assessment(draft, by=cast.editor)
    if how_far == "returned":
        lifecycle.return_self_assessment(submitted, by=cast.publisher, reason=PHRASES["return_reason"])
