from __future__ import annotations

import datetime
from typing import Any, Self, TypeVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

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
from assessments.ratings import Rating, gap
from commitments import roles
from commitments.fields import LineField, ProseField
from commitments.localised import LANGUAGES
from commitments.models import Organisation, Sourced, organisations_of
from commitments.rules import moment_and_person


def _of_visible_plan(user: Any) -> Q:
    return roles.in_visible_plan(user, "period__plan__")


_Row = TypeVar("_Row", bound="SelfAssessment | CounterAssessment", covariant=True)


class AssessmentQuerySet(models.QuerySet[_Row]):
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
        return self.filter(_of_visible_plan(user), published_at__isnull=False)


class SelfAssessment(OfSubject, Rated, Versioned, Sourced):
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

    history = HistoricalRecords(excluded_fields=["is_current", "is_latest"])
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

    @property
    def printed_date(self) -> str:
        """The date as the document prints it where that is no full one; `published_at` stands for it in comparisons."""
        return self.period.published_text if self.transcribed else ""

    def clean(self) -> None:
        refuse_other_plan(self)
        refuse_other_scale(self)


class CounterAssessmentQuerySet(AssessmentQuerySet["CounterAssessment"]):
    def visible_to(self, user: Any) -> Self:
        """Published ones are public; an organisation sees its own, the support unit all that were submitted."""
        public = _of_visible_plan(user) & Q(state=CounterAssessment.State.PUBLISHED)
        if roles.is_support_unit(user):
            return self.exclude(state=CounterAssessment.State.DRAFT)
        own = organisations_of(user)
        return self.filter(public | Q(organisation__in=own)) if own else self.filter(public)


class CounterAssessment(OfSubject, Rated, Versioned, Sourced):
    """An organisation's answer to the government's rating. Its words are its author's: nobody else changes them."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        SUBMITTED = "submitted", _("Submitted")
        RETURNED = "returned", _("Returned")
        PUBLISHED = "published", _("Published")
        WITHHELD = "withheld", _("Withheld")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    class Attribution(models.TextChoices):
        STATED = "stated", _("Stated")
        INFERRED = "inferred", _("Inferred")
        NOT_STATED = "not_stated", _("Not stated in the source")

    # What the author says. Set by the author's own form and by transcription; read-only everywhere else.
    WORDS = (
        "organisation",
        "rating",
        "no_rating_reason",
        "no_rating_text",
        "recommendation",
        "justification",
        "condition",
        "language",
        "stated_on",
    )

    period = models.ForeignKey(ReportingPeriod, on_delete=models.PROTECT, verbose_name=_("reporting period"))
    organisation = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="counter_assessments",
        verbose_name=_("organisation"),
        help_text=_("Empty only where a transcribed source does not say who rated."),
    )
    attribution = models.CharField(
        _("attribution"), max_length=20, choices=Attribution, default=Attribution.STATED, editable=False
    )
    attribution_reason_en = ProseField(_("why it is inferred, in English"), blank=True, editable=False)
    attribution_reason_mn = ProseField(_("why it is inferred, in Mongolian"), blank=True, editable=False)
    recommendation = ProseField(_("recommendation"), blank=True)
    justification = ProseField(
        _("justification"), blank=True, help_text=_("Why the government's rating should change.")
    )
    condition = ProseField(_("condition"), blank=True, help_text=_("What the rating depends on, if on anything."))
    language = models.CharField(_("language"), max_length=2, choices=[(code, code) for code in LANGUAGES], default="mn")
    stated_on = models.DateField(_("stated on"), null=True, blank=True)
    reference_number = LineField(
        _("reference number"), max_length=30, null=True, blank=True, unique=True, editable=False
    )
    answers = models.ForeignKey(
        SelfAssessment,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="answered_by",
        verbose_name=_("answers"),
        help_text=_("The version of the government's rating that was on the screen."),
    )
    answered_rating = models.CharField(
        _("answered rating"), max_length=30, choices=Rating, null=True, blank=True, editable=False
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
    is_latest = models.BooleanField(default=False, editable=False)

    history = HistoricalRecords(excluded_fields=["is_current", "is_latest"])
    objects = CounterAssessmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("counter-assessment")
        verbose_name_plural = _("counter-assessments")
        default_related_name = "counter_assessments"
        ordering = ["period", "milestone__code_order", "commitment__code_order", "stated_on", "pk"]
        constraints = [
            one_subject("counterassessment"),
            *rating_or_reason("counterassessment", unless=Q(state__in=["draft", "returned"])),
            *versions_in_order("counterassessment"),
            moment_and_person("published", table="counterassessment", copied=True),
            moment_and_person("submitted", table="counterassessment"),
            models.CheckConstraint(
                condition=Q(organisation__isnull=False, attribution__in=["stated", "inferred"])
                | Q(organisation__isnull=True, attribution="not_stated", transcribed=True),
                name="counterassessment_attribution",
                violation_error_message=_("Only a transcribed answer may be without an organisation."),
            ),
            models.CheckConstraint(
                condition=~Q(attribution="inferred") | ~Q(attribution_reason_en="") | ~Q(attribution_reason_mn=""),
                name="counterassessment_inferred_has_reason",
                violation_error_message=_("Say from what the author was inferred."),
            ),
            models.CheckConstraint(
                condition=Q(transcribed=False) | Q(source__isnull=False),
                name="counterassessment_transcribed_has_source",
                violation_error_message=_("A row copied from a document names the document."),
            ),
            models.CheckConstraint(
                condition=~Q(state="published") | Q(published_at__isnull=False),
                name="counterassessment_published_has_moment",
            ),
            models.UniqueConstraint(
                fields=["milestone", "period", "organisation", "version"],
                name="counterassessment_milestone_version_once",
            ),
            models.UniqueConstraint(
                fields=["commitment", "period", "organisation", "version"],
                name="counterassessment_commitment_version_once",
            ),
            *(
                models.UniqueConstraint(
                    fields=fields,
                    condition=Q(**{flag: True}),
                    name=f"counterassessment_{subject}_one_{flag[3:]}",
                )
                for subject in ("milestone", "commitment")
                for flag, fields in (
                    ("is_current", [subject, "period", "organisation"]),
                    ("is_latest", [subject, "organisation"]),
                )
            ),
        ]
        indexes = [models.Index(fields=["-published_at", "-id"], name="counterassessment_newest")]

    def __str__(self) -> str:
        return f"{self.subject.code} {self.period.code}, {self.organisation or self.get_attribution_display()}"

    def clean(self) -> None:
        refuse_other_plan(self)
        refuse_other_scale(self)

    def save(self, *args: Any, **options: Any) -> None:
        """An organisation's drafts leave no history; it starts when they are submitted (design rule 8)."""
        if self.state == self.State.DRAFT:
            self.skip_history_when_saving = True
        elif hasattr(self, "skip_history_when_saving"):
            del self.skip_history_when_saving
        super().save(*args, **options)

    @property
    def gap_when_given(self) -> int | None:
        """Steps above or below the rating that was answered, as it stood then."""
        return gap(self.rating, self.answered_rating)
