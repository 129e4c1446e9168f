from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from commitments.fields import ProseField
from reports.models.releases import ReportFile
from reports.models.reports import Report


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
