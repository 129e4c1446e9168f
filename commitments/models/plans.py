from __future__ import annotations

import datetime
from typing import Any, Self, TypeVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from commitments import roles
from commitments.fields import LineField, ProseField
from commitments.localised import localised
from commitments.models.organisations import Organisation
from commitments.models.searchable import Searchable, SearchableQuerySet
from commitments.models.sourced import Sourced
from commitments.rules import in_order, moment_and_person, one_language_filled
from commitments.text import code_sort_key, roman


class RatingScale(models.TextChoices):
    """Which ratings a plan's government uses; what each rating is, `assessments.ratings` says."""

    TRAFFIC_LIGHT = "traffic_light", _("Traffic light: three ratings")
    COMPLETION = "completion", _("Completion: four ratings")


class ActionPlanQuerySet(SearchableQuerySet["ActionPlan"]):
    def visible_to(self, user: Any) -> ActionPlanQuerySet:
        return self.filter(roles.in_visible_plan(user))

    def get_by_natural_key(self, slug: str) -> ActionPlan:
        return self.get(slug=slug)

    def real(self) -> ActionPlanQuerySet:
        """Without demonstrations, which are in no total, feed or export."""
        return self.filter(is_demonstration=False)

    def current(self, day: datetime.date) -> ActionPlan | None:
        """The published plan that runs on that day, else the newest one that has begun."""
        begun = self.real().filter(published_at__isnull=False, starts_on__lte=day).order_by("-starts_on")
        return begun.filter(ends_on__gte=day).first() or begun.first()


class ActionPlan(Searchable, Sourced):
    """A National Action Plan (NAP): what a government promises for some years."""

    class Coverage(models.TextChoices):
        COMPLETE = "complete", _("Complete")
        PARTIAL = "partial", _("In part")
        NOT_TRANSCRIBED = "not_transcribed", _("Not transcribed here")

    searched = ("title_en", "title_mn", "slug")
    searched_too = ("making_en", "making_mn", "coverage_note_en", "coverage_note_mn", "adopted_by_en", "adopted_by_mn")

    slug = models.SlugField(_("slug"), unique=True, help_text=_("Part of every address of the plan, such as nap-4."))
    number = models.PositiveSmallIntegerField(
        _("number"),
        null=True,
        blank=True,
        unique=True,
        help_text=_("Its place in the country's series of plans."),
    )
    title_en = LineField(_("title in English"), max_length=300, blank=True)
    title_mn = LineField(_("title in Mongolian"), max_length=300, blank=True)
    starts_on = models.DateField(_("starts on"))
    ends_on = models.DateField(_("ends on"))
    rating_scale = models.CharField(
        _("rating scale"), max_length=20, choices=RatingScale, default=RatingScale.TRAFFIC_LIGHT
    )
    adopted_on = models.DateField(_("adopted on"), null=True, blank=True)
    adopted_by_en = LineField(
        _("adopted by, in English"), max_length=300, blank=True, help_text=_("The act, and whose.")
    )
    adopted_by_mn = LineField(_("adopted by, in Mongolian"), max_length=300, blank=True)
    making_en = ProseField(_("how it was made, in English"), blank=True)
    making_mn = ProseField(_("how it was made, in Mongolian"), blank=True)
    coverage = models.CharField(
        _("coverage"),
        max_length=20,
        choices=Coverage,
        default=Coverage.COMPLETE,
        help_text=_("Whether everything that the plan says is in this record."),
    )
    coverage_note_en = ProseField(_("what is missing here, in English"), blank=True)
    coverage_note_mn = ProseField(_("what is missing here, in Mongolian"), blank=True)
    predecessor = models.OneToOneField(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="successor",
        verbose_name=_("predecessor"),
    )
    is_demonstration = models.BooleanField(
        _("demonstration"), default=False, help_text=_("Invented, for practice; left out of every total.")
    )
    published_at = models.DateTimeField(_("published at"), null=True, blank=True, editable=False)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("published by"),
    )

    history = HistoricalRecords(excluded_fields=["search_text"])
    objects = ActionPlanQuerySet.as_manager()

    class Meta:
        verbose_name = _("action plan")
        verbose_name_plural = _("action plans")
        ordering = ["-starts_on", "slug"]
        constraints = [
            one_language_filled("title", table="actionplan"),
            in_order("starts_on", "ends_on", table="actionplan"),
            moment_and_person("published", table="actionplan", copied=True),
        ]

    def __str__(self) -> str:
        return str(localised(self, "title"))

    def natural_key(self) -> tuple[str]:
        return (self.slug,)

    def get_absolute_url(self) -> str:
        return reverse("plan", args=[self.slug])

    @property
    def short_name(self) -> str:
        """As the plan is cited, "NAP IV"; its title where it has no number, and what it is where it is invented."""
        if self.is_demonstration:
            return gettext("Demonstration")
        return gettext("NAP %(numeral)s") % {"numeral": roman(self.number)} if self.number else str(self)

    @property
    def is_published(self) -> bool:
        return self.published_at is not None


