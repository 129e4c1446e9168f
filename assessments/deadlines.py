"""Dates to keep: when quarters end, when entry and answering close, when milestones are due. Public plans only."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from assessments.models import ReportingPeriod, day_start
from commitments.localised import localised
from commitments.models import ActionPlan, Milestone

ANYBODY = AnonymousUser()


@dataclass(frozen=True)
class Deadline:
    """A moment, or a whole day. ``key`` names it for ever, whatever it is moved to."""

    key: str
    when: datetime.datetime | datetime.date
    title: str
    language: str  # of the title
    said: str
    address: str
    known_since: datetime.datetime  # when it was last fixed

    @property
    def order(self) -> tuple[datetime.datetime, str]:
        return self.when if isinstance(self.when, datetime.datetime) else day_start(self.when), self.key


def read_deadlines(plan: ActionPlan | None = None) -> list[Deadline]:
    """In the order of time: of all plans but demonstrations, or of one plan and then with its milestones."""
    periods = ReportingPeriod.objects.visible_to(ANYBODY).select_related("plan")
    periods = periods.filter(plan=plan) if plan else periods.filter(plan__is_demonstration=False)
    deadlines = [deadline for period in periods for deadline in _of_period(period)]
    if plan:
        due = Milestone.objects.visible_to(ANYBODY).filter(commitment__plan=plan, ends_on__isnull=False)
        deadlines += [*_of_milestones(due), _end_of(plan)]
    return sorted(deadlines, key=lambda deadline: deadline.order)


def _of_period(period: ReportingPeriod) -> Iterable[Deadline]:
    plan = period.plan
    fixed = [plan.published_at, period.opened_at, period.published_at, period.republished_at]
    dates: list[tuple[str, datetime.datetime | datetime.date | None, str]] = [
        ("ends", period.ends_on, _("%(plan)s: %(period)s ends")),
        ("entry-closes", period.entry_closes_at, _("%(plan)s: entry of ratings closes, %(period)s")),
        ("answers-open", period.answers_open_at, _("%(plan)s: NGOs may answer from now on, %(period)s")),
        ("answers-close", period.answers_close_at, _("%(plan)s: answers of NGOs close, %(period)s")),
    ]
    return [
        Deadline(
            key=f"{plan.slug}/{period.code}/{what}",
            when=when,
            title=title % {"plan": plan.short_name, "period": period.name},
            language=_language(),
            said="",
            address=plan.get_absolute_url(),
            known_since=max(moment for moment in fixed if moment),
        )
        for what, when, title in dates
        if when
    ]


def _of_milestones(milestones: QuerySet[Milestone]) -> Iterable[Deadline]:
    for milestone in milestones.select_related("commitment__plan"):
        plan, title = milestone.commitment.plan, localised(milestone, "title")
        if milestone.ends_on and plan.published_at:
            yield Deadline(
                key=f"{plan.slug}/milestones/{milestone.code}",
                when=milestone.ends_on,
                title=f"{plan.short_name}, {milestone.code}: {title}",
                language=title.language,
                said=_("Due, as the plan prints it: %(due)s") % {"due": milestone.due_text}
                if milestone.due_text
                else "",
                address=milestone.get_absolute_url(),
                known_since=plan.published_at,
            )


def _end_of(plan: ActionPlan) -> Deadline:
    return Deadline(
        key=f"{plan.slug}/ends",
        when=plan.ends_on,
        title=_("%(plan)s ends") % {"plan": plan.short_name},
        language=_language(),
        said="",
        address=plan.get_absolute_url(),
        known_since=plan.published_at or day_start(plan.ends_on),
    )


def _language() -> str:
    return (get_language() or "en")[:2]
