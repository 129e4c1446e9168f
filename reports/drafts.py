"""A draft report: on what one may be begun, with which sections, and its files, which the worker makes.

Nothing here is public: who reads drafts is decided by `Report.objects.visible_to`.
"""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone
from django_tasks import task

from commitments.localised import LANGUAGES
from commitments.models import ActionPlan, RatingScale, User
from reports.content import to_json
from reports.document import undated
from reports.figures import UnknownPeriod, build_figures
from reports.fonts import FontsMissing
from reports.models import DraftDownload, DraftFile, Report, ReportSection, period_words
from reports.pdf import PATIENCE, RenderingFailed, document_key
from reports.rendering import FORMATS, rendered

# What takes longer than this was broken off, with the worker or with the machine.
LOST_AFTER = datetime.timedelta(seconds=2 * PATIENCE)
LONGEST_FAILURE = 2000  # characters
AT_WORK = (DraftFile.State.WAITING, DraftFile.State.READING, DraftFile.State.RENDERING)
SECTIONS = (
    ReportSection.Kind.INTRODUCTION,
    ReportSection.Kind.HOW_IT_WENT,
    ReportSection.Kind.LESSONS,
    ReportSection.Kind.RECOMMENDATIONS,
    ReportSection.Kind.NEXT_STEPS,
)


@dataclass(frozen=True)
class Occasion:
    """On what a draft may be begun: a plan, a kind of report and a period or half-year that the plan has."""

    plan: ActionPlan
    kind: str
    period_code: str
    words: str

    @property
    def value(self) -> str:
        return f"{self.plan.slug} {self.kind} {self.period_code}"


def occasions(plans: Iterable[ActionPlan], today: datetime.date) -> list[Occasion]:
    """What may be reported on by ``today``, plan by plan and newest first; ``plans`` with their periods at hand.

    Half-years of which a quarter has begun; the final report of a plan that has begun its last period, and the
    mid-term report once half its time is over.
    """
    return [occasion for plan in plans for occasion in _occasions(plan, today)]


def _occasions(plan: ActionPlan, today: datetime.date) -> list[Occasion]:
    periods = sorted(plan.periods.all(), key=lambda period: period.ends_on)
    final = Report.Kind.COMPLETION if plan.rating_scale == RatingScale.COMPLETION else Report.Kind.FINAL
    middle = plan.starts_on + (plan.ends_on - plan.starts_on) / 2
    found: list[tuple[str, str]] = []
    for period in (period for period in periods if period.starts_on <= today):
        year, part = period.code.split("-", 1)
        if part[0] == "Q":
            found.append((Report.Kind.BIANNUAL.value, f"{year}-H{(int(part[1]) + 1) // 2}"))
        if part == "final" or (period is periods[-1] and period.ends_on >= plan.ends_on):
            found.append((final.value, period.code))
        elif part == "midterm" or period.starts_on <= middle <= period.ends_on:
            found.append((Report.Kind.MID_TERM.value, period.code))
    return [
        Occasion(plan, kind, code, f"{Report.Kind(kind).label}: {period_words(code)} ({code})")
        for kind, code in dict.fromkeys(reversed(found))
    ]


@transaction.atomic
def add_usual_sections(report: Report) -> None:
    """Empty sections in their usual order. A final report looks back; only the others have a next half-year."""
    ends = report.kind in {Report.Kind.FINAL, Report.Kind.COMPLETION}
    for position, kind in enumerate(SECTIONS):
        if not (ends and kind == ReportSection.Kind.NEXT_STEPS):
            ReportSection.objects.create(report=report, kind=kind, position=position)


# --- files ------------------------------------------------------------------------------------------------------------


def is_at_work(made: DraftFile) -> bool:
    """Whether the worker has it in hand; what has been so for too long was broken off."""
    return made.state in AT_WORK and made.requested_at > timezone.now() - LOST_AFTER


def request_files(report: Report, *, by: User) -> None:
    """Ask the worker for the draft in every language and format; what is being made already is not asked for twice."""
    if report.state != Report.State.DRAFT:
        return
    for language in sorted(LANGUAGES):
        for form in sorted(FORMATS, reverse=True):
            with transaction.atomic():
                row, _created = DraftFile.objects.select_for_update().get_or_create(
                    report=report,
                    language=language,
                    format=form,
                    defaults={"state": DraftFile.State.FAILED, "requested_at": timezone.now(), "requested_by": by},
                )
                if is_at_work(row):
                    continue
                row.state, row.failure = DraftFile.State.WAITING, ""
                row.requested_at, row.requested_by = timezone.now(), by
                row.save(update_fields=["state", "failure", "requested_at", "requested_by"])
            make_draft_file.enqueue(row.pk)


@task()
def make_draft_file(pk: int) -> None:
    """Make one file of a draft, unless what it is made from has not changed. The row says how far it is."""
    row = DraftFile.objects.select_related("report__plan", "report__source").filter(pk=pk).first()
    if row is None or row.report.state != Report.State.DRAFT:
        return
    try:
        _make(row)
    except Exception as error:
        _store(row, state=DraftFile.State.FAILED, failure=str(error)[-LONGEST_FAILURE:] or type(error).__name__)
        if not isinstance(error, ActionPlan.DoesNotExist | FontsMissing | RenderingFailed | UnknownPeriod):
            raise


def _make(row: DraftFile) -> None:
    _store(row, state=DraftFile.State.READING)
    report = row.report
    moment = timezone.now()
    figures = build_figures(report.plan, report.period_code, row.language, moment, report=report)
    key = document_key(row.format + undated(figures))
    if row.key != key or row.content is None:
        _store(row, state=DraftFile.State.RENDERING)
        content = rendered(to_json(figures), row.format)
        digest = hashlib.sha256(content).hexdigest()
        _store(row, key=key, as_of=moment, content=content, size=len(content), sha256=digest)
    _store(row, state=DraftFile.State.DONE)


def _store(row: DraftFile, **values: Any) -> None:
    """Write it down, unless the row went meanwhile with the draft: it is released, or deleted."""
    DraftFile.objects.filter(pk=row.pk, report__state=Report.State.DRAFT).update(**values)


def note_download(made: DraftFile, *, by: User) -> None:
    """Write down who took which bytes, before they leave."""
    DraftDownload.objects.create(
        report=made.report,
        language=made.language,
        format=made.format,
        size=made.size or 0,
        sha256=made.sha256,
        downloaded_at=timezone.now(),
        downloaded_by=by,
    )
