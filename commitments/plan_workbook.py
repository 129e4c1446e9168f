"""A whole plan as a workbook: the template that people fill in, and an existing plan in the same form.

One sheet each for the plan, its themes, commitments and milestones; a column for each field. What a cell says of a
record is decided here, in both directions of the round trip.
"""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from commitments.models import ActionPlan, Commitment, Involvement, Milestone, Organisation, PolicyArea, Theme
from commitments.text import fold
from commitments.workbooks import (
    Column,
    add_instructions,
    add_table,
    in_both,
    in_both_languages,
    new_workbook,
    to_bytes,
)

SOURCE = ("source", "source_place")
ROLES = tuple(Involvement.Role.values)
YES_NO = (("true", _("yes")), ("false", _("no")))


@dataclass(frozen=True)
class PlanSheet:
    model: Any
    names: tuple[str, str]
    columns: tuple[Column, ...]
    key: str  # the field that finds a row again

    def column(self, key: str) -> Column:
        return next(column for column in self.columns if column.key == key)


@functools.cache
def plan_sheets() -> tuple[PlanSheet, ...]:
    """The sheets in the order in which they are read."""
    return (
        PlanSheet(
            ActionPlan,
            in_both_languages(_("Plan")),
            _columns(
                ActionPlan,
                "slug number title_en title_mn starts_on ends_on rating_scale adopted_on adopted_by_en adopted_by_mn "
                "making_en making_mn coverage coverage_note_en coverage_note_mn predecessor",
            ),
            "slug",
        ),
        PlanSheet(Theme, _plural(Theme), _columns(Theme, "code kind title_en title_mn"), "code"),
        PlanSheet(
            Commitment,
            _plural(Commitment),
            _columns(
                Commitment,
                "code theme title_en title_mn lead supporting_government civil_society other "
                "adopted_wording_en adopted_wording_mn brief_description_en brief_description_mn problem_en problem_mn "
                "main_objective_en main_objective_mn description_en description_mn relevance_en relevance_mn "
                "ambition_en ambition_mn value_access_to_information value_civic_participation "
                "value_public_accountability value_technology policy_areas starts_on ends_on end_date_text "
                "next_steps_en next_steps_mn carried_over_from ogp_identifier",
            ),
            "code",
        ),
        PlanSheet(
            Milestone,
            _plural(Milestone),
            _columns(
                Milestone,
                "commitment code title_en title_mn expected_output_en expected_output_mn due_text starts_on ends_on "
                "agencies note_en note_mn",
            ),
            "code",
        ),
    )


def list_sheets() -> tuple[tuple[str, str], ...]:
    """Names of the sheets that are there to be read by people: instructions, organisations, policy areas."""
    return in_both_languages(_("Instructions")), _plural(Organisation), _plural(PolicyArea)


def _plural(model: Any) -> tuple[str, str]:
    english, mongolian = in_both_languages(model._meta.verbose_name_plural)
    return capfirst(english), capfirst(mongolian)


def _columns(model: Any, fields: str) -> tuple[Column, ...]:
    return tuple(_column(model, key) for key in (*fields.split(), *SOURCE))


def _column(model: Any, key: str) -> Column:
    field = None if key in ROLES else model._meta.get_field(key)
    label = Involvement.Role(key).label if field is None else field.verbose_name
    english, mongolian = in_both_languages(label)
    width = 16
    if key in ROLES or isinstance(field, models.TextField | models.ManyToManyField) or key.startswith("title"):
        width = 40
    elif key.endswith(("_en", "_mn")):
        width = 28
    return Column(
        key,
        (capfirst(english), capfirst(mongolian)),
        width=width,
        is_required=key in {"slug", "code", "commitment"},
        choices=tuple(in_both(label) for _code, label in choices_of(field)),
    )


def choices_of(field: Any) -> Sequence[tuple[str, Any]]:
    """What a cell of the field may say, besides nothing."""
    if isinstance(field, models.BooleanField):
        return YES_NO
    return [(code, label) for code, label in getattr(field, "flatchoices", ()) if code]


def plan_workbook(plan: ActionPlan | None = None) -> bytes:
    """The workbook of a plan; without one, the empty template."""
    book = new_workbook()
    instructions, organisations, policy_areas = list_sheets()
    add_instructions(book, instructions, [in_both_languages(text) for text in INSTRUCTIONS])
    names = OrganisationNames()
    for sheet in plan_sheets():
        records = records_of(sheet.model, plan) if plan else ()
        add_table(
            book,
            sheet.names,
            sheet.columns,
            (texts_of(record, sheet, names) for record in records),
            frozen=1 if sheet.model is ActionPlan else 2,
            grows=sheet.model is not ActionPlan or plan is None,
        )
    add_table(book, organisations, _list_columns(Organisation, "name_en name_mn short_name slug"), names.rows())
    areas = PolicyArea.objects.values("code", "name_en", "name_mn")
    add_table(book, policy_areas, _list_columns(PolicyArea, "code name_en name_mn"), areas)
    return to_bytes(book)


