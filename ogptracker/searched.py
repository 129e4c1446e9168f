"""What the page of search looks through, kind by kind, and how a row of each kind is shown.

Every kind starts from `visible_to`; demonstrations are in none. What was said is found as the pages show it: the
version in force of each subject's newest period.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, Q, QuerySet, Value, When
from django.utils.html import format_html
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from assessments.models import CounterAssessment, SelfAssessment
from commitments.localised import LANGUAGES, LocalisedText, language_of, localised, marked
from commitments.models import ActionPlan, Commitment, Milestone, Recommendation
from commitments.text import name_sort_key
from commitments.words import Asked, titles_of, words_of
from reports.models import Report
from reports.narrative import as_plain
from reports.organisation_pages import shown_organisations

# "6.5", "nap-4/6.5", "nap-4 6.5", "MN0049"
CODE = re.compile(r"(?:(?P<plan>[\w-]+)(?:/|\s+))?(?P<code>[\w.\-]+)")


@dataclass(frozen=True)
class Heading:
    """What a result is called and leads to; ``where`` it stands, as HTML where names of organisations are in it."""

    code: str
    title: LocalisedText
    address: str
    where: str


@dataclass(frozen=True)
class Kind:
    """``found``: the rows with all the words, best first; ``texts``: in what of a row the words may stand.

    ``speaks``: the rows are about what their heading names, so that their own words are always shown.
    """

    key: str
    name: Any
    found: Callable[[Any, Asked], QuerySet[Any] | Sequence[Any]]
    heading: Callable[[Any], Heading]
    texts: Callable[[Any], Iterable[LocalisedText]]
    speaks: bool = False


def with_code(user: Any, text: str) -> dict[str, list[Any]]:
    """The milestones and commitments that have this very code or identifier, by the key of their kind, of the newest
    plan first. Two queries, none for what is no code.
    """
    match = CODE.fullmatch(text.strip())
    if match is None:
        return {}
    code, plan = match["code"].rstrip("."), match["plan"]
    milestones = _milestones(user).filter(code__iexact=code)
    # An identifier is folded: its letters look alike in both alphabets.
    named = Q(code__iexact=code) | Q(ogp_identifier="".join(words_of(code)).upper())
    commitments = _commitments(user).filter(named)
    if plan:
        milestones = milestones.filter(commitment__plan__slug__iexact=plan)
        commitments = commitments.filter(plan__slug__iexact=plan)
    return {
        "milestones": list(milestones.order_by("-commitment__plan__starts_on", "pk")),
        "commitments": list(commitments.order_by("-plan__starts_on", "pk")),
    }


def _commitments(user: Any) -> QuerySet[Any]:
    return Commitment.objects.visible_to(user).filter(plan__is_demonstration=False).select_related("plan")


def _milestones(user: Any) -> QuerySet[Any]:
    milestones = Milestone.objects.visible_to(user).filter(commitment__plan__is_demonstration=False)
    return milestones.select_related("commitment__plan")


def _best_first(rows: QuerySet[Any], words: Asked, *order: str) -> QuerySet[Any]:
    """Those with all the words, the ones that have them in their titles first."""
    found = rows.filter(words.condition("search_text")).annotate(in_titles=titles_of())
    place = Case(When(words.condition("in_titles"), then=Value(0)), default=Value(1))
    return found.annotate(place=place).order_by("place", *order, "pk")


def _found_plans(user: Any, words: Asked) -> QuerySet[Any]:
    return _best_first(ActionPlan.objects.visible_to(user).real(), words, "-starts_on")


def _found_commitments(user: Any, words: Asked) -> QuerySet[Any]:
    return _best_first(_commitments(user), words, "-plan__starts_on", "code_order")


def _found_milestones(user: Any, words: Asked) -> QuerySet[Any]:
    order = ("-commitment__plan__starts_on", "commitment__code_order", "code_order")
    return _best_first(_milestones(user), words, *order)


def _found_recommendations(user: Any, words: Asked) -> QuerySet[Any]:
    rows = Recommendation.objects.visible_to(user).filter(plan__is_demonstration=False).select_related("plan")
    return _best_first(rows, words, "-plan__starts_on", "code_order")


def _found_ratings(user: Any, words: Asked) -> QuerySet[Any]:
    return _said(SelfAssessment.objects.visible_to(user), words)


def _found_answers(user: Any, words: Asked) -> QuerySet[Any]:
    return _said(CounterAssessment.objects.visible_to(user), words).select_related("organisation")


def _said(rows: Any, words: Asked) -> QuerySet[Any]:
    shown = rows.filter(is_latest=True, period__plan__is_demonstration=False).filter(words.condition("search_text"))
    subjects = ("period__plan", "milestone__commitment__plan", "commitment__plan")
    order = ("-period__ends_on", "milestone__code_order", "commitment__code_order", "pk")
    return shown.select_related(*subjects).order_by(*order)


def _found_reports(user: Any, words: Asked) -> QuerySet[Any]:
    """Released ones, whoever asks, without those that a later one corrects."""
    rows = Report.objects.visible_to(user).released().filter(plan__is_demonstration=False)
    rows = rows.exclude(superseded_by__state=Report.State.RELEASED).select_related("plan").defer("figures")
    return _best_first(rows, words, "-plan__starts_on", "-number").prefetch_related("sections")


def _found_organisations(user: Any, words: Asked) -> Sequence[Any]:
    """In the order of the reader's alphabet, which no database knows."""
    found = shown_organisations(user).real().having(words).prefetch_related("aliases")
    return sorted(found, key=lambda row: name_sort_key(str(row)))


