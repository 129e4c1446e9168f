"""What the API shows of plans, organisations and what has no rating. Every field is written here, and described.

The descriptions are the API's documentation, in English like the names. Texts stand in both languages, empty where
there is none; titles and names also in the asked language. No contact, account, draft or history is reachable here.
What stands inside other rows may say which of its fields a table shows (``in_tables``, see `commitments.tables`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from django.urls import reverse
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.fields import BooleanField, CharField, DateField, DateTimeField, IntegerField

from commitments.localised import LANGUAGES, localised
from commitments.models import (
    ActionPlan,
    Involvement,
    Meeting,
    Organisation,
    Participation,
    PlanStatement,
    RatingScale,
    Recommendation,
    Theme,
)

# What several resources say of the same field.
PLAN = "Slug of its action plan."
CODE = "Its code in the plan."
CHOSEN = "In the asked language; in the other one where it is not translated."
CHOSEN_LANGUAGE = "Language of the field above: en or mn; null where the text is empty."
URL = "Address of this entry in the API."
PRINTED_DATE = "The date as the source prints it, where it gives no full date; else empty."


def natural_id(record: Any) -> str:
    """What names a record in public: `nap-4`, `nap-4/3`, `nap-4/1.1`. Stable, and the end of its address."""
    return "/".join(record.natural_key())


@extend_schema_field(str)
class IdField(serializers.Field):
    """The natural id of a record."""

    def __init__(self, *, source: str = "*", help_text: str, identify: Callable[[Any], str] = natural_id) -> None:
        super().__init__(source=source, read_only=True, help_text=help_text)
        self.identify = identify

    def to_representation(self, record: Any) -> str:
        return self.identify(record)


@extend_schema_field({"type": "string", "format": "uri"})
class AddressField(serializers.Field):
    """Where the API shows a record: the list's address with the natural id behind it."""

    def __init__(self, resource: str, *, source: str = "*", identify: Callable[[Any], str] = natural_id) -> None:
        super().__init__(source=source, read_only=True, help_text=URL)
        self.resource, self.identify = resource, identify

    def to_representation(self, record: Any) -> str:
        path = reverse(f"api:{self.resource}-list") + quote(self.identify(record), safe="/") + "/"
        return self.context["request"].build_absolute_uri(path)


@extend_schema_field(str)
class ChosenField(serializers.Field):
    """A title or name in the reader's language, else in the other."""

    def __init__(self, text: str, *, source: str = "*") -> None:
        super().__init__(source=source, read_only=True, help_text=CHOSEN)
        self.text = text

    def to_representation(self, record: Any) -> str:
        return localised(record, self.text).text


@extend_schema_field({"type": ["string", "null"], "enum": [*LANGUAGES, None]})
class ChosenLanguageField(serializers.Field):
    def __init__(self, text: str, *, source: str = "*") -> None:
        super().__init__(source=source, read_only=True, help_text=CHOSEN_LANGUAGE)
        self.text = text

    def to_representation(self, record: Any) -> str | None:
        return localised(record, self.text).language or None


@extend_schema_field({"type": "array", "items": {"type": "string"}})
class EachField(serializers.Field):
    """One attribute of each related row."""

    def __init__(self, attribute: str, *, source: str | None = None, help_text: str) -> None:
        super().__init__(source=source, read_only=True, help_text=help_text)
        self.attribute = attribute

    def to_representation(self, related: Any) -> list[str]:
        return [getattr(row, self.attribute) for row in related.all()]


class CodeField(serializers.ChoiceField):
    """A code of a closed list; null where the record has none."""

    def to_representation(self, value: Any) -> Any:
        return super().to_representation(value) or None


class SourceSerializer(serializers.Serializer):
    """The document that the entry was copied from."""

    in_tables = ("document", "place")

    document = CharField(source="source.slug", help_text="Slug of the document.")
    title = ChosenField("title", source="source")
    title_language = ChosenLanguageField("title", source="source")
    address = CharField(source="source.address", help_text="Where the document can be read; empty if it prints none.")
    place = CharField(source="source_place", help_text="Where in the document, such as a section; may be empty.")

    def __init__(self, *, source: str = "*") -> None:
        super().__init__(
            source=source,
            read_only=True,
            allow_null=True,
            help_text="The document that the entry was copied from; null for what was entered here first.",
        )

    def to_representation(self, record: Any) -> Any:
        return super().to_representation(record) if record.source_id else None


