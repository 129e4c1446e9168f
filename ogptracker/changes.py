"""Who changed what lately, from the histories of all tables that the admin shows."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.contrib.admin import AdminSite
from django.http import HttpRequest
from django.urls import reverse

from commitments.admin.history import Told, tell

READ = 60  # entries of each table for every page
SHOWN = 10  # lines on a page


@dataclass(frozen=True)
class ChangeLine:
    """One change, or several of one kind that somebody made in one go."""

    moment: datetime.datetime
    who: str
    what: str
    table: str
    name: str  # of the row; empty where there are several
    reason: str
    count: int
    address: str  # the row's history, or the table


def recent_changes(site: AdminSite, request: HttpRequest, page: int = 1) -> tuple[list[ChangeLine], bool]:
    """A page of the newest changes, and whether there are older ones. One query for each table, whatever is in it."""
    told: list[Told] = []
    for model, tables in site._registry.items():
        if tables.has_module_permission(request) and tables.has_view_permission(request):
            told += tell(model, READ * page)
    told.sort(key=lambda one: (one.moment, one.number), reverse=True)
    lines = [_line(list(together)) for _key, together in groupby(told, key=_in_one_go)]
    return lines[SHOWN * (page - 1) : SHOWN * page], len(lines) > SHOWN * page


def _in_one_go(told: Told) -> tuple[Any, ...]:
    return told.model, told.who, told.what, told.reason, told.moment.replace(second=0, microsecond=0)


def _line(together: list[Told]) -> ChangeLine:
    first = together[0]
    rows = {told.pk for told in together}
    options = first.model._meta
    alone = len(rows) == 1
    page, args = ("history", [first.pk]) if alone else ("changelist", [])
    return ChangeLine(
        moment=first.moment,
        who=first.who,
        what=first.what,
        table=str(options.verbose_name if alone else options.verbose_name_plural),
        name=first.name if alone else "",
        reason=first.reason,
        count=len(rows),
        address=reverse(f"admin:{options.app_label}_{options.model_name}_{page}", args=args),
    )


def page_asked(values: Iterable[str]) -> int:
    """The page number of an address; the first one for anything that is none, and never so far that reading hurts."""
    asked = next(iter(values), "")
    return min(max(int(asked), 1), 50) if asked.isascii() and asked.isdigit() and len(asked) < 4 else 1
