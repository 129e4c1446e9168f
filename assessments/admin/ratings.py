"""The government's ratings. A draft of an open period is edited; from submission on, only the lifecycle moves it."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Prefetch, QuerySet
from django.forms import ChoiceField
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessments import lifecycle
from assessments.admin.evidence import EvidenceInline
from assessments.admin.marks import RatingFilter, light
from assessments.admin.queues import with_broken_links
from assessments.admin.subjects import SUBJECT, SUBJECT_SEARCH, PeriodFilter, SubjectColumns
from assessments.models import Evidence, ReportingPeriod, SelfAssessment
from assessments.ratings import SCALES
from commitments import roles
from commitments.admin.base import SOURCE, RecordAdmin, in_both, section
from commitments.admin.history import Entry, difference
from commitments.admin.lists import PlanFilter
from commitments.admin.verbs import OwnPage, Verb
from commitments.admin.versions import RecordForm
from commitments.models import RatingScale

RATING, STATE = gettext_lazy("Rating"), gettext_lazy("State")


def is_being_entered(assessment: SelfAssessment) -> bool:
    """A draft, or one given back to be mended, of a period that is open for entry."""
    return assessment.state in SelfAssessment.EDITABLE and assessment.period.state() == ReportingPeriod.State.ENTRY


def row_page(name: str) -> Callable[[SelfAssessment], str]:
    """The address of a rating's page in its quarter, by the page's name."""
    return lambda row: reverse(f"admin:{name}", args=[row.plan.slug, row.period.code, row.subject.code])


def _version_words(row: SelfAssessment) -> str:
    return _("Version %(number)d") % {"number": row.version}


class ToMendFilter(admin.SimpleListFilter):
    """Queues of the support unit: what waits for an editor, and what waits for a publisher."""

    title = gettext_lazy("queue")
    parameter_name = "queue"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("entered", gettext_lazy("Being entered")),
            ("broken-links", gettext_lazy("With a link that did not open")),
            ("submitted", gettext_lazy("Waiting to be published")),
            ("in-force", gettext_lazy("Published, in force")),
            ("superseded", gettext_lazy("Published, corrected since")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        state = SelfAssessment.State
        match self.value():
            case "entered":
                return queryset.filter(state__in=SelfAssessment.EDITABLE)
            case "broken-links":
                return with_broken_links(queryset)
            case "submitted":
                return queryset.filter(state=state.SUBMITTED)
            case "in-force":
                return queryset.filter(is_latest=True)
            case "superseded":
                return queryset.filter(superseded_at__isnull=False)
        return queryset


class SelfAssessmentForm(RecordForm):
    """Asks for the plan's own ratings, and refuses a second rating of the same subject and period."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rating = self.fields.get("rating")
        if isinstance(rating, ChoiceField):
            scale = self.instance.plan.rating_scale if self.instance.pk else None
            scales = [SCALES[scale]] if scale else [SCALES[scale] for scale in RatingScale]
            offered = dict.fromkeys(rating for ratings in scales for rating in ratings)
            rating.choices = [*((one.value, light(one)) for one in offered), ("", light(None))]

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if not self.instance.pk and "period" in self.cleaned_data:
            subject = {name: self.cleaned_data.get(name) for name in ("milestone", "commitment")}
            subject = {name: chosen for name, chosen in subject.items() if chosen}
            same = SelfAssessment.objects.filter(period=self.cleaned_data["period"], **subject)
            if len(subject) == 1 and same.exists():
                raise ValidationError(_("It has a rating in this period already: open that one."), code="unique")
        return cleaned


class SelfAssessmentEvidenceInline(EvidenceInline):
    fk_name = "self_assessment"


