"""The past of a record on one page: who changed what, when and why, before and after; nobody changes it."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import display_for_field, unquote
from django.contrib.admin.views.main import PAGE_VAR
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.core.paginator import Paginator
from django.forms.models import _get_foreign_key
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from simple_history.utils import get_m2m_reverse_field_name

from commitments.admin.versions import who_changed
from commitments.models import plan_of

ENTRIES_PER_PAGE = 50
EMPTY = "–"


@dataclass(frozen=True)
class Change:
    field: str
    old: str
    new: str


@dataclass(frozen=True)
class Entry:
    """One change of a record or of a row under it (``part``; empty for the record itself)."""

    moment: datetime.datetime
    who: str
    what: str
    part: str
    name: str  # of the row under the record
    reason: str
    changes: tuple[Change, ...]


@dataclass(frozen=True)
class Told:
    """One change of any row of a table, for a list of what happened lately."""

    model: Any
    pk: Any
    number: int  # of the history entry, within its table
    moment: datetime.datetime
    who: str
    what: str
    name: str  # of the row, as it was then
    reason: str


# What the verbs leave in a history, in the reader's words.
VERBS = {
    "opened": gettext_lazy("Opened"),
    "submitted": gettext_lazy("Submitted"),
    "returned": gettext_lazy("Returned"),
    "published": gettext_lazy("Published"),
    "superseded": gettext_lazy("Replaced by a correction"),
    "copied from the period before": gettext_lazy("Copied from the period before"),
}
KINDS = {"+": gettext_lazy("Created"), "~": gettext_lazy("Changed"), "-": gettext_lazy("Deleted")}


def tell(model: Any, number: int) -> list[Told]:
    """The newest changes of a table, newest first, in one query."""
    records = model.history.select_related("history_user")._select_related_history_tracked_objs()
    return [
        Told(
            model,
            getattr(record, model._meta.pk.attname),
            record.history_id,
            record.history_date,
            who_changed(record),
            *_what_and_why(record, name=_name(model, record)),
        )
        for record in records.order_by("-history_date", "-history_id")[:number]
    ]


def _what_and_why(record: Any, *, name: str | None = None) -> tuple[str, ...]:
    """What was done and why it was; with the row's name between them where one is given."""
    reason = record.history_change_reason or ""
    what, why = (str(VERBS[reason]), "") if reason in VERBS else (str(KINDS[record.history_type]), reason)
    return (what, why) if name is None else (what, name, why)


def read_story(row: Any, parts: Iterable[tuple[Any, str]] = ()) -> list[Entry]:
    """Every change of a row and of the rows under it, newest first.

    ``parts``: (model, column of its foreign key to the row). As many queries as there are tables, not rows.
    """
    entries = _entries(type(row), row.pk)
    for model, foreign_key in parts:
        entries += _entries(model, row.pk, foreign_key)
    return [entry for _key, entry in sorted(entries, key=lambda pair: pair[0], reverse=True)]


def _entries(model: Any, pk: Any, foreign_key: str = "") -> list[tuple[tuple, Entry]]:
    part = capfirst(str(model._meta.verbose_name)) if foreign_key else ""
    history = model.history.filter(**{foreign_key or model._meta.pk.attname: pk}).select_related("history_user")
    records = history._select_related_history_tracked_objs().order_by("history_id")
    before: dict[Any, Any] = {}
    entries = []
    for record in records:
        key = getattr(record, model._meta.pk.attname)
        previous = before.get(key)
        if previous is not None and record.history_type == "~":
            changes = difference(model, previous, record)
        else:
            changes = _values(model, record, foreign_key) if foreign_key else ()
        before[key] = record
        what, why = _what_and_why(record)
        entries.append(
            (
                (record.history_date, record.history_id),
                Entry(
                    moment=record.history_date,
                    who=who_changed(record),
                    what=what,
                    part=part,
                    name=_name(model, record) if part else "",
                    reason=why,
                    changes=changes,
                ),
            )
        )
    return entries


def _name(model: Any, record: Any) -> str:
    """A row's name as it was then, made of the row's columns and of what was read together with them."""
    fields = record.tracked_fields
    row = model(**{field.attname: getattr(record, field.attname) for field in fields})
    for field in fields:
        if field.is_relation and getattr(record, field.attname) is not None:
            try:
                setattr(row, field.name, getattr(record, field.name))
            except ObjectDoesNotExist:
                return ""
    return str(row)


def difference(model: Any, old: Any, new: Any, fields: Iterable[str] | None = None) -> tuple[Change, ...]:
    """What differs between two history entries, of one row or of two; ``fields``: all that people may write."""
    return tuple(
        Change(
            capfirst(str(model._meta.get_field(change.field).verbose_name)),
            _shown(model, change.field, change.old),
            _shown(model, change.field, change.new),
        )
        for change in new.diff_against(old, included_fields=fields, foreign_keys_are_objs=True).changes
    )


def _values(model: Any, record: Any, parent: str) -> tuple[Change, ...]:
    """What a row under the record said when it was made or deleted, but for the record that it stands under."""
    said = [
        (capfirst(str(field.verbose_name)), _shown(model, field.name, value))
        for field in record.tracked_fields
        if field.editable
        and not field.primary_key
        and field.attname != parent
        and (value := _value(record, field)) not in (None, "")
    ]
    deleted = record.history_type == "-"
    return tuple(Change(label, text if deleted else "", "" if deleted else text) for label, text in said)


def _value(record: Any, field: Any) -> Any:
    try:
        return getattr(record, field.name)
    except ObjectDoesNotExist:
        return getattr(record, field.attname)


def _shown(model: Any, name: str, value: Any) -> str:
    field = model._meta.get_field(name)
    if field.many_to_many:
        other = get_m2m_reverse_field_name(field)
        return ", ".join(str(link[other]) for link in value) or EMPTY
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return EMPTY if value is None else str(display_for_field(value, field, EMPTY, avoid_link=True))


class HistoryPage(admin.ModelAdmin):
    """Shows the story of a record instead of Django's own log. There is no way back to a version."""

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        row = self.get_object(request, unquote(object_id))
        if row is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)  # type: ignore[attr-defined]
        if not self.has_view_permission(request, row):
            raise PermissionDenied
        story = self.get_story(row)
        page = Paginator(story, ENTRIES_PER_PAGE).get_page(request.GET.get(PAGE_VAR))
        context = {
            **self.admin_site.each_context(request),
            "title": _("History"),
            "subtitle": str(row),
            "opts": self.opts,
            "object": row,
            "plan": plan_of(row),
            "page": page,
            "page_parameter": PAGE_VAR,
            **(extra_context or {}),
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "admin/record_history.html", context)

    def get_story(self, row: Any) -> list[Entry]:
        """What happened to the record, newest first."""
        return read_story(row, self._parts())

    def _parts(self) -> list[tuple[Any, str]]:
        """The tables under this record that have no page of their own."""
        return [
            (inline.model, _get_foreign_key(self.model, inline.model, inline.fk_name).attname)
            for inline in self.inlines
            if hasattr(inline.model, "history") and not self.admin_site.is_registered(inline.model)
        ]
