"""What every admin of the tracker is made of: who may, versions, history, search, and both languages side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin.options import BaseModelAdmin, InlineModelAdmin
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, models
from django.db.models import QuerySet
from django.forms.models import ModelChoiceField
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commitments import roles
from commitments.admin.history import HistoryPage, read_story
from commitments.admin.lists import FoldedSearch
from commitments.admin.verbs import VerbPages
from commitments.admin.versions import RecordForm, RecordFormSet, VersionedForm, latest_version, with_stored_version
from commitments.models import Milestone, plan_of
from commitments.models.plans import OfPlan


def in_both(field: str) -> tuple[str, str]:
    """A text's two columns, to stand beside each other in a form."""
    return (f"{field}_en", f"{field}_mn")


def section(title: Any, *lines: str | tuple[str, ...]) -> Any:
    """Part of a form: a heading (None for the first part) and its lines, one field or several beside each other."""
    return title, {"fields": list(lines)}


SOURCE = section(gettext_lazy("Source"), ("source", "source_place"))


def list_label(record: Any) -> str:
    """A record's name in drop-downs, where codes of several plans meet: ``nap-4: 1.1 Strengthen …``."""
    part = record.commitment if isinstance(record, Milestone) else record
    return f"{part.plan.slug}: {record}" if isinstance(part, OfPlan) else str(record)


class ForSupportUnit:
    """Who may, by ``commitments.roles`` alone: the support unit reads and edits, nobody deletes.

    Django's own permission tables are never asked, so that a superuser is a publisher here and nothing more.
    """

    def has_module_permission(self, request: HttpRequest) -> bool:
        return roles.is_support_unit(request.user)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return roles.is_support_unit(request.user)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return roles.is_support_unit(request.user)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return roles.is_support_unit(request.user)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ReadOnly(ForSupportUnit):
    """The support unit reads; nobody changes, superusers included."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class _Fields(BaseModelAdmin):
    """Form fields: what a reader may not see is not offered, and text says in which language it is written."""

    formfield_overrides: ClassVar[Any] = {models.URLField: {"assume_scheme": "https"}}

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        kwargs = self._offering(db_field, request, kwargs)
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        return _labelled(field)

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        kwargs = self._offering(db_field, request, kwargs)
        field = super().formfield_for_manytomany(db_field, request, **kwargs)
        return _labelled(field)

    def _offering(self, db_field: Any, request: HttpRequest, kwargs: dict[str, Any]) -> dict[str, Any]:
        other = db_field.remote_field.model
        if "queryset" in kwargs or not self.admin_site.is_registered(other):
            return kwargs
        return {**kwargs, "queryset": self.admin_site.get_model_admin(other).get_queryset(request)}

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None and db_field.name[-3:] in {"_en", "_mn"}:
            field.widget.attrs["lang"] = db_field.name[-2:]
        return field


def _labelled(field: Any) -> Any:
    if isinstance(field, ModelChoiceField):
        field.label_from_instance = list_label  # type: ignore[assignment, method-assign]
    return field


class RecordAdmin(_Fields, FoldedSearch, ForSupportUnit, HistoryPage, VerbPages, admin.ModelAdmin):
    """A table of the record. ``related`` and ``prefetched`` are read with every row, so that a list asks no more."""

    form: Any = RecordForm
    fieldsets: ClassVar[Any] = None
    related: Sequence[str] = ()
    prefetched: Sequence[Any] = ()
    list_per_page = 50
    show_full_result_count = False
    actions: Any = None
    change_form_template = "admin/record_change_form.html"
    change_list_template = "admin/record_change_list.html"
    choice_label = staticmethod(list_label)

    class Media:
        js = ("js/accessible_names.js",)

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        rows = super().get_queryset(request)
        if hasattr(rows, "visible_to"):
            rows = rows.visible_to(request.user)
        return rows.select_related(*self.related).prefetch_related(*self.prefetched)

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """The row with ``stored_version``, which is read first: it may be too old, never too new."""
        try:
            version = latest_version(self.model, self.opts.pk.to_python(object_id))
        except ValidationError:
            return None
        row: Any = super().get_object(request, object_id, from_field)
        if row is not None:
            row.stored_version = version
        return row

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        title = capfirst(str(self.opts.verbose_name_plural))
        return super().changelist_view(request, {"title": title, **(extra_context or {})})

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form: Any = super().get_form(request, obj, change=change, **kwargs)
        form.user = request.user
        form.may_still_change = staticmethod(lambda row: self.has_change_permission(request, row))
        return form

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        fieldsets = list(super().get_fieldsets(request, obj))
        editing = self.has_change_permission(request, obj) if obj else self.has_add_permission(request)
        if not editing:
            return fieldsets
        return [*fieldsets, section(_("This change"), "change_reason", "opened_version")]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        fields = super().get_fields(request, obj)
        return [field for field in fields if field not in {"change_reason", "opened_version"}]

    def why_read_only(self, request: HttpRequest, obj: Any) -> str:
        """The sentence above a form that its reader may not change."""
        return ""

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        row = kwargs.get("obj")
        if row is not None:
            context["plan"] = plan_of(row)
            context["verbs"] = self.offered_verbs(request, row)
            if not self.has_change_permission(request, row):
                context["why_read_only"] = self.why_read_only(request, row)
        return super().render_change_form(request, context, *args, **kwargs)

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> Any:
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except IntegrityError:
            # Somebody saved the same code or name in the same moment: the second reading finds it and says so.
            return super().changeform_view(request, object_id, form_url, extra_context)
        except PermissionDenied:
            row = self.get_object(request, object_id) if request.method == "POST" and object_id else None
            if row is None or not self.has_view_permission(request, row):
                raise
            return self._closed_meanwhile(request, row)

    def _closed_meanwhile(self, request: HttpRequest, row: Any) -> HttpResponse:
        """Nothing is saved, and what was typed is given back: the row was submitted or published meanwhile."""
        names = {field.name: field for field in self.opts.get_fields() if isinstance(field, models.Field)}
        typed = [
            (names[name].verbose_name, text)
            for name, text in request.POST.items()
            if name in names and isinstance(names[name], models.CharField | models.TextField) and text
        ]
        context = {
            **self.admin_site.each_context(request),
            "title": _("This can no longer be changed"),
            "subtitle": str(row),
            "opts": self.opts,
            "object": row,
            "plan": plan_of(row),
            "why": self.why_read_only(request, row),
            "last": next(iter(read_story(row)), None),
            "typed": typed,
        }
        return TemplateResponse(request, "admin/closed_meanwhile.html", context, status=403)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        obj._change_reason = form.cleaned_data.get("change_reason") or None
        many = {field.name for field in self.opts.many_to_many}
        # A page on which only rows under the record were changed leaves no trace in the record's own history.
        if not change or set(form.changed_data) - many:
            super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        if change and not form.changed_data:
            form.save_m2m = lambda: None
        super().save_related(request, form, formsets, change)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        for row in formset.forms:
            row.instance._change_reason = form.cleaned_data.get("change_reason") or None
        super().save_formset(request, form, formset, change)


class LoadedAutocompleteSelect(AutocompleteSelect):
    """Takes the chosen row from the record that the form shows, instead of asking the database once a row."""

    loaded: Any = None

    def optgroups(self, name: str, value: Any, attrs: Any = None) -> Any:
        if self.loaded is None or value != [str(self.loaded.pk)]:
            return super().optgroups(name, value, attrs)
        options = [] if self.is_required else [self.create_option(name, "", "", False, 0)]
        options.append(self.create_option(name, value[0], list_label(self.loaded), True, len(options)))
        return [(None, options, 0)]


class InlineForm(VersionedForm):
    """A row under a record."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            widget: Any = getattr(field.widget, "widget", field.widget)
            if not field.widget.is_hidden:
                # The head of a column is no label to a screen reader.
                widget.attrs.setdefault("aria-label", field.label)
            if isinstance(widget, LoadedAutocompleteSelect):
                column: Any = self._meta.model._meta.get_field(name)
                widget.loaded = getattr(self.instance, name) if column.is_cached(self.instance) else None


