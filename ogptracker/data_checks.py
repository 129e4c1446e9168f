"""What must hold for every row, checked against the rows themselves: constraints, and what no constraint can say.

Rows that came in another way than through forms and verbs (SQL, `queryset.update`, `loaddata`, a restored backup) are
what this is for.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.core.files.storage import default_storage
from django.db import models
from django.db.models.fields.files import FieldFile

from assessments.lifecycle import flags_in_force
from assessments.models import AnswerNumbers, CounterAssessment, Evidence, SelfAssessment
from assessments.models.subjects import Versioned
from commitments.models import Commitment, Milestone, Organisation, OrganisationAlias, plan_of
from commitments.models.searchable import Searchable
from commitments.text import code_sort_key, fold, normalise
from reports.models import ReportFile

APPS = ("commitments", "assessments", "reports")


@dataclass(frozen=True)
class Problem:
    """A broken row and what is wrong with it."""

    row: models.Model
    what: str

    def __str__(self) -> str:
        try:
            name = "/".join(self.row.natural_key()) if hasattr(self.row, "natural_key") else f"“{self.row}”"
        except (ObjectDoesNotExist, ValueError):
            name = "?"  # what it is named by is broken too
        return f"{self.row._meta.object_name} {name} (pk {self.row.pk}): {self.what}"


def checked_models() -> list[type[models.Model]]:
    """Our own tables, without those that keep their history."""
    return [
        model
        for label in APPS
        for model in apps.get_app_config(label).get_models()
        if not model.__name__.startswith("Historical")
    ]


def check_rows(model: type[models.Model]) -> Iterator[tuple[models.Model, list[Problem]]]:
    """Every row of a model with its problems, mostly none."""
    recorded = _last_recorded(model)
    for row in model._default_manager.order_by("pk").iterator(chunk_size=500):
        stored = {column.attname: getattr(row, column.attname) for column in model._meta.concrete_fields}
        problems = [
            *_unlike_its_history(row, stored, recorded),
            *_unnormalised(row, stored),
            *_wrongly_derived(row),
            *_wrong_version(row),
            *_wrong_answer(row),
            *_wrong_numbers(row),
            *_wrong_file(row),
            *_invented_in_earnest(row),
            *_invalid(row),  # last: it cleans the values of the row
        ]
        yield row, [Problem(row, what) for what in problems]


def check_flags() -> list[Problem]:
    """Assessments whose stored `is_current` or `is_latest` is not what the moments say."""
    problems = []
    for subject_model, column in ((Milestone, "milestone"), (Commitment, "commitment")):
        subjects: models.QuerySet[Any] = subject_model._default_manager.all()
        rated = subjects.filter(self_assessments__isnull=False) | subjects.filter(counter_assessments__isnull=False)
        for subject in rated.distinct():
            for model, flags in flags_in_force(subject).items():
                for row in model._default_manager.filter(**{column: subject}):
                    for flag, keys in flags.items():
                        if getattr(row, flag) != (row.pk in keys):
                            problems.append(Problem(row, f"{flag} is stored as {getattr(row, flag)}"))
    return problems


def _invalid(row: models.Model) -> Iterator[str]:
    """What the form, and the database's own constraints, would say."""
    try:
        row.full_clean()
    except ValidationError as error:
        for name, messages in error.message_dict.items():
            yield " ".join(messages) if name == "__all__" else f"{name}: {' '.join(messages)}"


def _last_recorded(model: type[models.Model]) -> dict[Any, dict[str, Any]] | None:
    """The values that the history of each row ends with, by primary key; None for a model without history."""
    history = getattr(model, "history", None)
    if history is None:
        return None
    names = [column.attname for column in history.model.tracked_fields]
    entries = history.order_by("history_date", "history_id").values(*names)
    return {entry[model._meta.pk.attname]: entry for entry in entries.iterator(chunk_size=2000)}


def _unlike_its_history(
    row: models.Model, stored: dict[str, Any], recorded: dict[Any, dict[str, Any]] | None
) -> Iterator[str]:
    """A row that was changed without a trace. An organisation's draft leaves none (design rule 8)."""
    if recorded is None or (isinstance(row, CounterAssessment) and row.state == CounterAssessment.State.DRAFT):
        return
    if row.pk not in recorded:
        yield "it has no history"
        return
    for name, value in recorded[row.pk].items():
        now = stored[name].name if isinstance(stored[name], FieldFile) else stored[name]
        if now != value:
            yield f"{name} is not what its history says it was made last"


