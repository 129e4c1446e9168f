"""A released report's figures as the database holds them: ``{"en": …, "mn": …}``."""

from __future__ import annotations

from typing import Any

from commitments.localised import LANGUAGES, localised
from reports.canonical import canonical_json
from reports.models import Report

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