WAYS_TO_THE_PLAN = (
    "plan",
    "commitment",
    "milestone",
    "period",
    "report",
    "meeting",
    "self_assessment",
    "counter_assessment",
    "response",
)


def plan_of(record: Any) -> ActionPlan | None:
    """The plan that a record is a part of, whichever relation leads there; None for what belongs to no plan."""
    if isinstance(record, ActionPlan):
        return record
    nearer = (getattr(record, way, None) for way in WAYS_TO_THE_PLAN)
    return next((plan for step in nearer if step is not None and (plan := plan_of(step))), None)


_Part = TypeVar("_Part", bound="OfPlan", covariant=True)


class OfPlanQuerySet(models.QuerySet[_Part]):
    """Rows that hang on a plan and are public when it is."""

    def visible_to(self, user: Any) -> Self:
        return self.filter(roles.in_visible_plan(user, "plan__"))

    def get_by_natural_key(self, plan: str, code: str) -> _Part:
        return self.get(plan__slug=plan, code=code)


class OfPlan(Sourced):
    """A coded part of a plan, in the order of its codes."""

    plan = models.ForeignKey(ActionPlan, on_delete=models.PROTECT, verbose_name=_("action plan"))
    code = LineField(
        _("code"),
        max_length=30,
        validators=[RegexValidator(r"^[\w.\-]+$", _("Letters, numbers, full stops and hyphens only."))],
        help_text=_("As the plan numbers it."),
    )
    code_order = models.CharField(max_length=60, editable=False)

    objects = OfPlanQuerySet.as_manager()

    class Meta:
        abstract = True
        ordering = ["plan", "code_order"]

    def save(self, *args: Any, **options: Any) -> None:
        self.code_order = code_sort_key(self.code)
        super().save(*args, **options)

    def natural_key(self) -> tuple[str, str]:
        return (self.plan.slug, self.code)


def code_once(table: str) -> models.UniqueConstraint:
    return models.UniqueConstraint(
        fields=["plan", "code"],
        name=f"{table}_code_once",
        violation_error_message=_("This plan already has an entry with this code."),
    )


class Theme(OfPlan):
    """A priority or objective under which a plan groups its commitments."""

    class Kind(models.TextChoices):
        PRIORITY = "priority", _("Priority")
        OBJECTIVE = "objective", _("Objective")

    kind = models.CharField(_("kind"), max_length=20, choices=Kind, default=Kind.PRIORITY)
    title_en = LineField(_("title in English"), max_length=300, blank=True)
    title_mn = LineField(_("title in Mongolian"), max_length=300, blank=True)

    history = HistoricalRecords(excluded_fields=["code_order"])

    class Meta(OfPlan.Meta):
        verbose_name = _("theme")
        verbose_name_plural = _("themes")
        constraints = [code_once("theme"), one_language_filled("title", table="theme")]

    def __str__(self) -> str:
        return f"{self.code} {localised(self, 'title')}"


def refuse_theme_of_another_plan(row: Any) -> None:
    if row.theme_id and row.plan_id and row.theme.plan_id != row.plan_id:
        raise ValidationError({"theme": gettext("This theme belongs to another plan.")})


