"""What the API shows of those who rate: assessments, reviews, their periods, and the figures that documents print."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.fields import BooleanField, CharField, DateField, DateTimeField, DecimalField, IntegerField

from assessments.answer_states import AnswerStates
from assessments.models import (
    Claim,
    CounterAssessment,
    Evidence,
    IndependentReview,
    ReportingPeriod,
    Response,
    SelfAssessment,
)
from assessments.ratings import SCALES, Light, NoRatingReason, Rating
from commitments.localised import LANGUAGES
from commitments.models import RatingScale
from commitments.serializers import (
    CODE,
    PLAN,
    AddressField,
    ChosenField,
    ChosenLanguageField,
    CodeField,
    EachField,
    IdField,
    OrganisationNameSerializer,
    SourceSerializer,
)

COMPLETIONS = [(rating.value, rating.label) for rating in SCALES[RatingScale.COMPLETION]]
GAP = (
    "Steps by which the rating stands above (+) or below (-) the government's in force, -2 to 2, where red is 0, "
    "amber 1 and green 2; null where either has no rating."
)
NO_RATING = "Why there is no rating; null where there is one, and where nothing is published yet."
ATTRIBUTION = "How it is known who answered: stated by the source, inferred, or not stated."


def subject_id(row: SelfAssessment | CounterAssessment | IndependentReview) -> str:
    """`nap-4/milestone/1.1` or `nap-1/commitment/3.3.1.1`: the two kinds may use the same code."""
    return f"{row.plan.slug}/{'milestone' if row.milestone_id else 'commitment'}/{row.subject.code}"


def self_assessment_id(row: SelfAssessment) -> str:
    return f"{subject_id(row)}/{row.period.code}/{row.version}"


def counter_assessment_id(row: Any) -> str:
    """With the organisation's slug; where the source names nobody, `unnamed.` and a number (of the queryset)."""
    who = row.organisation.slug if row.organisation else f"unnamed.{row.unnamed_number}"
    return f"{subject_id(row)}/{row.period.code}/{who}/{row.version}"


def review_id(row: IndependentReview) -> str:
    return f"{subject_id(row)}/{row.stage}"


class OfSubjectSerializer(serializers.Serializer):
    """About a milestone, or about a commitment as a whole."""

    plan = CharField(source="plan.slug", help_text=PLAN)
    commitment = serializers.SerializerMethodField(help_text="Code of the commitment.")
    milestone = CharField(
        source="milestone.code", allow_null=True, help_text="Code of the milestone; null for the commitment as a whole."
    )

    def get_fields(self) -> dict[str, serializers.Field]:
        """Which one it is comes first."""
        fields = super().get_fields()
        return {"id": fields.pop("id"), "url": fields.pop("url"), **fields}

    def get_commitment(self, row: Any) -> str:
        return (row.milestone.commitment if row.milestone else row.commitment).code


@extend_schema_field({"type": ["string", "null"], "format": "uri"})
class DownloadAddressField(serializers.Field):
    """Where the tracker hands the file out."""

    def __init__(self) -> None:
        super().__init__(source="*", read_only=True, help_text="Where the file is downloaded; null for a link.")

    def to_representation(self, evidence: Evidence) -> str | None:
        return self.context["request"].build_absolute_uri(evidence.get_absolute_url()) if evidence.file else None


class AttachmentSerializer(serializers.Serializer):
    """A file or a link that is given as evidence."""

    in_tables = ("title", "address", "download_address")

    title = ChosenField("title")
    title_language = ChosenLanguageField("title")
    title_en = CharField(help_text="Title in English; may be empty.")
    title_mn = CharField(help_text="Title in Mongolian; may be empty.")
    address = CharField(help_text="The link; empty for a file.")
    file_name = CharField(help_text="Name of the file; empty for a link.")
    media_type = CharField(help_text="Media type of the file, such as application/pdf; empty for a link.")
    download_address = DownloadAddressField()
    sha256 = CharField(help_text="SHA-256 of the file, in hexadecimal; empty for a link.")
    size = IntegerField(allow_null=True, help_text="Size of the file in bytes; null for a link.")
    checked_at = DateTimeField(
        allow_null=True, help_text="When the link was last tried; null if never. Offset of Ulaanbaatar."
    )
    check_result = CodeField(
        Evidence.CheckResult.choices, allow_null=True, help_text="What came of that; null if the link was never tried."
    )


