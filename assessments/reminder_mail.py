"""Reminders as mail: written in the reader's language, sent once, and noted without a name or an address."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import Q, QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from assessments.models import ReportingPeriod, SentReminder
from assessments.reminders import Kind, Post, Reminder, agency_of
from commitments.models import ActionPlan, FocalPoint, Organisation, User

Workbook = Callable[[ReportingPeriod, Organisation], bytes]
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# How long a mail may take. What was reserved longer ago and is not confirmed belongs to a run that was interrupted.
IN_FLIGHT = datetime.timedelta(hours=1)


@dataclass(frozen=True)
class Item:
    """What a mail says about one thing: a reminder, or those of one commitment's milestones together."""

    reminders: tuple[Reminder, ...]
    headline: str
    address: str  # where the reader goes on

    @property
    def reminder(self) -> Reminder:
        return self.reminders[0]


def unsent(post: Post) -> Post:
    """The post without what its reader was reminded of before."""
    sent = set(_log_of(post).values_list("kind", "about", "user", "focal_point"))
    return replace(post, reminders=tuple(row for row in post.reminders if _log_key(post, row) not in sent))


def send(post: Post, *, workbook: Workbook | None = None) -> int:
    """Send what the reader was not reminded of before, as one mail; how many reminders were in it.

    ``workbook`` makes the XLSX of an agency that a focal point's mail carries. The reminders are reserved in a
    transaction of their own before: of two runs at once only one sends them, and a run that is killed while a mail goes
    out leaves them reserved, since nobody knows whether it arrived. Whatever the mail fails with is raised, after the
    reservation was given back.
    """
    post, reserved = _reserve(post)
    if not reserved:
        return 0
    rows = SentReminder.objects.filter(pk__in=[row.pk for row in reserved])
    try:
        mail_of(post, workbook=workbook).send()
    except Exception:
        rows.delete()
        raise
    rows.update(sent_at=timezone.now())
    return len(reserved)


def interrupted() -> QuerySet[SentReminder]:
    """Reminders that may or may not have arrived, because the run that sent them was interrupted."""
    return SentReminder.objects.filter(sent_at=None, reserved_at__lt=timezone.now() - IN_FLIGHT)


@transaction.atomic
def _reserve(post: Post) -> tuple[Post, list[SentReminder]]:
    """Note as reserved what was not sent yet; a run beside this one waits here and then finds it noted."""
    if post.reader.user:
        held: QuerySet = User.objects.filter(pk=post.reader.user.pk)
    else:
        held = FocalPoint.objects.filter(pk__in=[row.pk for row in post.reader.focal_points])
    list(held.select_for_update(of=("self",), no_key=True).order_by("pk").values_list("pk"))
    post = unsent(post)
    rows = [
        SentReminder(kind=row.kind, about=row.about, user=post.reader.user, focal_point=row.focal_point)
        for row in post.reminders
    ]
    return post, SentReminder.objects.bulk_create(rows)


def _log_of(post: Post) -> QuerySet[SentReminder]:
    return SentReminder.objects.filter(
        Q(user__isnull=False, user=post.reader.user) | Q(focal_point__in=post.reader.focal_points)
    )


def _log_key(post: Post, reminder: Reminder) -> tuple[str, str, int | None, int | None]:
    user, focal_point = post.reader.user, reminder.focal_point
    return (reminder.kind, reminder.about, user.pk if user else None, focal_point.pk if focal_point else None)


def mail_of(post: Post, *, workbook: Workbook | None = None) -> EmailMessage:
    """The mail, in its reader's language."""
    with translation.override(post.reader.language):
        items = [
            Item(tuple(together), _headline(together), _address(together[0]))
            for together in (list(group) for _key, group in groupby(post.reminders, key=_thing))
        ]
        attachments = [(name, content, XLSX) for name, content in _workbooks(post, workbook)]
        context = {"items": items, "reader": post.reader, "attached": bool(attachments), "site": settings.SITE_URL}
        context["paragraphs"] = [_without_gaps("reminder_item.txt", {"item": item}) for item in items]
        subject = render_to_string("assessments/mail/reminder_subject.txt", context)
        body = render_to_string("assessments/mail/reminder_body.txt", context)
    return EmailMessage(
        " ".join(subject.split()),
        body,
        to=[post.reader.address],
        attachments=attachments,
        headers={"Auto-Submitted": "auto-generated"},
    )