class PlanStatement(OfPlan):
    """What a plan says beside its commitments: principles, experience, challenges, lessons."""

    class Kind(models.TextChoices):
        PRINCIPLE = "principle", _("Principle")
        EXPERIENCE = "experience", _("Experience")
        CHALLENGE = "challenge", _("Challenge")
        LESSON = "lesson", _("Lesson")

    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    theme = models.ForeignKey(
        Theme,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="statements",
        verbose_name=_("theme"),
    )
    text_en = ProseField(_("text in English"), blank=True)
    text_mn = ProseField(_("text in Mongolian"), blank=True)

    history = HistoricalRecords(excluded_fields=["code_order"])

    class Meta(OfPlan.Meta):
        verbose_name = _("statement")
        verbose_name_plural = _("statements")
        default_related_name = "statements"
        constraints = [code_once("planstatement"), one_language_filled("text", table="planstatement")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.code}"

    def clean(self) -> None:
        refuse_theme_of_another_plan(self)


class Meeting(OfPlan):
    """An entry of the co-creation and forum log."""

    class Kind(models.TextChoices):
        WORKING_GROUP = "working_group", _("Working group")
        SUB_GROUP = "sub_group", _("Sub-group")
        ONLINE_ROUND = "online_round", _("Online round")
        WRITTEN_COMMENTS = "written_comments", _("Written comments")
        PUBLIC_DISCUSSION = "public_discussion", _("Public discussion")
        WORKSHOP = "workshop", _("Workshop")
        FORUM = "forum", _("Multi-Stakeholder Forum")

    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    title_en = LineField(_("title in English"), max_length=300, blank=True)
    title_mn = LineField(_("title in Mongolian"), max_length=300, blank=True)
    held_on = models.DateField(_("held on"), null=True, blank=True)
    date_text = LineField(_("date as printed"), max_length=100, blank=True, help_text=_("Where no full date is given."))
    occasions = models.PositiveSmallIntegerField(
        _("occasions"),
        default=1,
        help_text=_("How many meetings the entry stands for, where the source only counts."),
    )
    participants_government = models.PositiveIntegerField(_("participants from government"), null=True, blank=True)
    participants_other = models.PositiveIntegerField(_("other participants"), null=True, blank=True)
    participants_total = models.PositiveIntegerField(_("participants in all"), null=True, blank=True)
    record_en = ProseField(_("record in English"), blank=True)
    record_mn = ProseField(_("record in Mongolian"), blank=True)
    decision_en = ProseField(_("decision in English"), blank=True)
    decision_mn = ProseField(_("decision in Mongolian"), blank=True)

    history = HistoricalRecords(excluded_fields=["code_order"])

    class Meta(OfPlan.Meta):
        verbose_name = _("meeting")
        verbose_name_plural = _("meetings")
        default_related_name = "meetings"
        constraints = [
            code_once("meeting"),
            one_language_filled("title", table="meeting"),
            models.CheckConstraint(
                condition=models.Q(occasions__gte=1),
                name="meeting_occasions",
                violation_error_message=_("An entry stands for at least one meeting."),
            ),
        ]

    def __str__(self) -> str:
        return str(localised(self, "title"))


class Participation(models.Model):
    """An organisation that took part in a meeting, as the source lists it."""

    class ListedAs(models.TextChoices):
        GOVERNMENT = "government", _("Government organisations")
        NON_GOVERNMENT = "non_government", _("Others, listed as non-governmental")

    meeting = models.ForeignKey(
        Meeting, on_delete=models.CASCADE, related_name="participations", verbose_name=_("meeting")
    )
    listed_as = models.CharField(_("listed as"), max_length=20, choices=ListedAs)
    position = models.PositiveSmallIntegerField(_("place in the list"))
    organisation = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="participations",
        verbose_name=_("organisation"),
    )
    as_printed = LineField(_("as printed"), max_length=300)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("participation")
        verbose_name_plural = _("participations")
        ordering = ["meeting", "listed_as", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "listed_as", "position"],
                name="participation_place_once",
                violation_error_message=_("This place in the list is taken."),
            )
        ]

    def __str__(self) -> str:
        return self.as_printed
