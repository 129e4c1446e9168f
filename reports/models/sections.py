from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from assessments.models.frozen import Frozen, FrozenQuerySet
from commitments.fields import LineField, ProseField
from commitments.localised import localised
from commitments.models import Sourced
from reports.models.reports import Report
from reports.narrative import HINT, refuse_what_is_lost


class ReportSection(Frozen, Sourced):
    """A narrative part of a report, written beside its figures."""

    class Kind(models.TextChoices):
        INTRODUCTION = "introduction", _("Introduction")
        HOW_IT_WENT = "how_it_went", _("How it went")
        LESSONS = "lessons", _("Lessons")
        RECOMMENDATIONS = "recommendations", _("Recommendations")
        NEXT_STEPS = "next_steps", _("Next half-year")
        OTHER = "other", _("Other")

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="sections", verbose_name=_("report"))
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    position = models.PositiveSmallIntegerField(_("place"), default=0)
    title_en = LineField(_("title in English"), max_length=200, blank=True)
    title_mn = LineField(_("title in Mongolian"), max_length=200, blank=True)
    body_en = ProseField(_("text in English"), blank=True, validators=[refuse_what_is_lost], help_text=HINT)
    body_mn = ProseField(_("text in Mongolian"), blank=True, validators=[refuse_what_is_lost], help_text=HINT)

    history = HistoricalRecords()
    objects = FrozenQuerySet.as_manager()

    FROZEN = ("report", "kind", "position", "title_en", "title_mn", "body_en", "body_mn")

    class Meta:
        verbose_name = _("section")
        verbose_name_plural = _("sections")
        ordering = ["report", "position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["report", "position"], name="reportsection_place_once"),
        ]

    def __str__(self) -> str:
        return str(localised(self, "title")) or self.get_kind_display()

    @classmethod
    def settled(cls) -> Q:
        return Q(report__state=Report.State.RELEASED)
