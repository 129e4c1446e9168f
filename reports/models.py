from __future__ import annotations

import datetime
import uuid
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from assessments.models import ReportingPeriod
from assessments.models.frozen import Frozen, FrozenQuerySet
from commitments import roles
from commitments.fields import LineField, ProseField
from commitments.localised import localised
from commitments.models import ActionPlan, Commitment, Milestone, Organisation, Sourced
from commitments.rules import exactly_one, moment_and_person
from reports.narrative import HINT, refuse_what_is_lost


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


class ReportFile(Frozen):
    """One released file, in the one chain of the installation."""

    class Format(models.TextChoices):
        PDF = "pdf", "PDF"
        HTML = "html", "HTML"
        XLSX = "xlsx", "XLSX"
        JSON = "json", "JSON"
        CSV = "zip", "CSV"

    MEDIA_TYPES = {
        Format.PDF.value: "application/pdf",
        Format.HTML.value: "text/html; charset=utf-8",
        Format.XLSX.value: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        Format.JSON.value: "application/json",
        Format.CSV.value: "application/zip",
    }

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="files", verbose_name=_("report"))
    language = models.CharField(_("language"), max_length=2, choices=settings.LANGUAGES, blank=True)
    format = models.CharField(_("format"), max_length=10, choices=Format)
    file = models.FileField(_("file"), upload_to="reports/")
    size = models.PositiveBigIntegerField(_("size in bytes"))
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    position = models.PositiveBigIntegerField(
        _("place in the chain"), unique=True, help_text=_("From 1, over all released files.")
    )
    previous_sha256 = models.CharField(_("SHA-256 of the file before"), max_length=64, blank=True)

    objects = FrozenQuerySet.as_manager()

    FROZEN = ("report", "language", "format", "file", "size", "sha256", "position", "previous_sha256")

    class Meta:
        verbose_name = _("report file")
        verbose_name_plural = _("report files")
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["report", "language", "format"], name="reportfile_format_once"),
            models.CheckConstraint(
                condition=Q(position=1, previous_sha256="") | (Q(position__gt=1) & ~Q(previous_sha256="")),
                name="reportfile_chained",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.report} {self.language} {self.format}"

    @classmethod
    def settled(cls) -> Q:
        return Q()

    def get_absolute_url(self) -> str:
        """Under the active language; the data package, which has none, as if it were in it."""
        language = self.language or (get_language() or "en")[:2]
        return reverse("report_file", args=[self.report.plan.slug, self.report.number, language, self.format])

    @property
    def media_type(self) -> str:
        return self.MEDIA_TYPES[self.format]

    @property
    def words(self) -> str:
        """What a link to it says."""
        if not self.language:
            return str(_("Data package (CSV)"))
        return f"{self.get_format_display()}, {self.get_language_display()}"

    @property
    def name(self) -> str:
        """What it is called when it is downloaded, and in the list of checksums: ``nap-4-report-1-en.pdf``."""
        return str(self.file).rpartition("/")[2]


