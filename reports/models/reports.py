from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from assessments.models import ReportingPeriod
from assessments.models.frozen import Frozen, FrozenQuerySet
from commitments import roles
from commitments.fields import LineField, ProseField
from commitments.models import ActionPlan, Sourced
from commitments.rules import moment_and_person


def period_words(period_code: str) -> str:
    """What a period or half-year is called, in the active language."""
    year, _dash, half = period_code.partition("-H")
    if half == "1":
        return gettext("First half of %(year)s") % {"year": year}
    if half == "2":
        return gettext("Second half of %(year)s") % {"year": year}
    return ReportingPeriod(code=period_code).name


class ReportQuerySet(FrozenQuerySet["Report"]):
    def visible_to(self, user: Any) -> ReportQuerySet:
        """Released reports are public; drafts are for the support unit and the forum's members."""
        if roles.sees_drafts(user):
            return self
        return self.filter(roles.in_visible_plan(user, "plan__"), state=Report.State.RELEASED)

    def released(self) -> ReportQuerySet:
        """Without drafts, whoever asks: what public pages show of reports."""
        return self.filter(state=Report.State.RELEASED)


class Report(Frozen, Sourced):
    """What is reported to the Multi-Stakeholder Forum: a draft until it is released, then never changed."""

    class Kind(models.TextChoices):
        BIANNUAL = "biannual", _("Biannual report")
        MID_TERM = "mid_term", _("Mid-term report")
        FINAL = "final", _("Final report")
        COMPLETION = "completion", _("Completion report")

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        RELEASED = "released", _("Released")

    plan = models.ForeignKey(
        ActionPlan, on_delete=models.PROTECT, related_name="reports", verbose_name=_("action plan")
    )
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    period_code = LineField(
        _("period"),
        max_length=20,
        validators=[RegexValidator(r"^\d{4}-(Q[1-4]|H[12]|final|midterm)$", _("Such as 2026-H1 or 2023-final."))],
        help_text=_("A period of the plan, or a half-year such as 2026-H1: its two quarters."),
    )
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.DRAFT, editable=False)
    number = models.PositiveIntegerField(_("number"), null=True, blank=True, editable=False)
    as_of = models.DateTimeField(_("as of"), null=True, blank=True, editable=False)
    figures = models.JSONField(_("figures"), null=True, blank=True, editable=False)
    supersedes = models.OneToOneField(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="superseded_by",
        verbose_name=_("supersedes"),
    )
    correction_reason = ProseField(_("reason of the correction"), blank=True, help_text=_("Public."))
    released_at = models.DateTimeField(_("released at"), null=True, blank=True, editable=False)
    released_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("released by"),
    )

    search_text = models.TextField(
        _("words it is found by"), editable=False, default="", help_text=_("As it was released; of a draft none.")
    )

    history = HistoricalRecords(excluded_fields=["figures", "search_text"])
    objects = ReportQuerySet.as_manager()

    FROZEN = (
        "plan",
        "kind",
        "period_code",
        "state",
        "number",
        "as_of",
        "figures",
        "supersedes",
        "correction_reason",
        "released_at",
        "released_by",
    )

    class Meta:
        verbose_name = _("report")
        verbose_name_plural = _("reports")
        ordering = ["plan", "period_code", "number"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "number"], name="report_number_once"),
            models.UniqueConstraint(
                fields=["plan", "kind", "period_code"],
                condition=Q(state="draft"),
                name="report_one_draft",
                violation_error_message=_("There is already a draft of this report."),
            ),
            moment_and_person("released", table="report"),
            models.CheckConstraint(
                condition=Q(state="draft", number__isnull=True, released_at__isnull=True, figures__isnull=True)
                | Q(
                    state="released",
                    number__isnull=False,
                    released_at__isnull=False,
                    as_of__isnull=False,
                    figures__isnull=False,
                ),
                name="report_released_is_frozen",
            ),
            models.CheckConstraint(
                condition=Q(supersedes__isnull=True) | ~Q(correction_reason=""),
                name="report_correction_has_reason",
                violation_error_message=_("Say why the released report is corrected; the reason is public."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.plan.short_name}: {self.get_kind_display()}, {self.period_words}"

    @classmethod
    def settled(cls) -> Q:
        return Q(state=cls.State.RELEASED)

    def get_absolute_url(self) -> str:
        """Its public page; of a draft the page for those who may read it."""
        if self.state == self.State.DRAFT:
            return reverse("report_draft", args=[self.pk])
        return reverse("report", args=[self.plan.slug, self.number])

    @property
    def corrected_by(self) -> Report | None:
        """The released report that supersedes it; a draft of one is nobody's business yet."""
        successor = getattr(self, "superseded_by", None)
        return successor if successor and successor.state == self.State.RELEASED else None

    def clean(self) -> None:
        half_year = self.period_code[5:6] == "H"
        if self.kind and half_year != (self.kind == self.Kind.BIANNUAL):
            raise ValidationError({"period_code": _("A biannual report covers a half-year, the others a period.")})
        if self.plan_id and not half_year and not self.plan.periods.filter(code=self.period_code).exists():
            raise ValidationError({"period_code": _("The plan has no such period.")})

    @property
    def period_words(self) -> str:
        return period_words(self.period_code)

    @staticmethod
    def quarters_of(period_code: str) -> list[str]:
        """Codes of the periods that a report on it covers: the two quarters of a half-year, else the period itself."""
        year, _dash, half = period_code.partition("-H")
        first, second = (1, 2) if half == "1" else (3, 4)
        return [f"{year}-Q{first}", f"{year}-Q{second}"] if half in {"1", "2"} else [period_code]
