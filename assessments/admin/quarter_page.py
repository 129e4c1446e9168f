"""What the quarter sheet's page shows: the open rows with their forms, queues as links, filters as choices."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from django.forms import BoundField
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.http import urlencode
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from assessments.entry import EntryForm, open_form
from assessments.models import ReportingPeriod, SelfAssessment
from assessments.models.subjects import column_of
from assessments.ratings import Light
from assessments.sheet import Filters, Progress, Queue, Sheet, SheetGroup, SheetRow, read_progress, read_sheet
from commitments import roles
from commitments.localised import LANGUAGES
from commitments.models import ActionPlan

DAYS_SOON = 3  # from here on a deadline is set in bold
State = ReportingPeriod.State


@dataclass(frozen=True)
class Deadline:
    """A moment with what happens then; ``left`` is how long it is until then, in words."""

    kind: str  # open, soon, late: how the chip looks
    label: str
    moment: datetime.datetime
    left: str


def deadline_of(period: ReportingPeriod) -> Deadline | None:
    """When entry closes, or when it ought to have been closed; None where nobody set a day."""
    closes, now = period.entry_closes_at, timezone.now()
    if period.state(now) != State.ENTRY or closes is None:
        return None
    days = (timezone.localdate(closes) - timezone.localdate(now)).days
    if closes <= now:
        left = ngettext("%(days)d day ago", "%(days)d days ago", -days) % {"days": -days} if days else _("today")
        return Deadline("late", _("Entry was to close"), closes, left)
    left = ngettext("%(days)d day left", "%(days)d days left", days) % {"days": days} if days else _("today")
    return Deadline("soon" if days <= DAYS_SOON else "open", _("Entry closes"), closes, left)


@dataclass(frozen=True)
class OpenRow:
    """A row with its form; no form where its text may not be changed."""

    row: SheetRow
    form: EntryForm | None

    @property
    def evidence(self) -> BoundField:
        return self._text("evidence")

    @property
    def challenges(self) -> BoundField:
        return self._text("challenges")

    @property
    def is_translated(self) -> bool:
        """Whether the row is written in another language than the one that is read."""
        return self.form is not None and self.form.language != (get_language() or LANGUAGES[0])[:2]

    @property
    def more(self) -> list[BoundField]:
        """The texts that open under the row: the same in the other language, then what is seldom filled in."""
        if self.form is None:
            return []
        own = self.form.language
        languages = sorted(LANGUAGES, key=lambda language: language != own)
        order = [f"{text}_{languages[-1]}" for text in ("evidence", "challenges")]
        order += [f"{text}_{lang}" for lang in languages for text in ("next_steps", "additional_information")]
        return [self.form[name] for name in order]

    @property
    def more_filled(self) -> int:
        return sum(bool(bound.value()) for bound in self.more)

    @property
    def is_more_open(self) -> bool:
        return any(bound.errors for bound in self.more)

    @property
    def is_evidence_open(self) -> bool:
        names = ("removed", "new_files", "new_link", "new_link_title")
        return self.form is not None and any(self.form[name].errors for name in names)

    def _text(self, name: str) -> BoundField:
        assert self.form is not None  # noqa: S101 (asked for where there is a form)
        return self.form[f"{name}_{self.form.language}"]


def open_row(row: SheetRow, can_enter: bool, refused: EntryForm | None = None) -> OpenRow:
    """``refused``: the form of this row that was sent and not saved."""
    if refused is not None or not (can_enter and row.is_editable):
        return OpenRow(row, refused)
    entry = row.entry
    if entry is None:
        column = column_of(row.subject)
        entry = SelfAssessment(**{column: row.subject})
    form = open_form(entry)
    if row.is_entered:
        form.say(row.missing)
    return OpenRow(row, form)


@dataclass(frozen=True)
class OpenGroup:
    """A commitment's line with the counts of all its rows, and the rows that are open under it, if any."""

    group: SheetGroup
    rows: tuple[OpenRow, ...]
    address: str

    @property
    def waiting(self) -> list[str]:
        """How many rows stand in which queue, in words; queues without any are left out."""
        counts = self.group.counts.by_queue
        return [f"{counts[queue]} {queue.label.lower()}" for queue in Queue if counts[queue]]


