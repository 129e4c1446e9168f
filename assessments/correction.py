"""Correcting a published rating: the form that it was entered with, saved as a new version with a public reason."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction
from django.forms import BoundField
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessments import lifecycle
from assessments.entry import EntryForm
from assessments.models import Evidence, ReportingPeriod, SelfAssessment
from assessments.models.subjects import column_of
from assessments.ratings import NoRatingReason
from commitments import roles
from commitments.admin.versions import latest_version
from commitments.models import Commitment, Milestone
from commitments.text import refuse_control_characters


class CorrectionForm(EntryForm):
    """Everything a published rating says, to be put right; what becomes of it is a version of its own."""

    reason = forms.CharField(
        label=gettext_lazy("Why it is corrected"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        validators=[refuse_control_characters],
        help_text=gettext_lazy("Public: it stands beside the rating, with the date and what was there before."),
    )

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        given = self.cleaned_data
        if "rating" in given and not (given["rating"] or given.get("no_rating_reason")):
            self.add_error("rating", _("Give a rating, or say why there is none."))
        if given.get("no_rating_reason") == NoRatingReason.OTHER and not given.get("no_rating_text"):
            self.add_error("no_rating_text", _("Say in words why there is no rating."))
        if not self.errors:
            self._refuse_what_nobody_saw()
        if not self.errors and not (self.changes or self.detached or self.added):
            self.add_error(None, _("Nothing is changed: this is what is published already."))
        return cleaned

    def _refuse_what_nobody_saw(self) -> None:
        """Words of one's own that stand against another's are told apart by `VersionedForm`; here are none of them."""
        if self.is_stale:
            self.data = self.data.copy()
            self.data[self.add_prefix("opened_version")] = str(self.instance.stored_version)
            self.add_error(None, _("It was corrected after you had opened it: compare, and send it again."))

    def _opened_entry(self, stored: Any, opened: int) -> Any:
        """What was on the screen may be a version that has been corrected since, which is another row."""
        versions = {"milestone_id": stored.milestone_id, "commitment_id": stored.commitment_id}
        return SelfAssessment.history.filter(history_id=opened, period_id=stored.period_id, **versions).first()

    def _changed_since(self, stored: Any, newest: Any, base: Any) -> list[str]:
        changed = super()._changed_since(stored, newest, base)
        return [name for name in changed if name in SelfAssessment.WORDS]

    @property
    def texts(self) -> list[BoundField]:
        """The fields of words, each text in both languages beside each other."""
        return [self[name] for name in SelfAssessment.WORDS if name[-3:] in {"_en", "_mn"}]

    @property
    def changes(self) -> dict[str, Any]:
        """What differs from the published version, by field."""
        # A rating that is given takes the reason for none away.
        follow = ("no_rating_reason", "no_rating_text")
        changed = {*self.changed_data, *(name for name in follow if self.cleaned_data[name] != self.initial[name])}
        return {name: self.cleaned_data[name] for name in SelfAssessment.WORDS if name in changed}

    @property
    def detached(self) -> list[Evidence]:
        """Rows that the new version leaves out; they stay under the old one."""
        return self._taken_away()

    @property
    def added(self) -> list[Evidence]:
        """Unsaved rows of what is new."""
        return self._added()


def correction_form(
    period: ReportingPeriod,
    subject: Milestone | Commitment,
    data: Mapping[str, Any] | None = None,
    *,
    files: Any = None,
    by: Any = None,
) -> CorrectionForm | None:
    """The form of a subject's rating that is in force in a period; None where nothing is published."""
    column = column_of(subject)
    published: Any = SelfAssessment.objects.filter(period=period, is_current=True, **{column: subject}).first()
    if published is None:
        return None
    published.period = period
    setattr(published, column, subject)
    published.stored_version = latest_version(SelfAssessment, published.pk)
    form = CorrectionForm(data, files, instance=published)
    form.user = by
    return form


def save_correction(
    period: ReportingPeriod,
    subject: Milestone | Commitment,
    data: Mapping[str, Any],
    *,
    files: Any = None,
    by: Any,
    publish: Callable[..., Any] = lifecycle.correct_self_assessment,
) -> CorrectionForm | None:
    """Publish what was typed as a new version; the form comes back with what is refused and why.

    ``publish`` takes what `lifecycle.correct_self_assessment` takes, and may publish more with it. Where somebody else
    has corrected it meanwhile, nothing is saved, and both texts stand in the form. None where nothing is published.
    Raises PermissionDenied for whoever is no publisher.
    """
    lifecycle.require(roles.is_publisher, by)
    with transaction.atomic():
        lifecycle.locked(period)
        form = correction_form(period, subject, data, files=files, by=by)
        if form is None or not form.is_valid():
            return form
        try:
            publish(
                form.instance,
                by=by,
                reason=form.cleaned_data["reason"],
                attach=form.added,
                detach=form.detached,
                **form.changes,
            )
        except ValidationError as refusal:
            for name, sentences in refusal.update_error_dict({}).items():
                form.add_error(*form.beside("reason" if name == "correction_reason" else name, sentences))
    return form
