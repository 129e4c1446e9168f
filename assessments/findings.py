"""Sentences with counts in them: what a page, its description and the report open with; each is one message."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from assessments.counts import Agreement, Counts
from assessments.freshness import Freshness, FreshnessState
from assessments.ledger import CommitmentEntry, PlanLedger
from assessments.models import ReportingPeriod
from assessments.ratings import Rating
from commitments.models import ActionPlan


def plan_finding(
    ledger: PlanLedger, counts: Counts, periods: Sequence[ReportingPeriod], moment: datetime.datetime
) -> str:
    """What a plan's page opens with: the ratings; without any, what is awaited and by when, or what is missing here."""
    if ledger.has_ratings:
        return headline(counts, whole=ledger.rated_as_whole)
    if ledger.plan.coverage == ActionPlan.Coverage.NOT_TRANSCRIBED:
        return _("This plan and the government's ratings of it are not transcribed here.")
    return awaited_finding(periods, moment)


def awaited_finding(periods: Sequence[ReportingPeriod], moment: datetime.datetime) -> str:
    """What is awaited at that moment in a plan without a rating; ``periods`` in the order of time."""
    unpublished = [period for period in periods if period.published_at is None or period.published_at > moment]
    if not unpublished:
        return _("No rating has been published yet, and no reporting period is planned.")
    today = timezone.localdate(moment)
    ended = sum(period.ends_on < today for period in unpublished)
    following = next((period for period in unpublished if period.ends_on >= today), None)
    if following is None:
        return ngettext(
            "No rating has been published, although the %(total)d planned reporting period has ended.",
            "No rating has been published, although all %(total)d planned reporting periods have ended.",
            len(periods),
        ) % {"total": len(periods)}
    values = {
        "ended": ended,
        "total": len(periods),
        "period": following.name,
        "day": date_format(following.ends_on, "DATE_FORMAT"),
    }
    if not ended:
        return (
            _("No rating has been published yet. The first is awaited for this period: %(period)s, until %(day)s.")
            % values
        )
    return (
        ngettext(
            "No rating has been published yet: %(ended)d of the %(total)d planned reporting periods has ended. "
            "The next: %(period)s, until %(day)s.",
            "No rating has been published yet: %(ended)d of the %(total)d planned reporting periods have ended. "
            "The next: %(period)s, until %(day)s.",
            ended,
        )
        % values
    )


def commitment_finding(entry: CommitmentEntry, counts: Counts) -> str:
    """What a commitment's page opens with."""
    if not counts.subjects:
        return _("The milestones of this commitment are not in this record, and no rating of it has been published.")
    if not any(subject.government for subject in entry.subjects):
        if entry.commitment.plan.coverage == ActionPlan.Coverage.NOT_TRANSCRIBED:
            return _("The government's own rating is not transcribed here.")
        return _("The government has not published a rating yet.")
    if not entry.rated_as_whole:
        return headline(counts, whole=False)
    if not entry.whole.rating:
        return _("The government's rating of this commitment: none is on record.")
    said = _("The government's rating of this commitment: %(rating)s.") % {"rating": Rating(entry.whole.rating).label}
    if not counts.ngo_rated_subjects:
        answered = _("No NGO has rated it.")
    elif counts.contested:
        answered = _("NGOs differ.")
    else:
        answered = _("NGOs agree.")
    return f"{said} {answered}"


def whole_review_finding(entry: CommitmentEntry, counts: Counts) -> str:
    """How the reviewer's one rating of this commitment stands to the government's."""
    if not entry.review or not entry.review.completion:
        return _("No rating of the independent reviewer is recorded here.")
    said = _("The independent reviewer's rating of the whole: %(rating)s.") % {
        "rating": Rating(entry.review.completion).label
    }
    against = counts.against_review
    if not against.compared or entry.rated_as_whole:
        return said
    second = ngettext(
        "Of the %(compared)d milestone it rated, the government puts %(below)d above that and %(above)d below.",
        "Of the %(compared)d milestones it rated, the government puts %(below)d above that and %(above)d below.",
        against.compared,
    )
    return f"{said} {second % {'compared': against.compared, 'below': against.below, 'above': against.above}}"


def evidence_finding(freshness: Freshness) -> str:
    """When a commitment's evidence was last updated, and what is due; empty where there is neither."""
    updated, until = (
        date_format(day, "DATE_FORMAT") if day else ""
        for day in (freshness.updated_at and timezone.localdate(freshness.updated_at), freshness.fresh_until)
    )
    values = {"updated": updated, "until": until}
    if freshness.state == FreshnessState.NEVER:
        return _("None published yet")
    if freshness.state == FreshnessState.OVERDUE:
        return _("%(updated)s; the next update was due by %(until)s and is overdue") % values
    if freshness.state == FreshnessState.DUE:
        left = freshness.days_left or 0
        return ngettext(
            "%(updated)s; the next update is due by %(until)s, in %(left)d day",
            "%(updated)s; the next update is due by %(until)s, in %(left)d days",
            left,
        ) % {**values, "left": left}
    if freshness.state == FreshnessState.FRESH:
        return _("%(updated)s; the next update is due by %(until)s") % values
    return updated


