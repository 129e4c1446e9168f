from __future__ import annotations

import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from commitments import roles
from commitments.fields import LineField, ProseField
from commitments.localised import localised
from commitments.models.organisations import Organisation
from commitments.models.plans import OfPlan, OfPlanQuerySet, Theme, code_once, refuse_theme_of_another_plan
from commitments.models.searchable import Searchable, SearchableQuerySet
from commitments.models.sourced import Sourced
from commitments.rules import in_order, one_language_filled
from commitments.text import code_sort_key


class PolicyArea(models.Model):
    """A subject of OGP's own vocabulary."""

    class Manager(models.Manager["PolicyArea"]):
        def get_by_natural_key(self, code: str) -> PolicyArea:
            return self.get(code=code)

    code = models.SlugField(_("code"), max_length=80, unique=True)
    name_en = LineField(_("name in English"), max_length=150, blank=True)
    name_mn = LineField(_("name in Mongolian"), max_length=150, blank=True)

    history = HistoricalRecords()
    objects = Manager()

    class Meta:
        verbose_name = _("policy area")
        verbose_name_plural = _("policy areas")
        ordering = ["code"]
        constraints = [one_language_filled("name", table="policyarea")]

    def __str__(self) -> str:
        return str(localised(self, "name"))

    def natural_key(self) -> tuple[str]:
        return (self.code,)


class CommitmentQuerySet(OfPlanQuerySet["Commitment"]):
    search, having = SearchableQuerySet.search, SearchableQuerySet.having


