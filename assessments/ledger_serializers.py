"""What the API shows of plans, commitments and milestones with their ratings.

They are shown as `assessments.ledger` compared them, and counts as `assessments.counts` made them: nothing is compared
or counted here.
"""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.fields import BooleanField, CharField, DateField, DateTimeField, IntegerField

from assessments.counts import Tally, count_commitment, count_plan
from assessments.freshness import Freshness
from assessments.ledger import CommitmentEntry
from assessments.models import CounterAssessment
from assessments.ratings import Light, NoRatingReason, Rating
from assessments.serializers import ATTRIBUTION, GAP, NO_RATING, FindingSerializer, PeriodSerializer
from commitments.models import ActionPlan
from commitments.serializers import (
    CODE,
    PLAN,
    AddressField,
    ChosenField,
    ChosenLanguageField,
    CodeField,
    IdField,
    InvolvementSerializer,
    OrganisationNameSerializer,
    PlanSerializer,
    PolicyAreaSerializer,
    SourceSerializer,
    StatementSerializer,
    ThemeSerializer,
    natural_id,
)


class CounterRatingSerializer(serializers.Serializer):
    """An organisation's published answer: a rating, or that it was asked and gave none."""

    organisation = OrganisationNameSerializer(
        allow_null=True, help_text="Who answered; null where the source does not say."
    )
    rating = CodeField(Rating.choices, allow_null=True, help_text="Its rating; null where it gave none.")
    light = CodeField(Light.choices, allow_null=True, help_text="The light of its rating; null without one.")
    gap = IntegerField(allow_null=True, min_value=-2, max_value=2, help_text=GAP)
    no_rating_reason = CodeField(
        NoRatingReason.choices,
        source="assessment.no_rating_reason",
        allow_null=True,
        help_text="Why there is no rating; null where there is one.",
    )
    attribution = CodeField(
        CounterAssessment.Attribution.choices, source="assessment.attribution", help_text=ATTRIBUTION
    )
    stated_on = DateField(
        source="assessment.stated_on", allow_null=True, help_text="Day that the answer bears; null if not known."
    )


class RemovedAnswerSerializer(serializers.Serializer):
    """That an answer was public once. It is shown no more, and none of its words are."""

    organisation = OrganisationNameSerializer(
        allow_null=True, help_text="Who answered; null where the source does not say."
    )
    state = CodeField(
        [(state.value, state.label) for state in (CounterAssessment.State.WITHDRAWN, CounterAssessment.State.WITHHELD)],
        help_text="Whether its author withdrew it, or the support unit withholds it.",
    )
    ended_at = DateTimeField(help_text="When it was withdrawn or withheld; offset of Ulaanbaatar.")
    reason = CodeField(
        CounterAssessment.WithheldReason.choices, allow_null=True, help_text="Why it is withheld; null if withdrawn."
    )
    note_en = CharField(help_text="A note on that in English; may be empty.")
    note_mn = CharField(help_text="A note on that in Mongolian; may be empty.")


class MilestoneSerializer(serializers.Serializer):
    """A step of a commitment, with the ratings of government and NGOs side by side."""

    id = IdField(source="subject", help_text="Plan and code, such as nap-4/1.1.")
    url = AddressField("milestones", source="subject")
    plan = CharField(source="subject.commitment.plan.slug", help_text=PLAN)
    commitment = CharField(source="subject.commitment.code", help_text="Code of its commitment in the plan.")
    code = CharField(source="subject.code", help_text=CODE)
    title = ChosenField("title", source="subject")
    title_language = ChosenLanguageField("title", source="subject")
    title_en = CharField(
        source="subject.title_en", help_text="Title in English; may be empty. […] stands for lost words."
    )
    title_mn = CharField(source="subject.title_mn", help_text="Title in Mongolian; may be empty.")
    expected_output_en = CharField(
        source="subject.expected_output_en", help_text="Expected output in English; may be empty."
    )
    expected_output_mn = CharField(
        source="subject.expected_output_mn", help_text="Expected output in Mongolian; may be empty."
    )
    agencies = OrganisationNameSerializer(source="subject.agencies", many=True, help_text="Who has to implement it.")
    due_text = CharField(source="subject.due_text", help_text="When it is due, as the plan prints it; may be empty.")
    starts_on = DateField(source="subject.starts_on", allow_null=True, help_text="First day that the due text means.")
    ends_on = DateField(source="subject.ends_on", allow_null=True, help_text="Last day that the due text allows.")
    rating = CodeField(
        Rating.choices,
        allow_null=True,
        help_text="The government's latest published rating; null where there is none.",
    )
    light = CodeField(Light.choices, allow_null=True, help_text="The light of that rating; null without one.")
    no_rating_reason = CodeField(
        NoRatingReason.choices,
        source="government.no_rating_reason",
        allow_null=True,
        help_text=NO_RATING,
    )
    counter_ratings = CounterRatingSerializer(
        source="verdicts",
        many=True,
        help_text="The published answers of NGOs in the period of that rating; those that only comment are left out.",
    )
    contested = BooleanField(
        help_text="Whether at least one of these answers is above or below the government's rating."
    )
    removed_answers = RemovedAnswerSerializer(
        source="marks", many=True, help_text="Answers to that rating that were public once and are shown no more."
    )
    source = SourceSerializer(source="subject")  # type: ignore[assignment]


