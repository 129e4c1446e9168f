"""What a report contains: the counts of `assessments`, in plain values, and nothing that is not public."""

from __future__ import annotations

import dataclasses
import datetime
import json
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from assessments import lifecycle
from assessments.counts import count_commitment, count_plan
from assessments.ledger import read_ledger
from assessments.models import Evidence
from assessments.ratings import Rating
from commitments.models import ActionPlan, Participation
from reports.commitment_figures import tallied
from reports.content import Figures, to_json
from reports.figures import UnknownPeriod, build_figures, reported_periods
from reports.models import Report
from tests import factories
from tests.unguarded import unguarded
from tests.uploads import upload

SECRET = "SECRET-WORDS"


def nap_4_figures(plan: ActionPlan, language: str = "en") -> Figures:
    report = Report.objects.get(plan=plan, period_code="2023-final")
    return build_figures(plan, "2023-final", language, report=report)


def quarter(plan: ActionPlan, number: int, year: int = 2025, **values: Any) -> Any:
    starts_on = datetime.date(year, 3 * number - 2, 1)
    ends_on = datetime.date(year, 3 * number, 30)
    code = f"{year}-Q{number}"
    return factories.PublishedPeriodFactory(plan=plan, code=code, starts_on=starts_on, ends_on=ends_on, **values)


# --- the fourth plan --------------------------------------------------------------------------------------------------


def test_nap_4_is_counted_as_its_report_is_read_by_eye(nap_4: ActionPlan) -> None:
    totals = nap_4_figures(nap_4).totals
    tallies = {
        rater: (
            tally.total,
            {rating.rating: rating.count for rating in tally.ratings},
            tally.not_rated,
            tally.not_provided,
            tally.green_percent,
        )
        for rater, tally in (("government", totals.government), ("ngo", totals.ngo), ("review", totals.review))
    }
    assert tallies == {
        "government": (
            53,
            {"completed_or_substantial": 38, "limited": 14, "not_started_or_delayed": 0},
            1,
            0,
            73,
        ),
        "ngo": (53, {"completed_or_substantial": 1, "limited": 8, "not_started_or_delayed": 2}, 41, 1, 9),
        "review": (9, {"completed": 0, "substantial": 2, "limited": 3, "not_started": 1}, 3, 0, 33),
    }
    assert (totals.contested, totals.compared, totals.lower, totals.agree, totals.higher) == (10, 11, 9, 1, 1)
    assert (totals.review_above, totals.review_equal, totals.review_below) == (2, 15, 19)


def test_each_commitment_of_nap_4_has_its_own_counts(nap_4: ActionPlan) -> None:
    rows = [
        (
            commitment.code,
            len(commitment.milestones),
            [rating.count for rating in commitment.totals.government.ratings],
            commitment.totals.government.not_rated,
            commitment.totals.ngo_answers,
            (commitment.totals.lower, commitment.totals.agree, commitment.totals.higher),
            commitment.review.rating,
        )
        for commitment in nap_4_figures(nap_4).commitments
    ]
    assert rows == [
        ("1", 6, [4, 2, 0], 0, 15, (3, 1, 1), "limited"),
        ("2", 5, [4, 1, 0], 0, 1, (0, 0, 0), "substantial"),
        ("3", 6, [4, 1, 0], 1, 0, (0, 0, 0), None),
        ("4", 4, [2, 2, 0], 0, 0, (0, 0, 0), None),
        ("5", 8, [7, 1, 0], 0, 0, (0, 0, 0), "limited"),
        ("6", 6, [5, 1, 0], 0, 6, (6, 0, 0), "substantial"),
        ("7", 4, [1, 3, 0], 0, 0, (0, 0, 0), "limited"),
        ("8", 7, [4, 3, 0], 0, 4, (0, 0, 0), "not_started"),
        ("9", 7, [7, 0, 0], 0, 0, (0, 0, 0), None),
    ]