def _thing(reminder: Reminder) -> tuple[Any, ...]:
    """What stands under one headline."""
    if reminder.milestone:
        return (reminder.kind, reminder.milestone.commitment_id)
    return (reminder.kind, reminder.about, reminder.focal_point)


def _without_gaps(template: str, context: dict[str, Any]) -> str:
    """The lines that a template gives, without the empty ones that its tags leave."""
    written = render_to_string(f"assessments/mail/{template}", context)
    return "\n".join(line for line in written.splitlines() if line.strip())


def _workbooks(post: Post, workbook: Workbook | None) -> list[tuple[str, bytes]]:
    """The rows that a focal point's agencies have to fill in, a file for each period and agency."""
    if workbook is None:
        return []
    wanted = {}
    for reminder in post.reminders:
        agency = agency_of(reminder.focal_point) if reminder.focal_point else None
        if reminder.period and agency:
            name = f"{reminder.plan.slug}-{reminder.period.code}-{agency.slug}.xlsx"
            wanted[name] = (reminder.period, agency)
    return [(name, workbook(period, agency)) for name, (period, agency) in wanted.items()]


def _headline(together: list[Reminder]) -> str:
    """What it is about, in one line."""
    reminder = together[0]
    values: dict[str, Any] = {
        "plan": reminder.plan.short_name,
        "period": reminder.period.name if reminder.period else "",
        "day": date_format(timezone.localtime(reminder.closes_at), "DATE_FORMAT") if reminder.closes_at else "",
        "code": reminder.focal_point.commitment.code if reminder.focal_point else "",
    }
    if reminder.milestone:
        return ngettext(
            "%(plan)s: %(count)d milestone of commitment %(code)s is past its due date",
            "%(plan)s: %(count)d milestones of commitment %(code)s are past their due dates",
            len(together),
        ) % {**values, "count": len(together), "code": reminder.milestone.commitment.code}
    if reminder.kind == Kind.ENTRY_OVERDUE:
        if reminder.focal_point:
            return _("%(plan)s, %(period)s: the progress of commitment %(code)s was due by %(day)s") % values
        return _("%(plan)s, %(period)s: entry was due by %(day)s and is not published") % values
    if reminder.kind == Kind.ENTRY_CLOSES:
        if reminder.focal_point:
            return _("%(plan)s, %(period)s: the progress of commitment %(code)s is due by %(day)s") % values
        return _("%(plan)s, %(period)s: entry closes on %(day)s") % values
    if reminder.kind == Kind.ANSWERS_CLOSE:
        return _("%(plan)s, %(period)s: answers are taken until %(day)s") % values
    if reminder.kind == Kind.ANSWERS_OPEN:
        return _("%(plan)s, %(period)s: the government's rating can be answered") % values
    return ngettext(
        "%(plan)s, %(period)s: %(waiting)d answer waits for publication",
        "%(plan)s, %(period)s: %(waiting)d answers wait for publication",
        reminder.waiting,
    ) % {**values, "waiting": reminder.waiting}


def _address(reminder: Reminder) -> str:
    if reminder.focal_point:
        return f"{settings.SITE_URL}{reminder.focal_point.commitment.get_absolute_url()}"
    if reminder.kind in {Kind.ANSWERS_OPEN, Kind.ANSWERS_CLOSE}:
        return workspace_address(reminder.plan)
    if reminder.milestone:
        return f"{settings.SITE_URL}{reminder.milestone.commitment.get_absolute_url()}"
    if reminder.kind == Kind.ANSWERS_WAIT:
        return waiting_answers_address(reminder.plan)
    return sheet_address(reminder.period) if reminder.period else settings.SITE_URL


def sheet_address(period: ReportingPeriod) -> str:
    """Where the support unit enters the period."""
    return f"{settings.SITE_URL}{reverse('admin:quarter', args=[period.plan.slug, period.code])}"


def waiting_answers_address(plan: ActionPlan) -> str:
    """The answers that wait for a publisher, in the admin."""
    answers = reverse("admin:assessments_counterassessment_changelist")
    return f"{settings.SITE_URL}{answers}?queue=submitted"


def workspace_address(plan: ActionPlan) -> str:
    """Where organisations answer the government's ratings of a plan."""
    return f"{settings.SITE_URL}{reverse('counter_assessments')}?plan={plan.slug}"
