from __future__ import annotations

import datetime
import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from commitments.fields import LineField
from commitments.workbooks import Upload

WAITS_FOR = datetime.timedelta(days=1)


class PendingImportQuerySet(models.QuerySet["PendingImport"]):
    def waiting(self) -> PendingImportQuerySet:
        return self.filter(uploaded_at__gt=timezone.now() - WAITS_FOR)

    def expired(self) -> PendingImportQuerySet:
        return self.filter(uploaded_at__lte=timezone.now() - WAITS_FOR)

    def visible_to(self, user: Any) -> PendingImportQuerySet:
        """An upload is its uploader's until it is confirmed."""
        return self.filter(uploaded_by=user) if user.is_authenticated else self.none()


class PendingImport(models.Model):
    """A file that was previewed and waits for a yes. Deleted when it is used, or after a day."""

    class Kind(models.TextChoices):
        PLAN = "plan", _("A plan")
        QUARTER = "quarter", _("A quarter's ratings")

    token = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    subject = LineField(_("what it is for"), max_length=100, blank=True, help_text=_("Such as nap-4/2025-Q1."))
    file_name = LineField(_("file name"), max_length=200)
    content = models.BinaryField(_("content"))
    sha256 = models.CharField("SHA-256", max_length=64)
    uploaded_at = models.DateTimeField(_("uploaded at"), default=timezone.now)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", verbose_name=_("uploaded by")
    )

    objects = PendingImportQuerySet.as_manager()

    class Meta:
        verbose_name = _("file waiting for confirmation")
        verbose_name_plural = _("files waiting for confirmation")
        ordering = ["uploaded_at"]

    def __str__(self) -> str:
        return self.file_name

    @property
    def upload(self) -> Upload:
        return Upload(self.file_name, bytes(self.content))
