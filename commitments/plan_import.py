"""Brings a plan's workbook into the record: each row through the form that the admin shows, all of them or none.

A preview is the import itself, rolled back: what it shows is what confirming writes.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from commitments.admin.plan_parts import PlanTextForm, may_write, why_read_only
from commitments.admin.versions import VersionedForm, with_stored_version
from commitments.models import (
    ActionPlan,
    Commitment,
    Involvement,
    Milestone,
    Organisation,
    PolicyArea,
    SourceDocument,
    Theme,
)
from commitments.plan_workbook import (
    ROLES,
    OrganisationNames,
    PlanSheet,
    choices_of,
    list_sheets,
    plan_sheets,
    records_of,
    texts_of,
)
from commitments.text import fold
from commitments.workbooks import (
    Change,
    Preview,
    Problem,
    ReadWorkbook,
    Refused,
    Row,
    RowChange,
    Upload,
    carry_out,
    code_of,
    read_workbook,
    roll_back,
)

_PRINTED = re.compile(r"[“”\"«](.+)[“”\"»]")
_NOT_SAID_YET = "-"  # a preview asks for no reason; confirming does
_PLAN_PATH = {ActionPlan: "", Milestone: "commitment__plan"}


def preview_plan(upload: Upload, *, by: Any) -> Preview:
    """What importing the file would do. Raises ValidationError for a file that is no workbook."""
    book = read_workbook(upload.content)
    return roll_back(lambda: _Importer(upload, by=by, reason=_NOT_SAID_YET).run(book))


def import_plan(upload: Upload, *, by: Any, reason: str = "", confirmed: str | None = None) -> Preview:
    """Write the file, and answer what was written.

    ``confirmed``: the fingerprint of the preview that somebody said yes to. Raises ValidationError for a file that is
    no workbook, and `Refused` where it has problems or the record is not the one of the preview any more.
    """
    book = read_workbook(upload.content)
    try:
        return carry_out(lambda: _Importer(upload, by=by, reason=reason).run(book), confirmed)
    except IntegrityError:
        # Somebody saved the same code in the same moment: the second reading finds it and says so.
        raise Refused(preview_plan(upload, by=by)) from None


class _Importer:
    def __init__(self, upload: Upload, *, by: Any, reason: str) -> None:
        self.by, self.reason = by, reason
        self.written_reason = upload.reason("" if reason == _NOT_SAID_YET else reason)
        self.preview = Preview()
        self.names = OrganisationNames()
        self.plan: ActionPlan | None = None
        self._form_classes: dict[Any, Any] = {}

    def run(self, book: ReadWorkbook) -> Preview:
        sheets = plan_sheets()
        tables = {}
        for sheet in sheets:
            if sheet.model is Theme and book.sheet(sheet.names) is None:
                continue
            table = tables[sheet] = book.table(sheet.names, sheet.columns)
            self.preview.problems += table.problems
            self.preview.warnings += [
                Problem(book.sheet(sheet.names).title, 0, heading.replace("\n", " - "), _("This column is not read."))  # type: ignore[union-attr]
                for heading in table.unread
            ]
        known = [*(sheet.names for sheet in sheets), *list_sheets()]
        self.preview.warnings += [
            Problem(title, 0, "", _("This sheet is not read.")) for title in book.unread_sheets(known)
        ]
        if all(table.is_readable for table in tables.values()) and self._begin(tables[sheets[0]].rows, sheets[0], book):
            for sheet, table in tables.items():
                self._write_sheet(sheet, table.rows, book.sheet(sheet.names).title)  # type: ignore[union-attr]
            order = [book.sheet(sheet.names).title for sheet in tables]  # type: ignore[union-attr]
            self.preview.problems.sort(key=lambda problem: (order.index(problem.sheet), problem.row))
        return self.preview

    def _begin(self, rows: Sequence[Row], sheet: PlanSheet, book: ReadWorkbook) -> bool:
        """Find the plan and lock it; False where nothing more is to be read."""
        title = book.sheet(sheet.names).title  # type: ignore[union-attr]
        if len(rows) != 1:
            self.problem(title, 0, "", _("This sheet names one plan, in one row."))
            return False
        slug = rows[0].texts["slug"]
        self.plan = ActionPlan.objects.select_for_update(of=("self",)).filter(slug=slug).first()
        self.preview.about = str(self.plan) if self.plan else slug
        self.preview.versions = self._versions()
        refusal = self._refusal()
        if refusal:
            self.problem(title, 0, "", refusal)
        return not refusal

    def _refusal(self) -> str:
        """Why this user may not write the plan, or not yet; a command without a user writes drafts only."""
        if self.by is not None and not may_write(self.by, None):
            return _("The support unit alone writes plans.")
        if self.plan is None or not self.plan.is_published:
            return ""
        self.preview.needs_reason = True
        if not may_write(self.by, self.plan):
            return why_read_only()
        return "" if self.reason else _("This plan is published: say why it is amended.")

    def _rows_of(self, model: Any) -> Any:
        """What the plan has of one sheet."""
        return with_stored_version(records_of(model, self.plan)) if self.plan else model._default_manager.none()

    def _versions(self) -> list[Any]:
        """Key and newest history entry of everything that is compared."""
        if self.plan is None:
            return []
        tables = [self._rows_of(sheet.model) for sheet in plan_sheets()]
        tables.append(with_stored_version(Involvement.objects.filter(commitment__plan=self.plan)))
        return [list(rows.order_by("pk").values_list("pk", "stored_version")) for rows in tables]

    def _write_sheet(self, sheet: PlanSheet, rows: Sequence[Row], title: str) -> None:
        stored = {getattr(record, sheet.key): record for record in self._rows_of(sheet.model)}
        seen: dict[str, int] = {}
        for row in rows:
            code = row.texts[sheet.key]
            if code and code in seen:
                sentence = _("This stands in row %(number)d already.") % {"number": seen[code]}
                self.problem(title, row.number, sheet.column(sheet.key).label, sentence)
                continue
            seen[code] = row.number
            record = stored.get(code)
            if record is None:
                record = sheet.model(plan=self.plan) if sheet.model in {Theme, Commitment} else sheet.model()
            _RowWriter(self, sheet, title, row, record).write()
        missing = [record for code, record in stored.items() if code not in seen]
        self.preview.kept += [f"{capfirst(record._meta.verbose_name)} {record}" for record in missing]

    def form_class(self, model: Any, fields: list[str]) -> Any:
        """The form that the admin shows, with these fields, for this user."""
        key = (model, *fields)
        if key not in self._form_classes:
            made: Any = forms.modelform_factory(model, form=PlanTextForm, fields=fields)
            made.user, made.plan_path = self.by, _PLAN_PATH.get(model, "plan")
            self._form_classes[key] = made
        return self._form_classes[key]

    def problem(self, sheet: str, row: int, column: str, text: str) -> None:
        self.preview.problems.append(Problem(sheet, row, column, text))


class _RowWriter:
    """One row of the file, and the record that it makes or changes."""

    def __init__(self, importer: _Importer, sheet: PlanSheet, title: str, row: Row, record: Any) -> None:
        self.importer, self.sheet, self.title, self.row, self.record = importer, sheet, title, row, record
        self.is_new = record.pk is None
        self.unfound: dict[str, str] = {}  # problems of cells that name something, by key

    def write(self) -> None:
        names = self.importer.names
        before = {} if self.is_new else texts_of(self.record, self.sheet, names)
        form = self._form()
        involved = self._new_involvements() if self.sheet.model is Commitment else []
        if self.unfound or form.has_changed() or self.is_new or involved:
            valid = form.is_valid()
            self._report(form)
            if not valid or self.unfound:
                self._stand_in()
                return
            self._save(form)
            for involvement in involved:
                self._save_involvement(involvement)
        changed = {*form.changed_data, *(involvement["role"] for involvement in involved)}
        if not self.is_new and not changed:
            self.importer.preview.unchanged += 1
            return
        self.record = self.sheet.model._default_manager.get(pk=self.record.pk)
        after = texts_of(self.record, self.sheet, names)
        changes = tuple(
            Change(column.label, before.get(column.key, ""), after[column.key])
            for column in self.sheet.columns
            if (after[column.key] if self.is_new else column.key in changed)
        )
        row_change = RowChange(self.title, self.row.number, str(self.record), self.is_new, changes)
        self.importer.preview.changes.append(row_change)
        if isinstance(self.record, ActionPlan):
            self.importer.plan = self.record
            self.importer.preview.about = str(self.record)

    def _stand_in(self) -> None:
        """A bare record in place of a new one with problems, so that the rows under it can be read for theirs.

        With a problem nothing is kept, and this neither.
        """
        if not self.is_new or self.sheet.model is Milestone:
            return
        code = self.row.texts[self.sheet.key][:30]
        if self.sheet.model is ActionPlan:
            today = timezone.localdate()
            self.importer.plan = ActionPlan.objects.create(slug="", title_en="-", starts_on=today, ends_on=today)
        else:
            self.sheet.model(plan=self.importer.plan, code=code, title_en="-").save()

    def _form(self) -> Any:
        model = self.sheet.model
        keys = [column.key for column in self.sheet.columns if column.key in self.row.texts and column.key not in ROLES]
        values = {key: self._value(key, self.row.texts[key]) for key in keys}
        if model is Milestone and not self.is_new:
            self._refuse_moving(values.pop("commitment", None))
            keys.remove("commitment")
        if model in {Theme, Commitment} and self.is_new:
            keys.append("plan")
            values["plan"] = self.record.plan.pk
        values["change_reason"] = self.importer.reason
        values["opened_version"] = getattr(self.record, "stored_version", None) or 0
        return self.importer.form_class(model, keys)(values, instance=self.record)

    def _refuse_moving(self, commitment: Any) -> None:
        if commitment is not None and commitment != self.record.commitment_id:
            self.unfound["commitment"] = _("The milestone stands under commitment %(code)s; it never moves.") % {
                "code": self.record.commitment.code
            }

    def _value(self, key: str, text: str) -> Any:
        """A cell as the form takes it: keys of rows for what it names, codes for labels."""
        field = self.sheet.model._meta.get_field(key)
        if field.many_to_many:
            find = self._organisation if field.related_model is Organisation else self._policy_area
            found = [self._found(key, find, word) for word in _words(text)]
            return [record.pk for record in found if record is not None]
        if field.is_relation:
            named = self._found(key, _FINDERS[key], text, self.importer.plan) if text else None
            return named.pk if named is not None else ""
        choices = choices_of(field)
        if choices and text:
            return self._found(key, _choice, text, choices)
        return "unknown" if isinstance(field, models.BooleanField) else text

    def _found(self, key: str, find: Callable[..., Any], *words: Any) -> Any:
        try:
            return find(*words)
        except ValidationError as error:
            self.unfound[key] = " ".join(filter(None, [self.unfound.get(key), *error.messages]))
            return None

    def _organisation(self, name: str) -> Organisation:
        found = list(Organisation.objects.named(name)[:3]) or list(Organisation.objects.filter(slug=name))
        if len(found) == 1:
            return found[0]
        if found:
            slugs = ", ".join(each.slug for each in found)
            raise ValidationError(
                _("Several organisations are called “%(name)s”. Write which one: %(slugs)s.")
                % {"name": name, "slugs": slugs}
            )
        near = self._near(name)
        sentence = _("There is no organisation “%(name)s”.") % {"name": name}
        if near:
            sentence += " " + _("The nearest names: %(names)s.") % {"names": "; ".join(near)}
        raise ValidationError(sentence)

    def _near(self, name: str) -> list[str]:
        names = self.importer.names
        spelled = {spelling: each for each in names.organisations for spelling in names.spellings(each)}
        close = difflib.get_close_matches(fold(name), spelled, n=6, cutoff=0.6)
        return list(dict.fromkeys(names.name(spelled[spelling]) for spelling in close))[:3]

    def _policy_area(self, word: str) -> PolicyArea:
        for area in PolicyArea.objects.all():
            if fold(word) in {fold(area.code), fold(area.name_en), fold(area.name_mn)}:
                return area
        raise ValidationError(_("There is no policy area “%(name)s”.") % {"name": word})

    def _new_involvements(self) -> list[dict[str, Any]]:
        """Those of the file that the record has not; those of the record that the file has not are kept, and named."""
        there = list(self.record.involvements.select_related("organisation")) if self.record.pk else []
        new: list[dict[str, Any]] = []
        for role in (role for role in ROLES if role in self.row.texts):
            rows = [row for row in there if row.role == role]
            position = max((row.position for row in rows), default=-1)
            named = set()
            for word in _words(self.row.texts[role]):
                printed = _PRINTED.fullmatch(word)
                organisation = None if printed else self._found(role, self._organisation, word)
                if printed is None and organisation is None:
                    continue
                key = (organisation.pk if organisation else None, "" if organisation else printed[1])  # type: ignore[index]
                if key in named:
                    self.unfound[role] = _("“%(name)s” stands there twice.") % {"name": word}
                named.add(key)
                if not any(_involved(row) == key for row in rows):
                    position += 1
                    new.append({"role": role, "position": position, "organisation": key[0] or "", "as_printed": key[1]})
            self.importer.preview.kept += [
                f"{self.record}: {Involvement.Role(role).label}, {row}" for row in rows if _involved(row) not in named
            ]
        return new

    def _report(self, form: Any) -> None:
        """What is wrong with the row, in the order of its columns, then of the row as a whole."""
        found = {**form.errors, **{key: [text] for key, text in self.unfound.items()}}
        labels = {column.key: column.label for column in self.sheet.columns}
        for key in [*(key for key in labels if key in found), *(key for key in found if key not in labels)]:
            for text in found[key]:
                self.importer.problem(self.title, self.row.number, labels.get(key, ""), str(text))

    def _save(self, form: Any) -> None:
        """As the admin saves: a record on which nothing of its own has changed gets no entry in its history."""
        self._sign(form.instance)
        many = {field.name for field in self.sheet.model._meta.many_to_many}
        if self.is_new or set(form.changed_data) - many:
            form.save()
        elif form.changed_data:
            form.save_m2m = form._save_m2m
            form.save_m2m()

    def _save_involvement(self, values: dict[str, Any]) -> None:
        form_class: Any = forms.modelform_factory(Involvement, form=VersionedForm, fields=list(values))
        form = form_class(values, instance=Involvement(commitment=self.record))
        if form.is_valid():
            self._sign(form.instance)
            form.save()
        for texts in form.errors.values():
            label = self.sheet.column(values["role"]).label
            for text in texts:
                self.importer.problem(self.title, self.row.number, label, str(text))

    def _sign(self, record: Any) -> None:
        record._history_user = self.importer.by
        record._change_reason = self.importer.written_reason


def _words(text: str) -> list[str]:
    return [word for part in re.split(r"[;\n]", text) if (word := part.strip())]


def _involved(row: Involvement) -> tuple[int | None, str]:
    return (row.organisation_id, "" if row.organisation_id else row.as_printed)


def _choice(text: str, choices: Sequence[tuple[str, Any]]) -> str:
    code = code_of(text, choices)
    if code is None:
        offered = "; ".join(str(label) for _code, label in choices)
        raise ValidationError(_("“%(name)s” is none of these: %(choices)s.") % {"name": text, "choices": offered})
    return code


def _theme(code: str, plan: ActionPlan) -> Theme:
    return _one(Theme.objects.filter(plan=plan, code=code), code)


def _commitment(code: str, plan: ActionPlan) -> Commitment:
    return _one(Commitment.objects.filter(plan=plan, code=code), code)


def _earlier_commitment(name: str, _plan: ActionPlan | None) -> Commitment:
    slug, _slash, code = name.partition("/")
    return _one(Commitment.objects.filter(plan__slug=slug, code=code), name)


def _predecessor(slug: str, _plan: ActionPlan | None) -> ActionPlan:
    return _one(ActionPlan.objects.filter(slug=slug), slug)


def _source(slug: str, _plan: ActionPlan | None) -> SourceDocument:
    return _one(SourceDocument.objects.filter(slug=slug), slug)


def _one(rows: models.QuerySet, name: str) -> Any:
    record = rows.first()
    if record is None:
        what = rows.model._meta.verbose_name
        raise ValidationError(_("There is no %(what)s “%(name)s”.") % {"what": what, "name": name})
    return record


_FINDERS: dict[str, Callable[..., Any]] = {
    "theme": _theme,
    "commitment": _commitment,
    "carried_over_from": _earlier_commitment,
    "predecessor": _predecessor,
    "source": _source,
}
