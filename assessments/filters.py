"""What lists with ratings can be narrowed by, the same in pages and API.

The conditions here say in the database's words what `assessments.ledger` says of rows that were read: which rating of
the government is in force, and whether an answer differs from it. A test compares the two on the real plans.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

from django.db.models import Case, Exists, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Value, When
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from assessments.models import (
    Claim,
    CounterAssessment,
    IndependentReview,
    ReportingPeriod,
    SelfAssessment,
)
from assessments.ratings import STEPS, Light, Rating, ratings_with
from commitments.filters import (
    CodeFilter,
    ListFilter,
    PlanCodeFilter,
    WordsFilter,
    YesNoFilter,
    commitment_filter,
    organisation_filter,
    plan_filter,
)
from commitments.models import ActionPlan, Commitment, Milestone, Theme


def step(column: str) -> Case:
    """The step of a rating column, as `ratings.STEPS` has it; null where there is no rating."""
    return Case(
        *(When(**{column: rating, "then": Value(steps)}) for rating, steps in STEPS.items()),
        output_field=IntegerField(),
    )


def government(subject: str, until: datetime.date | None = None, **wanted: Any) -> Exists:
    """Whether the government's rating in force of a ``milestone`` or ``commitment`` is as wanted.

    ``until``, here and below, leaves out the periods that end after that day, as in `ledger.comparisons`.
    """
    return Exists(SelfAssessment.objects.in_latest_period(until=until).filter(**{subject: OuterRef("pk")}, **wanted))


def answers_to(subject: str, user: Any, until: datetime.date | None = None) -> QuerySet:
    """The published answers to the government's rating in force, with the step of each (``own``, ``governments``).

    Where either has no rating its step is NULL, which is unequal to nothing.
    """
    rated = SelfAssessment.objects.in_latest_period(until=until).filter(**{subject: OuterRef(subject)})
    answers = CounterAssessment.objects.visible_to(user).in_latest_period(until=until)
    return answers.filter(**{subject: OuterRef("pk")}, period=Subquery(rated.values("period"))).annotate(
        own=step("rating"), governments=Subquery(rated.annotate(step=step("rating")).values("step"))
    )


def contested(subject: str, user: Any, until: datetime.date | None = None, **wanted: Any) -> Exists:
    """Whether a published answer (such as is wanted) is on another step than the government's rating in force."""
    return Exists(answers_to(subject, user, until).filter(~Q(own=F("governments")), **wanted))


def overdue() -> Q:
    """Milestones whose last day is past while the government's rating in force is not green."""
    green = government("milestone", rating__in=ratings_with(Light.GREEN))
    return Q(ends_on__lt=timezone.localdate()) & ~Q(green)


def with_ratings(plans: QuerySet) -> QuerySet:
    """Plans of which a published rating of the government is in force."""
    return plans.filter(Exists(SelfAssessment.objects.filter(is_latest=True, period__plan=OuterRef("pk"))))


def having(queryset: QuerySet, condition: Any, *, wanted: bool) -> QuerySet:
    return queryset.filter(condition if wanted else ~Q(condition))


def light_filter(*, says: str, **options: Any) -> CodeFilter:
    return CodeFilter(choices=Light.choices, label=_("Light"), says=says, **options)


def rating_filter(*, says: str, **options: Any) -> CodeFilter:
    return CodeFilter(choices=Rating.choices, label=_("Rating"), says=says, **options)


def theme_filter(field_name: str) -> PlanCodeFilter:
    return PlanCodeFilter(
        field_name,
        model=Theme,
        label=_("Theme"),
        says="Code of a theme (a plan's priority or objective); unique within a plan.",
    )


def milestone_filter() -> PlanCodeFilter:
    return PlanCodeFilter(
        "milestone__code",
        model=Milestone,
        to_plan="commitment__plan",
        label=_("Milestone"),
        says="Code of a milestone, such as 1.1; unique within a plan.",
    )


def period_filter() -> PlanCodeFilter:
    return PlanCodeFilter(
        "period__code",
        model=ReportingPeriod,
        label=_("Reporting period"),
        says="Code of a reporting period, such as 2023-final; unique within a plan.",
    )


