"""The form in which an organisation answers: its words one by one, so that a fault in one loses none of the others."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import ProhibitNullCharactersValidator
from django.utils.functional import cached_property
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from assessments.drawings import Voice, draw_spine
from assessments.files import EvidenceFileField, EvidenceLinkField, evidence_from_upload
from assessments.models import CounterAssessment, Evidence, SelfAssessment
from assessments.ratings import SCALES, NoRatingReason, Rating, gap
from assessments.representatives import LONGEST_KEPT
from assessments.workspace import Desk
from commitments.text import normalise, refuse_control_characters

COMMENT_ONLY = NoRatingReason.COMMENT_ONLY.value
WORDS = ("justification", "recommendation", "condition")
LANGUAGE_NAMES = [("mn", "Монгол"), ("en", "English")]  # each in its own language


class ProseInput(forms.CharField):
    """Paragraphs of plain text, as they are stored."""

    default_validators = [refuse_control_characters]

    def __init__(self, *, rows: int, **kwargs: Any) -> None:
        # Longer than what may be sent: a draft is kept first, and shortened then.
        super().__init__(required=False, max_length=LONGEST_KEPT, widget=forms.Textarea({"rows": rows}), **kwargs)
        # Ours says the same, and more.
        self.validators = [one for one in self.validators if not isinstance(one, ProhibitNullCharactersValidator)]

    def to_python(self, value: Any) -> str:
        return normalise(super().to_python(value) or "")


class SeveralFiles(forms.FileInput):
    allow_multiple_selected = True


class FilesField(EvidenceFileField):
    """Several files; which of them can be taken in is asked one by one (`AnswerForm.clean`)."""

    widget = SeveralFiles

    def clean(self, data: Any, initial: Any = None) -> Any:
        return None


class AnswerForm(forms.Form):
    """What the author types. After `is_valid`, `words` and `attachments` hold what can be kept, whatever failed."""

    rating = forms.ChoiceField(label=_("Your organisation’s rating"), required=False, widget=forms.RadioSelect)
    justification = ProseInput(
        label=_("Why the rating should be another"),
        rows=5,
        help_text=_("Needed where your rating differs from the government’s, in either direction. It becomes public."),
    )
    recommendation = ProseInput(
        label=_("Recommendation"), rows=5, help_text=_("What should the implementing agency do?")
    )
    condition = ProseInput(
        label=_("Condition"), rows=2, help_text=_("Such as: “green if the bill is submitted to parliament”.")
    )
    language = forms.ChoiceField(label=_("Language of your text"), choices=LANGUAGE_NAMES, required=False)
    links = forms.CharField(
        label=_("Links to evidence"),
        required=False,
        max_length=LONGEST_KEPT,
        widget=forms.Textarea({"rows": 2, "inputmode": "url", "autocapitalize": "off", "spellcheck": "false"}),
        help_text=_("One in each line."),
    )
    files = FilesField(label=_("Files"), required=False)  # type: ignore[assignment]
    opened_version = forms.IntegerField(widget=forms.HiddenInput, min_value=0, required=False)
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, desk: Desk, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.desk = desk
        self.attachments: list[Evidence] = []
        scale = SCALES[desk.period.plan.rating_scale]
        self.fields["rating"].choices = [  # type: ignore[attr-defined]
            *((rating.value, rating.label) for rating in scale),
            (COMMENT_ONLY, _("No rating, comment only")),
        ]

    @classmethod
    def opened(cls, desk: Desk, *, typed: dict[str, str] | None = None) -> AnswerForm:
        """As the page first shows it: what is stored, and over it ``typed``, which was typed before and never saved."""
        stored = desk.answer
        # Most write in the language that they read the page in.
        initial: dict[str, Any] = {"language": get_language(), "opened_version": 0, "seen": None}
        if stored:
            initial |= {name: getattr(stored, name) for name in (*WORDS, "language")}
            initial |= {"rating": chosen(stored), "opened_version": stored.draft_version}
        initial["seen"] = desk.government.pk if desk.government else None
        return cls(desk, initial=initial | (typed or {}))

    def words(self) -> dict[str, Any]:
        """What can be stored of what was typed, by column."""
        found = {name: self.cleaned_data[name] for name in WORDS if name in self.cleaned_data}
        if "rating" in self.cleaned_data:
            rating = self.cleaned_data["rating"]
            found["rating"] = rating if rating in Rating else None
            found["no_rating_reason"] = COMMENT_ONLY if rating == COMMENT_ONLY else ""
            found["no_rating_text"] = ""
        if self.cleaned_data.get("language"):
            found["language"] = self.cleaned_data["language"]
        return found

    def clean(self) -> None:
        for upload in self.files.getlist("files"):  # type: ignore[attr-defined]
            try:
                self.attachments.append(evidence_from_upload(upload))
            except ValidationError as error:
                self._refuse("files", upload.name or "", error)
        wrong = []
        for line in filter(None, map(str.strip, self.cleaned_data.get("links", "").splitlines())):
            try:
                self.attachments.append(Evidence(address=EvidenceLinkField().clean(line)))
            except ValidationError as error:
                wrong.append(line)
                self._refuse("links", line, error)
        self.links_left = "\n".join(wrong)

    def _refuse(self, field: str, what: str, error: ValidationError) -> None:
        self.add_error(field, [f"{what[:80]}: {message}" for message in error.messages])

    @property
    def seen_rating(self) -> SelfAssessment | None:
        """The government's rating that was on the screen, among those of this subject and period; None for none."""
        current, asked = self.desk.government, self.cleaned_data.get("seen")
        if current is None or asked in (None, current.pk):
            return current if asked else None
        versions = SelfAssessment.objects.filter(
            milestone=current.milestone_id,
            commitment=current.commitment_id,
            period=current.period_id,
            published_at__isnull=False,
        )
        return next((version for version in versions if version.pk == asked), None)

    @cached_property
    def choices(self) -> list[dict[str, Any]]:
        """The radio buttons: value, words, whether chosen, and how it stands to the government's rating."""
        answered = self.desk.government.rating if self.desk.government else None
        found = []
        for value, words in self.fields["rating"].choices:  # type: ignore[attr-defined]
            rating = value if value in Rating else None
            government, own = Voice(str(_("Government")), answered), Voice(str(self.desk.organisation), rating)
            found.append(
                {
                    "value": value,
                    "words": words,
                    "chosen": self["rating"].value() == value,
                    "rating": rating,
                    "differs": bool(answered and rating) and rating != answered,
                    "gap": gap(rating, answered),
                    "spine": draw_spine(self.desk.subject.code, government, [own], None),
                }
            )
        return found


def chosen(answer: CounterAssessment) -> str:
    """The radio button that an answer stands for; empty for none yet."""
    return answer.rating or (COMMENT_ONLY if answer.no_rating_reason == COMMENT_ONLY else "")