def test_what_nap_4_prints_of_its_ratings_stands_beside_the_counts(nap_4: ActionPlan) -> None:
    claims = [
        (claim.label.text, claim.printed, claim.counted, claim.differs)
        for claim in nap_4_figures(nap_4).claims
        if claim.of_plan and not claim.of_process
    ]
    assert claims == [
        ("Commitments kept as priorities", "9", "9", False),
        ("Commitments", "9", "9", False),
        ("Milestones", "53", "53", False),
        ("Milestones fully completed", "39", "38", True),
        ("Milestones in progress or close to being completed", "14", "14", False),
        ("Milestones not started or severely delayed", "We do not have any", "0", False),
        ("Milestones fully completed (per cent)", "74%", "73%", True),
        ("Milestones in progress or close to being completed (per cent)", "26%", "27%", True),
    ]


def test_the_widest_gap_comes_first_and_lower_before_higher(nap_4: ActionPlan) -> None:
    figures = nap_4_figures(nap_4)
    assert [(row.code, row.gap) for row in figures.differences] == [
        ("6.5", -2),
        *((code, -1) for code in ("1.2", "1.3", "1.5", "6.1", "6.2", "6.3", "6.4", "6.6")),
        ("1.1", 1),
    ]
    assert figures.example is not None
    assert (figures.example.code, figures.example.gap, figures.example.review) == ("6.5", -2, "substantial")


def test_the_fourteen_recommendations_are_grouped_as_they_were_answered(nap_4: ActionPlan) -> None:
    groups = [
        (
            group.commitments,
            [advice.code for advice in group.recommendations],
            [(claim.printed, claim.counted) for claim in group.claims],
        )
        for group in nap_4_figures(nap_4).recommendations
    ]
    assert groups == [
        (("1",), ["1-1", "1-2", "1-3", "1-4"], [("4", "4"), ("2", "2")]),
        (("2", "8"), ["2-1", "2-2", "2-3", "2-4"], [("9", "8"), ("3", "4")]),
        (("3",), ["3-1", "3-2", "3-3"], [("4", "4"), ("2", "1")]),
        (("4",), ["4-1", "4-2", "4-3"], [("2", "2"), ("2", "2")]),
    ]


def test_the_ministrys_remark_stands_under_its_milestone_and_in_the_appendix(nap_4: ActionPlan) -> None:
    figures = nap_4_figures(nap_4)
    under = [
        (milestone.subject.code, remark.kind)
        for commitment in figures.commitments
        for milestone in commitment.milestones
        for remark in milestone.subject.comments
    ]
    assert under == [("5.2", "government")]
    assert sorted((remark.subject, remark.kind) for remark in figures.comments) == [
        ("", "ngo"),
        ("", "ngo"),
        ("", "ngo"),
        ("5.2", "government"),
    ]


@pytest.mark.parametrize(("slug", "period"), [("nap-4", "2023-final"), ("nap-1", "2016-final")])
def test_figures_are_the_counts_of_assessments(loaded_plans: None, slug: str, period: str) -> None:
    plan = ActionPlan.objects.get(slug=slug)
    figures = build_figures(plan, period, "en")
    ledger = read_ledger(plan)
    counts = count_plan(ledger)
    with translation.override("en"):
        assert (figures.totals.government, figures.totals.ngo, figures.totals.review) == (
            tallied(counts.government),
            tallied(counts.ngo),
            tallied(counts.review),
        )
        for part, entry in zip(figures.commitments, ledger.commitments, strict=True):
            assert part.totals.government == tallied(count_commitment(entry).government)
            assert part.totals.ngo == tallied(count_commitment(entry).ngo)


def test_nap_1_prints_the_completion_form_of_each_commitment(loaded_plans: None) -> None:
    figures = build_figures(ActionPlan.objects.get(slug="nap-1"), "2016-final", "en")
    assert (len(figures.commitments), figures.plan.rated_as_whole, figures.report.kind) == (21, True, "completion")
    assert [theme.code for theme in figures.themes] == ["3.2.1", "3.2.2", "3.2.3"]
    first = figures.commitments[0]
    assert [field.key for field in first.fields] == [
        "adopted_wording",
        "main_objective",
        "brief_description",
        "relevance",
        "ambition",
    ]
    assert first.whole.government is not None
    assert first.whole.government.rated.rating == "substantial"


