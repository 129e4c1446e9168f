"""The quarter sheet: every subject of a plan in one reporting period, the period before beside it, and what needs whom.

`read_sheet` asks a number of queries that does not grow with the plan. Queues are counted from the rows, never stored.
"""

from __future__ import annotations

import datetime
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db import models
from django.db.models import Count, Prefetch, Q
from django.utils.translation import gettext_lazy as _

from assessments.counts import Tally
from assessments.lifecycle import incompleteness
from assessments.models import Evidence, ReportingPeriod, SelfAssessment
from assessments.models.subjects import SubjectKey, column_of, commitment_of, key_of
from assessments.ratings import SCALES, NoRatingReason
from commitments.admin.versions import who_changed, with_stored_version
from commitments.models import Commitment, Milestone, Organisation


class Queue(models.TextChoices):
    """What a row waits for. Each row stands in exactly one."""

    NOT_ENTERED = "not-entered", _("Not entered")
    TO_MEND = "to-mend", _("To mend")
    READY = "ready", _("Ready to submit")
    SUBMITTED = "submitted", _("Submitted")
    PUBLISHED = "published", _("Published")


@dataclass(frozen=True)
class Saved:
    """The last change of an entry."""

    at: datetime.datetime
    by: str


@dataclass(frozen=True)
class SheetRow:
    """One milestone (or commitment as a whole) in the period."""

    subject: Milestone | Commitment
    entry: SelfAssessment | None  # this period's newest version
    earlier: SelfAssessment | None  # what is in force of the newest published period before
    missing: dict[str, str]  # by field, what a draft lacks before it may be submitted
    saved: Saved | None

    @property
    def code(self) -> str:
        return self.subject.code

    @property
    def anchor(self) -> str:
        """Its place in a page, ``row-1.1``; a code with a blank in it makes one too."""
        return anchor_of(self.subject)

    @property
    def commitment(self) -> Commitment:
        return commitment_of(self.subject)

    @property
    def agencies(self) -> list[Organisation]:
        return named_agencies(self.subject)

    @property
    def is_entered(self) -> bool:
        """Whether the period has a rating for it, or a reason why there is none."""
        return self.entry is not None and bool(self.entry.rating or self.entry.no_rating_reason)

    @property
    def queue(self) -> Queue:
        if self.entry is None:
            return Queue.NOT_ENTERED
        match self.entry.state:
            case SelfAssessment.State.PUBLISHED:
                return Queue.PUBLISHED
            case SelfAssessment.State.SUBMITTED:
                return Queue.SUBMITTED
            case SelfAssessment.State.RETURNED:
                return Queue.TO_MEND
        if not self.is_entered:
            return Queue.NOT_ENTERED
        return Queue.TO_MEND if self.missing else Queue.READY

    @property
    def is_editable(self) -> bool:
        """Whether its text may still be changed; from submission on it is returned first, then corrected."""
        return self.queue not in {Queue.SUBMITTED, Queue.PUBLISHED}

    @property
    def can_be_copied(self) -> bool:
        """Whether "same as last quarter" has something to copy and nowhere to overwrite."""
        return self.entry is None and self.earlier is not None

    @property
    def changed(self) -> bool:
        """Whether the rating differs from that of the period before; no rating on either side is no change."""
        ratings = [row.rating if row else None for row in (self.entry, self.earlier)]
        return None not in ratings and ratings[0] != ratings[1]


@dataclass(frozen=True)
class SheetGroup:
    """A commitment's rows."""

    commitment: Commitment
    rows: tuple[SheetRow, ...]

    @property
    def anchor(self) -> str:
        return f"group-{_in_an_anchor(self.commitment.code)}"

    @cached_property
    def counts(self) -> SheetCounts:
        return SheetCounts(self.rows)


@dataclass(frozen=True)
class Filters:
    """What part of a sheet is shown; empty values leave everything in."""

    commitment: str = ""  # code
    agency: str = ""  # slug
    queue: str = ""
    light: str = ""  # of this period's rating; "none" for rows without one

    def takes(self, row: SheetRow, *, queue: bool = True) -> bool:
        """``queue=False`` leaves that filter out, as the counts on the queues' own links do."""
        light = (row.entry.light if row.entry else None) or "none"
        return (
            (not self.commitment or row.commitment.code == self.commitment)
            and (not self.agency or self.agency in {agency.slug for agency in named_agencies(row.subject)})
            and (not queue or not self.queue or row.queue == self.queue)
            and (not self.light or light == self.light)
        )


