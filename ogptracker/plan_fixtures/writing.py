"""Brings the records of the files into the database, as a person would: checked, one by one, with history.

- What is missing is created.
- What differs from the file is updated, as long as nobody has changed it here: the newest entry of its history bears
  the reason `load_plans`. Otherwise it is left, and listed.
- What was here and has been deleted, or has got another code, is not made again; it is listed too.
- Nothing is deleted, and a row that agrees with its file gets no entry in its history.

Ratings and answers go through `lifecycle.publish_transcribed`. A published row is not edited in place when the record
changes (design rule 6.7); but a file that has changed mends the transcription, not the record: what the document says
stays the same. So an untouched transcribed row is mended in place, and its history keeps the earlier reading.
"""

from __future__ import annotations

import datetime
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db import models, transaction
from django.utils import timezone

from assessments import lifecycle
from assessments.models import CounterAssessment, ReportingPeriod, SelfAssessment, day_start
from commitments.models import ActionPlan
from ogptracker.plan_fixtures.reading import Record

REASON = "load_plans"
TRANSCRIBED = (SelfAssessment, CounterAssessment)


@dataclass
class Outcome:
    """What loading did, by model."""

    created: Counter[type[models.Model]] = field(default_factory=Counter)
    updated: Counter[type[models.Model]] = field(default_factory=Counter)
    unchanged: Counter[type[models.Model]] = field(default_factory=Counter)
    left: list[str] = field(
        default_factory=list
    )  # rows that somebody changed or removed, with their place in the files


@transaction.atomic
def write(records: list[Record]) -> Outcome:
    """Bring all records in, or none: `UnreadableFile` says which one is refused, and why."""
    writer = _Writer()
    for record in records:
        writer.write(record, parent=None, plan=None)
    return writer.outcome


class _Writer:
    def __init__(self) -> None:
        self.outcome = Outcome()
        self.referred: dict[tuple[type[models.Model], str], models.Model] = {}
        self.place_of: dict[models.Model, str] = {}

    def write(self, record: Record, *, parent: models.Model | None, plan: ActionPlan | None) -> None:
        table = record.table
        values, many = self._resolved(record, plan)
        if parent is not None:
            values[table.parent] = parent
        values |= self._derived(record, values)
        key = _key(record, values)
        rows = table.model._default_manager.filter(**key).order_by("pk")
        row = rows.select_for_update(of=("self",)).first()
        if row is None:
            if table.history.filter(**key).exists():
                self.outcome.left.append(f"{record.place}: deleted, or known by another code now")
                return
            row = table.model(**values)
            self._keep(row, many, record)
            self.outcome.created[table.model] += 1
        elif row in self.place_of:
            raise record.wrong(", ".join(table.key), f"this is the same record as {self.place_of[row]}.")
        elif not _differs(row, values, many):
            self.outcome.unchanged[table.model] += 1
        elif not _untouched(row, record):
            self.outcome.left.append(f"{record.place}: {row._meta.verbose_name} “{row}”")
        else:
            for name, value in values.items():
                setattr(row, name, value)
            self._keep(row, many, record)
            self.outcome.updated[table.model] += 1
        self.place_of[row] = record.place
        if isinstance(row, ActionPlan):
            plan = row
        for child in record.children:
            self.write(child, parent=row, plan=plan)

    def _keep(self, row: models.Model, many: dict[str, list[models.Model]], record: Record) -> None:
        row._change_reason = REASON  # type: ignore[attr-defined]
        try:
            if isinstance(row, TRANSCRIBED):
                lifecycle.publish_transcribed(row, on=_published_on(row), reason=REASON)
            else:
                row.full_clean()
                row.save()
        except ValidationError as error:
            keys = {column.name: key for key, column in record.table.fields.items()}
            problems = error.message_dict if hasattr(error, "error_dict") else {"__all__": error.messages}
            name, messages = next(iter(problems.items()))
            raise record.wrong(keys.get(name, "the record"), " ".join(messages)) from error
        for name, related in many.items():
            getattr(row, name).set(related)

    def _resolved(
        self, record: Record, plan: ActionPlan | None
    ) -> tuple[dict[str, Any], dict[str, list[models.Model]]]:
        """The values with rows in place of words, and the rows of each many-to-many field."""
        values: dict[str, Any] = {}
        many: dict[str, list[models.Model]] = {}
        for key, column in record.table.fields.items():
            value = record.values[column.name]
            if column.many_to_many:
                many[column.name] = [self._referred(record, key, column, word, plan) for word in value]
            elif column.is_relation and value is not None:
                values[column.name] = self._referred(record, key, column, value, plan)
            else:
                values[column.name] = value
        if record.table.numbered:
            values["position"] = record.values["position"]
        return values, many

    def _referred(
        self, record: Record, key: str, column: models.Field, word: str, plan: ActionPlan | None
    ) -> models.Model:
        """The row that a word names: a slug or code, ``nap-4/1`` for a part of another plan."""
        model: Any = column.related_model
        of_plan = any(other.name == "plan" for other in model._meta.fields)
        name = f"{plan.slug}/{word}" if of_plan and plan and "/" not in word else word
        if (model, name) not in self.referred:
            try:
                self.referred[model, name] = model._default_manager.get_by_natural_key(
                    *(name.split("/", 1) if of_plan else [name])
                )
            except (ObjectDoesNotExist, TypeError) as error:
                what = model._meta.verbose_name
                raise record.wrong(key, f"there is no {what} “{word}” in the files before this place.") from error
        return self.referred[model, name]

    def _derived(self, record: Record, values: dict[str, Any]) -> dict[str, Any]:
        """What a row holds beyond the words of its file."""
        model = record.table.model
        if model is ActionPlan:
            return {"published_at": day_start(_plan_published_on(record, values))}
        if model is ReportingPeriod and (day := record.dates["published_on"]):
            return {"published_at": day_start(day)}
        if not issubclass(model, TRANSCRIBED):
            return {}
        period = values["period"]
        if period is None:
            raise record.wrong("period", "a rating names the period it is of.")
        if period.published_at is None:
            raise record.wrong("period", f"{period.code} has ratings, so it needs the day they were published on.")
        derived: dict[str, Any] = {"version": 1, "transcribed": True, "state": model.State.PUBLISHED}
        day = values.get("stated_on") if model is CounterAssessment else None
        derived["published_at"] = day_start(day) if day else period.published_at
        if model is CounterAssessment:
            subject = {name: values[name] for name in ("milestone", "commitment") if name in values}
            answered = SelfAssessment.objects.filter(**subject, period=period, version=1).first()
            derived |= {"answers": answered, "answered_rating": answered.rating if answered else None}
        return derived