def freshness_finding(commitments: Sequence[Freshness]) -> str:
    """How many of a running plan's commitments have evidence that is up to date; empty where no clock runs."""
    states = [freshness.state for freshness in commitments if freshness.state]
    if not states:
        return ""
    return ngettext(
        "Evidence updated within six months: %(fresh)d of %(total)d commitment; overdue: %(overdue)d; none published "
        "yet: %(never)d.",
        "Evidence updated within six months: %(fresh)d of %(total)d commitments; overdue: %(overdue)d; none published "
        "yet: %(never)d.",
        len(states),
    ) % {
        "fresh": sum(state in {FreshnessState.FRESH, FreshnessState.DUE} for state in states),
        "total": len(states),
        "overdue": states.count(FreshnessState.OVERDUE),
        "never": states.count(FreshnessState.NEVER),
    }


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


def disagreement_finding(counts: Counts, *, whole: bool) -> str:
    """On how many of what they rated NGOs differ from the government, and which way."""
    agreement = counts.agreement
    if not agreement.compared:
        return _("No NGO rating can be compared with the government's.")
    values = {
        "contested": counts.contested,
        "rated": counts.ngo_rated_subjects,
        "compared": agreement.compared,
        "direction": direction_finding(agreement),
    }
    if not counts.contested:
        return _("NGOs agree with the government on all %(rated)d that they rated.") % values
    if agreement.compared != counts.ngo_rated_subjects:
        return _DIFFERING_RATINGS[whole](counts.ngo_rated_subjects) % values
    return _DIFFERING[whole](counts.ngo_rated_subjects) % values


# Whether commitments are rated -> the sentence for a number of them.
_DIFFERING = {
    False: lambda rated: ngettext(
        "NGOs differ from the government on %(contested)d of the %(rated)d milestone they rated: %(direction)s.",
        "NGOs differ from the government on %(contested)d of the %(rated)d milestones they rated: %(direction)s.",
        rated,
    ),
    True: lambda rated: ngettext(
        "NGOs differ from the government on %(contested)d of the %(rated)d commitment they rated: %(direction)s.",
        "NGOs differ from the government on %(contested)d of the %(rated)d commitments they rated: %(direction)s.",
        rated,
    ),
}
_DIFFERING_RATINGS = {
    False: lambda rated: ngettext(
        "NGOs differ from the government on %(contested)d of the %(rated)d milestone they rated. Of their "
        "%(compared)d ratings: %(direction)s.",
        "NGOs differ from the government on %(contested)d of the %(rated)d milestones they rated. Of their "
        "%(compared)d ratings: %(direction)s.",
        rated,
    ),
    True: lambda rated: ngettext(
        "NGOs differ from the government on %(contested)d of the %(rated)d commitment they rated. Of their "
        "%(compared)d ratings: %(direction)s.",
        "NGOs differ from the government on %(contested)d of the %(rated)d commitments they rated. Of their "
        "%(compared)d ratings: %(direction)s.",
        rated,
    ),
}


def silence_finding(counts: Counts, conditional: int, *, whole: bool) -> str:
    """What stands in no comparison: subjects without an NGO rating; and how many ratings depend on something."""
    silent = counts.subjects - counts.ngo_rated_subjects
    if whole:
        first = ngettext(
            "%(silent)d of %(total)d commitment has no NGO rating.",
            "%(silent)d of %(total)d commitments have no NGO rating.",
            counts.subjects,
        )
    else:
        first = ngettext(
            "%(silent)d of %(total)d milestone has no NGO rating.",
            "%(silent)d of %(total)d milestones have no NGO rating.",
            counts.subjects,
        )
    sentences = [first % {"silent": silent, "total": counts.subjects}]
    if asked := counts.ngo.not_provided:
        sentences.append(
            ngettext(
                "On %(count)d of them an NGO was asked and gave none.",
                "On %(count)d of them an NGO was asked and gave none.",
                asked,
            )
            % {"count": asked}
        )
    if silent:
        sentences.append(_("Silence is counted as silence, not as agreement."))
    if conditional:
        sentences.append(
            ngettext(
                "%(count)d rating depends on a condition.", "%(count)d ratings depend on a condition.", conditional
            )
            % {"count": conditional}
        )
    return " ".join(sentences)


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


def review_disagreement_finding(counts: Counts, *, whole: bool) -> str:
    """On how many of what both rated the reviewer stands below the government; empty where both rated nothing."""
    against = counts.against_review
    if not against.compared:
        return ""
    if whole:
        sentence = ngettext(
            "The independent reviewer is below the government on %(below)d of %(compared)d commitment",
            "The independent reviewer is below the government on %(below)d of %(compared)d commitments",
            against.compared,
        )
    else:
        sentence = ngettext(
            "The independent reviewer is below the government on %(below)d of %(compared)d milestone",
            "The independent reviewer is below the government on %(below)d of %(compared)d milestones",
            against.compared,
        )
    return sentence % {"below": against.below, "compared": against.compared}


def gap_words(gap: int) -> str:
    """A gap in words: "lower by 2", "agree", "higher by 1"."""
    if gap == 0:
        return _("agree")
    if gap < 0:
        return ngettext("lower by %(steps)d", "lower by %(steps)d", -gap) % {"steps": -gap}
    return ngettext("higher by %(steps)d", "higher by %(steps)d", gap) % {"steps": gap}
