"""Correcting a published rating: the one form for it, saved as a new version with a public reason."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessments import lifecycle
from assessments.entry import EntryForm
from assessments.files import EvidenceFileField, EvidenceLinkField, refuse_too_many
from assessments.models import Evidence, ReportingPeriod, SelfAssessment
from assessments.ratings import NoRatingReason
from commitments import roles
from commitments.admin.versions import latest_version
from commitments.models import Commitment, Milestone
from commitments.text import refuse_control_characters

ATTACHED_AT_ONCE = 3  # files and links that one correction may add


class CorrectionForm(EntryForm):
    """Everything a published rating says, to be put right; what becomes of it is a version of its own."""

    leave_out = forms.ModelMultipleChoiceField(
        Evidence.objects.none(),
        label=gettext_lazy("Evidence to leave out"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("It stays under the version that is corrected."),
    )
    reason = forms.CharField(
        label=gettext_lazy("Why it is corrected"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        validators=[refuse_control_characters],
        help_text=gettext_lazy("Public: it stands beside the rating, with the date and what was there before."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        evidence = self.fields["leave_out"]
        evidence.queryset = self.instance.attachments.all()  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if "rating" in self.cleaned_data and not (
            self.cleaned_data["rating"] or self.cleaned_data.get("no_rating_reason")
        ):
            self.add_error("rating", _("Give a rating, or say why there is none."))
        if self.cleaned_data.get("no_rating_reason") == NoRatingReason.OTHER and not self.cleaned_data.get(
            "no_rating_text"
        ):
            self.add_error("no_rating_text", _("Say in words why there is no rating."))
        if self.is_stale and not self.errors:
            # Nothing that was typed here stands against it, but the version that was to be corrected is another one.
            self.data = self.data.copy()
            self.data[self.add_prefix("opened_version")] = str(self.instance.stored_version)
            self.add_error(None, _("It was corrected after you had opened it: compare, and send it again."))
        return cleaned

    def _opened_entry(self, stored: Any, opened: int) -> Any:
        """What was on the screen may be a version that has been corrected since, which is another row."""
        versions = {"milestone_id": stored.milestone_id, "commitment_id": stored.commitment_id}
        return SelfAssessment.history.filter(history_id=opened, period_id=stored.period_id, **versions).first()

    def _changed_since(self, stored: Any, newest: Any, base: Any) -> list[str]:
        changed = super()._changed_since(stored, newest, base)
        return [name for name in changed if name in SelfAssessment.WORDS]

    @property
    def changes(self) -> dict[str, Any]:
        """What differs from the published version, by field."""
        return {name: self.cleaned_data[name] for name in self.changed_data if name in SelfAssessment.WORDS} | {
            # A rating that is given takes the reason for none away.
            name: self.cleaned_data[name]
            for name in ("no_rating_reason", "no_rating_text")
            if self.cleaned_data[name] != self.initial[name]
        }


class AttachForm(forms.ModelForm):
    """A file or a link to add."""

    address = EvidenceLinkField(label=gettext_lazy("link"), required=False)
    upload = EvidenceFileField(label=gettext_lazy("or a file"), required=False)

    class Meta:
        model = Evidence
        fields = ("title_en", "title_mn", "address")

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if not self.errors and self.has_changed() and bool(given.get("address")) == bool(given.get("upload")):
            self.add_error("address", _("Give a file or a link: one of the two."))
        return given

    @property
    def evidence(self) -> Evidence | None:
        """The unsaved row; None where nothing is given."""
        if not self.has_changed():
            return None
        row = self.cleaned_data["upload"] or Evidence(address=self.cleaned_data["address"])
        row.title_en, row.title_mn = self.cleaned_data["title_en"], self.cleaned_data["title_mn"]
        return row


AttachForms = forms.formset_factory(
    AttachForm, extra=ATTACHED_AT_ONCE, max_num=ATTACHED_AT_ONCE, absolute_max=ATTACHED_AT_ONCE
)


class Correction:
    """A published rating's form with the evidence to add, as a page shows and sends them."""

    def __init__(self, published: SelfAssessment, data: Any = None, *, files: Any = None, by: Any = None) -> None:
        self.published = published
        published.stored_version = latest_version(SelfAssessment, published.pk)  # type: ignore[attr-defined]
        self.form = CorrectionForm(data, files, instance=published)
        self.form.user = by
        self.added = AttachForms(data, files, prefix="added")

    def is_valid(self) -> bool:
        whole = all([self.form.is_valid(), self.added.is_valid()])
        if whole:
            self._refuse_nothing()
            self._refuse_too_many()
        return whole and self.form.is_valid()

    @property
    def attached(self) -> list[Evidence]:
        return [form.evidence for form in self.added.forms if form.evidence]

    def _refuse_nothing(self) -> None:
        if not (self.form.changes or self.form.cleaned_data["leave_out"] or self.attached):
            self.form.add_error(None, _("Nothing is changed: this is what is published already."))

    def _refuse_too_many(self) -> None:
        kept = self.published.attachments.count() - len(self.form.cleaned_data["leave_out"])
        try:
            refuse_too_many(kept + len(self.attached))
        except ValidationError as refusal:
            self.form.add_error("leave_out", refusal)

    def refuse(self, refusal: ValidationError) -> None:
        """Say what the verb refuses beside its field."""
        names = {"correction_reason": "reason", "attachments": "leave_out"}
        for name, sentences in refusal.message_dict.items():
            field = names.get(name, name)
            self._say(field if field in self.form.fields else None, sentences)

    def _say(self, field: str | None, sentences: Iterable[str]) -> None:
        for sentence in sentences:
            self.form.add_error(field, sentence)


def published_version(period: ReportingPeriod, subject: Milestone | Commitment) -> SelfAssessment | None:
    """The version of a subject's rating that is in force in a period."""
    column = "milestone" if isinstance(subject, Milestone) else "commitment"
    found = SelfAssessment.objects.filter(period=period, is_current=True, **{column: subject}).first()
    if found is not None:
        found.period = period
        setattr(found, column, subject)
    return found


def save_correction(
    period: ReportingPeriod, subject: Milestone | Commitment, data: Mapping[str, Any], *, files: Any = None, by: Any
) -> Correction | None:
    """Publish what was typed as a new version; the correction comes back with what is refused and why.

    Where somebody else has corrected it meanwhile, nothing is saved, and both texts stand in the form. None where
    nothing is published. Raises PermissionDenied for whoever is no publisher.
    """
    lifecycle.require(roles.is_publisher, by)
    with transaction.atomic():
        lifecycle.locked(period)
        published = published_version(period, subject)
        if published is None:
            return None
        correction = Correction(published, data, files=files, by=by)
        if not correction.is_valid():
            return correction
        given = correction.form.cleaned_data
        try:
            lifecycle.correct_self_assessment(
                published,
                by=by,
                reason=given["reason"],
                attach=correction.attached,
                detach=given["leave_out"],
                **correction.form.changes,
            )
        except ValidationError as refusal:
            correction.refuse(refusal)
    return correction
