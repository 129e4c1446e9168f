"""Sentences with counts in them: what a page, its description and the report open with; each is one message."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from assessments.counts import Agreement, Counts


def headline(counts: Counts, *, whole: bool) -> str:
    """What government and NGOs say, in one or two sentences; ``whole``: commitments are rated, not milestones."""
    return " ".join(filter(None, [government_finding(counts, whole=whole), ngo_finding(counts)]))


def government_finding(counts: Counts, *, whole: bool) -> str:
    values = {"green": counts.government.green, "total": counts.subjects}
    if not counts.government.rated:
        return _("The government has not published a rating yet.")
    if whole:
        return (
            ngettext(
                "The government rates %(green)d of %(total)d commitment completed or substantial.",
                "The government rates %(green)d of %(total)d commitments completed or substantial.",
                counts.subjects,
            )
            % values
        )
    return (
        ngettext(
            "The government rates %(green)d of %(total)d milestone completed or substantial.",
            "The government rates %(green)d of %(total)d milestones completed or substantial.",
            counts.subjects,
        )
        % values
    )


def ngo_finding(counts: Counts) -> str:
    if not counts.ngo_rated_subjects:
        return _("No NGO has rated any of them.") if counts.government.rated else ""
    values = {"rated": counts.ngo_rated_subjects, "total": counts.subjects, "contested": counts.contested}
    if not counts.contested:
        return _("NGOs rated %(rated)d of the %(total)d, and agree on all of them.") % values
    return _("NGOs rated %(rated)d of the %(total)d, and differ on %(contested)d.") % values


def direction_finding(agreement: Agreement) -> str:
    """Which way the NGO ratings differ: "9 lower, 1 higher"."""
    values = {"lower": agreement.lower, "higher": agreement.higher}
    if agreement.lower and agreement.higher:
        return _("%(lower)d lower, %(higher)d higher") % values
    if agreement.lower:
        return _("%(lower)d lower") % values
    if agreement.higher:
        return _("%(higher)d higher") % values
    return _("no difference")


def review_finding(counts: Counts, *, whole: bool) -> str:
    """How the independent reviewer's ratings of whole commitments stand to the government's."""
    if not counts.review.rated:
        return _("No rating of the independent reviewer is recorded here.")
    first = ngettext(
        "The independent reviewer rated %(reviewed)d of the %(commitments)d commitment.",
        "The independent reviewer rated %(reviewed)d of the %(commitments)d commitments.",
        counts.review.total,
    ) % {"reviewed": counts.review.rated, "commitments": counts.review.total}
    against = counts.against_review
    if not against.compared:
        return first
    values = {"below": against.below, "compared": against.compared}
    if whole:
        second = ngettext(
            "On %(below)d of the %(compared)d that both rated, the government's rating is above the reviewer's.",
            "On %(below)d of the %(compared)d that both rated, the government's rating is above the reviewer's.",
            against.compared,
        )
    else:
        second = ngettext(
            "On %(below)d of their %(compared)d rated milestone, the government's rating is above the reviewer's.",
            "On %(below)d of their %(compared)d rated milestones, the government's rating is above the reviewer's.",
            against.compared,
        )
    return f"{first} {second % values}"


def gap_words(gap: int) -> str:
    """A gap in words: "lower by 2", "agree", "higher by 1"."""
    if gap == 0:
        return _("agree")
    if gap < 0:
        return ngettext("lower by %(steps)d", "lower by %(steps)d", -gap) % {"steps": -gap}
    return ngettext("higher by %(steps)d", "higher by %(steps)d", gap) % {"steps": gap}
