from __future__ import annotations

import datetime
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from assessments.models.answers import CounterAssessment
from assessments.models.assessments import SelfAssessment
from assessments.models.frozen import Frozen, FrozenQuerySet
from assessments.models.subjects import Versioned, versions_in_order
from commitments import roles
from commitments.fields import ProseField
from commitments.models import Organisation, Sourced
from commitments.rules import moment_and_person


class ResponseQuerySet(FrozenQuerySet["Response"]):
    def visible_to(self, user: Any) -> ResponseQuerySet:
        """Published ones are public, as long as what they respond to is."""
        if roles.is_support_unit(user):
            return self
        return self.filter(
            roles.in_visible_plan(user, "counter_assessment__period__plan__"),
            published_at__isnull=False,
            counter_assessment__state=CounterAssessment.State.PUBLISHED,
        )

    def published(self, as_of: datetime.datetime | None = None) -> ResponseQuerySet:
        """The versions in force at a moment: by default the current ones."""
        if as_of is None:
            return self.filter(is_current=True)
        return self.filter(Q(superseded_at__isnull=True) | Q(superseded_at__gt=as_of), published_at__lte=as_of)


class Response(Frozen, Versioned, Sourced):
    """An agency's reasoned response to a counter-assessment, entered by the support unit."""

    class Kind(models.TextChoices):
        CHANGED = "changed", _("Rating changed")
        KEPT = "kept", _("Rating kept")
        NOTED = "noted", _("Noted")

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        PUBLISHED = "published", _("Published")

    FROZEN = ("counter_assessment", "organisation", "kind", "reason_en", "reason_mn", "stated_on", "correction_reason")

    counter_assessment = models.ForeignKey(
        CounterAssessment,
        on_delete=models.PROTECT,
        related_name="responses",
        verbose_name=_("counter-assessment"),
    )
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="responses", verbose_name=_("agency")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    reason_en = ProseField(_("reason in English"), blank=True)
    reason_mn = ProseField(_("reason in Mongolian"), blank=True)
    stated_on = models.DateField(_("date of the letter"), null=True, blank=True)
    correction = models.ForeignKey(
        SelfAssessment,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="caused_by",
        verbose_name=_("corrected rating"),
        help_text=_("The version of the government's rating that came of it. Several answers may have caused one."),
    )
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.DRAFT, editable=False)

    history = HistoricalRecords(excluded_fields=["is_current"])
    objects = ResponseQuerySet.as_manager()

    class Meta:
        verbose_name = _("response")
        verbose_name_plural = _("responses")
        ordering = ["counter_assessment", "version"]
        constraints = [
            *versions_in_order("response"),
            moment_and_person("published", table="response", copied=True),
            models.CheckConstraint(
                condition=~Q(reason_en="") | ~Q(reason_mn=""),
                name="response_has_reason",
                violation_error_message=_("Give the reason of the response."),
            ),
            models.CheckConstraint(
                condition=Q(kind="changed") | Q(correction__isnull=True),
                name="response_corrects_what_it_changed",
            ),
            models.CheckConstraint(
                condition=~Q(kind="changed", state="published") | Q(correction__isnull=False) | Q(source__isnull=False),
                name="response_changed_has_correction",
                violation_error_message=_("A changed rating is published as a correction together with its response."),
            ),
            models.CheckConstraint(
                condition=Q(version=1) | ~Q(correction_reason=""),
                name="response_correction_has_reason",
                violation_error_message=_("Say why the published response is corrected; the reason is public."),
            ),
            models.UniqueConstraint(
                fields=["counter_assessment", "organisation", "version"], name="response_version_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation}: {self.get_kind_display()}"

    @classmethod
    def settled(cls) -> Q:
        return Q(state=cls.State.PUBLISHED)
