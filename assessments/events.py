"""What became public, and when: the dated events of the record, newest first, as anybody may read them.

An act is one event, however many rows it moved: a published quarter is one. Of what was public and is shown no more,
the mark alone is an event, under the same key, so that it takes the place of the words wherever they were read.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, Q
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from assessments.models import (
    CounterAssessment,
    IndependentReview,
    ReportingPeriod,
    Response,
    SelfAssessment,
    day_start,
)
from assessments.ratings import Rating
from assessments.serializers import counter_assessment_id, self_assessment_id
from commitments.models import ActionPlan, Commitment

ANYBODY = AnonymousUser()
KINDS = {
    "plan": _("Plan published"),
    "period": _("Ratings published"),
    "correction": _("Rating corrected"),
    "answer": _("NGO’s answer"),
    "removed": _("Answer no longer shown"),
    "response": _("Agency’s response"),
    "review": _("Independent review"),
}


@dataclass(frozen=True)
class Event:
    """One act that changed what is public. ``key`` names it for ever, in every language and on every page."""

    kind: str
    kind_name: Any
    key: str
    moment: datetime.datetime
    plan: ActionPlan
    record: Any
    address: str
    counted: Mapping[str, int] = field(default_factory=dict)  # rows by rating code; what has none under ""
    title_template: str = "assessments/_event_title.html"
    said_template: str = "assessments/_event_said.html"

    @property
    def day(self) -> datetime.date:
        return timezone.localdate(self.moment)

    @property
    def count(self) -> int:
        return sum(self.counted.values())

    @property
    def by_rating(self) -> list[tuple[str, int]]:
        """Best first; what has no rating is left out."""
        return [(rating.value, n) for rating in reversed(Rating) if (n := self.counted.get(rating.value))]

    @property
    def not_rated(self) -> int:
        return self.counted.get("", 0)


@dataclass(frozen=True)
class Scope:
    """Whose events: of one commitment, of one plan, or of all plans but demonstrations."""

    plan: ActionPlan | None = None
    commitment: Commitment | None = None

    def of(self, to_plan: str, to_subject: str | None = None) -> Q:
        """Rows within it. ``to_plan`` and ``to_subject`` lead from the row there, and end in ``__`` or are empty."""
        if self.commitment and to_subject is not None:
            return Q(**{f"{to_subject}commitment": self.commitment}) | Q(
                **{f"{to_subject}milestone__commitment": self.commitment}
            )
        if self.plan:
            return Q(**{f"{to_plan}pk": self.plan.pk})
        return Q(**{f"{to_plan}is_demonstration": False})


def read_events(scope: Scope, *, most: int) -> list[Event]:
    """The newest events, at most ``most`` of them. The queries are the same however many there are."""
    return newest(
        (
            event
            for read in (_plans, _publications, _corrections, _answers, _removed, _responses, _reviews)
            for event in read(scope, most)
        ),
        most,
    )


def newest(events: Iterable[Event], most: int) -> list[Event]:
    """In a total order, so that pages neither repeat nor lose any."""
    return sorted(events, key=lambda event: (event.moment, event.key), reverse=True)[:most]


def _event(kind: str, key: str, **values: Any) -> Event:
    return Event(kind=kind, kind_name=KINDS[kind], key=key, **values)


def _plans(scope: Scope, most: int) -> list[Event]:
    if scope.commitment:
        return []
    plans = ActionPlan.objects.visible_to(ANYBODY).filter(scope.of("")).order_by("-published_at", "-pk")
    return [
        _event(
            "plan",
            f"plans/{plan.slug}",
            moment=plan.published_at,
            plan=plan,
            record=plan,
            address=plan.get_absolute_url(),
        )
        for plan in plans[:most]
    ]


def _publications(scope: Scope, most: int) -> list[Event]:
    """Each act that published ratings of a period for the first time, counted as it was published then."""
    acts: list[Any] = list(
        SelfAssessment.objects.visible_to(ANYBODY)
        .filter(scope.of("period__plan__", ""), version=1)
        .order_by("-published_at", "-period")
        .values("period", "published_at")
        .annotate(
            **{f"rated_{rating.value}": Count("pk", filter=Q(rating=rating)) for rating in Rating},
            rated_=Count("pk", filter=Q(rating=None)),
        )[:most]
    )
    periods = ReportingPeriod.objects.select_related("plan").in_bulk({act["period"] for act in acts})
    within = f"/{scope.commitment.code}" if scope.commitment else ""
    events = []
    for act in acts:
        period, moment = periods[act["period"]], act["published_at"]
        events.append(
            _event(
                "period",
                f"periods/{period.plan.slug}/{period.code}{within}/{moment.astimezone(datetime.UTC):%Y%m%dT%H%M%S.%fZ}",
                moment=moment,
                plan=period.plan,
                record=period,
                address=(scope.commitment or period.plan).get_absolute_url(),
                counted={name[6:]: n for name, n in act.items() if name.startswith("rated_") and n},
            )
        )
    return events


def _corrections(scope: Scope, most: int) -> list[Event]:
    rows = (
        SelfAssessment.objects.visible_to(ANYBODY)
        .filter(scope.of("period__plan__", ""), version__gt=1)
        .select_related("period", "supersedes", *_SUBJECT)
        .order_by("-published_at", "-pk")
    )
    return [
        _event("correction", f"self-assessments/{self_assessment_id(row)}", moment=row.published_at, **_about(row))
        for row in rows[:most]
    ]


def _answers(scope: Scope, most: int) -> list[Event]:
    rows = (
        CounterAssessment.objects.visible_to(ANYBODY)
        .filter(scope.of("period__plan__", ""))
        .numbered()
        .select_related("period", "organisation", *_SUBJECT)
        .order_by("-published_at", "-pk")
    )
    return [_event("answer", _answer_key(row), moment=row.published_at, **_about(row)) for row in rows[:most]]


def _removed(scope: Scope, most: int) -> list[Event]:
    """Answers withdrawn or withheld after they were public: who, when and why, and none of their words."""
    rows = (
        CounterAssessment.objects.marks(ANYBODY)
        .filter(scope.of("period__plan__", ""))
        .numbered()
        .annotate(ended_at=Coalesce("withheld_at", "withdrawn_at"))
        .select_related("period", "organisation", *_SUBJECT)
        .order_by("-ended_at", "-pk")
    )
    return [
        _event("removed", _answer_key(row), moment=row.withheld_at or row.withdrawn_at, **_about(row))
        for row in rows[:most]
    ]


def _responses(scope: Scope, most: int) -> list[Event]:
    """Agencies' responses in the words that are in force."""
    answer = "counter_assessment"
    rows = (
        Response.objects.visible_to(ANYBODY)
        .filter(scope.of(f"{answer}__period__plan__", f"{answer}__"), is_current=True)
        .select_related(
            "organisation",
            f"{answer}__organisation",
            f"{answer}__period",
            *(f"{answer}__{way}" for way in _SUBJECT),
        )
        .order_by("-published_at", "-pk")
    )[:most]
    keys = {
        row.pk: _answer_key(row)
        for row in CounterAssessment.objects.filter(responses__in=[row.pk for row in rows])
        .numbered()
        .select_related("period", "organisation", *_SUBJECT)
    }
    return [
        _event(
            "response",
            f"{keys[row.counter_assessment_id]}/responses/{row.organisation.slug}",
            moment=row.published_at,
            **_about(row.counter_assessment, row),
        )
        for row in rows
    ]


