from __future__ import annotations

from typing import Any

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from commitments.fields import LineField
from commitments.localised import localised
from commitments.models.searchable import Searchable, SearchableQuerySet
from commitments.models.sourced import Sourced
from commitments.rules import one_language_filled
from commitments.text import fold, normalise
from commitments.words import Asked


class OrganisationQuerySet(SearchableQuerySet["Organisation"]):
    def visible_to(self, user: Any) -> OrganisationQuerySet:
        """Who takes part is public."""
        return self

    def real(self) -> OrganisationQuerySet:
        """Without the invented ones of demonstrations, which are in no list."""
        return self.filter(is_demonstration=False)

    def having(self, words: Asked) -> OrganisationQuerySet:
        """Organisations that have every word in their names or in another spelling of them."""
        spellings = OrganisationAlias.objects.filter(organisation=models.OuterRef("pk"))
        found = self
        for lookup, value in words.lookups():
            has = {f"search_text__{lookup}": value}
            found = found.filter(models.Q(**has) | models.Exists(spellings.filter(**has)))
        return found

    def get_by_natural_key(self, slug: str) -> Organisation:
        return self.get(slug=slug)

    def named(self, name: str) -> OrganisationQuerySet:
        """Organisations whose name or one of whose aliases is this one, in any case; how imports match."""
        spelling = fold(name)
        return self.filter(
            models.Q(aliases__folded=spelling) | models.Q(folded_en=spelling) | models.Q(folded_mn=spelling)
        ).distinct()


class Organisation(Searchable, Sourced):
    """A body that promises, does, answers or reviews: ministries, agencies, NGOs, companies, international bodies."""

    class Kind(models.TextChoices):
        GOVERNMENT = "government", _("Government")
        PARLIAMENT = "parliament", _("Parliament")
        NGO = "ngo", _("Non-governmental organisation")
        ACADEMIA = "academia", _("Academia")
        PRIVATE = "private", _("Private sector")
        INTERNATIONAL = "international", _("International organisation")
        MEDIA = "media", _("Media")
        OTHER = "other", _("Other")

    searched = ("name_en", "name_mn", "short_name")

    slug = models.SlugField(_("slug"), max_length=120, unique=True, help_text=_("Part of the page's address."))
    name_en = LineField(_("name in English"), max_length=200, blank=True)
    name_mn = LineField(_("name in Mongolian"), max_length=200, blank=True)
    short_name = LineField(_("short name"), max_length=50, blank=True, help_text=_("An abbreviation in use."))
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    website = models.URLField(_("website"), blank=True)
    active = models.BooleanField(_("active"), default=True, help_text=_("Off for bodies that no longer exist."))
    is_demonstration = models.BooleanField(
        _("demonstration"), default=False, help_text=_("Invented, for practice; left out of every list.")
    )
    folded_en = models.CharField(max_length=200, editable=False, default="", db_index=True)
    folded_mn = models.CharField(max_length=200, editable=False, default="", db_index=True)

    history = HistoricalRecords(excluded_fields=["search_text", "folded_en", "folded_mn"])
    objects = OrganisationQuerySet.as_manager()

    class Meta:
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")
        ordering = ["name_en", "name_mn"]
        constraints = [one_language_filled("name", table="organisation")]

    def __str__(self) -> str:
        return str(localised(self, "name"))

    def save(self, *args: Any, **options: Any) -> None:
        self.folded_en, self.folded_mn = fold(normalise(self.name_en)), fold(normalise(self.name_mn))
        super().save(*args, **options)

    def natural_key(self) -> tuple[str]:
        return (self.slug,)

    def get_absolute_url(self) -> str:
        return reverse("organisation", args=[self.slug])


class OrganisationAlias(Searchable, Sourced):
    """Another spelling or an earlier name of an organisation."""

    searched = ("name",)

    organisation = models.ForeignKey(
        Organisation, on_delete=models.CASCADE, related_name="aliases", verbose_name=_("organisation")
    )
    name = LineField(_("spelling"), max_length=200)
    folded = models.CharField(max_length=200, editable=False, unique=True)

    history = HistoricalRecords(excluded_fields=["search_text", "folded"])

    class Meta:
        verbose_name = _("other spelling")
        verbose_name_plural = _("other spellings")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        self.folded = fold(self.name)

    def save(self, *args: Any, **options: Any) -> None:
        self.folded = fold(normalise(self.name))
        super().save(*args, **options)
