"""What the organisations of the demonstration answer, in every state of an answer, and what agencies respond."""

from __future__ import annotations

import datetime
from typing import Any

from assessments import lifecycle
from assessments.models import CounterAssessment, ReportingPeriod, Response, SelfAssessment
from ogptracker.demonstration.attachments import attach_file, attach_link
from ogptracker.demonstration.recording import REASON, Cast, published, record, words

State = CounterAssessment.State
# After the quarter was published.
SUBMITTED_AFTER = datetime.timedelta(days=1)
PUBLISHED_AFTER = datetime.timedelta(days=2)
REPLACED_AFTER = datetime.timedelta(days=2)  # later than what it replaces
RESPONDED_AFTER = datetime.timedelta(days=25)


def write_answers(cast: Cast, periods: list[ReportingPeriod]) -> None:
    """Every answer with its evidence and response; the flags of what was answered are brought up to date."""
    before: CounterAssessment | None = None
    for number, values in enumerate(words("voices")["answers"], start=1):
        period = periods[values.pop("quarter")]
        response, attached = values.pop("response", None), values.pop("attach", [])
        earlier = before if values.pop("replaces", False) else None
        if "attribution" in values:
            answer = _transcribed(cast, values, period)
        else:
            answer = _answer(cast, values, period, earlier, number)
            for kind in attached:
                _attach(answer, kind, cast)
        if response:
            _respond(cast, answer, response)
        before = answer
    for milestone in cast.milestones.values():
        lifecycle.refresh_flags(milestone)
    for commitment in cast.commitments.values():
        lifecycle.refresh_flags(commitment)


def _subject(cast: Cast, values: dict[str, Any]) -> dict[str, Any]:
    code = values.pop("milestone", None)
    return {"milestone": cast.milestones[code]} if code else {"commitment": cast.commitments[values.pop("commitment")]}


def _answer(
    cast: Cast, values: dict[str, Any], period: ReportingPeriod, earlier: CounterAssessment | None, number: int
) -> CounterAssessment:
    slug, state, reason = values.pop("by"), State(values.pop("state", "published")), values.pop("reason", "")
    speaker, subject = cast.speakers[slug], _subject(cast, values)
    on_screen = SelfAssessment.objects.filter(**subject, period=period, version=1).first()
    answer = CounterAssessment(
        **subject,
        **values,
        period=period,
        organisation=cast.organisations[slug],
        answers=on_screen,
        answered_rating=on_screen.rating if on_screen else None,
    )
    if state == State.DRAFT:
        return record(answer, by=speaker)
    submitted_at = published(period) + SUBMITTED_AFTER + (REPLACED_AFTER if earlier else datetime.timedelta())
    decided_at = submitted_at + PUBLISHED_AFTER - SUBMITTED_AFTER
    answer.state = State.SUBMITTED
    answer.submitted_at, answer.submitted_by = submitted_at, speaker
    answer.stated_on = submitted_at.date()
    answer.reference_number = f"DEMO-{period.code}-{number:02}"
    if earlier:
        answer.version, answer.supersedes, answer.correction_reason = 2, earlier, reason
    record(answer, by=speaker, at=submitted_at, reason="submitted")
    if state == State.PUBLISHED:
        if earlier:
            earlier.superseded_at = decided_at
            record(earlier, by=cast.publisher, at=decided_at, reason="superseded")
        answer.state, answer.published_at, answer.published_by = state, decided_at, cast.publisher
        return record(answer, by=cast.publisher, at=decided_at, reason="published")
    return answer if state == State.SUBMITTED else _decided(cast, answer, state, reason, decided_at)


def _decided(
    cast: Cast, answer: CounterAssessment, state: CounterAssessment.State, reason: str, at: datetime.datetime
) -> CounterAssessment:
    """The one place for what was returned or withheld by the support unit, or withdrawn by its author."""
    by = answer.submitted_by if state == State.WITHDRAWN and answer.submitted_by else cast.publisher
    answer.state = state
    return record(answer, by=by, at=at, reason=reason or str(state.value))


def _transcribed(cast: Cast, values: dict[str, Any], period: ReportingPeriod) -> CounterAssessment:
    """An answer copied from the invented minutes, which leave open who spoke."""
    inferred = {f"attribution_reason_{language}": values.pop(f"inferred_{language}", "") for language in ("en", "mn")}
    organisation = cast.organisations.get(values.pop("by", ""))
    subject = _subject(cast, values)
    answered = SelfAssessment.objects.filter(**subject, period=period, version=1).first()
    answer = CounterAssessment(
        **subject,
        **values,
        **inferred,
        period=period,
        organisation=organisation,
        answers=answered,
        answered_rating=answered.rating if answered else None,
        stated_on=published(period).date(),
        source=cast.source,
        source_place="p. 0",
    )
    answer._history_date = published(period)  # type: ignore[attr-defined]
    lifecycle.publish_transcribed(answer, on=published(period).date(), reason=REASON)
    return answer


def _respond(cast: Cast, answer: CounterAssessment, values: dict[str, Any]) -> None:
    """An agency's response: published some weeks later, or a draft of today."""
    draft, letter = values.pop("draft", False), values.pop("letter", False)
    agency = cast.organisations[values.pop("by")]
    response = Response(counter_assessment=answer, organisation=agency, **values)
    if draft:
        record(response, by=cast.editor)
        return
    moment = published(answer.period) + RESPONDED_AFTER
    response.stated_on = moment.date()
    response.state, response.is_current = Response.State.PUBLISHED, True
    response.published_at, response.published_by = moment, cast.publisher
    record(response, by=cast.publisher, at=moment, reason="published")
    if letter:
        attach_file(response, kind="pdf", name="letter", by=cast.editor, at=moment)


def _attach(answer: CounterAssessment, kind: str, cast: Cast) -> None:
    by, at = answer.submitted_by or cast.editor, answer.submitted_at
    code = answer.subject.code
    if kind == "link":
        attach_link(answer, tail=f"answers/{code}", by=by, at=at, title_en="What we saw", title_mn="Бидний харсан нь")
    else:
        attach_file(answer, kind="png" if kind == "photo" else "pdf", name=f"{kind}-{code}", by=by, at=at)
