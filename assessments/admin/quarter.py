"""The quarter sheet: the support unit enters a plan's ratings row by row, beside what was said the quarter before.

Every row is a form of its own, so that a plan of any size is saved in small pieces. Sent by htmx, a row comes back
alone, with every count of the page; sent by a browser without scripts, the page comes back at that row.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from assessments import lifecycle
from assessments.admin.quarter_page import SheetPage, plans_quarters
from assessments.entry import EntryForm, save_entry, submit_ready
from assessments.models import ReportingPeriod, SelfAssessment
from assessments.sheet import SheetRow, read_sheet
from commitments import roles

PERIOD = "quarter/<slug:plan>/<str:period>/"
ROW = f"{PERIOD}row/<path:code>/"


def for_support_unit(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    @wraps(view)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not roles.is_support_unit(request.user):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return checked


def period_at(request: HttpRequest, plan: str, code: str) -> ReportingPeriod:
    periods = ReportingPeriod.objects.visible_to(request.user).select_related("plan", "reopened_by")
    return get_object_or_404(periods, plan__slug=plan, code=code)


def row_at(period: ReportingPeriod, code: str) -> SheetRow:
    row = read_sheet(period, only=code).row(code)
    if row is None:
        raise Http404
    return row


@require_safe
@for_support_unit
def quarters(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """Every plan's quarters that have begun, and the one that comes next, with what is entered in each."""
    context = {
        **site.each_context(request),
        "title": _("Quarter sheets"),
        "plans": plans_quarters(request.user),
        "is_publisher": roles.is_publisher(request.user),
    }
    return TemplateResponse(request, "admin/quarter/quarters.html", context)


@require_safe
@for_support_unit
def quarter(request: HttpRequest, site: AdminSite, plan: str, period: str) -> HttpResponse:
    """The sheet of a period."""
    return _sheet_page(request, site, period_at(request, plan, period))


@require_http_methods(["GET", "HEAD", "POST"])
@for_support_unit
def quarter_row(request: HttpRequest, site: AdminSite, plan: str, period: str, code: str) -> HttpResponse:
    """One row alone; sent, it is saved as a draft, and submitted if asked."""
    opened = period_at(request, plan, period)
    row = row_at(opened, code)
    if request.method != "POST":
        return _row_page(request, site, opened, code)
    wants_submit = "submit" in request.POST
    form = save_entry(opened, row.subject, request.POST, files=request.FILES, by=request.user, submit=wants_submit)
    if form.errors and not form.is_saved:
        return _answer(request, site, opened, code, form=form)
    return _answer(request, site, opened, code, said=_what_became(code, form), is_refused=bool(form.errors))


@require_POST
@for_support_unit
def quarter_copy(request: HttpRequest, site: AdminSite, plan: str, period: str, code: str) -> HttpResponse:
    """A draft that says the same as the quarter before, marked so."""
    opened = period_at(request, plan, period)
    earlier = row_at(opened, code).earlier
    try:
        if earlier is None:
            raise ValidationError(_("There is no published rating of an earlier period."))
        lifecycle.copy_forward(earlier, opened, by=request.user)
    except ValidationError as error:
        return _answer(request, site, opened, code, said=" ".join(error.messages), is_refused=True)
    said = _("%(code)s now says the same as %(period)s.") % {"code": code, "period": earlier.period.name}
    return _answer(request, site, opened, code, said=said)


@require_POST
@for_support_unit
def quarter_submit(request: HttpRequest, site: AdminSite, plan: str, period: str) -> HttpResponse:
    """Submit every row that is ready; what is refused stays a draft, and is named."""
    opened = period_at(request, plan, period)
    try:
        done = submit_ready(opened, by=request.user)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        count = len(done.submitted)
        sentence = ngettext("%(count)s row is submitted.", "%(count)s rows are submitted.", count)
        messages.success(request, sentence % {"count": count})
        for code, why in done.refused:
            messages.error(request, _("%(code)s is not submitted: %(why)s") % {"code": code, "why": why})
    return redirect(SheetPage(request, opened).address)


def _what_became(code: str, form: EntryForm) -> str:
    """What is in the record after a row was sent, in a sentence."""
    values = {"code": code}
    if not form.is_saved:
        return _("%(code)s: nothing was typed, so nothing is saved.") % values
    if form.errors:
        why = " ".join(str(sentence) for sentences in form.errors.values() for sentence in sentences)
        return _("%(code)s is saved as a draft, but not submitted. %(why)s") % {**values, "why": why}
    if form.instance.state == SelfAssessment.State.SUBMITTED:
        return _("%(code)s is submitted.") % values
    return _("%(code)s is saved.") % values


def _answer(
    request: HttpRequest,
    site: AdminSite,
    period: ReportingPeriod,
    code: str,
    *,
    form: EntryForm | None = None,
    said: str = "",
    is_refused: bool = False,
) -> HttpResponse:
    """What comes back when a row was sent: to htmx the row and the counts, otherwise a page.

    ``form``: what was refused, with its sentences and all that was typed. ``said``: what became of it otherwise.
    """
    page = SheetPage(request, period, refused=form, code=code)
    if request.htmx:  # type: ignore[attr-defined]
        context = page.context() | {"is_refused": is_refused or form is not None}
        if said:
            context["said"] = said
        return TemplateResponse(request, "admin/quarter/_saved.html", context)
    if form is not None:
        if page.is_alone:
            return _row_page(request, site, period, code, form)
        return _sheet_page(request, site, period, page)
    (messages.warning if is_refused else messages.success)(request, said)
    return redirect(page.row_address)


def _sheet_page(
    request: HttpRequest, site: AdminSite, period: ReportingPeriod, page: SheetPage | None = None
) -> HttpResponse:
    context = {
        **site.each_context(request),
        "title": _("Quarter sheet, %(period)s") % {"period": period.name},
        "subtitle": str(period.plan),
        **(page or SheetPage(request, period)).context(),
    }
    return TemplateResponse(request, "admin/quarter/quarter.html", context)


def _row_page(
    request: HttpRequest, site: AdminSite, period: ReportingPeriod, code: str, form: EntryForm | None = None
) -> HttpResponse:
    page = SheetPage(request, period, refused=form, code=code, is_alone=True)
    context = {
        **site.each_context(request),
        "title": f"{code}, {period.name}",
        "subtitle": str(period.plan),
        **page.context(),
    }
    return TemplateResponse(request, "admin/quarter/row.html", context)


def urls(site: AdminSite) -> list[Any]:
    """Every address of a quarter, under ``/admin/``."""

    def page(address: str, view: Callable[..., HttpResponse], name: str) -> Any:
        return path(address, site.admin_view(view), {"site": site}, name=name)

    return [
        page("quarter/", quarters, "quarters"),
        page(PERIOD, quarter, "quarter"),
        page(f"{PERIOD}submit/", quarter_submit, "quarter_submit"),
        # A code may be any text: what stands below a row comes before the row itself.
        page(f"{ROW}copy/", quarter_copy, "quarter_copy"),
        page(ROW, quarter_row, "quarter_row"),
    ]
