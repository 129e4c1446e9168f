"""Entering a rating: the one form that page, admin and spreadsheet fill in, saved under the period's lock."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessments import lifecycle
from assessments.models import ReportingPeriod, SelfAssessment
from assessments.ratings import SCALES, NoRatingReason, Rating
from commitments import roles
from commitments.admin.versions import VersionedForm, latest_version
from commitments.models import Commitment, Milestone

# What the government's side may give as the reason for no rating; the others are said of documents and of answers.
REASONS = (NoRatingReason.NOT_PROVIDED, NoRatingReason.OTHER)


class EntryForm(VersionedForm):
    """A subject's rating in a period, with its words. Drafts may be incomplete; `lifecycle.incompleteness` says how."""

    rating = forms.ChoiceField(label=gettext_lazy("rating"), required=False, widget=forms.RadioSelect)
    no_rating_reason = forms.ChoiceField(label=gettext_lazy("why there is no rating"), required=False)

    class Meta:
        model = SelfAssessment
        fields = SelfAssessment.WORDS

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        scale = SCALES[self.instance.plan.rating_scale]
        offered: list[tuple[str, Any]] = [(rating.value, rating.label) for rating in scale]
        self._choices("rating").choices = [*offered, ("", gettext_lazy("Not rated"))]
        reasons = [(reason.value, reason.label) for reason in REASONS]
        kept = self.instance.no_rating_reason
        if kept and kept not in REASONS:
            reasons.append((kept, NoRatingReason(kept).label))
        self._choices("no_rating_reason").choices = [("", "–"), *reasons]
        for name, field in self.fields.items():
            if name[-3:] in {"_en", "_mn"}:
                field.widget.attrs["lang"] = name[-2:]

    def _choices(self, name: str) -> forms.ChoiceField:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 (both are declared above)
        return field

    def clean_rating(self) -> Rating | None:
        """No rating is NULL in the record, never an empty word."""
        rating = self.cleaned_data["rating"]
        return Rating(rating) if rating else None

    def clean(self) -> dict[str, Any] | None:
        # A reason for no rating beside a rating is a leftover of a choice that was changed.
        if self.cleaned_data.get("rating"):
            self.cleaned_data |= {"no_rating_reason": "", "no_rating_text": ""}
        return super().clean()

    def save(self, commit: bool = True) -> SelfAssessment:
        """What is changed is no longer the same as in the period before."""
        if self.instance.copied_from_id and any(
            getattr(self.instance, name) != getattr(self.instance.copied_from, name) for name in SelfAssessment.WORDS
        ):
            self.instance.copied_from = None
        return super().save(commit)


def form_for(
    period: ReportingPeriod,
    subject: Milestone | Commitment,
    data: Mapping[str, Any] | None = None,
    *,
    files: Any = None,
    by: Any = None,
    prefix: str | None = None,
) -> EntryForm:
    """The form of a subject in a period, on its entry if there is one, with the version that it is opened with."""
    column = "milestone" if isinstance(subject, Milestone) else "commitment"
    entry = SelfAssessment.objects.filter(period=period, **{column: subject}).order_by("-version").first()
    entry = entry or SelfAssessment(period=period, **{column: subject})
    entry.period = period
    setattr(entry, column, subject)
    entry.stored_version = latest_version(SelfAssessment, entry.pk) if entry.pk else 0  # type: ignore[attr-defined]
    form = EntryForm(data, files, instance=entry, prefix=prefix)
    form.user = by
    return form


def save_entry(
    period: ReportingPeriod,
    subject: Milestone | Commitment,
    data: Mapping[str, Any],
    *,
    files: Any = None,
    by: Any,
    submit: bool = False,
    prefix: str | None = None,
    reason: str | None = None,
) -> EntryForm:
    """Save what was typed as a draft, and submit it if asked; the form comes back with what is refused and why.

    A draft that may not be submitted yet is saved all the same, with the sentences beside its fields. A row that
    somebody else has changed, submitted or published meanwhile is left as it is. ``reason`` goes into the history.
    Raises PermissionDenied for whoever is not of the support unit.
    """
    lifecycle.require(roles.is_support_unit, by)
    with transaction.atomic():
        try:
            period = lifecycle.held_for_entry(period)
        except ValidationError as refusal:
            form = form_for(period, subject, data, files=files, by=by, prefix=prefix)
            form.add_error(None, refusal)
            return form
        form = form_for(period, subject, data, files=files, by=by, prefix=prefix)
        entry = form.instance
        if entry.state not in SelfAssessment.EDITABLE:
            form.add_error(
                None,
                _("It was submitted meanwhile: it has to be returned before it can be changed.")
                if entry.state == SelfAssessment.State.SUBMITTED
                else _("It was published meanwhile. A published rating is corrected, not edited."),
            )
            return form
        if not form.is_valid():
            return form
        if form.has_changed() or not entry.pk:
            entry._history_user, entry._change_reason = by, reason
            form.save()
    if submit:
        _submit(form, by)
    return form


def _submit(form: EntryForm, by: Any) -> None:
    try:
        lifecycle.submit_self_assessment(form.instance, by=by)
    except ValidationError as refusal:
        for name, sentences in refusal.message_dict.items():
            form.add_error(name if name in form.fields else None, sentences)
    else:
        form.instance.refresh_from_db()
