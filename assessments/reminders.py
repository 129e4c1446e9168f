"""Who has to be reminded of what at a moment. Reads only; what was sent before is `assessments.reminder_mail`'s.

Of each deadline the newest stage that has passed is due, and no older one: after a day on which no run was made, the
next run makes up for it, without a second mail.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from django.utils import timezone

from assessments.freshness import is_running
from assessments.models import CounterAssessment, ReportingPeriod, SelfAssessment, SentReminder
from assessments.ratings import Light, ratings_with
from assessments.sheet import Sheet, SheetCounts, read_sheet
from commitments import roles
from commitments.models import (
    ActionPlan,
    Commitment,
    FocalPoint,
    Membership,
    Milestone,
    Organisation,
    User,
)

Kind = SentReminder.Kind
ENTRY_STAGES = (30, 14, 7, 2)  # days before entry closes
ANSWER_STAGES = (7, 2)  # days before the answering window closes
WEEK = 7
FOCAL_POINT_LANGUAGE = "mn"


@dataclass(frozen=True)
class Reminder:
    """One thing that somebody is reminded of."""

    kind: Kind
    about: str  # natural key, the date it is counted by, and the stage: what is sent once
    plan: ActionPlan
    period: ReportingPeriod | None = None
    closes_at: datetime.datetime | None = None
    days: int = 0  # until that day; negative after it
    entry: SheetCounts | None = None  # how far the entry of the period has come
    milestone: Milestone | None = None
    waiting: int = 0  # answers that wait for publication
    waiting_since: datetime.datetime | None = None
    answers_sent: int = 0  # by the reader's organisations
    answers_unsent: int = 0
    # Of a focal point alone: the row, its commitment, and what of it is not entered yet.
    focal_point: FocalPoint | None = None
    missing: tuple[Milestone | Commitment, ...] = ()

    @property
    def urgency(self) -> tuple[int, int]:
        return (list(Kind).index(self.kind), self.days)


@dataclass(frozen=True)
class Reader:
    """Somebody who is reminded: an account, or a person who is the focal point of one or more commitments."""

    user: User | None = None
    focal_points: tuple[FocalPoint, ...] = ()

    @property
    def address(self) -> str:
        """Never leaves the mail itself."""
        return self.user.email if self.user else self.focal_points[0].email

    @property
    def language(self) -> str:
        return self.user.language if self.user else FOCAL_POINT_LANGUAGE

    def __str__(self) -> str:
        """Who it is without a name or an address: for the screen and for logs."""
        if self.user:
            return f"account {self.user.pk}"
        commitments = ", ".join("/".join(row.commitment.natural_key()) for row in self.focal_points)
        agencies = dict.fromkeys(str(agency) for row in self.focal_points if (agency := agency_of(row)))
        return f"focal point of {commitments}" + (f" ({', '.join(agencies)})" if agencies else "")


@dataclass(frozen=True)
class Post:
    """All that concerns one reader, most urgent first: one mail."""

    reader: Reader
    reminders: tuple[Reminder, ...]


def agency_of(focal_point: FocalPoint) -> Organisation | None:
    """Whose rows a focal point reports: the own agency, else the commitment's lead where there is just one."""
    if focal_point.organisation:
        return focal_point.organisation
    leads = [lead.organisation for lead in focal_point.commitment.leads if lead.organisation]
    return leads[0] if len(leads) == 1 else None


def due_at(as_of: datetime.datetime) -> list[Post]:
    """Everybody whom something concerns at that moment: accounts, then focal points.

    Published plans only, and no demonstrations. The number of queries grows with the periods whose entry is due, and
    with nothing else.
    """
    return Reading(as_of).posts()