@admin.register(SelfAssessment)
class SelfAssessmentAdmin(SubjectColumns, RecordAdmin):
    form = SelfAssessmentForm
    plan_path = "period__plan"
    related = (*SUBJECT, "period__plan", "source", "supersedes")
    list_display = ("code", "subject", "period_code", "rating_shown", "standing", "published_on")
    list_display_links = ("code", "subject")
    list_filter = (ToMendFilter, PlanFilter, PeriodFilter, RatingFilter, "state", "transcribed")
    search_fields = SUBJECT_SEARCH
    autocomplete_fields = ("milestone", "commitment")
    radio_fields = {"rating": admin.VERTICAL}
    inlines = (SelfAssessmentEvidenceInline,)
    readonly_fields = (
        "state",
        "version",
        "correction_reason",
        "transcribed",
        "submitted_at",
        "submitted_by",
        "returned_at",
        "returned_by",
        "return_reason",
        "published_at",
        "published_by",
        "superseded_at",
    )
    fieldsets = (
        section(None, "period", "milestone", "commitment"),
        section(RATING, "rating", ("no_rating_reason", "no_rating_text")),
        section(
            gettext_lazy("Reasons"),
            in_both("evidence"),
            in_both("challenges"),
            in_both("next_steps"),
            in_both("additional_information"),
        ),
        SOURCE,
        section(
            STATE,
            ("state", "version", "transcribed"),
            ("submitted_at", "submitted_by"),
            ("returned_at", "returned_by", "return_reason"),
            ("published_at", "published_by"),
            ("superseded_at", "correction_reason"),
        ),
    )
    verbs = (
        Verb(
            name="submit",
            label=gettext_lazy("Submit for publication"),
            question=gettext_lazy("It waits for a publisher then, and is no longer edited. Submit it?"),
            done=gettext_lazy("%(record)s is submitted."),
            act=lifecycle.submit_self_assessment,
            role=roles.is_support_unit,
            applies=is_being_entered,
        ),
    )
    own_pages = (
        OwnPage(
            gettext_lazy("Return it…"),
            row_page("quarter_return"),
            roles.is_support_unit,
            lambda row: row.state == SelfAssessment.State.SUBMITTED,
        ),
        OwnPage(
            gettext_lazy("Correct it…"), row_page("quarter_correct"), roles.is_publisher, lambda row: row.is_current
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).prefetch_related(Prefetch("attachments", Evidence.objects.all()))

    def get_story(self, row: SelfAssessment) -> list[Entry]:
        """A corrected rating is several rows and one story."""
        versions = SelfAssessment.objects.filter(
            period=row.period_id, milestone=row.milestone_id, commitment=row.commitment_id
        )
        told = [(version, entry) for version in versions for entry in self._story_of(version)]
        told.sort(key=lambda pair: (pair[1].moment, pair[0].version), reverse=True)
        if len(versions) == 1:
            return [entry for _version, entry in told]
        return [
            replace(entry, part=" · ".join(filter(None, [_version_words(version), entry.part])))
            for version, entry in told
        ]

    def _story_of(self, version: SelfAssessment) -> list[Entry]:
        """A correction leaves two traces, of one moment and one reason; it is told once, with what it changed."""
        story = super().get_story(version)
        made = [entry for entry in story if version.supersedes_id and entry.reason == version.correction_reason]
        if not made:
            return story
        traces = SelfAssessment.history.order_by("history_id")
        old, new = (traces.filter(id=pk).last() for pk in (version.supersedes_id, version.pk))
        changes = difference(SelfAssessment, old, new, SelfAssessment.WORDS)
        corrected = replace(made[0], what=_("Corrected"), changes=changes)
        return [corrected if entry is made[0] else entry for entry in story if entry not in made[1:]]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return roles.is_support_unit(request.user) and (obj is None or is_being_entered(obj))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A draft that nobody ever submitted leaves no gap in the record."""
        return (
            obj is not None
            and roles.is_support_unit(request.user)
            and obj.submitted_at is None
            and is_being_entered(obj)
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        settled = ["period", "milestone", "commitment"] if obj else []
        return [*super().get_readonly_fields(request, obj), *settled]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """A new one has no state yet; a published one shows its rating with the mark."""
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None:
            return [group for group in fieldsets if group[0] is not STATE]
        if self.has_change_permission(request, obj):
            return fieldsets
        return [
            (title, {**options, "fields": ["rating_shown", *options["fields"][1:]]} if title is RATING else options)
            for title, options in fieldsets
        ]

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "period":
            periods = ReportingPeriod.objects.select_related("plan")
            entered = [period.pk for period in periods if period.state() == ReportingPeriod.State.ENTRY]
            kwargs["queryset"] = periods.filter(pk__in=entered)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def why_read_only(self, request: HttpRequest, obj: Any) -> str:
        if obj.state == SelfAssessment.State.PUBLISHED:
            return _("It is published. A published rating is corrected by a new version with a public reason.")
        if obj.state == SelfAssessment.State.SUBMITTED:
            return _("It is submitted, and waits for a publisher. It can be returned to be mended.")
        return _("Its period is not open for entry.")

    @admin.display(description=gettext_lazy("reporting period"), ordering="period__ends_on")
    def period_code(self, assessment: SelfAssessment) -> str:
        return str(assessment.period)

    @admin.display(description=gettext_lazy("rating"), ordering="rating")
    def rating_shown(self, assessment: SelfAssessment) -> str:
        return light(assessment.rating, assessment.no_rating_reason)

    @admin.display(description=gettext_lazy("state, and what to mend"), ordering="state")
    def standing(self, assessment: SelfAssessment) -> str:
        """The state; of one being entered, what is missing before it may be submitted."""
        state = assessment.get_state_display()
        if assessment.superseded_at:
            return _("%(state)s, corrected since") % {"state": state}
        if assessment.state not in SelfAssessment.EDITABLE:
            return state
        sentences = [assessment.return_reason, *lifecycle.incompleteness(assessment).values()]
        to_mend = format_html_join(
            "", '<span class="mend">{}</span>', ((sentence,) for sentence in sentences if sentence)
        )
        return format_html("{}{}", state, to_mend)

    @admin.display(description=gettext_lazy("published on"), ordering="published_at")
    def published_on(self, assessment: SelfAssessment) -> datetime.date | None:
        return timezone.localdate(assessment.published_at) if assessment.published_at else None
