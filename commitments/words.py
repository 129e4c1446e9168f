"""Words as search compares them: in any case, in both languages, with the look-alike letters of old files folded.

One definition for pages, API and admin, on every database: a row is found where each word that is asked for begins one
of its words. What a row can be found by is kept as a string of such words (`search_text`), so that no database needs to
know Cyrillic, Mongolian or our codes; `LIKE` finds in it on SQLite, an index of the same words on PostgreSQL.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.db.models import F, Q, TextField, Value
from django.db.models.functions import Left, StrIndex

from commitments.text import fold

# A code (6.5, 3.3.1.1) is one word; a hyphen, a full stop or an underscore parts words otherwise.
WORD = re.compile(r"(?<!\d)\d{1,2}(?:\.\d{1,2}){1,3}(?!\d)|[^\W_]+")
QUOTED = re.compile(r"[\"“”„«»]([^\"“”„«»]+)[\"“”„«»]")
CYRILLIC = re.compile(r"[\u0400-\u04ff]")
LATIN = re.compile(r"[a-z]")
TITLES_END = "|"  # between the words of the titles and the rest; no word has it

LONGEST_WORD = 60  # letters; the rest of a longer one is not compared
MOST_WORDS = 12  # that are asked for at once; each costs a condition

# Letters of the other alphabet that look the same, in a word that is otherwise of one alphabet.
TWINS = {"a": "а", "b": "в", "c": "с", "e": "е", "h": "н", "k": "к", "m": "м", "o": "о", "p": "р", "t": "т", "x": "х", "y": "у"}  # fmt: skip  # noqa: E501
TO_CYRILLIC, TO_LATIN = str.maketrans(TWINS), str.maketrans({other: own for own, other in TWINS.items()})
ONE_LETTER = str.maketrans({"ё": "е"})  # typed for each other; in names they stay apart

MONGOLIAN_VOWELS = "аэоөуүиыеяю"
MONGOLIAN_ENDINGS = (
    *("уудын", "үүдийн", "нуудын", "нүүдийн", "ийн", "ын", "ийг", "ыг"),
    *("аас", "ээс", "оос", "өөс", "аар", "ээр", "оор", "өөр", "тай", "тэй", "той", "ууд", "үүд", "нууд", "нүүд"),
)
SHORTEST_STEM = 4


@dataclass(frozen=True)
class Term:
    """One word that is asked for: what a word of the record may begin with; ``whole``: what it must be."""

    beginnings: tuple[str, ...]
    whole: bool = False

    def finds(self, word: str) -> bool:
        return word in self.beginnings if self.whole else word.startswith(self.beginnings)


@dataclass(frozen=True)
class Asked:
    """What somebody searches for: every term must be found, and every phrase as it stands."""

    terms: tuple[Term, ...]
    phrases: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.terms)

    def condition(self, column: str) -> Q:
        """Rows whose ``column``, a `search_text`, has it all."""
        found = Q()
        for lookup, value in self.lookups():
            found &= Q(**{f"{column}__{lookup}": value})
        return found

    def lookups(self) -> list[tuple[str, Any]]:
        """What is asked of a `search_text`, one by one: the lookup and its value."""
        return [
            *(("has_word", term) for term in self.terms),
            *(("has_phrase", phrase) for phrase in self.phrases),
        ]

    def finds(self, word: str) -> bool:
        """Whether a word, as `words_of` gives it, is one of those that are asked for."""
        return any(term.finds(word) for term in self.terms)


def words_of(text: str) -> list[str]:
    """The words of a text as they are compared.

    >>> words_of("6.5 Төcвийн ТӨСӨЛ, nap-4")
    ['6.5', 'төсвийн', 'төсөл', 'nap', '4']
    """
    return [_of_one_alphabet(word).translate(ONE_LETTER)[:LONGEST_WORD] for word in WORD.findall(fold(text))]


def search_text(titles: Iterable[Any], rest: Iterable[Any] = ()) -> str:
    """What a row is found by: the words of its titles, then the others."""
    first, others = (words_of(" ".join(str(text or "") for text in texts)) for texts in (titles, rest))
    return " ".join([*first, TITLES_END, *others])


def asked(text: str) -> Asked:
    """What is asked for; what stands in quotation marks is looked for as it is."""
    phrases = [words_of(phrase) for phrase in QUOTED.findall(text)]
    terms = [Term((word,), whole=True) for phrase in phrases for word in phrase]
    terms += [_term(word) for word in words_of(QUOTED.sub(" ", text))]
    return Asked(
        tuple(dict.fromkeys(terms))[:MOST_WORDS],
        tuple(" ".join(phrase) for phrase in phrases if len(phrase) > 1),
    )


def titles_of(column: str = "search_text") -> Any:
    """The part of a `search_text` that holds the words of the titles, to be compared like the whole."""
    return Left(F(column), StrIndex(F(column), Value(TITLES_END)), output_field=TextField())


@TextField.register_lookup
class HasWord(models.Lookup):
    """Whether a `search_text` has a word that a `Term` finds."""

    lookup_name = "has_word"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        column, params = self.process_lhs(compiler, connection)
        end = " " if self.rhs.whole else ""
        patterns = [f"% {word}{end}%" for word in self.rhs.beginnings]
        sql = " OR ".join(f"' ' || {column} || ' ' LIKE %s" for _word in patterns)
        return f"({sql})", tuple(one for pattern in patterns for one in (*params, pattern))

    def as_postgresql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        column, params = self.process_lhs(compiler, connection)
        end = "" if self.rhs.whole else ":*"
        # Words are letters, figures and full stops, so that nothing in them needs to be escaped.
        query = " | ".join(f"'{word}'{end}" for word in self.rhs.beginnings)
        return f"{word_vector(column)} @@ %s::tsquery", (*params, query)


@TextField.register_lookup
class HasPhrase(models.Lookup):
    """Whether a `search_text` has these words one after the other."""

    lookup_name = "has_phrase"

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        column, params = self.process_lhs(compiler, connection)
        return f"' ' || {column} || ' ' LIKE %s", (*params, f"% {self.rhs} %")


def word_vector(column: str) -> str:
    """The words of a `search_text` in PostgreSQL, just as they are; the indexes of migrations are on this."""
    return f"array_to_tsvector(array_remove(string_to_array({column}, ' '), ''))"


def _of_one_alphabet(word: str) -> str:
    if not (CYRILLIC.search(word) and LATIN.search(word)):
        return word
    cyrillic = word.translate(TO_CYRILLIC)
    if not LATIN.search(cyrillic):
        return cyrillic
    latin = word.translate(TO_LATIN)
    return word if CYRILLIC.search(latin) else latin


def _term(word: str) -> Term:
    """A word with the beginnings that its other forms share; figures and codes are found as they are."""
    if word[0].isdigit():
        return Term((word,), whole=True)
    others = _mongolian(word) if CYRILLIC.search(word) else _english(word)
    return Term(_shortest([word, *others]))


def _english(word: str) -> list[str]:
    """Plural, past and present of a word of English share their beginning, mostly."""
    if len(word) <= SHORTEST_STEM:
        return []
    if word.endswith("ies"):
        return [f"{word[:-3]}y"]
    if word.endswith("y"):
        return [f"{word[:-1]}ies"]
    for ending in ("ing", "ed", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= SHORTEST_STEM and not word.endswith("ss"):
            return [word.removesuffix(ending)]
    return []


def _mongolian(word: str) -> list[str]:
    """A noun's endings fall off, its soft sign or last short vowel may too: хууль, хуулийн; хөгжил, хөгжлийн."""
    endings = (ending for ending in MONGOLIAN_ENDINGS if len(word) - len(ending) >= SHORTEST_STEM)
    stem = word.removesuffix(next((ending for ending in endings if word.endswith(ending)), "")).rstrip("ьъ")
    forms = [stem]
    if len(stem) > SHORTEST_STEM:
        *_rest, before, vowel, last = (letter in MONGOLIAN_VOWELS for letter in stem)
        if last and not vowel:  # бодлого, бодлогын
            forms.append(stem[:-1])
        elif vowel and not last and not before:  # мэдээлэл, мэдээллийн
            forms.append(stem[:-2] + stem[-1])
        elif stem[-1] == stem[-2] and not last:  # and back
            forms.append(stem[:-1])
    return [form for form in forms if len(form) >= SHORTEST_STEM]


def _shortest(words: Sequence[str]) -> tuple[str, ...]:
    """Without those that begin with another of them."""
    return tuple(
        dict.fromkeys(word for word in words if not any(word != other and word.startswith(other) for other in words))
    )
