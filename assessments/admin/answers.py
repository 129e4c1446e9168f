"""What organisations answer, which is theirs alone: the moderation queue, and one answer on a page."""

from __future__ import annotations

import datetime
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import Case, Exists, OuterRef, Q, QuerySet, When
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from assessments import lifecycle
from assessments.admin.evidence import ReadOnlyEvidenceInline
from assessments.admin.marks import RatingFilter, gap_chip, light
from assessments.admin.moderation import VERBS, publish_chosen
from assessments.admin.queues import without_response
from assessments.admin.subjects import SUBJECT, SUBJECT_SEARCH, PeriodFilter, SubjectColumns
from assessments.admin.transcribing import FIELDSETS, OF_A_VERSION, LetterInline, TranscriptionForm, is_mendable
from assessments.images import metadata_of
from assessments.ledger import comparisons
from assessments.models import CounterAssessment, Response, SelfAssessment
from assessments.ratings import gap
from commitments import roles
from commitments.admin.base import SOURCE, ReadOnly, ReadOnlyInline, RecordAdmin, in_both, section
from commitments.admin.lists import PlanFilter, in_its_language
from commitments.admin.verbs import OwnPage
from commitments.admin.versions import RecordForm
from commitments.models import Commitment, Involvement, Milestone, Organisation

State = CounterAssessment.State
WAITING, UNANSWERED = State.SUBMITTED.value, "without-response"


class AnswerQueueFilter(admin.SimpleListFilter):
    """Where an answer stands on its way; drafts are their authors' and are not listed here."""

    title = gettext_lazy("queue")
    parameter_name = "queue"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            (WAITING, gettext_lazy("Waiting to be published")),
            (UNANSWERED, gettext_lazy("Without a response")),
        ] + [(one.value, one.label) for one in (State.RETURNED, State.PUBLISHED, State.WITHHELD, State.WITHDRAWN)]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() == WAITING:
            return queryset.waiting()  # type: ignore[attr-defined]
        if self.value() == UNANSWERED:
            return without_response(queryset)
        return queryset.filter(state=self.value()) if self.value() else queryset


class AgencyFilter(admin.SimpleListFilter):
    """Whose work is answered: who implements the milestone, or leads the commitment that is answered as a whole."""

    title = gettext_lazy("agency")
    parameter_name = "agency"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        answers = CounterAssessment.objects.visible_to(request.user)
        agencies = Organisation.objects.filter(
            Q(milestones__in=answers.values("milestone"))
            | Q(involvements__role=Involvement.Role.LEAD, involvements__commitment__in=answers.values("commitment"))
        ).distinct()
        return sorted(((agency.slug, str(agency)) for agency in agencies), key=lambda choice: choice[1])

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if not self.value():
            return queryset
        led = Commitment.objects.filter(
            involvements__role=Involvement.Role.LEAD, involvements__organisation__slug=self.value()
        )
        implemented = Milestone.objects.filter(agencies__slug=self.value())
        return queryset.filter(Q(milestone__in=implemented) | Q(commitment__in=led))


class AnswerEvidenceInline(ReadOnlyEvidenceInline):
    fk_name = "counter_assessment"
    fields = ("title_en", "title_mn", "address", "kept_file", "carried", "last_check")

    @admin.display(description=gettext_lazy("what the file says of its making"))
    def carried(self, evidence: Any) -> str:
        """Where a photo was taken, who wrote a document: whether that is personal data is for the reader to judge."""
        if not evidence.file:
            return ""
        try:
            with evidence.file.open("rb") as stored:
                found = metadata_of(stored, evidence.media_type)
        except OSError:
            return _("The file cannot be read.")
        return format_html_join("", "{}: {}<br>", found) or _("Nothing found")


class ResponseInline(ReadOnlyInline):
    model = Response
    related = ("organisation",)
    show_change_link = True
    fields = ("organisation", "kind", "reason_en", "reason_mn", "stated_on", "state")