def _list_columns(model: Any, fields: str) -> list[Column]:
    columns = []
    for key in fields.split():
        english, mongolian = in_both_languages(model._meta.get_field(key).verbose_name)
        columns.append(Column(key, (capfirst(english), capfirst(mongolian)), width=40, is_locked=True))
    return columns


def records_of(model: Any, plan: ActionPlan) -> Any:
    """The plan's rows of one sheet, in its order, with what their cells say."""
    if model is ActionPlan:
        return ActionPlan.objects.filter(pk=plan.pk).select_related("source", "predecessor")
    if model is Theme:
        return Theme.objects.filter(plan=plan).select_related("source")
    if model is Commitment:
        rows = Commitment.objects.filter(plan=plan).select_related("source", "theme", "carried_over_from__plan")
        return rows.prefetch_related("policy_areas", "involvements__organisation")
    milestones = Milestone.objects.filter(commitment__plan=plan).select_related("source", "commitment")
    return milestones.prefetch_related("agencies")


def texts_of(record: Any, sheet: PlanSheet, names: OrganisationNames) -> dict[str, str]:
    """A record as the cells of its row."""
    return {column.key: _text_of(record, column.key, names) for column in sheet.columns}


def _text_of(record: Any, key: str, names: OrganisationNames) -> str:
    if key in ROLES:
        rows = [row for row in record.involvements.all() if row.role == key]
        rows.sort(key=lambda row: (row.position, row.pk))
        return "\n".join(names.name(row.organisation) if row.organisation else f"“{row.as_printed}”" for row in rows)
    field = record._meta.get_field(key)
    if field.many_to_many:
        others = getattr(record, key).all()
        return "\n".join(names.name(other) if isinstance(other, Organisation) else other.code for other in others)
    value = getattr(record, key)
    if value is None or value == "":
        return ""
    if field.is_relation:
        return (
            f"{value.plan.slug}/{value.code}" if isinstance(value, Commitment) and key != "commitment" else _key(value)
        )
    if choices := choices_of(field):
        code = str(value).lower() if isinstance(value, bool) else value
        return in_both(dict(choices)[code])
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _key(record: Any) -> str:
    return record.code if hasattr(record, "code") else record.slug


class OrganisationNames:
    """How a workbook names each organisation: by its name where nobody else has it, else by its slug."""

    def __init__(self) -> None:
        self.organisations = list(Organisation.objects.prefetch_related("aliases"))
        self._taken = Counter(spelling for each in self.organisations for spelling in self.spellings(each))

    @staticmethod
    def spellings(organisation: Organisation) -> set[str]:
        """Folded: names in both languages, and aliases."""
        names = {organisation.folded_en, organisation.folded_mn} | {each.folded for each in organisation.aliases.all()}
        return names - {""}

    def name(self, organisation: Organisation) -> str:
        name = organisation.name_en or organisation.name_mn
        return name if self._taken[fold(name)] < 2 and "\n" not in name and ";" not in name else organisation.slug

    def rows(self) -> Iterator[dict[str, str]]:
        for each in self.organisations:
            yield {key: getattr(each, key) for key in ("name_en", "name_mn", "short_name", "slug")}


INSTRUCTIONS = (
    _("A plan as a workbook"),
    _("One row each for the plan, its themes, its commitments and its milestones, on the sheets of these names."),
    _("Columns may stand in any order or be left out. A column that is left out leaves the record as it is; an empty "
      "cell in a column that is there empties the field."),
    _("A code finds its record again: the same file brought in twice changes nothing. A new code makes a new record. "
      "Nothing is ever deleted."),
    _("Write text in English, in Mongolian, or in both. At least one of the two titles is needed."),
    _("Dates are written as 2024-01-31. What the plan prints as a date (“2024-2025”) stands in the columns “as "
      "printed”."),
    _("Organisations stand by name, one a line or separated by semicolons, as on the sheet of organisations. An "
      "organisation that is not there is entered on the site first. What the plan prints without naming a body stands "
      "in quotation marks: “NGOs”."),
    _("A commitment of an earlier plan is named by plan and code: nap-4/3. Policy areas stand by code, one a line."),
    _("A formula is refused: put its value there. Text that begins with an equals sign stays text."),
    _("Nothing is written before somebody has seen every difference and confirmed it."),
)  # fmt: skip
