"""What stands beside the ratings of government and NGOs: evidence, the independent review, printed figures."""

from __future__ import annotations

import datetime
import secrets
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from assessments.file_kinds import kind_by_media_type
from assessments.models.answers import CounterAssessment
from assessments.models.assessments import SelfAssessment
from assessments.models.responses import Response
from assessments.models.subjects import OfSubject, one_subject
from assessments.ratings import SCALES, Rating
from commitments import roles
from commitments.fields import LineField
from commitments.localised import localised
from commitments.models import Commitment, RatingScale, Sourced
from commitments.models.plans import OfPlan, code_once
from commitments.rules import exactly_one, one_language_filled


class IndependentReviewQuerySet(models.QuerySet["IndependentReview"]):
    def visible_to(self, user: Any) -> IndependentReviewQuerySet:
        return self.filter(
            (Q(commitment__isnull=False) & roles.in_visible_plan(user, "commitment__plan__"))
            | (Q(milestone__isnull=False) & roles.in_visible_plan(user, "milestone__commitment__plan__"))
        )

    def known(self, as_of: datetime.datetime | None = None) -> IndependentReviewQuerySet:
        """Those that had come out by a moment, as far as their dates tell; an undated one is not left out."""
        if as_of is None:
            return self
        day = timezone.localdate(as_of, timezone.get_default_timezone())
        return self.filter(
            Q(reviewed_on__isnull=True) | Q(reviewed_on__lte=day),
            Q(report_year__isnull=True) | Q(report_year__lte=day.year),
        )