class MilestoneDetailSerializer(MilestoneSerializer):
    """A milestone with its notes."""

    period = CharField(
        source="government.period.code",
        allow_null=True,
        help_text="Code of the reporting period of the government's rating; null without one.",
    )
    note_en = CharField(source="subject.note_en", help_text="What the source leaves unclear, in English; may be empty.")
    note_mn = CharField(
        source="subject.note_mn", help_text="What the source leaves unclear, in Mongolian; may be empty."
    )


class TallySerializer(serializers.Serializer):
    """How many have which rating. Percentages are of the rated ones only."""

    in_tables = ("rated", "not_rated", "not_provided", "green", "amber", "red")

    total = IntegerField(help_text="Number of subjects; of NGO ratings, ratings and the subjects without any.")
    rated = IntegerField(help_text="How many of them have a rating.")
    not_rated = IntegerField(help_text="How many have no rating, without those that were asked for one and not given.")
    not_provided = IntegerField(help_text="How many were asked for a rating that was not given.")
    green = IntegerField(help_text="Number of green ratings.")
    amber = IntegerField(help_text="Number of amber ratings.")
    red = IntegerField(help_text="Number of red ratings.")
    green_percent = serializers.SerializerMethodField(help_text="Green ones, in whole per cent of the rated; or null.")
    amber_percent = serializers.SerializerMethodField(help_text="Amber ones, in whole per cent of the rated; or null.")
    red_percent = serializers.SerializerMethodField(help_text="Red ones, in whole per cent of the rated; or null.")
    by_rating = serializers.DictField(
        child=IntegerField(), help_text="Number by code of rating: every rating of the scale, best first."
    )

    def get_green_percent(self, tally: Tally) -> int | None:
        return tally.percent(Light.GREEN)

    def get_amber_percent(self, tally: Tally) -> int | None:
        return tally.percent(Light.AMBER)

    def get_red_percent(self, tally: Tally) -> int | None:
        return tally.percent(Light.RED)


class AgreementSerializer(serializers.Serializer):
    """NGO ratings compared with the government's: one for each answer that has both."""

    in_tables = ("compared", "lower", "agree", "higher")

    compared = IntegerField(help_text="Number of NGO ratings that stand beside a rating of the government.")
    lower = IntegerField(help_text="How many of them are below it.")
    agree = IntegerField(help_text="How many are on the same step.")
    higher = IntegerField(help_text="How many are above it.")
    by_gap = serializers.DictField(child=IntegerField(), help_text="Number by gap in steps, -2 to 2.")


class ReviewComparisonSerializer(serializers.Serializer):
    """The reviewer's one rating of a commitment, against each rating of the government in it."""

    compared = IntegerField(help_text="Number of the government's ratings that stand under a reviewed commitment.")
    above = IntegerField(help_text="On how many of them the reviewer is above the government.")
    equal = IntegerField(help_text="On how many both are on the same step.")
    below = IntegerField(help_text="On how many the reviewer is below the government.")


class CountsSerializer(serializers.Serializer):
    """All counts, made from the ratings in force. A subject is a milestone; in a plan without any, a commitment."""

    subjects = IntegerField(help_text="Number of subjects.")
    government = TallySerializer(help_text="Subjects by the government's rating.")
    ngo = TallySerializer(help_text="NGO ratings by rating; one subject may have several.")
    ngo_answers = IntegerField(help_text="Number of published answers, with and without a rating.")
    ngo_rated_subjects = IntegerField(help_text="Number of subjects with at least one NGO rating.")
    contested = IntegerField(help_text="Number of subjects on which an NGO rating differs from the government's.")
    agreement = AgreementSerializer(help_text="How the NGO ratings stand to the government's.")
    review = TallySerializer(help_text="Commitments by the independent reviewer's rating.")
    against_review = ReviewComparisonSerializer(help_text="How the reviewer's ratings stand to the government's.")


