"""A file in three steps: upload, preview of every difference, confirmation. What is imported says `Importing`.

The upload waits as a `PendingImport`. The preview is made anew whenever it is looked at; its fingerprint travels with
the button that confirms it, so that what is written is what was seen, or nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commitments.admin.versions import RecordForm
from commitments.models import PendingImport
from commitments.workbooks import Preview, Refused, Upload, read_workbook
from commitments.workbooks.safety import MOST_BYTES

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True)
class Importing:
    """What a page of imports needs to know of what it imports."""

    kind: PendingImport.Kind
    subject: str  # within the kind, such as nap-4/2025-Q1
    title: str
    preview: Callable[[Upload, Any], Preview]  # (file, user): what would be written
    write: Callable[[Upload, Any, str, str], Preview]  # (file, user, reason, fingerprint): raises Refused
    upload_address: str
    preview_address: Callable[[PendingImport], str]
    done_address: Callable[[], str]  # where what was written is seen


class UploadForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("Excel workbook (XLSX)"),
        allow_empty_file=True,
        widget=forms.ClearableFileInput(attrs={"accept": f".xlsx,{XLSX}"}),
    )

    def clean_file(self) -> Upload:
        sent = self.cleaned_data["file"]
        # A byte more than is allowed is enough to be refused as too large.
        upload = Upload(_file_name(sent.name), sent.read(MOST_BYTES + 1))
        read_workbook(upload.content)
        return upload


class ConfirmationForm(forms.Form):
    fingerprint = forms.CharField(max_length=64, widget=forms.HiddenInput)
    change_reason: Any = RecordForm.declared_fields["change_reason"]


def upload_page(request: HttpRequest, importing: Importing, context: dict[str, Any]) -> HttpResponse:
    """Take a file, and lead to its preview."""
    PendingImport.objects.expired().delete()
    form = UploadForm(request.POST or None, request.FILES or None) if request.method == "POST" else UploadForm()
    if request.method == "POST" and form.is_valid():
        upload: Upload = form.cleaned_data["file"]
        by: Any = request.user
        pending = PendingImport(
            kind=importing.kind,
            subject=importing.subject,
            file_name=upload.name,
            content=upload.content,
            sha256=upload.sha256,
            uploaded_by=by,
        )
        pending.full_clean()
        pending.save()
        return HttpResponseRedirect(importing.preview_address(pending))
    shown = {**context, "title": importing.title, "form": form, "importing": importing}
    return TemplateResponse(request, "admin/import_upload.html", shown)


def preview_page(request: HttpRequest, importing: Importing, token: Any, context: dict[str, Any]) -> HttpResponse:
    """Show what the file would change; on POST write it, if that is still what it would change."""
    with transaction.atomic():
        waiting = PendingImport.objects.waiting().visible_to(request.user)
        mine = waiting.filter(token=token, kind=importing.kind, subject=importing.subject)
        pending = mine.select_for_update(of=("self",)).first()
        if pending is None:
            messages.error(
                request, _("This file was used already, or has waited for more than a day. Upload it again.")
            )
            return HttpResponseRedirect(importing.upload_address)
        if request.method == "POST":
            return _confirm(request, importing, pending, context)
        return _show(request, importing, pending, importing.preview(pending.upload, request.user), context)


def _confirm(
    request: HttpRequest, importing: Importing, pending: PendingImport, context: dict[str, Any]
) -> HttpResponse:
    form = ConfirmationForm(request.POST)
    if not form.is_valid():
        return _show(request, importing, pending, importing.preview(pending.upload, request.user), context, form)
    sent = form.cleaned_data
    try:
        written = importing.write(pending.upload, request.user, sent["change_reason"], sent["fingerprint"])
    except Refused as refused:
        preview = refused.preview
        if preview.needs_reason and not sent["change_reason"]:
            form.add_error("change_reason", form.fields["change_reason"].error_messages["required"])
            preview = importing.preview(pending.upload, request.user)
        else:
            sentence = _("Nothing was written: the record changed after you saw the preview. Look at it again.")
            messages.error(request, sentence)
        return _show(request, importing, pending, preview, context, form)
    pending.delete()
    counts = {"new": written.new_count, "changed": written.changed_count, "file": pending.file_name}
    messages.success(request, _("Written from %(file)s: %(new)d new, %(changed)d changed.") % counts)
    return HttpResponseRedirect(importing.done_address())


def _show(
    request: HttpRequest,
    importing: Importing,
    pending: PendingImport,
    preview: Preview,
    context: dict[str, Any],
    form: ConfirmationForm | None = None,
) -> HttpResponse:
    errors = form.errors if form is not None else None
    said = form.data.get("change_reason", "") if form is not None else ""
    shown_form = ConfirmationForm(initial={"fingerprint": preview.fingerprint, "change_reason": said})
    shown_form.fields["change_reason"].required = preview.needs_reason
    shown = {
        **context,
        "title": importing.title,
        "subtitle": preview.about,
        "importing": importing,
        "pending": pending,
        "preview": preview,
        "form": shown_form,
        "reason_errors": errors.get("change_reason") if errors else None,
    }
    return TemplateResponse(request, "admin/import_preview.html", shown)


def download(request: HttpRequest, make: Callable[[], bytes], name: str, *, back: str) -> HttpResponse:
    """A workbook as a file to keep; where a text does not fit into a cell, the page it was asked from says so."""
    try:
        content = make()
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return HttpResponseRedirect(back)
    response = HttpResponse(content, content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _file_name(name: str) -> str:
    """As people know the file, without what no history should hold."""
    printable = "".join(character for character in name if character.isprintable()).strip()
    return printable[-200:] or "workbook.xlsx"
