import pytest
from django.core.exceptions import ValidationError

from commitments.fields import LineField, ProseField
from commitments.models import Organisation
from commitments.text import (
    code_sort_key,
    fold,
    name_sort_key,
    normalise,
    refuse_control_characters,
    refuse_line_breaks,
    roman,
)
from tests.factories import CommitmentFactory, MilestoneFactory, OrganisationAliasFactory, OrganisationFactory


def test_text_is_kept_composed_with_plain_line_ends_and_no_blanks_at_its_ends():
    assert normalise("  Тус\u0438\u0306\r\nлах\r мөр \n") == "Тусй\nлах\n мөр"


@pytest.mark.parametrize("text", ["a\x00b", "a\x1bb", "a\ud800b", "a\x7fb", "a\x9bb", "\ufffe"])
def test_control_characters_are_refused_with_their_code(text):
    code = next(character for character in text if character not in "ab")
    with pytest.raises(ValidationError) as refusal:
        refuse_control_characters(text)
    assert refusal.value.messages == [
        f"The text contains a character that cannot be stored (code U+{ord(code):04X}). Remove it and try again."
    ]


@pytest.mark.parametrize("text", ["", "Өвөр\tүг\nмөр\r\n", "₮ № “ёЁ” 𝔸 👍", "a\u200db"])
def test_letters_tabs_and_line_breaks_are_text(text):
    refuse_control_characters(text)


def test_one_line_is_one_line():
    refuse_line_breaks("one line\n")
    for text in ("two\nlines", "two\rlines"):
        with pytest.raises(ValidationError):
            refuse_line_breaks(text)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ЗАСГИЙН ГАЗАР", "засгийн  газар"),
        ("Өнөөдөр", "єнєєдєр"),  # old files write є for ө
        ("Үндэсний", "їндэсний"),
        ("Straße", "STRASSE"),
        ("ﬁle №1", "FILE no1"),
    ],
)
def test_search_compares_alike(one, other):
    assert fold(one) == fold(other)


def test_search_keeps_different_letters_different():
    assert len({fold(letter) for letter in "еёоөуүЕЁОӨУҮ"}) == 6


def test_codes_are_in_the_order_of_their_numbers():
    codes = ["1.10", "3.3.1.2", "1.9", "10", "2", "3.3.1.10", "9a", "nap-10", "nap-9"]
    assert sorted(codes, key=code_sort_key) == [
        "1.9",
        "1.10",
        "2",
        "3.3.1.2",
        "3.3.1.10",
        "9a",
        "10",
        "nap-9",
        "nap-10",
    ]


def test_names_are_in_the_order_of_the_mongolian_alphabet():
    names = ["Яам", "Өмгөөлөгч", "Орон", "Ус", "Үйлдвэр", "Ёс", "Ерөнхий", "Жендэр", "Пресс", "OSF", "Азийн сан"]
    assert sorted(names, key=name_sort_key) == [
        "OSF",
        "Азийн сан",
        "Ерөнхий",
        "Ёс",
        "Жендэр",
        "Орон",
        "Өмгөөлөгч",
        "Пресс",
        "Ус",
        "Үйлдвэр",
        "Яам",
    ]


def test_plans_are_numbered_in_roman():
    assert [roman(number) for number in range(1, 15)] == [
        *("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII", "XIII", "XIV")
    ]


def test_a_field_stores_the_kept_form_whatever_way_the_value_came(db):
    organisation = OrganisationFactory(name_mn=" Тус\u0438\u0306лах ")
    Organisation.objects.filter(pk=organisation.pk).update(short_name=" Тус\u0438\u0306 ")
    organisation = Organisation.objects.get()
    assert (organisation.name_mn, organisation.short_name) == ("Тусйлах", "Тусй")


def test_a_line_refuses_line_breaks_and_prose_keeps_them():
    assert ProseField().clean("two\r\nlines", None) == "two\nlines"
    for field in (LineField(), ProseField()):
        with pytest.raises(ValidationError):
            field.clean("\x00", None)
    with pytest.raises(ValidationError):
        LineField().clean("two\nlines", None)


@pytest.mark.parametrize("words", ["ИЛ ТОД", "тод ил", "transparency", "TRANSPARENCY", "7.1"])
def test_search_finds_every_word_in_any_case_and_language(db, words):
    found = CommitmentFactory(code="7.1", title_en="Transparency", title_mn="Ил тод байдал")
    CommitmentFactory(code="8", title_en="Waste", title_mn="Хог хаягдал")
    assert list(type(found).objects.search(words)) == [found]


def test_search_wants_all_the_words(db):
    MilestoneFactory(title_en="Open data portal")
    assert not type(MilestoneFactory()).objects.search("open waste").exists()


def test_an_organisation_is_found_by_any_of_its_spellings(db):
    organisation = OrganisationFactory(name_en="Petroleum Authority", name_mn="Газрын тосны газар")
    OrganisationAliasFactory(organisation=organisation, name="МРАМ")
    OrganisationFactory(name_en="Petroleum Authority of Texas")
    for spelling in ("petroleum  AUTHORITY", "газрын тосны ГАЗАР", "мрам"):
        assert list(Organisation.objects.named(spelling)) == [organisation]
    assert not Organisation.objects.named("Petroleum").exists()