class _Inline(_Fields, InlineModelAdmin):
    """Rows under a record follow the record: who may change it may change them."""

    form: Any = InlineForm
    formset: Any = RecordFormSet
    extra = 0
    view_on_site = False
    related: Sequence[str] = ()
    prefetched: Sequence[Any] = ()

    def _parent(self) -> Any:
        return self.admin_site.get_model_admin(self.parent_model)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return roles.is_support_unit(request.user)

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        rows = super().get_queryset(request)
        if hasattr(rows, "visible_to"):
            rows = rows.visible_to(request.user)
        rows = rows.select_related(*self.related).prefetch_related(*self.prefetched)
        return with_stored_version(rows) if hasattr(self.model, "history") else rows

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        fields = [name for name in super().get_fields(request, obj) if name != "opened_version"]
        return [*fields, "opened_version"] if self.has_change_permission(request, obj) else fields

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs["widget"] = LoadedAutocompleteSelect(db_field, self.admin_site, using=kwargs.get("using"))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


class EditedWithParent(_Inline):
    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._parent_editable(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._parent_editable(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._parent_editable(request, obj)

    def _parent_editable(self, request: HttpRequest, obj: Any) -> bool:
        parent = self._parent()
        return parent.has_change_permission(request, obj) if obj else parent.has_add_permission(request)


class RecordTabularInline(EditedWithParent, admin.TabularInline):
    """Short rows, one a line."""


class RecordStackedInline(EditedWithParent, admin.StackedInline):
    """Long rows, field under field."""


class ReadOnlyInline(_Inline, admin.TabularInline):
    """A summary of rows that are changed elsewhere, or never."""

    can_delete = False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.fields

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
