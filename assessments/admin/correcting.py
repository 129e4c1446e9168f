"""One rating at a time: returned before it is published, corrected in the open afterwards."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from assessments import lifecycle
from assessments.admin.publishing import for_publishers, page_of
from assessments.admin.quarter import ROW, for_support_unit, period_at, row_at
from assessments.correction import correction_form, save_correction
from assessments.models import ReportingPeriod, SelfAssessment
from assessments.sheet import SheetRow
from commitments.admin.verbs import add_refusal, reason_field


def row_address(period: ReportingPeriod, row: SheetRow) -> str:
    """Where the row stands in the sheet."""
    sheet = reverse("admin:quarter", args=[period.plan.slug, period.code])
    return f"{sheet}?{urlencode({'commitment': row.commitment.code})}#{row.anchor}"


class ReturningForm(forms.Form):
    reason = reason_field(
        label=gettext_lazy("What has to be mended"),
        help_text=gettext_lazy("Whoever entered it reads this above the row. It is not public."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@for_support_unit
def quarter_return(request: HttpRequest, site: AdminSite, plan: str, period: str, code: str) -> HttpResponse:
    """Give a submitted rating back to be mended."""
    asked = period_at(request, plan, period)
    row = row_at(asked, code)
    if row.entry is None or row.entry.state != SelfAssessment.State.SUBMITTED:
        messages.error(request, _("Only a submitted rating can be returned."))
        return redirect("admin:quarter", plan, period)
    form = ReturningForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            lifecycle.return_self_assessment(row.entry, by=request.user, reason=form.cleaned_data["reason"])
        except ValidationError as refusal:
            add_refusal(form, refusal, return_reason="reason")
        else:
            messages.success(request, _("%(code)s is returned.") % {"code": code})
            return redirect(row_address(asked, row))
    context = page_of(site, request, asked, title=_("Return %(code)s") % {"code": code}, row=row, form=form)
    return TemplateResponse(request, "admin/quarter/return.html", context)


@for_publishers
def quarter_correct(request: HttpRequest, site: AdminSite, plan: str, period: str, code: str) -> HttpResponse:
    """Correct a published rating: what stands beside the form that replaces it."""
    asked = period_at(request, plan, period)
    row = row_at(asked, code)
    if request.method == "POST":
        form = save_correction(asked, row.subject, request.POST, files=request.FILES, by=request.user)
    else:
        form = correction_form(asked, row.subject, by=request.user)
    if form is None:
        messages.error(request, _("Only the rating that is in force can be corrected."))
        return redirect("admin:quarter", plan, period)
    if form.is_bound and not form.errors:
        messages.success(request, _("%(code)s is corrected: the new version is public.") % {"code": code})
        return redirect(row_address(asked, row))
    title = _("Correct %(code)s") % {"code": code}
    context = page_of(site, request, asked, title=title, row=row, published=row.entry, form=form)
    return TemplateResponse(request, "admin/quarter/correct.html", context)


def urls(site: AdminSite) -> list[Any]:
    """The addresses of one rating of a quarter, under ``/admin/``."""
    pages = {"return": quarter_return, "correct": quarter_correct}
    return [
        path(f"{ROW}{name}/", site.admin_view(view), {"site": site}, name=f"quarter_{name}")
        for name, view in pages.items()
    ]