class Release(models.Model):
    """An attempt to release a report: frozen figures, and files in the making. Nothing of it is public.

    The worker makes the files; then one transaction makes the report, its number and its files visible. An attempt that
    came to nothing stays as a row that says why.
    """

    class State(models.TextChoices):
        MAKING = "making", _("Being made")
        FAILED = "failed", _("Failed")
        DONE = "done", _("Released")

    class Problem(models.TextChoices):
        FILE = "file", _("This file could not be made.")
        CHANGED = "changed", _("The draft was changed meanwhile.")
        STORAGE = "storage", _("The files could not be stored.")
        STOPPED = "stopped", _("The work stopped in the middle.")
        OTHER = "other", _("Something went wrong that nobody expected.")

    # No sign of life for so long, and it is dead: one file takes at most reports.pdf.PATIENCE.
    STALLED = datetime.timedelta(minutes=6)

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="releases", verbose_name=_("report"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.MAKING)
    requested_at = models.DateTimeField(_("requested at"))
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("requested by")
    )
    as_of = models.DateTimeField(_("as of"))
    figures = models.JSONField(
        _("figures"), null=True, blank=True, help_text=_("By language, while the files are made of them.")
    )
    begun_at = models.DateTimeField(_("begun at"), null=True, blank=True)
    moved_at = models.DateTimeField(_("last sign of life"))
    files_made = models.PositiveSmallIntegerField(_("files made"), default=0)
    problem = models.CharField(_("problem"), max_length=10, choices=Problem, blank=True)
    problem_place = models.CharField(_("file with the problem"), max_length=200, blank=True)
    problem_details = models.TextField(_("what the program said"), blank=True)
    made_with = models.JSONField(
        _("made with"), default=dict, blank=True, help_text=_("Versions that decide the bytes of the files.")
    )

    class Meta:
        verbose_name = _("release")
        verbose_name_plural = _("releases")
        ordering = ["requested_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["report"], condition=Q(state="making"), name="release_one_at_a_time"),
            models.UniqueConstraint(fields=["report"], condition=Q(state="done"), name="release_done_once"),
            moment_and_person("requested", table="release"),
            models.CheckConstraint(
                condition=Q(state="making", figures__isnull=False, problem="")
                | Q(state="done", figures__isnull=True, problem="")
                | (Q(state="failed", figures__isnull=True) & ~Q(problem="")),
                name="release_failed_has_problem",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.report}, {self.get_state_display()}"

    @property
    def folder(self) -> str:
        """Where its files are, in the storage."""
        return f"reports/{self.key}"

    def is_stalled(self, moment: datetime.datetime | None = None) -> bool:
        """Whether nobody works on it any more, or nobody ever began."""
        return self.state == self.State.MAKING and (moment or timezone.now()) - self.moved_at > self.STALLED


class DraftFile(models.Model):
    """A draft as a file, made by the worker. Its bytes are here, where no web server can hand them out by itself."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting for the worker")
        READING = "reading", _("Reading the record and counting")
        RENDERING = "rendering", _("Setting the pages")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="draft_files", verbose_name=_("report"))
    language = models.CharField(_("language"), max_length=2, choices=settings.LANGUAGES)
    format = models.CharField(
        _("format"), max_length=10, choices=[(ReportFile.Format.PDF, "PDF"), (ReportFile.Format.HTML, "HTML")]
    )
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.WAITING)
    failure = ProseField(_("what went wrong"), blank=True)
    requested_at = models.DateTimeField(_("asked for at"))
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("asked for by")
    )
    key = models.CharField(_("what it was made from"), max_length=64, blank=True)
    as_of = models.DateTimeField(_("as of"), null=True, blank=True)
    content = models.BinaryField(_("content"), null=True, blank=True)
    size = models.PositiveBigIntegerField(_("size in bytes"), null=True, blank=True)
    sha256 = models.CharField(_("SHA-256"), max_length=64, blank=True)

    class Meta:
        verbose_name = _("draft file")
        verbose_name_plural = _("draft files")
        ordering = ["report", "language", "-format"]
        constraints = [
            models.UniqueConstraint(fields=["report", "language", "format"], name="draftfile_format_once"),
            models.CheckConstraint(
                condition=~Q(state="done") | Q(content__isnull=False, size__isnull=False, as_of__isnull=False),
                name="draftfile_done_has_content",
            ),
        ]

    def __str__(self) -> str:
        return self.file_name

    @property
    def file_name(self) -> str:
        """With ``draft`` in it, wherever the file wanders."""
        report = self.report
        return f"{report.plan.slug}-{report.period_code}-{report.kind}-draft-{self.language}.{self.format}"


class DraftDownload(models.Model):
    """That somebody took a draft away: who, when, and which bytes."""

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="downloads", verbose_name=_("report"))
    language = models.CharField(_("language"), max_length=2, choices=settings.LANGUAGES)
    format = models.CharField(_("format"), max_length=10, choices=ReportFile.Format)
    size = models.PositiveBigIntegerField(_("size in bytes"))
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    downloaded_at = models.DateTimeField(_("taken at"))
    downloaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("taken by")
    )

    class Meta:
        verbose_name = _("download of a draft")
        verbose_name_plural = _("downloads of the draft")
        ordering = ["-downloaded_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.downloaded_by}, {self.report} {self.language} {self.format}"


class CommentQuerySet(models.QuerySet["Comment"]):
    def visible_to(self, user: Any) -> CommentQuerySet:
        if roles.sees_drafts(user):
            return self
        released = Q(report__isnull=True) | Q(report__state=Report.State.RELEASED)
        return self.filter(
            released,
            Q(plan__published_at__isnull=False)
            | Q(commitment__plan__published_at__isnull=False)
            | Q(milestone__commitment__plan__published_at__isnull=False)
            | Q(report__plan__published_at__isnull=False),
        )

    def of_plan(self, plan: ActionPlan) -> CommentQuerySet:
        """On the plan and on anything in it."""
        return self.filter(
            Q(plan=plan) | Q(commitment__plan=plan) | Q(milestone__commitment__plan=plan) | Q(report__plan=plan)
        )

    def of_commitment(self, commitment: Commitment) -> CommentQuerySet:
        """On the commitment and on its milestones."""
        return self.filter(Q(commitment=commitment) | Q(milestone__commitment=commitment))


class Comment(Sourced):
    """A remark received on a plan, a report, a commitment or a milestone."""

    class Kind(models.TextChoices):
        PUBLIC = "public", _("Public")
        NGO = "ngo", _("NGO")
        GOVERNMENT = "government", _("Government")

    plan = models.ForeignKey(ActionPlan, on_delete=models.PROTECT, null=True, blank=True, verbose_name=_("action plan"))
    report = models.ForeignKey(Report, on_delete=models.PROTECT, null=True, blank=True, verbose_name=_("report"))
    commitment = models.ForeignKey(
        Commitment, on_delete=models.PROTECT, null=True, blank=True, verbose_name=_("commitment")
    )
    milestone = models.ForeignKey(
        Milestone, on_delete=models.PROTECT, null=True, blank=True, verbose_name=_("milestone")
    )
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    organisation = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="comments",
        verbose_name=_("organisation"),
    )
    stated_on = models.DateField(_("stated on"), null=True, blank=True)
    text_en = ProseField(_("text in English"), blank=True)
    text_mn = ProseField(_("text in Mongolian"), blank=True)

    history = HistoricalRecords()
    objects = CommentQuerySet.as_manager()

    class Meta:
        verbose_name = _("comment")
        verbose_name_plural = _("comments")
        default_related_name = "comments"
        ordering = ["stated_on", "pk"]
        constraints = [
            exactly_one(
                ["plan", "report", "commitment", "milestone"],
                table="comment",
                name="one_subject",
                message=_("A comment is about one thing: a plan, a report, a commitment or a milestone."),
            ),
            models.CheckConstraint(
                condition=~Q(text_en="") | ~Q(text_mn=""),
                name="comment_text_in_a_language",
                violation_error_message=_("Fill in the text in English, in Mongolian, or in both."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation or self.get_kind_display()}, {self.stated_on or ''}"