class VersionSerializer(OfSubjectSerializer):
    """A published version of an assessment. A correction is a further version; this one stays readable."""

    period = CharField(source="period.code", help_text="Code of the reporting period.")
    rating = CodeField(Rating.choices, allow_null=True, help_text="The rating; null where there is none.")
    light = CodeField(Light.choices, allow_null=True, help_text="The light of the rating; null without one.")
    no_rating_reason = CodeField(
        NoRatingReason.choices, allow_null=True, help_text="Why there is no rating; null where there is one."
    )
    no_rating_text = CharField(help_text="That reason in words; may be empty.")
    version = IntegerField(min_value=1, help_text="Number of the version, from 1.")
    is_current = BooleanField(help_text="Whether it is the version in force of its reporting period.")
    is_latest = BooleanField(
        help_text="Whether it is current, and of the newest period in which the government's rating is published."
    )
    correction_reason = CharField(help_text="Why the version before was corrected; empty in the first.")
    transcribed = BooleanField(help_text="Copied from a document, with its gaps.")
    published_at = DateTimeField(help_text="When it became public; offset of Ulaanbaatar.")
    superseded_at = DateTimeField(
        allow_null=True, help_text="When a newer version took its place; null while it is in force."
    )
    attachments = AttachmentSerializer(many=True, help_text="The evidence under it.")
    source = SourceSerializer()  # type: ignore[assignment]


class SelfAssessmentSerializer(VersionSerializer):
    """The government's rating of a milestone, or of a commitment as a whole, in a reporting period."""

    id = IdField(
        identify=self_assessment_id, help_text="Subject, period and version, such as nap-4/milestone/1.1/2023-final/1."
    )
    url = AddressField("self-assessments", identify=self_assessment_id)
    copied_from = CharField(
        source="copied_from.period.code",
        allow_null=True,
        help_text="Code of the earlier period whose rating and words it repeats unchanged; null where it is new.",
    )
    evidence_en = CharField(help_text="Evidence in English; may be empty.")
    evidence_mn = CharField(help_text="Evidence in Mongolian; may be empty.")
    challenges_en = CharField(help_text="What stands in the way, in English; may be empty.")
    challenges_mn = CharField(help_text="What stands in the way, in Mongolian; may be empty.")
    next_steps_en = CharField(help_text="Next steps in English; may be empty.")
    next_steps_mn = CharField(help_text="Next steps in Mongolian; may be empty.")
    additional_information_en = CharField(help_text="Additional information in English; may be empty.")
    additional_information_mn = CharField(help_text="Additional information in Mongolian; may be empty.")


class ResponseSerializer(serializers.Serializer):
    """An agency's reasoned response to an answer."""

    organisation = OrganisationNameSerializer(help_text="The agency.")
    kind = CodeField(Response.Kind.choices, help_text="Whether the rating is changed, kept, or the answer noted.")
    reason_en = CharField(help_text="Why, in English; may be empty.")
    reason_mn = CharField(help_text="Why, in Mongolian; may be empty.")
    stated_on = DateField(allow_null=True, help_text="Day of the agency's letter; null if not known.")
    published_at = DateTimeField(help_text="When it became public; offset of Ulaanbaatar.")