def response_page(answer: CounterAssessment) -> str:
    """Where a response is entered, with what is known of it: the answer, and its agency where there is one alone."""
    agencies: list[Any]
    if answer.milestone:
        agencies = list(answer.milestone.agencies.all()[:2])
    else:
        leads = answer.subject.involvements.filter(role=Involvement.Role.LEAD, organisation__isnull=False)  # type: ignore[union-attr]
        agencies = [lead.organisation for lead in leads.select_related("organisation")[:2]]
    known = {"counter_assessment": answer.pk}
    if len(agencies) == 1:
        known["organisation"] = agencies[0].pk
    return f"{reverse('admin:assessments_response_add')}?{urlencode(known)}"


@admin.register(CounterAssessment)
class CounterAssessmentAdmin(SubjectColumns, ReadOnly, RecordAdmin):
    """An organisation's words and rating: read here, changed by nobody but their author, superusers included.

    What is added here is copied from a document, and mended as long as it waits to be published.
    """

    plan_path = "period__plan"
    related = (*SUBJECT, "period__plan", "organisation", "source", "answers__period", "supersedes", "submitted_by")
    prefetched = ("attachments",)
    list_display = ("code", "subject", "author", "judged", "files", "waits", "standing")
    list_display_links = ("code", "subject")
    list_filter = (AnswerQueueFilter, AgencyFilter, PlanFilter, PeriodFilter, RatingFilter, "transcribed")
    search_fields = (*SUBJECT_SEARCH, "organisation__search_text", "reference_number")
    autocomplete_fields = ("milestone", "commitment", "organisation", "source")
    radio_fields = {"rating": admin.VERTICAL}
    actions = (publish_chosen,)
    verbs = VERBS
    own_pages = (
        OwnPage(
            label=gettext_lazy("Enter a response"),
            address=response_page,
            role=roles.is_support_unit,
            applies=lambda answer: answer.is_current,
        ),
    )
    reading = (
        section(None, "about", "period", ("author", "attribution"), in_both("attribution_reason"), "waits"),
        section(gettext_lazy("What it answers"), ("rating_then", "rating_now"), "government_said"),
        section(
            gettext_lazy("What it says"),
            ("rating_shown", "difference_then"),
            "no_rating_text",
            "condition",
            "recommendation",
            "justification",
            ("language", "stated_on"),
        ),
        section(gettext_lazy("Other versions of it"), "other_versions"),
        SOURCE,
        section(
            gettext_lazy("State"),
            ("state", "version", "transcribed"),
            ("reference_number", "submitted_at", "submitted_by"),
            ("returned_at", "returned_by", "return_reason"),
            ("published_at", "published_by"),
            ("withheld_at", "withheld_by", "withheld_reason"),
            in_both("withheld_note"),
            ("withdrawn_at", "withdrawn_by"),
            ("superseded_at", "correction_reason"),
        ),
    )

    # --- copies of documents ------------------------------------------------------------------------------------------

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return roles.is_support_unit(request.user)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return obj is not None and is_mendable(obj) and roles.is_support_unit(request.user)

    def has_publish_permission(self, request: HttpRequest) -> bool:
        return roles.is_publisher(request.user)

    def takes_words(self, request: HttpRequest, answer: Any) -> bool:
        """Whether the page has a form: of a copy that is entered, or not yet published."""
        return answer is None or self.has_change_permission(request, answer)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = TranscriptionForm if self.takes_words(request, obj) else RecordForm
        return super().get_form(request, obj, change=change, **{"form": form, **kwargs})

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        if self.takes_words(request, obj):
            return FIELDSETS
        return [group for group in (_filled(group, obj) for group in self.reading) if group[1]["fields"]]

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        if self.takes_words(request, obj):
            return (LetterInline,)
        below = {AnswerEvidenceInline: obj.attachments.all(), ResponseInline: obj.has_response}
        return [inline for inline, there in below.items() if there]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if self.takes_words(request, obj):
            return OF_A_VERSION if obj and obj.version > 1 else ()
        return [name for _title, options in self.reading for name in _names(options["fields"])]

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> Any:
        title = {"title": _("Enter an old answer from a document")} if object_id is None else {}
        try:
            return super().changeform_view(request, object_id, form_url, {**title, **(extra_context or {})})
        except ValidationError as refusal:
            # Somebody entered or published it in the same moment.
            for sentence in refusal.messages:
                messages.error(request, sentence)
            return HttpResponseRedirect(reverse("admin:assessments_counterassessment_changelist"))

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if not change or form.changed_data:
            lifecycle.transcribe_counter_assessment(obj, by=request.user)

    def why_read_only(self, request: HttpRequest, obj: Any) -> str:
        if obj.transcribed:
            return _("It is copied from a document, and no longer waits to be published.")
        return _("These are the words of their author. Nobody else changes them.")

    # --- the queue ----------------------------------------------------------------------------------------------------

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        responses = Response.objects.filter(counter_assessment=OuterRef("pk"))
        return super().get_queryset(request).annotate(has_response=Exists(responses))

    def get_ordering(self, request: HttpRequest) -> Any:
        """What waits first, the oldest before the others."""
        if request.GET.get("queue") == UNANSWERED:
            return ("published_at", "pk")
        since = Case(When(state=State.SUBMITTED, superseded_at__isnull=True, then="submitted_at"))
        usual: Any = self.opts.ordering
        return (since.asc(nulls_last=True), *usual)

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """The gaps of a page's rows beside the rating in force, from the one place that compares raters."""
        changelist = super().get_changelist_instance(request)
        rows: Any = changelist.result_list
        compared = comparisons({row.subject for row in rows}, user=request.user)
        for row in rows:
            rated = compared[type(row.subject), row.subject.pk].government
            row.gap = gap(row.rating, rated.rating) if rated and rated.period_id == row.period_id else None
        return changelist

    @admin.display(description=gettext_lazy("milestone or commitment"))
    def subject(self, answer: CounterAssessment) -> str:
        """With the period, of which a list shows several."""
        return format_html('{}<span class="mend">{}</span>', super().subject(answer), answer.period)

    @admin.display(description=gettext_lazy("organisation"), ordering="organisation__name_en")
    def author(self, answer: CounterAssessment) -> str:
        """Who said it, how that is known, and when."""
        name = str(answer.organisation or answer.get_attribution_display())
        if answer.attribution == CounterAssessment.Attribution.INFERRED:
            name = _("%(organisation)s (inferred)") % {"organisation": name}
        day = answer.stated_on or (timezone.localdate(answer.submitted_at) if answer.submitted_at else None)
        return format_html('{}<span class="mend">{}</span>', name, date_format(day, "SHORT_DATE_FORMAT") if day else "")

    @admin.display(description=gettext_lazy("rating"), ordering="rating")
    def rating_shown(self, answer: CounterAssessment) -> str:
        return light(answer.rating, answer.no_rating_reason)

    @admin.display(description=gettext_lazy("rating, and beside the government's"), ordering="rating")
    def judged(self, answer: Any) -> str:
        return format_html('{}<span class="mend">{}</span>', self.rating_shown(answer), gap_chip(answer.gap))

    @admin.display(description=gettext_lazy("files and links"))
    def files(self, answer: CounterAssessment) -> str:
        return str(len(answer.attachments.all()) or "")

    @admin.display(description=gettext_lazy("waits since"), ordering="submitted_at")
    def waits(self, answer: Any) -> str:
        """Since when, how long, and for what."""
        if answer.is_waiting:
            return _waiting(answer.submitted_at, _("to be published"))
        if answer.is_current and not answer.transcribed and not answer.has_response:
            return _waiting(answer.published_at, _("for a response"))
        return ""

    @admin.display(description=gettext_lazy("state"), ordering="state")
    def standing(self, answer: CounterAssessment) -> str:
        """The state; and which version it is, where it is not the first."""
        notes = []
        if answer.transcribed:
            notes.append(_("copied from a document"))
        if answer.version > 1:
            earlier: Any = answer.supersedes
            before = earlier.get_state_display() if earlier else ""
            notes.append(_("version %(version)d; before it: %(state)s") % {"version": answer.version, "state": before})
        if answer.superseded_at:
            notes.append(_("replaced by a newer version"))
        return format_html(
            "{}{}",
            answer.get_state_display(),
            format_html_join("", '<span class="mend">{}</span>', ((note,) for note in notes)),
        )

    # --- one answer ---------------------------------------------------------------------------------------------------

    @admin.display(description=gettext_lazy("about"))
    def about(self, answer: CounterAssessment) -> str:
        subject = answer.subject
        return format_html(
            '<a href="{}">{}</a> {}', subject.get_absolute_url(), subject.code, in_its_language(subject, "title")
        )

    @admin.display(description=gettext_lazy("the government's rating then"))
    def rating_then(self, answer: CounterAssessment) -> str:
        """What was on the author's screen."""
        return _rating_of(answer.answers) if answer.answers else _("not recorded")

    @admin.display(description=gettext_lazy("and now"))
    def rating_now(self, answer: CounterAssessment) -> str:
        rated = lifecycle.rating_to_answer(answer)
        if rated is None:
            return _("none published")
        if rated == answer.answers:
            return _("the same version")
        reason = format_html('<span class="mend">{}</span>', rated.correction_reason) if rated.version > 1 else ""
        return format_html("{} {}{}", _rating_of(rated), gap_chip(gap(answer.rating, rated.rating)), reason)

    @admin.display(description=gettext_lazy("the government's evidence"))
    def government_said(self, answer: CounterAssessment) -> str:
        rated = answer.answers or lifecycle.rating_to_answer(answer)
        return format_html('<span class="whole">{}</span>', in_its_language(rated, "evidence")) if rated else ""

    @admin.display(description=gettext_lazy("beside the government's rating then"))
    def difference_then(self, answer: CounterAssessment) -> str:
        return gap_chip(answer.gap_when_given)

    @admin.display(description=gettext_lazy("versions"))
    def other_versions(self, answer: CounterAssessment) -> str:
        """What else the organisation sent on this subject in this period; its drafts are its own."""
        if answer.organisation is None:
            return ""
        others = lifecycle.versions_of(answer).exclude(pk=answer.pk).exclude(state=State.DRAFT).order_by("-version")
        return format_html_join(
            "",
            '<a href="{}">{}</a>, {}, {}<br>',
            (
                (
                    reverse("admin:assessments_counterassessment_change", args=[row.pk]),
                    _("version %(version)d") % {"version": row.version},
                    row.get_state_display(),
                    light(row.rating, row.no_rating_reason),
                )
                for row in others
            ),
        ) or _("None")


