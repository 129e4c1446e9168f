"""What organisations answer to the government's ratings."""

from __future__ import annotations

import datetime
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Count, OuterRef, Q, Subquery
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from assessments.models.assessments import AssessmentQuerySet, SelfAssessment, of_visible_plan
from assessments.models.frozen import Frozen
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
from commitments.models.searchable import Searchable
from commitments.rules import moment_and_person


class CounterAssessmentQuerySet(AssessmentQuerySet["CounterAssessment"]):
    def visible_to(self, user: Any) -> Self:
        """Published ones are public; an organisation sees its own, the support unit all that were submitted."""
        public = of_visible_plan(user) & Q(state=CounterAssessment.State.PUBLISHED)
        if roles.is_support_unit(user):
            return self.exclude(state=CounterAssessment.State.DRAFT)
        own = organisations_of(user)
        return self.filter(public | Q(organisation__in=own)) if own else self.filter(public)

    def published(self, as_of: datetime.datetime | None = None) -> Self:
        """The versions in force at a moment; also those that were withdrawn or withheld after it."""
        rows = super().published(as_of)
        if as_of is None:
            return rows
        return rows.filter(
            Q(withdrawn_at__isnull=True) | Q(withdrawn_at__gt=as_of),
            Q(withheld_at__isnull=True) | Q(withheld_at__gt=as_of),
        )

    def marks(self, user: Any, as_of: datetime.datetime | None = None) -> Self:
        """Answers of which the public sees only that they were here: withdrawn or withheld after they were published.

        None of their words may be shown or are read, only who, when and why (`assessments.ledger.Mark`). They are
        shown of every moment since they were published, so that what was public then is not missing without a word.
        """
        rows = self.defer(*CounterAssessment.TEXTS).filter(
            of_visible_plan(user),
            published_at__isnull=False,
            state__in=[CounterAssessment.State.WITHDRAWN, CounterAssessment.State.WITHHELD],
        )
        return rows.filter(published_at__lte=as_of) if as_of else rows

    def numbered(self) -> Self:
        """With ``unnamed_number``: where a source names nobody, answers are told apart by their place among such."""
        unnamed = CounterAssessment.objects.filter(
            Q(milestone=OuterRef("milestone")) | Q(commitment=OuterRef("commitment")),
            organisation=None,
            period=OuterRef("period"),
            pk__lte=OuterRef("pk"),
        )
        counted = unnamed.order_by().values("period").annotate(n=Count("pk")).values("n")
        return self.annotate(unnamed_number=Subquery(counted))

    def waiting(self) -> Self:
        """Submitted, not yet published, and not replaced by their author."""
        return self.filter(state=CounterAssessment.State.SUBMITTED, superseded_at__isnull=True)


