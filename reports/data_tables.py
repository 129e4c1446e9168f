"""The tables of a report's data package: what each is called, what each column says, and which of them are its key."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from reports import data_rows
from reports.content import Figures
from reports.data_rows import Row


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
        data_rows.commitments,
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
        data_rows.milestones,
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
        data_rows.ratings,
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
        data_rows.answers,
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
        data_rows.responses,
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
        data_rows.reviews,
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
        data_rows.evidence,
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
        data_rows.overdue,
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
        data_rows.meetings,
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
        data_rows.claims,
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
        data_rows.remarks,
    ),
)