class Commitment(Searchable, OfPlan):
    """What the government promises to do about one problem."""

    searched = ("code", "title_en", "title_mn", "ogp_identifier")
    searched_too = (
        *("adopted_wording_en", "adopted_wording_mn"),
        *("brief_description_en", "brief_description_mn"),
        *("problem_en", "problem_mn"),
        *("main_objective_en", "main_objective_mn"),
        *("description_en", "description_mn"),
        *("relevance_en", "relevance_mn"),
        *("ambition_en", "ambition_mn"),
        *("next_steps_en", "next_steps_mn"),
    )

    theme = models.ForeignKey(
        Theme,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="commitments",
        verbose_name=_("theme"),
    )
    title_en = LineField(_("title in English"), max_length=500, blank=True)
    title_mn = LineField(_("title in Mongolian"), max_length=500, blank=True)
    adopted_wording_en = ProseField(
        _("adopted wording in English"),
        blank=True,
        help_text=_("The plan's own words, where they differ from the title."),
    )
    adopted_wording_mn = ProseField(_("adopted wording in Mongolian"), blank=True)
    brief_description_en = ProseField(_("brief description in English"), blank=True)
    brief_description_mn = ProseField(_("brief description in Mongolian"), blank=True)
    problem_en = ProseField(_("problem in English"), blank=True, help_text=_("What it is, and what causes it."))
    problem_mn = ProseField(_("problem in Mongolian"), blank=True)
    main_objective_en = ProseField(_("main objective in English"), blank=True)
    main_objective_mn = ProseField(_("main objective in Mongolian"), blank=True)
    description_en = ProseField(_("description in English"), blank=True, help_text=_("What will be done."))
    description_mn = ProseField(_("description in Mongolian"), blank=True)
    relevance_en = ProseField(_("relevance in English"), blank=True, help_text=_("How it serves OGP's values."))
    relevance_mn = ProseField(_("relevance in Mongolian"), blank=True)
    ambition_en = ProseField(_("ambition in English"), blank=True, help_text=_("The results that are intended."))
    ambition_mn = ProseField(_("ambition in Mongolian"), blank=True)
    value_access_to_information = models.BooleanField(_("serves access to information"), null=True, blank=True)
    value_civic_participation = models.BooleanField(_("serves civic participation"), null=True, blank=True)
    value_public_accountability = models.BooleanField(_("serves public accountability"), null=True, blank=True)
    value_technology = models.BooleanField(_("serves technology and innovation"), null=True, blank=True)
    policy_areas = models.ManyToManyField(
        PolicyArea, blank=True, related_name="commitments", verbose_name=_("policy areas")
    )
    starts_on = models.DateField(_("starts on"), null=True, blank=True)
    ends_on = models.DateField(_("ends on"), null=True, blank=True)
    end_date_text = LineField(_("end date as printed"), max_length=100, blank=True)
    next_steps_en = ProseField(_("next steps in English"), blank=True)
    next_steps_mn = ProseField(_("next steps in Mongolian"), blank=True)
    carried_over_from = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="carried_over_to",
        verbose_name=_("carried over from"),
    )
    ogp_identifier = LineField(
        _("OGP identifier"), max_length=20, null=True, blank=True, unique=True, help_text=_("Such as MN0049.")
    )
    organisations = models.ManyToManyField(
        Organisation, through="Involvement", related_name="commitments", verbose_name=_("organisations")
    )

    history = HistoricalRecords(excluded_fields=["search_text", "code_order"], m2m_fields=[policy_areas])
    objects = CommitmentQuerySet.as_manager()  # type: ignore[misc]

    class Meta(OfPlan.Meta):
        verbose_name = _("commitment")
        verbose_name_plural = _("commitments")
        default_related_name = "commitments"
        constraints = [
            code_once("commitment"),
            one_language_filled("title", table="commitment"),
            in_order("starts_on", "ends_on", table="commitment"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {localised(self, 'title')}"

    @property
    def leads(self) -> tuple[Involvement, ...]:
        """Who leads it, in the order of the source. Reads all its involvements: a list fetches them beforehand."""
        return tuple(row for row in self.involvements.all() if row.role == Involvement.Role.LEAD)

    def clean(self) -> None:
        refuse_theme_of_another_plan(self)

    def get_absolute_url(self) -> str:
        return reverse("commitment", args=[self.plan.slug, self.code])


class Involvement(Sourced):
    """An organisation's role in a commitment."""

    class Role(models.TextChoices):
        LEAD = "lead", _("Lead")
        SUPPORTING_GOVERNMENT = "supporting_government", _("Supporting, government")
        CIVIL_SOCIETY = "civil_society", _("Civil society")
        OTHER = "other", _("Other")

    commitment = models.ForeignKey(
        Commitment, on_delete=models.CASCADE, related_name="involvements", verbose_name=_("commitment")
    )
    role = models.CharField(_("role"), max_length=30, choices=Role)
    position = models.PositiveSmallIntegerField(_("place in the list"), default=0)
    organisation = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="involvements",
        verbose_name=_("organisation"),
    )
    as_printed = LineField(
        _("as printed"),
        max_length=500,
        blank=True,
        help_text=_("Where the source names no body, such as “NGOs”."),
    )

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("involvement")
        verbose_name_plural = _("involvements")
        ordering = ["commitment", "role", "position", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(organisation__isnull=False) | ~models.Q(as_printed=""),
                name="involvement_names_somebody",
                violation_error_message=_("Choose an organisation, or write what the source prints."),
            ),
            models.UniqueConstraint(
                fields=["commitment", "role", "organisation"],
                name="involvement_once",
                violation_error_message=_("This organisation already has this role in the commitment."),
            ),
        ]

    def __str__(self) -> str:
        return str(self.organisation) if self.organisation_id else self.as_printed


