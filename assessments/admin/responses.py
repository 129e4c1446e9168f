"""What the agencies respond: a draft with its letter, published with the corrected rating where it changes one."""

from __future__ import annotations

from functools import partial
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from assessments import lifecycle
from assessments.admin.evidence import EvidenceInline
from assessments.correction import CorrectionForm, correction_form, save_correction
from assessments.models import CounterAssessment, Response, SelfAssessment
from commitments import roles
from commitments.admin.base import SOURCE, RecordAdmin, in_both, section
from commitments.admin.lists import PlanFilter
from commitments.admin.verbs import OwnPage, Verb, VerbForm, reason_field
from commitments.models import plan_of

Kind, State = Response.Kind, Response.State


class ResponseEvidenceInline(EvidenceInline):
    fk_name = "response"
    verbose_name_plural = gettext_lazy("The letter, and what came with it")


class CorrectingForm(VerbForm):
    """Everything that a published response says, to be put right in a version of its own."""

    asked_as = {"correction_reason": "reason"}

    reason = reason_field(
        label=gettext_lazy("Why it is corrected"),
        help_text=gettext_lazy("Public: it stands beside the response, with the date."),
    )
    kind = forms.ChoiceField(label=gettext_lazy("kind"), widget=forms.RadioSelect)
    reason_en = reason_field(label=gettext_lazy("reason in English"), required=False)
    reason_mn = reason_field(label=gettext_lazy("reason in Mongolian"), required=False)
    stated_on = forms.DateField(
        label=gettext_lazy("date of the letter"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    SAYS = ("kind", "reason_en", "reason_mn", "stated_on")

    def __init__(self, row: Response, *args: Any, **options: Any) -> None:
        super().__init__(row, *args, **options)
        # That a rating is changed is published with its correction; without one it cannot be said afterwards.
        offered = [kind for kind in Kind if kind != Kind.CHANGED or row.kind == Kind.CHANGED]
        self.fields["kind"].choices = [(kind.value, kind.label) for kind in offered]  # type: ignore[attr-defined]
        self.initial = {name: getattr(row, name) for name in self.SAYS}

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if not self.errors and all(given[name] == getattr(self.row, name) for name in self.SAYS):
            raise ValidationError(_("Nothing is changed: this is what is published already."))
        if not self.errors and not (given["reason_en"] or given["reason_mn"]):
            self.add_error("reason_en", _("Give the reason of the response."))
        return given


def _is_draft(response: Response) -> bool:
    return response.state == State.DRAFT


def correction_address(response: Response) -> str:
    return reverse("admin:assessments_response_correction", args=[response.pk])


@admin.register(Response)
class ResponseAdmin(RecordAdmin):
    """An agency's response is entered as a draft; once published it is corrected by a new version."""

    related = (
        "counter_assessment__milestone__commitment__plan",
        "counter_assessment__commitment__plan",
        "counter_assessment__period__plan",
        "counter_assessment__organisation",
        "organisation",
        "source",
        "correction",
    )
    plan_path = "counter_assessment__period__plan"
    list_display = ("counter_assessment", "organisation", "kind", "stated_on", "standing", "published_at")
    list_filter = ("state", PlanFilter, "kind")
    search_fields = (
        "counter_assessment__milestone__search_text",
        "counter_assessment__commitment__search_text",
        "organisation__search_text",
    )
    autocomplete_fields = ("counter_assessment", "organisation")
    readonly_fields = ("state", "version", "correction_reason", "published_at", "published_by", "corrected_rating")
    inlines = (ResponseEvidenceInline,)
    fieldsets = (
        section(None, "counter_assessment", "organisation", "kind", in_both("reason"), "stated_on"),
        SOURCE,
        section(
            gettext_lazy("State"),
            ("state", "version"),
            ("published_at", "published_by"),
            "corrected_rating",
            "correction_reason",
        ),
    )
    verbs = (
        Verb(
            name="publish",
            label=gettext_lazy("Publish"),
            question=gettext_lazy("It will stand beside the answer, and everybody can read it. Publish it?"),
            done=gettext_lazy("“%(record)s” is published."),
            act=lifecycle.publish_response,
            role=roles.is_publisher,
            applies=lambda response: _is_draft(response) and response.kind != Kind.CHANGED,
        ),
        Verb(
            name="correct",
            label=gettext_lazy("Correct"),
            question=gettext_lazy("What you send becomes a new version and is public at once."),
            done=gettext_lazy("“%(record)s” is corrected: the new version is public."),
            act=lifecycle.correct_response,
            form=CorrectingForm,
            role=roles.is_publisher,
            applies=lambda response: response.is_current,
        ),
    )
    own_pages = (
        OwnPage(
            label=gettext_lazy("Publish with the corrected rating"),
            address=correction_address,
            role=roles.is_publisher,
            applies=lambda response: _is_draft(response) and response.kind == Kind.CHANGED,
        ),
    )

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return roles.is_support_unit(request.user) and (obj is None or _is_draft(obj))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return obj is not None and self.has_change_permission(request, obj)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        settled = ["counter_assessment"] if obj else []
        return [*super().get_readonly_fields(request, obj), *settled]

    def get_changeform_initial_data(self, request: HttpRequest) -> Any:
        """What an answer's page fills in; anything else in the address is left alone."""
        asked = super().get_changeform_initial_data(request)
        return {
            name: asked[name]
            for name in ("counter_assessment", "organisation")
            if str(asked.get(name, "")).isascii() and str(asked.get(name, "")).isdigit()
        }

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        says = _(
            "A changed rating is entered on the page on which a publisher publishes the response: both in one act."
        )
        return super().get_form(request, obj, change=change, **{"help_texts": {"kind": says}, **kwargs})

    def why_read_only(self, request: HttpRequest, obj: Any) -> str:
        return _("It is published. A published response is corrected by a new version with a public reason.")

    @admin.display(description=gettext_lazy("state"), ordering="state")
    def standing(self, response: Response) -> str:
        """The state; of a draft, how long it has been since the agency wrote."""
        state = response.get_state_display()
        if response.superseded_at:
            return _("%(state)s, corrected since") % {"state": state}
        if not _is_draft(response) or response.stated_on is None:
            return state
        days = max((timezone.localdate() - response.stated_on).days, 0)
        since = ngettext("written %(days)d day ago", "written %(days)d days ago", days) % {"days": days}
        return format_html('{}<span class="mend">{}</span>', state, since)

    @admin.display(description=gettext_lazy("corrected rating"))
    def corrected_rating(self, response: Response) -> str:
        correction = response.correction
        if correction is None or correction.published_at is None:
            return ""
        day = date_format(timezone.localdate(correction.published_at), "SHORT_DATE_FORMAT")
        return format_html(
            '<a href="{}">{}</a>',
            reverse("admin:assessments_selfassessment_change", args=[correction.pk]),
            _("version %(version)d, %(day)s") % {"version": correction.version, "day": day},
        )

    # --- published together with the corrected rating -----------------------------------------------------------------

    def get_urls(self) -> list[Any]:
        page = path(
            "<path:object_id>/correction/",
            self.admin_site.admin_view(self.correction_view),
            name="assessments_response_correction",
        )
        return [page, *super().get_urls()]

    def correction_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The corrected rating beside the response that causes it; to publish it is to publish both, linked."""
        response: Any = self.get_object(request, unquote(object_id))
        if response is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)  # type: ignore[attr-defined]
        if not roles.is_publisher(request.user):
            raise PermissionDenied
        change = reverse("admin:assessments_response_change", args=[response.pk])
        if not (_is_draft(response) and response.kind == Kind.CHANGED):
            messages.error(request, _("This was done meanwhile, or cannot be done yet."))
            return HttpResponseRedirect(change)
        answer: CounterAssessment = response.counter_assessment
        if request.method == "POST" and request.POST.get("linked"):
            self._link(request, response)
            return HttpResponseRedirect(change)
        if request.method == "POST":
            form = save_correction(
                answer.period,
                answer.subject,
                request.POST,
                files=request.FILES,
                by=request.user,
                publish=partial(_publish_both, response),
            )
        else:
            form = correction_form(answer.period, answer.subject, by=request.user)
        if form is None:
            messages.error(request, _("There is no published rating to correct."))
            return HttpResponseRedirect(change)
        if form.is_bound and not form.errors:
            messages.success(request, _("The response and the corrected rating are public."))
            return HttpResponseRedirect(change)
        return TemplateResponse(request, "admin/response_correction.html", self._context(request, response, form))

    def _context(self, request: HttpRequest, response: Response, form: CorrectionForm) -> dict[str, Any]:
        rated = form.instance
        return {
            **self.admin_site.each_context(request),
            "title": _("Publish with the corrected rating"),
            "subtitle": str(response),
            "opts": self.opts,
            "object": response,
            "plan": plan_of(response),
            "answer": response.counter_assessment,
            "published": rated,
            "form": form,
            "linkable": _was_changed(rated),
            "change_address": reverse("admin:assessments_response_change", args=[response.pk]),
        }

    def _link(self, request: HttpRequest, response: Response) -> None:
        """Publish with the correction that is in force already: one may come of several answers."""
        rated = lifecycle.rating_to_answer(response.counter_assessment)
        try:
            if rated is None or str(rated.pk) != request.POST["linked"]:
                raise ValidationError(_("It was corrected after you had opened it: compare, and send it again."))
            lifecycle.publish_response(response, by=request.user, correction=rated)
        except ValidationError as refusal:
            for sentence in refusal.messages:
                messages.error(request, sentence)
        else:
            messages.success(request, _("The response is public, linked to the correction."))


def _publish_both(response: Response, rated: SelfAssessment, **arguments: Any) -> Response:
    """As `lifecycle.correct_self_assessment` is called; the rating is found anew, under the lock that is held."""
    return lifecycle.correct_from_response(response, **arguments)


def _was_changed(rated: SelfAssessment) -> bool:
    """Whether the rating in force is another than before its correction."""
    before: Any = rated.supersedes
    return before is not None and before.rating != rated.rating