class AnsweredFilter(ListFilter):
    """What lists of subjects can be narrowed by that were answered. Pages may read an earlier time: ``until``."""

    answered_by = organisation_filter(
        method="answered", says="Slug of an organisation with a published answer to that rating of the government."
    )
    gap = CodeFilter(
        choices=[(str(steps), steps) for steps in range(-2, 3)],
        method="apart",
        label=_("Gap"),
        says="A published NGO rating stands so many steps above (+) or below (-) the government's; with answered_by, "
        "one of that organisation.",
    )
    until: datetime.date | None = None

    def of_subject(self, make: Callable[[str], Exists]) -> Any:
        """The condition that ``make`` makes of ``milestone`` or ``commitment``, about the list's rows."""
        raise NotImplementedError

    def answered(self, queryset: QuerySet, name: str, value: Any) -> QuerySet:
        return queryset.filter(
            self.of_subject(
                lambda subject: Exists(answers_to(subject, self.user, self.until).filter(organisation=value))
            )
        )

    def apart(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        steps = F("governments") + int(value)
        return queryset.filter(
            self.of_subject(
                lambda subject: Exists(answers_to(subject, self.user, self.until).filter(own=steps, **self.asked))
            )
        )

    def differing(self, queryset: QuerySet, name: str, value: bool) -> QuerySet:
        condition = self.of_subject(lambda subject: contested(subject, self.user, self.until, **self.asked))
        return having(queryset, condition, wanted=value)

    @property
    def asked(self) -> dict[str, Any]:
        """Whose answers are looked at."""
        organisation = self.form.cleaned_data.get("answered_by")
        return {"organisation": organisation} if organisation else {}


class MilestoneFilter(AnsweredFilter):
    plan = plan_filter("commitment__plan")
    commitment = commitment_filter("commitment__code")
    theme = theme_filter("commitment__theme__code")
    organisation = organisation_filter("agencies", says="Slug of an implementing agency.")
    rating = rating_filter(method="rated", says="The government's latest published rating.")
    light = light_filter(method="lit", says="The light of the government's latest published rating.")
    contested = YesNoFilter(
        method="differing",
        label=_("Contested"),
        says="Whether a published NGO rating differs from the government's latest published one; with answered_by, "
        "that organisation's.",
    )
    overdue = YesNoFilter(
        method="late",
        label=_("Overdue"),
        says="Whether its last day is past (today in Ulaanbaatar) without a green rating of the government.",
    )
    q = WordsFilter(says="Words of the code, title, expected output or note, in any case and either language.")

    def of_subject(self, make: Callable[[str], Exists]) -> Any:
        return make("milestone")

    def rated(self, queryset: QuerySet[Milestone], name: str, value: str) -> QuerySet[Milestone]:
        return queryset.filter(government("milestone", self.until, rating=value))

    def lit(self, queryset: QuerySet[Milestone], name: str, value: str) -> QuerySet[Milestone]:
        return queryset.filter(government("milestone", self.until, rating__in=ratings_with(value)))

    def late(self, queryset: QuerySet[Milestone], name: str, value: bool) -> QuerySet[Milestone]:
        # Without a last day a milestone is not overdue; NULL must not drop it from the others.
        return having(queryset, Q(ends_on__isnull=False) & overdue(), wanted=value)


class CommitmentFilter(AnsweredFilter):
    """A commitment is found by what is rated in it: its milestones, or itself where its plan has none."""

    plan = plan_filter()
    theme = theme_filter("theme__code")
    organisation = organisation_filter(
        method="involving", says="Slug of an organisation that is involved in it, or implements one of its milestones."
    )
    rating = rating_filter(
        method="rated",
        says="It has a milestone with this latest published rating of the government; in a plan without milestones, "
        "it has the rating itself.",
    )
    light = light_filter(method="lit", says="As rating, by the rating's light.")
    contested = YesNoFilter(
        method="differing",
        label=_("Contested"),
        says="Whether it has a contested milestone; in a plan without milestones, whether it is contested itself; "
        "with answered_by, by that organisation.",
    )
    overdue = YesNoFilter(
        method="late",
        label=_("Overdue"),
        says="Whether it has a milestone whose last day is past (today in Ulaanbaatar) without a green rating.",
    )
    q = WordsFilter(says="Words of the code, title or any text of it, in any case and either language.")

    def of_subject(self, make: Callable[[str], Exists]) -> Any:
        return _either(make("milestone"), make("commitment"))

    def involving(self, queryset: QuerySet[Commitment], name: str, value: Any) -> QuerySet[Commitment]:
        implemented = Milestone.objects.filter(commitment=OuterRef("pk"), agencies=value)
        return queryset.filter(Q(pk__in=value.involvements.values("commitment")) | Exists(implemented))

    def rated(self, queryset: QuerySet[Commitment], name: str, value: str) -> QuerySet[Commitment]:
        return queryset.filter(self.of_subject(lambda subject: government(subject, self.until, rating=value)))

    def lit(self, queryset: QuerySet[Commitment], name: str, value: str) -> QuerySet[Commitment]:
        ratings = ratings_with(value)
        return queryset.filter(self.of_subject(lambda subject: government(subject, self.until, rating__in=ratings)))

    def late(self, queryset: QuerySet[Commitment], name: str, value: bool) -> QuerySet[Commitment]:
        return having(queryset, _has_milestone(overdue()), wanted=value)


def _has_milestone(condition: Any) -> Exists:
    return Exists(Milestone.objects.filter(commitment=OuterRef("pk")).filter(condition))


def _either(of_milestone: Exists, as_whole: Exists) -> Q:
    """One of its milestones fulfils it; or, where its plan has no milestones, the commitment as a whole."""
    plan_has_milestones = Exists(Milestone.objects.filter(commitment__plan=OuterRef("plan")))
    return Q(_has_milestone(of_milestone)) | (Q(as_whole) & ~Q(plan_has_milestones))


class PeriodFilter(ListFilter):
    plan = plan_filter()


class SubjectFilter(ListFilter):
    """Rows about a milestone, or about a commitment as a whole."""

    milestone = milestone_filter()
    commitment = PlanCodeFilter(
        "commitment",
        method="about",
        model=Commitment,
        label=_("Commitment"),
        says="Code of a commitment: what is said of it as a whole and of its milestones.",
    )

    def about(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.filter(Q(commitment__code=value) | Q(milestone__commitment__code=value))


class AssessmentFilter(SubjectFilter):
    """Versions of assessments: by default every published one, superseded ones too."""

    plan = plan_filter("period__plan")
    period = period_filter()
    rating = rating_filter(field_name="rating", says="The rating that was given.")
    light = light_filter(method="lit", says="The light of the rating that was given.")
    current = YesNoFilter(
        "is_current", label=_("Current"), says="Whether it is the version in force of its reporting period."
    )
    latest = YesNoFilter(
        "is_latest",
        label=_("Latest"),
        says="Whether it is current, and of the newest period in which the government's rating is published.",
    )

    def lit(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.filter(rating__in=ratings_with(value))


class SelfAssessmentFilter(AssessmentFilter):
    organisation = organisation_filter(
        method="done_by",
        says="Slug of an agency that implements the milestone, or is involved in the commitment rated as a whole.",
    )

    def done_by(self, queryset: QuerySet, name: str, value: Any) -> QuerySet:
        involved = value.involvements.values("commitment")
        return queryset.filter(
            Q(milestone__in=value.milestones.values("pk")) | Q(milestone__isnull=True, commitment__in=involved)
        )


class CounterAssessmentFilter(AssessmentFilter):
    organisation = organisation_filter("organisation", says="Slug of the organisation that answered.")


class IndependentReviewFilter(SubjectFilter):
    plan = plan_filter(method="of_plan")
    stage = CodeFilter(
        "stage", choices=IndependentReview.Stage.choices, label=_("Stage"), says="Stage of the plan that was reviewed."
    )
    completion = CodeFilter(
        "completion",
        choices=IndependentReview._meta.get_field("completion").choices,
        label=_("Completion"),
        says="The reviewer's finding on completion.",
    )

    def of_plan(self, queryset: QuerySet, name: str, value: ActionPlan) -> QuerySet:
        return queryset.filter(Q(commitment__plan=value) | Q(milestone__commitment__plan=value))


class ClaimFilter(ListFilter):
    plan = plan_filter()
    commitment = commitment_filter("commitments__code", distinct=True)
    measure = CodeFilter(
        "measure", choices=Claim.Measure.choices, label=_("Compared with"), says="What the figure is compared with."
    )