class CounterAssessment(Searchable, Frozen, OfSubject, Rated, Versioned, Sourced):
    """An organisation's answer to the government's rating. Its words are its author's: nobody else changes them."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        SUBMITTED = "submitted", _("Submitted")
        RETURNED = "returned", _("Returned")
        PUBLISHED = "published", _("Published")
        WITHHELD = "withheld", _("Withheld")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    # The states in which its author may change it.
    OPEN = (State.DRAFT, State.RETURNED)

    class WithheldReason(models.TextChoices):
        """Why an answer is not shown: the whole list, which is public."""

        PERSONAL_DATA = "personal_data", _("It contains personal data")
        UNLAWFUL = "unlawful", _("Publishing it would be unlawful")
        OFF_TOPIC = "off_topic", _("It is about something else")

    class Attribution(models.TextChoices):
        STATED = "stated", _("Stated")
        INFERRED = "inferred", _("Inferred")
        NOT_STATED = "not_stated", _("Not stated in the source")

    TEXTS = ("no_rating_text", "recommendation", "justification", "condition")
    # What the author says. Set by the author's own form and by transcription; read-only everywhere else.
    WORDS = (
        "organisation",
        "rating",
        "no_rating_reason",
        *TEXTS,
        "language",
        "stated_on",
    )
    FROZEN = (
        *WORDS,
        "period",
        "milestone",
        "commitment",
        "answers",
        "answered_rating",
        "reference_number",
        "submission_key",
        "attribution",
        "transcribed",
    )

    searched_too = ("recommendation", "justification", "condition", "no_rating_text")

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
    submission_key = models.UUIDField(
        _("submission key"),
        null=True,
        blank=True,
        unique=True,
        editable=False,
        help_text=_("Comes with the form, so that a form sent twice is one submission."),
    )
    draft_version = models.PositiveIntegerField(
        _("saved"), default=0, editable=False, help_text=_("How often the draft was saved.")
    )
    saved_at = models.DateTimeField(_("saved at"), null=True, blank=True, editable=False)
    saved_by = models.ForeignKey(
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
    return_reason = ProseField(
        _("reason for returning it"), blank=True, editable=False, help_text=_("To its author; not public.")
    )
    withheld_at = models.DateTimeField(_("withheld at"), null=True, blank=True, editable=False)
    withheld_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )
    withheld_reason = models.CharField(
        _("reason for withholding it"), max_length=20, choices=WithheldReason, blank=True, editable=False
    )
    withheld_note_en = ProseField(_("note on it in English"), blank=True, editable=False, help_text=_("Public."))
    withheld_note_mn = ProseField(_("note on it in Mongolian"), blank=True, editable=False, help_text=_("Public."))
    withdrawn_at = models.DateTimeField(_("withdrawn at"), null=True, blank=True, editable=False)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )
    is_latest = models.BooleanField(default=False, editable=False)

    history = HistoricalRecords(excluded_fields=["search_text", "is_current", "is_latest"])
    objects = CounterAssessmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("counter-assessment")
        verbose_name_plural = _("counter-assessments")
        default_related_name = "counter_assessments"
        ordering = ["period", "milestone__code_order", "commitment__code_order", "stated_on", "pk"]
        constraints = [
            one_subject("counterassessment"),
            *rating_or_reason(
                "counterassessment", unless=Q(state__in=["draft", "returned"]), wordless=Q(state="draft")
            ),
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
            *(
                moment_and_person(verb, table="counterassessment")
                for verb in ("saved", "returned", "withheld", "withdrawn")
            ),
            models.CheckConstraint(
                condition=~Q(state="published") | Q(published_at__isnull=False),
                name="counterassessment_published_has_moment",
            ),
            models.CheckConstraint(
                condition=Q(published_at__isnull=True) | Q(state__in=["published", "withheld", "withdrawn"]),
                name="counterassessment_published_stays_so",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["submitted", "returned"]) | Q(submitted_at__isnull=False),
                name="counterassessment_submitted_has_moment",
            ),
            models.CheckConstraint(
                condition=~Q(state="returned") | Q(returned_at__isnull=False),
                name="counterassessment_returned_has_moment",
            ),
            models.CheckConstraint(
                condition=Q(returned_at__isnull=True, return_reason="")
                | Q(returned_at__isnull=False) & ~Q(return_reason=""),
                name="counterassessment_returned_with_reason",
                violation_error_message=_("Say what has to be mended."),
            ),
            models.CheckConstraint(
                condition=Q(state="withheld", withheld_at__isnull=False) & ~Q(withheld_reason="")
                | ~Q(state="withheld")
                & Q(withheld_at__isnull=True, withheld_reason="", withheld_note_en="", withheld_note_mn=""),
                name="counterassessment_withheld_with_reason",
                violation_error_message=_("Say why it is withheld; the reason is public."),
            ),
            models.CheckConstraint(
                condition=Q(state="withdrawn", withdrawn_at__isnull=False)
                | ~Q(state="withdrawn") & Q(withdrawn_at__isnull=True),
                name="counterassessment_withdrawn_has_moment",
            ),
            models.CheckConstraint(
                condition=Q(is_current=False) | Q(state="published"),
                name="counterassessment_current_is_shown",
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

    @property
    def is_waiting(self) -> bool:
        """Whether it is among `CounterAssessmentQuerySet.waiting`."""
        return self.state == self.State.SUBMITTED and self.superseded_at is None

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

    @classmethod
    def settled(cls) -> Q:
        return ~Q(state__in=cls.OPEN) & Q(transcribed=False)

    @classmethod
    def kept(cls) -> Q:
        """All that was ever sent, also while it is mended."""
        return ~Q(state=cls.State.DRAFT) | Q(submitted_at__isnull=False)

    @property
    def gap_when_given(self) -> int | None:
        """Steps above or below the rating that was answered, as it stood then."""
        return gap(self.rating, self.answered_rating)


class AnswerNumbers(models.Model):
    """How many reference numbers a year has given out; its row is locked while the next one is taken."""

    year = models.PositiveSmallIntegerField(_("year"), unique=True)
    last = models.PositiveIntegerField(_("last number"), default=0)

    class Meta:
        verbose_name = _("reference numbers of a year")
        verbose_name_plural = _("reference numbers of the years")
        ordering = ["year"]

    def __str__(self) -> str:
        return f"{self.year}: {self.last}"
