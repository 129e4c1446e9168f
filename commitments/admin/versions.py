"""No lost update (design rule 5): a form carries the version of the row that it was opened with.

The version is the number of the row's newest history entry. It is compared under a lock, in the transaction that
saves. Whoever saves second is told who changed what, keeps their own text, and can save again knowingly.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models
from django.forms.models import BaseInlineFormSet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from simple_history.utils import get_m2m_reverse_field_name

from commitments.text import refuse_control_characters, refuse_line_breaks


def latest_version(model: Any, pk: Any) -> int:
    """Number of a row's newest history entry; 0 where it has none."""
    newest = model.history.filter(**{model._meta.pk.attname: pk}).aggregate(newest=models.Max("history_id"))
    return newest["newest"] or 0


def with_stored_version(rows: models.QuerySet) -> models.QuerySet:
    """Rows with ``stored_version``, read together with their values."""
    model: Any = rows.model
    entries = model.history.filter(**{model._meta.pk.attname: models.OuterRef("pk")}).order_by("-history_id")
    return rows.annotate(stored_version=models.Subquery(entries.values("history_id")[:1]))


def who_changed(entry: Any) -> str:
    """Who stands behind a history entry, in words."""
    return str(entry.history_user) if entry.history_user else _("A command")


class VersionField(forms.IntegerField):
    """Travels with the form; never counts as a change of the row."""

    widget = forms.HiddenInput

    def has_changed(self, initial: Any, data: Any) -> bool:
        return False


class ReasonField(forms.CharField):
    """Why the row is changed; goes into the history, not into the row."""

    def has_changed(self, initial: Any, data: Any) -> bool:
        return False


class VersionedForm(forms.ModelForm):
    """Refuses to overwrite what somebody else has saved since the form was opened."""

    opened_version = VersionField(required=False)

    data: Any
    # The admin sets these on the class that it makes for one request.
    user: Any = None
    may_still_change: Callable[[Any], bool] | None = None

    _opened = 0  # the version that was on the screen; 0 where there was no row yet
    is_stale = False  # whether somebody has saved the row since the form was opened; known once it is cleaned

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "opened_version" in self.fields:
            self.fields["opened_version"].initial = getattr(self.instance, "stored_version", None) or 0

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if self.instance.pk:
            self._compare_versions()
        return cleaned

    def _compare_versions(self) -> None:
        model = type(self.instance)
        stored = model._base_manager.select_for_update(of=("self",)).filter(pk=self.instance.pk).first()
        if stored is None:
            raise ValidationError(_("Somebody has deleted this meanwhile. Nothing is saved."), code="deleted")
        check = type(self).may_still_change
        if check is not None and not check(stored):
            raise PermissionDenied
        opened = self._opened = self.cleaned_data.get("opened_version") or 0
        newest = latest_version(model, stored.pk)
        self.is_stale = newest != opened
        if self.is_stale and self.has_changed():
            base = self._opened_entry(stored, opened)
            columns = {field.name for field in (*model._meta.concrete_fields, *model._meta.many_to_many)}
            if any(self._touched(name, base) for name in self.changed_data if name in columns):
                self._tell_who_changed_it(stored, opened, base)
                self.data[self.add_prefix("opened_version")] = str(newest)
            else:
                # Only the other one has changed something: there is nothing of this form to save.
                self.changed_data = []

    def _opened_entry(self, stored: Any, opened: int) -> Any:
        """The row as it stood when the form was opened; None where the history does not know."""
        return type(stored).history.filter(**{stored._meta.pk.attname: stored.pk, "history_id": opened}).first()

    def _changed_since(self, stored: Any, newest: Any, base: Any) -> list[str]:
        """Names of the fields that others have changed since."""
        return newest.diff_against(base).changed_fields if newest and base else []

    def _touched(self, name: str, base: Any) -> bool:
        """Whether a field differs from what it showed when the form was opened, as far as the history knows that.

        Where there was no row then, every field was empty.
        """
        known, value = _then(base, self._meta.model._meta.get_field(name)) if self._opened else (True, None)
        return not known or self.fields[name].has_changed(value, self[name].data)

    def _tell_who_changed_it(self, stored: Any, opened: int, base: Any) -> None:
        self.data = self.data.copy()
        history = type(stored).history.filter(**{stored._meta.pk.attname: stored.pk, "history_id__gt": opened})
        since = list(history.select_related("history_user").order_by("history_id"))
        people = ", ".join(dict.fromkeys(who_changed(entry) for entry in since)) or _("Somebody")
        moment = since[-1].history_date if since else timezone.now()
        if opened:
            changed = self._changed_since(stored, since[-1] if since else None, base)
        else:
            columns = {field.name for field in stored._meta.concrete_fields}
            changed = [name for name in self.fields if name in columns and getattr(stored, name) not in (None, "")]
        labels = [str(stored._meta.get_field(name).verbose_name) for name in changed]
        values = {"who": people, "when": _moment(moment), "fields": ", ".join(labels) or _("the record")}
        self.add_error(
            None,
            _(
                "%(who)s changed this after you had opened it (%(when)s): %(fields)s. "
                "Nothing of yours is saved yet and nothing is lost: your text stands below. "
                "Compare, mend what you want, and save again."
            )
            % values,
        )
        for name in changed:
            if name in self.fields:
                self._compare_field(name, stored, base, people)

    def _compare_field(self, name: str, stored: Any, base: Any, people: str) -> None:
        """Say beside the field what is stored now; a field that its reader has not touched takes it over."""
        field = stored._meta.get_field(name)
        values = {"who": people, "text": _in_words(stored, field)}
        if self._touched(name, base):
            self.add_error(name, _("%(who)s wrote here meanwhile: %(text)s") % values)
        else:
            self._put(name, field.value_from_object(stored))
            self.add_error(name, _("Taken over from %(who)s: %(text)s") % values)

    def _put(self, name: str, value: Any) -> None:
        """Let the field show another value than the one that was sent."""
        field, key = self.fields[name], self.add_prefix(name)
        widget: Any = getattr(field.widget, "widget", field.widget)  # inside the admin's wrapper with its add links
        if isinstance(widget, forms.MultiWidget):
            parts: Any = widget
            for suffix, part in zip(parts.widgets_names, parts.decompress(value), strict=True):
                self.data[key + suffix] = "" if part is None else str(part)
        elif isinstance(widget, forms.CheckboxInput):
            self.data.pop(key, None)
            if value:
                self.data[key] = "on"
        elif isinstance(value, list):
            self.data.setlist(key, [str(one.pk) for one in value])
        elif isinstance(value, datetime.date):
            self.data[key] = widget.format_value(value)
        else:
            self.data[key] = "" if value is None else str(value)

    def validate_unique(self) -> None:
        """The database's rules read columns that no form shows, such as the version: those rules are checked here."""
        super().validate_unique()
        if self.errors or not self.has_changed():
            return
        unsaved = {
            field.name
            for field in self._meta.model._meta.concrete_fields
            if isinstance(field, models.ForeignKey)
            and field.is_cached(self.instance)
            and (parent := getattr(self.instance, field.name)) is not None
            and parent.pk is None
        }
        try:
            self.instance.validate_constraints(exclude=unsaved)
        except ValidationError as error:
            self._update_errors(error)  # type: ignore[attr-defined]


