"""A released report's figures as the database holds them: ``{"en": …, "mn": …}``."""

from __future__ import annotations

from typing import Any

from commitments.localised import LANGUAGES, localised
from commitments.words import search_text
from reports.canonical import canonical_json
from reports.models import Report
from reports.narrative import as_plain

Narrative = dict[str, list[tuple[str, str]]]  # by language: kind and text of each section that has one


def canonical_of(report: Report) -> dict[str, str]:
    """The canonical JSON by language, of which every file was made. Raises KeyError where there is no such language."""
    figures: Any = report.figures
    return {language: canonical_json(figures[language]) for language in LANGUAGES}


def narrative_of(report: Report) -> Narrative:
    """What stands in the rows."""
    sections = list(report.sections.all())
    return {
        language: [(section.kind, text) for section in sections if (text := localised(section, "body", language).text)]
        for language in LANGUAGES
    }


def narrative_in(figures: dict[str, Any]) -> Narrative:
    """What was frozen."""
    return {
        language: [
            (section["kind"], section["body"]["text"])
            for section in figures[language]["sections"]
            if section["body"]["text"]
        ]
        for language in LANGUAGES
    }


def words_in(figures: dict[str, Any]) -> str:
    """What the report is found by: what it is called, and what was written in it."""
    titles, narrative = [], []
    for own in (figures[language] for language in LANGUAGES):
        titles += [own["plan"]["title"]["text"], own["report"]["kind_words"], own["report"]["period_words"]]
        for section in own["sections"]:
            narrative += [section["title"]["text"], as_plain(section["body"]["text"])]
    return search_text(titles, narrative)
