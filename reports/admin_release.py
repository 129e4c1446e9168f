"""A publisher's page of one release: what it would freeze, how far it is, why it failed, where the report is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from assessments.models import ReportingPeriod
from commitments import roles
from commitments.admin.verbs import OwnPage, Verb, VerbForm, reason_field
from commitments.localised import LANGUAGES
from reports.content import Figures
from reports.figures import UnknownPeriod, build_figures, reported_periods
from reports.making import next_stamp
from reports.models import Release, Report
from reports.release import correct, fingerprint, refusals, release
from reports.released_files import KINDS, file_name

if TYPE_CHECKING:
    from reports.admin import ReportAdmin

NAME = "reports_report_release"
LOOK_AGAIN = 3  # seconds until a page that waits asks again


def _is_draft(report: Report) -> bool:
    return report.state == Report.State.DRAFT


def address_of(report: Report) -> str:
    return reverse(f"admin:{NAME}", args=[report.pk])


def _correction_of(report: Report) -> Report | None:
    return Report.objects.filter(supersedes=report).defer("figures").first()


def _correction_address(report: Report) -> str:
    """Of the draft or report that takes its place; where there is none, its own."""
    return reverse("admin:reports_report_change", args=[(_correction_of(report) or report).pk])


PAGES = (
    OwnPage(label=gettext_lazy("Release the report"), address=address_of, role=roles.is_publisher, applies=_is_draft),
    OwnPage(
        label=gettext_lazy("The correction of it"),
        address=_correction_address,
        role=roles.is_support_unit,
        applies=lambda report: _correction_of(report) is not None,
    ),
)


class CorrectionForm(VerbForm):
    """Why a released report is followed by another."""

    asked_as = {"correction_reason": "reason"}

    reason = reason_field(
        label=gettext_lazy("Why it is corrected"),
        help_text=gettext_lazy("Public from the release of the new report on: on the pages of both, and in the API."),
    )


VERBS = (
    Verb(
        name="correct",
        label=gettext_lazy("Correct"),
        question=gettext_lazy(
            "A new draft begins with the narrative of this report and today’s figures. Once it is released, this one "
            "is marked as superseded; it stays as it is and can still be downloaded."
        ),
        done=gettext_lazy("A draft that will take the place of %(record)s is begun."),
        act=correct,
        form=CorrectionForm,
        role=roles.is_publisher,
        applies=lambda report: not _is_draft(report) and _correction_of(report) is None,
        leads_to=_correction_address,
    ),
)


def urls(model_admin: ReportAdmin) -> list[Any]:
    view = model_admin.admin_site.admin_view(_release_view)
    return [path("<path:object_id>/release/", view, {"model_admin": model_admin}, name=NAME)]


@require_http_methods(["GET", "HEAD", "POST"])
def _release_view(request: HttpRequest, object_id: str, model_admin: ReportAdmin) -> HttpResponse:
    if not roles.is_publisher(request.user):
        raise PermissionDenied
    report = model_admin.get_object(request, unquote(object_id))
    if report is None:
        return model_admin._get_obj_does_not_exist_redirect(  # type: ignore[attr-defined]
            request, model_admin.opts, object_id
        )
    problems: list[str] = []
    if request.method == "POST" and _is_draft(report):
        try:
            release(report, by=request.user, counted=request.POST.get("counted", ""))
        except ValidationError as refusal:
            problems = refusal.messages
        else:
            return HttpResponseRedirect(address_of(report))
    if request.method == "POST" and not problems:
        messages.info(request, _("It was released meanwhile. Nothing is done twice."))
        return HttpResponseRedirect(address_of(report))
    attempt = report.releases.select_related("requested_by").order_by("requested_at").last()
    at_work = attempt is not None and attempt.state == Release.State.MAKING and not attempt.is_stalled()
    context = {
        **model_admin.admin_site.each_context(request),
        "title": _("Release the report"),
        "subtitle": str(report),
        "opts": model_admin.opts,
        "object": report,
        "plan": report.plan,
        "change_address": reverse("admin:reports_report_change", args=[report.pk]),
        "problems": problems,
        "attempt": attempt,
        "stalled": attempt is not None and attempt.is_stalled(),
        "at_work": at_work,
        "files": _files(report, attempt) if at_work and attempt else [],
        "total": len(KINDS),
        **({} if at_work or not _is_draft(report) else _about(report)),
    }
    response = TemplateResponse(request, "admin/reports/release.html", context)
    if at_work:
        response["Refresh"] = str(LOOK_AGAIN)
    return response


def _files(report: Report, attempt: Release) -> list[tuple[str, str]]:
    """The names of the files in the order in which they are made, and how far each is."""
    number, made = next_stamp(report.plan).number, attempt.files_made
    states = [_("made")] * made + [_("being made")] * bool(attempt.begun_at) + [""] * len(KINDS)
    names = [file_name(report.plan.slug, number, language, form) for language, form in KINDS]
    return list(zip(names, states, strict=False))


def _about(report: Report) -> dict[str, Any]:
    """What a release would freeze, counted, or why there is none."""
    refused = refusals(report)
    try:
        periods = reported_periods(report.plan, report.period_code)
        figures = {
            language: build_figures(report.plan, report.period_code, language, report=report) for language in LANGUAGES
        }
    except (UnknownPeriod, report.plan.DoesNotExist):
        return {"refused": refused}
    shown = figures[(get_language() or "en")[:2]]
    return {
        "refused": refused,
        "number": next_stamp(report.plan).number,
        "figures": shown,
        "counted": fingerprint(figures),
        "unpublished": [period for period in periods if period.state() in OPEN],
        "missing_words": _missing_words(report),
        "attached": _attached(shown),
    }


OPEN = {ReportingPeriod.State.PLANNED, ReportingPeriod.State.ENTRY}


def _missing_words(report: Report) -> list[tuple[str, list[str]]]:
    """The sections that one language has no text for: the language's code, and what they are called."""
    sections = list(report.sections.all())
    missing = [
        (language, [str(section) for section in sections if not getattr(section, f"body_{language}")])
        for language in LANGUAGES
    ]
    return [(language, names) for language, names in missing if names]


def _attached(figures: Figures) -> int:
    """Files and links of evidence that the report lists."""
    subjects = [
        subject
        for commitment in figures.commitments
        for subject in (commitment.whole, *(milestone.subject for milestone in commitment.milestones))
    ]
    own = sum(len(subject.government.attachments) for subject in subjects if subject.government)
    return own + sum(len(answer.attachments) for subject in subjects for answer in subject.answers)
