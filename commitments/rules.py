"""Rules that several tables share, as database constraints with a message people understand."""

from collections.abc import Sequence
from typing import Any

from django.db.models import CheckConstraint, F, Q
from django.utils.translation import gettext_lazy as _


def one_language_filled(field: str, *, table: str) -> CheckConstraint:
    """At least one of ``<field>_en`` and ``<field>_mn`` has text."""
    return CheckConstraint(
        condition=~Q(**{f"{field}_en": ""}) | ~Q(**{f"{field}_mn": ""}),
        name=f"{table}_{field}_in_a_language",
        violation_error_message=_("Fill in the text in English, in Mongolian, or in both."),
    )


def moment_and_person(verb: str, *, table: str, copied: bool = False) -> CheckConstraint:
    """``<verb>_at`` and ``<verb>_by`` are both filled or both empty.

    ``copied``: a row copied from a document may have the moment alone, since nobody here did it.
    """
    both = Q(**{f"{verb}_at__isnull": False, f"{verb}_by__isnull": False})
    neither = Q(**{f"{verb}_at__isnull": True, f"{verb}_by__isnull": True})
    alone = Q(**{f"{verb}_at__isnull": False, f"{verb}_by__isnull": True, "source__isnull": False})
    return CheckConstraint(
        condition=(both | neither | alone) if copied else (both | neither),
        name=f"{table}_{verb}_at_and_by",
        violation_error_message=_("When something was done and who did it must be recorded together."),
    )


def in_order(first: str, last: str, *, table: str) -> CheckConstraint:
    """``first`` is not after ``last``, where both are known."""
    return CheckConstraint(
        condition=Q(**{f"{first}__isnull": True}) | Q(**{f"{last}__isnull": True}) | Q(**{f"{first}__lte": F(last)}),
        name=f"{table}_{first}_{last}",
        violation_error_message=_("The end cannot be before the start."),
    )


def exactly_one(fields: Sequence[str], *, table: str, name: str, message: Any) -> CheckConstraint:
    """Exactly one of the nullable columns is filled."""
    condition = Q()
    for chosen in fields:
        condition |= Q(**{f"{field}__isnull": field != chosen for field in fields})
    return CheckConstraint(condition=condition, name=f"{table}_{name}", violation_error_message=message)
