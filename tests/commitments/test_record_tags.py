"""Texts of the record in pages: their language, their lost words, their escaping, their folding."""

import datetime

import pytest
from django.template import Context, Template
from django.utils import translation

from commitments.templatetags.record import FOLD_FROM, own_language


def rendered(source: str, **context) -> str:
    return Template("{% load record %}" + source).render(Context(context))


@pytest.mark.parametrize(
    ("record", "language", "expected"),
    [
        ({"title_en": "Law"}, "en", "Law"),
        ({"title_en": "Law"}, "mn", '<span lang="en">Law</span>'),
        ({"title_en": "Law", "title_mn": "Хууль"}, "mn", "Хууль"),
        ({"title_mn": "Хууль"}, "en", '<span lang="mn">Хууль</span>'),
        ({}, "en", ""),
        ({"title_en": "a < b & [c"}, "en", "a &lt; b &amp; [c"),
        (
            {"title_en": "[Reco]nstruct […]"},
            "en",
            '<span class="lost">[Reco]</span>nstruct <span class="lost">[…]</span>',
        ),
        ({"title_en": "[<b>]"}, "mn", '<span lang="en"><span class="lost">[&lt;b&gt;]</span></span>'),
    ],
)
def test_words(record, language, expected):
    with translation.override(language):
        assert rendered('{% words record "title" %}', record=record) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-2025", "2024-2025"),
        ("starts in 2024", '<span lang="en">starts in 2024</span>'),
        ("2025 онд", "2025 онд"),
        ("<2024>", "&lt;2024&gt;"),
    ],
)
def test_what_only_the_source_prints_is_marked_by_its_letters(text, expected):
    with translation.override("mn"):
        assert rendered("{{ text|printed }}", text=text) == expected


def test_a_day_is_that_of_ulaanbaatar_and_no_line_breaks_in_it():
    moment = datetime.datetime(2023, 8, 14, 16, tzinfo=datetime.UTC)
    with translation.override("mn"):
        shown = rendered(
            "{{ moment|day }} {{ date|day }}{{ none|day }}", moment=moment, date=datetime.date(2024, 2, 3), none=None
        )
    assert shown == '<span class="whole">2023-08-15</span> <span class="whole">2024-02-03</span>'


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("Ministry of Finance", "mn", ' lang="en"'),
        ("Ministry of Finance", "en", ""),
        ("Сангийн яам", "en", ' lang="mn"'),
        ("3.1", "mn", ""),
    ],
)
def test_what_can_hold_no_element_says_its_language_itself(text, language, expected):
    with translation.override(language):
        assert own_language(text) == expected


def test_a_text_of_up_to_ninety_words_is_not_folded():
    text = "One. " * FOLD_FROM
    assert rendered('{% folded record "body" as shown %}{{ shown.more }}', record={"body_en": text}) == "0"


def test_a_longer_text_is_parted_between_sentences():
    text = "One two three. " * 40
    source = '{% folded record "body" as shown %}{{ shown.head }}|{{ shown.rest }}|{{ shown.more }}'
    head, rest, more = rendered(source, record={"body_en": text.strip()}).split("|")
    assert head == ("One two three. " * 11).strip()
    assert f"{head} {rest}" == text.strip()
    assert more == "87"


def test_a_long_text_without_sentences_stays_whole():
    text = "word " * 200
    source = '{% folded record "body" as shown %}{{ shown.more }}'
    assert rendered(source, record={"body_en": text.strip()}) == "0"
