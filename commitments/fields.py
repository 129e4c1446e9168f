"""The two kinds of text that people write here. Both are plain text: escaped on the way out, checked on the way in."""

from typing import Any

from django.db import models

from commitments.text import normalise, refuse_control_characters, refuse_line_breaks


class _PlainText:
    """Stores NFC whatever way the value came in: form, API, command or fixture."""

    def to_python(self, value: Any) -> Any:
        value = super().to_python(value)  # type: ignore[misc]
        return normalise(value) if isinstance(value, str) else value

    def get_prep_value(self, value: Any) -> Any:
        value = super().get_prep_value(value)  # type: ignore[misc]
        return normalise(value) if isinstance(value, str) else value


class LineField(_PlainText, models.CharField):
    """One line of plain text."""

    default_validators = [refuse_control_characters, refuse_line_breaks]


class ProseField(_PlainText, models.TextField):
    """Paragraphs of plain text; line breaks are kept."""

    default_validators = [refuse_control_characters]
