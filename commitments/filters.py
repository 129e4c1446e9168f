"""What lists can be narrowed by, the same in pages and API. A value that means nothing is refused, never ignored.

Each filter has a ``label`` for the form on a page, and ``says``: what the API's description says of it, in English.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import django_filters
from django import forms
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django_filters.fields import ChoiceField
from drf_spectacular.utils import extend_schema_field

from commitments.models import ActionPlan, Commitment, Meeting, Organisation, Recommendation
from commitments.models.searchable import SearchableQuerySet
from commitments.text import refuse_control_characters

LONGEST = 200


class Said:
    """Describes a filter in the API: ``says`` and the shape of its value."""

    shape: dict[str, Any] = {"type": "string"}

    def __init__(self, *args: Any, says: str, **options: Any) -> None:
        super().__init__(*args, **options)
        extend_schema_field({**self.shape_here(), "description": says})(self)  # type: ignore[type-var]

    def shape_here(self) -> dict[str, Any]:
        return self.shape


class CodeField(ChoiceField):
    """One of a closed list of codes; the refusal names them."""

    def validate(self, value: Any) -> None:
        forms.Field.validate(self, value)
        if value and not self.valid_value(value):
            raise ValidationError(
                _("Choose one of these: %(codes)s."),
                code="invalid_choice",
                params={"codes": ", ".join(str(code) for code, _label in self.choices if code)},
            )


class CodeFilter(Said, django_filters.ChoiceFilter):
    field_class = CodeField

    def shape_here(self) -> dict[str, Any]:
        return {"type": "string", "enum": [code for code, _label in self.extra["choices"]]}


class YesNoField(CodeField):
    """``true`` or ``false``; nothing else means one of them."""

    def clean(self, value: Any) -> bool | None:
        return {"true": True, "false": False}.get(super().clean(value))


class YesNoFilter(Said, django_filters.ChoiceFilter):
    field_class = YesNoField
    shape = {"type": "boolean"}

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, choices=[("true", _("Yes")), ("false", _("No"))], **options)


class WordsField(forms.CharField):
    default_validators = [refuse_control_characters]


class WordsFilter(Said, django_filters.CharFilter):
    """Rows that have every word, as the page of search finds them (`commitments.words`)."""

    field_class = WordsField
    shape = {"type": "string", "maxLength": LONGEST}

    def __init__(self, **options: Any) -> None:
        super().__init__(label=_("Search"), max_length=LONGEST, **options)

    def filter(self, qs: SearchableQuerySet, value: str) -> SearchableQuerySet:
        return qs.search(value)


class SlugFilter(Said, django_filters.ModelChoiceFilter):
    """One visible row, named by its slug; ``unknown`` is the sentence for a slug that names none."""

    def __init__(self, *args: Any, model: Any, unknown: Any, **options: Any) -> None:
        super().__init__(
            *args,
            queryset=lambda request: model._default_manager.visible_to(reader(request)),
            to_field_name="slug",
            error_messages={"invalid_choice": unknown},
            **options,
        )


class PlanCodeField(forms.CharField):
    default_validators = [refuse_control_characters]

    def __init__(self, *, model: Any, to_plan: str, **options: Any) -> None:
        super().__init__(max_length=LONGEST, **options)
        self.model, self.to_plan = model, to_plan


class PlanCodeFilter(Said, django_filters.CharFilter):
    """The code of a part of a plan; ``to_plan`` leads from the part to its plan."""

    field_class = PlanCodeField
    shape = {"type": "string", "maxLength": LONGEST}

    def __init__(self, field_name: str, *, model: Any, to_plan: str = "plan", **options: Any) -> None:
        super().__init__(field_name, model=model, to_plan=to_plan, **options)


class PlanForm(forms.Form):
    """Refuses codes that no part of the chosen plan (or of any visible plan) has."""

    user: Any

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for name, field in self.fields.items():
            code = cleaned.get(name)
            if code and isinstance(field, PlanCodeField):
                parts = field.model._default_manager.visible_to(self.user).filter(code=code)
                if plan := cleaned.get("plan"):
                    parts = parts.filter(**{field.to_plan: plan})
                if not parts.exists():
                    self.add_error(name, ValidationError(_("There is nothing with this code."), code="invalid_choice"))
        return cleaned


class ListFilter(django_filters.FilterSet):
    """What every list's filters share. ``request`` says whose eyes read; without one, anybody's."""

    class Meta:
        form = PlanForm

    @property
    def user(self) -> Any:
        return reader(self.request)

    def get_form_class(self) -> type[forms.Form]:
        form_class = super().get_form_class()
        form_class.user = self.user
        return form_class


def asked_for(request: HttpRequest, names: Iterable[str]) -> dict[str, str]:
    """What a page's address asks for, of what it can be narrowed by; an empty value asks for nothing."""
    return {name: request.GET[name] for name in names if request.GET.get(name)}


def reader(request: HttpRequest | None) -> Any:
    """The user who reads; an anonymous one where nobody is asking."""
    return getattr(request, "user", None) or AnonymousUser()


def plan_filter(field_name: str | None = "plan", **options: Any) -> SlugFilter:
    return SlugFilter(
        field_name,
        model=ActionPlan,
        label=_("Action plan"),
        unknown=_("There is no such plan."),
        says="Slug of a plan, such as nap-4. Demonstration plans are only listed where they are named here.",
        **options,
    )


def organisation_filter(field_name: str | None = None, *, says: str, **options: Any) -> SlugFilter:
    return SlugFilter(
        field_name,
        model=Organisation,
        label=_("Organisation"),
        unknown=_("There is no such organisation."),
        says=says,
        **options,
    )


def commitment_filter(field_name: str, **options: Any) -> PlanCodeFilter:
    return PlanCodeFilter(
        field_name,
        model=Commitment,
        label=_("Commitment"),
        says="Code of a commitment, such as 3; unique within a plan.",
        **options,
    )


class PlanFilter(ListFilter):
    q = WordsFilter(says="Words of the title, slug or story of its making, in any case and either language.")


class OrganisationFilter(ListFilter):
    kind = CodeFilter("kind", choices=Organisation.Kind.choices, label=_("Kind"), says="Kind of organisation.")
    active = YesNoFilter("active", label=_("Active"), says="Whether the organisation still exists.")
    q = WordsFilter(says="Words of a name, another spelling or an abbreviation, in any case.")


class RecommendationFilter(ListFilter):
    plan = plan_filter()
    commitment = commitment_filter("commitments__code", distinct=True)
    reviewer = CodeFilter(
        "reviewer", choices=Recommendation.Reviewer.choices, label=_("Reviewer"), says="Who recommended it."
    )


class MeetingFilter(ListFilter):
    plan = plan_filter()
    kind = CodeFilter("kind", choices=Meeting.Kind.choices, label=_("Kind"), says="Kind of meeting.")
    organisation = organisation_filter(
        "participations__organisation", distinct=True, says="Slug of an organisation that took part."
    )
