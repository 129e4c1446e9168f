"""The plan of the demonstration: what is promised, by whom, and how it came about."""

from __future__ import annotations

import datetime
from typing import Any

from assessments.models import Claim, IndependentReview, day_start
from commitments.models import (
    ActionPlan,
    Commitment,
    FocalPoint,
    Involvement,
    Meeting,
    Milestone,
    Participation,
    PlanStatement,
    PolicyArea,
    Recommendation,
    Theme,
)
from ogptracker.demonstration import SLUG
from ogptracker.demonstration.recording import Cast, record, words
from reports.models import Comment

# Due dates as plans print them, and what they mean: first and last day, each as (years after the first, month, day).
DUE: dict[str, tuple[str, tuple[int, int, int] | None, tuple[int, int, int] | None]] = {
    "none": ("", None, None),
    "year_1": ("{y1}", (0, 1, 1), (0, 12, 31)),
    "year_2": ("{y2}", (1, 1, 1), (1, 12, 31)),
    "year_3": ("{y3}", (2, 1, 1), (2, 12, 31)),
    "year_4": ("by {y4}", None, (3, 12, 31)),
    "years_1_2": ("{y1}-{y2}", (0, 1, 1), (1, 12, 31)),
    "years_2_3": ("{y2}-{y3}", (1, 1, 1), (2, 12, 31)),
    "starts_2": ("starts in {y2}", (1, 1, 1), None),
    "second_half_2": ("2nd half of {y2}", (1, 7, 1), (1, 12, 31)),
    "first_half_3": ("1st half of {y3}", (2, 1, 1), (2, 6, 30)),
    "quarter_iv_1": ("IV quarter of {y1}", (0, 10, 1), (0, 12, 31)),
    "quarter_iv_2": ("IV quarter of {y2}", (1, 10, 1), (1, 12, 31)),
    "half_span": ("S II {y1}- S I {y2}", (0, 7, 1), (1, 6, 30)),
    "full_date_2": ("30 June {y2}", None, (1, 6, 30)),
}
ROLES = {
    "leads": Involvement.Role.LEAD,
    "supporting": Involvement.Role.SUPPORTING_GOVERNMENT,
    "civil_society": Involvement.Role.CIVIL_SOCIETY,
    "other": Involvement.Role.OTHER,
}


def write_promises(cast: Cast) -> None:
    """The plan with all in it that is no rating; fills in ``plan``, ``commitments``, ``milestones``, ``stories``."""
    content = words("plan")
    first = cast.quarters[0]
    texts = {name: text for name, text in content.items() if isinstance(text, str)}
    cast.plan = ActionPlan(
        slug=SLUG,
        is_demonstration=True,
        starts_on=first.starts_on,
        ends_on=first.starts_on.replace(year=first.starts_on.year + 4) - datetime.timedelta(days=1),
        adopted_on=first.starts_on,
        published_at=day_start(first.starts_on),
        published_by=cast.publisher,
        **texts,
    )
    _keep(cast, cast.plan)
    themes = {row["code"]: _keep(cast, Theme(plan=cast.plan, **row)) for row in content["themes"]}
    for values in content["commitments"]:
        _write_commitment(cast, values, themes)
    for values in content["statements"]:
        theme = themes.get(values.pop("theme", ""))
        _keep(cast, PlanStatement(plan=cast.plan, theme=theme, **values))
    _write_reviewer(cast, content)
    _write_meetings(cast, content["meetings"])
    for values in content["claims"]:
        _keep(cast, Claim(plan=cast.plan, source=cast.source, **values))
    for values in content["remarks"]:
        _write_remark(cast, values)


def _keep(cast: Cast, row: Any) -> Any:
    return record(row, by=cast.editor, at=day_start(cast.quarters[0].starts_on))


def _write_commitment(cast: Cast, values: dict[str, Any], themes: dict[str, Theme]) -> None:
    milestones = values.pop("milestones")
    involved = {name: values.pop(name, []) for name in ROLES}
    unnamed, theme = values.pop("unnamed", ""), themes.get(values.pop("theme", ""))
    areas = PolicyArea.objects.filter(code__in=values.pop("policy_areas", []))
    commitment = _keep(
        cast,
        Commitment(plan=cast.plan, theme=theme, starts_on=cast.plan.starts_on, ends_on=cast.plan.ends_on, **values),
    )
    commitment.policy_areas.set(areas)
    cast.commitments[commitment.code] = commitment
    for name, slugs in involved.items():
        for position, slug in enumerate(slugs, start=1):
            organisation = cast.organisations[slug]
            row = Involvement(commitment=commitment, role=ROLES[name], position=position, organisation=organisation)
            _keep(cast, row)
    if unnamed:
        role = Involvement.Role.CIVIL_SOCIETY
        _keep(cast, Involvement(commitment=commitment, role=role, position=99, as_printed=unnamed))
    _write_focal_points(cast, commitment, cast.organisations[involved["leads"][0]])
    for number, milestone in enumerate(milestones, start=1):
        _write_milestone(cast, commitment, f"{commitment.code}.{number}", milestone)