class IndependentReview(OfSubject, Sourced):
    """What OGP's Independent Reporting Mechanism (IRM) found, in its own terms; counted apart, never averaged."""

    class Stage(models.TextChoices):
        PROGRESS = "progress", _("Progress")
        END_OF_TERM = "end_of_term", _("End of term")

    class EarlyResults(models.TextChoices):
        NO_NOTABLE = "no_notable", _("No notable results")
        MODERATE = "moderate", _("Moderate results")
        SIGNIFICANT = "significant", _("Significant results")

    class PotentialForResults(models.TextChoices):
        UNCLEAR = "unclear", _("Unclear")
        MODEST = "modest", _("Modest")
        SUBSTANTIAL = "substantial", pgettext_lazy("potential for results", "Substantial")

    class OpenedGovernment(models.TextChoices):
        WORSENED = "worsened", _("Worsened")
        DID_NOT_CHANGE = "did_not_change", _("Did not change")
        MARGINAL = "marginal", _("Marginal")
        MAJOR = "major", _("Major")
        OUTSTANDING = "outstanding", _("Outstanding")

    class OtherCompletion(models.TextChoices):
        UNCLEAR = "unclear", _("Unclear")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    stage = models.CharField(_("stage"), max_length=20, choices=Stage)
    completion = models.CharField(
        _("completion"),
        max_length=30,
        choices=[(rating.value, rating.label) for rating in SCALES[RatingScale.COMPLETION]],
        null=True,
        blank=True,
        help_text=_("Empty where the review gives none."),
    )
    completion_other = models.CharField(
        _("other finding on completion"), max_length=20, choices=OtherCompletion, blank=True
    )
    early_results = models.CharField(_("early results"), max_length=20, choices=EarlyResults, blank=True)
    potential_for_results = models.CharField(
        _("potential for results"), max_length=20, choices=PotentialForResults, blank=True
    )
    verifiable = models.BooleanField(_("verifiable"), null=True, blank=True)
    opened_government = models.CharField(
        _("did it open government"), max_length=20, choices=OpenedGovernment, blank=True
    )
    report_year = models.PositiveSmallIntegerField(
        _("year of the report"),
        null=True,
        blank=True,
        validators=[MinValueValidator(2011), MaxValueValidator(2100)],
    )
    reviewed_on = models.DateField(_("date of the review"), null=True, blank=True)
    link = models.URLField(_("link"), max_length=500, blank=True)

    history = HistoricalRecords()
    objects = IndependentReviewQuerySet.as_manager()

    class Meta:
        verbose_name = _("independent review")
        verbose_name_plural = _("independent reviews")
        default_related_name = "independent_reviews"
        ordering = ["commitment__plan", "commitment__code_order", "milestone__code_order", "stage"]
        constraints = [
            one_subject("independentreview"),
            *(
                models.UniqueConstraint(
                    fields=[subject, "stage"],
                    name=f"independentreview_{subject}_stage_once",
                    violation_error_message=_("This stage is recorded already."),
                )
                for subject in ("milestone", "commitment")
            ),
            models.CheckConstraint(
                condition=Q(completion__isnull=True) | Q(completion_other=""),
                name="independentreview_one_completion",
                violation_error_message=_("A completion level and another finding exclude each other."),
            ),
            models.CheckConstraint(
                condition=Q(completion__isnull=True)
                | Q(completion__in=[rating.value for rating in SCALES[RatingScale.COMPLETION]]),
                name="independentreview_completion_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject.code} {self.get_stage_display()}"

    @property
    def light(self) -> str | None:
        return Rating(self.completion).light.value if self.completion else None


class EvidenceQuerySet(models.QuerySet["Evidence"]):
    def with_key(self, key: str) -> EvidenceQuerySet:
        """The rows of one stored file, by the random part of its name: a correction shares it with the old version."""
        return self.filter(file__startswith=f"{folder_of(key)}{key}.")

    def visible_to(self, user: Any) -> EvidenceQuerySet:
        """As visible as what it stands under."""
        return self.filter(
            Q(self_assessment__in=SelfAssessment.objects.visible_to(user))
            | Q(counter_assessment__in=CounterAssessment.objects.visible_to(user))
            | Q(response__in=Response.objects.visible_to(user))
        )


FOLDER = "evidence"  # of the storage


def random_place(evidence: Evidence, name: str) -> str:
    """Where an uploaded file is stored: a name that nobody can guess, with the file's own ending."""
    key = secrets.token_hex(16)
    return f"{folder_of(key)}{key}{PurePosixPath(name).suffix.lower()}"


def folder_of(key: str) -> str:
    return f"{FOLDER}/{key[:2]}/"


def refuse_odd_link(address: str) -> None:
    """Links lead to the web, and carry nobody's name and password."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return  # no address at all, which another validator says
    if parts.scheme not in {"http", "https"}:
        raise ValidationError(_("Give a link that begins with https:// or http://."), code="scheme")
    if "@" in parts.netloc:
        raise ValidationError(_("This link contains a name or password. Give it without."), code="credentials")


class Evidence(Sourced):
    """A file or a link under an assessment or a response."""

    class CheckResult(models.TextChoices):
        """What came of opening a link."""

        OPENED = "opened", _("opened")
        NOT_FOUND = "not_found", _("not found")
        REFUSED = "refused", _("refused")
        NO_ANSWER = "no_answer", _("no answer")
        NOT_PUBLIC = "not_public", _("not a public address")

    self_assessment = models.ForeignKey(
        SelfAssessment, on_delete=models.PROTECT, null=True, blank=True, verbose_name=_("self-assessment")
    )
    counter_assessment = models.ForeignKey(
        CounterAssessment,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        verbose_name=_("counter-assessment"),
    )
    response = models.ForeignKey(Response, on_delete=models.PROTECT, null=True, blank=True, verbose_name=_("response"))
    position = models.PositiveSmallIntegerField(_("place in the list"), default=0)
    title_en = LineField(_("title in English"), max_length=300, blank=True)
    title_mn = LineField(_("title in Mongolian"), max_length=300, blank=True)
    address = models.URLField(_("link"), max_length=1000, blank=True, validators=[refuse_odd_link])
    file = models.FileField(_("file"), upload_to=random_place, max_length=200, blank=True)
    file_name = LineField(_("name of the file"), max_length=200, blank=True, editable=False)
    media_type = models.CharField(_("type of the file"), max_length=100, blank=True, editable=False)
    sha256 = models.CharField(_("SHA-256"), max_length=64, blank=True, editable=False)
    size = models.PositiveBigIntegerField(_("size in bytes"), null=True, blank=True, editable=False)
    checked_at = models.DateTimeField(_("link last checked at"), null=True, blank=True, editable=False)
    check_result = models.CharField(
        _("result of the check"), max_length=20, choices=CheckResult, blank=True, editable=False
    )

    # What people change is kept; what `check_links` finds at a link is no change of theirs.
    history = HistoricalRecords(excluded_fields=["checked_at", "check_result"])
    objects = EvidenceQuerySet.as_manager()

    # What a picture was stored without, as pairs of a label and a value. Known right after the upload, never stored.
    taken_out: Sequence[tuple[str, str]] = ()

    class Meta:
        verbose_name = _("evidence")
        verbose_name_plural = _("evidence")
        default_related_name = "attachments"
        ordering = ["position", "pk"]
        constraints = [
            exactly_one(
                ["self_assessment", "counter_assessment", "response"],
                table="evidence",
                name="one_parent",
                message=_("Evidence stands under exactly one assessment or response."),
            ),
            models.CheckConstraint(
                condition=(Q(file="") & ~Q(address="")) | (~Q(file="") & Q(address="")),
                name="evidence_file_or_link",
                violation_error_message=_("Give a file or a link: one of the two."),
            ),
            models.CheckConstraint(
                condition=Q(file="") | (Q(size__isnull=False) & ~Q(sha256="")),
                name="evidence_file_has_checksum",
            ),
        ]

    def __str__(self) -> str:
        return str(localised(self, "title")) or self.host or self.file_name or str(self.file)

    @property
    def host(self) -> str:
        """Where a link leads, without the address's tail."""
        return (urlsplit(self.address).hostname or "").removeprefix("www.")

    @property
    def key(self) -> str:
        """The random part of a stored file's name, which its public address consists of; empty for a link."""
        return PurePosixPath(str(self.file)).stem

    def get_absolute_url(self) -> str:
        """Where the file is downloaded, or the link itself."""
        return reverse("evidence", args=[self.key]) if self.file else self.address

    @property
    def kind_words(self) -> str:
        """What kind of file it is, in words; empty for a link, and where it was recorded before kinds were."""
        kind = kind_by_media_type(self.media_type)
        return str(kind.label) if kind else ""

    @property
    def check_words(self) -> str:
        """What came of opening the link, and when, in words; empty for a file."""
        if not self.address:
            return ""
        if self.checked_at is None:
            return gettext("not checked since it was recorded")
        day = date_format(timezone.localtime(self.checked_at, timezone.get_default_timezone()), "DATE_FORMAT")
        if self.check_result == self.CheckResult.OPENED:
            return gettext("opened %(date)s") % {"date": day}
        return gettext("did not open %(date)s (%(result)s)") % {"date": day, "result": self.get_check_result_display()}


class Claim(OfPlan):
    """A figure that a published document prints about a plan, kept beside the count made from the data."""

    class Unit(models.TextChoices):
        NUMBER = "number", _("Number")
        PERCENT = "percent", _("Per cent")

    class Measure(models.TextChoices):
        """What of the record a printed figure is compared with; `assessments.counts` counts it."""

        COMMITMENTS = "commitments", _("Commitments")
        MILESTONES = "milestones", _("Milestones")
        GOVERNMENT_GREEN = "government_green", _("Government: completed or substantial")
        GOVERNMENT_AMBER = "government_amber", _("Government: limited")
        GOVERNMENT_RED = "government_red", _("Government: not started or severe delays")
        GOVERNMENT_NOT_RATED = "government_not_rated", _("Government: not rated")
        GOVERNMENT_GREEN_PERCENT = "government_green_percent", _("Government: share completed or substantial")
        GOVERNMENT_AMBER_PERCENT = "government_amber_percent", _("Government: share limited")
        COMMENTING_GOVERNMENT = "commenting_government", _("Government organisations that commented")
        COMMENTING_OTHERS = "commenting_others", _("Other organisations that commented")
        LEADING_AGENCIES = "leading_agencies", _("Leading agencies")
        RECOMMENDATIONS = "recommendations", _("Recommendations of the reviewer")

    label_en = LineField(_("label in English"), max_length=300, blank=True)
    label_mn = LineField(_("label in Mongolian"), max_length=300, blank=True)
    printed = LineField(_("as printed"), max_length=50)
    value = models.DecimalField(_("value"), max_digits=12, decimal_places=2)
    unit = models.CharField(_("unit"), max_length=10, choices=Unit, default=Unit.NUMBER)
    measure = models.CharField(
        _("compared with"),
        max_length=40,
        choices=Measure,
        blank=True,
        help_text=_("The count that is shown beside it. Empty where the record holds nothing to count."),
    )
    commitments = models.ManyToManyField(
        Commitment,
        blank=True,
        related_name="claims",
        verbose_name=_("commitments"),
        help_text=_("Empty for the whole plan."),
    )

    history = HistoricalRecords(excluded_fields=["code_order"], m2m_fields=[commitments])

    class Meta(OfPlan.Meta):
        verbose_name = _("printed figure")
        verbose_name_plural = _("printed figures")
        default_related_name = "claims"
        constraints = [code_once("claim"), one_language_filled("label", table="claim")]

    def __str__(self) -> str:
        return f"{localised(self, 'label')}: {self.printed}"