class SheetPage:
    """The page of a period as one request asks for it. Bound to a row by ``code``, which is shown in any case."""

    def __init__(
        self,
        request: HttpRequest,
        period: ReportingPeriod,
        *,
        refused: EntryForm | None = None,
        code: str = "",
        is_alone: bool = False,
    ) -> None:
        self.user, self.period, self.refused, self.code = request.user, period, refused, code
        self.is_alone = is_alone or "alone" in request.GET
        self.filters = Filters(
            **{name: request.GET.get(name, "") for name in ("commitment", "agency", "queue", "light")}
        )
        self.asked_open = request.GET.get("open", "")
        self.can_enter = period.state() == State.ENTRY

    @cached_property
    def sheet(self) -> Sheet:
        return read_sheet(self.period)

    @property
    def row(self) -> SheetRow | None:
        return self.sheet.row(self.code)

    @property
    def is_narrowed(self) -> bool:
        return self.filters != Filters()

    @property
    def address(self) -> str:
        """The sheet with the same filters."""
        return self._address()

    @property
    def row_address(self) -> str:
        """The place of the row where it was sent from."""
        row = self.row
        if row is None or self.is_alone:
            return reverse("admin:quarter_row", args=[self.period.plan.slug, self.period.code, self.code])
        opened = "" if self.is_narrowed else row.commitment.code
        return f"{self._address(open=opened)}#{row.anchor}"

    def _address(self, **changed: str) -> str:
        address = reverse("admin:quarter", args=[self.period.plan.slug, self.period.code])
        query = self._query(**changed)
        return f"{address}?{query}" if query else address

    def _query(self, **changed: str) -> str:
        return urlencode({name: value for name, value in (asdict(self.filters) | changed).items() if value})

    def groups(self) -> Iterator[OpenGroup]:
        """Narrowed: what the filters take, all of it open. Otherwise every line, one of them open."""
        narrowed = self.sheet.filtered(self.filters, keep=self.code) if self.is_narrowed else self.sheet
        whole = {group.commitment.pk: group for group in self.sheet.groups}
        opened = None if self.is_narrowed else self._opened()
        for group in narrowed.groups:
            is_open = self.is_narrowed or group.commitment.code == opened
            rows = tuple(self._open_row(row) for row in group.rows) if is_open else ()
            yield self._line(whole[group.commitment.pk], rows)

    @property
    def group(self) -> OpenGroup | None:
        """The line of the commitment that the row belongs to, without any row."""
        row = self.row
        found = (group for group in self.sheet.groups if row and group.commitment.pk == row.commitment.pk)
        return next((self._line(group) for group in found), None)

    def _line(self, group: SheetGroup, rows: tuple[OpenRow, ...] = ()) -> OpenGroup:
        return OpenGroup(group, rows, f"{self._address(open=group.commitment.code)}#{group.anchor}")

    def _opened(self) -> str | None:
        """The commitment that is asked for; else the first one that waits for somebody to enter something."""
        if self.code and self.row:
            return self.row.commitment.code
        if self.asked_open or not self.can_enter:
            return self.asked_open
        waiting = (group for group in self.sheet.groups if any(row.is_editable for row in group.rows))
        return next((group.commitment.code for group in waiting), None)

    def _open_row(self, row: SheetRow) -> OpenRow:
        return open_row(row, self.can_enter, self.refused if row.code == self.code else None)

    def queues(self) -> list[tuple[Any, int, str, bool]]:
        """Label, count under the other filters, address, whether it is the one shown."""
        rows = [row for row in self.sheet.rows if self.filters.takes(row, queue=False)]
        links: list[tuple[Any, int, str, bool]] = [
            (_("All"), len(rows), self._address(queue=""), not self.filters.queue)
        ]
        for queue in Queue:
            count = sum(row.queue == queue for row in rows)
            links.append((queue.label, count, self._address(queue=queue.value), self.filters.queue == queue))
        return links

    def choices(self) -> list[tuple[str, str, list[tuple[str, Any, bool]]]]:
        """Name, label and options (value, words, whether chosen) of each filter."""
        commitments = [(group.commitment.code, str(group.commitment)) for group in self.sheet.groups]
        agencies = [(agency.slug, str(agency)) for agency in self.sheet.agencies]
        lights = [*Light.choices, ("none", _("Not rated"))]
        offered: list[tuple[str, str, list[tuple[str, Any]]]] = [
            ("commitment", _("Commitment"), commitments),
            ("agency", _("Agency"), agencies),
            ("light", _("Light"), lights),
        ]
        return [
            (name, label, [(value, words, getattr(self.filters, name) == value) for value, words in options])
            for name, label, options in offered
        ]

    def context(self) -> dict[str, Any]:
        return {
            "page": self,
            "period": self.period,
            "plan": self.period.plan,
            "counts": self.sheet.counts,
            "deadline": deadline_of(self.period),
            "queues": self.queues(),
            "choices": self.choices(),
            "query": "alone=1" if self.is_alone else self._query(open=self.asked_open),
            "can_enter": self.can_enter,
            "is_publisher": roles.is_publisher(self.user),
            "refused": self.refused,
            "said": _("%(code)s is not saved. Nothing of what you typed is lost.") % {"code": self.code},
            "opened": self._open_row(self.row) if self.row else None,
        }


@dataclass(frozen=True)
class Quarter:
    """A period in the list of all."""

    period: ReportingPeriod
    progress: Progress
    deadline: Deadline | None


def plans_quarters(user: Any) -> list[tuple[ActionPlan, list[Quarter]]]:
    """Every plan with its quarters, newest first: all that have begun or were opened, and the next one."""
    periods = ReportingPeriod.objects.visible_to(user).select_related("plan").order_by("plan", "ends_on")
    by_plan: dict[ActionPlan, list[ReportingPeriod]] = {}
    today = timezone.localdate()
    has_next: set[ActionPlan] = set()
    for period in periods:
        shown = by_plan.setdefault(period.plan, [])
        is_to_come = period.state() == State.PLANNED and period.starts_on > today
        if not (is_to_come and period.plan in has_next):
            shown.append(period)
        if is_to_come:
            has_next.add(period.plan)
    progress = read_progress(period for shown in by_plan.values() for period in shown)
    return [
        (plan, [Quarter(period, progress[period.pk], deadline_of(period)) for period in reversed(shown)])
        for plan, shown in by_plan.items()
    ]
