"""A quarter as a workbook: a row for each subject, what was said the quarter before beside it, what is asked unlocked.

What a cell says of an entry is decided here, for the export and for the import that reads it again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from assessments.entry import REASONS
from assessments.models import Evidence, ReportingPeriod, SelfAssessment
from assessments.ratings import SCALES, NoRatingReason, Rating
from assessments.sheet import SheetRow, read_sheet
from commitments.models import Commitment, Milestone, Organisation
from commitments.workbooks import (
    Column,
    add_instructions,
    add_table,
    in_both,
    in_both_languages,
    new_workbook,
    to_bytes,
)

TEXTS = tuple(name for name in SelfAssessment.WORDS if name[-3:] in {"_en", "_mn"})


def names() -> tuple[str, str]:
    """Of the sheet that is filled in."""
    return in_both_languages(_("Ratings"))


def instructions_names() -> tuple[str, str]:
    return in_both_languages(_("Instructions"))


def ratings_of(period: ReportingPeriod) -> list[tuple[str, Any]]:
    """What the rating's cell may say, besides nothing."""
    return [(rating.value, rating.label) for rating in SCALES[period.plan.rating_scale]]


def reasons() -> list[tuple[str, Any]]:
    return [(reason.value, reason.label) for reason in REASONS]


def columns(period: ReportingPeriod) -> tuple[Column, ...]:
    return (
        _column("code", Milestone._meta.get_field("code").verbose_name, 8, is_locked=True, is_required=True),
        _column("title", _("title"), 40, is_locked=True),
        _column("agencies", Milestone._meta.get_field("agencies").verbose_name, 24, is_locked=True),
        _column("due", Milestone._meta.get_field("due_text").verbose_name, 14, is_locked=True),
        _column("before", _("rating of the period before"), 22, is_locked=True),
        _word("rating", 26, choices=ratings_of(period)),
        _word("no_rating_reason", 22, choices=reasons()),
        _word("no_rating_text", 22),
        *(_word(name, 40) for name in TEXTS),
        _column("links", _("links, one a line"), 36),
        _column("state", _("state"), 12, is_locked=True),
        _column("period", SelfAssessment._meta.get_field("period").verbose_name, 16, is_locked=True, is_required=True),
        _column("version", _("version (do not change)"), 12, is_locked=True),
    )


def _word(name: str, width: int, choices: Sequence[tuple[str, Any]] = ()) -> Column:
    field: Any = SelfAssessment._meta.get_field(name)
    return _column(name, field.verbose_name, width, choices=choices)


def _column(
    key: str,
    label: str | Promise,
    width: int,
    *,
    is_locked: bool = False,
    is_required: bool = False,
    choices: Sequence[tuple[str, Any]] = (),
) -> Column:
    english, mongolian = in_both_languages(label)
    offered = tuple(in_both(word) for _code, word in choices)
    return Column(key, (capfirst(english), capfirst(mongolian)), width, is_locked, is_required, offered)


def name_of(period: ReportingPeriod) -> str:
    """How a workbook and a page name a period: ``nap-5/2025-Q1``."""
    return f"{period.plan.slug}/{period.code}"


def file_name(period: ReportingPeriod, agency: Organisation | None = None) -> str:
    parts = [period.plan.slug, period.code, *([agency.slug] if agency else [])]
    return f"{'-'.join(parts)}.xlsx"


def quarter_workbook(period: ReportingPeriod) -> bytes:
    """Every row of the period, drafts too: it is the support unit's."""
    return _workbook(period, read_sheet(period).rows)


def agency_workbook(period: ReportingPeriod, organisation: Organisation) -> bytes:
    """The rows that an agency has to say something about, for its focal points; what others do is not in it."""
    rows = read_sheet(period).rows
    return _workbook(period, [row for row in rows if organisation in row.agencies])


def _workbook(period: ReportingPeriod, rows: Sequence[SheetRow]) -> bytes:
    book = new_workbook()
    add_instructions(
        book, instructions_names(), [(name_of(period), name_of(period)), *map(in_both_languages, INSTRUCTIONS)]
    )
    locked = {row.code for row in rows if not row.is_editable}
    add_table(
        book,
        names(),
        columns(period),
        [cells_of(row, period) for row in rows],
        frozen=2,
        is_locked=lambda cells: cells["code"] in locked,
    )
    return to_bytes(book)


def cells_of(row: SheetRow, period: ReportingPeriod) -> dict[str, str]:
    """A row of the sheet as the cells of its row in the workbook."""
    subject, values = row.subject, values_of(row.entry)
    rating, reason = values["rating"], values["no_rating_reason"]
    return {
        **values,
        "code": row.code,
        "title": "\n".join(filter(None, [subject.title_mn, subject.title_en])),
        "agencies": "\n".join(" - ".join(filter(None, [each.name_mn, each.name_en])) for each in row.agencies),
        "due": subject.end_date_text if isinstance(subject, Commitment) else subject.due_text,
        "before": _said_before(row.earlier),
        "rating": in_both(Rating(rating).label) if rating else "",
        "no_rating_reason": in_both(NoRatingReason(reason).label) if reason else "",
        "links": "\n".join(links_of(row.entry)),
        "state": in_both(SelfAssessment.State(row.entry.state).label) if row.entry else "",
        "period": name_of(period),
        "version": str(version_of(row)),
    }


def values_of(entry: SelfAssessment | None) -> dict[str, str]:
    """What an entry says, by the names of its form's fields; empty where there is none yet."""
    return {name: (getattr(entry, name) or "") if entry else "" for name in SelfAssessment.WORDS}


def links_of(entry: SelfAssessment | None) -> list[str]:
    attached: list[Evidence] = list(entry.attachments.all()) if entry else []
    return [evidence.address for evidence in attached if evidence.address]


def version_of(row: SheetRow) -> int:
    """Number of the entry's newest history entry; 0 where nothing is entered."""
    return getattr(row.entry, "stored_version", None) or 0


def _said_before(earlier: SelfAssessment | None) -> str:
    if earlier is None:
        return ""
    said = Rating(earlier.rating).label if earlier.rating else NoRatingReason(earlier.no_rating_reason).label
    return f"{in_both(said)} ({earlier.period.code})"


INSTRUCTIONS = (
    _("One row for each milestone. Grey cells are locked: codes, titles and what was said the quarter before."),
    _("Choose the rating from the list of its cell. Where there is none, leave it empty and choose why."),
    _("Write in English, in Mongolian, or in both; each language has a column of its own."),
    _("Below green, say what stands in the way. For green, describe the evidence and give at least one link."),
    _("Links stand one a line, and are added to those that are there. Files are added on the site."),
    _("Rows that are submitted or published already are locked; what is published is corrected on the site."),
    _("Add no row and no column, change no code, and write no formula. Then send the file back."),
    _("Nothing is written before somebody of the support unit has seen every difference and confirmed it."),
)
