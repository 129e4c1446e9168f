"""Commitments and milestones, and what government, organisations and reviewer say about them."""

from __future__ import annotations

from dataclasses import dataclass

from commitments.localised import LocalisedText


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
class Rated:
    """A rating in code, words and mark; without one the words say why."""

    rating: str | None
    words: str
    mark: str  # green, done, amber, red; none (not rated) or np (not provided)
    reason: str  # in words; empty where there is a rating


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