def _key(record: Record, values: dict[str, Any]) -> dict[str, Any]:
    """Conditions that find the record's row; an empty relation or date matches rows without one."""
    table = record.table
    names = [*filter(None, [table.parent]), *table.key]
    if table.key_unnamed and values["organisation"] is None:
        names += table.key_unnamed
    conditions: dict[str, Any] = {}
    for name in names:
        if values[name] is None:
            conditions[f"{name}__isnull"] = True
        else:
            conditions[name] = values[name]
    return conditions


def _untouched(row: models.Model, record: Record) -> bool:
    """Whether loading was the last to write the row."""
    newest = record.table.history.filter(id=row.pk).first()
    return newest is not None and newest.history_change_reason == REASON


def _differs(row: models.Model, values: dict[str, Any], many: dict[str, list[models.Model]]) -> bool:
    for name, value in values.items():
        column = row._meta.get_field(name)
        stored = getattr(row, column.attname)  # type: ignore[union-attr]
        if stored != (getattr(value, "pk", None) if column.is_relation else value):
            return True
    return any(
        set(getattr(row, name).values_list("pk", flat=True)) != {related.pk for related in rows}
        for name, rows in many.items()
    )


def _plan_published_on(record: Record, values: dict[str, Any]) -> datetime.date:
    """The day since which the plan counts as public here.

    Its adoption, where the sources date it. Else the day of what was copied: of the first ratings, then of the
    document. Without any of them the plan's first day, since a plan that runs is no secret.
    """
    periods = [child for child in record.children if child.table.model is ReportingPeriod]
    published = [day for period in periods if (day := period.dates["published_on"])]
    source = values["source"]
    return (
        values["adopted_on"]
        or min(published, default=None)
        or (source.published_on if source else None)
        or values["starts_on"]
    )


def _published_on(row: SelfAssessment | CounterAssessment) -> datetime.date:
    """An answer is public since the day it bears; what bears none, since the period was published."""
    stated = row.stated_on if isinstance(row, CounterAssessment) else None
    return stated or timezone.localdate(row.period.published_at, timezone.get_default_timezone())
