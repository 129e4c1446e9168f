"""What lists of the admin share: search that knows Cyrillic, and filters that are to-do queues."""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import lookup_spawns_duplicates
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from commitments.localised import LANGUAGES, localised, marked
from commitments.models import ActionPlan
from commitments.text import fold
from commitments.words import MOST_WORDS, asked

# The column that holds the words of a row, which the database can search whatever it knows of Cyrillic.
WORDS_COLUMN = "search_text"
# What an address of a list may ask of a column. Patterns (`__regex`) and their like reach the database unchecked.
ALLOWED_LOOKUPS = ("exact", "isnull", "in", "gt", "gte", "lt", "lte")


def in_its_language(record: Any, field: str) -> str:
    """A text in the reader's language; in the other one it is marked as such for screen readers."""
    chosen = localised(record, field)
    return marked(chosen.text, chosen.language)


class FoldedSearch(admin.ModelAdmin):
    """Finds rows that contain every word in one of ``search_fields``, in any case, alike on every database."""

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        if all(field.rpartition("__")[2] == WORDS_COLUMN for field in self.search_fields):
            wanted = asked(search_term)
            if not wanted:
                return (queryset.none() if search_term.strip() else queryset), False
            for lookup, value in wanted.lookups():
                queryset = queryset.filter(
                    reduce(or_, (Q(**{f"{field}__{lookup}": value}) for field in self.search_fields))
                )
            return queryset, any(lookup_spawns_duplicates(queryset.model._meta, name) for name in self.search_fields)
        words = fold(search_term).split()[:MOST_WORDS]
        if not words:
            return queryset, False
        # The other tables are short enough to be read and folded here.
        found = {
            pk
            for pk, *texts in queryset.values_list("pk", *self.search_fields)
            if all(word in fold(" ".join(str(text) for text in texts if text)) for word in words)
        }
        return queryset.filter(pk__in=found), False

    def lookup_allowed(self, lookup: str, value: str, request: Any = None) -> bool:
        last = lookup.rpartition("__")[2]
        simple = "__" not in lookup or last in ALLOWED_LOOKUPS
        return simple and super().lookup_allowed(lookup, value, request)


class PlanFilter(admin.SimpleListFilter):
    """One action plan, named in the address as everywhere: ``?plan=nap-4``."""

    title = _("action plan")
    parameter_name = "plan"

    def __init__(self, request: HttpRequest, params: dict, model: Any, model_admin: Any) -> None:
        self.path = getattr(model_admin, "plan_path", "")
        super().__init__(request, params, model, model_admin)

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(plan.slug, str(plan)) for plan in ActionPlan.objects.visible_to(request.user)]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(**{f"{self.path}__slug": self.value()}) if self.value() else queryset


class TranslationFilter(admin.SimpleListFilter):
    """The translator's queue: what is there in one language only."""

    title = _("translation")
    parameter_name = "missing"

    def __init__(self, request: HttpRequest, params: dict, model: Any, model_admin: Any) -> None:
        self.field = model_admin.translated
        super().__init__(request, params, model, model_admin)

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("mn", _("Missing in Mongolian")), ("en", _("Missing in English"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(**{f"{self.field}_{self.value()}": ""}) if self.value() in LANGUAGES else queryset
