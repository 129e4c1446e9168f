"""Texts of the record in results of search: the words that were asked for marked, long ones cut around the first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from commitments.localised import LocalisedText, marked
from commitments.words import WORD, Asked, words_of

AROUND = 90  # letters before the first word that was found
LONGEST = 280


def with_marks(text: LocalisedText, words: Asked) -> SafeString:
    """The text with every word that is asked for in a <mark>, and its language where the page has another."""
    pieces = ((piece,) for piece in _pieces(text.text, words))
    return marked(format_html_join("", "{}", pieces), text.language)


def excerpt(title: LocalisedText, others: Iterable[LocalisedText], words: Asked, language: str) -> SafeString:
    """Where the words stand beside the title: in the text that has most of them, rather in the reader's language.

    Empty where the title has them all.
    """
    if _hits(title.text, words) >= set(words.terms):
        return SafeString("")
    best, most = None, (0, False)
    for text in others:
        weight = (len(_hits(text.text, words)), text.language == language)
        if weight[0] and weight > most and text.text != title.text:
            best, most = text, weight
    return with_marks(LocalisedText(_cut(best.text, words), best.language), words) if best else SafeString("")


def _hits(text: str, words: Asked) -> set[object]:
    own = words_of(text)
    return {term for term in words.terms if any(term.finds(word) for word in own)}


def _pieces(text: str, words: Asked) -> Iterator[str | SafeString]:
    end = 0
    for first, last in _places(text, words):
        yield text[end:first]
        yield format_html("<mark>{}</mark>", text[first:last])
        end = last
    yield text[end:]


def _places(text: str, words: Asked) -> Iterator[tuple[int, int]]:
    for match in WORD.finditer(text):
        if any(words.finds(word) for word in words_of(match.group())):
            yield match.span()


def _cut(text: str, words: Asked) -> str:
    text = " ".join(text.split())
    first, _last = next(_places(text, words), (0, 0))
    start = text.find(" ", first - AROUND) + 1 if first > AROUND else 0
    end = text.rfind(" ", first, start + LONGEST) if len(text) > start + LONGEST else len(text)
    if end <= first:
        end = start + LONGEST  # one long word
    return f"{'… ' if start else ''}{text[start:end]}{' …' if end < len(text) else ''}"
