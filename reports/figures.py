"""A report as data: what `assessments` counted and compared, put into the document's order and language.

`build_figures` reads, `reports.content` says what comes out, `reports.document` prints it. No count is made here.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from django.db.models import F
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from assessments.counts import count_by_organisation, count_plan
from assessments.findings import gap_words, plan_finding, review_finding
from assessments.ledger import ANYBODY, Comparison, read_ledger
from assessments.models import ReportingPeriod
from assessments.models.subjects import commitment_of
from assessments.ratings import SCALES
from commitments.localised import localised
from commitments.models import ActionPlan, FocalPoint, RatingScale
from reports.commitment_figures import NOTHING, commitment_part, day, permanent, rated, totals
from reports.content import (
    Answering,
    CommitmentPart,
    Correction,
    Difference,
    Example,
    Figures,
    PlanPart,
    Remark,
    ReportPart,
    Subject,
)
from reports.models import Report, period_words
from reports.plan_figures import PlanRecord
from reports.progress_figures import changes, due_dates, evidence, overdue_on, owed


class UnknownPeriod(ValueError):
    """The plan has no such period, and no quarters of such a half-year."""


def reported_periods(plan: ActionPlan, period_code: str) -> list[ReportingPeriod]:
    """The plan's period of that code; for a half-year such as ``2026-H1`` its quarters. Raises UnknownPeriod."""
    periods = list(plan.periods.filter(code__in=Report.quarters_of(period_code)).order_by("ends_on"))
    if not periods:
        raise UnknownPeriod(period_code)
    return periods


def build_figures(
    plan: ActionPlan,
    period_code: str,
    language: str,
    as_of: datetime.datetime | None = None,
    user: Any = ANYBODY,
    *,
    report: Report | None = None,
) -> Figures:
    """The content of the plan's report on a period or half-year (``2023-final``, ``2026-H1``) in ``en`` or ``mn``.

    ``as_of`` is the moment at which the record is read (now by default). ``report`` is the one whose narrative is
    printed, a draft too; by default the newest that ``user`` may read. Raises UnknownPeriod, and
    ActionPlan.DoesNotExist for a plan that ``user`` may not see. The number of queries does not grow with the plan.
    """
    plan = ActionPlan.objects.visible_to(user).select_related("source").get(pk=plan.pk)
    periods = reported_periods(plan, period_code)
    if report is None:
        readable = Report.objects.visible_to(user).filter(plan=plan, period_code=period_code)
        report = readable.select_related("source").order_by(F("number").desc(nulls_last=True)).first()
    with translation.override(language):
        return _Arrangement(plan, period_code, periods, report, as_of, user).figures(language)


