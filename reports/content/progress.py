"""What moved, what is late, what is owed, where raters differ, and what became of the answers."""

from __future__ import annotations

from dataclasses import dataclass

from commitments.localised import LocalisedText
from reports.content.commitments import Attachment, Rated


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
class Correction:
    code: str
    who: str
    stated: str
    version: int
    reason: str


@dataclass(frozen=True)
class Example:
    """The subject that the cover and the key explain: the widest gap there is, else the first that is rated."""

    code: str
    government: Rated
    organisation: LocalisedText
    answer: Rated | None
    gap: int | None
    review: str | None  # the reviewer's rating of the commitment
