"""What a column of a workbook is, for writing and reading alike: both languages in its heading, one key in code."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils import translation

from commitments.localised import LANGUAGES
from commitments.text import fold

LISTS = "Lists"  # the hidden sheet with what drop-downs offer


def in_both_languages(text: Any) -> tuple[str, str]:
    """A lazy translation in English and in Mongolian."""
    said = []
    for language in LANGUAGES:
        with translation.override(language):
            said.append(str(text))
    return said[0], said[1]


@dataclass(frozen=True)
class Column:
    key: str
    labels: tuple[str, str]  # English, Mongolian; each is unique in its sheet
    width: int = 24  # characters
    is_locked: bool = False
    is_required: bool = False  # a file without it is not read
    choices: tuple[str, ...] = ()  # what a drop-down offers

    @property
    def label(self) -> str:
        """The heading in the reader's language."""
        return self.labels[1] if (translation.get_language() or "").startswith("mn") else self.labels[0]

    @property
    def heading(self) -> str:
        """Both languages, a line each."""
        return "\n".join(dict.fromkeys(self.labels))


def in_both(text: Any) -> str:
    """One word in both languages, as drop-downs offer it: ``Yes - Тийм``."""
    return " - ".join(dict.fromkeys(in_both_languages(text)))


def code_of(text: str, choices: Iterable[tuple[str, Any]]) -> str | None:
    """The code that a cell means, by code or label in either language or both; None where it means none."""
    wanted = fold(text)
    for code, label in choices:
        if wanted in {fold(said) for said in (code, in_both(label), *in_both_languages(label))}:
            return code
    return None