class RecordForm(VersionedForm):
    """A page of its own: the version, and the reason of the change."""

    change_reason = ReasonField(
        label=gettext_lazy("Reason of the change"),
        max_length=500,
        required=False,
        help_text=gettext_lazy("Kept in the history, beside your name."),
        validators=[refuse_control_characters, refuse_line_breaks],
        widget=forms.TextInput(attrs={"class": "vTextField"}),
    )


class RecordFormSet(BaseInlineFormSet):
    """Rows under a record: a row that somebody else has changed meanwhile is not deleted unseen."""

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        if "DELETE" in form.fields:
            form.fields["DELETE"].widget.attrs["aria-label"] = form.fields["DELETE"].label

    def clean(self) -> None:
        super().clean()
        rows: Any = self.model
        for form in self.deleted_forms:
            if getattr(form, "is_stale", False):
                raise ValidationError(
                    _("“%(row)s” was changed after you had opened it. Look at it again before you delete it.")
                    % {"row": rows._base_manager.get(pk=form.instance.pk)}
                )


def _then(base: Any, field: Any) -> tuple[bool, Any]:
    """What a history entry says of a field, as a form's initial value; False where it does not say it."""
    if base is None or not hasattr(base, field.attname if not field.many_to_many else field.name):
        return False, None
    if field.many_to_many:
        links = getattr(base, field.name).all()
        return True, [getattr(link, f"{get_m2m_reverse_field_name(field)}_id") for link in links]
    return True, getattr(base, field.attname)


def _moment(moment: datetime.datetime) -> str:
    return date_format(timezone.localtime(moment), "SHORT_DATETIME_FORMAT")


def _in_words(row: Any, field: Any) -> str:
    if field.many_to_many:
        return ", ".join(str(one) for one in getattr(row, field.name).all()) or _("(empty)")
    value = getattr(row, field.name)
    if value is None or value == "":
        return _("(empty)")
    if field.flatchoices:
        return str(dict(field.flatchoices).get(value, value))
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, datetime.datetime):
        return _moment(value)
    if isinstance(value, datetime.date):
        return date_format(value, "SHORT_DATE_FORMAT")
    return str(value)
