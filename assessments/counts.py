"""Every count of what raters say. It counts a ledger that was read, so that page, API, admin and report say the same.

What became of answers, shown or not, counts `assessments.answer_states`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from django.db.models import Count, Q

from assessments.ledger import CommitmentEntry, Comparison, PlanLedger
from assessments.models import Claim, ReportingPeriod
from assessments.ratings import SCALES, Light, NoRatingReason, Rating, light_of
from commitments.models import Meeting, Organisation, Participation, RatingScale, Recommendation


@dataclass(frozen=True)
class Tally:
    """How many of ``total`` have which rating; those without one are counted apart and are in no percentage."""

    total: int
    by_rating: dict[str, int]  # rating code -> count; every rating of the scale, zeros too, best first
    not_provided: int = 0

    @property
    def rated(self) -> int:
        return sum(self.by_rating.values())

    @property
    def not_rated(self) -> int:
        """Without a rating, and not because one was asked for and refused."""
        return self.total - self.rated - self.not_provided

    def with_light(self, light: str) -> int:
        return sum(count for rating, count in self.by_rating.items() if light_of(rating) == light)

    @property
    def green(self) -> int:
        return self.with_light(Light.GREEN)

    @property
    def amber(self) -> int:
        return self.with_light(Light.AMBER)

    @property
    def red(self) -> int:
        return self.with_light(Light.RED)

    def percent(self, light: str) -> int | None:
        """Whole per cent of the rated that show the light; None where nothing is rated."""
        return whole_percent(self.with_light(light), self.rated)


@dataclass(frozen=True)
class Agreement:
    """NGO ratings compared with the government's: one per answer that has both."""

    by_gap: dict[int, int]  # steps -2 to 2 -> count

    @property
    def compared(self) -> int:
        return sum(self.by_gap.values())

    @property
    def lower_by_two(self) -> int:
        return self.by_gap[-2]

    @property
    def lower_by_one(self) -> int:
        return self.by_gap[-1]

    @property
    def lower(self) -> int:
        return self.lower_by_two + self.lower_by_one

    @property
    def agree(self) -> int:
        return self.by_gap[0]

    @property
    def higher(self) -> int:
        return self.by_gap[1] + self.by_gap[2]

    @property
    def differ(self) -> int:
        return self.lower + self.higher


@dataclass(frozen=True)
class ReviewComparison:
    """The reviewer's one rating of a commitment against each rating of the government in it."""

    above: int  # subjects on which the reviewer is above the government
    equal: int
    below: int

    @property
    def compared(self) -> int:
        return self.above + self.equal + self.below


@dataclass(frozen=True)
class Counts:
    """All counts over some subjects: a plan's, or one commitment's."""

    subjects: int
    government: Tally
    ngo: Tally  # subjects by the rating of their NGO answers; one subject may have several
    ngo_answers: int  # published answers, with or without a rating
    ngo_rated_subjects: int
    contested: int  # subjects with at least one answer that differs
    agreement: Agreement
    review: Tally  # commitments by the reviewer's rating
    against_review: ReviewComparison
    by_steps: dict[tuple[int, int], int]  # (government's step, NGO's step) -> count of answers


@dataclass(frozen=True)
class Disagreement:
    """How organisations answered the ratings of some subjects: a plan's, a commitment's, a period's."""

    rated: int  # subjects with a rating of the government
    answered: int  # subjects with at least one published answer, rated or not
    answers: int
    conditional: int  # answers whose rating depends on something
    agreement: Agreement


@dataclass(frozen=True)
class ByOrganisation:
    """One organisation's answers in a plan; ``organisation`` is None where the source names nobody."""

    organisation: Organisation | None
    answers: int
    rated: int
    not_provided: int
    agreement: Agreement


@dataclass(frozen=True)
class ClaimCount:
    """A printed figure and the count made from the data; ``counted`` is None where there is nothing to count."""

    claim: Claim
    counted: int | None

    @property
    def differs(self) -> bool:
        return self.counted is not None and self.counted != self.claim.value