class CommitmentSerializer(serializers.Serializer):
    """What the government promises to do about one problem, and what is said of it as a whole."""

    id = IdField(source="commitment", help_text="Plan and code, such as nap-4/3.")
    url = AddressField("commitments", source="commitment")
    plan = CharField(source="commitment.plan.slug", help_text=PLAN)
    code = CharField(source="commitment.code", help_text=CODE)
    title = ChosenField("title", source="commitment")
    title_language = ChosenLanguageField("title", source="commitment")
    title_en = CharField(source="commitment.title_en", help_text="Title in English; may be empty.")
    title_mn = CharField(source="commitment.title_mn", help_text="Title in Mongolian; may be empty.")
    theme = ThemeSerializer(source="commitment.theme", allow_null=True, help_text="Its priority or objective; or null.")
    adopted_wording_en = CharField(
        source="commitment.adopted_wording_en",
        help_text="The plan's own words where they differ, in English; or empty.",
    )
    adopted_wording_mn = CharField(
        source="commitment.adopted_wording_mn",
        help_text="The plan's own words where they differ, in Mongolian; or empty.",
    )
    brief_description_en = CharField(
        source="commitment.brief_description_en", help_text="Brief description in English; may be empty."
    )
    brief_description_mn = CharField(
        source="commitment.brief_description_mn", help_text="Brief description in Mongolian; may be empty."
    )
    problem_en = CharField(source="commitment.problem_en", help_text="The problem, in English; may be empty.")
    problem_mn = CharField(source="commitment.problem_mn", help_text="The problem, in Mongolian; may be empty.")
    main_objective_en = CharField(
        source="commitment.main_objective_en", help_text="Main objective in English; may be empty."
    )
    main_objective_mn = CharField(
        source="commitment.main_objective_mn", help_text="Main objective in Mongolian; may be empty."
    )
    description_en = CharField(source="commitment.description_en", help_text="What is done, in English; may be empty.")
    description_mn = CharField(
        source="commitment.description_mn", help_text="What is done, in Mongolian; may be empty."
    )
    relevance_en = CharField(
        source="commitment.relevance_en", help_text="How it serves OGP's values, in English; may be empty."
    )
    relevance_mn = CharField(
        source="commitment.relevance_mn", help_text="How it serves OGP's values, in Mongolian; may be empty."
    )
    ambition_en = CharField(source="commitment.ambition_en", help_text="Intended results, in English; may be empty.")
    ambition_mn = CharField(source="commitment.ambition_mn", help_text="Intended results, in Mongolian; may be empty.")
    value_access_to_information = BooleanField(
        source="commitment.value_access_to_information",
        allow_null=True,
        help_text="Whether it serves access to information; null where the source does not say.",
    )
    value_civic_participation = BooleanField(
        source="commitment.value_civic_participation",
        allow_null=True,
        help_text="Whether it serves civic participation; null where the source does not say.",
    )
    value_public_accountability = BooleanField(
        source="commitment.value_public_accountability",
        allow_null=True,
        help_text="Whether it serves public accountability; null where the source does not say.",
    )
    value_technology = BooleanField(
        source="commitment.value_technology",
        allow_null=True,
        help_text="Whether it serves technology and innovation; null where the source does not say.",
    )
    policy_areas = PolicyAreaSerializer(
        source="commitment.policy_areas", many=True, help_text="Its subjects in OGP's vocabulary."
    )
    involvements = InvolvementSerializer(
        source="commitment.involvements", many=True, help_text="Who leads it, supports it, or is named in it."
    )
    starts_on = DateField(source="commitment.starts_on", allow_null=True, help_text="First day; null if not known.")
    ends_on = DateField(source="commitment.ends_on", allow_null=True, help_text="Last day; null if not known.")
    end_date_text = CharField(source="commitment.end_date_text", help_text="The end as printed; may be empty.")
    next_steps_en = CharField(source="commitment.next_steps_en", help_text="Next steps in English; may be empty.")
    next_steps_mn = CharField(source="commitment.next_steps_mn", help_text="Next steps in Mongolian; may be empty.")
    carried_over_from = serializers.SerializerMethodField(
        help_text="Id of the earlier plan's commitment that it continues; null without one."
    )
    ogp_identifier = CharField(
        source="commitment.ogp_identifier", allow_null=True, help_text="OGP's own identifier, such as MN0049; or null."
    )
    rating = CodeField(
        Rating.choices,
        source="whole.rating",
        allow_null=True,
        help_text="The government's latest published rating of the commitment as a whole; null where there is none.",
    )
    light = CodeField(
        Light.choices, source="whole.light", allow_null=True, help_text="The light of that rating; null without one."
    )
    no_rating_reason = CodeField(
        NoRatingReason.choices,
        source="whole.government.no_rating_reason",
        allow_null=True,
        help_text=NO_RATING,
    )
    counter_ratings = CounterRatingSerializer(
        source="whole.verdicts",
        many=True,
        help_text="The published answers of NGOs on the commitment as a whole; those that only comment are left out.",
    )
    contested = serializers.SerializerMethodField(
        help_text="Whether a milestone is contested; in a plan without milestones, whether the commitment is."
    )
    removed_answers = RemovedAnswerSerializer(
        source="whole.marks",
        many=True,
        help_text="Answers on the commitment as a whole that were public once and are shown no more.",
    )
    independent_reviews = FindingSerializer(
        source="whole.reviews", many=True, help_text="What the independent reviewer found."
    )
    evidence_updated_at = serializers.SerializerMethodField(
        help_text="When evidence on it was last published; null where it never was."
    )
    evidence_fresh_until = serializers.SerializerMethodField(
        help_text="Day until which that counts as up to date, six months on; null without evidence and in a plan that "
        "has ended."
    )
    counts = serializers.SerializerMethodField(help_text="Counts over what the government rates in it.")
    source = SourceSerializer(source="commitment")  # type: ignore[assignment]

    def get_carried_over_from(self, entry: CommitmentEntry) -> str | None:
        earlier = entry.commitment.carried_over_from
        return natural_id(earlier) if earlier and earlier.plan.is_published else None

    def get_contested(self, entry: CommitmentEntry) -> bool:
        return any(subject.contested for subject in entry.subjects)

    @extend_schema_field(DateTimeField(allow_null=True))
    def get_evidence_updated_at(self, entry: CommitmentEntry) -> str | None:
        updated_at = self._freshness(entry).updated_at
        return DateTimeField().to_representation(updated_at) if updated_at else None

    @extend_schema_field(DateField(allow_null=True))
    def get_evidence_fresh_until(self, entry: CommitmentEntry) -> str | None:
        fresh_until = self._freshness(entry).fresh_until
        return DateField().to_representation(fresh_until) if fresh_until else None

    def _freshness(self, entry: CommitmentEntry) -> Freshness:
        return self.context["freshness"][entry.commitment.pk]

    @extend_schema_field(CountsSerializer)
    def get_counts(self, entry: CommitmentEntry) -> dict[str, Any]:
        return CountsSerializer(count_commitment(entry)).data