class FocalPointQuerySet(models.QuerySet["FocalPoint"]):
    def visible_to(self, user: Any) -> FocalPointQuerySet:
        """Never public: the support unit alone reads contacts."""
        return self if roles.is_support_unit(user) else self.none()

    def on(self, day: datetime.date) -> FocalPointQuerySet:
        """Those who are responsible on that day."""
        begun = Q(starts_on__isnull=True) | Q(starts_on__lte=day)
        return self.filter(begun, Q(ends_on__isnull=True) | Q(ends_on__gte=day))

    def positions(self) -> list[dict[str, Any]]:
        """What everybody may read of those now responsible: position and agency, and not a word more."""
        in_office: models.QuerySet[Any] = self.on(timezone.localdate()).exclude(position="")
        return list(in_office.values("commitment_id", "position", "organisation__name_en", "organisation__name_mn"))

    def positions_over_time(self, day: datetime.date) -> list[dict[str, Any]]:
        """What everybody may read of all who have been responsible until a day, the first one first.

        As `positions`, and from when until when; ``ends_on`` is None for those who are responsible on that day.
        """
        begun: models.QuerySet[Any] = self.filter(Q(starts_on__isnull=True) | Q(starts_on__lte=day)).exclude(
            position=""
        )
        rows = begun.order_by(models.F("starts_on").asc(nulls_first=True), "pk").values(
            "position", "organisation__name_en", "organisation__name_mn", "starts_on", "ends_on"
        )
        return [{**row, "ends_on": row["ends_on"] if row["ends_on"] and row["ends_on"] < day else None} for row in rows]


class FocalPoint(Sourced):
    """The responsible person of a commitment, for a time. Never public, except position and agency."""

    commitment = models.ForeignKey(
        Commitment, on_delete=models.CASCADE, related_name="focal_points", verbose_name=_("commitment")
    )
    organisation = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="focal_points",
        verbose_name=_("organisation"),
    )
    name = LineField(_("name"), max_length=150, blank=True)
    position = LineField(_("position"), max_length=200, blank=True)
    department = LineField(_("department"), max_length=200, blank=True)
    email = models.EmailField(_("e-mail address"), blank=True)
    phone = LineField(_("telephone"), max_length=50, blank=True)
    starts_on = models.DateField(_("from"), null=True, blank=True)
    ends_on = models.DateField(
        _("until"),
        null=True,
        blank=True,
        help_text=_("Responsibility moves; the earlier person stays on record."),
    )

    # Who changed a contact and when is kept; the contact's own values are not kept twice.
    history = HistoricalRecords(excluded_fields=["name", "position", "department", "email", "phone"])
    objects = FocalPointQuerySet.as_manager()

    class Meta:
        verbose_name = _("focal point")
        verbose_name_plural = _("focal points")
        ordering = ["commitment", "starts_on", "pk"]
        constraints = [in_order("starts_on", "ends_on", table="focalpoint")]

    def __str__(self) -> str:
        return self.position or self.department or str(self.organisation or "")


class MilestoneQuerySet(SearchableQuerySet["Milestone"]):
    def visible_to(self, user: Any) -> MilestoneQuerySet:
        return self.filter(roles.in_visible_plan(user, "commitment__plan__"))

    def get_by_natural_key(self, plan: str, code: str) -> Milestone:
        return self.get(commitment__plan__slug=plan, code=code)


