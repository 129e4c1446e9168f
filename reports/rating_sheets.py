"""The sheets of what each rater says: commitments, milestones, answers, and what moved between two readings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.utils.translation import gettext as _

from reports.content import ChangePart, CommitmentPart, Figures, Subject
from reports.sheets import CODE, DAY, NUMBER, PROSE, Column, Row, Table, as_date


def rating_tables(figures: Figures) -> list[Table]:
    return [
        Table(_("Commitments"), _commitment_columns(figures), _commitments(figures), stays_empty=True),
        Table(_("Milestones"), _milestone_columns(), _milestones(figures), stays_empty=True),
        Table(_("NGO answers"), _answer_columns(), _answers(figures)),
        Table(_("Who answered"), _answering_columns(), _answering(figures)),
        Table(_("What became of the answers"), _became_columns(), _became(figures)),
        Table(_("What changed"), _change_columns(), _changes(figures)),
    ]


def _commitment_columns(figures: Figures) -> list[Column]:
    return [
        Column(_("Code"), 9, CODE),
        Column(_("Title"), 60),
        Column(_("OGP identifier"), 12, CODE),
        Column(_("Lead agency"), 36),
        *(
            Column(_("Government: %(rating)s") % {"rating": rating.label}, 15, NUMBER)
            for rating in figures.totals.government.ratings
        ),
        Column(_("Government: not rated"), 15, NUMBER),
        Column(_("Rated by NGOs"), 12, NUMBER),
        Column(_("NGOs lower"), 11, NUMBER),
        Column(_("NGOs equal"), 11, NUMBER),
        Column(_("NGOs higher"), 11, NUMBER),
        Column(_("Reviewer (IRM)"), 22),
        Column(_("On the site"), 48),
    ]


def _commitments(figures: Figures) -> Iterator[Row]:
    for row in figures.commitments:
        totals = row.totals
        yield [
            row.code,
            row.title.text,
            row.ogp_identifier,
            "; ".join(lead.text for lead in row.leads),
            *(rating.count for rating in totals.government.ratings),
            totals.government.not_rated,
            totals.ngo_rated_subjects,
            totals.lower,
            totals.agree,
            totals.higher,
            row.review.words,
            row.address,
        ]


def _subjects(commitment: CommitmentPart, figures: Figures) -> Iterable[tuple[Subject, Any]]:
    """What is rated, with the part that says its title, its agencies and when it is due."""
    if figures.plan.rated_as_whole:
        return [(commitment.whole, commitment)]
    return [(row.subject, row) for row in commitment.milestones]


def _milestone_columns() -> list[Column]:
    return [
        Column(_("Commitment"), 12, CODE),
        Column(_("Code"), 9, CODE),
        Column(_("Title"), 60),
        Column(_("Agencies"), 36),
        Column(_("Due, as printed"), 18),
        Column(_("Due by"), 12, DAY),
        Column(_("Government"), 30),
        Column(_("Date"), 12, DAY),
        Column(_("Why there is no rating"), 22),
        Column(_("Evidence"), 60, PROSE),
        Column(_("What stands in the way"), 60, PROSE),
        Column(_("Next steps"), 40, PROSE),
        Column(_("Contested"), 11),
        Column(_("On the site"), 48),
    ]


def _milestones(figures: Figures) -> Iterator[Row]:
    for commitment in figures.commitments:
        for subject, part in _subjects(commitment, figures):
            own = subject.government
            whole = figures.plan.rated_as_whole
            yield [
                commitment.code,
                subject.code,
                part.title.text,
                "; ".join(agency.text for agency in (part.leads if whole else part.agencies)),
                part.ends if whole else part.due,
                as_date(part.ends_on),
                own.rated.words if own else "",
                as_date(own.stated_on) if own else None,
                own.rated.reason if own else "",
                own.evidence.text if own else "",
                own.challenges.text if own else "",
                own.next_steps.text if own else "",
                _("yes") if subject.contested else _("no"),
                part.address,
            ]


def _answer_columns() -> list[Column]:
    return [
        Column(_("Code"), 9, CODE),
        Column(_("Organisation"), 36),
        Column(_("Date"), 12, DAY),
        Column(_("Rating"), 30),
        Column(_("Gap in steps"), 9, NUMBER),
        Column(_("Recommendation"), 60, PROSE),
        Column(_("Justification"), 60, PROSE),
        Column(_("Condition"), 30, PROSE),
        Column(_("Responses"), 60, PROSE),
    ]


def _answers(figures: Figures) -> Iterator[Row]:
    for commitment in figures.commitments:
        for subject, _part in _subjects(commitment, figures):
            for answer in subject.answers:
                yield [
                    subject.code,
                    answer.organisation.text,
                    as_date(answer.stated_on),
                    answer.rated.words if answer.is_verdict else answer.rated.reason,
                    answer.gap,
                    answer.recommendation.text,
                    answer.justification.text,
                    answer.condition.text,
                    "\n\n".join(
                        f"{row.organisation.text}, {row.stated}: {row.kind_words}. {row.reason.text}"
                        for row in answer.responses
                    ),
                ]


def _answering_columns() -> list[Column]:
    titles = (_("Answers"), _("With a rating"), _("Not provided"), _("Lower"), _("Equal"), _("Higher"))
    return [Column(_("Organisation"), 60), *(Column(title, 13, NUMBER) for title in titles)]


def _answering(figures: Figures) -> Iterator[Row]:
    for row in figures.answering:
        name = row.organisation.text or _("NGO not named in the source")
        yield [name, row.answers, row.rated, row.not_provided, row.lower, row.agree, row.higher]


def _became_columns() -> list[Column]:
    titles = (
        _("Received"),
        _("Published"),
        _("Replaced"),
        _("Waiting"),
        _("Returned"),
        _("Withheld"),
        _("Withdrawn"),
        _("Without a response"),
    )
    return [Column(_("Period"), 30), *(Column(title, 13, NUMBER) for title in titles)]


def _became(figures: Figures) -> Iterator[Row]:
    for row in figures.answers:
        yield [
            row.period,
            row.received,
            row.published,
            row.replaced,
            row.waiting,
            row.returned,
            row.withheld,
            row.withdrawn,
            row.unanswered,
        ]


def _change_columns() -> list[Column]:
    return [
        Column(_("What changed"), 18),
        Column(_("Code"), 9, CODE),
        Column(_("Title"), 60),
        Column(_("Before"), 30),
        Column(_("Now"), 30),
        Column(_("Steps"), 8, NUMBER),
        Column(_("Reason of the correction"), 50, PROSE),
    ]


def _changes(figures: Figures) -> Iterator[Row]:
    changes = figures.changes
    if changes is None:
        return
    kinds: list[tuple[str, tuple[ChangePart, ...]]] = [
        (_("Slipped"), changes.slipped),
        (_("Improved"), changes.improved),
        (_("Newly rated"), changes.newly_rated),
        (_("No longer rated"), changes.no_longer_rated),
        (_("Corrected since"), changes.corrected),
    ]
    for words, moves in kinds:
        for move in moves:
            yield [
                words,
                move.code,
                move.title.text,
                move.before.words if move.before else "",
                move.after.words if move.after else "",
                move.steps,
                move.correction_reason,
            ]
