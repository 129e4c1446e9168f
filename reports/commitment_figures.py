"""A commitment and its milestones as the report prints them: what each rater says, in plain values.

Everything that is counted or compared comes from `assessments`; here it is only put into the report's order and words.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from assessments.counts import Counts, Tally, count_commitment
from assessments.drawings import Voice, mark_of
from assessments.findings import commitment_finding, direction_finding, gap_words, whole_review_finding
from assessments.ledger import Answer as LedgerAnswer
from assessments.ledger import CommitmentEntry, Comparison
from assessments.models import Evidence, IndependentReview, Response
from assessments.models.subjects import SubjectKey, key_of
from assessments.ratings import Light, NoRatingReason, Rating
from commitments.localised import LocalisedText, localised
from commitments.models import Commitment, Involvement
from reports.content import (
    AgencyResponse,
    Answer,
    Attachment,
    CommitmentPart,
    Field,
    Government,
    Involved,
    MilestonePart,
    Rated,
    RatingCount,
    Remark,
    Review,
    Subject,
    Tallied,
    Totals,
)

NOTHING = LocalisedText("", "")


def permanent(row: Any) -> str:
    """The whole address of a row's page, in the active language; it stays what it is for as long as the site does."""
    return f"{settings.SITE_URL}{row.get_absolute_url()}"


def day(value: datetime.date | datetime.datetime | None) -> str:
    """A date as the report's language writes it; a moment as the day it was where the record is kept."""
    return "" if value is None else date_format(_date(value), "DATE_FORMAT")


def iso(value: datetime.date | datetime.datetime | None) -> str:
    """The same day for programs; empty for none."""
    return "" if value is None else _date(value).isoformat()


def _date(value: datetime.date | datetime.datetime) -> datetime.date:
    if isinstance(value, datetime.datetime):
        return timezone.localtime(value, timezone.get_default_timezone()).date()
    return value


# --- counts -----------------------------------------------------------------------------------------------------------


def totals(counts: Counts, headline: str, review_finding: str) -> Totals:
    return Totals(
        subjects=counts.subjects,
        government=tallied(counts.government),
        ngo=tallied(counts.ngo),
        ngo_answers=counts.ngo_answers,
        ngo_rated_subjects=counts.ngo_rated_subjects,
        contested=counts.contested,
        compared=counts.agreement.compared,
        lower=counts.agreement.lower,
        agree=counts.agreement.agree,
        higher=counts.agreement.higher,
        direction=direction_finding(counts.agreement),
        review=tallied(counts.review),
        review_above=counts.against_review.above,
        review_equal=counts.against_review.equal,
        review_below=counts.against_review.below,
        headline=headline,
        review_finding=review_finding,
    )


def tallied(tally: Tally) -> Tallied:
    return Tallied(
        total=tally.total,
        rated=tally.rated,
        not_rated=tally.not_rated,
        not_provided=tally.not_provided,
        green_percent=tally.percent(Light.GREEN),
        ratings=tuple(
            RatingCount(rating, str(Rating(rating).label), mark_of(rating), count)
            for rating, count in tally.by_rating.items()
        ),
    )


# --- what the raters say ----------------------------------------------------------------------------------------------


def rated(rating: str | None, reason: str = "", reason_text: str = "") -> Rated:
    """A rating as it is printed; without one, why there is none."""
    voice = Voice("", rating, reason)
    in_words = "" if rating or not reason else reason_text or str(NoRatingReason(reason).label)
    return Rated(rating, voice.words, voice.mark, in_words)