class Milestone(Searchable, Sourced):
    """A step of a commitment, with the agencies that have to take it."""

    searched = ("code", "title_en", "title_mn")
    searched_too = ("expected_output_en", "expected_output_mn", "note_en", "note_mn")

    commitment = models.ForeignKey(
        Commitment, on_delete=models.PROTECT, related_name="milestones", verbose_name=_("commitment")
    )
    code = LineField(_("code"), max_length=30, help_text=_("Whole, as in 1.1."))
    code_order = models.CharField(max_length=60, editable=False)
    title_en = ProseField(_("title in English"), blank=True, help_text=_("Words lost in the source stand as […]."))
    title_mn = ProseField(_("title in Mongolian"), blank=True)
    expected_output_en = ProseField(_("expected output in English"), blank=True)
    expected_output_mn = ProseField(_("expected output in Mongolian"), blank=True)
    due_text = LineField(_("due, as printed"), max_length=100, blank=True, help_text=_("Such as 2024-2025."))
    starts_on = models.DateField(_("starts on"), null=True, blank=True, help_text=_("What the printed text means."))
    ends_on = models.DateField(_("due on"), null=True, blank=True, help_text=_("The last day the printed text allows."))
    agencies = models.ManyToManyField(
        Organisation, blank=True, related_name="milestones", verbose_name=_("implementing agencies")
    )
    note_en = ProseField(
        _("note on the reading, in English"),
        blank=True,
        help_text=_("Public: what the source leaves unclear."),
    )
    note_mn = ProseField(_("note on the reading, in Mongolian"), blank=True)

    history = HistoricalRecords(excluded_fields=["search_text", "code_order"], m2m_fields=[agencies])
    objects = MilestoneQuerySet.as_manager()

    class Meta:
        verbose_name = _("milestone")
        verbose_name_plural = _("milestones")
        ordering = ["commitment__plan", "commitment__code_order", "code_order"]
        constraints = [
            models.UniqueConstraint(
                fields=["commitment", "code"],
                name="milestone_code_once",
                violation_error_message=_("This commitment already has a milestone with this code."),
            ),
            one_language_filled("title", table="milestone"),
            in_order("starts_on", "ends_on", table="milestone"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {localised(self, 'title')}"

    def save(self, *args: Any, **options: Any) -> None:
        self.code_order = code_sort_key(self.code)
        super().save(*args, **options)

    def natural_key(self) -> tuple[str, str]:
        return (self.commitment.plan.slug, self.code)

    def get_absolute_url(self) -> str:
        return f"{self.commitment.get_absolute_url()}#m{self.code}"

    def clean(self) -> None:
        """Addresses name a milestone by plan and code, which no constraint can reach from here."""
        if self.commitment_id and self.code:
            same = Milestone.objects.filter(commitment__plan_id=self.commitment.plan_id, code=self.code)
            if same.exclude(pk=self.pk).exists():
                raise ValidationError({"code": _("This plan already has a milestone with this code.")})


class RecommendationQuerySet(OfPlanQuerySet["Recommendation"]):
    search, having = SearchableQuerySet.search, SearchableQuerySet.having


class Recommendation(Searchable, OfPlan):
    """What a reviewer advised about commitments, what the government answered, and what became of it."""

    searched = ("code", "text_en", "text_mn")
    searched_too = ("response_en", "response_mn", "outcome_en", "outcome_mn")

    class Reviewer(models.TextChoices):
        IRM = "irm", _("Independent Reporting Mechanism (IRM)")
        OTHER = "other", _("Another reviewer")

    reviewer = models.CharField(_("reviewer"), max_length=10, choices=Reviewer, default=Reviewer.IRM)
    commitments = models.ManyToManyField(
        Commitment, blank=True, related_name="recommendations", verbose_name=_("commitments")
    )
    text_en = ProseField(_("recommendation in English"), blank=True)
    text_mn = ProseField(_("recommendation in Mongolian"), blank=True)
    response_en = ProseField(_("the government's response, in English"), blank=True)
    response_mn = ProseField(_("the government's response, in Mongolian"), blank=True)
    outcome_en = ProseField(_("what became of it, in English"), blank=True)
    outcome_mn = ProseField(_("what became of it, in Mongolian"), blank=True)
    issued_on = models.DateField(_("issued on"), null=True, blank=True)
    issued_text = LineField(_("date as printed"), max_length=100, blank=True)

    history = HistoricalRecords(excluded_fields=["search_text", "code_order"], m2m_fields=[commitments])
    objects = RecommendationQuerySet.as_manager()  # type: ignore[misc]

    class Meta(OfPlan.Meta):
        verbose_name = _("recommendation")
        verbose_name_plural = _("recommendations")
        default_related_name = "recommendations"
        constraints = [code_once("recommendation"), one_language_filled("text", table="recommendation")]

    def __str__(self) -> str:
        return f"{self.get_reviewer_display()} {self.code}"
