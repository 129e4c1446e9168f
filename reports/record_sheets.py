"""The sheets of what is late and owed, and of what stands beside the ratings: meetings, words, evidence."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from reports.content import Figures, PunctualityPart
from reports.sheets import CODE, DAY, NUMBER, PROSE, Column, Row, Table, as_date, percent_or_number


def record_tables(figures: Figures) -> list[Table]:
    return [
        Table(_("Overdue"), _overdue_columns(), _overdue(figures)),
        Table(_("Due dates by agency"), _punctuality_columns(), _punctuality(figures)),
        Table(_("Responses owed"), _owed_columns(), _owed(figures)),
        Table(_("Meetings"), _meeting_columns(), _meetings(figures)),
        Table(_("Text"), _section_columns(), _sections(figures)),
        Table(_("Printed figures"), _claim_columns(), _claims(figures)),
        Table(_("Comments"), _comment_columns(), _comments(figures)),
        Table(_("Corrections"), _correction_columns(), _corrections(figures)),
        Table(_("Evidence"), _evidence_columns(), _evidence(figures)),
    ]


def _overdue_columns() -> list[Column]:
    return [
        Column(_("Code"), 9, CODE),
        Column(_("Title"), 60),
        Column(_("Agencies"), 50),
        Column(_("Due by"), 12, DAY),
        Column(_("Government"), 30),
    ]


def _overdue(figures: Figures) -> Iterator[Row]:
    for row in figures.overdue:
        agencies = "; ".join(agency.text for agency in row.agencies)
        yield [row.code, row.title.text, agencies, as_date(row.due_on), row.rated.words]


def _punctuality_columns() -> list[Column]:
    titles = (
        _("All"),
        _("In time"),
        _("Late"),
        _("Done, not known when"),
        _("Overdue"),
        _("Not due"),
        _("No date"),
    )
    return [Column(_("Agency"), 60), *(Column(title, 13, NUMBER) for title in titles), Column(_("Overdue"), 30, CODE)]


def _punctuality(figures: Figures) -> Iterator[Row]:
    rows: list[tuple[str, PunctualityPart]] = [(row.agency.text, row) for row in figures.punctuality_by_agency]
    for name, row in [*rows, (_("The plan as a whole"), figures.punctuality)]:
        counts = (row.total, row.on_time, row.late, row.done, row.overdue, row.ahead, row.undated)
        yield [name, *counts, ", ".join(row.overdue_codes)]


def _owed_columns() -> list[Column]:
    return [
        Column(_("Agency"), 60),
        Column(_("Code"), 9, CODE),
        Column(_("Organisation"), 50),
        Column(_("Since"), 12, DAY),
    ]


def _owed(figures: Figures) -> Iterator[Row]:
    for row in figures.owed:
        for answer in row.answers:
            yield [row.agency.text, answer.code, answer.organisation.text, as_date(answer.since_on)]


def _meeting_columns() -> list[Column]:
    return [
        Column(_("Date"), 12, DAY),
        Column(_("Date, as printed"), 20),
        Column(_("Kind"), 20),
        Column(_("Title"), 50),
        Column(_("In the period"), 11),
        Column(_("Participants"), 12, NUMBER),
        Column(_("From government"), 12, NUMBER),
        Column(_("Others"), 12, NUMBER),
        Column(_("Record"), 50, PROSE),
        Column(_("Decision"), 50, PROSE),
    ]


def _meetings(figures: Figures) -> Iterator[Row]:
    for row in figures.meetings:
        yield [
            as_date(row.held_on),
            "" if row.held_on else row.held,
            row.kind_words,
            row.title.text,
            _("yes") if row.in_period else _("no"),
            row.participants_total,
            row.participants_government,
            row.participants_other,
            row.record.text,
            row.decision.text,
        ]


def _section_columns() -> list[Column]:
    return [Column(_("Section"), 30), Column(_("Text"), 110, PROSE)]


def _sections(figures: Figures) -> Iterator[Row]:
    for row in figures.sections:
        yield [row.title.text, row.plain]


def _claim_columns() -> list[Column]:
    return [
        Column(_("Figure"), 60),
        Column(_("Printed"), 14, NUMBER),
        Column(_("Counted here"), 14, NUMBER),
        Column(_("Differs"), 10),
        Column(_("Where it is printed"), 40),
    ]


def _claims(figures: Figures) -> Iterator[Row]:
    for row in figures.claims:
        differs = _("yes") if row.differs else _("no") if row.counted else ""
        printed, counted = percent_or_number(row.printed), percent_or_number(row.counted)
        yield [row.label.text, printed, counted, differs, row.source_place]


def _comment_columns() -> list[Column]:
    return [
        Column(_("Date"), 12, DAY),
        Column(_("Organisation"), 40),
        Column(_("Kind"), 16),
        Column(_("On"), 9, CODE),
        Column(_("Text"), 90, PROSE),
    ]


def _comments(figures: Figures) -> Iterator[Row]:
    for row in figures.comments:
        yield [as_date(row.stated_on), row.organisation.text, row.kind_words, row.subject, row.text.text]


def _correction_columns() -> list[Column]:
    return [
        Column(_("Code"), 9, CODE),
        Column(_("Whose"), 40),
        Column(_("Date"), 20),
        Column(_("Version"), 9, NUMBER),
        Column(_("Reason of the correction"), 80, PROSE),
    ]


def _corrections(figures: Figures) -> Iterator[Row]:
    for row in figures.corrections:
        yield [row.code, row.who, row.stated, row.version, row.reason]


def _evidence_columns() -> list[Column]:
    return [
        Column(_("Code"), 9, CODE),
        Column(_("Given by"), 36),
        Column(_("Title"), 50),
        Column(_("Kind"), 14),
        Column(_("Size in bytes"), 13, NUMBER),
        Column("SHA-256", 68, CODE),
        Column(_("Address"), 60),
        Column(_("Checked"), 36),
    ]


def _evidence(figures: Figures) -> Iterator[Row]:
    for row in figures.evidence:
        given = row.attachment
        yield [
            row.code,
            row.organisation.text or _("Government"),
            given.title.text or given.file_name or given.host,
            given.kind or (_("Link") if given.host else ""),
            given.size,
            given.sha256,
            given.address,
            given.checked if given.host else "",
        ]
