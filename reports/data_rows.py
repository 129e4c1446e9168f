"""The rows of a report's data package, table by table: values under the names of the columns of `reports.data_tables`.

Of two figures, of the same moment in English and Mongolian, both languages' texts stand beside each other.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from commitments.localised import LocalisedText
from reports.content import Answer, Attachment, CommitmentPart, Figures, Rated, Subject

Row = dict[str, Any]
Pair = tuple[Any, Any]  # the same thing in English and in Mongolian


def _in_both(name: str, english: LocalisedText, mongolian: LocalisedText) -> Row:
    """Each language's own text: what was shown instead of a missing one is left out."""
    return {
        f"{name}_{language}": text.text if text.language in {language, ""} else ""
        for language, text in (("en", english), ("mn", mongolian))
    }


def _words(name: str, english: str, mongolian: str) -> Row:
    return {f"{name}_en": english, f"{name}_mn": mongolian}


def _rating(english: Rated, mongolian: Rated) -> Row:
    return {
        "rating": english.rating,
        **_words("rating_words", english.reason or english.words, mongolian.reason or mongolian.words),
    }


def _pairs(english: Any, mongolian: Any) -> Iterator[Pair]:
    return zip(english, mongolian, strict=True)


def _joined(texts: tuple[LocalisedText, ...]) -> str:
    return "; ".join(text.text for text in texts)


def _subjects(english: Figures, mongolian: Figures) -> Iterator[tuple[CommitmentPart, Subject, Subject]]:
    for one, other in _pairs(english.commitments, mongolian.commitments):
        yield one, one.whole, other.whole
        for part, same in _pairs(one.milestones, other.milestones):
            yield one, part.subject, same.subject


def commitments(english: Figures, mongolian: Figures) -> Iterator[Row]:
    for one, other in _pairs(english.commitments, mongolian.commitments):
        yield {
            "code": one.code,
            "theme": one.theme,
            **_in_both("title", one.title, other.title),
            "ogp_identifier": one.ogp_identifier,
            **_words("leads", _joined(one.leads), _joined(other.leads)),
            "ends_on": one.ends_on,
            "ends": one.ends,
            "subjects": one.totals.subjects,
            "rated": one.totals.government.rated,
            "not_rated": one.totals.government.not_rated,
            "rated_by_ngos": one.totals.ngo_rated_subjects,
            "contested": one.totals.contested,
            "review": one.review.rating,
            "review_year": one.review_year,
        }


def milestones(english: Figures, mongolian: Figures) -> Iterator[Row]:
    for one, other in _pairs(english.commitments, mongolian.commitments):
        for part, same in _pairs(one.milestones, other.milestones):
            yield {
                "commitment": one.code,
                "code": part.subject.code,
                **_in_both("title", part.title, same.title),
                **_in_both("expected_output", part.expected_output, same.expected_output),
                "starts_on": part.starts_on,
                "ends_on": part.ends_on,
                "due": part.due,
                **_words("agencies", _joined(part.agencies), _joined(same.agencies)),
                "contested": part.subject.contested,
            }


def ratings(english: Figures, mongolian: Figures) -> Iterator[Row]:
    for commitment, subject, same in _subjects(english, mongolian):
        own, other = subject.government, same.government
        if own and other:
            yield {
                "commitment": commitment.code,
                "code": subject.code,
                **_rating(own.rated, other.rated),
                **_words("period", own.period, other.period),
                "stated_on": own.stated_on,
                **_words("stated", own.stated, other.stated),
                **_in_both("evidence", own.evidence, other.evidence),
                **_in_both("challenges", own.challenges, other.challenges),
                **_in_both("next_steps", own.next_steps, other.next_steps),
                "transcribed": own.transcribed,
                "version": own.version,
                "correction_reason": own.correction_reason,
            }


def _each_answer(english: Figures, mongolian: Figures) -> Iterator[tuple[CommitmentPart, Subject, int, Answer, Answer]]:
    for commitment, subject, same in _subjects(english, mongolian):
        for place, (answer, other) in enumerate(_pairs(subject.answers, same.answers), start=1):
            yield commitment, subject, place, answer, other


