"""What an uploaded file, or a link, must be to stand as evidence: one definition for the admin and every form.

A form declares `EvidenceFileField` and `EvidenceLinkField`. The file field's cleaned value is an unsaved `Evidence`
(None where nothing was chosen): put it under its parent and save it. Nothing is written to the storage before that.

    class AttachForm(forms.Form):
        upload = EvidenceFileField(required=False)
        link = EvidenceLinkField(required=False)

    refuse_too_many(assessment.attachments.count() + 1)
    evidence = form.cleaned_data["upload"]
    evidence.self_assessment = assessment
    evidence.save()

Save inside the transaction that the row belongs to. Where that is rolled back, or a draft's row is deleted, the stored
file is left without a row: `manage.py remove_unused_files` removes it a day later.
"""

from __future__ import annotations

import hashlib
import unicodedata
from pathlib import PurePosixPath
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files import File
from django.core.files.base import ContentFile
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from assessments.file_kinds import KINDS, Kind, kind_of
from assessments.images import FORMATS, metadata_of, without_metadata
from assessments.models import Evidence
from assessments.models.beside import refuse_odd_link

MAX_NAME = 200  # letters
MEBIBYTE = 1024 * 1024
FILE_COLUMNS = ("file", "file_name", "media_type", "sha256", "size")


def evidence_from_upload(upload: File) -> Evidence:
    """An unsaved row with the file and all that is known of it: name, media type, SHA-256, size in bytes.

    A picture is taken in without what it says of its making, which the row's ``taken_out`` names once, to be shown.
    ``upload`` is what a form received, or any named file. Raises ValidationError with one sentence where it is empty,
    too large, or no accepted kind of file (`assessments.file_kinds`). The caller puts the row under its parent.
    """
    if not upload.size:
        raise ValidationError(_("This file is empty."), code="empty")
    if upload.size > settings.EVIDENCE_MAX_MEGABYTES * MEBIBYTE:
        raise ValidationError(
            _("This file is larger than %(limit)d MB."),
            code="too_large",
            params={"limit": settings.EVIDENCE_MAX_MEGABYTES},
        )
    given_name = upload.name or ""
    kind = kind_of(upload, given_name)  # type: ignore[arg-type]
    content, taken_out = upload, []
    if kind.media_type in FORMATS:
        taken_out = metadata_of(upload, kind.media_type)  # type: ignore[arg-type]
        content = ContentFile(without_metadata(upload, kind.media_type))  # type: ignore[arg-type]
    content.seek(0)
    digest = hashlib.file_digest(content, "sha256")
    size = content.tell()
    content.seek(0)
    file_name = clean_name(given_name, kind)
    evidence = Evidence(
        file=File(content, name=f"file{kind.ending}"),
        file_name=file_name,
        media_type=kind.media_type,
        sha256=digest.hexdigest(),
        size=size,
    )
    evidence.taken_out = taken_out
    return evidence


def clean_name(given: str, kind: Kind) -> str:
    """The name that a file is shown and downloaded under: without folders and control characters, NFC, at most 200
    letters, and with an ending of its kind (``virus.exe`` that is a PDF becomes ``virus.exe.pdf``).
    """
    name = unicodedata.normalize("NFC", given).replace("\\", "/").rpartition("/")[2]
    name = "".join(letter for letter in name if unicodedata.category(letter)[0] != "C")
    name = " ".join(name.split()).strip(". ")
    ending = PurePosixPath(name).suffix
    stem = name[: -len(ending)] if ending.lower() in kind.endings else name
    ending = ending if ending.lower() in kind.endings else kind.ending
    return (stem[: MAX_NAME - len(ending)].strip(". ") or "file") + ending


def refuse_too_many(count: int) -> None:
    """Raise ValidationError where ``count`` files and links would stand under one assessment or response."""
    if count > settings.EVIDENCE_MAX_ATTACHMENTS:
        raise ValidationError(
            ngettext_lazy(
                "At most %(limit)d file or link can be given.",
                "At most %(limit)d files and links can be given.",
                "limit",
            ),
            code="too_many",
            params={"limit": settings.EVIDENCE_MAX_ATTACHMENTS},
        )


class EvidenceFileField(forms.FileField):
    """A file to be attached; its cleaned value is an unsaved `Evidence`, or None where no file was chosen."""

    widget = forms.FileInput

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("file"))
        super().__init__(allow_empty_file=True, **kwargs)  # an empty file gets our own sentence

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """Browsers then offer the accepted kinds first; they enforce nothing."""
        accepted = ",".join(ending for kind in KINDS for ending in kind.endings)
        return {**super().widget_attrs(widget), "accept": accepted}

    def clean(self, data: Any, initial: Any = None) -> Any:
        upload = super().clean(data, initial)
        return evidence_from_upload(upload) if upload else None


class EvidenceLinkField(forms.URLField):
    """The address of a page or document on the web, as the model keeps it: https or http, without a password in it."""

    default_validators = [*forms.URLField.default_validators, refuse_odd_link]

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("link"))
        kwargs.setdefault("max_length", Evidence._meta.get_field("address").max_length)
        super().__init__(assume_scheme="https", **kwargs)