@dataclass(frozen=True)
class SheetCounts:
    """Counts over some rows of a sheet."""

    rows: tuple[SheetRow, ...]

    @property
    def total(self) -> int:
        return len(self.rows)

    @cached_property
    def entered(self) -> int:
        return sum(row.is_entered for row in self.rows)

    @cached_property
    def by_queue(self) -> dict[str, int]:
        """Every queue in its order, zeros too."""
        found = Counter(row.queue for row in self.rows)
        return {queue.value: found[queue] for queue in Queue}

    @cached_property
    def by_state(self) -> dict[str, int]:
        """Entries by their stored state, zeros too."""
        found = Counter(row.entry.state for row in self.rows if row.entry)
        return {state.value: found[state] for state in SelfAssessment.State}

    @cached_property
    def by_rating(self) -> dict[str | None, int]:
        """Entries by rating code; None counts the rows without one."""
        return dict(Counter(row.entry.rating if row.entry else None for row in self.rows))

    @cached_property
    def by_light(self) -> dict[str, int]:
        found = Counter(row.entry.light or "none" if row.entry else "none" for row in self.rows)
        return {light: found[light] for light in ("green", "amber", "red", "none")}

    @cached_property
    def tally(self) -> Tally:
        """The ratings on the plan's scale, as the stacked bar draws them; what is not entered has none."""
        scale = SCALES[self.rows[0].commitment.plan.rating_scale] if self.rows else ()
        asked = sum(
            row.entry is not None and row.entry.no_rating_reason == NoRatingReason.NOT_PROVIDED for row in self.rows
        )
        return Tally(self.total, {rating.value: self.by_rating.get(rating, 0) for rating in scale}, asked)


@dataclass(frozen=True)
class Sheet:
    period: ReportingPeriod
    groups: tuple[SheetGroup, ...]

    @cached_property
    def rows(self) -> tuple[SheetRow, ...]:
        return tuple(row for group in self.groups for row in group.rows)

    @cached_property
    def counts(self) -> SheetCounts:
        """Of the whole sheet, whatever is shown of it."""
        return SheetCounts(self.rows)

    @cached_property
    def agencies(self) -> tuple[Organisation, ...]:
        """Every agency that implements something in the sheet, once, in the order of names."""
        found = {agency.pk: agency for row in self.rows for agency in named_agencies(row.subject)}
        return tuple(sorted(found.values(), key=str))

    def filtered(self, filters: Filters, *, keep: str = "") -> Sheet:
        """The same sheet with the rows that the filters take; groups without any are gone.

        ``keep``: the code of a row that stays whatever the filters say.
        """
        groups = (
            SheetGroup(group.commitment, tuple(row for row in group.rows if row.code == keep or filters.takes(row)))
            for group in self.groups
        )
        return Sheet(self.period, tuple(group for group in groups if group.rows))

    def row(self, code: str) -> SheetRow | None:
        return next((row for row in self.rows if row.code == code), None)


@dataclass(frozen=True)
class Progress:
    """How far a period is entered, in counts alone."""

    total: int  # subjects
    entered: int
    by_state: dict[str, int]  # entries by their stored state, zeros too


def read_progress(periods: Iterable[ReportingPeriod]) -> dict[int, Progress]:
    """The counts of several sheets at once, by the period's primary key; as many queries for one as for all."""
    periods = list(periods)
    plans = {period.plan_id for period in periods}
    promised, steps = (
        dict(rows.filter(**{f"{path}__in": plans}).order_by().values_list(path).annotate(count=Count("pk")))
        for rows, path in (
            (Commitment.objects.all(), "plan"),
            (Milestone.objects.all(), "commitment__plan"),
        )
    )
    newest = SelfAssessment.objects.filter(period__in=periods, superseded_by__isnull=True).order_by()
    counted: dict[int, Counter[str]] = {period.pk: Counter() for period in periods}
    entered: Counter[int] = Counter()
    is_entered = Q(rating__isnull=False) | ~Q(no_rating_reason="")
    for period, state, count, rated in newest.values_list("period", "state").annotate(
        count=Count("pk"), rated=Count("pk", filter=is_entered)
    ):
        counted[period][state] += count
        entered[period] += rated
    return {
        period.pk: Progress(
            steps.get(period.plan_id) or promised.get(period.plan_id, 0),
            entered[period.pk],
            {state.value: counted[period.pk][state] for state in SelfAssessment.State},
        )
        for period in periods
    }


