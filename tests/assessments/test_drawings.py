"""The large spine: a column for each NGO, none of which hides another."""

from __future__ import annotations

from itertools import pairwise

import pytest
from django.test import Client
from django.utils import translation

from assessments.drawings import MARK, Stem, Voice, draw_spine
from assessments.ledger import read_ledger
from assessments.ratings import NoRatingReason, Rating
from assessments.templatetags.marks import large_spine_of
from tests import factories
from tests.pages import get, texts

GOVERNMENT = Voice("Government", Rating.COMPLETED_OR_SUBSTANTIAL)


def ngo(rating: str | None = Rating.LIMITED, reason: str = "") -> Voice:
    return Voice("NGO", rating, reason)


def test_one_ngo_shares_its_upright_with_the_government():
    drawn = draw_spine("1.1", GOVERNMENT, [ngo()], None, every=True)
    assert (drawn.width, drawn.stems, drawn.base) == (36, (Stem(18, ink=(9, 26)),), None)
    assert [placed.number for placed in drawn.marks] == [None, None]


def test_each_of_several_ngos_has_its_own_upright_and_number():
    verdicts = [
        ngo(Rating.COMPLETED_OR_SUBSTANTIAL),
        ngo(Rating.NOT_STARTED_OR_DELAYED),
        ngo(None, NoRatingReason.NOT_PROVIDED),
    ]
    drawn = draw_spine("1.1", GOVERNMENT, verdicts, None, every=True)
    assert drawn.stems == (Stem(18, tie=9), Stem(36, ink=(9, 43)), Stem(54))
    assert drawn.base == 9
    assert [(placed.mark, placed.number) for placed in drawn.marks] == [
        ("green", None),
        ("green", 1),
        ("red", 2),
        ("np", 3),
    ]


@pytest.mark.parametrize("count", [1, 2, 5, 12, 40])
def test_no_mark_covers_another_at_any_number_of_ngos(count):
    drawn = draw_spine("1.1", GOVERNMENT, [ngo()] * count, None, every=True)
    lefts = [placed.x for placed in drawn.marks]
    assert all(right - left >= MARK for left, right in pairwise(lefts))
    assert lefts[-1] + MARK <= drawn.width


def test_a_strip_shows_the_widest_gap_alone():
    drawn = draw_spine("1.1", GOVERNMENT, [ngo(), ngo(Rating.NOT_STARTED_OR_DELAYED)], None)
    assert (drawn.stems, drawn.answers, drawn.width) == ((Stem(18, ink=(9, 43)),), 2, 36)


def test_without_the_governments_rating_there_is_no_gap_to_draw():
    drawn = draw_spine("1.1", None, [ngo(), ngo()], None, every=True)
    assert (drawn.stems, drawn.base) == ((Stem(18), Stem(36)), None)


def test_the_sentence_marks_the_names_that_are_in_another_language():
    forum = Voice("Open <Society> Forum", Rating.LIMITED, language="en")
    with translation.override("mn"):
        sentence = draw_spine("1.1", GOVERNMENT, [forum], None).sentence
    assert sentence == (
        "1.1: Засгийн газар: Бүрэн буюу үндсэндээ хэрэгжсэн; "
        '<span lang="en">Open &lt;Society&gt; Forum</span>: Хязгаарлагдмал ахицтай; 1 шат доогуур'
    )


@pytest.mark.django_db
def test_the_numbers_below_the_uprights_are_those_beside_the_words(client: Client):
    rated = factories.PublishedSelfAssessmentFactory()
    for name in ("Open Eyes", "Public Watch", "Glass House"):
        factories.PublishedCounterAssessmentFactory(milestone=rated.milestone, organisation__name_en=name)
    page = get(client, rated.milestone.commitment.get_absolute_url())
    names = [text for text in texts(page, ".voice__who") if text[0] in "123"]
    assert [name.split(" ", 1)[0] for name in names] == ["1", "2", "3"]
    assert texts(page, "text") == ["Gov", "1", "2", "3"]
    assert "3 answers, 3 with a rating" in " ".join(texts(page, ".voice__who"))


@pytest.mark.django_db
def test_the_drawing_is_as_low_as_what_stands_in_it():
    rated = factories.PublishedSelfAssessmentFactory()
    [subject] = read_ledger(rated.milestone.commitment.plan).subjects
    assert (large_spine_of(subject).height, large_spine_of(subject).pixels_high) == (62, 115)