def _reviews(scope: Scope, most: int) -> list[Event]:
    """What the independent reviewer found, one event for each stage and day that its source dates."""
    rows = (
        IndependentReview.objects.visible_to(ANYBODY)
        .filter(_reviewed_in(scope), reviewed_on__isnull=False)
        .select_related(*_SUBJECT)
        .order_by("-reviewed_on", "stage", "-pk")
    )
    together: dict[tuple[int, str, Any], list[IndependentReview]] = {}
    for row in rows:
        together.setdefault((row.plan.pk, row.stage, row.reviewed_on), []).append(row)
    events = []
    for (_plan, stage, day), found in list(together.items())[:most]:
        plan, commitment = found[0].plan, scope.commitment
        within = f"/{commitment.code}" if commitment else ""
        events.append(
            _event(
                "review",
                f"independent-reviews/{plan.slug}{within}/{stage}/{day:%Y-%m-%d}",
                moment=day_start(day),
                plan=plan,
                record=found[0],
                address=(commitment or plan).get_absolute_url(),
                counted=_by_rating(row.completion for row in found),
            )
        )
    return events


def _reviewed_in(scope: Scope) -> Q:
    of_whole, of_milestone = scope.of("commitment__plan__", ""), scope.of("milestone__commitment__plan__", "")
    return of_whole if scope.commitment else of_whole | of_milestone


def _by_rating(ratings: Iterable[str | None]) -> dict[str, int]:
    counted: dict[str, int] = {}
    for rating in ratings:
        counted[rating or ""] = counted.get(rating or "", 0) + 1
    return counted


_SUBJECT: Sequence[str] = ("milestone__commitment__plan", "commitment__plan")


def _about(row: SelfAssessment | CounterAssessment, record: Any = None) -> dict[str, Any]:
    return {"plan": row.plan, "record": record or row, "address": row.subject.get_absolute_url()}


def _answer_key(answer: CounterAssessment) -> str:
    return f"counter-assessments/{counter_assessment_id(answer)}"
