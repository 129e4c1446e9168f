"""The whole report in one language, as JSON and back."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from reports.canonical import canonical_json, from_plain
from reports.content.commitments import CommitmentPart, Rated, Remark, Totals
from reports.content.plans import (
    AdviceGroup,
    ClaimPart,
    MeetingPart,
    PlanPart,
    ReportPart,
    Section,
    Source,
    Statements,
    ThemePart,
)
from reports.content.progress import (
    Answering,
    AnswersPart,
    ChangesPart,
    Correction,
    Difference,
    EvidencePart,
    Example,
    OverduePart,
    OwedPart,
    PunctualityPart,
)


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
