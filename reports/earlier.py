"""Pages of an earlier day: what `?as_of=2025-06-30` asks for."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass

from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from assessments.models import day_start
from commitments.models import ActionPlan

DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
FIRST_YEAR = 1900  # moments of the first years of the calendar cannot be computed with


@dataclass(frozen=True)
class AsOf:
    """The day that a page is asked for; neither day nor sentence where it is asked for as it is now.

    ``sentence`` says what is odd about the day. Without a day the page cannot follow it and shows what is now.
    """

    day: datetime.date | None = None
    sentence: str = ""

    @property
    def moment(self) -> datetime.datetime | None:
        """The end of that day where the record is kept, or now where it has not ended."""
        if self.day is None:
            return None
        end = day_start(self.day + datetime.timedelta(days=1)) - datetime.timedelta(microseconds=1)
        return min(end, timezone.now())

    @property
    def status(self) -> int:
        return 400 if self.sentence and self.day is None else 200


def as_of_asked(request: HttpRequest, plan: ActionPlan) -> AsOf:
    """The day in the address of a page of the plan; what is no day, or to come, is none with a sentence about it."""
    asked = request.GET.get("as_of", "").strip()
    if not asked:
        return AsOf()
    try:
        day = datetime.date.fromisoformat(asked) if DAY.fullmatch(asked) else None
    except ValueError:
        day = None
    if day is None or day.year < FIRST_YEAR:
        return AsOf(sentence=_("The address asks for a day that is none. Write it such as 2025-06-30."))
    if day > timezone.localdate():
        return AsOf(sentence=_("The address asks for a day that has not come yet."))
    public = timezone.localdate(plan.published_at) if plan.published_at else None
    if public and day < public:
        values = {"day": date_format(public, "DATE_FORMAT")}
        return AsOf(day, _("This is a day before the plan became public here, which was on %(day)s.") % values)
    return AsOf(day)
