from __future__ import annotations

import datetime
import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from assessments.models.frozen import Frozen, FrozenQuerySet
from commitments.rules import moment_and_person
from reports.models.reports import Report


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