def government(comparison: Comparison) -> Government | None:
    assessment = comparison.government
    if assessment is None:
        return None
    before = comparison.earlier[0] if comparison.earlier else None
    return Government(
        rated=rated(assessment.rating, assessment.no_rating_reason, assessment.no_rating_text),
        period=assessment.period.name,
        stated=assessment.printed_date or day(assessment.published_at),
        stated_on="" if assessment.printed_date else iso(assessment.published_at),
        evidence=localised(assessment, "evidence"),
        challenges=localised(assessment, "challenges"),
        next_steps=localised(assessment, "next_steps"),
        additional_information=localised(assessment, "additional_information"),
        attachments=attachments(assessment.attachments.all()),
        transcribed=assessment.transcribed,
        version=assessment.version,
        correction_reason=assessment.correction_reason,
        before=rated(before.rating, before.no_rating_reason, before.no_rating_text) if before else None,
        unchanged_since=comparison.unchanged_since.name if comparison.unchanged_since else "",
    )


def answer(given: LedgerAnswer) -> Answer:
    assessment = given.assessment
    # A copied answer whose date the source does not give has none.
    stated_on = assessment.stated_on or (None if assessment.transcribed else assessment.published_at)
    return Answer(
        organisation=localised(given.organisation, "name") if given.organisation else NOTHING,
        short_name=given.organisation.short_name if given.organisation else "",
        attribution=assessment.attribution,
        attribution_reason=localised(assessment, "attribution_reason"),
        stated=day(stated_on),
        stated_on=iso(stated_on),
        rated=rated(assessment.rating, assessment.no_rating_reason, assessment.no_rating_text),
        is_verdict=given.is_verdict,
        gap=given.gap,
        gap_words="" if given.gap is None else gap_words(given.gap),
        recommendation=LocalisedText(assessment.recommendation, assessment.language),
        justification=LocalisedText(assessment.justification, assessment.language),
        condition=LocalisedText(assessment.condition, assessment.language),
        attachments=attachments(assessment.attachments.all()),
        responses=tuple(response(row) for row in assessment.responses.all()),
        transcribed=assessment.transcribed,
        version=assessment.version,
        correction_reason=assessment.correction_reason,
    )


def response(row: Response) -> AgencyResponse:
    return AgencyResponse(
        organisation=localised(row.organisation, "name"),
        kind=row.kind,
        kind_words=row.get_kind_display(),
        reason=localised(row, "reason"),
        stated=day(row.stated_on or row.published_at),
    )


def attachments(rows: Iterable[Evidence]) -> tuple[Attachment, ...]:
    return tuple(
        Attachment(
            title=localised(row, "title"),
            address=_address(row),
            host=row.host,
            file_name=row.file_name,
            kind=row.kind_words,
            size=row.size,
            sha256=row.sha256,
            checked=row.check_words,
        )
        for row in rows
    )


def _address(row: Evidence) -> str:
    if row.file:
        return permanent(row)
    return row.address if is_web_address(row.address) else ""


def is_web_address(address: str) -> bool:
    """Whether an address may become a link; anything but the web is printed and not linked."""
    try:
        return urlsplit(address).scheme in {"http", "https"}
    except ValueError:
        return False


def subject(comparison: Comparison, remarks: Iterable[Remark]) -> Subject:
    """The verdicts first, since they are read against the government's rating; otherwise in the record's order."""
    ordered = sorted(comparison.answers, key=lambda given: not given.is_verdict)
    return Subject(
        code=comparison.subject.code,
        government=government(comparison),
        answers=tuple(answer(given) for given in ordered),
        contested=comparison.contested,
        comments=tuple(remarks),
    )


def review(row: IndependentReview) -> Review:
    found = rated(row.completion)
    if row.completion_other:
        found = Rated(None, row.get_completion_other_display(), found.mark, "")
    return Review(
        stage=row.stage,
        stage_words=row.get_stage_display(),
        year=row.report_year,
        rated=found,
        early_results=row.get_early_results_display() if row.early_results else "",
        potential_for_results=row.get_potential_for_results_display() if row.potential_for_results else "",
        verifiable=row.verifiable,
        opened_government=row.get_opened_government_display() if row.opened_government else "",
        link=row.link if is_web_address(row.link) else "",
    )


# --- the commitment ---------------------------------------------------------------------------------------------------


