"""The report's figures as an Excel workbook, in its language: a sheet for each thing that is counted or listed.

Dates are dates, counts are numbers, codes are text. Sheets that would be empty are left out.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.utils import translation
from django.utils.translation import gettext as _
from openpyxl import Workbook

from commitments.workbooks import new_workbook, to_bytes
from reports.content import Figures
from reports.rating_sheets import rating_tables
from reports.record_sheets import record_tables
from reports.sheets import Column, Row, add_sheet

DRAFT_SIGN = "·"


def workbook_of(figures: Figures) -> bytes:
    """The workbook; headings in the report's language."""
    with translation.override(figures.language):
        book = new_workbook()
        book.properties.title = f"{figures.plan.title.text}: {figures.report.kind_words}, {figures.report.period_words}"
        book.properties.creator = _("OGP Mongolia Support Unit")
        _fill(book, figures)
    return to_bytes(book)


def _fill(book: Workbook, figures: Figures) -> None:
    head = f"{figures.plan.short_title}, {figures.report.kind_words}, {figures.report.period_words}"
    if figures.report.state == "draft":
        head = f"{_('Draft')} {DRAFT_SIGN} {head}"
    add_sheet(book, _("Report"), [Column("", 34), Column("", 100)], _about(figures), head=head, headless=True)
    for table in (*rating_tables(figures), *record_tables(figures)):
        rows = list(table.rows)
        if rows or table.stays_empty:
            add_sheet(book, table.title, table.columns, rows, head=head)


def _about(figures: Figures) -> Iterator[Row]:
    plan, report, totals = figures.plan, figures.report, figures.totals
    if plan.is_demonstration:
        yield [_("Demonstration"), _("Demonstration: everything in this plan is invented.")]
    if report.state == "draft":
        yield [_("Draft"), _("This report has not been released. Its figures and its wording may still change.")]
    yield [_("Plan"), plan.title.text]
    yield [_("Report"), report.kind_words]
    yield [_("Period"), f"{report.period_words}, {report.period_dates}"]
    if report.number is not None:
        yield [_("Number"), report.number]
    yield [_("Record as of"), figures.as_of_words]
    yield [_("On the site"), plan.address]
    yield [_("Government"), totals.headline]
    for rating in totals.government.ratings:
        yield [_("Government: %(rating)s") % {"rating": rating.label}, rating.count]
    yield [_("Government: not rated"), totals.government.not_rated]
    yield [_("NGO ratings compared"), totals.compared]
    yield [_("NGOs lower"), totals.lower]
    yield [_("NGOs equal"), totals.agree]
    yield [_("NGOs higher"), totals.higher]
    yield [_("Reviewer (IRM)"), totals.review_finding]
    if figures.changes:
        yield [_("Compared with"), figures.changes.since]
        yield [_("Improved"), len(figures.changes.improved)]
        yield [_("Slipped"), len(figures.changes.slipped)]
        yield [_("Newly rated"), len(figures.changes.newly_rated)]
        yield [_("No longer rated"), len(figures.changes.no_longer_rated)]
        yield [_("Unchanged"), figures.changes.unchanged]
        yield [_("Corrected since"), len(figures.changes.corrected)]
    yield [_("Overdue on %(day)s") % {"day": figures.due_looked_at}, figures.punctuality.overdue]
    yield [_("Responses owed"), figures.owed_answers]
