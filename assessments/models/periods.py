from __future__ import annotations

import datetime
from typing import Any

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from commitments import roles
from commitments.fields import LineField, ProseField
from commitments.models import ActionPlan, Sourced
from commitments.rules import in_order, moment_and_person


class ReportingPeriodQuerySet(models.QuerySet["ReportingPeriod"]):
    def visible_to(self, user: Any) -> ReportingPeriodQuerySet:
        return self.filter(roles.in_visible_plan(user, "plan__"))

    def get_by_natural_key(self, plan: str, code: str) -> ReportingPeriod:
        return self.get(plan__slug=plan, code=code)

    def published(self, as_of: datetime.datetime | None = None) -> ReportingPeriodQuerySet:
        """Periods whose ratings were public at that moment (now by default)."""
        return self.filter(published_at__lte=as_of or timezone.now())


class ReportingPeriod(Sourced):
    """A quarter, or a final assessment, of a plan: when progress is entered, published and answered."""

    class State(models.TextChoices):
        """Derived from the moments, here and nowhere else."""

        PLANNED = "planned", _("Planned")
        ENTRY = "entry", _("Entry open")
        ANSWERING = "answering", _("Answering open")
        CLOSED = "closed", _("Closed")

    plan = models.ForeignKey(
        ActionPlan, on_delete=models.PROTECT, related_name="periods", verbose_name=_("action plan")
    )
    code = LineField(
        _("code"),
        max_length=20,
        validators=[RegexValidator(r"^\d{4}-(Q[1-4]|final|midterm)$", _("Such as 2025-Q2 or 2023-final."))],
        help_text=_("Such as 2025-Q2 or 2023-final."),
    )
    starts_on = models.DateField(_("starts on"))
    ends_on = models.DateField(_("ends on"))
    entry_closes_at = models.DateTimeField(_("entry closes"), null=True, blank=True)
    answers_open_at = models.DateTimeField(_("answers open"), null=True, blank=True)
    answers_close_at = models.DateTimeField(_("answers close"), null=True, blank=True)
    opened_at = models.DateTimeField(_("opened at"), null=True, blank=True, editable=False)
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("opened by"),
    )
    published_at = models.DateTimeField(_("published at"), null=True, blank=True, editable=False)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("published by"),
    )
    reopened_at = models.DateTimeField(
        _("reopened at"), null=True, blank=True, editable=False, help_text=_("The last time it was, if ever.")
    )
    reopened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("reopened by"),
    )
    reopen_reason = ProseField(_("reason for reopening it"), blank=True, editable=False, help_text=_("Public."))
    republished_at = models.DateTimeField(
        _("published again at"), null=True, blank=True, editable=False, help_text=_("After it was reopened.")
    )
    republished_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("published again by"),
    )
    published_text = LineField(
        _("date as printed"),
        max_length=100,
        blank=True,
        help_text=_("Where the document gives no full date."),
    )

    history = HistoricalRecords()
    objects = ReportingPeriodQuerySet.as_manager()

    class Meta:
        verbose_name = _("reporting period")
        verbose_name_plural = _("reporting periods")
        ordering = ["plan", "ends_on"]
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "code"],
                name="period_code_once",
                violation_error_message=_("This plan already has a period with this code."),
            ),
            in_order("starts_on", "ends_on", table="period"),
            in_order("answers_open_at", "answers_close_at", table="period"),
            moment_and_person("opened", table="period", copied=True),
            moment_and_person("published", table="period", copied=True),
            moment_and_person("reopened", table="period"),
            moment_and_person("republished", table="period"),
            models.CheckConstraint(
                condition=Q(reopened_at__isnull=True, reopen_reason="")
                | Q(reopened_at__gte=F("published_at")) & ~Q(reopen_reason=""),
                name="period_reopened_with_reason",
                violation_error_message=_("Say why the period is reopened; the reason is public."),
            ),
            models.CheckConstraint(
                condition=Q(republished_at__isnull=True) | Q(republished_at__gte=F("reopened_at")),
                name="period_reopened_then_published",
            ),
            models.CheckConstraint(
                condition=Q(published_at__isnull=True) | Q(opened_at__isnull=False) | Q(source__isnull=False),
                name="period_opened_before_published",
                violation_error_message=_("A period is opened before it is published."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.plan.slug} {self.code}"

    def natural_key(self) -> tuple[str, str]:
        return (self.plan.slug, self.code)

    @property
    def name(self) -> str:
        """The period in words, in the active language."""
        year, part = self.code.split("-", 1)
        if part.startswith("Q"):
            return gettext("Quarter %(quarter)s of %(year)s") % {"quarter": part[1:], "year": year}
        if part == "midterm":
            return gettext("Mid-term assessment %(year)s") % {"year": year}
        return gettext("Final assessment %(year)s") % {"year": year}

    @property
    def short_name(self) -> str:
        """The period in as few letters as a drawing has room for, in the active language."""
        year, part = self.code.split("-", 1)
        if part.startswith("Q"):
            return gettext("%(year)s Q%(quarter)s") % {"quarter": part[1:], "year": year}
        if part == "midterm":
            return gettext("%(year)s mid-term") % {"year": year}
        return gettext("%(year)s final") % {"year": year}

    def state(self, as_of: datetime.datetime | None = None) -> State:
        """The period's state at a moment (now by default)."""
        moment = as_of or timezone.now()
        if self.published_at and self.published_at <= moment:
            if self.is_reopened(moment):
                return self.State.ENTRY
            return self.State.ANSWERING if self.takes_answers(moment) else self.State.CLOSED
        if self.opened_at and self.opened_at <= moment:
            return self.State.ENTRY
        return self.State.PLANNED

    def is_reopened(self, as_of: datetime.datetime | None = None) -> bool:
        """Whether it is open for entry once more, after it was published."""
        moment = as_of or timezone.now()
        if self.reopened_at is None or self.reopened_at > moment:
            return False
        return self.republished_at is None or self.republished_at > moment

    def takes_answers(self, as_of: datetime.datetime | None = None) -> bool:
        """Whether organisations may answer what is published in it, also while it is reopened for the rest."""
        moment = as_of or timezone.now()
        if self.published_at is None or self.published_at > moment:
            return False
        opens, closes = self.answers_open_at, self.answers_close_at
        return opens is not None and opens <= moment and (closes is None or moment < closes)


def day_start(day: datetime.date) -> datetime.datetime:
    """Midnight of that day where the record is kept; the moment a dated document counts from."""
    return datetime.datetime.combine(day, datetime.time(), tzinfo=timezone.get_default_timezone())
