"""Entering a rating: the one form that page, admin and spreadsheet fill in, saved under the period's lock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction
from django.forms.utils import ErrorDict
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from assessments import lifecycle
from assessments.files import EvidenceFileField, EvidenceLinkField, refuse_too_many
from assessments.models import Evidence, ReportingPeriod, SelfAssessment
from assessments.models.subjects import column_of
from assessments.ratings import SCALES, NoRatingReason, Rating
from assessments.sheet import Queue, anchor_of, read_sheet
from commitments import roles
from commitments.admin.versions import VersionedForm, latest_version
from commitments.localised import LANGUAGES, language_of
from commitments.models import Commitment, Milestone
from commitments.text import refuse_control_characters, refuse_line_breaks

# What the government's side may give as the reason for no rating; the others are said of documents and of answers.
REASONS = (NoRatingReason.NOT_PROVIDED, NoRatingReason.OTHER)


class FilesInput(forms.FileInput):
    allow_multiple_selected = True


class EvidenceFilesField(EvidenceFileField):
    """Any number of files; its cleaned value is a list of unsaved `Evidence`."""

    widget = FilesInput

    def clean(self, data: Any, initial: Any = None) -> list[Evidence]:
        found, refused = [], []
        for upload in data or []:
            try:
                found.append(super().clean(upload, initial))
            except ValidationError as error:
                refused += [f"{upload.name}: {sentence}" for sentence in error.messages]
        if refused:
            raise ValidationError([*refused, _("Nothing is kept of the files: choose them again.")])
        return found

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(data)


class RemovedField(forms.MultipleChoiceField):
    """Which files and links are taken away; one that somebody else has taken away meanwhile is gone as asked."""

    widget = forms.CheckboxSelectMultiple

    def valid_value(self, value: str) -> bool:
        return True


class RatingChoice(forms.RadioSelect):
    """Nothing is chosen as long as nobody has said that there is no rating."""

    def format_value(self, value: Any) -> Any:
        return [] if value is None else super().format_value(value)


class EntryForm(VersionedForm):
    """A subject's rating in a period, with its words, files and links.

    Drafts may be incomplete; `lifecycle.incompleteness` says how.
    """

    rating = forms.ChoiceField(label=gettext_lazy("rating"), required=False, widget=RatingChoice)
    no_rating_reason = forms.ChoiceField(label=gettext_lazy("why there is no rating"), required=False)
    removed = RemovedField(label=gettext_lazy("files and links to remove"), required=False)
    new_files = EvidenceFilesField(label=gettext_lazy("add files"), required=False)
    new_link = EvidenceLinkField(label=gettext_lazy("add a link"), required=False)
    new_link_title = forms.CharField(
        label=gettext_lazy("title of the link"),
        required=False,
        max_length=300,
        validators=[refuse_control_characters, refuse_line_breaks],
    )

    is_saved = False  # whether what was typed is in the record now; set by `save_entry`

    class Meta:
        model = SelfAssessment
        fields = SelfAssessment.WORDS

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        scale = SCALES[self.instance.plan.rating_scale]
        offered: list[tuple[str, Any]] = [(rating.value, rating.label) for rating in scale]
        self._choices("rating").choices = [*offered, ("", gettext_lazy("Not rated"))]
        self.initial["rating"] = self.instance.rating or ("" if self.instance.no_rating_reason else None)
        reasons = [(reason.value, reason.label) for reason in REASONS]
        kept = self.instance.no_rating_reason
        if kept and kept not in REASONS:
            reasons.append((kept, NoRatingReason(kept).label))
        self._choices("no_rating_reason").choices = [("", "–"), *reasons]
        self.attached = list(self.instance.attachments.all()) if self.instance.pk else []
        self._choices("removed").choices = [(evidence.pk, str(evidence)) for evidence in self.attached]
        for name, field in self.fields.items():
            # The blank lets a stylesheet tell a field that nothing is typed in.
            if name[-3:] in {"_en", "_mn"}:
                field.widget.attrs |= {"lang": name[-2:], "rows": 5, "placeholder": " "}

    @property
    def language(self) -> str:
        """In which language the row is written: the reader's, unless it has words in the other one only."""
        first = (get_language() or LANGUAGES[0])[:2]
        others = [language for language in LANGUAGES if language != first]
        for language in (first, *others):
            if self.initial.get(f"evidence_{language}") or self.initial.get(f"challenges_{language}"):
                return language
        return first

    def _choices(self, name: str) -> forms.ChoiceField:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 (all are declared above)
        return field

    def clean_rating(self) -> Rating | None:
        """No rating is NULL in the record, never an empty word."""
        rating = self.cleaned_data["rating"]
        return Rating(rating) if rating else None

    def clean(self) -> dict[str, Any] | None:
        # A reason for no rating beside a rating is a leftover of a choice that was changed.
        if self.cleaned_data.get("rating"):
            self.cleaned_data |= {"no_rating_reason": "", "no_rating_text": ""}
        if (
            self.cleaned_data.get("new_link_title")
            and not self.cleaned_data.get("new_link")
            and "new_link" not in self.errors
        ):
            self.add_error("new_link", _("Give the link that this is the title of."))
        try:
            refuse_too_many(len(self.attached) - len(self._taken_away()) + len(self._added()))
        except ValidationError as error:
            self.add_error("new_files" if self.cleaned_data.get("new_files") else "new_link", error)
        return super().clean()

    def _taken_away(self) -> list[Evidence]:
        return [evidence for evidence in self.attached if str(evidence.pk) in self.cleaned_data.get("removed", [])]

    def _added(self) -> list[Evidence]:
        """Unsaved rows of what is new; what stands there already, as when a form is sent twice, is not added again."""
        added = list(self.cleaned_data.get("new_files", []))
        if link := self.cleaned_data.get("new_link"):
            title = self.cleaned_data.get("new_link_title", "")
            added.append(Evidence(address=link, **{f"title_{language_of(title) or 'en'}": title}))
        kept = {(evidence.sha256, evidence.address) for evidence in self.attached}
        return [evidence for evidence in added if (evidence.sha256, evidence.address) not in kept]

    def save(self, commit: bool = True) -> SelfAssessment:
        """What is changed is no longer the same as in the period before."""
        if self.instance.copied_from_id and (
            self._added()
            or self._taken_away()
            or any(
                getattr(self.instance, name) != getattr(self.instance.copied_from, name)
                for name in SelfAssessment.WORDS
            )
        ):
            self.instance.copied_from = None
        return super().save(commit)

    def save_evidence(self, by: Any, reason: str) -> None:
        """Put what is new under the saved entry, in the order given, and take away what is to go."""
        for evidence in self._taken_away():
            evidence._history_user, evidence._change_reason = by, reason  # type: ignore[attr-defined]
            evidence.delete()
        last = max((evidence.position for evidence in self.attached), default=-1)
        for position, evidence in enumerate(self._added(), last + 1):
            evidence.self_assessment, evidence.position = self.instance, position
            lifecycle.keep(evidence, by, reason)

    def say(self, missing: Mapping[str, str]) -> None:
        """Stand what a draft lacks before it may be submitted beside the fields, though nothing was sent."""
        self._errors, self.cleaned_data = ErrorDict(), {}
        for name, sentence in missing.items():
            self.add_error(*self.beside(name, sentence))

    def beside(self, name: str, sentences: Any) -> tuple[str | None, Any]:
        """Where a sentence of the lifecycle stands: texts are asked for in the language of the row."""
        if name == "attachments":
            return "new_files", sentences
        if name[-3:] in {"_en", "_mn"}:
            name = name[:-2] + self.language
        return (name if name in self.fields else None), sentences


