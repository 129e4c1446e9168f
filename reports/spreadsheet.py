"""The report's figures as an Excel workbook: a sheet each for counts, milestones, NGO answers and printed figures."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from reports.content import CommitmentPart, Figures, Subject

Row = list[str | int | None]


def workbook_of(figures: Figures) -> bytes:
    """The workbook; headings in the report's language. A text is never a formula, whatever it begins with."""
    with translation.override(figures.language):
        workbook = Workbook(write_only=True)
        if figures.plan.is_demonstration:
            sentence = _("Demonstration: everything in this plan is invented.")
            sheet = workbook.create_sheet(_("Demonstration"))
            sheet.append(list(_cells(sheet, [sentence], heading=True)))
        for title, rows in (
            (_("Commitments"), _commitments(figures)),
            (_("Milestones"), _milestones(figures)),
            (_("NGO answers"), _answers(figures)),
            (_("Printed figures"), _claims(figures)),
        ):
            sheet = workbook.create_sheet(title)
            sheet.freeze_panes = "A2"
            for place, row in enumerate(rows):
                sheet.append(list(_cells(sheet, row, heading=place == 0)))
    written = io.BytesIO()
    workbook.save(written)
    return written.getvalue()


def _cells(sheet: WriteOnlyWorksheet, row: Row, *, heading: bool) -> Iterator[WriteOnlyCell]:
    for value in row:
        cell: Any = WriteOnlyCell(sheet, value)
        if isinstance(value, str):
            cell.data_type = "s"
        if heading:
            cell.font = Font(bold=True)
        yield cell


def _commitments(figures: Figures) -> Iterator[Row]:
    ratings = figures.totals.government.ratings
    yield [
        _("Code"),
        _("Title"),
        _("OGP identifier"),
        _("Lead agency"),
        *(_("Government: %(rating)s") % {"rating": rating.label} for rating in ratings),
        _("Government: not rated"),
        _("Rated by NGOs"),
        _("NGOs lower"),
        _("NGOs equal"),
        _("NGOs higher"),
        _("Reviewer (IRM)"),
    ]
    for row in figures.commitments:
        totals = row.totals
        yield [
            row.code,
            row.title.text,
            row.ogp_identifier,
            "; ".join(lead.text for lead in row.leads),
            *(rating.count for rating in totals.government.ratings),
            totals.government.not_rated,
            totals.ngo_rated_subjects,
            totals.lower,
            totals.agree,
            totals.higher,
            row.review.words,
        ]


def _subjects(commitment: CommitmentPart, figures: Figures) -> Iterable[tuple[Subject, str, str]]:
    """What is rated, with its title and when it is due."""
    if figures.plan.rated_as_whole:
        return [(commitment.whole, commitment.title.text, commitment.ends)]
    return [(row.subject, row.title.text, row.due) for row in commitment.milestones]


def _milestones(figures: Figures) -> Iterator[Row]:
    yield [
        _("Commitment"),
        _("Code"),
        _("Title"),
        _("Due, as printed"),
        _("Government"),
        _("Why there is no rating"),
        _("Evidence"),
        _("What stands in the way"),
        _("Contested"),
    ]
    for commitment in figures.commitments:
        for subject, title, due in _subjects(commitment, figures):
            own = subject.government
            yield [
                commitment.code,
                subject.code,
                title,
                due,
                own.rated.words if own else "",
                own.rated.reason if own else "",
                own.evidence.text if own else "",
                own.challenges.text if own else "",
                _("yes") if subject.contested else _("no"),
            ]


def _answers(figures: Figures) -> Iterator[Row]:
    yield [
        _("Code"),
        _("Organisation"),
        _("Date"),
        _("Rating"),
        _("Gap in steps"),
        _("Recommendation"),
        _("Justification"),
        _("Condition"),
    ]
    for commitment in figures.commitments:
        for subject, _title, _due in _subjects(commitment, figures):
            for answer in subject.answers:
                yield [
                    subject.code,
                    answer.organisation.text,
                    answer.stated,
                    answer.rated.words if answer.is_verdict else answer.rated.reason,
                    answer.gap,
                    answer.recommendation.text,
                    answer.justification.text,
                    answer.condition.text,
                ]


def _claims(figures: Figures) -> Iterator[Row]:
    yield [_("Figure"), _("Printed"), _("Counted here"), _("Where it is printed")]
    for claim in figures.claims:
        yield [claim.label.text, claim.printed, claim.counted, claim.source_place]
