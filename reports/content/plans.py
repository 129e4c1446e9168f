"""What a report prints about the plan as a whole, beside its ratings, and about itself."""

from __future__ import annotations

from dataclasses import dataclass

from commitments.localised import LocalisedText


@dataclass(frozen=True)
class PlanPart:
    slug: str
    address: str  # of its permanent page
    number: int | None
    short_title: str  # "NAP IV"
    title: LocalisedText
    years: str
    adopted: str
    adopted_by: LocalisedText
    making: LocalisedText
    coverage: str
    coverage_words: str
    coverage_note: LocalisedText
    rated_as_whole: bool
    is_demonstration: bool


@dataclass(frozen=True)
class Checkpoint:
    """The chain of released files so far: how many there are, and the SHA-256 of the list of their checksums."""

    count: int
    head: str


@dataclass(frozen=True)
class ReportPart:
    kind: str
    kind_words: str
    period_code: str
    period_words: str
    period_dates: str
    state: str  # draft, released, or empty where only the figures are printed
    number: int | None
    released: str
    issuers: tuple[str, ...]
    checkpoint: Checkpoint | None = None  # of a released report: the files that were released before it


@dataclass(frozen=True)
class Section:
    """A narrative part of the report; `body` is in the small part of Markdown that `reports.narrative` reads."""

    kind: str
    title: LocalisedText
    body: LocalisedText
    plain: str  # the body without its signs


@dataclass(frozen=True)
class ThemePart:
    code: str
    kind_words: str
    title: LocalisedText


@dataclass(frozen=True)
class Statement:
    code: str
    theme: str
    text: LocalisedText


@dataclass(frozen=True)
class Statements:
    kind: str
    kind_words: str
    entries: tuple[Statement, ...]


@dataclass(frozen=True)
class MeetingPart:
    kind_words: str
    title: LocalisedText
    held: str
    held_on: str  # ISO
    in_period: bool  # held on a day of the period or half-year that is reported on
    occasions: int
    participants_government: int | None
    participants_other: int | None
    participants_total: int | None
    record: LocalisedText
    decision: LocalisedText
    government: tuple[str, ...]  # who took part, as the source prints it
    others: tuple[str, ...]


@dataclass(frozen=True)
class ClaimPart:
    """A printed figure beside the count made from the data."""

    label: LocalisedText
    printed: str
    counted: str  # empty where the record holds nothing to count
    differs: bool
    source: LocalisedText
    source_place: str
    of_plan: bool  # about the plan as a whole, not about some of its commitments
    of_process: bool  # tells how the plan was made, not how it is rated


@dataclass(frozen=True)
class Advice:
    code: str
    text: LocalisedText


@dataclass(frozen=True)
class AdviceGroup:
    """Recommendations on the same commitments that met with the same response and outcome."""

    commitments: tuple[str, ...]
    reviewer: str
    issued: str
    recommendations: tuple[Advice, ...]
    response: LocalisedText
    outcome: LocalisedText
    claims: tuple[ClaimPart, ...]  # figures printed about just these commitments


@dataclass(frozen=True)
class Source:
    title: LocalisedText
    publisher: LocalisedText
    published: str
    address: str
    note: LocalisedText
