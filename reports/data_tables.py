"""The tables of a report's data package: which rows they have, and what each column says.

Of two figures, of the same moment in English and Mongolian, both languages' texts stand beside each other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from commitments.localised import LocalisedText
from reports.content import Answer, Attachment, CommitmentPart, Figures, Rated, Subject

Row = dict[str, Any]
Pair = tuple[Any, Any]  # the same thing in English and in Mongolian


@dataclass(frozen=True)
class Column:
    name: str
    kind: str  # a type of the Table Schema
    says: str


@dataclass(frozen=True)
class Table:
    name: str
    title: str
    columns: tuple[Column, ...]
    rows: Callable[[Figures, Figures], Iterator[Row]]
    key: tuple[str, ...] = ()

    @property
    def path(self) -> str:
        return f"data/{self.name}.csv"


def _text(name: str, says: str) -> tuple[Column, ...]:
    return tuple(
        Column(f"{name}_{code}", "string", f"{says}, in {words}.")
        for code, words in (("en", "English"), ("mn", "Mongolian"))
    )


def _string(name: str, says: str) -> tuple[Column, ...]:
    return (Column(name, "string", says),)


def _number(name: str, says: str) -> tuple[Column, ...]:
    return (Column(name, "integer", says),)


def _date(name: str, says: str) -> tuple[Column, ...]:
    return (Column(name, "date", says),)


def _yes_or_no(name: str, says: str) -> tuple[Column, ...]:
    return (Column(name, "boolean", says),)


def _columns(*parts: tuple[Column, ...]) -> tuple[Column, ...]:
    return tuple(column for part in parts for column in part)


COMMITMENT = _string("commitment", "Code of the commitment.")
CODE = _string("code", "Code of the milestone, or of the commitment where it is rated as a whole.")
RATING = _columns(
    _string("rating", "Code of the rating; empty without one."),
    _text("rating_words", "The rating, or why there is none"),
)


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


def _commitments(english: Figures, mongolian: Figures) -> Iterator[Row]:
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


def _milestones(english: Figures, mongolian: Figures) -> Iterator[Row]:
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


def _ratings(english: Figures, mongolian: Figures) -> Iterator[Row]:
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


def _answers(english: Figures, mongolian: Figures) -> Iterator[Row]:
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


def _responses(english: Figures, mongolian: Figures) -> Iterator[Row]:
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


def _reviews(english: Figures, mongolian: Figures) -> Iterator[Row]:
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


def _evidence(english: Figures, mongolian: Figures) -> Iterator[Row]:
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


def _meetings(english: Figures, mongolian: Figures) -> Iterator[Row]:
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


def _overdue(english: Figures, mongolian: Figures) -> Iterator[Row]:
    for part, same in _pairs(english.overdue, mongolian.overdue):
        yield {
            "commitment": part.commitment,
            "code": part.code,
            "due_on": part.due_on,
            **_words("agencies", _joined(part.agencies), _joined(same.agencies)),
            **_rating(part.rated, same.rated),
        }


def _claims(english: Figures, mongolian: Figures) -> Iterator[Row]:
    for claim, same in _pairs(english.claims, mongolian.claims):
        yield {
            **_in_both("label", claim.label, same.label),
            "printed": claim.printed,
            "counted": claim.counted,
            "differs": claim.differs,
            **_in_both("source", claim.source, same.source),
            "source_place": claim.source_place,
        }


def _remarks(english: Figures, mongolian: Figures) -> Iterator[Row]:
    for remark, same in _pairs(english.comments, mongolian.comments):
        yield {
            "code": remark.subject,
            "kind": remark.kind,
            **_in_both("organisation", remark.organisation, same.organisation),
            "stated_on": remark.stated_on,
            **_words("stated", remark.stated, same.stated),
            **_in_both("text", remark.text, same.text),
        }


STATED_WORDS = _text("stated", "When it was said, as printed")
STATED = _columns(_date("stated_on", "When it was said; empty where the source prints no whole date."), STATED_WORDS)
ORGANISATION = _text("organisation", "Who says it; empty where nobody is named")
VERSION = _columns(
    _yes_or_no("transcribed", "Whether it was copied from a document."),
    _number("version", "From 1; a correction is the next one."),
    _string("correction_reason", "Why the version before was corrected; empty without one."),
)
ANSWER = _number("answer", "The answer's place among those on the same code, from 1.")

TABLES = (
    Table(
        "commitments",
        "Commitments",
        _columns(
            _string("code", "Code of the commitment."),
            _string("theme", "Code of its theme; may be empty."),
            _text("title", "Title"),
            _string("ogp_identifier", "OGP's own identifier; may be empty."),
            _text("leads", "Lead agencies, separated by semicolons"),
            _date("ends_on", "When it ends; empty where the source prints no whole date."),
            _string("ends", "The same as printed."),
            _number("subjects", "What is rated in it: its milestones, or itself."),
            _number("rated", "Of these, rated by the government."),
            _number("not_rated", "Of these, not rated by the government."),
            _number("rated_by_ngos", "Of these, rated by an NGO."),
            _number("contested", "Of these, rated otherwise by an NGO than by the government."),
            _string("review", "Code of the independent reviewer's last rating of the whole; empty without one."),
            _number("review_year", "Year of that review."),
        ),
        _commitments,
        ("code",),
    ),
    Table(
        "milestones",
        "Milestones",
        _columns(
            COMMITMENT,
            _string("code", "Code of the milestone."),
            _text("title", "Title"),
            _text("expected_output", "Expected output"),
            _date("starts_on", "First day that the printed text means; empty where it means none."),
            _date("ends_on", "Last day that the printed text means; empty where it means none."),
            _string("due", "When it is due, as printed."),
            _text("agencies", "Implementing agencies, separated by semicolons"),
            _yes_or_no("contested", "Whether an NGO rates it otherwise than the government."),
        ),
        _milestones,
        ("code",),
    ),
    Table(
        "self-assessments",
        "The government's ratings",
        _columns(
            COMMITMENT,
            CODE,
            RATING,
            _text("period", "Period of the rating"),
            STATED,
            _text("evidence", "Evidence, in words"),
            _text("challenges", "What stands in the way"),
            _text("next_steps", "Next steps"),
            VERSION,
        ),
        _ratings,
    ),
    Table(
        "counter-assessments",
        "Answers of NGOs",
        _columns(
            COMMITMENT,
            CODE,
            ANSWER,
            ORGANISATION,
            _string("attribution", "Whether its author is stated, inferred, or not stated."),
            STATED,
            RATING,
            _number("gap", "Steps above (+) or below (-) the government's rating; empty where one has none."),
            _text("recommendation", "Recommendation"),
            _text("justification", "Why the rating differs"),
            _text("condition", "On which condition"),
            VERSION,
        ),
        _answers,
        ("commitment", "code", "answer"),
    ),
    Table(
        "responses",
        "Responses of agencies to answers",
        _columns(
            CODE,
            ANSWER,
            _text("organisation", "The agency"),
            _string("kind", "What became of the rating: changed, kept, noted."),
            _text("reason", "Why"),
            STATED_WORDS,
        ),
        _responses,
    ),
    Table(
        "independent-reviews",
        "Findings of the independent reviewer",
        _columns(
            COMMITMENT,
            _string("stage", "Code of the stage."),
            _number("year", "Year of the review."),
            RATING,
            _text("early_results", "Early results"),
            _text("potential_for_results", "Potential for results"),
            _yes_or_no("verifiable", "Whether the commitment is verifiable; empty where the review does not say."),
            _text("opened_government", "Whether it opened government"),
            _string("link", "Where the review can be read."),
        ),
        _reviews,
    ),
    Table(
        "evidence",
        "Files and links given as evidence",
        _columns(
            CODE,
            _number("answer", "The answer that it belongs to; empty for the government's rating."),
            _text("title", "What it is"),
            _string("address", "Address of a link; empty for a file."),
            _string("file_name", "Name of a file; empty for a link."),
            _number("size", "Bytes of a file."),
            _string("sha256", "SHA-256 of a file."),
            _text("checked", "Whether the link could be opened"),
        ),
        _evidence,
    ),
    Table(
        "overdue",
        "Milestones past their date",
        _columns(
            COMMITMENT,
            CODE,
            _date("due_on", "The last day that the printed text allows."),
            _text("agencies", "Implementing agencies, separated by semicolons"),
            RATING,
        ),
        _overdue,
        ("commitment", "code"),
    ),
    Table(
        "meetings",
        "Meetings held",
        _columns(
            _text("kind", "What kind of meeting"),
            _text("title", "What it was about"),
            _date("held_on", "When; empty where the source prints no whole date."),
            _text("held", "When, as printed"),
            _yes_or_no("in_period", "Whether it was held in the period that is reported on."),
            _number("occasions", "How many meetings these were."),
            _number("participants_government", "Who took part from government; empty where the source does not say."),
            _number("participants_other", "Who else took part; empty where the source does not say."),
            _number("participants_total", "All who took part; empty where the source does not say."),
            _text("record", "What is on record"),
            _text("decision", "What was decided"),
        ),
        _meetings,
    ),
    Table(
        "claims",
        "Figures that documents print, beside the count",
        _columns(
            _text("label", "What is counted"),
            _string("printed", "The figure as printed."),
            _string("counted", "The figure as counted from the record; empty where it holds nothing to count."),
            _yes_or_no("differs", "Whether the two differ."),
            _text("source", "The document"),
            _string("source_place", "Where in it."),
        ),
        _claims,
    ),
    Table(
        "comments",
        "Remarks received",
        _columns(
            _string("code", "Code of the commitment or milestone; empty for the plan or the report."),
            _string("kind", "Public, NGO or government."),
            ORGANISATION,
            STATED,
            _text("text", "The remark"),
        ),
        _remarks,
    ),
)
