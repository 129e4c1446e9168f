"""What a report contains, as plain values: text, whole numbers, true or false, none, and lists of these.

A report is data first, paper second: `reports.figures` fills these, `to_json` freezes them, and the document is made
from that JSON alone. Dates and labels are in the report's language; a record's text says which language it is in.
Codes (ratings, kinds, marks) stay beside their labels for whoever reads the JSON with a program.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from commitments.localised import LocalisedText
from reports.canonical import canonical_json, from_plain


@dataclass(frozen=True)
class RatingCount:
    rating: str
    label: str
    mark: str  # green, done, amber, red
    count: int


@dataclass(frozen=True)
class Tallied:
    """How many of `total` have which rating, best first; `green_percent` is whole per cent of the rated."""

    total: int
    rated: int
    not_rated: int
    not_provided: int
    green_percent: int | None
    ratings: tuple[RatingCount, ...]


@dataclass(frozen=True)
class Totals:
    """The counts over a plan or one commitment, as `assessments.counts` makes them, and what they amount to."""

    subjects: int
    government: Tallied
    ngo: Tallied
    ngo_answers: int
    ngo_rated_subjects: int
    contested: int
    compared: int
    lower: int
    agree: int
    higher: int
    direction: str  # "9 lower, 1 higher"
    review: Tallied
    review_above: int
    review_equal: int
    review_below: int
    headline: str
    review_finding: str


@dataclass(frozen=True)
class Attachment:
    """A file or a link; `host` is what is printed of a link, empty for a file."""

    title: LocalisedText
    address: str  # of a link where it leads to the web; of a file where it is downloaded
    host: str
    file_name: str
    kind: str  # of a file, in words
    size: int | None  # bytes of a file
    sha256: str
    checked: str  # of a link: "opened 3 Sep 2023", or that nobody has checked


@dataclass(frozen=True)
class Rated:
    """A rating in code, words and mark; without one the words say why."""

    rating: str | None
    words: str
    mark: str  # green, done, amber, red; none (not rated) or np (not provided)
    reason: str  # in words; empty where there is a rating


@dataclass(frozen=True)
class Government:
    """The government's own assessment of a milestone or commitment."""

    rated: Rated
    period: str
    stated: str  # date
    stated_on: str  # the same as an ISO date; empty where the source prints no whole date
    evidence: LocalisedText
    challenges: LocalisedText
    next_steps: LocalisedText
    additional_information: LocalisedText
    attachments: tuple[Attachment, ...]
    transcribed: bool
    version: int
    correction_reason: str
    before: Rated | None  # the rating of the version that was corrected
    unchanged_since: str  # name of the period whose rating is repeated; empty where it is none's


@dataclass(frozen=True)
class AgencyResponse:
    organisation: LocalisedText
    kind: str
    kind_words: str
    reason: LocalisedText
    stated: str


@dataclass(frozen=True)
class Answer:
    """What an organisation says to the government's assessment; `organisation` is empty where nobody is named."""

    organisation: LocalisedText
    short_name: str
    attribution: str
    attribution_reason: LocalisedText
    stated: str
    stated_on: str  # ISO
    rated: Rated
    is_verdict: bool
    gap: int | None
    gap_words: str
    recommendation: LocalisedText
    justification: LocalisedText
    condition: LocalisedText
    attachments: tuple[Attachment, ...]
    responses: tuple[AgencyResponse, ...]
    transcribed: bool
    version: int
    correction_reason: str


@dataclass(frozen=True)
class Review:
    """The independent reviewer's findings on a commitment at one stage; empty where the review gives none."""

    stage: str
    stage_words: str
    year: int | None
    rated: Rated
    early_results: str
    potential_for_results: str
    verifiable: bool | None
    opened_government: str
    link: str


@dataclass(frozen=True)
class Remark:
    """A comment received; `subject` is empty for the plan or report, else a commitment's or milestone's code."""

    kind: str
    kind_words: str
    organisation: LocalisedText
    stated: str
    stated_on: str  # ISO
    text: LocalisedText
    subject: str


@dataclass(frozen=True)
class Subject:
    """What is rated: a milestone, or a commitment as a whole. Answers with a verdict come first."""

    code: str
    government: Government | None
    answers: tuple[Answer, ...]
    contested: bool
    comments: tuple[Remark, ...]


@dataclass(frozen=True)
class MilestonePart:
    subject: Subject
    title: LocalisedText
    expected_output: LocalisedText
    due: str
    starts_on: str  # ISO: the days that the printed text means; empty where it means none
    ends_on: str
    agencies: tuple[LocalisedText, ...]
    note: LocalisedText
    address: str  # of its permanent place on the site


@dataclass(frozen=True)
class Involved:
    """Organisations of one role, in the order of the source."""

    role: str
    role_words: str
    names: tuple[LocalisedText, ...]


@dataclass(frozen=True)
class Field:
    """An entry of the plan's form: what was asked, and the text."""

    key: str
    label: str
    text: LocalisedText


@dataclass(frozen=True)
class CommitmentPart:
    code: str
    address: str  # of its permanent page
    theme: str
    title: LocalisedText
    ogp_identifier: str
    leads: tuple[LocalisedText, ...]
    involved: tuple[Involved, ...]  # everybody but the leads
    responsible: tuple[str, ...]  # position, department, agency; never a person's name
    fields: tuple[Field, ...]
    values: tuple[str, ...]
    policy_areas: tuple[LocalisedText, ...]
    ends: str  # as printed, else the date
    ends_on: str  # ISO
    totals: Totals
    reviews: tuple[Review, ...]
    review: Rated  # the reviewer's last rating of the whole
    review_year: int | None
    whole: Subject
    milestones: tuple[MilestonePart, ...]


