"""The verbs of a report: released, once and for ever; and corrected, by a new one that follows it.

`release` freezes the figures of both languages and hands them to the worker (`reports.making`), which makes the files
and then the report visible.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from assessments.lifecycle import clock, keep, locked, require
from commitments import roles
from commitments.localised import LANGUAGES
from reports.canonical import canonical_json
from reports.content import Figures
from reports.figures import UnknownPeriod, build_figures, reported_periods
from reports.making import Failed, give_up, make_files
from reports.models import Release, Report, ReportSection


def refusals(report: Report) -> list[str]:
    """Why the report cannot be released now, a sentence each; none where it can."""
    if report.state == Report.State.RELEASED:
        return [_("It is released already.")]
    found = []
    if not report.plan.is_published:
        found.append(_("The plan has not been published. A report speaks of what is public."))
    try:
        reported_periods(report.plan, report.period_code)
    except UnknownPeriod:
        found.append(_("The plan has no such period."))
    before = (
        Report.objects.released()
        .filter(plan=report.plan, kind=report.kind, period_code=report.period_code)
        .order_by("number")
        .last()
    )
    if before and before.pk != report.supersedes_id:
        found.append(
            _("Report No. %(number)d says this already. A mistake in it is corrected from its own page.")
            % {"number": before.number}
        )
    attempt = report.releases.filter(state=Release.State.MAKING).first()
    if attempt and not attempt.is_stalled():
        found.append(_("It is being released at this moment."))
    return found


def fingerprint(figures: Mapping[str, Figures]) -> str:
    """Equal for figures that differ in nothing but the moment at which the record was read."""
    undated = {language: asdict(replace(part, as_of="", as_of_words="")) for language, part in figures.items()}
    return hashlib.sha256(canonical_json(undated).encode()).hexdigest()


@transaction.atomic
def release(report: Report, *, by: Any, counted: str | None = None) -> Release:
    """Freeze the figures of both languages, and let the worker make the files. Raises ValidationError.

    ``counted`` is the `fingerprint` of the figures that ``by`` was shown and said yes to. Until all files are there,
    nothing is public.
    """
    require(roles.is_publisher, by)
    report = locked(report)
    if found := refusals(report):
        raise ValidationError(found)
    for attempt in report.releases.filter(state=Release.State.MAKING):
        give_up(attempt, Failed(Release.Problem.STOPPED))
    # Whoever publishes ratings or answers holds their period: all that was published before the clock is read is seen.
    list(report.plan.periods.select_for_update().order_by("pk"))
    moment = clock()
    figures = {
        language: build_figures(report.plan, report.period_code, language, moment, report=report)
        for language in LANGUAGES
    }
    if counted is not None and counted != fingerprint(figures):
        raise ValidationError(_("The record has changed since you opened this page. Look at the figures again."))
    attempt = Release.objects.create(
        report=report,
        requested_at=moment,
        requested_by=by,
        as_of=moment,
        figures={language: asdict(part) for language, part in figures.items()},
        moved_at=moment,
    )
    make_files.enqueue(attempt.pk)
    return attempt


@transaction.atomic
def correct(report: Report, *, by: Any, reason: str) -> Report:
    """A new draft that will take the place of a released report; the reason becomes public with it."""
    require(roles.is_publisher, by)
    report = locked(report)
    if report.state != Report.State.RELEASED:
        raise ValidationError(_("Only a released report is corrected; a draft is edited."))
    if Report.objects.filter(supersedes=report).exists():
        raise ValidationError(_("A correction of this report exists already."))
    if not reason.strip():
        raise ValidationError({"correction_reason": _("Say why it is corrected; the reason is public.")})
    draft = Report(
        plan=report.plan,
        kind=report.kind,
        period_code=report.period_code,
        supersedes=report,
        correction_reason=reason,
        source=report.source,
        source_place=report.source_place,
    )
    keep(draft, by, "correction")
    for section in report.sections.all():
        copy = ReportSection(
            report=draft,
            **{
                name: getattr(section, name)
                for name in (*ReportSection.FROZEN, "source", "source_place")
                if name != "report"
            },
        )
        keep(copy, by, "correction")
    return draft