def test_a_plan_without_ratings_has_figures_too(loaded_plans: None) -> None:
    figures = build_figures(ActionPlan.objects.get(slug="nap-5"), "2026-H1", "en")
    assert (figures.totals.subjects, figures.totals.government.rated, figures.example) == (10, 0, None)
    assert (figures.report.kind, figures.report.period_words) == ("biannual", "First half of 2026")


# --- periods and moments ----------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_half_year_is_its_quarters_and_an_unknown_period_is_refused() -> None:
    plan = factories.ActionPlanFactory()
    first, second = quarter(plan, 1), quarter(plan, 2)
    assert reported_periods(plan, "2025-H1") == [first, second]
    assert reported_periods(plan, "2025-Q2") == [second]
    for code in ("2025-H2", "2025-final", "", "2025-H3", "nonsense"):
        with pytest.raises(UnknownPeriod):
            reported_periods(plan, code)


@pytest.mark.django_db
def test_a_half_year_reads_the_ratings_as_at_its_second_quarter() -> None:
    milestone = factories.MilestoneFactory()
    plan = milestone.commitment.plan
    ratings = {1: Rating.NOT_STARTED_OR_DELAYED, 2: Rating.LIMITED, 3: Rating.COMPLETED_OR_SUBSTANTIAL}
    for number, rating in ratings.items():
        period = quarter(plan, number)
        factories.PublishedSelfAssessmentFactory(milestone=milestone, period=period, rating=rating)
        factories.PublishedCounterAssessmentFactory(milestone=milestone, period=period, rating=Rating.LIMITED)

    def read(period_code: str) -> tuple[str | None, list[int | None]]:
        subject = build_figures(plan, period_code, "en").commitments[0].milestones[0].subject
        assert subject.government is not None
        return subject.government.rated.rating, [answer.gap for answer in subject.answers]

    assert read("2025-Q1") == ("not_started_or_delayed", [1])
    assert read("2025-H1") == ("limited", [0])
    assert read("2025-H2") == ("completed_or_substantial", [-1])


@pytest.mark.django_db
def test_a_rating_corrected_later_is_not_in_the_figures_of_an_earlier_moment(publisher: Any) -> None:
    rating = factories.PublishedSelfAssessmentFactory(rating=Rating.LIMITED)
    plan = rating.milestone.commitment.plan
    before = timezone.now()
    lifecycle.correct_self_assessment(rating, by=publisher, reason="Misread.", rating=Rating.NOT_STARTED_OR_DELAYED)
    then, now = build_figures(plan, "2025-Q1", "en", as_of=before), build_figures(plan, "2025-Q1", "en")
    assert [part.totals.government.ratings[1].count for part in (*then.commitments, *now.commitments)] == [1, 0]
    assert then.corrections == ()
    assert [(row.code, row.version, row.reason) for row in now.corrections] == [(rating.milestone.code, 2, "Misread.")]


# --- plain values -----------------------------------------------------------------------------------------------------


