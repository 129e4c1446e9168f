"""Evidence in forms: a link, or a file with the checks of `assessments.files`; a stored file is never replaced."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.forms import FileInput, Widget
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessments.files import FILE_COLUMNS, EvidenceFileField, refuse_too_many
from assessments.models import Evidence
from commitments.admin.base import InlineForm, ReadOnlyInline, RecordTabularInline
from commitments.admin.versions import RecordFormSet


def file_shown(evidence: Evidence) -> SafeString | str:
    """A stored file: its name, which downloads it, what it is, its size, and its whole checksum."""
    if not evidence.file:
        return ""
    return format_html(
        '<a href="{}">{}</a><span class="mend">{}</span><code class="checksum">{}</code>',
        evidence.get_absolute_url(),
        evidence.file_name or evidence,
        ", ".join(filter(None, [evidence.kind_words, filesizeformat(evidence.size or 0)])),
        evidence.sha256,
    )


class Kept(Widget):
    """Stands where another row has a field: what is stored is shown, and not replaced."""

    def __init__(self, shown: SafeString | str = "") -> None:
        super().__init__()
        self.shown = shown

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        return format_html('<span class="kept">{}</span>', self.shown)


class FileToChooseAgain(FileInput):
    """A browser sends a chosen file once: where a form comes back to be mended, the field says so."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        field = super().render(name, value, attrs, renderer)
        return format_html('{}<span class="mend">{}</span>', field, _("Nothing is saved yet. Choose the file again."))


class EvidenceForm(InlineForm):
    upload = EvidenceFileField(required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk and "upload" in self.fields:
            self._keep("upload", file_shown(self.instance) or self.instance.check_words)
            if self.instance.file:
                self._keep("address")
        elif self.add_prefix("upload") in self.files:
            self.fields["upload"].widget = FileToChooseAgain(self.fields["upload"].widget.attrs)

    def _keep(self, name: str, shown: SafeString | str = "") -> None:
        self.fields[name].disabled = True
        self.fields[name].widget = Kept(shown)

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if found := self.cleaned_data.get("upload"):
            for column in FILE_COLUMNS:
                setattr(self.instance, column, getattr(found, column))
        if "address" in self.changed_data:
            self.instance.checked_at, self.instance.check_result = None, ""
        return cleaned


class EvidenceFormSet(RecordFormSet):
    def is_multipart(self) -> bool:
        """Also where the first row, which is looked at, shows a file that is stored."""
        return True

    def clean(self) -> None:
        super().clean()
        kept = [form for form in self.forms if form not in self.deleted_forms]
        refuse_too_many(sum(bool(form.instance.pk) or form.has_changed() for form in kept))


class _Columns:
    @admin.display(description=gettext_lazy("file"))
    def kept_file(self, evidence: Evidence) -> str:
        return file_shown(evidence)

    @admin.display(description=gettext_lazy("link last checked"))
    def last_check(self, evidence: Evidence) -> str:
        return evidence.check_words if evidence.pk else ""


class EvidenceInline(_Columns, RecordTabularInline):
    """Files and links under a record. While it is edited, one column takes files, and says of the rows that are stored
    which file they have, or what came of their link.
    """

    model = Evidence
    form = EvidenceForm
    formset = EvidenceFormSet
    readonly_fields = ("kept_file", "last_check")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        fields = ("position", "title_en", "title_mn", "address")
        if self.has_change_permission(request, obj):
            return (*fields, "upload", "opened_version")
        return (*fields, "kept_file", "last_check")


class ReadOnlyEvidenceInline(_Columns, ReadOnlyInline):
    """Files and links that only their author changes."""

    model = Evidence
    fields: ClassVar[Any] = ("title_en", "title_mn", "address", "kept_file", "last_check")