def involved_name(involvement: Involvement) -> LocalisedText:
    """The organisation, else the source's own words ("NGOs"), whose language is not recorded."""
    organisation = involvement.organisation
    return localised(organisation, "name") if organisation else LocalisedText(involvement.as_printed, "")


def involved(commitment: Commitment) -> tuple[Involved, ...]:
    rows = list(commitment.involvements.all())
    parts = []
    for role in Involvement.Role:
        names = tuple(involved_name(row) for row in rows if row.role == role)
        if names and role != Involvement.Role.LEAD:
            parts.append(Involved(role.value, str(role.label), names))
    return tuple(parts)


def form_fields(commitment: Commitment) -> tuple[Field, ...]:
    """The texts of the plan's form that are filled, in the form's order."""
    labels = {
        "adopted_wording": _("Adopted wording"),
        "problem": _("Problem"),
        "main_objective": _("Main objective"),
        "brief_description": _("Brief description"),
        "description": _("What is to be done"),
        "relevance": _("Relevance"),
        "ambition": _("Ambition"),
        "next_steps": _("Next steps"),
    }
    found = {key: localised(commitment, key) for key in labels}
    return tuple(Field(key, label, found[key]) for key, label in labels.items() if found[key])


def values_served(commitment: Commitment) -> tuple[str, ...]:
    values = {
        _("access to information"): commitment.value_access_to_information,
        _("civic participation"): commitment.value_civic_participation,
        _("public accountability"): commitment.value_public_accountability,
        _("technology and innovation"): commitment.value_technology,
    }
    return tuple(name for name, served in values.items() if served)


def commitment_part(
    entry: CommitmentEntry,
    *,
    responsible: Iterable[str],
    remarks: Mapping[SubjectKey, list[Remark]],
) -> CommitmentPart:
    """One commitment; ``responsible`` are positions with their agencies, ``remarks`` the comments by subject."""
    commitment = entry.commitment
    counts = count_commitment(entry)
    last = entry.review
    reviews = tuple(review(row) for row in entry.whole.reviews)
    return CommitmentPart(
        code=commitment.code,
        address=permanent(commitment),
        theme=commitment.theme.code if commitment.theme else "",
        title=localised(commitment, "title"),
        ogp_identifier=commitment.ogp_identifier or "",
        leads=tuple(involved_name(lead) for lead in entry.leads),
        involved=involved(commitment),
        responsible=tuple(responsible),
        fields=form_fields(commitment),
        values=values_served(commitment),
        policy_areas=tuple(localised(area, "name") for area in commitment.policy_areas.all()),
        ends=commitment.end_date_text or day(commitment.ends_on),
        ends_on=iso(commitment.ends_on),
        totals=totals(counts, commitment_finding(entry, counts), whole_review_finding(entry, counts)),
        reviews=reviews,
        review=rated(last.completion) if last else _unrated(reviews),
        review_year=last.report_year if last else None,
        whole=subject(entry.whole, remarks.get(key_of(commitment), ())),
        milestones=tuple(_milestone_part(comparison, remarks) for comparison in entry.milestones),
    )


def _unrated(reviews: tuple[Review, ...]) -> Rated:
    """Where the reviewer gave no level of completion: another finding, or that none is recorded."""
    return next((found.rated for found in reversed(reviews)), Rated(None, _("Not recorded"), mark_of(None), ""))


def _milestone_part(comparison: Comparison, remarks: Mapping[SubjectKey, list[Remark]]) -> MilestonePart:
    milestone: Any = comparison.subject
    return MilestonePart(
        subject=subject(comparison, remarks.get(key_of(milestone), ())),
        title=localised(milestone, "title"),
        expected_output=localised(milestone, "expected_output"),
        due=milestone.due_text,
        starts_on=iso(milestone.starts_on),
        ends_on=iso(milestone.ends_on),
        agencies=tuple(localised(agency, "name") for agency in milestone.agencies.all()),
        note=localised(milestone, "note"),
        address=permanent(milestone),
    )