def whole_percent(part: int, base: int) -> int | None:
    """``part`` of ``base`` in whole per cent, halves up; None of nothing."""
    return int((Decimal(100 * part) / base).quantize(Decimal(1), ROUND_HALF_UP)) if base else None


def count_plan(ledger: PlanLedger) -> Counts:
    return _count(ledger.commitments, ledger.plan.rating_scale)


def count_commitment(entry: CommitmentEntry) -> Counts:
    return _count([entry], entry.commitment.plan.rating_scale)


def _count(entries: Iterable[CommitmentEntry], scale: str) -> Counts:
    entries = list(entries)
    subjects = [subject for entry in entries for subject in entry.subjects]
    answers = [answer for subject in subjects for answer in subject.answers]
    against = Counter(
        (difference > 0) - (difference < 0)
        for entry in entries
        for subject in entry.subjects
        if (difference := entry.review_gap(subject)) is not None
    )
    comparison = ReviewComparison(above=against[1], equal=against[0], below=against[-1])
    rated = [subject for subject in subjects if subject.rated]
    not_provided = [subject for subject in subjects if subject.verdicts and not subject.rated]
    ratings = Counter(answer.rating for answer in answers if answer.rating)
    return Counts(
        subjects=len(subjects),
        government=_tally((subject.rating for subject in subjects), scale, len(subjects)),
        ngo=Tally(
            total=sum(ratings.values()) + len(subjects) - len(rated),
            by_rating={rating.value: ratings[rating.value] for rating in SCALES[scale]},
            not_provided=len(not_provided),
        ),
        ngo_answers=len(answers),
        ngo_rated_subjects=len(rated),
        contested=sum(subject.contested for subject in subjects),
        agreement=_agreement(subjects),
        review=_tally(
            (entry.review.completion if entry.review else None for entry in entries),
            RatingScale.COMPLETION,
            len(entries),
        ),
        against_review=comparison,
        by_steps=dict(
            Counter(
                (Rating(subject.rating).step, Rating(answer.rating).step)
                for subject in subjects
                for answer in subject.rated
                if subject.rating and answer.rating
            )
        ),
    )


def count_ratings(subjects: Iterable[Comparison], scale: str) -> Tally:
    """The government's ratings of some subjects of one plan: those of an agency, say."""
    subjects = list(subjects)
    return _tally((subject.rating for subject in subjects), scale, len(subjects))


def count_gaps(subjects: Iterable[Comparison]) -> Agreement:
    """The answers of some subjects against the government's ratings: those of one organisation, say."""
    return _agreement(subjects)


def _tally(ratings: Iterable[str | None], scale: str, total: int) -> Tally:
    counted = Counter(ratings)
    return Tally(total, {rating.value: counted[rating.value] for rating in SCALES[scale]})


def _agreement(subjects: Iterable[Comparison]) -> Agreement:
    counted = Counter(difference for subject in subjects for difference in subject.gaps)
    return Agreement({steps: counted[steps] for steps in range(-2, 3)})


def count_by_organisation(ledger: PlanLedger) -> list[ByOrganisation]:
    """Who answered how often and how: most rated first, then by name; answers without a name last."""
    answers: dict[int | None, list] = {}
    for subject in ledger.subjects:
        for answer in subject.answers:
            answers.setdefault(answer.assessment.organisation_id, []).append(answer)
    rows = [
        ByOrganisation(
            organisation=own[0].organisation,
            answers=len(own),
            rated=sum(answer.rating is not None for answer in own),
            not_provided=sum(answer.assessment.no_rating_reason == NoRatingReason.NOT_PROVIDED for answer in own),
            agreement=Agreement({steps: sum(answer.gap == steps for answer in own) for steps in range(-2, 3)}),
        )
        for own in answers.values()
    ]
    return sorted(rows, key=lambda row: (-row.rated, row.organisation is None, str(row.organisation or "")))


