"""Old answers: copied by the support unit from a letter or a report, marked so, with the place that they stand at."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessments import lifecycle
from assessments.admin.evidence import EvidenceFormSet, EvidenceInline
from assessments.admin.marks import light
from assessments.models import CounterAssessment
from assessments.ratings import SCALES, NoRatingReason
from commitments.admin.base import in_both, section
from commitments.admin.verbs import reason_field
from commitments.admin.versions import RecordForm
from commitments.models import RatingScale

Attribution = CounterAssessment.Attribution

FIELDSETS = (
    section(
        gettext_lazy("The letter or report"),
        ("source", "source_place"),
        "stated_on",
    ),
    section(gettext_lazy("What it answers"), "period", "milestone", "commitment"),
    section(gettext_lazy("Who answered"), "known_by", "organisation", in_both("inferred_from")),
    section(
        gettext_lazy("What it says"),
        "rating",
        ("no_rating_reason", "no_rating_text"),
        "language",
        "recommendation",
        "justification",
        "condition",
        "opened_version",
    ),
)
# Fixed once there are versions that follow each other.
OF_A_VERSION = ("period", "milestone", "commitment", "organisation")


def is_mendable(answer: CounterAssessment) -> bool:
    """A copy that nobody has read in public yet, and that may have been copied badly."""
    return answer.transcribed and answer.is_waiting


class TranscriptionForm(RecordForm):
    """Takes the words of a document; `lifecycle` marks them so, and never takes them for an author's own."""

    known_by = forms.ChoiceField(
        label=gettext_lazy("How it is known who answered"), choices=Attribution.choices, widget=forms.RadioSelect
    )
    inferred_from_en = reason_field(label=gettext_lazy("Why it is inferred, in English"), required=False)
    inferred_from_mn = reason_field(label=gettext_lazy("Why it is inferred, in Mongolian"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        answer = self.instance
        self.initial.setdefault("known_by", answer.attribution)
        for language in ("en", "mn"):
            self.initial.setdefault(f"inferred_from_{language}", getattr(answer, f"attribution_reason_{language}"))
        self.fields["source"].help_text = ""
        self.fields["source"].required = self.fields["source_place"].required = True
        rating: Any = self.fields["rating"]
        scales = [answer.plan.rating_scale] if answer.pk else list(RatingScale)
        offered = dict.fromkeys(one for scale in scales for one in SCALES[scale])
        rating.choices = [*((one.value, light(one)) for one in offered), ("", light(None))]

    def clean(self) -> dict[str, Any] | None:
        given, answer = self.cleaned_data, self.instance
        known_by = given.get("known_by", Attribution.STATED)
        organisation = given.get("organisation") if "organisation" in self.fields else answer.organisation
        if known_by == Attribution.NOT_STATED and organisation:
            self._refuse("organisation", _("Leave it empty where the source does not say who answered."))
        if known_by != Attribution.NOT_STATED and not organisation and "organisation" not in self.errors:
            self._refuse("organisation", _("Choose who answered; or say that the source does not state it."))
        reasons = (given.get("inferred_from_en", ""), given.get("inferred_from_mn", ""))
        if known_by == Attribution.INFERRED and not any(reasons):
            self._refuse("inferred_from_en", _("Say from what the author was inferred."))
        self._refuse_without_rating()
        answer.transcribed, answer.attribution = True, known_by
        answer.attribution_reason_en, answer.attribution_reason_mn = (
            reasons if known_by == Attribution.INFERRED else ("", "")
        )
        if not answer.pk:
            self._refuse_copy_of_a_copy()
        return super().clean()

    def validate_unique(self) -> None:
        """First where it stands among the versions of the organisation's answer, which the database's rules read."""
        if not (self.errors or self.instance.pk) and self.instance.organisation_id:
            try:
                lifecycle.place_copy(self.instance)
            except ValidationError as refusal:
                self._update_errors(refusal)  # type: ignore[attr-defined]
        super().validate_unique()

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]
        if self.errors and self.instance.pk:
            # The page around a form that comes back goes on speaking of the row as it is stored.
            stored = CounterAssessment.objects.get(pk=self.instance.pk)
            for name in OF_A_VERSION:
                setattr(self.instance, name, getattr(stored, name))

    def _refuse_without_rating(self) -> None:
        """The database asks for this once it is entered; a gap of the document is one with its reason."""
        rating, reason = self.cleaned_data.get("rating"), self.cleaned_data.get("no_rating_reason")
        if "rating" not in self.errors and bool(rating) == bool(reason):
            self._refuse("rating", _("Give a rating, or say why there is none: one of the two."))
        if reason == NoRatingReason.OTHER and not self.cleaned_data.get("no_rating_text"):
            self._refuse("no_rating_text", _("Say in words why there is no rating."))

    def _refuse(self, name: str, sentence: str) -> None:
        self.add_error(name if name in self.fields else None, sentence)

    def _refuse_copy_of_a_copy(self) -> None:
        """Where the source names nobody, nothing but the place in it tells two answers apart."""
        names = ("period", "milestone", "commitment", "organisation", "source", "source_place", "rating", "stated_on")
        if self.errors or self.cleaned_data.get("organisation"):
            return
        same = {name: self.cleaned_data.get(name) or None for name in names}
        if CounterAssessment.objects.filter(transcribed=True, **same).exists():
            raise ValidationError(_("This answer is entered already."), code="unique")


class LetterFormSet(EvidenceFormSet):
    """Whoever doubts the copy must be able to read what it was copied from."""

    def clean(self) -> None:
        super().clean()
        kept = [form for form in self.forms if form.has_changed() or form.instance.pk]
        source = self.instance.source
        if source and not source.address and not set(kept) - set(self.deleted_forms):
            raise ValidationError(
                _("Attach the letter or report as a file: its source has no link where it can be read.")
            )


class LetterInline(EvidenceInline):
    fk_name = "counter_assessment"
    formset = LetterFormSet
    extra = 1  # a form for the letter, also without a script
    verbose_name_plural = gettext_lazy("The letter or report, and what came with it")
