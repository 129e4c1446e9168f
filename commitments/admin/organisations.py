"""Organisations, and the documents from which records were copied."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commitments.admin.base import SOURCE, RecordAdmin, RecordTabularInline, in_both, section
from commitments.admin.lists import TranslationFilter, in_its_language
from commitments.admin.versions import RecordFormSet
from commitments.models import Organisation, OrganisationAlias, SourceDocument
from commitments.text import fold


class AliasFormSet(RecordFormSet):
    """A spelling names one organisation, whatever its case."""

    def clean(self) -> None:
        super().clean()
        kept = [form for form in self.forms if form not in self.deleted_forms and form.cleaned_data.get("name")]
        deleted = {form.instance.pk for form in self.deleted_forms}
        spellings = Counter(fold(form.cleaned_data["name"]) for form in kept)
        taken = {
            alias.folded: alias
            for alias in OrganisationAlias.objects.filter(folded__in=spellings).select_related("organisation")
        }
        for form in kept:
            spelling = fold(form.cleaned_data["name"])
            other = taken.get(spelling)
            replaced = other is not None and other.pk in deleted and form.instance.pk is None
            if other is not None and other.pk != form.instance.pk and not replaced:
                values = {"spelling": other.name, "organisation": other.organisation}
                form.add_error("name", _("“%(spelling)s” is a spelling of %(organisation)s already.") % values)
            elif spellings[spelling] > 1:
                form.add_error("name", _("This spelling stands in the list twice."))
        if any(form.errors for form in kept):
            raise ValidationError(_("A spelling can stand for one organisation only."))


class OrganisationAliasInline(RecordTabularInline):
    model = OrganisationAlias
    formset = AliasFormSet
    related = ("source",)
    fields = ("name", "source", "source_place")
    autocomplete_fields = ("source",)


@admin.register(Organisation)
class OrganisationAdmin(RecordAdmin):
    translated = "name"
    related = ("source",)
    prefetched = ("aliases",)
    list_display = ("name", "short_name", "kind", "spellings", "active", "is_demonstration")
    list_filter = ("kind", "active", "is_demonstration", TranslationFilter)
    search_fields = ("search_text", "aliases__search_text")
    prepopulated_fields = {"slug": ("name_en",)}
    inlines = (OrganisationAliasInline,)
    fieldsets = (
        section(None, "slug", in_both("name"), "short_name", "kind", "website", "active", "is_demonstration"),
        SOURCE,
    )

    def get_prepopulated_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return {} if obj else super().get_prepopulated_fields(request, obj)

    @admin.display(description=gettext_lazy("name"), ordering="name_en")
    def name(self, organisation: Organisation) -> str:
        return in_its_language(organisation, "name")

    @admin.display(description=gettext_lazy("other spellings"))
    def spellings(self, organisation: Organisation) -> str:
        return "; ".join(alias.name for alias in organisation.aliases.all())


@admin.register(SourceDocument)
class SourceDocumentAdmin(RecordAdmin):
    translated = "title"
    list_display = ("title", "publisher", "published", "slug")
    list_filter = (TranslationFilter,)
    search_fields = ("title_en", "title_mn", "publisher_en", "publisher_mn", "slug")
    fieldsets = (
        section(
            None,
            "slug",
            in_both("title"),
            in_both("publisher"),
            ("published_on", "published_text"),
            "address",
            in_both("note"),
        ),
    )

    @admin.display(description=gettext_lazy("title"), ordering="title_en")
    def title(self, document: SourceDocument) -> str:
        return in_its_language(document, "title")

    @admin.display(description=gettext_lazy("publisher"), ordering="publisher_en")
    def publisher(self, document: SourceDocument) -> str:
        return in_its_language(document, "publisher")

    @admin.display(description=gettext_lazy("published on"), ordering="published_on")
    def published(self, document: SourceDocument) -> Any:
        return document.published_on or document.published_text