class OrganisationNameSerializer(serializers.Serializer):
    """An organisation in short."""

    in_tables = ("slug", "name")

    slug = CharField(help_text="Its id.")
    name = ChosenField("name")
    name_language = ChosenLanguageField("name")
    name_en = CharField(help_text="Name in English; may be empty.")
    name_mn = CharField(help_text="Name in Mongolian; may be empty.")
    short_name = CharField(help_text="An abbreviation in use; may be empty.")
    url = AddressField("organisations")


class OrganisationSerializer(serializers.Serializer):
    """A body that promises, does, answers or reviews. Each stands here once."""

    id = IdField(help_text="Slug of the organisation.")
    url = AddressField("organisations")
    slug = CharField(help_text="The same as id.")
    name = ChosenField("name")
    name_language = ChosenLanguageField("name")
    name_en = CharField(help_text="Name in English; may be empty.")
    name_mn = CharField(help_text="Name in Mongolian; may be empty.")
    short_name = CharField(help_text="An abbreviation in use; may be empty.")
    kind = CodeField(Organisation.Kind.choices, help_text="Kind of organisation.")
    website = CharField(help_text="Address of its website; may be empty.")
    active = BooleanField(help_text="Whether it still exists.")
    is_demonstration = BooleanField(help_text="Invented, for practice; then it is in no list.")
    other_names = EachField("name", source="aliases", help_text="Other spellings and earlier names.")
    source = SourceSerializer()  # type: ignore[assignment]


class ThemeSerializer(serializers.Serializer):
    """A priority or objective under which a plan groups its commitments."""

    in_tables = ("code", "title")

    code = CharField(help_text=CODE)
    kind = CodeField(Theme.Kind.choices, help_text="What the plan calls it.")
    title = ChosenField("title")
    title_language = ChosenLanguageField("title")
    title_en = CharField(help_text="Title in English; may be empty.")
    title_mn = CharField(help_text="Title in Mongolian; may be empty.")


class StatementSerializer(serializers.Serializer):
    """What a plan says beside its commitments."""

    code = CharField(help_text=CODE)
    kind = CodeField(PlanStatement.Kind.choices, help_text="Kind of statement.")
    theme = CharField(source="theme.code", allow_null=True, help_text="Code of the theme; or null.")
    text_en = CharField(help_text="Text in English; may be empty.")
    text_mn = CharField(help_text="Text in Mongolian; may be empty.")
    source = SourceSerializer()  # type: ignore[assignment]


class PolicyAreaSerializer(serializers.Serializer):
    """A subject of OGP's own vocabulary."""

    in_tables = ("code", "name")

    code = CharField(help_text="Its code.")
    name = ChosenField("name")
    name_language = ChosenLanguageField("name")


class InvolvementSerializer(serializers.Serializer):
    """Who has which role in a commitment."""

    role = CodeField(Involvement.Role.choices, help_text="Role in the commitment.")
    organisation = OrganisationNameSerializer(
        allow_null=True, help_text="The organisation; null where the source names none."
    )
    as_printed = CharField(help_text="What the source prints, such as “NGOs”; may be empty.")


