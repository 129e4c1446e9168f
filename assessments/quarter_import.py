"""Brings a quarter's workbook into the record as drafts, each row through the form of the sheet, all of them or none.

A cell that still says what it said when the file was downloaded was left alone by whoever filled the file in: it
changes nothing, whatever was entered on the site meanwhile. A preview is the import itself, rolled back.
"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessments import lifecycle
from assessments.entry import save_entry
from assessments.files import EvidenceLinkField
from assessments.models import ReportingPeriod, SelfAssessment
from assessments.quarter_workbook import (
    cells_of,
    columns,
    instructions_names,
    links_of,
    name_of,
    names,
    ratings_of,
    reasons,
    values_of,
    version_of,
)
from assessments.ratings import NoRatingReason
from assessments.sheet import Queue, SheetRow, read_sheet
from commitments import roles
from commitments.admin.versions import latest_version
from commitments.workbooks import (
    Change,
    Preview,
    Problem,
    ReadWorkbook,
    Row,
    RowChange,
    Upload,
    carry_out,
    code_of,
    read_workbook,
    roll_back,
)

NOT_RATED = gettext_lazy("Not rated")
# In which column a sentence about a field stands; the others stand in the column of their own name.
_COLUMN_OF = {"attachments": "links", "new_link": "links", "new_files": "links"}


def preview_quarter(upload: Upload, period: ReportingPeriod, *, by: Any) -> Preview:
    """What importing the file would do. Raises ValidationError for a file that is no workbook."""
    book = read_workbook(upload.content)
    return roll_back(lambda: _Importer(upload, period, by=by, reason="").run(book))


def import_quarter(
    upload: Upload, period: ReportingPeriod, *, by: Any, reason: str = "", confirmed: str | None = None
) -> Preview:
    """Write the file's rows as drafts, and answer what was written.

    ``confirmed``: the fingerprint of the preview that somebody said yes to. Raises ValidationError for a file that is
    no workbook, `Refused` where it has problems or the record is not the one of the preview any more, and
    PermissionDenied for whoever is not of the support unit.
    """
    book = read_workbook(upload.content)
    return carry_out(lambda: _Importer(upload, period, by=by, reason=reason).run(book), confirmed)


class _Importer:
    def __init__(self, upload: Upload, period: ReportingPeriod, *, by: Any, reason: str) -> None:
        lifecycle.require(roles.is_support_unit, by)
        self.period, self.by, self.reason = period, by, upload.reason(reason)
        self.columns = columns(period)
        self.labels = {column.key: column.label for column in self.columns}
        self.preview = Preview(about=f"{period.plan.short_name}, {period.name}")
        self.title = ""

    def run(self, book: ReadWorkbook) -> Preview:
        table = book.table(names(), self.columns)
        sheet = book.sheet(names())
        self.title = sheet.title if sheet else ""
        self.preview.problems += table.problems
        for heading in table.unread:
            text = _("This column is not read.")
            self.preview.warnings.append(Problem(self.title, 0, heading.replace("\n", " - "), text))
        for title in book.unread_sheets([names(), instructions_names()]):
            self.preview.warnings.append(Problem(title, 0, "", _("This sheet is not read.")))
        if not table.is_readable or not self._is_of_this_period(table.rows):
            return self.preview
        try:
            self.period = lifecycle.held_for_entry(self.period)
        except ValidationError as refusal:
            self._problem(0, "", refusal.messages[0])
            return self.preview
        self._write(table.rows)
        self.preview.problems.sort(key=lambda problem: problem.row)
        return self.preview

    def _is_of_this_period(self, rows: tuple[Row, ...]) -> bool:
        """One sentence for a file of another quarter; rows pasted from one are named each."""
        here = name_of(self.period)
        others = {row.texts["period"] for row in rows} - {here}
        if len(others) == 1 and all(row.texts["period"] != here for row in rows):
            sentence = _("This workbook is of %(other)s, and this page of %(here)s.")
            self._problem(0, "", sentence % {"other": others.pop() or "–", "here": here})
            return False
        return True

    def _write(self, rows: tuple[Row, ...]) -> None:
        before = {row.code: row for row in read_sheet(self.period).rows}
        self.preview.versions = [[code, version_of(row), links_of(row.entry)] for code, row in before.items()]
        seen: dict[str, int] = {}
        written: list[tuple[Row, SheetRow]] = []
        for row in rows:
            code = row.texts["code"]
            if row.texts["period"] != name_of(self.period):
                sentence = _("This row is of %(other)s.") % {"other": row.texts["period"] or "–"}
                self._problem(row.number, "period", sentence)
            elif code not in before:
                sentence = _("%(plan)s has no row “%(code)s” in this quarter.")
                self._problem(row.number, "code", sentence % {"plan": self.period.plan.short_name, "code": code})
            elif code in seen:
                sentence = _("This stands in row %(number)d already.") % {"number": seen[code]}
                self._problem(row.number, "code", sentence)
            elif self._write_row(row, before[code]):
                written.append((row, before[code]))
            seen.setdefault(code, row.number)
        self._compare(written, {row.code: row for row in read_sheet(self.period).rows}, seen)

    def _write_row(self, row: Row, stored: SheetRow) -> bool:
        """Whether the row was written; False for one that says what the record says, or has a problem."""
        count = len(self.preview.problems)
        data, links = self._asked(row, stored)
        if len(self.preview.problems) > count:
            return False
        if data == values_of(stored.entry) and not links:
            self.preview.unchanged += 1
            return False
        if not stored.is_editable:
            self._problem(row.number, "", _why_refused(stored))
            return False
        version = version_of(stored)
        for link in links or [""]:
            sent = {**data, "new_link": link, "opened_version": version}
            form = save_entry(self.period, stored.subject, sent, by=self.by, reason=self.reason)
            for name, sentences in form.errors.items():
                for sentence in sentences:
                    self._problem(row.number, _COLUMN_OF.get(name, name), str(sentence))
            if form.errors:
                return False
            version = latest_version(SelfAssessment, form.instance.pk)
        return True

    def _asked(self, row: Row, stored: SheetRow) -> tuple[dict[str, str], list[str]]:
        """What the entry is to say, and the links that it has not yet; what cannot be read is added to the problems."""
        now = values_of(stored.entry)
        data = dict(now)
        then = self._when_downloaded(row, stored)
        for name in SelfAssessment.WORDS:
            if name in row.texts:
                value = self._value(row, name)
                if then is None or value != then[name]:
                    data[name] = value
                    if then is not None and now[name] not in {then[name], value} and stored.saved:
                        sentence = _("%(who)s changed this after the file was downloaded: see “before”.")
                        self._warn(row.number, name, sentence % {"who": stored.saved.by})
        if data["rating"] and (data["no_rating_reason"] or data["no_rating_text"]):
            # As in the form: a reason beside a rating is a leftover of a choice that was changed.
            if row.texts.get("no_rating_reason") or row.texts.get("no_rating_text"):
                self._warn(row.number, "no_rating_reason", _("There is a rating, so this is left out."))
            data |= {"no_rating_reason": "", "no_rating_text": ""}
        return data, self._new_links(row, stored)

    def _when_downloaded(self, row: Row, stored: SheetRow) -> dict[str, str] | None:
        """What the row said when the file was downloaded; None where that is not known."""
        version = row.texts.get("version", "")
        if not (version.isascii() and version.isdigit() and len(version) < 19):
            return None
        if int(version) == version_of(stored):
            return values_of(stored.entry)
        if int(version) == 0:
            return values_of(None)
        known = SelfAssessment.history.filter(id=stored.entry.pk) if stored.entry else SelfAssessment.history.none()
        entry = known.filter(history_id=int(version)).first()
        return values_of(entry) if entry else None

    def _value(self, row: Row, name: str) -> str:
        text = row.texts[name]
        offered = {"rating": ratings_of(self.period), "no_rating_reason": reasons()}.get(name)
        if offered is None or not text:
            return text
        code = code_of(text, [*offered, ("", NOT_RATED), *(NoRatingReason.choices if name != "rating" else ())])
        if code is None:
            choices = "; ".join(str(label) for _code, label in offered)
            sentence = _("“%(name)s” is none of these: %(choices)s.")
            self._problem(row.number, name, sentence % {"name": text, "choices": choices})
        return code or ""

    def _new_links(self, row: Row, stored: SheetRow) -> list[str]:
        there = links_of(stored.entry)
        new: list[str] = []
        for text in row.texts.get("links", "").split():
            try:
                link = EvidenceLinkField().clean(text)
            except ValidationError as refusal:
                self._problem(row.number, "links", f"{text}: {' '.join(refusal.messages)}")
                continue
            if link not in [*there, *new]:
                new.append(link)
        return new

    def _compare(self, written: list[tuple[Row, SheetRow]], after: dict[str, SheetRow], rows: dict[str, int]) -> None:
        """Every difference, and what the drafts of the file still lack."""
        for row, stored in written:
            old, new = cells_of(stored, self.period), cells_of(after[stored.code], self.period)
            changes = tuple(
                Change(column.label, old[column.key], new[column.key])
                for column in self.columns
                if not column.is_locked and old[column.key] != new[column.key]
            )
            change = RowChange(self.title, row.number, str(stored.subject), stored.entry is None, changes)
            self.preview.changes.append(change)
        for code, number in rows.items():
            if code in after and after[code].entry:
                for name, sentence in after[code].missing.items():
                    self._warn(number, _COLUMN_OF.get(name, name), sentence)

    def _problem(self, row: int, key: str, text: str) -> None:
        self.preview.problems.append(Problem(self.title, row, self.labels.get(key, ""), text))

    def _warn(self, row: int, key: str, text: str) -> None:
        self.preview.warnings.append(Problem(self.title, row, self.labels.get(key, ""), text))


def _why_refused(row: SheetRow) -> str:
    if row.queue == Queue.SUBMITTED:
        return _("It is submitted, and the file says something else: it has to be returned before it can be changed.")
    return _("It is published, and the file says something else: a published rating is corrected, not edited.")
