"""Texts of the record in pages: in the language they are written in, lost words marked, always escaped."""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import template
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from commitments.localised import LocalisedText, language_of, localised, marked
from commitments.models import Organisation

register = template.Library()

SENTENCE_END = re.compile(r"(?<=[.!?])\s+")
LOST = re.compile(r"(\[[^\[\]]*\])")
FOLD_FROM = 90  # words; a longer statement opens on demand


@dataclass(frozen=True)
class Folded:
    """A statement as a page shows it: what stands there, and the rest that opens on demand (``more`` words)."""

    head: SafeString
    rest: SafeString
    more: int


@register.simple_tag
def words(record: Any, field: str) -> SafeString:
    """A text of the record as it is shown; what a scan has lost or what was recovered stands out as such.

    ``field`` exists in two languages, or in one that the record names itself (an NGO's words).
    """
    return _shown(_chosen(record, field))


@register.simple_tag
def named(organisation: Organisation) -> SafeString:
    """An organisation by its name, leading to its page."""
    return format_html('<a href="{}">{}</a>', organisation.get_absolute_url(), words(organisation, "name"))


@register.simple_tag
def folded(record: Any, field: str, longest: int = FOLD_FROM) -> Folded:
    """As `words`; what has more than ``longest`` words is parted after the sentence that passes a third of them."""
    text = _chosen(record, field)
    head, rest = text.text, ""
    if len(head.split()) > longest:
        sentences = SENTENCE_END.split(head)
        kept = next(n for n in range(1, len(sentences) + 1) if len(" ".join(sentences[:n]).split()) > longest / 3)
        head, rest = " ".join(sentences[:kept]), " ".join(sentences[kept:])
    return Folded(
        _shown(LocalisedText(head, text.language)), _shown(LocalisedText(rest, text.language)), len(rest.split())
    )


@register.filter
def printed(text: str) -> SafeString:
    """A text that the record has in the source's language only; which one that is, its letters tell."""
    return marked(text, language_of(text))


@register.filter(expects_localtime=True)
def day(date: datetime.date | None) -> SafeString:
    """A date that no line breaks in."""
    return format_html('<span class="whole">{}</span>', date_format(date, "DATE_FORMAT")) if date else SafeString()


@register.filter
def own_language(text: object) -> SafeString:
    """The attribute that says in which language an element's text is, where the page is in another."""
    language = language_of(str(text))
    return format_html(' lang="{}"', language) if language not in {"", (get_language() or "")[:2]} else SafeString()


@register.filter
def address_words(address: str) -> str:
    """A website's address as people say it: without how it is fetched.

    >>> address_words("https://www.forum.mn/")
    'www.forum.mn'
    """
    return address.partition("://")[2].rstrip("/") or address


@register.filter
def in_its_language(text: LocalisedText) -> SafeString:
    """A text that was chosen already, marked where it is not in the page's language."""
    return _shown(text)


@register.filter
def number_in(record: Any, records: Sequence[Any]) -> int:
    """The place of a record in a list, from 1; for references to the list at the foot of a page."""
    return records.index(record) + 1


@register.filter
def has(record: Any, field: str) -> bool:
    """Whether the record has this text in any language."""
    return bool(_chosen(record, field))


def _shown(text: LocalisedText) -> SafeString:
    shown = format_html_join(
        "",
        "{}",
        (
            (format_html('<span class="lost">{}</span>', piece) if LOST.fullmatch(piece) else piece,)
            for piece in LOST.split(text.text)
        ),
    )
    return marked(shown, text.language)


def _chosen(record: Any, field: str) -> LocalisedText:
    if hasattr(record, field):
        return LocalisedText(getattr(record, field), getattr(record, "language", "") or "")
    return localised(record, field)
