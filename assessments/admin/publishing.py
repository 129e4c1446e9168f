"""A quarter is opened, published in one act after a page that counts it, and reopened: a publisher's pages."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from functools import wraps
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from assessments import lifecycle
from assessments.admin.moments import MomentField, evening_of, refuse_past
from assessments.admin.quarter import PERIOD, period_at
from assessments.models import ReportingPeriod
from assessments.publication import Publication
from assessments.sheet import Queue, read_sheet
from commitments import roles
from commitments.admin.verbs import add_refusal, reason_field

ENTRY_DAYS = 15  # after the period ends
ANSWERING_DAYS = 14


def for_publishers(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    @wraps(view)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not roles.is_publisher(request.user):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return require_http_methods(["GET", "HEAD", "POST"])(checked)


def page_of(site: AdminSite, request: HttpRequest, period: ReportingPeriod, **context: Any) -> dict[str, Any]:
    return {
        **site.each_context(request),
        "period": period,
        "plan": period.plan,
        "subtitle": f"{period.plan.short_name}, {period.name}",
        **context,
    }


# --- opening ----------------------------------------------------------------------------------------------------------


class OpeningForm(forms.Form):
    entry_closes_at = MomentField(
        label=gettext_lazy("Entry closes"),
        help_text=gettext_lazy("Reminders count down to it. Entry stays possible until the quarter is published."),
    )

    def clean_entry_closes_at(self) -> datetime.datetime:
        refuse_past(self.cleaned_data["entry_closes_at"])
        return self.cleaned_data["entry_closes_at"]


def usual_closing(period: ReportingPeriod) -> datetime.datetime:
    """What stands in the period; else half a month after its end, or two weeks from today where that has passed."""
    if period.entry_closes_at:
        return period.entry_closes_at
    soonest = timezone.localdate() + datetime.timedelta(days=ANSWERING_DAYS)
    return evening_of(max(period.ends_on + datetime.timedelta(days=ENTRY_DAYS), soonest))


@for_publishers
def quarter_open(request: HttpRequest, site: AdminSite, plan: str, period: str) -> HttpResponse:
    """Open a planned period for entry, with its closing time."""
    planned = period_at(request, plan, period)
    if planned.state() != ReportingPeriod.State.PLANNED:
        messages.info(request, _("%(period)s is opened already.") % {"period": planned.name})
        return redirect("admin:quarter", plan, period)
    closes = usual_closing(planned)
    form = OpeningForm(request.POST or None, initial={"entry_closes_at": timezone.localtime(closes)})
    if request.method == "POST" and form.is_valid():
        try:
            lifecycle.open_period(planned, by=request.user, entry_closes_at=form.cleaned_data["entry_closes_at"])
        except ValidationError as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("%(period)s is open for entry.") % {"period": planned.name})
            return redirect("admin:quarter", plan, period)
    context = page_of(site, request, planned, title=_("Open the quarter"), form=form)
    return TemplateResponse(request, "admin/quarter/open.html", context)


# --- publishing -------------------------------------------------------------------------------------------------------


class WindowForm(forms.Form):
    """From when until when organisations may answer what is published."""

    data: Any

    opens = forms.ChoiceField(label=gettext_lazy("Answers open"), widget=forms.RadioSelect)
    answers_open_at = MomentField(label=gettext_lazy("Opens at"), required=False)
    answers_close_at = MomentField(label=gettext_lazy("Answers close"), required=False)
    counted = forms.CharField(widget=forms.HiddenInput)

    KEEP, NOW, LATER = "keep", "now", "later"

    def __init__(self, period: ReportingPeriod, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        choices = [(self.NOW, gettext_lazy("with the publication")), (self.LATER, gettext_lazy("later, at:"))]
        if period.published_at:
            choices = [(self.KEEP, gettext_lazy("the window stays as it is")), *choices]
        self.fields["opens"].choices = choices  # type: ignore[attr-defined]
        self.initial["opens"] = self.KEEP if period.published_at else self.NOW
        self.initial["answers_close_at"] = evening_of(timezone.localdate() + datetime.timedelta(days=ANSWERING_DAYS))

    def count_again(self, versions: str) -> None:
        """Let the form travel with what its page counts, also where it comes back refused."""
        self.initial["counted"] = versions
        if self.is_bound:
            self.data = {**self.data.dict(), "counted": versions}

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        opens = given.get("opens")
        if opens == self.KEEP:
            return {**given, "answers_open_at": None, "answers_close_at": None}
        if opens == self.NOW:
            given["answers_open_at"] = None
        elif opens == self.LATER:
            self._demand("answers_open_at")
        self._demand("answers_close_at")
        begins, ends = given.get("answers_open_at"), given.get("answers_close_at")
        if begins and ends and not self.errors and ends <= begins:
            self.add_error("answers_close_at", _("Answers close after they open."))
        return given

    def _demand(self, name: str) -> None:
        """A moment in the future."""
        if name in self.errors:
            return
        if not self.cleaned_data.get(name):
            self.add_error(name, _("Give the day and the time of day."))
            return
        try:
            refuse_past(self.cleaned_data[name])
        except ValidationError as refusal:
            self.add_error(name, refusal)


@for_publishers
def quarter_publish(request: HttpRequest, site: AdminSite, plan: str, period: str) -> HttpResponse:
    """Count what publishing the quarter would do, then do it; of a published one, what was published."""
    asked = period_at(request, plan, period)
    if asked.state() != ReportingPeriod.State.ENTRY:
        if request.method == "POST" and asked.published_at:
            messages.warning(request, _("It was published meanwhile. Nothing is done twice."))
        return _published(request, site, asked)
    form = WindowForm(asked, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            number = lifecycle.publish_period(asked, by=request.user, **_window(form, asked))
        except ValidationError as refusal:
            add_refusal(form, refusal)
        else:
            sentence = ngettext("%(number)d rating is published.", "%(number)d ratings are published.", number)
            messages.success(request, sentence % {"number": number})
            return redirect("admin:quarter_publish", plan, period)
    # Read before the rows: it may be too old for them, never too new.
    form.count_again(lifecycle.submitted_versions(asked))
    publication = Publication(read_sheet(asked))
    context = page_of(
        site,
        request,
        asked,
        title=_("Publish the quarter"),
        form=form,
        publication=publication,
        own=publication.submitted_by_user(request.user) if settings.SECOND_PERSON_PUBLISHES else (),
    )
    return TemplateResponse(request, "admin/quarter/publish.html", context)


def _window(form: WindowForm, period: ReportingPeriod) -> dict[str, Any]:
    """What the verb takes. Without an opening it is the moment of the publication; of a reopened one, what it was."""
    given = form.cleaned_data
    anew = period.published_at and given["opens"] == WindowForm.NOW
    opens_at = timezone.now() if anew else given["answers_open_at"]
    return {
        "answers_open_at": opens_at,
        "answers_close_at": given["answers_close_at"],
        "counted": given["counted"],
    }


def _published(request: HttpRequest, site: AdminSite, period: ReportingPeriod) -> HttpResponse:
    if period.published_at is None:
        messages.error(request, _("%(period)s is not open for entry yet.") % {"period": period.name})
        return redirect("admin:quarter_open", period.plan.slug, period.code)
    context = page_of(site, request, period, title=_("Published"), sheet=read_sheet(period))
    return TemplateResponse(request, "admin/quarter/published.html", context)


# --- reopening --------------------------------------------------------------------------------------------------------


class ReopeningForm(forms.Form):
    reason = reason_field(
        label=gettext_lazy("Why it is reopened"),
        help_text=gettext_lazy("Public: it stands on the plan's page and in the API, with the date."),
    )


@for_publishers
def quarter_reopen(request: HttpRequest, site: AdminSite, plan: str, period: str) -> HttpResponse:
    """Open a published period for entry once more, with a public reason."""
    published = period_at(request, plan, period)
    if published.state() not in {ReportingPeriod.State.ANSWERING, ReportingPeriod.State.CLOSED}:
        messages.error(request, _("Only a published period can be reopened."))
        return redirect("admin:quarter", plan, period)
    form = ReopeningForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            lifecycle.reopen_period(published, by=request.user, reason=form.cleaned_data["reason"])
        except ValidationError as refusal:
            add_refusal(form, refusal, reopen_reason="reason")
        else:
            messages.success(request, _("%(period)s is open for entry again.") % {"period": published.name})
            return redirect("admin:quarter", plan, period)
    sheet = read_sheet(published)
    missing = sheet.counts.total - sheet.counts.by_queue[Queue.PUBLISHED]
    context = page_of(site, request, published, title=_("Reopen the quarter"), form=form, sheet=sheet, missing=missing)
    return TemplateResponse(request, "admin/quarter/reopen.html", context)


def urls(site: AdminSite) -> list[Any]:
    """A publisher's addresses of a quarter, under ``/admin/``."""
    pages = {"open": quarter_open, "publish": quarter_publish, "reopen": quarter_reopen}
    return [
        path(f"{PERIOD}{name}/", site.admin_view(view), {"site": site}, name=f"quarter_{name}")
        for name, view in pages.items()
    ]