class CommitmentDetailSerializer(CommitmentSerializer):
    """A commitment with its milestones."""

    milestones = MilestoneSerializer(many=True, help_text="Its milestones, in the order of their codes.")


class PlanDetailSerializer(PlanSerializer):
    """A plan whole: what it says, who promised what, and what each rater says about it now."""

    themes = ThemeSerializer(source="theme_set", many=True, help_text="Its priorities or objectives.")
    statements = StatementSerializer(many=True, help_text="What it says beside its commitments.")
    periods = PeriodSerializer(many=True, help_text="Its reporting periods, in the order of time.")
    subjects = serializers.SerializerMethodField(
        help_text="What the government rates: milestones; or, in a plan without any, commitments."
    )
    counts = serializers.SerializerMethodField(help_text="Counts over the whole plan.")
    commitments = serializers.SerializerMethodField(help_text="Its commitments with their milestones, in their order.")

    @extend_schema_field({"type": "string", "enum": ["milestones", "commitments"]})
    def get_subjects(self, plan: ActionPlan) -> str:
        return "commitments" if self.context["ledger"].rated_as_whole else "milestones"

    @extend_schema_field(CountsSerializer)
    def get_counts(self, plan: ActionPlan) -> dict[str, Any]:
        return CountsSerializer(count_plan(self.context["ledger"])).data

    @extend_schema_field(CommitmentDetailSerializer(many=True))
    def get_commitments(self, plan: ActionPlan) -> Any:
        entries = self.context["ledger"].commitments
        return CommitmentDetailSerializer(entries, many=True, context=self.context).data
