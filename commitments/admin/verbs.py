"""Buttons that act on one record: each asks on a page of its own, then leaves the work to a verb of the lifecycle."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from commitments.models import plan_of


@dataclass(frozen=True)
class Verb:
    """``act(row, by=user)`` does it, and refuses with a ValidationError."""

    name: str  # part of the address
    label: str | Promise
    question: str | Promise
    done: str | Promise
    act: Callable[..., Any]
    role: Callable[[Any], bool]  # who may, by commitments.roles
    applies: Callable[[Any], bool]  # whether the row is in a state for it


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
        if request.method == "POST":
            try:
                verb.act(row, by=request.user)
            except ValidationError as error:
                for text in error.messages:
                    messages.error(request, text)
            else:
                messages.success(request, str(verb.done) % {"record": row})
            return HttpResponseRedirect(change)
        context = {
            **self.admin_site.each_context(request),
            "title": verb.label,
            "subtitle": str(row),
            "opts": self.opts,
            "object": row,
            "plan": plan_of(row),
            "verb": verb,
            "change_address": change,
        }
        return TemplateResponse(request, "admin/confirm_verb.html", context)