def test_figures_are_plain_values_and_their_json_is_canonical(nap_4: ActionPlan) -> None:
    figures = nap_4_figures(nap_4)
    kinds: set[type] = set()

    def collect(value: Any) -> None:
        if isinstance(value, dict):
            for key, inner in value.items():
                assert type(key) is str
                collect(inner)
        elif isinstance(value, list | tuple):
            for inner in value:
                collect(inner)
        else:
            kinds.add(type(value))

    collect(dataclasses.asdict(figures))
    assert kinds == {str, int, bool, type(None)}
    text = to_json(figures)
    again = json.dumps(json.loads(text), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert text == again


@pytest.mark.django_db
def test_words_come_in_the_reports_language_and_say_which_language_a_text_has() -> None:
    rating = factories.PublishedSelfAssessmentFactory(milestone__title_mn="Хуулийг өргөн барих")
    plan = rating.milestone.commitment.plan
    mongolian = build_figures(plan, "2025-Q1", "mn").commitments[0]
    assert dataclasses.astuple(mongolian.milestones[0].title) == ("Хуулийг өргөн барих", "mn")
    assert dataclasses.astuple(mongolian.title) == (mongolian.title.text, "en")
    english = build_figures(plan, "2025-Q1", "en").commitments[0]
    assert dataclasses.astuple(english.milestones[0].title) == (rating.milestone.title_en, "en")


@pytest.mark.django_db
def test_only_web_addresses_become_links() -> None:
    rating = factories.PublishedSelfAssessmentFactory()
    first, second = (
        factories.EvidenceFactory(self_assessment=rating, address=f"https://example.org/{n}") for n in "ab"
    )
    with unguarded(Evidence):  # and past the form that refuses it
        Evidence.objects.filter(pk=second.pk).update(address="ftp://example.org/b")
    figures = build_figures(rating.milestone.commitment.plan, "2025-Q1", "en")
    own = figures.commitments[0].milestones[0].subject.government
    assert own is not None
    assert [(attachment.address, attachment.host) for attachment in own.attachments] == [
        (first.address, "example.org"),
        ("", "example.org"),
    ]


@pytest.mark.django_db
def test_a_file_is_described_and_a_link_says_when_it_was_tried() -> None:
    rating = factories.PublishedSelfAssessmentFactory()
    file = factories.FileEvidenceFactory(self_assessment=rating, upload=upload("Тэмдэглэл.pdf"))
    moment = datetime.datetime(2026, 9, 2, 20, tzinfo=datetime.UTC)  # the 3rd in Ulaanbaatar
    for result in ("opened", "refused"):
        factories.EvidenceFactory(self_assessment=rating, title_en="", checked_at=moment, check_result=result)
    figures = build_figures(rating.milestone.commitment.plan, "2025-Q1", "en")
    own = figures.commitments[0].milestones[0].subject.government
    assert own is not None
    address = f"http://127.0.0.1:8000/evidence/{file.key}/"
    link = (("", ""), "https://example.org/draft-law", "example.org", "", "", None, "")
    assert [dataclasses.astuple(attachment) for attachment in own.attachments] == [
        (("", ""), address, "", "Тэмдэглэл.pdf", "PDF", file.size, file.sha256, ""),
        (*link, "opened 3 Sep 2026"),
        (*link, "did not open 3 Sep 2026 (refused)"),
    ]


# --- queries ----------------------------------------------------------------------------------------------------------


def full_plan(rows: int) -> ActionPlan:
    """A plan with everything a report can print, each ``rows`` times."""
    source = factories.SourceDocumentFactory()
    plan = factories.ActionPlanFactory(source=source)
    period = quarter(plan, 1)
    for _number in range(rows):
        commitment = factories.CommitmentFactory(plan=plan, theme=factories.ThemeFactory(plan=plan), source=source)
        commitment.policy_areas.add(factories.PolicyAreaFactory())
        factories.InvolvementFactory(commitment=commitment)
        factories.FocalPointFactory(commitment=commitment)
        factories.IndependentReviewFactory(commitment=commitment)
        milestone = factories.MilestoneFactory(commitment=commitment, agencies=[factories.OrganisationFactory()])
        rating = factories.PublishedSelfAssessmentFactory(milestone=milestone, period=period)
        factories.EvidenceFactory(self_assessment=rating)
        answer = factories.PublishedCounterAssessmentFactory(milestone=milestone, period=period)
        factories.EvidenceFactory(self_assessment=None, counter_assessment=answer)
        factories.PublishedResponseFactory(counter_assessment=answer)
        factories.CommentFactory(plan=None, milestone=milestone)
        factories.PlanStatementFactory(plan=plan)
        factories.ParticipationFactory(meeting=factories.MeetingFactory(plan=plan))
        factories.RecommendationFactory(plan=plan).commitments.add(commitment)
        factories.ClaimFactory(plan=plan, source=source).commitments.add(commitment)
        factories.ClaimFactory(plan=plan, source=source, measure="")
    factories.CommentFactory(plan=plan)
    return plan


@pytest.mark.django_db
def test_the_number_of_queries_does_not_grow_with_the_plan() -> None:
    counted = []
    for rows in (1, 3):
        plan = full_plan(rows)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            figures = build_figures(plan, "2025-Q1", "en")
        assert len(figures.commitments) == rows
        counted.append(len(queries))
    assert counted == [35, 35]


# --- leaks ------------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_nothing_unpublished_and_no_contact_reaches_the_figures() -> None:
    plan = full_plan(1)
    commitment = plan.commitments.get()
    milestone = commitment.milestones.get()
    published = milestone.self_assessments.get()
    open_period = factories.OpenPeriodFactory(
        plan=plan, code="2025-Q2", starts_on=datetime.date(2025, 4, 1), ends_on=datetime.date(2025, 6, 30)
    )
    # Drafts, submitted ratings and answers, unpublished responses, another report's draft.
    factories.SelfAssessmentFactory(milestone=milestone, period=open_period, evidence_en=SECRET)
    other = factories.MilestoneFactory(commitment=commitment)
    factories.SubmittedSelfAssessmentFactory(milestone=other, period=open_period, evidence_en=SECRET)
    for factory in (factories.CounterAssessmentFactory, factories.SubmittedCounterAssessmentFactory):
        factory(milestone=milestone, period=published.period, recommendation=SECRET, condition=SECRET)
    answer = milestone.counter_assessments.filter(state="published").get()
    factories.ResponseFactory(counter_assessment=answer, reason_en=SECRET)
    draft = factories.ReportFactory(plan=plan)
    factories.ReportSectionFactory(report=draft, body_en=SECRET)
    factories.CommentFactory(plan=None, report=draft, text_en=SECRET)
    hidden = factories.SubmittedCounterAssessmentFactory(milestone=milestone, period=published.period)
    factories.EvidenceFactory(self_assessment=None, counter_assessment=hidden, title_en=SECRET)

    for code in ("2025-Q1", "2025-Q2", "2025-H1"):
        text = to_json(build_figures(plan, code, "en"))
        assert [word for word in (SECRET, "Secret-Name", "secret-contact", "99112233") if word in text] == []
        assert "Head of unit" in text  # the position is public, and so the test reads the right thing


@pytest.mark.django_db
def test_a_draft_is_printed_only_when_it_is_asked_for() -> None:
    plan = full_plan(1)
    quarter(plan, 2)
    draft = factories.ReportFactory(plan=plan)
    factories.ReportSectionFactory(report=draft, body_en=SECRET)
    factories.CommentFactory(plan=None, report=draft, text_en=SECRET)
    asked = build_figures(plan, "2025-H1", "en", report=draft)
    assert (asked.report.state, SECRET in to_json(asked)) == ("draft", True)
    member = build_figures(plan, "2025-H1", "en", user=factories.MsfMemberFactory())
    assert member.report.state == "draft"
    anybody = build_figures(plan, "2025-H1", "en")
    assert (anybody.report.state, SECRET in to_json(anybody)) == ("", False)


@pytest.mark.django_db
def test_a_draft_plan_has_no_report() -> None:
    plan = factories.DraftPlanFactory()
    quarter(plan, 1)
    with pytest.raises(ActionPlan.DoesNotExist):
        build_figures(plan, "2025-Q1", "en")
    assert build_figures(plan, "2025-Q1", "en", user=factories.MsfMemberFactory()).plan.slug == plan.slug


@pytest.mark.django_db
def test_who_took_part_is_printed_as_the_source_lists_it() -> None:
    plan = factories.ActionPlanFactory()
    quarter(plan, 1)
    meeting = factories.MeetingFactory(plan=plan)
    for listed_as, name in (("government", "Ministry of Finance"), ("non_government", "MASAM"), ("government", "Bank")):
        factories.ParticipationFactory(meeting=meeting, listed_as=Participation.ListedAs(listed_as), as_printed=name)
    part = build_figures(plan, "2025-Q1", "en").meetings[0]
    assert (part.government, part.others) == (("Ministry of Finance", "Bank"), ("MASAM",))
