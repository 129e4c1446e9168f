"""The worker's part of a release: the files are made of the frozen figures, then one transaction makes them visible.

Whatever fails before that leaves nothing behind but the attempt's row, which says why.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Max
from django.utils import timezone, translation
from django_tasks import task

from assessments.lifecycle import clock, keep, locked
from commitments.localised import LANGUAGES
from commitments.models import ActionPlan
from reports.canonical import from_plain
from reports.chain import chained_files, hold_chain, present_checkpoint
from reports.commitment_figures import day
from reports.content import Checkpoint, Figures, to_json
from reports.fonts import FontsMissing
from reports.frozen import narrative_in, narrative_of, words_in
from reports.models import Release, Report, ReportFile
from reports.pdf import RenderingFailed
from reports.released_files import KINDS, file_name, file_of, making

logger = logging.getLogger(__name__)

Problem = Release.Problem


class Abandoned(RuntimeError):
    """Somebody has given this attempt up meanwhile."""


class Failed(RuntimeError):
    """The attempt comes to nothing, for a reason that can be named."""

    def __init__(self, problem: Problem, place: str = "", details: str = "") -> None:
        super().__init__(f"{problem.value} {place} {details}")
        self.problem, self.place, self.details = problem, place, details


@dataclass(frozen=True)
class Stamp:
    """What only the release decides: number, day, and the chain that the report continues."""

    number: int
    released_on: datetime.date
    checkpoint: Checkpoint


@dataclass(frozen=True)
class StoredFile:
    language: str
    form: str
    path: str  # in the storage
    size: int
    sha256: str


@task()
def make_files(release_pk: int) -> None:
    """Make the files of an attempt and show the report. Says in the attempt's row what became of it."""
    attempt = _begun(release_pk)
    if attempt is None:
        return
    try:
        while not _released(attempt):
            _remove_files(attempt)  # another report was released meanwhile: its place in the chain is taken
    except Abandoned:
        _remove_files(attempt)
    except Failed as failure:
        give_up(attempt, failure)
    except Exception as error:
        logger.exception("The release %s of %s failed.", attempt.key, attempt.report)
        give_up(attempt, Failed(Problem.OTHER, details=f"{type(error).__name__}: {error}"))


def _begun(release_pk: int) -> Release | None:
    """The attempt, taken on; None where somebody else has it, or it is over."""
    begun = Release.objects.filter(pk=release_pk, state=Release.State.MAKING, begun_at=None).update(
        begun_at=timezone.now(), moved_at=timezone.now(), made_with=making()
    )
    return Release.objects.select_related("report__plan", "requested_by").get(pk=release_pk) if begun else None


def _released(attempt: Release) -> bool:
    """Make the files and show them; False where the chain has grown meanwhile, so that they say it wrongly."""
    plan = attempt.report.plan
    stamp = next_stamp(plan)
    frozen = {language: _stamped(attempt, language, stamp) for language in LANGUAGES}
    files: list[StoredFile] = []
    for language, form in KINDS:
        _alive(attempt, len(files))
        name = file_name(plan.slug, stamp.number, language, form)
        try:
            content = file_of(frozen, language, form)
        except (FontsMissing, RenderingFailed) as error:
            raise Failed(Problem.FILE, name, str(error)) from error
        files.append(_stored(attempt, language, form, name, content))
    _alive(attempt, len(files))
    return _shown(attempt, stamp, frozen, files)


def next_stamp(plan: ActionPlan) -> Stamp:
    """What a report of the plan would get if it were released now."""
    last = Report.objects.released().filter(plan=plan).aggregate(last=Max("number"))["last"] or 0
    today = timezone.localtime(clock(), timezone.get_default_timezone()).date()
    return Stamp(last + 1, today, present_checkpoint())


def _stamped(attempt: Release, language: str, stamp: Stamp) -> str:
    """The frozen figures of a language with what the release decides, as canonical JSON."""
    by_language: Any = attempt.figures
    figures = from_plain(Figures, by_language[language])
    with translation.override(language):
        report = replace(
            figures.report,
            state=Report.State.RELEASED.value,
            number=stamp.number,
            released=day(stamp.released_on),
            checkpoint=stamp.checkpoint,
        )
    return to_json(replace(figures, report=report))


def _alive(attempt: Release, files_made: int) -> None:
    """Tell how far it is. Raises Abandoned where nobody waits for it any more."""
    waiting = Release.objects.filter(pk=attempt.pk, state=Release.State.MAKING)
    if not waiting.update(files_made=files_made, moved_at=timezone.now()):
        raise Abandoned


def _stored(attempt: Release, language: str, form: str, name: str, content: bytes) -> StoredFile:
    """Raises Failed where the storage does not hold afterwards what it was given."""
    try:
        path = default_storage.save(f"{attempt.folder}/{name}", ContentFile(content))
        with default_storage.open(path) as stored:
            os.fsync(stored.fileno())  # on the disk before the row is
            whole = stored.read() == content
    except OSError as error:
        raise Failed(Problem.STORAGE, name, f"{type(error).__name__}: {error.strerror}") from error
    if not whole or path != f"{attempt.folder}/{name}":
        raise Failed(Problem.STORAGE, name)
    return StoredFile(language, form, path, len(content), hashlib.sha256(content).hexdigest())


@transaction.atomic
def _shown(attempt: Release, stamp: Stamp, frozen: Mapping[str, str], files: list[StoredFile]) -> bool:
    """Number, figures, files and state at once; False, and nothing, where the stamp is no longer the next one."""
    hold_chain()
    attempt = locked(attempt)
    if attempt.state != Release.State.MAKING:
        raise Abandoned
    report = locked(attempt.report)
    if next_stamp(report.plan) != stamp:
        return False
    figures = {language: json.loads(canonical) for language, canonical in frozen.items()}
    if narrative_of(report) != narrative_in(figures):
        raise Failed(Problem.CHANGED)
    report.state, report.number, report.as_of, report.figures = (
        Report.State.RELEASED,
        stamp.number,
        attempt.as_of,
        figures,
    )
    report.released_at, report.released_by = clock(), attempt.requested_by
    report.search_text = words_in(figures)
    keep(report, attempt.requested_by, "released")
    last = chained_files().last()
    position, previous = (last.position, last.sha256) if last else (0, "")
    for place, file in enumerate(files, start=position + 1):
        ReportFile.objects.create(
            report=report,
            language=file.language,
            format=file.form,
            file=file.path,
            size=file.size,
            sha256=file.sha256,
            position=place,
            previous_sha256=previous,
        )
        previous = file.sha256
    attempt.state, attempt.figures = Release.State.DONE, None
    attempt.save()
    # What was tried on the way is nobody's business any more. Who took a draft stays written down.
    report.draft_files.all().delete()
    return True


def give_up(attempt: Release, failure: Failed) -> None:
    """The attempt comes to nothing; its files go, and its row says why."""
    Release.objects.filter(pk=attempt.pk, state=Release.State.MAKING).update(
        state=Release.State.FAILED,
        figures=None,
        problem=failure.problem,
        problem_place=failure.place,
        problem_details=failure.details[:4000],
    )
    _remove_files(attempt)


def _remove_files(attempt: Release) -> None:
    if default_storage.exists(attempt.folder):
        _folders, names = default_storage.listdir(attempt.folder)
        for name in names:
            default_storage.delete(f"{attempt.folder}/{name}")
        default_storage.delete(attempt.folder)
