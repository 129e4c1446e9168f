"""Drafts of reports, for the members of the forum and the support unit; to everybody else they do not exist."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods, require_safe

from assessments.stored_files import NOTHING, confine
from commitments import roles
from commitments.localised import LANGUAGES
from reports.drafts import is_at_work, note_download, request_files
from reports.models import DraftFile, Report, ReportFile

LOOK_AGAIN = 4  # seconds until the page asks how far the worker is


def for_readers_of_drafts(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A stranger is told nothing, not even that there is a page; no cache and no search engine keeps it."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not roles.sees_drafts(request.user):
            raise Http404
        response = view(request, *args, **kwargs)
        response["Cache-Control"] = "private, no-store"
        response["X-Robots-Tag"] = "noindex"
        return response

    return guarded


def _draft_or_404(request: HttpRequest, pk: int) -> Report:
    drafts = Report.objects.visible_to(request.user).filter(state=Report.State.DRAFT)
    return get_object_or_404(drafts.select_related("plan"), pk=pk)


def _released(pk: int) -> Report | None:
    return Report.objects.released().filter(pk=pk).select_related("plan").defer("figures").first()


@require_safe
@for_readers_of_drafts
def drafts(request: HttpRequest) -> HttpResponse:
    """Every draft that is being written."""
    rows = Report.objects.visible_to(request.user).filter(state=Report.State.DRAFT).select_related("plan")
    context = {"section": "drafts", "reports": rows.order_by("-period_code", "pk")}
    return render(request, "reports/drafts.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@for_readers_of_drafts
def draft(request: HttpRequest, pk: int) -> HttpResponse:
    """A draft's files, how far the worker is with them, and the button that asks for more; or where it was released."""
    if request.method != "POST" and (released := _released(pk)):
        return HttpResponseRedirect(released.get_absolute_url())
    report = _draft_or_404(request, pk)
    if request.method == "POST":
        request_files(report, by=request.user)  # type: ignore[arg-type]
        return HttpResponseRedirect(reverse("report_draft", args=[pk]))
    files = list(report.draft_files.defer("content").select_related("report__plan"))
    at_work = any(is_at_work(made) for made in files)
    context = {
        "section": "drafts",
        "report": report,
        "plan": report.plan,
        "files": [(made, is_at_work(made)) for made in files],
        "at_work": at_work,
        "is_support_unit": roles.is_support_unit(request.user),
    }
    response = render(request, "reports/draft.html", context)
    if at_work:
        response["Refresh"] = str(LOOK_AGAIN)
    return response


@require_safe
@for_readers_of_drafts
def draft_file(request: HttpRequest, pk: int, language: str, form: str) -> HttpResponse:
    """One file; who takes it is written down. HTML opens in the browser, where it may do nothing but be read."""
    if language not in LANGUAGES or form not in ReportFile.MEDIA_TYPES:
        raise Http404
    report = _draft_or_404(request, pk)
    made = get_object_or_404(
        DraftFile.objects.select_related("report__plan"),
        report=report,
        language=language,
        format=form,
        content__isnull=False,
    )
    content = bytes(made.content or b"")
    if request.method == "GET":
        note_download(made, by=request.user)  # type: ignore[arg-type]
    response = HttpResponse(content, content_type=ReportFile.MEDIA_TYPES[made.format])
    disposition = content_disposition_header(made.format != "html", made.file_name)
    response["Content-Disposition"] = disposition or "attachment"
    confine(response, policy_of(content) if made.format == "html" else NOTHING)
    return response


def policy_of(html: bytes) -> str:
    """What a document of `reports.document` may do in a browser: be read in its own styles and fonts, and no more."""
    styles = re.findall(rb"<style[^>]*>(.*?)</style>", html, re.DOTALL)
    hashes = [base64.b64encode(hashlib.sha256(style).digest()).decode("ascii") for style in styles]
    allowed = " ".join(f"'sha256-{digest}'" for digest in hashes) or "'none'"
    return f"default-src 'none'; style-src {allowed}; font-src data:; sandbox"