def _names(fields: Any) -> list[str]:
    return [name for line in fields for name in ([line] if isinstance(line, str) else line)]


def _filled(group: Any, answer: CounterAssessment) -> Any:
    """Part of the page without the columns that are empty; what is worked out is always said."""
    title, options = group
    columns = {field.name for field in answer._meta.concrete_fields}
    lines = []
    for line in options["fields"]:
        names = [
            name for name in _names([line]) if name not in columns or getattr(answer, name) not in (None, "", False)
        ]
        if names:
            lines.append(tuple(names))
    return title, {**options, "fields": lines}


def _waiting(since: datetime.datetime, purpose: str) -> str:
    day = timezone.localdate(since)
    days = (timezone.localdate() - day).days
    waited = ngettext("%(days)d day", "%(days)d days", days) % {"days": days}
    return format_html('{}<span class="mend">{}, {}</span>', date_format(day, "SHORT_DATE_FORMAT"), waited, purpose)


def _rating_of(rated: SelfAssessment) -> str:
    day = timezone.localdate(rated.published_at) if rated.published_at else None
    return format_html(
        '{}<span class="mend">{}</span>',
        light(rated.rating, rated.no_rating_reason),
        _("version %(version)d, %(day)s")
        % {"version": rated.version, "day": date_format(day, "SHORT_DATE_FORMAT") if day else ""},
    )
