"""Text that exists in English and Mongolian: which one is shown, and in which language it is."""

import re
from dataclasses import dataclass
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

LANGUAGES = ("en", "mn")
CYRILLIC = re.compile(r"[\u0400-\u04ff]{2}")  # one alone may be a look-alike in a Latin word
LATIN = re.compile(r"[A-Za-z]{2}")


@dataclass(frozen=True)
class LocalisedText:
    """The chosen text and the language it is written in; both empty where the record has neither."""

    text: str
    language: str

    def __str__(self) -> str:
        return self.text

    def __bool__(self) -> bool:
        return bool(self.text)


def localised(record: Any, field: str, language: str | None = None) -> LocalisedText:
    """``<field>_<language>`` of a record or mapping, else the same field in the other language.

    ``language`` is ``en`` or ``mn``; by default the active one. An untranslated text is shown in the language it has,
    and says so, instead of being left out.
    """
    wanted = (language or get_language() or "en")[:2]
    for candidate in (wanted, *(other for other in LANGUAGES if other != wanted)):
        name = f"{field}_{candidate}"
        text = record.get(name, "") if isinstance(record, dict) else getattr(record, name, "")
        if text:
            return LocalisedText(text, candidate)
    return LocalisedText("", "")


def language_of(text: str) -> str:
    """The language of a text that nobody says it of, as its letters tell; empty where they tell nothing."""
    return "mn" if CYRILLIC.search(text) else "en" if LATIN.search(text) else ""


def marked(content: str, language: str, page_language: str | None = None) -> SafeString:
    """Content as HTML that says its language where the page (by default in the active one) is in another.

    What is no `SafeString` is escaped. ``language`` is empty where it is not known.
    """
    if language in {"", (page_language or get_language() or "")[:2]}:
        return format_html("{}", content)
    return format_html('<span lang="{}">{}</span>', language, content)