class PlanSerializer(serializers.Serializer):
    """A National Action Plan."""

    id = IdField(help_text="Slug of the plan, such as nap-4.")
    url = AddressField("plans")
    slug = CharField(help_text="The same as id.")
    number = IntegerField(allow_null=True, help_text="Its place in the country's series of plans; null without one.")
    title = ChosenField("title")
    title_language = ChosenLanguageField("title")
    title_en = CharField(help_text="Title in English; may be empty.")
    title_mn = CharField(help_text="Title in Mongolian; may be empty.")
    starts_on = DateField(help_text="First day of the plan.")
    ends_on = DateField(help_text="Last day of the plan.")
    rating_scale = CodeField(RatingScale.choices, help_text="Which ratings the government uses in this plan.")
    adopted_on = DateField(allow_null=True, help_text="Day of adoption; null if not known.")
    adopted_by_en = CharField(help_text="The act that adopted it, and whose, in English; may be empty.")
    adopted_by_mn = CharField(help_text="The act that adopted it, and whose, in Mongolian; may be empty.")
    making_en = CharField(help_text="How the plan was made, in English; may be empty.")
    making_mn = CharField(help_text="How the plan was made, in Mongolian; may be empty.")
    coverage = CodeField(ActionPlan.Coverage.choices, help_text="How much of the plan is in this record.")
    coverage_note_en = CharField(help_text="What is missing here, in English; may be empty.")
    coverage_note_mn = CharField(help_text="What is missing here, in Mongolian; may be empty.")
    predecessor = serializers.SerializerMethodField(help_text="Slug of the plan before; null without one.")
    is_demonstration = BooleanField(help_text="Invented, for practice; then it is in no list.")
    published_at = DateTimeField(help_text="When it became public here; offset of Ulaanbaatar.")
    source = SourceSerializer()  # type: ignore[assignment]

    def get_predecessor(self, plan: ActionPlan) -> str | None:
        before = plan.predecessor
        return before.slug if before and before.is_published else None


class RecommendationSerializer(serializers.Serializer):
    """What a reviewer advised, what the government answered, and what became of it."""

    id = IdField(help_text="Plan and code, such as nap-4/1-1.")
    url = AddressField("recommendations")
    plan = CharField(source="plan.slug", help_text=PLAN)
    code = CharField(help_text=CODE)
    reviewer = CodeField(Recommendation.Reviewer.choices, help_text="Who recommended it.")
    commitments = EachField("code", help_text="Codes of the commitments that it is about.")
    text_en = CharField(help_text="The recommendation in English; may be empty.")
    text_mn = CharField(help_text="The recommendation in Mongolian; may be empty.")
    response_en = CharField(help_text="The government's response in English; may be empty.")
    response_mn = CharField(help_text="The government's response in Mongolian; may be empty.")
    outcome_en = CharField(help_text="What became of it, in English; may be empty.")
    outcome_mn = CharField(help_text="What became of it, in Mongolian; may be empty.")
    issued_on = DateField(allow_null=True, help_text="Day of issue; null if not known.")
    issued_text = CharField(help_text=PRINTED_DATE)
    source = SourceSerializer()  # type: ignore[assignment]


class ParticipationSerializer(serializers.Serializer):
    """An organisation that took part in a meeting, as the source lists it."""

    listed_as = CodeField(Participation.ListedAs.choices, help_text="The list in which it stands.")
    position = IntegerField(help_text="Its place in that list.")
    organisation = OrganisationNameSerializer(
        allow_null=True, help_text="The organisation; null where the entry was not matched to one."
    )
    as_printed = CharField(help_text="The entry as the source prints it.")


class MeetingSerializer(serializers.Serializer):
    """An entry of the co-creation and forum log."""

    id = IdField(help_text="Plan and code, such as nap-5/wg-1.")
    url = AddressField("meetings")
    plan = CharField(source="plan.slug", help_text=PLAN)
    code = CharField(help_text=CODE)
    kind = CodeField(Meeting.Kind.choices, help_text="Kind of meeting.")
    title = ChosenField("title")
    title_language = ChosenLanguageField("title")
    title_en = CharField(help_text="Title in English; may be empty.")
    title_mn = CharField(help_text="Title in Mongolian; may be empty.")
    held_on = DateField(allow_null=True, help_text="Day of the meeting; null if not known.")
    date_text = CharField(help_text=PRINTED_DATE)
    occasions = IntegerField(help_text="How many meetings the entry stands for.")
    participants_government = IntegerField(allow_null=True, help_text="People from government; null if not known.")
    participants_other = IntegerField(allow_null=True, help_text="Other people; null if not known.")
    participants_total = IntegerField(allow_null=True, help_text="People in all; null if not known.")
    record_en = CharField(help_text="What happened, in English; may be empty.")
    record_mn = CharField(help_text="What happened, in Mongolian; may be empty.")
    decision_en = CharField(help_text="What was decided, in English; may be empty.")
    decision_mn = CharField(help_text="What was decided, in Mongolian; may be empty.")
    participations = ParticipationSerializer(many=True, help_text="The organisations that the source lists.")
    source = SourceSerializer()  # type: ignore[assignment]