class Reading:
    """The record as it is read for one run."""

    def __init__(self, as_of: datetime.datetime) -> None:
        self.as_of = as_of
        self.day = timezone.localdate(as_of)
        self._sheets: dict[ReportingPeriod, Sheet] = {}
        periods = ReportingPeriod.objects.filter(plan__in=ActionPlan.objects.real(), plan__published_at__lte=as_of)
        self.periods = list(periods.select_related("plan").order_by("ends_on", "plan__slug"))

    def posts(self) -> list[Post]:
        of_user: dict[int, list[Reminder]] = defaultdict(list)
        readers: dict[int, Reader] = {}
        for user, reminder in self._of_accounts():
            readers[user.pk] = Reader(user)
            of_user[user.pk].append(reminder)
        posts = [_post(readers[key], of_user[key]) for key in sorted(of_user)]
        # One person may answer for several commitments; the address tells.
        of_person: dict[str, list[Reminder]] = defaultdict(list)
        for reminder in self._of_focal_points():
            of_person[reminder.focal_point.email.casefold()].append(reminder)  # type: ignore[union-attr]
        for reminders in of_person.values():
            rows = dict.fromkeys(reminder.focal_point for reminder in reminders if reminder.focal_point)
            posts.append(_post(Reader(focal_points=tuple(rows)), reminders))
        return posts

    def _of_accounts(self) -> Iterator[tuple[User, Reminder]]:
        for user in self.staff:
            for reminder in (*self.entry, *self.overdue_milestones):
                yield user, reminder
            if user.pk in self.publishers:
                for reminder in self.waiting:
                    yield user, reminder
        for user, organisations in self.representatives.items():
            for reminder in self.answering:
                sent, unsent = self._answers_of(organisations, reminder)
                yield user, replace(reminder, answers_sent=sent, answers_unsent=unsent)

    def _of_focal_points(self) -> Iterator[Reminder]:
        for focal_point in self.focal_points:
            for reminder in self.entry:
                missing = self.missing[reminder.period].get(focal_point.commitment_id, ())
                if missing:
                    yield replace(reminder, entry=None, focal_point=focal_point, missing=tuple(missing))
            for reminder in self.overdue_milestones:
                if reminder.milestone and reminder.milestone.commitment_id == focal_point.commitment_id:
                    yield replace(reminder, focal_point=focal_point)

    # --- who --------------------------------------------------------------------------------------------------------

    @cached_property
    def staff(self) -> list[User]:
        of_unit = User.objects.filter(is_active=True, groups__name__in=(roles.EDITOR, roles.PUBLISHER))
        return list(of_unit.distinct().order_by("pk"))

    @cached_property
    def publishers(self) -> set[int]:
        return set(User.objects.filter(groups__name=roles.PUBLISHER).values_list("pk", flat=True))

    @cached_property
    def representatives(self) -> dict[User, list[int]]:
        """Who speaks for an organisation on the day, with the organisations' primary keys."""
        memberships = Membership.objects.on(self.day).filter(user__is_active=True, organisation__active=True)
        found: dict[User, list[int]] = defaultdict(list)
        for membership in memberships.select_related("user").order_by("user", "organisation"):
            found[membership.user].append(membership.organisation_id)
        return found

    @cached_property
    def focal_points(self) -> list[FocalPoint]:
        """Who answers on the day for a commitment that something is due in, and can be reached."""
        commitments = {key for missing in self.missing.values() for key in missing}
        commitments |= {reminder.milestone.commitment_id for reminder in self.overdue_milestones if reminder.milestone}
        return list(
            FocalPoint.objects.on(self.day)
            .filter(commitment__in=commitments)
            .exclude(email="")
            .select_related("organisation", "commitment__plan")
            .prefetch_related("commitment__involvements__organisation")
            .order_by("commitment__plan__slug", "commitment__code_order", "pk")
        )

    # --- of what ----------------------------------------------------------------------------------------------------

    @cached_property
    def entry(self) -> list[Reminder]:
        found = []
        for period, closes_at in self.entry_deadlines.items():
            closing_day = timezone.localdate(closes_at)
            days = (closing_day - self.day).days
            if self.as_of >= closes_at:
                week = max(0, -days - 1) // WEEK + 1
                kind, stage = Kind.ENTRY_OVERDUE, f"week {week}"
            elif (passed := _newest_stage(days, ENTRY_STAGES)) is not None:
                kind, stage = Kind.ENTRY_CLOSES, str(passed)
            else:
                continue
            found.append(
                Reminder(
                    kind,
                    f"{_key(period)} {closing_day} {stage}",
                    period.plan,
                    period=period,
                    closes_at=closes_at,
                    days=days,
                    entry=self.sheet(period).counts,
                )
            )
        return found

    @cached_property
    def answering(self) -> list[Reminder]:
        found = []
        for period in self.periods:
            if not period.takes_answers(self.as_of):
                continue
            closes_at, days = period.answers_close_at, 0
            kind, day, stage = Kind.ANSWERS_OPEN, timezone.localdate(period.answers_open_at), "opened"
            if closes_at:
                days = (timezone.localdate(closes_at) - self.day).days
                if (passed := _newest_stage(days, ANSWER_STAGES)) is not None:
                    kind, day, stage = Kind.ANSWERS_CLOSE, timezone.localdate(closes_at), str(passed)
            about = f"{_key(period)} {day} {stage}"
            found.append(Reminder(kind, about, period.plan, period=period, closes_at=closes_at, days=days))
        return found

    @cached_property
    def waiting(self) -> list[Reminder]:
        """At once, and then once in each week (Monday to Sunday) in which an answer still waits."""
        submitted = CounterAssessment.objects.filter(
            period__in=self.periods, state=CounterAssessment.State.SUBMITTED, submitted_at__lte=self.as_of
        )
        moments: dict[int, list[datetime.datetime]] = defaultdict(list)
        for key, submitted_at in submitted.values_list("period", "submitted_at"):
            if submitted_at:
                moments[key].append(submitted_at)
        year, week, _weekday = self.day.isocalendar()
        return [
            Reminder(
                Kind.ANSWERS_WAIT,
                f"{_key(period)} {year}-W{week:02}",
                period.plan,
                period=period,
                waiting=len(moments[period.pk]),
                waiting_since=min(moments[period.pk]),
            )
            for period in self.periods
            if period.pk in moments
        ]

    @cached_property
    def overdue_milestones(self) -> list[Reminder]:
        """Of running plans in which a period was opened: milestones past their day without a green rating."""
        plans = {period.plan for period in self.periods if period.opened_at and period.opened_at <= self.as_of}
        running = [plan for plan in plans if is_running(plan, self.day)]
        green = SelfAssessment.objects.filter(rating__in=ratings_with(Light.GREEN), period__plan__in=running)
        published = green.in_latest_period(self.as_of).values_list("milestone", flat=True)
        submitted = green.filter(state=SelfAssessment.State.SUBMITTED).values_list("milestone", flat=True)
        achieved = {*published, *submitted}
        milestones = Milestone.objects.filter(commitment__plan__in=running, ends_on__lt=self.day)
        return [
            Reminder(
                Kind.MILESTONE_OVERDUE,
                f"{_key(milestone)} {milestone.ends_on}",
                milestone.commitment.plan,
                milestone=milestone,
            )
            for milestone in milestones.select_related("commitment__plan")
            if milestone.pk not in achieved
        ]

    # --- how far it is ----------------------------------------------------------------------------------------------

    @cached_property
    def entry_deadlines(self) -> dict[ReportingPeriod, datetime.datetime]:
        """The periods open for entry until a known moment. A reopened one counts once it was given a new moment."""
        found = {}
        for period in self.periods:
            closes_at, reopened_at = period.entry_closes_at, period.reopened_at
            if closes_at is None or period.state(self.as_of) != ReportingPeriod.State.ENTRY:
                continue
            if reopened_at is None or reopened_at > self.as_of or closes_at > reopened_at:
                found[period] = closes_at
        return found

    def sheet(self, period: ReportingPeriod) -> Sheet:
        """What the support unit sees of the period, read once."""
        if period not in self._sheets:
            self._sheets[period] = read_sheet(period)
        return self._sheets[period]

    @cached_property
    def missing(self) -> dict[ReportingPeriod | None, dict[int, list[Milestone | Commitment]]]:
        """What is not submitted yet, by period that is reminded of and commitment."""
        found: dict[ReportingPeriod | None, dict[int, list[Milestone | Commitment]]] = {}
        for period in (reminder.period for reminder in self.entry if reminder.period):
            found[period] = defaultdict(list)
            for row in self.sheet(period).rows:
                if row.is_editable:
                    found[period][row.commitment.pk].append(row.subject)
        return found

    @cached_property
    def answers(self) -> dict[tuple[int | None, int | None], list[str]]:
        """The states of what organisations wrote here, by organisation and period."""
        periods = [reminder.period for reminder in self.answering if reminder.period]
        rows = CounterAssessment.objects.filter(period__in=periods, transcribed=False)
        found: dict[tuple[int | None, int | None], list[str]] = defaultdict(list)
        for organisation, period, state in rows.values_list("organisation", "period", "state"):
            found[organisation, period].append(state)
        return found

    def _answers_of(self, organisations: Sequence[int], reminder: Reminder) -> tuple[int, int]:
        """How many answers of these organisations in its period were sent, and how many are being written."""
        period = reminder.period.pk if reminder.period else None
        states = [state for organisation in organisations for state in self.answers.get((organisation, period), ())]
        sent = sum(state in {"submitted", "published"} for state in states)
        return sent, sum(state in {"draft", "returned"} for state in states)


def _post(reader: Reader, reminders: Iterable[Reminder]) -> Post:
    return Post(reader, tuple(sorted(reminders, key=lambda reminder: reminder.urgency)))


def _newest_stage(days: int, stages: Sequence[int]) -> int | None:
    """The last stage that has been reached with so many days to go."""
    return min((stage for stage in stages if days <= stage), default=None)


def _key(row: ReportingPeriod | Milestone) -> str:
    plan = row.plan if isinstance(row, ReportingPeriod) else row.commitment.plan
    return f"{plan.slug}/{row.code}"