def _unnormalised(row: models.Model, stored: dict[str, Any]) -> Iterator[str]:
    for name, value in stored.items():
        if isinstance(value, str) and value != normalise(value):
            yield f"{name}: the text is not in the form it is kept in (NFC, no blanks at its ends)"


def _wrongly_derived(row: models.Model) -> Iterator[str]:
    derived: dict[str, str] = {}
    if hasattr(row, "code_order"):
        derived["code_order"] = code_sort_key(row.code)  # type: ignore[attr-defined]
    if isinstance(row, Searchable):
        derived["search_text"] = row.searched_words()
    if isinstance(row, Organisation):
        derived |= {"folded_en": fold(row.name_en), "folded_mn": fold(row.name_mn)}
    if isinstance(row, OrganisationAlias):
        derived["folded"] = fold(row.name)
    for name, value in derived.items():
        if getattr(row, name) != value:
            yield f"{name} is not what saving the row would make it"


def _wrong_version(row: Any) -> Iterator[str]:
    """Versions follow each other on one subject, and the earlier one ends when the later one is published."""
    if not issubclass(type(row), Versioned):
        return
    earlier = row.supersedes
    if earlier is not None:
        if row.version != earlier.version + 1:
            yield f"version {row.version} supersedes version {earlier.version}"
        same = ("milestone_id", "commitment_id", "period_id", "organisation_id", "counter_assessment_id")
        if any(getattr(row, name, None) != getattr(earlier, name, None) for name in same):
            yield f"it supersedes pk {earlier.pk}, which is about something else"
    later = getattr(row, "superseded_by", None)
    if row.superseded_at and row.published_at is None:
        if later is None or later.submitted_at is None:
            yield "it was replaced before it was published, and no later version was sent"
        return
    while later is not None and later.published_at is None:
        later = getattr(later, "superseded_by", None)  # one that was withdrawn before it was published, say
    ends_at = later.published_at if later is not None else None
    # What was withdrawn or withheld has ended already, and need not end again.
    ended_otherwise = row.superseded_at is None and getattr(row, "state", "") != "published"
    if row.superseded_at != ends_at and not ended_otherwise:
        yield f"superseded_at is {row.superseded_at}, and the version after it was published at {ends_at}"


def _wrong_answer(row: models.Model) -> Iterator[str]:
    if not isinstance(row, CounterAssessment) or row.answers is None:
        return
    answered: SelfAssessment = row.answers
    if (answered.milestone_id, answered.commitment_id, answered.period_id) != (
        row.milestone_id,
        row.commitment_id,
        row.period_id,
    ):
        yield "it answers a rating of another subject or period"
    if row.answered_rating != answered.rating:
        yield f"answered_rating is {row.answered_rating}, and the rating it answers is {answered.rating}"


def _wrong_numbers(row: models.Model) -> Iterator[str]:
    """Reference numbers that a year has not given out, and would give out again."""
    if not isinstance(row, AnswerNumbers):
        return
    given = CounterAssessment.objects.filter(reference_number__startswith=f"CA-{row.year}-")
    beyond = [
        number
        for number in given.order_by("reference_number").values_list("reference_number", flat=True)
        if number and int(number.rpartition("-")[2]) > row.last
    ]
    if beyond:
        yield f"reference numbers beyond the last one given out: {', '.join(beyond)}"


def _invented_in_earnest(row: Any) -> Iterator[str]:
    """An organisation of a demonstration that has got into a real plan, in whatever part."""
    plan = plan_of(row)
    if plan is None or plan.is_demonstration:
        return
    named = [row.organisation] if getattr(row, "organisation_id", None) else []
    if isinstance(row, Milestone):
        named += row.agencies.filter(is_demonstration=True)
    for organisation in named:
        if organisation.is_demonstration:
            yield f"it is of a real plan, and names the invented organisation {organisation.slug}"


def _wrong_file(row: models.Model) -> Iterator[str]:
    """A file that is not the one whose checksum was taken. A missing file is the business of backups, not of rows."""
    name = row.file.name if isinstance(row, Evidence | ReportFile) and row.file else None
    if name is None or not default_storage.exists(name):
        return
    with default_storage.open(name) as content:
        if hashlib.file_digest(content, "sha256").hexdigest() != row.sha256:  # type: ignore[attr-defined]
            yield f"the file {name} is not the one whose SHA-256 is recorded"
