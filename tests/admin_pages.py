"""The admin's pages as tests use them: their addresses, and a form as the browser would send it back."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpResponse
from django.urls import reverse


def address(model: Any, page: str = "changelist", row: Any = None) -> str:
    """``page``: changelist, add, change, history, delete, or the name of a verb."""
    options = model._meta
    return reverse(f"admin:{options.app_label}_{options.model_name}_{page}", args=[row.pk] if row else [])


def sent_back(page: HttpResponse, **changes: Any) -> dict[str, Any]:
    """What the form on the page sends when it is saved, with some fields changed (their names as in the page)."""
    data: dict[str, Any] = {}
    sheets = [page.context["adminform"].form]
    for inline in page.context["inline_admin_formsets"]:
        sheets += [inline.formset.management_form, *inline.formset.forms]
    for sheet in sheets:
        for bound in sheet:
            widget = getattr(bound.field.widget, "widget", bound.field.widget)
            value = bound.value()
            if isinstance(widget, forms.MultiWidget):
                parts = zip(widget.widgets_names, widget.decompress(value), strict=True)
                data.update({bound.html_name + suffix: "" if part is None else str(part) for suffix, part in parts})
            elif isinstance(value, list | tuple):
                data[bound.html_name] = [getattr(one, "pk", one) for one in value]
            elif value is not None and value is not False:
                data[bound.html_name] = "on" if value is True and isinstance(widget, forms.CheckboxInput) else value
    return {**data, **changes}


def problems(page: HttpResponse) -> list[str]:
    """The sentences that the page shows about what was sent: of the form, then of the rows under it."""
    found = [str(text) for texts in page.context["adminform"].form.errors.values() for text in texts]
    for inline in page.context["inline_admin_formsets"]:
        found += [str(text) for text in inline.formset.non_form_errors()]
        found += [str(text) for form in inline.formset.forms for texts in form.errors.values() for text in texts]
    return found
