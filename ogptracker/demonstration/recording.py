"""Reading the words of the demonstration, and recording a row of it as somebody's doing at a moment of the past."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from typing import Any, TypeVar

import yaml
from django.conf import settings
from django.contrib.auth.models import Group
from django.db import models

from assessments.models import ReportingPeriod
from commitments import roles
from commitments.models import ActionPlan, Commitment, Membership, Milestone, Organisation, SourceDocument, User
from ogptracker.demonstration.quarters import Quarter

REASON = "load_demonstration"

_Row = TypeVar("_Row", bound=models.Model)


@dataclass
class Cast:
    """Who and what the demonstration is made of, by the words of its files."""

    quarters: list[Quarter]
    editor: User
    publisher: User
    organisations: dict[str, Organisation]  # by slug
    speakers: dict[str, User]  # by the slug of their organisation
    source: SourceDocument
    plan: ActionPlan = field(init=False)
    commitments: dict[str, Commitment] = field(default_factory=dict)  # by code
    milestones: dict[str, Milestone] = field(default_factory=dict)  # by code
    stories: dict[str, tuple[str, str]] = field(default_factory=dict)  # by code of the milestone: story, now


def words(name: str) -> Any:
    """The content of a file of the demonstration."""
    path = settings.BASE_DIR / "fixtures" / "demonstration" / f"{name}.yaml"
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def record(row: _Row, *, by: User, at: datetime.datetime | None = None, reason: str = REASON) -> _Row:
    """Check and save a row; its history says who did it when (now by default).

    The database itself refuses what breaks a constraint; asking it before each row as well takes five times as long.
    """
    row.full_clean(validate_unique=False, validate_constraints=False)
    row._history_user, row._change_reason = by, reason  # type: ignore[attr-defined]
    if at is not None:
        row._history_date = at  # type: ignore[attr-defined]
    row.save()
    return row


def assemble(quarters: list[Quarter]) -> Cast:
    """The people and bodies, before there is a plan. Nobody signs in as one of these people: they have no password."""
    begin = quarters[0].opened_at
    publisher = _person("demo-publisher@example.org", "Demonstration publisher", group=roles.PUBLISHER)
    editor = _person("demo-editor@example.org", "Demonstration editor", group=roles.EDITOR)
    source = SourceDocument(
        slug="demonstration-minutes",
        title_en="Minutes of a discussion that never took place (invented)",
        title_mn="Хэзээ ч болоогүй хэлэлцүүлгийн тэмдэглэл (зохиомол)",
        publisher_en="Federation of Fictional Reviewers",
        publisher_mn="Зохиомол үнэлгээчдийн холбоо",
        published_on=quarters[1].ends_on,
    )
    cast = Cast(quarters, editor, publisher, {}, {}, record(source, by=editor, at=begin))
    for values in words("organisations"):
        organisation = record(Organisation(is_demonstration=True, **values), by=editor, at=begin)
        cast.organisations[organisation.slug] = organisation
        if organisation.kind == Organisation.Kind.NGO:
            speaker = _person(f"demo-{organisation.slug}@example.org", f"Demonstration speaker: {organisation}")
            membership = Membership(user=speaker, organisation=organisation, starts_on=quarters[0].starts_on)
            record(membership, by=publisher, at=begin)
            cast.speakers[organisation.slug] = speaker
    return cast


def _person(email: str, name: str, *, group: str = "") -> User:
    user = User.objects.create_user(email, None, name=name, language="en")
    if group:
        user.groups.add(Group.objects.get(name=group))
    return user


def published(period: ReportingPeriod) -> datetime.datetime:
    """When a quarter was published that was."""
    if period.published_at is None:
        raise ValueError(f"{period} is not published.")
    return period.published_at