def answers(english: Figures, mongolian: Figures) -> Iterator[Row]:
    for commitment, subject, place, answer, other in _each_answer(english, mongolian):
        yield {
            "commitment": commitment.code,
            "code": subject.code,
            "answer": place,
            **_in_both("organisation", answer.organisation, other.organisation),
            "attribution": answer.attribution,
            "stated_on": answer.stated_on,
            **_words("stated", answer.stated, other.stated),
            **_rating(answer.rated, other.rated),
            "gap": answer.gap,
            **_in_both("recommendation", answer.recommendation, other.recommendation),
            **_in_both("justification", answer.justification, other.justification),
            **_in_both("condition", answer.condition, other.condition),
            "transcribed": answer.transcribed,
            "version": answer.version,
            "correction_reason": answer.correction_reason,
        }


def responses(english: Figures, mongolian: Figures) -> Iterator[Row]:
    for _commitment, subject, place, answer, other in _each_answer(english, mongolian):
        for response, same in _pairs(answer.responses, other.responses):
            yield {
                "code": subject.code,
                "answer": place,
                **_in_both("organisation", response.organisation, same.organisation),
                "kind": response.kind,
                **_in_both("reason", response.reason, same.reason),
                **_words("stated", response.stated, same.stated),
            }


def reviews(english: Figures, mongolian: Figures) -> Iterator[Row]:
    for one, other in _pairs(english.commitments, mongolian.commitments):
        for review, same in _pairs(one.reviews, other.reviews):
            yield {
                "commitment": one.code,
                "stage": review.stage,
                "year": review.year,
                **_rating(review.rated, same.rated),
                **_words("early_results", review.early_results, same.early_results),
                **_words("potential_for_results", review.potential_for_results, same.potential_for_results),
                "verifiable": review.verifiable,
                **_words("opened_government", review.opened_government, same.opened_government),
                "link": review.link,
            }


def evidence(english: Figures, mongolian: Figures) -> Iterator[Row]:
    for _commitment, subject, same in _subjects(english, mongolian):
        if subject.government and same.government:
            for one, other in _pairs(subject.government.attachments, same.government.attachments):
                yield _attachment(subject.code, None, one, other)
        for place, (answer, its_other) in enumerate(_pairs(subject.answers, same.answers), start=1):
            for one, other in _pairs(answer.attachments, its_other.attachments):
                yield _attachment(subject.code, place, one, other)


def _attachment(code: str, answer: int | None, one: Attachment, other: Attachment) -> Row:
    return {
        "code": code,
        "answer": answer,
        **_in_both("title", one.title, other.title),
        "address": one.address,
        "file_name": one.file_name,
        "size": one.size,
        "sha256": one.sha256,
        **_words("checked", one.checked, other.checked),
    }


def meetings(english: Figures, mongolian: Figures) -> Iterator[Row]:
    for meeting, same in _pairs(english.meetings, mongolian.meetings):
        yield {
            **_words("kind", meeting.kind_words, same.kind_words),
            **_in_both("title", meeting.title, same.title),
            "held_on": meeting.held_on,
            **_words("held", meeting.held, same.held),
            "in_period": meeting.in_period,
            "occasions": meeting.occasions,
            "participants_government": meeting.participants_government,
            "participants_other": meeting.participants_other,
            "participants_total": meeting.participants_total,
            **_in_both("record", meeting.record, same.record),
            **_in_both("decision", meeting.decision, same.decision),
        }


def overdue(english: Figures, mongolian: Figures) -> Iterator[Row]:
    for part, same in _pairs(english.overdue, mongolian.overdue):
        yield {
            "commitment": part.commitment,
            "code": part.code,
            "due_on": part.due_on,
            **_words("agencies", _joined(part.agencies), _joined(same.agencies)),
            **_rating(part.rated, same.rated),
        }


def claims(english: Figures, mongolian: Figures) -> Iterator[Row]:
    for claim, same in _pairs(english.claims, mongolian.claims):
        yield {
            **_in_both("label", claim.label, same.label),
            "printed": claim.printed,
            "counted": claim.counted,
            "differs": claim.differs,
            **_in_both("source", claim.source, same.source),
            "source_place": claim.source_place,
        }


def remarks(english: Figures, mongolian: Figures) -> Iterator[Row]:
    for remark, same in _pairs(english.comments, mongolian.comments):
        yield {
            "code": remark.subject,
            "kind": remark.kind,
            **_in_both("organisation", remark.organisation, same.organisation),
            "stated_on": remark.stated_on,
            **_words("stated", remark.stated, same.stated),
            **_in_both("text", remark.text, same.text),
        }