@dataclass(frozen=True)
class ThemePart:
    code: str
    kind_words: str
    title: LocalisedText


@dataclass(frozen=True)
class Difference:
    """A subject on which an NGO differs, for the list of them; `answer` is the widest."""

    code: str
    commitment: str
    title: LocalisedText
    government: Rated
    organisation: LocalisedText
    answer: Rated
    gap: int
    gap_words: str


@dataclass(frozen=True)
class Answering:
    """One organisation's answers; `organisation` is empty for those without a name."""

    organisation: LocalisedText
    answers: int
    rated: int
    not_provided: int
    lower: int
    agree: int
    higher: int


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
class Section:
    """A narrative part of the report; `body` is in the small part of Markdown that `reports.narrative` reads."""

    kind: str
    title: LocalisedText
    body: LocalisedText
    plain: str  # the body without its signs


@dataclass(frozen=True)
class ChangePart:
    """A subject whose rating by the government moved, with the rating in both readings; none where there was none."""

    code: str
    commitment: str
    title: LocalisedText
    before: Rated | None
    after: Rated | None
    steps: int | None  # up (+) or down (-)
    correction_reason: str


@dataclass(frozen=True)
class ChangesPart:
    """Each subject is in one of the first four or counted in `unchanged`; `corrected` are some of all of them."""

    since: str  # the last report or the period before, in words
    improved: tuple[ChangePart, ...]
    slipped: tuple[ChangePart, ...]
    newly_rated: tuple[ChangePart, ...]
    no_longer_rated: tuple[ChangePart, ...]
    corrected: tuple[ChangePart, ...]
    unchanged: int


@dataclass(frozen=True)
class OverduePart:
    code: str
    commitment: str
    title: LocalisedText
    agencies: tuple[LocalisedText, ...]
    due: str  # the last day that the printed text allows
    due_on: str  # ISO
    rated: Rated


@dataclass(frozen=True)
class PunctualityPart:
    """Subjects by how they stand to their due dates, each in one count; `agency` is empty for the whole plan."""

    agency: LocalisedText
    total: int
    on_time: int
    late: int
    done: int  # not known whether in time
    overdue: int
    ahead: int
    undated: int
    overdue_codes: tuple[str, ...]


@dataclass(frozen=True)
class OwedAnswer:
    """A published answer without a response; `organisation` gave it."""

    code: str
    organisation: LocalisedText
    since: str
    since_on: str  # ISO


@dataclass(frozen=True)
class OwedPart:
    """What waits for one agency's response; `agency` is empty where the record names none."""

    agency: LocalisedText
    answers: tuple[OwedAnswer, ...]


@dataclass(frozen=True)
class EvidencePart:
    """A file or link and whose it is; `organisation` is empty for the government's."""

    code: str
    organisation: LocalisedText
    attachment: Attachment


@dataclass(frozen=True)
class Correction:
    code: str
    who: str
    stated: str
    version: int
    reason: str


@dataclass(frozen=True)
class Source:
    title: LocalisedText
    publisher: LocalisedText
    published: str
    address: str
    note: LocalisedText


@dataclass(frozen=True)
class Example:
    """The subject that the cover and the key explain: the widest gap there is, else the first that is rated."""

    code: str
    government: Rated
    organisation: LocalisedText
    answer: Rated | None
    gap: int | None
    review: str | None  # the reviewer's rating of the commitment


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
class AnswersPart:
    """What became of the answers to one period; each is in one of the counts from ``published`` to ``withdrawn``."""

    period: str  # in words
    received: int
    published: int
    replaced: int
    waiting: int
    returned: int
    withheld: int
    withdrawn: int
    unanswered: int  # of the published: without a published response of an agency


@dataclass(frozen=True)
class Figures:
    """The whole report in one language."""

    language: str
    as_of: str  # ISO moment
    as_of_words: str
    plan: PlanPart
    report: ReportPart
    totals: Totals
    scale: tuple[Rated, ...]  # the plan's ratings, best first
    not_rated_codes: tuple[str, ...]
    not_provided_codes: tuple[str, ...]
    example: Example | None
    themes: tuple[ThemePart, ...]
    commitments: tuple[CommitmentPart, ...]
    differences: tuple[Difference, ...]
    answering: tuple[Answering, ...]
    answers: tuple[AnswersPart, ...]
    changes: ChangesPart | None  # none where nothing was reported or published before
    due_looked_at: str  # the day on which the due dates below were looked at
    punctuality: PunctualityPart
    punctuality_by_agency: tuple[PunctualityPart, ...]
    overdue: tuple[OverduePart, ...]  # longest first
    owed: tuple[OwedPart, ...]
    owed_answers: int  # each once, however many agencies owe it
    evidence: tuple[EvidencePart, ...]
    meetings: tuple[MeetingPart, ...]
    statements: tuple[Statements, ...]
    recommendations: tuple[AdviceGroup, ...]
    claims: tuple[ClaimPart, ...]
    sections: tuple[Section, ...]
    comments: tuple[Remark, ...]
    corrections: tuple[Correction, ...]
    sources: tuple[Source, ...]
    has_transcribed: bool


def to_json(figures: Figures) -> str:
    """Canonical JSON: the same figures are the same characters on every machine."""
    return canonical_json(asdict(figures))


def figures_from_json(canonical: str) -> Figures:
    """What `to_json` wrote, as values again. Raises NotFigures.

    A field with a default may be missing, as in a report that was frozen before there was one.
    """
    return from_plain(Figures, json.loads(canonical))
