"""The quarter as a workbook: downloaded whole or for one agency, uploaded again in three steps."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from assessments.models import ReportingPeriod
from assessments.quarter_import import import_quarter, preview_quarter
from assessments.quarter_workbook import agency_workbook, file_name, name_of, quarter_workbook
from assessments.sheet import read_sheet
from commitments import roles
from commitments.admin.importing import Importing, download, preview_page, upload_page
from commitments.models import PendingImport

PERIOD = "quarter/<slug:plan>/<str:period>/"


def _period_at(request: HttpRequest, plan: str, code: str) -> ReportingPeriod:
    if not roles.is_support_unit(request.user):
        raise PermissionDenied
    periods = ReportingPeriod.objects.visible_to(request.user).select_related("plan")
    return get_object_or_404(periods, plan__slug=plan, code=code)


@require_safe
def workbook(request: HttpRequest, site: AdminSite, plan: str, period: str) -> HttpResponse:
    """``?agency=`` a slug: its rows alone, as it is mailed to the agency's focal points."""
    opened = _period_at(request, plan, period)
    slug = request.GET.get("agency")
    back = reverse("admin:quarter", args=[plan, period])
    if not slug:
        return download(request, partial(quarter_workbook, opened), file_name(opened), back=back)
    agency = next((agency for agency in read_sheet(opened).agencies if agency.slug == slug), None)
    if agency is None:
        raise Http404
    return download(request, partial(agency_workbook, opened, agency), file_name(opened, agency), back=back)


@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: HttpRequest, site: AdminSite, plan: str, period: str) -> HttpResponse:
    opened = _period_at(request, plan, period)
    context = {**_context(request, site, opened), "agencies": read_sheet(opened).agencies}
    return upload_page(request, _importing(opened), context)


@require_http_methods(["GET", "HEAD", "POST"])
def preview(request: HttpRequest, site: AdminSite, plan: str, period: str, token: Any) -> HttpResponse:
    opened = _period_at(request, plan, period)
    return preview_page(request, _importing(opened), token, _context(request, site, opened))


def _importing(period: ReportingPeriod) -> Importing:
    place = [period.plan.slug, period.code]
    return Importing(
        kind=PendingImport.Kind.QUARTER,
        subject=name_of(period),
        title=_("Upload an XLSX"),
        preview=lambda file, by: preview_quarter(file, period, by=by),
        write=lambda file, by, reason, seen: import_quarter(file, period, by=by, reason=reason, confirmed=seen),
        upload_address=reverse("admin:quarter_import", args=place),
        preview_address=lambda pending: reverse("admin:quarter_import_preview", args=[*place, pending.token]),
        done_address=lambda: reverse("admin:quarter", args=place),
    )


def _context(request: HttpRequest, site: AdminSite, period: ReportingPeriod) -> dict[str, Any]:
    place = [period.plan.slug, period.code]
    return {
        **site.each_context(request),
        "plan": period.plan,
        "subtitle": f"{period.plan.short_name}, {period.name}",
        "list_address": reverse("admin:quarters"),
        "list_title": _("Quarter sheets"),
        "above_address": reverse("admin:quarter", args=place),
        "above_title": f"{period.plan.short_name}, {period.name}",
        "template_address": reverse("admin:quarter_workbook", args=place),
    }


def urls(site: AdminSite) -> list[Any]:
    def page(address: str, view: Callable[..., HttpResponse], name: str) -> Any:
        return path(f"{PERIOD}{address}", site.admin_view(view), {"site": site}, name=name)

    return [
        page("workbook.xlsx", workbook, "quarter_workbook"),
        page("import/", upload, "quarter_import"),
        page("import/<uuid:token>/", preview, "quarter_import_preview"),
    ]
