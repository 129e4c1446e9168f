"""Buttons that act on one record: each asks on a page of its own, then leaves the work to a verb of the lifecycle.

A verb that needs more than a yes has a form (`VerbForm`); its cleaned values are the verb's arguments.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from commitments.models import plan_of
from commitments.text import refuse_control_characters


def reason_field(**options: Any) -> forms.CharField:
    """Why something is done, in a few sentences."""
    return forms.CharField(
        widget=forms.Textarea(attrs={"rows": 4}), validators=[refuse_control_characters], max_length=2000, **options
    )


def add_refusal(form: forms.Form, refusal: ValidationError, **names: str) -> None:
    """What a verb refuses, said beside its field; ``names``: a field's name in the form where it is another."""
    if not hasattr(refusal, "error_dict"):
        form.add_error(None, refusal)
        return
    for name, sentences in refusal.message_dict.items():
        name = names.get(name, name)
        for sentence in sentences:
            form.add_error(name if name in form.fields else None, sentence)


class VerbForm(forms.Form):
    """What a verb asks about ``row``; each field is named as the verb's argument."""

    # Columns that a refusal may name, and the field that asks for them.
    asked_as: ClassVar[dict[str, str]] = {}

    def __init__(self, row: Any, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.row = row


@dataclass(frozen=True, kw_only=True)
class Verb:
    """``act(row, by=user)`` does it, and refuses with a ValidationError; with a ``form``, its values are given too."""

    name: str  # part of the address
    label: str | Promise
    question: str | Promise
    done: str | Promise
    act: Callable[..., Any]
    form: type[VerbForm] | None = None
    role: Callable[[Any], bool]  # who may, by commitments.roles
    applies: Callable[[Any], bool]  # whether the row is in a state for it
    leads_to: Callable[[Any], str] | None = None  # the page that is next; the row's own where there is none


@dataclass(frozen=True)
class OwnPage:
    """A verb that asks for more than a yes, on a page of its own."""

    label: str | Promise
    address: Callable[[Any], str]  # of the row's page
    role: Callable[[Any], bool]
    applies: Callable[[Any], bool]


class VerbPages(admin.ModelAdmin):
    verbs: Sequence[Verb] = ()
    own_pages: Sequence[OwnPage] = ()

    def offered_verbs(self, request: HttpRequest, row: Any) -> list[tuple[Verb | OwnPage, str]]:
        """What this user may do with the row now, with the address that asks."""
        asked_here = [(verb, reverse(f"admin:{self._route(verb)}", args=[row.pk])) for verb in self._fit(request, row)]
        elsewhere = [
            (page, page.address(row)) for page in self.own_pages if page.role(request.user) and page.applies(row)
        ]
        return [*asked_here, *elsewhere]

    def _fit(self, request: HttpRequest, row: Any) -> list[Verb]:
        return [verb for verb in self.verbs if verb.role(request.user) and verb.applies(row)]

    def _route(self, verb: Verb) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_{verb.name}"

    def get_urls(self) -> list[Any]:
        pages = [
            path(
                f"<path:object_id>/{verb.name}/",
                self.admin_site.admin_view(partial(self._verb_view, verb=verb)),
                name=self._route(verb),
            )
            for verb in self.verbs
        ]
        return pages + super().get_urls()

    def _verb_view(self, request: HttpRequest, object_id: str, *, verb: Verb) -> HttpResponse:
        row = self.get_object(request, unquote(object_id))
        if row is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)  # type: ignore[attr-defined]
        change = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[row.pk])
        if not verb.role(request.user):
            raise PermissionDenied
        if not verb.applies(row):
            messages.error(request, _("This was done meanwhile, or cannot be done yet."))
            return HttpResponseRedirect(change)
        form = verb.form(row, request.POST if request.method == "POST" else None) if verb.form else None
        changed = self._changed_since_opened(request, row)
        if request.method == "POST" and not changed and self._acts(request, row, verb, form):
            return HttpResponseRedirect(verb.leads_to(row) if verb.leads_to else change)
        context = {
            **self.admin_site.each_context(request),
            "title": verb.label,
            "subtitle": str(row),
            "opts": self.opts,
            "object": row,
            "plan": plan_of(row),
            "verb": verb,
            "form": form,
            "changed": changed,
            "change_address": change,
        }
        return TemplateResponse(request, "admin/confirm_verb.html", context)

    def _changed_since_opened(self, request: HttpRequest, row: Any) -> bool:
        """Whether somebody has changed the row after the page was opened on which it was confirmed."""
        opened = request.POST.get("opened_version")
        return opened is not None and opened != str(row.stored_version)

    def _acts(self, request: HttpRequest, row: Any, verb: Verb, form: VerbForm | None) -> bool:
        """Whether there is nothing left to ask: it is done, or can no longer be done, which a message says."""
        if form is not None and not form.is_valid():
            return False
        try:
            verb.act(row, by=request.user, **(form.cleaned_data if form else {}))
        except ValidationError as refusal:
            current = self.get_object(request, str(row.pk))
            if form is not None and current is not None and verb.applies(current):
                add_refusal(form, refusal, **form.asked_as)
                return False
            for text in refusal.messages:
                messages.error(request, text)
        else:
            messages.success(request, str(verb.done) % {"record": row})
        return True
