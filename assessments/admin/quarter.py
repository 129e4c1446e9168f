"""The quarter sheet: the support unit enters a plan's ratings row by row, beside what was said the quarter before."""

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
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from assessments import lifecycle
from assessments.entry import form_for, save_entry
from assessments.models import ReportingPeriod
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
    periods = ReportingPeriod.objects.visible_to(request.user).select_related("plan")
    return get_object_or_404(periods, plan__slug=plan, code=code)


def row_at(period: ReportingPeriod, code: str) -> SheetRow:
    row = read_sheet(period, only=code).row(code)
    if row is None:
        raise Http404
    return row


@require_safe
@for_support_unit
def quarters(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """The quarters of every plan that are opened or come next, with what is entered in each."""
    periods = ReportingPeriod.objects.visible_to(request.user).select_related("plan")
    context = {**site.each_context(request), "title": _("Quarter sheets"), "periods": periods}
    return TemplateResponse(request, "admin/quarter/quarters.html", context)


@require_safe
@for_support_unit
def quarter(request: HttpRequest, site: AdminSite, plan: str, period: str) -> HttpResponse:
    """The sheet of a period."""
    sheet = read_sheet(period_at(request, plan, period))
    context = {**site.each_context(request), "title": _("Quarter sheet"), "sheet": sheet, "period": sheet.period}
    return TemplateResponse(request, "admin/quarter/quarter.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@for_support_unit
def quarter_row(request: HttpRequest, site: AdminSite, plan: str, period: str, code: str) -> HttpResponse:
    """One row alone; sent, it is saved."""
    opened = period_at(request, plan, period)
    row = row_at(opened, code)
    context = {**site.each_context(request), "title": row.code, "period": opened, "row": row}
    if request.method == "POST":
        form = save_entry(opened, row.subject, request.POST, by=request.user, submit="submit" in request.POST)
        if not form.errors:
            return redirect("admin:quarter", plan, period)
        context["form"] = form
    else:
        context["form"] = form_for(opened, row.subject)
    return TemplateResponse(request, "admin/quarter/row.html", context)


@require_POST
@for_support_unit
def quarter_copy(request: HttpRequest, site: AdminSite, plan: str, period: str, code: str) -> HttpResponse:
    """Same as the quarter before."""
    opened = period_at(request, plan, period)
    row = row_at(opened, code)
    if row.earlier is None:
        raise Http404
    try:
        lifecycle.copy_forward(row.earlier, opened, by=request.user)
    except ValidationError as error:
        for sentence in error.messages:
            messages.error(request, sentence)
    return redirect("admin:quarter", plan, period)


def urls(site: AdminSite) -> list[Any]:
    """Every address of a quarter, under ``/admin/``."""

    def page(address: str, view: Callable[..., HttpResponse], name: str) -> Any:
        return path(address, site.admin_view(view), {"site": site}, name=name)

    return [
        page("quarter/", quarters, "quarters"),
        page(PERIOD, quarter, "quarter"),
        # A code may be any text: what stands below a row comes before the row itself.
        page(f"{ROW}copy/", quarter_copy, "quarter_copy"),
        page(ROW, quarter_row, "quarter_row"),
    ]