def open_form(entry: SelfAssessment, *args: Any, by: Any = None, prefix: str | None = None) -> EntryForm:
    """The form of an entry that was read with its ``stored_version``; its fields' ids are the row's own in a page."""
    form = EntryForm(*args, instance=entry, prefix=prefix, auto_id=f"{anchor_of(entry.subject)}-%s")
    form.user = by
    return form


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
    column = column_of(subject)
    entry = SelfAssessment.objects.filter(period=period, **{column: subject}).order_by("-version").first()
    entry = entry or SelfAssessment(period=period, **{column: subject})
    entry.period = period
    setattr(entry, column, subject)
    entry.stored_version = latest_version(SelfAssessment, entry.pk) if entry.pk else 0  # type: ignore[attr-defined]
    return open_form(entry, data, files, by=by, prefix=prefix)


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
        if form.has_changed():
            entry._history_user, entry._change_reason = by, reason
            form.save()
        if entry.pk:
            form.save_evidence(by, reason or "")
            form.is_saved = True
    if submit:
        _submit(form, by)
    return form


def _submit(form: EntryForm, by: Any) -> None:
    """An empty row is not submitted, and leaves none behind."""
    try:
        if not form.is_saved:
            raise ValidationError(dict(lifecycle.incompleteness(form.instance)))
        lifecycle.submit_self_assessment(form.instance, by=by)
    except ValidationError as refusal:
        for name, sentences in refusal.update_error_dict({}).items():
            form.add_error(*form.beside(name, sentences))
    else:
        form.instance.refresh_from_db()


@dataclass(frozen=True)
class Submission:
    """What became of every row that was ready."""

    submitted: tuple[str, ...]  # codes
    refused: tuple[tuple[str, str], ...]  # code and sentence


def submit_ready(period: ReportingPeriod, *, by: Any) -> Submission:
    """Submit every row of the period that is ready, each with its own trace; one that is refused stays a draft.

    Nobody else changes a row meanwhile: all of it is under the period's lock. Raises PermissionDenied for whoever is
    not of the support unit, ValidationError where the period is not open for entry.
    """
    lifecycle.require(roles.is_support_unit, by)
    submitted, refused = [], []
    with transaction.atomic():
        period = lifecycle.held_for_entry(period)
        for row in read_sheet(period).rows:
            if row.queue != Queue.READY or row.entry is None:
                continue
            try:
                lifecycle.submit_self_assessment(row.entry, by=by)
            except ValidationError as refusal:
                refused.append((row.code, " ".join(refusal.messages)))
            else:
                submitted.append(row.code)
    return Submission(tuple(submitted), tuple(refused))