class CounterAssessmentSerializer(VersionSerializer):
    """An organisation's published answer to the government's rating, in its own words."""

    id = IdField(
        identify=counter_assessment_id,
        help_text="Subject, period, organisation and version, such as nap-4/milestone/1.1/2023-final/globe/1.",
    )
    url = AddressField("counter-assessments", identify=counter_assessment_id)
    organisation = OrganisationNameSerializer(
        allow_null=True, help_text="Who answered; null where the source does not say."
    )
    attribution = CodeField(CounterAssessment.Attribution.choices, help_text=ATTRIBUTION)
    attribution_reason_en = CharField(help_text="From what the author is inferred, in English; may be empty.")
    attribution_reason_mn = CharField(help_text="From what the author is inferred, in Mongolian; may be empty.")
    gap = IntegerField(
        allow_null=True,
        min_value=-2,
        max_value=2,
        help_text=GAP + " Null also for versions and periods that are not the latest.",
    )
    answered_rating = CodeField(
        Rating.choices,
        allow_null=True,
        help_text="The government's rating that was on the screen; null if not recorded.",
    )
    gap_when_given = IntegerField(
        allow_null=True,
        min_value=-2,
        max_value=2,
        help_text="Steps above (+) or below (-) that answered rating, -2 to 2; null where either is missing.",
    )
    recommendation = CharField(help_text="What it recommends; may be empty.")
    justification = CharField(help_text="Why the government's rating should change; may be empty.")
    condition = CharField(help_text="What its rating depends on; may be empty.")
    language = serializers.ChoiceField(LANGUAGES, help_text="Language in which it wrote.")
    stated_on = DateField(allow_null=True, help_text="Day that the answer bears; null if not known.")
    responses = ResponseSerializer(many=True, help_text="What agencies responded, in force now.")


class FindingSerializer(serializers.Serializer):
    """What OGP's Independent Reporting Mechanism (IRM) found, in its own terms."""

    stage = CodeField(IndependentReview.Stage.choices, help_text="Stage of the plan that was reviewed.")
    completion = CodeField(COMPLETIONS, allow_null=True, help_text="Finding on completion; null where there is none.")
    light = CodeField(Light.choices, allow_null=True, help_text="The light of that finding; null without one.")
    completion_other = CodeField(
        IndependentReview.OtherCompletion.choices,
        allow_null=True,
        help_text="What the review says of completion instead of a level; or null.",
    )
    early_results = CodeField(
        IndependentReview.EarlyResults.choices, allow_null=True, help_text="Early results; null where not assessed."
    )
    potential_for_results = CodeField(
        IndependentReview.PotentialForResults.choices,
        allow_null=True,
        help_text="Potential for results; null where not assessed.",
    )
    verifiable = BooleanField(allow_null=True, help_text="Whether it can be verified; null where not assessed.")
    opened_government = CodeField(
        IndependentReview.OpenedGovernment.choices,
        allow_null=True,
        help_text="Whether it opened government; null where not assessed.",
    )
    report_year = IntegerField(allow_null=True, help_text="Year of the review's report; null if not known.")
    reviewed_on = DateField(allow_null=True, help_text="Day of the review; null if not known.")
    link = CharField(help_text="Address of the review; may be empty.")
    source = SourceSerializer()  # type: ignore[assignment]


class IndependentReviewSerializer(OfSubjectSerializer, FindingSerializer):
    """What OGP's Independent Reporting Mechanism (IRM) found about a commitment or milestone."""

    id = IdField(identify=review_id, help_text="Subject and stage, such as nap-3/commitment/4/end_of_term.")
    url = AddressField("independent-reviews", identify=review_id)