def named_agencies(subject: Milestone | Commitment) -> list[Organisation]:
    """Who is named as implementing a milestone; of a commitment as a whole, who leads it.

    Of a milestone without agencies nobody: which of the leads enters it is for the support unit to know.
    """
    if isinstance(subject, Milestone):
        return list(subject.agencies.all())
    return [lead.organisation for lead in subject.leads if lead.organisation]


def read_sheet(period: ReportingPeriod, *, only: str = "") -> Sheet:
    """The sheet of a period, for the support unit: drafts are in it. ``only``: the code of the one row that is read."""
    commitments = list(
        Commitment.objects.filter(plan=period.plan_id)
        .prefetch_related("involvements__organisation")
        .order_by("code_order")
    )
    milestones = list(
        Milestone.objects.filter(commitment__plan=period.plan_id)
        .prefetch_related("agencies")
        .order_by("commitment__code_order", "code_order")
    )
    for commitment in commitments:
        commitment.plan = period.plan
    by_pk = {commitment.pk: commitment for commitment in commitments}
    for milestone in milestones:
        milestone.commitment = by_pk[milestone.commitment_id]
    subjects: list[Milestone | Commitment] = [*(milestones or commitments)]
    if only:
        subjects = [subject for subject in subjects if subject.code == only]
    entries, earlier = _newest(period, subjects), _earlier(period, subjects)
    saved = _saved(entries.values())

    def row(subject: Milestone | Commitment) -> SheetRow:
        entry, before = entries.get(key_of(subject)), earlier.get(key_of(subject))
        for assessment in (entry, before):
            if assessment is not None:
                setattr(assessment, column_of(subject), subject)
        missing = incompleteness(entry) if entry and entry.state in SelfAssessment.EDITABLE else {}
        return SheetRow(subject, entry, before, missing, saved.get(entry.pk) if entry else None)

    rows = [row(subject) for subject in subjects]
    groups = (
        SheetGroup(commitment, tuple(row for row in rows if row.commitment.pk == commitment.pk))
        for commitment in commitments
    )
    return Sheet(period, tuple(group for group in groups if group.rows))


def _newest(period: ReportingPeriod, subjects: list[Milestone | Commitment]) -> dict[SubjectKey, SelfAssessment]:
    """This period's newest version of each, with its ``stored_version``."""
    rows = with_stored_version(_read(SelfAssessment.objects.filter(period=period), subjects)).order_by("version")
    found = {}
    for row in rows.select_related("submitted_by", "returned_by", "published_by", "copied_from__period"):
        row.period = period
        found[row.subject_key] = row
    return found


def _saved(entries: Iterable[Any]) -> dict[int, Saved]:
    """When each entry was changed last, and by whom, from its history; by primary key."""
    changes = SelfAssessment.history.filter(history_id__in=[entry.stored_version for entry in entries])
    return {
        change.id: Saved(change.history_date, who_changed(change)) for change in changes.select_related("history_user")
    }


def _earlier(period: ReportingPeriod, subjects: list[Milestone | Commitment]) -> dict[SubjectKey, SelfAssessment]:
    """What is in force of each subject's newest period that ends before this one."""
    until = period.ends_on - datetime.timedelta(days=1)
    rows = _read(SelfAssessment.objects.in_latest_period(until=until), subjects).select_related("period")
    return {row.subject_key: row for row in rows}


def _read(
    rows: models.QuerySet[SelfAssessment], subjects: list[Milestone | Commitment]
) -> models.QuerySet[SelfAssessment]:
    column = column_of(subjects[0]) if subjects else "commitment"
    return rows.filter(**{f"{column}__in": [subject.pk for subject in subjects]}).prefetch_related(
        Prefetch("attachments", Evidence.objects.all())
    )


def anchor_of(subject: Milestone | Commitment) -> str:
    return f"row-{_in_an_anchor(subject.code)}"


def _in_an_anchor(code: str) -> str:
    return re.sub(r"[^\w.-]", "-", code)
