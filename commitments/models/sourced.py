from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from commitments.fields import LineField, ProseField
from commitments.localised import localised
from commitments.rules import one_language_filled


class SourceDocumentManager(models.Manager["SourceDocument"]):
    def get_by_natural_key(self, slug: str) -> SourceDocument:
        return self.get(slug=slug)


class SourceDocument(models.Model):
    """A published document or data set from which records were copied."""

    slug = models.SlugField(_("slug"), unique=True)
    title_en = LineField(_("title in English"), max_length=300, blank=True)
    title_mn = LineField(_("title in Mongolian"), max_length=300, blank=True)
    publisher_en = LineField(_("publisher in English"), max_length=300, blank=True)
    publisher_mn = LineField(_("publisher in Mongolian"), max_length=300, blank=True)
    published_on = models.DateField(_("published on"), null=True, blank=True)
    published_text = LineField(
        _("date as printed"),
        max_length=100,
        blank=True,
        help_text=_("Where the document gives no full date."),
    )
    address = models.URLField(_("address"), max_length=500, blank=True)
    note_en = ProseField(_("note in English"), blank=True)
    note_mn = ProseField(_("note in Mongolian"), blank=True)

    history = HistoricalRecords()
    objects = SourceDocumentManager()

    class Meta:
        verbose_name = _("source document")
        verbose_name_plural = _("source documents")
        ordering = ["slug"]
        constraints = [one_language_filled("title", table="sourcedocument")]

    def __str__(self) -> str:
        return str(localised(self, "title"))

    def natural_key(self) -> tuple[str]:
        return (self.slug,)


class Sourced(models.Model):
    """A record that may have been copied from a document: which one, and where in it."""

    source = models.ForeignKey(
        SourceDocument,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("source"),
        help_text=_("The document this was copied from. Empty for what is entered here first."),
    )
    source_place = LineField(
        _("place in the source"), max_length=200, blank=True, help_text=_("For example: p. 12, or 3.3.1.4.")
    )

    class Meta:
        abstract = True
