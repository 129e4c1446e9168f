"""Whether everything that was released is still what was released: files, chain, figures, and the checkpoints printed.

Each problem is one sentence. What the database's owner rewrites without a trace shows against a checkpoint that
somebody else has kept, on paper or elsewhere.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from django.core.files.storage import default_storage
from django.utils import timezone

from commitments.localised import LANGUAGES
from reports.chain import chained_files, checkpoint_of
from reports.content import Checkpoint
from reports.frozen import canonical_of, narrative_in, narrative_of
from reports.models import Report, ReportFile
from reports.released_files import KINDS, file_name


def verify(kept: Iterable[Checkpoint] = ()) -> Iterator[str]:
    """What is wrong, a sentence each; nothing where all is as it was. ``kept``: checkpoints from outside."""
    files = list(chained_files().select_related("report__plan").defer("report__figures"))
    for file in files:
        yield from _file(file)
    yield from _chain(files)
    by_report = defaultdict(list)
    for file in files:
        by_report[file.report_id].append(file)
    reports = Report.objects.released().select_related("plan", "supersedes").prefetch_related("sections")
    for report in reports.order_by("plan", "number").iterator(chunk_size=20):
        yield from _report(report, by_report[report.pk], files)
    yield from _numbers()
    for checkpoint in kept:
        yield from _checkpoint(checkpoint, files, "The checkpoint that was given")


def _named(report: Report) -> str:
    return f"Report {report.plan.slug}/{report.number}"


def _file(file: ReportFile) -> Iterator[str]:
    name = f"File {file.position}, {file.name}"
    if file.report.state != Report.State.RELEASED:
        yield f"{name}: it belongs to a report that is not released."
    try:
        stored = default_storage.open(str(file.file))
    except (OSError, ValueError) as error:
        yield f"{name}: it cannot be read ({type(error).__name__})."
        return
    with stored:
        digest = hashlib.file_digest(stored, "sha256")
        size = stored.tell()
    if size != file.size:
        yield f"{name}: it has {size} bytes, not {file.size}."
    if digest.hexdigest() != file.sha256:
        yield f"{name}: its content has changed; its SHA-256 is {digest.hexdigest()}, not {file.sha256}."


def _chain(files: list[ReportFile]) -> Iterator[str]:
    place, previous = 0, ""
    for file in files:
        name = f"File {file.position}, {file.name}"
        place += 1
        if file.position != place:
            missing = f"{place}" if file.position == place + 1 else f"{place} to {file.position - 1}"
            yield f"{name}: the chain is broken before it; {missing} is missing."
            place = file.position
        if file.previous_sha256 != previous:
            said = file.previous_sha256 or "no file"
            yield f"{name}: it follows {said}, but the file before it is {previous or 'none'}."
        previous = file.sha256


def _report(report: Report, own: list[ReportFile], files: list[ReportFile]) -> Iterator[str]:
    name = _named(report)
    found = [(file.language, file.format) for file in own]
    for kind in KINDS:
        if kind not in found:
            yield f"{name}: its file {file_name(report.plan.slug, report.number or 0, *kind)} has no row."
    for file in own:
        if (file.language, file.format) not in KINDS:
            yield f"{name}: no report has a file such as {file.name}."
        elif file.name != file_name(report.plan.slug, report.number or 0, file.language, file.format):
            yield f"{name}: {file.name} is the name of another file."
    if sorted(found, key=KINDS.index if set(found) <= set(KINDS) else None) != found or _scattered(own):
        yield f"{name}: its files do not follow each other in the chain."
    try:
        canonical = canonical_of(report)
        stamps = {language: report.figures[language]["report"] for language in LANGUAGES}  # type: ignore[index]
        moments = {report.figures[language]["as_of"] for language in LANGUAGES}  # type: ignore[index]
        narrative = narrative_in(report.figures)  # type: ignore[arg-type]
    except (KeyError, TypeError):
        yield f"{name}: its frozen figures cannot be read."
        return
    for file in own:
        if file.format == ReportFile.Format.JSON and file.language in canonical:
            yield from _same_figures(name, file, canonical[file.language])
    for language, stamp in stamps.items():
        said = (stamp["kind"], stamp["period_code"], stamp["number"])
        if said != (report.kind, report.period_code, report.number):
            yield f"{name}: its row says {report.kind} {report.period_code}, its figures ({language}) something else."
    as_of = timezone.localtime(report.as_of, timezone.get_default_timezone()).isoformat(timespec="seconds")
    if moments != {as_of}:
        yield f"{name}: its row says that the record is as of {as_of}, its figures something else."
    if narrative_of(report) != narrative:
        yield f"{name}: the words of its sections are not those that were frozen."
    for printed in {json.dumps(stamp.get("checkpoint"), sort_keys=True) for stamp in stamps.values()}:
        yield from _printed(name, json.loads(printed), own, files)


def _scattered(own: list[ReportFile]) -> bool:
    return bool(own) and own[-1].position - own[0].position != len(own) - 1


def _same_figures(name: str, file: ReportFile, canonical: str) -> Iterator[str]:
    if hashlib.sha256(canonical.encode("utf-8")).hexdigest() != file.sha256:
        yield f"{name}: the frozen figures in the database are not those of {file.name}."


def _printed(name: str, printed: Any, own: list[ReportFile], files: list[ReportFile]) -> Iterator[str]:
    """The checkpoint that a report prints: where its own files begin, and what was before them."""
    if not isinstance(printed, dict):
        yield f"{name}: it prints no checkpoint."
        return
    checkpoint = Checkpoint(printed["count"], printed["head"])
    if own and own[0].position != checkpoint.count + 1:
        before = own[0].position - 1
        yield f"{name}: it prints that {checkpoint.count} files were released before it, but there are {before}."
    yield from _checkpoint(checkpoint, files, f"{name}: the checkpoint that it prints")


def _checkpoint(checkpoint: Checkpoint, files: list[ReportFile], what: str) -> Iterator[str]:
    if len(files) < checkpoint.count:
        yield f"{what} counts {checkpoint.count} files, but there are {len(files)}: the end of the chain was cut off."
    elif checkpoint_of(files[: checkpoint.count]) != checkpoint:
        yield f"{what} is not that of the first {checkpoint.count} files: the chain was rewritten."


def _numbers() -> Iterator[str]:
    """Of each plan: from 1, without a gap."""
    numbers: dict[str, list[int]] = defaultdict(list)
    for slug, number in Report.objects.released().order_by("plan__slug", "number").values_list("plan__slug", "number"):
        numbers[slug].append(number or 0)
    for slug, own in numbers.items():
        for number in sorted(set(range(1, max(own) + 1)) - set(own)):
            yield f"Report {slug}/{number}: it is missing."
