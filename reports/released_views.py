"""The public pages of released reports, and their files. A draft is on none of them, whoever asks."""

from __future__ import annotations

import itertools
from typing import Any

from django.db.models import Prefetch, Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from assessments.stored_files import NOTHING, confine, sent
from commitments import roles
from commitments.localised import LANGUAGES
from reports.chain import chained_files, checksum_list, present_checkpoint
from reports.models import Report, ReportFile

FOR_EVER = "public, max-age=31536000, immutable"
# A report's document brings its own styles, fonts and drawings; it may do nothing else.
DOCUMENT_POLICY = "default-src 'none'; style-src 'unsafe-inline'; font-src data:; img-src data:; sandbox"


def _released(request: HttpRequest) -> Any:
    return (
        Report.objects.visible_to(request.user)
        .released()
        .select_related("plan", "supersedes__plan", "superseded_by__plan")
        .prefetch_related(Prefetch("files", ReportFile.objects.order_by("position")))
    )


@require_safe
def reports(request: HttpRequest) -> HttpResponse:
    """Every released report by plan, newest first; demonstrations apart, for those who practise."""
    shown = _released(request).defer("figures", "supersedes__figures", "superseded_by__figures")
    if not roles.finds_demonstrations(request.user):
        shown = shown.filter(plan__is_demonstration=False)
    ordered = shown.order_by("plan__is_demonstration", "-plan__starts_on", "plan__slug", "-number")
    rows = list(ordered)
    context = {
        "section": "reports",
        "plans": [
            (plan, [(report, _by_language(report)) for report in own])
            for plan, own in itertools.groupby(rows, key=lambda report: report.plan)
        ],
        "number": sum(not report.plan.is_demonstration for report in rows),
        "checkpoint": present_checkpoint(),
    }
    return render(request, "reports/reports.html", context)


def _by_language(report: Report) -> list[tuple[str, list[ReportFile]]]:
    """The files in the page's language first, then in the other, then those that have none; without empty groups."""
    page = (get_language() or "en")[:2]
    languages = [page, *(other for other in LANGUAGES if other != page), ""]
    groups = [(code, [file for file in report.files.all() if file.language == code]) for code in languages]
    return [(code, files) for code, files in groups if files]


@require_safe
def report(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """One released report: its files with their checksums, how to check them, and what it found."""
    shown = get_object_or_404(_released(request), plan__slug=slug, number=number)
    files = list(shown.files.all())
    figures = shown.figures or {}
    context = {
        "section": "reports",
        "plan": shown.plan,
        "report": shown,
        "files": [file for _language, own in _by_language(shown) for file in own],
        "first": files[0] if files else None,
        "last": files[-1] if files else None,
        "figures": figures.get((get_language() or "en")[:2]),
    }
    return render(request, "reports/report.html", context)


@require_safe
def report_file(request: HttpRequest, slug: str, number: int, language: str, form: str) -> HttpResponseBase:
    """One file. What has no language (the data package) is found under either."""
    if language not in LANGUAGES or form not in ReportFile.MEDIA_TYPES:
        raise Http404
    files = ReportFile.objects.filter(
        Q(language=language) | Q(language=""),
        report__in=Report.objects.visible_to(request.user).released(),
        report__plan__slug=slug,
        report__number=number,
        format=form,
    )
    found = get_object_or_404(files)
    etag = quote_etag(found.sha256)
    response = get_conditional_response(request, etag=etag)
    is_document = found.format == ReportFile.Format.HTML
    if response is None:
        response = sent(found.file, found.name, found.media_type, as_attachment=not is_document)
        response["Content-Length"] = str(found.size)
    response["ETag"] = etag
    response["Cache-Control"] = FOR_EVER
    confine(response, DOCUMENT_POLICY if is_document else NOTHING)
    return response


@require_safe
def checksums(request: HttpRequest) -> HttpResponse:
    """The whole chain as ``sha256sum --check`` reads it; its first lines are what a checkpoint was made of."""
    text = checksum_list(chained_files().only("sha256", "file"))
    return HttpResponse(text, content_type="text/plain; charset=utf-8", headers={"Cache-Control": "no-cache"})
