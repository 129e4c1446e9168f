"""Text as this record keeps it: plain, NFC, and comparable in Cyrillic on every database."""

import re
import unicodedata

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

# Letters that old Mongolian files use for Ө and Ү, because their fonts had no others.
LOOK_ALIKES = str.maketrans({"є": "ө", "ї": "ү", "ѳ": "ө", "ұ": "ү"})
MONGOLIAN_ALPHABET = "абвгдеёжзийклмноөпрстуүфхцчшщъыьэюя"


def normalise(value: str) -> str:
    """The form in which text is stored: NFC, line ends as ``\\n``, no blanks at either end."""
    return unicodedata.normalize("NFC", value.replace("\r\n", "\n").replace("\r", "\n")).strip()


def refuse_control_characters(value: str) -> None:
    """Raise ValidationError for anything but text, tabs and line breaks (NUL, surrogates, escape codes...)."""
    for character in value:
        if unicodedata.category(character) in {"Cc", "Cs", "Cn"} and character not in "\n\r\t":
            raise ValidationError(
                _("The text contains a character that cannot be stored (code %(code)s). Remove it and try again."),
                code="control_character",
                params={"code": f"U+{ord(character):04X}"},
            )


def refuse_line_breaks(value: str) -> None:
    if "\n" in value.strip() or "\r" in value.strip():
        raise ValidationError(_("This must be one line, without line breaks."), code="line_break")


def fold(value: str) -> str:
    """What search compares: case folded, look-alike letters of old files folded, blanks made single."""
    return " ".join(unicodedata.normalize("NFKC", value).casefold().translate(LOOK_ALIKES).split())


def code_sort_key(code: str) -> str:
    """A key that puts ``1.10`` after ``1.9``: every number padded to four places.

    >>> code_sort_key("3.3.1.10")
    '0003.0003.0001.0010'
    """
    return re.sub(r"\d+", lambda number: number.group().zfill(4), code.strip())


def name_sort_key(name: str) -> list[tuple[int, int | str]]:
    """A key in the order of the Mongolian alphabet: Ё after Е, Ө after О, Ү after У; Latin letters before Cyrillic."""
    return [
        (1, MONGOLIAN_ALPHABET.index(letter)) if letter in MONGOLIAN_ALPHABET else (0, letter) for letter in fold(name)
    ]


def roman(number: int) -> str:
    """Roman numerals, as plans are numbered.

    >>> [roman(number) for number in (1, 4, 9, 14)]
    ['I', 'IV', 'IX', 'XIV']
    """
    written = ""
    for value, numeral in ((10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I")):
        written += numeral * (number // value)
        number %= value
    return written