class _Arrangement:
    """One report in the making, in the active language."""

    def __init__(
        self,
        plan: ActionPlan,
        period_code: str,
        periods: list[ReportingPeriod],
        report: Report | None,
        as_of: datetime.datetime | None,
        user: Any,
    ) -> None:
        self.plan = plan
        self.period_code = period_code
        self.periods = periods
        self.report = report
        self.as_of = as_of or timezone.now()
        self.user = user
        self.ledger = read_ledger(plan, user=user, as_of=as_of, until=periods[-1].ends_on)
        self.record = PlanRecord(self.ledger, report, user)

    def figures(self, language: str) -> Figures:
        ledger, record = self.ledger, self.record
        counts = count_plan(ledger)
        local = timezone.localtime(self.as_of, timezone.get_default_timezone())
        remarks = record.remarks()
        commitments = self._commitments(remarks)
        every_period = list(self.plan.periods.order_by("ends_on"))
        looked_at = overdue_on(self.periods, self.as_of)
        punctuality, by_agency, overdue = due_dates(ledger, looked_at, self.as_of, self.user)
        owed_by_agency, owed_answers = owed(ledger, self.periods[-1].ends_on, self.as_of, self.user)
        return Figures(
            language=language,
            as_of=local.isoformat(timespec="seconds"),
            as_of_words=_("%(moment)s, Ulaanbaatar time") % {"moment": date_format(local, "DATETIME_FORMAT")},
            plan=self._plan(),
            report=self._report(),
            totals=totals(
                counts,
                plan_finding(ledger, counts, every_period, self.as_of),
                review_finding(counts, whole=ledger.rated_as_whole),
            ),
            scale=tuple(rated(rating.value) for rating in SCALES[self.plan.rating_scale]),
            not_rated_codes=tuple(subject.subject.code for subject in ledger.subjects if not subject.rating),
            not_provided_codes=tuple(
                subject.subject.code for subject in ledger.subjects if subject.verdicts and not subject.rated
            ),
            example=self._example(),
            themes=record.themes(),
            commitments=commitments,
            differences=tuple(_difference(subject) for subject in ledger.contested),
            answering=self._answering(),
            answers=record.answers(every_period, until=self.periods[-1].ends_on),
            changes=changes(ledger, self.periods, every_period, self.as_of, self.user),
            due_looked_at=day(looked_at),
            punctuality=punctuality,
            punctuality_by_agency=by_agency,
            overdue=overdue,
            owed=owed_by_agency,
            owed_answers=owed_answers,
            evidence=evidence(_subjects(commitments)),
            meetings=record.meetings(self.periods),
            statements=record.statements(),
            recommendations=record.recommendations(),
            claims=record.claims(),
            sections=record.sections(language),
            comments=tuple(remark for own in remarks.values() for remark in own),
            corrections=_corrections(commitments),
            sources=record.sources(),
            has_transcribed=any(subject.government and subject.government.transcribed for subject in ledger.subjects),
        )

    def _plan(self) -> PlanPart:
        plan = self.plan
        self.record.noted([plan])
        years = [str(plan.starts_on.year), str(plan.ends_on.year)]
        return PlanPart(
            slug=plan.slug,
            address=permanent(plan),
            number=plan.number,
            short_title=plan.short_name,
            title=localised(plan, "title"),
            years="–".join(dict.fromkeys(years)),
            adopted=day(plan.adopted_on),
            adopted_by=localised(plan, "adopted_by"),
            making=localised(plan, "making"),
            coverage=plan.coverage,
            coverage_words=plan.get_coverage_display(),
            coverage_note=localised(plan, "coverage_note"),
            rated_as_whole=self.ledger.rated_as_whole,
            is_demonstration=plan.is_demonstration,
        )

    def _report(self) -> ReportPart:
        report = self.report
        kind = report.kind if report else self._kind()
        self.record.noted([*self.periods, *([report] if report else [])])
        document = (report.source if report else None) or self.plan.source
        publisher = localised(document, "publisher").text if document else ""
        first, last = self.periods[0], self.periods[-1]
        return ReportPart(
            kind=kind,
            kind_words=str(Report.Kind(kind).label) if kind else _("Progress report"),
            period_code=self.period_code,
            period_words=period_words(self.period_code),
            period_dates=_("%(first)s to %(last)s") % {"first": day(first.starts_on), "last": day(last.ends_on)},
            state=report.state if report else "",
            number=report.number if report else None,
            released=day(report.released_at) if report else "",
            issuers=tuple(filter(None, [_("Open Government Partnership, Mongolia"), publisher])),
        )

    def _kind(self) -> str:
        """What a report on this period is called where nobody has drafted one; empty for a single quarter."""
        part = self.period_code.split("-", 1)[1]
        if part == "final":
            completion = self.plan.rating_scale == RatingScale.COMPLETION
            return Report.Kind.COMPLETION.value if completion else Report.Kind.FINAL.value
        if part == "midterm":
            return Report.Kind.MID_TERM.value
        return Report.Kind.BIANNUAL.value if part in {"H1", "H2"} else ""

    def _example(self) -> Example | None:
        """What cover and key explain: the widest gap, else the first subject that is rated."""
        first_rated = next((subject for subject in self.ledger.subjects if subject.rating), None)
        subject = self.ledger.contested[0] if self.ledger.contested else first_rated
        if subject is None:
            return None
        widest = subject.widest
        review = next(entry.review for entry in self.ledger.commitments if subject in entry.subjects)
        return Example(
            code=subject.subject.code,
            government=rated(subject.rating),
            organisation=localised(widest.organisation, "name") if widest and widest.organisation else NOTHING,
            answer=rated(widest.rating) if widest else None,
            gap=widest.gap if widest else None,
            review=review.completion if review else None,
        )

    def _commitments(self, remarks: dict[tuple[type, int], list[Remark]]) -> tuple[CommitmentPart, ...]:
        noted = self.record.noted
        for entry in self.ledger.commitments:
            noted([entry.commitment, *entry.commitment.involvements.all(), *entry.whole.reviews])
            for subject in (entry.whole, *entry.milestones):
                noted([subject.subject, *filter(None, [subject.government])])
                noted(given.assessment for given in subject.answers)
        responsible = self._responsible()
        return tuple(
            commitment_part(entry, responsible=responsible[entry.commitment.pk], remarks=remarks)
            for entry in self.ledger.commitments
        )

    def _responsible(self) -> dict[int, list[str]]:
        """Positions with their agencies by commitment. Names and contacts never leave the database."""
        found = defaultdict(list)
        for row in FocalPoint.objects.filter(commitment__plan=self.plan).positions():
            parts = [row["position"], localised(row, "organisation__name").text]
            found[row["commitment_id"]].append(", ".join(filter(None, parts)))
        return found

    def _answering(self) -> tuple[Answering, ...]:
        return tuple(
            Answering(
                organisation=localised(row.organisation, "name") if row.organisation else NOTHING,
                answers=row.answers,
                rated=row.rated,
                not_provided=row.not_provided,
                lower=row.agreement.lower,
                agree=row.agreement.agree,
                higher=row.agreement.higher,
            )
            for row in count_by_organisation(self.ledger)
        )


def _difference(contested: Comparison) -> Difference:
    widest = contested.widest
    if widest is None or widest.gap is None:
        raise ValueError("Only where an answer differs is there a difference to print.")
    subject = contested.subject
    return Difference(
        code=subject.code,
        commitment=commitment_of(subject).code,
        title=localised(subject, "title"),
        government=rated(contested.rating),
        organisation=localised(widest.organisation, "name") if widest.organisation else NOTHING,
        answer=rated(widest.rating),
        gap=widest.gap,
        gap_words=gap_words(widest.gap),
    )


def _subjects(commitments: Iterable[CommitmentPart]) -> Iterator[Subject]:
    """All that is spoken of: each commitment as a whole, then its milestones."""
    for commitment in commitments:
        yield commitment.whole
        yield from (milestone.subject for milestone in commitment.milestones)


def _corrections(commitments: Iterable[CommitmentPart]) -> tuple[Correction, ...]:
    """The published ratings and answers that replaced an earlier version, with the public reason."""
    found = []
    for subject in _subjects(commitments):
        own = subject.government
        if own and own.version > 1:
            found.append(Correction(subject.code, _("Government"), own.stated, own.version, own.correction_reason))
        found += [
            Correction(subject.code, given.organisation.text, given.stated, given.version, given.correction_reason)
            for given in subject.answers
            if given.version > 1
        ]
    return tuple(found)