def _write_focal_points(cast: Cast, commitment: Commitment, agency: Any) -> None:
    """The responsible person; where the commitment's code is even, responsibility has moved once."""
    moved = cast.quarters[2].ends_on if int(commitment.code) % 2 == 0 else None
    people = [(f"Жишээ Хүн {commitment.code}А", cast.plan.starts_on, moved)]
    if moved:
        people.append((f"Example Person {commitment.code}B", moved + datetime.timedelta(days=1), None))
    for number, (name, starts_on, ends_on) in enumerate(people, start=1):
        _keep(
            cast,
            FocalPoint(
                commitment=commitment,
                organisation=agency,
                name=name,
                position="Head of an invented department",
                department="Invented department",
                email=f"focal-{commitment.code}-{number}@example.org",
                phone=f"0000-{commitment.code.zfill(2)}{number:02}",
                starts_on=starts_on,
                ends_on=ends_on,
            ),
        )


def _write_milestone(cast: Cast, commitment: Commitment, code: str, values: dict[str, Any]) -> None:
    cast.stories[code] = values.pop("story"), values.pop("now", "")
    agencies = [cast.organisations[slug] for slug in values.pop("agencies")]
    text, starts, ends = DUE[values.pop("due")]
    year = cast.plan.starts_on.year
    years = {f"y{number}": str(year + number - 1) for number in range(1, 5)}
    milestone = Milestone(
        commitment=commitment,
        code=code,
        due_text=text.format(**years),
        starts_on=_day(year, starts),
        ends_on=_day(year, ends),
        **values,
    )
    _keep(cast, milestone)
    milestone.agencies.set(agencies)
    cast.milestones[code] = milestone


def _day(year: int, place: tuple[int, int, int] | None) -> datetime.date | None:
    return datetime.date(year + place[0], place[1], place[2]) if place else None


def _write_reviewer(cast: Cast, content: dict[str, Any]) -> None:
    reviewed_on = cast.quarters[3].ends_on
    for values in content["recommendations"]:
        commitments = [cast.commitments[code] for code in values.pop("commitments")]
        recommendation = Recommendation(
            plan=cast.plan,
            reviewer=Recommendation.Reviewer.OTHER,
            issued_on=reviewed_on,
            **values,
        )
        _keep(cast, recommendation).commitments.set(commitments)
    for values in content["reviews"]:
        commitment = cast.commitments[values.pop("commitment")]
        _keep(
            cast,
            IndependentReview(
                commitment=commitment,
                report_year=reviewed_on.year,
                reviewed_on=reviewed_on,
                link=f"https://example.org/demonstration/review/{commitment.code}",
                **values,
            ),
        )


def _write_meetings(cast: Cast, meetings: list[dict[str, Any]]) -> None:
    for values in meetings:
        quarter = cast.quarters[values.pop("quarter")]
        slugs = values.pop("participants", [])
        counted = {
            f"participants_{name}": values.pop(key, None)
            for key, name in (("government", "government"), ("others", "other"), ("total", "total"))
        }
        held_on = None if values.get("date_text") else quarter.starts_on + datetime.timedelta(days=20)
        meeting = _keep(cast, Meeting(plan=cast.plan, held_on=held_on, **values, **counted))
        for position, slug in enumerate(slugs, start=1):
            organisation = cast.organisations[slug]
            official = organisation.kind == organisation.Kind.GOVERNMENT
            _keep(
                cast,
                Participation(
                    meeting=meeting,
                    listed_as=Participation.ListedAs["GOVERNMENT" if official else "NON_GOVERNMENT"],
                    position=position,
                    organisation=organisation,
                    as_printed=str(organisation),
                ),
            )


def _write_remark(cast: Cast, values: dict[str, Any]) -> None:
    subject: dict[str, Any] = {"plan": cast.plan} if values.pop("plan", False) else {}
    for name, known in (("commitment", cast.commitments), ("milestone", cast.milestones)):
        if code := values.pop(name, None):
            subject[name] = known[code]
    organisation = cast.organisations.get(values.pop("organisation", ""))
    _keep(cast, Comment(stated_on=cast.quarters[1].ends_on, organisation=organisation, **subject, **values))