class AnswerStatesSerializer(serializers.Serializer):
    """What became of the answers that organisations sent: each is in one of these, published to withdrawn."""

    received = IntegerField(help_text="How many were sent.")
    published = IntegerField(help_text="How many are published and in force.")
    replaced = IntegerField(help_text="How many their author has replaced by a newer version.")
    waiting = IntegerField(help_text="How many wait to be published.")
    returned = IntegerField(help_text="How many were returned to be mended and not sent again yet.")
    withheld = IntegerField(help_text="How many are withheld.")
    withdrawn = IntegerField(help_text="How many their author has withdrawn.")
    withheld_by_reason = serializers.DictField(
        child=IntegerField(), help_text="How many are withheld by the code of the reason; reasons without any left out."
    )
    unanswered = IntegerField(help_text="How many of the published that were given here have no published response.")
    oldest_waiting_at = DateTimeField(
        allow_null=True, help_text="When the one that waits longest was sent; null where none waits."
    )


class PeriodSerializer(serializers.Serializer):
    """A quarter, or a final assessment, of a plan."""

    id = IdField(help_text="Plan and code, such as nap-4/2023-final.")
    url = AddressField("periods")
    plan = CharField(source="plan.slug", help_text=PLAN)
    code = CharField(help_text="Its code in the plan: 2025-Q2, 2023-final or 2023-midterm.")
    name = CharField(help_text="The period in words, in the asked language.")
    starts_on = DateField(help_text="First day.")
    ends_on = DateField(help_text="Last day.")
    state = CodeField(ReportingPeriod.State.choices, help_text="Where it stands at this moment.")
    answers_open_at = DateTimeField(allow_null=True, help_text="Since when NGOs may answer; offset of Ulaanbaatar.")
    answers_close_at = DateTimeField(allow_null=True, help_text="Until when NGOs may answer; offset of Ulaanbaatar.")
    published_at = DateTimeField(allow_null=True, help_text="When its ratings became public; null before.")
    reopened_at = DateTimeField(
        allow_null=True, help_text="When it was last opened for entry again after that; null if never."
    )
    reopen_reason = CharField(help_text="Why it was; empty if it never was.")
    republished_at = DateTimeField(
        allow_null=True, help_text="When what was entered then became public; null before, and if it never was."
    )
    published_text = CharField(help_text="The date as the document prints it, where that is no full one; else empty.")
    answers = serializers.SerializerMethodField(help_text="How many answers to it came in, and what became of them.")
    source = SourceSerializer()  # type: ignore[assignment]

    @extend_schema_field(AnswerStatesSerializer)
    def get_answers(self, period: ReportingPeriod) -> dict[str, Any]:
        return AnswerStatesSerializer(self.context["answers"].get(period.pk, AnswerStates())).data


class ClaimSerializer(serializers.Serializer):
    """A figure that a published document prints about a plan, beside the count of the same thing in this record."""

    id = IdField(source="claim", help_text="Plan and code, such as nap-4/milestones-total.")
    url = AddressField("claims", source="claim")
    plan = CharField(source="claim.plan.slug", help_text=PLAN)
    code = CharField(source="claim.code", help_text=CODE)
    label = ChosenField("label", source="claim")  # type: ignore[assignment]
    label_language = ChosenLanguageField("label", source="claim")
    label_en = CharField(source="claim.label_en", help_text="What the figure is about, in English; may be empty.")
    label_mn = CharField(source="claim.label_mn", help_text="What the figure is about, in Mongolian; may be empty.")
    printed = CharField(source="claim.printed", help_text="The figure as printed.")
    value = DecimalField(
        source="claim.value", max_digits=12, decimal_places=2, coerce_to_string=False, help_text="The printed figure."
    )
    unit = CodeField(Claim.Unit.choices, source="claim.unit", help_text="Unit of value and counted.")
    measure = CodeField(
        Claim.Measure.choices, source="claim.measure", allow_null=True, help_text="What is counted beside it; or null."
    )
    commitments = EachField(
        "code",
        source="claim.commitments",
        help_text="Codes of the commitments that it is about; none for the whole plan.",
    )
    counted = IntegerField(allow_null=True, help_text="The count of this record; null where it holds nothing to count.")
    differs = BooleanField(help_text="Whether printed figure and count differ.")
    source = SourceSerializer(source="claim")  # type: ignore[assignment]