def count_disagreement(subjects: Iterable[Comparison]) -> Disagreement:
    """For `PlanLedger.subjects`, `CommitmentEntry.subjects`, or a period of `read_over_time`."""
    subjects = list(subjects)
    answers = [answer for subject in subjects for answer in subject.answers]
    return Disagreement(
        rated=sum(subject.rating is not None for subject in subjects),
        answered=sum(bool(subject.answers) for subject in subjects),
        answers=len(answers),
        conditional=sum(bool(answer.rating and answer.assessment.condition) for answer in answers),
        agreement=_agreement(subjects),
    )


def disagreement_by_commitment(ledger: PlanLedger) -> list[tuple[CommitmentEntry, Disagreement]]:
    """Every commitment, in the order of the plan."""
    return [(entry, count_disagreement(entry.subjects)) for entry in ledger.commitments]


def disagreement_over_time(
    periods: Iterable[tuple[ReportingPeriod, Iterable[Comparison]]],
) -> list[tuple[ReportingPeriod, Disagreement]]:
    """What `read_over_time` gives, counted: each period by its own ratings and the answers to them."""
    return [(period, count_disagreement(subjects)) for period, subjects in periods]


def count_claims(ledger: PlanLedger, claims: Iterable[Claim] | None = None) -> list[ClaimCount]:
    """The figures that documents print about the plan (all, or those given), each beside the count of the same here."""
    if claims is None:
        claims = Claim.objects.filter(plan=ledger.plan).select_related("source").prefetch_related("commitments")
    return [ClaimCount(claim, _measured(claim, ledger)) for claim in claims]


# What a printed figure on the government's ratings is compared with.
OF_THE_GOVERNMENT: dict[str, Callable[[Tally], int | None]] = {
    Claim.Measure.GOVERNMENT_GREEN: lambda tally: tally.green,
    Claim.Measure.GOVERNMENT_AMBER: lambda tally: tally.amber,
    Claim.Measure.GOVERNMENT_RED: lambda tally: tally.red,
    Claim.Measure.GOVERNMENT_NOT_RATED: lambda tally: tally.not_rated,
    Claim.Measure.GOVERNMENT_GREEN_PERCENT: lambda tally: tally.percent(Light.GREEN),
    Claim.Measure.GOVERNMENT_AMBER_PERCENT: lambda tally: tally.percent(Light.AMBER),
}


def _measured(claim: Claim, ledger: PlanLedger) -> int | None:
    codes = {commitment.code for commitment in claim.commitments.all()}
    entries = [entry for entry in ledger.commitments if not codes or entry.commitment.code in codes]
    measure = Claim.Measure
    if claim.measure in OF_THE_GOVERNMENT:
        ratings = [subject.rating for entry in entries for subject in entry.subjects]
        return OF_THE_GOVERNMENT[claim.measure](_tally(ratings, ledger.plan.rating_scale, len(ratings)))
    match claim.measure:
        case measure.COMMITMENTS:
            return len(entries)
        case measure.MILESTONES:
            return sum(len(entry.milestones) for entry in entries)
        case measure.COMMENTING_GOVERNMENT:
            return _commenting(ledger, Participation.ListedAs.GOVERNMENT)
        case measure.COMMENTING_OTHERS:
            return _commenting(ledger, Participation.ListedAs.NON_GOVERNMENT)
        case measure.LEADING_AGENCIES:
            return len({lead.organisation_id for entry in entries for lead in entry.leads if lead.organisation_id})
        case measure.RECOMMENDATIONS:
            return Recommendation.objects.filter(plan=ledger.plan).count()
    return None


def _commenting(ledger: PlanLedger, listed_as: str) -> int:
    """Different organisations in the plan's lists of those that sent comments; an entry that names none is one more."""
    rows = Participation.objects.filter(
        meeting__plan=ledger.plan, meeting__kind=Meeting.Kind.WRITTEN_COMMENTS, listed_as=listed_as
    )
    listed = rows.aggregate(
        different=Count("organisation", distinct=True), unnamed=Count("pk", filter=Q(organisation=None))
    )
    return listed["different"] + listed["unnamed"]