def _plan(plan: ActionPlan) -> Heading:
    years = f"{plan.starts_on.year}–{plan.ends_on.year}"
    return Heading("", localised(plan, "title"), plan.get_absolute_url(), f"{plan.short_name}, {years}")


def part(row: Milestone | Commitment) -> Heading:
    if isinstance(row, Commitment):
        return Heading(row.code, localised(row, "title"), row.get_absolute_url(), row.plan.short_name)
    where = {"plan": row.commitment.plan.short_name, "code": row.commitment.code}
    return Heading(
        row.code,
        localised(row, "title"),
        row.get_absolute_url(),
        _("%(plan)s, commitment %(code)s") % where,
    )


def _rating(row: SelfAssessment) -> Heading:
    subject = row.subject
    where = ", ".join([row.plan.short_name, _("Government"), row.period.name])
    return Heading(subject.code, localised(subject, "title"), subject.get_absolute_url(), where)


def _answer(row: CounterAssessment) -> Heading:
    subject = row.subject
    name = localised(row.organisation, "name") if row.organisation else None
    author = marked(name.text, name.language) if name else _("NGO, not named in the source")
    where = format_html("{}, {}, {}", row.plan.short_name, author, row.period.name)
    return Heading(subject.code, localised(subject, "title"), subject.get_absolute_url(), where)


def _recommendation(row: Recommendation) -> Heading:
    where = f"{row.plan.short_name}, {row.get_reviewer_display()}"
    return Heading(row.code, localised(row, "text"), f"{row.plan.get_absolute_url()}#recommendations", where)


def _report(row: Report) -> Heading:
    title = LocalisedText(f"{row.get_kind_display()}, {row.period_words}", (get_language() or "en")[:2])
    where = _("%(plan)s, report No. %(number)d") % {"plan": row.plan.short_name, "number": row.number or 0}
    return Heading("", title, row.get_absolute_url(), where)


def _organisation(row: Any) -> Heading:
    return Heading("", localised(row, "name"), row.get_absolute_url(), str(row.get_kind_display()))


def _in(*fields: str) -> Callable[[Any], Iterable[LocalisedText]]:
    """Texts that a row has in two languages."""
    return lambda row: [
        LocalisedText(getattr(row, f"{field}_{language}"), language) for field in fields for language in LANGUAGES
    ]


def _of_answer(row: CounterAssessment) -> Iterable[LocalisedText]:
    said = (row.recommendation, row.justification, row.condition, row.no_rating_text)
    return [LocalisedText(text, row.language) for text in said]


def _of_report(row: Report) -> Iterable[LocalisedText]:
    return [
        LocalisedText(as_plain(getattr(section, f"body_{language}")), language)
        for section in row.sections.all()
        for language in LANGUAGES
    ]


def _of_organisation(row: Any) -> Iterable[LocalisedText]:
    others = [row.short_name, *(alias.name for alias in row.aliases.all())]
    return [*_in("name")(row), *(LocalisedText(text, language_of(text)) for text in others)]


KINDS = (
    Kind(
        "plans",
        gettext_lazy("Plans"),
        _found_plans,
        _plan,
        _in("title", "making", "coverage_note", "adopted_by"),
    ),
    Kind(
        "commitments",
        gettext_lazy("Commitments"),
        _found_commitments,
        part,
        _in(
            *("title", "adopted_wording", "brief_description", "problem", "main_objective"),
            *("description", "relevance", "ambition", "next_steps"),
        ),
    ),
    Kind(
        "milestones",
        gettext_lazy("Milestones"),
        _found_milestones,
        part,
        _in("title", "expected_output", "note"),
    ),
    Kind(
        "ratings",
        gettext_lazy("What the government says of its ratings"),
        _found_ratings,
        _rating,
        _in("evidence", "challenges", "next_steps", "additional_information"),
        speaks=True,
    ),
    Kind("answers", gettext_lazy("What NGOs answer"), _found_answers, _answer, _of_answer, speaks=True),
    Kind(
        "recommendations",
        gettext_lazy("Recommendations of the reviewer"),
        _found_recommendations,
        _recommendation,
        _in("text", "response", "outcome"),
    ),
    Kind("reports", gettext_lazy("Reports to the forum"), _found_reports, _report, _of_report),
    Kind("organisations", gettext_lazy("Organisations"), _found_organisations, _organisation, _of_organisation),
)
