from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any, Self, TypeVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from assessments.models.frozen import Frozen, FrozenQuerySet
from assessments.models.periods import ReportingPeriod
from assessments.models.subjects import (
    OfSubject,
    Rated,
    Versioned,
    one_subject,
    rating_or_reason,
    refuse_other_plan,
    refuse_other_scale,
    versions_in_order,
)
from commitments import roles
from commitments.fields import ProseField
from commitments.models import Sourced
from commitments.models.searchable import Searchable
from commitments.rules import moment_and_person

if TYPE_CHECKING:
    from assessments.models.answers import CounterAssessment


def of_visible_plan(user: Any) -> Q:
    return roles.in_visible_plan(user, "period__plan__")


_Row = TypeVar("_Row", bound="SelfAssessment | CounterAssessment", covariant=True)


class AssessmentQuerySet(FrozenQuerySet[_Row]):
    def published(self, as_of: datetime.datetime | None = None) -> Self:
        """The versions in force at a moment: by default the current ones."""
        if as_of is None:
            return self.filter(is_current=True)
        return self.filter(published_at__lte=as_of).filter(Q(superseded_at__isnull=True) | Q(superseded_at__gt=as_of))

    def in_latest_period(self, as_of: datetime.datetime | None = None, until: datetime.date | None = None) -> Self:
        """Of each subject, the version in force in its newest period that had been published by then.

        ``until`` leaves out the periods that end after that day, as a report on an earlier one does.
        """
        if as_of is None and until is None:
            return self.filter(is_latest=True)
        in_time = Q(period__ends_on__lte=until) if until else Q()
        newer = SelfAssessment.objects.published(as_of).filter(
            in_time,
            Q(milestone__isnull=False, milestone=models.OuterRef("milestone"))
            | Q(commitment__isnull=False, commitment=models.OuterRef("commitment")),
            period__ends_on__gt=models.OuterRef("period__ends_on"),
        )
        return self.published(as_of).filter(in_time, ~models.Exists(newer))


class SelfAssessmentQuerySet(AssessmentQuerySet["SelfAssessment"]):
    def visible_to(self, user: Any) -> Self:
        """Published ones are public; what is being entered is the support unit's."""
        if roles.is_support_unit(user):
            return self
        return self.filter(of_visible_plan(user), published_at__isnull=False)


class SelfAssessment(Searchable, Frozen, OfSubject, Rated, Versioned, Sourced):
    """The government's own rating of a milestone (or commitment) in a period, with its evidence."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        SUBMITTED = "submitted", _("Submitted")
        RETURNED = "returned", _("Returned")
        PUBLISHED = "published", _("Published")

    # As long as it is being entered its text is edited; from submission on only the lifecycle moves it.
    EDITABLE = (State.DRAFT, State.RETURNED)

    # What the government says: entered, copied forward, corrected.
    WORDS = (
        "rating",
        "no_rating_reason",
        "no_rating_text",
        "evidence_en",
        "evidence_mn",
        "challenges_en",
        "challenges_mn",
        "next_steps_en",
        "next_steps_mn",
        "additional_information_en",
        "additional_information_mn",
    )
    searched_too = WORDS[2:]  # all but the codes
    FROZEN = (*WORDS, "period", "milestone", "commitment", "correction_reason", "transcribed")

    period = models.ForeignKey(ReportingPeriod, on_delete=models.PROTECT, verbose_name=_("reporting period"))
    evidence_en = ProseField(_("evidence in English"), blank=True)
    evidence_mn = ProseField(_("evidence in Mongolian"), blank=True)
    challenges_en = ProseField(_("challenges in English"), blank=True, help_text=_("What stands in the way."))
    challenges_mn = ProseField(_("challenges in Mongolian"), blank=True)
    next_steps_en = ProseField(_("next steps in English"), blank=True)
    next_steps_mn = ProseField(_("next steps in Mongolian"), blank=True)
    additional_information_en = ProseField(_("additional information in English"), blank=True)
    additional_information_mn = ProseField(_("additional information in Mongolian"), blank=True)
    copied_from = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("same as"),
        help_text=_("The rating of an earlier period that this one repeats unchanged."),
    )
    transcribed = models.BooleanField(
        _("transcribed"), default=False, editable=False, help_text=_("Copied from a document, with its gaps.")
    )
    state = models.CharField(_("state"), max_length=20, choices=State, default=State.DRAFT, editable=False)
    submitted_at = models.DateTimeField(_("submitted at"), null=True, blank=True, editable=False)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )
    returned_at = models.DateTimeField(_("returned at"), null=True, blank=True, editable=False)
    returned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )
    return_reason = ProseField(_("reason for returning it"), blank=True, editable=False)
    is_latest = models.BooleanField(default=False, editable=False)

    history = HistoricalRecords(excluded_fields=["search_text", "is_current", "is_latest"])
    objects = SelfAssessmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("self-assessment")
        verbose_name_plural = _("self-assessments")
        default_related_name = "self_assessments"
        ordering = ["period", "milestone__code_order", "commitment__code_order", "version"]
        constraints = [
            one_subject("selfassessment"),
            *rating_or_reason("selfassessment", unless=Q(state__in=["draft", "returned"])),
            *versions_in_order("selfassessment"),
            moment_and_person("published", table="selfassessment", copied=True),
            moment_and_person("submitted", table="selfassessment"),
            moment_and_person("returned", table="selfassessment"),
            models.CheckConstraint(
                condition=Q(state="published", published_at__isnull=False)
                | (~Q(state="published") & Q(published_at__isnull=True)),
                name="selfassessment_published_has_moment",
            ),
            models.CheckConstraint(
                condition=Q(version=1) | ~Q(correction_reason=""),
                name="selfassessment_correction_has_reason",
                violation_error_message=_("Say why the published rating is corrected; the reason is public."),
            ),
            models.CheckConstraint(
                condition=Q(transcribed=False) | Q(source__isnull=False),
                name="selfassessment_transcribed_has_source",
                violation_error_message=_("A row copied from a document names the document."),
            ),
            models.UniqueConstraint(
                fields=["milestone", "period", "version"], name="selfassessment_milestone_version_once"
            ),
            models.UniqueConstraint(
                fields=["commitment", "period", "version"], name="selfassessment_commitment_version_once"
            ),
            *(
                models.UniqueConstraint(
                    fields=fields,
                    condition=Q(**{flag: True}),
                    name=f"selfassessment_{subject}_one_{flag[3:]}",
                )
                for subject in ("milestone", "commitment")
                for flag, fields in (("is_current", [subject, "period"]), ("is_latest", [subject]))
            ),
        ]
        indexes = [models.Index(fields=["-published_at", "-id"], name="selfassessment_newest")]

    def __str__(self) -> str:
        return f"{self.subject.code} {self.period.code} v{self.version}"

    @classmethod
    def settled(cls) -> Q:
        return Q(state=cls.State.PUBLISHED, transcribed=False)

    @classmethod
    def kept(cls) -> Q:
        return Q(state=cls.State.PUBLISHED)

    @property
    def printed_date(self) -> str:
        """The date as the document prints it where that is no full one; `published_at` stands for it in comparisons."""
        return self.period.published_text if self.transcribed else ""

    def clean(self) -> None:
        refuse_other_plan(self)
        refuse_other_scale(self)
