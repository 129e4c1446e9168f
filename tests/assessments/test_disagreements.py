"""The page of disagreements: NAP IV as it is known to be, filters that are the API's, periods, and counts elsewhere."""

import datetime

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from assessments import lifecycle
from assessments.filters import CommitmentFilter, MilestoneFilter
from assessments.ledger import read_ledger
from assessments.models import CounterAssessment, day_start
from commitments.models import Commitment, Milestone
from tests import factories
from tests.pages import add_commitment, get, source, texts

GREEN, AMBER, RED = "completed_or_substantial", "limited", "not_started_or_delayed"


def there(plan, **query):
    with translation.override("en"):
        address = reverse("disagreements", args=[plan.slug])
    return f"{address}?{'&'.join(f'{name}={value}' for name, value in query.items())}" if query else address


def table(page, number):
    """The rows of a table, each a list of its cells' texts."""
    html = source(page).split("<table")[number + 1].split("</table>")[0]
    return [
        [" ".join(cell.split()) for cell in texts(_Fragment(row), "th") + texts(_Fragment(row), "td")]
        for row in html.split("<tbody>")[1].split("<tr>")[1:]
    ]


class _Fragment:
    def __init__(self, html):
        self.content = html.encode()


def rated_and_answered(rating, answer, period=None, **values):
    milestone = values.pop("milestone", None) or factories.MilestoneFactory(**values)
    own = {"period": period} if period else {}
    rated = factories.PublishedSelfAssessmentFactory(milestone=milestone, rating=rating, **own)
    return rated, factories.PublishedCounterAssessmentFactory(milestone=milestone, rating=answer, **own)


# --- NAP IV -----------------------------------------------------------------------------------------------------------


def test_nap_iv_eleven_ratings_nine_below_one_of_them_by_two_steps_one_equal_one_above_on_a_condition(client, nap_4):
    page = get(client, there(nap_4))
    assert texts(page, "h1") == [
        "NGOs differ from the government on 10 of the 11 milestones they rated: 9 lower, 1 higher."
    ]
    assert texts(page, ".lede") == [
        "42 of 53 milestones have no NGO rating. On 1 of them an NGO was asked and gave none. "
        "Silence is counted as silence, not as agreement. 1 rating depends on a condition."
    ]
    assert table(page, 0) == [
        ["Completed or substantial progress", "0agree", "7lower by 1", "1lower by 2"],
        ["Limited progress", "1higher by 1", "1agree", "1lower by 1"],
        ["Not started or severe delays", "0higher by 2", "0higher by 1", "0agree"],
    ]
    assert [row[1:] for row in table(page, 1)] == [
        ["7", "7", "0", "0"],
        ["4", "2", "1", "1"],
        ["0", "0", "0", "0"],
        ["0", "0", "0", "0"],
    ]
    assert [row[0] for row in table(page, 1)] == [
        "Open Society Forum asked once, and gave no rating",
        "Not named in the source",
        "Media Council of Mongolia Recommendations only",
        "Steps without borders Recommendations only",
    ]
    assert texts(page, ".level-head h3")[:0] == []
    assert texts(page, ".level-head") == [
        "▼▼ lower by 2 1 milestone Government NGOs",
        "▼ lower by 1 8 milestones Government NGOs",
        "▲ higher by 1 1 milestone Government NGOs",
    ]
    codes = [heading.split()[0][:3] for heading in texts(page, "h4")]
    assert codes == ["6.5", "1.2", "1.3", "1.5", "6.1", "6.2", "6.3", "6.4", "6.6", "1.1"]
    assert [text for text in texts(page, ".said") if text.startswith("Condition:")] == [
        "Condition: The rating can become green if the draft law is submitted to and discussed at Parliament's autumn "
        "session."
    ]
    assert "The independent reviewer is below the government on 19 of 36 milestones" in texts(page, "h2")
    assert [row[2:] for row in table(page, 3)] == [
        ["7", "1", "0"],
        ["7", "0", "0"],
        ["4", "2", "0"],
        ["1", "3", "0"],
        ["0", "4", "1"],
        ["0", "5", "1"],
    ]


def test_the_same_in_mongolian(client, nap_4):
    page = get(client, there(nap_4).replace("/en/", "/mn/"))
    assert texts(page, "h1") == [
        "ТББ-ууд үнэлсэн 11 үе шатнаас 10\u2011т нь Засгийн газраас зөрүүтэй үнэлсэн: 9 нь доогуур, 1 нь дээгүүр."
    ]
    assert [row[1:] for row in table(page, 0)] == [
        ["0ижил", "71 шат доогуур", "12 шат доогуур"],
        ["11 шат дээгүүр", "1ижил", "11 шат доогуур"],
        ["02 шат дээгүүр", "01 шат дээгүүр", "0ижил"],
    ]
    assert len(texts(page, "h4")) == 10


def test_every_count_of_the_table_lists_as_many_rows(client, nap_4):
    page = get(client, there(nap_4))
    listed = {}
    for _rating, cells in page.context["agreement"]:
        for cell in cells:
            if cell.count:
                listed[cell.query] = (cell.count, len(get(client, f"{there(nap_4)}?{cell.query}").context["rows"]))
    assert listed == {
        "light=green&gap=-1": (7, 7),
        "light=green&gap=-2": (1, 1),
        "light=amber&gap=1": (1, 1),
        "light=amber&gap=0": (1, 1),
        "light=amber&gap=-1": (1, 1),
    }


@pytest.mark.parametrize(
    ("query", "codes"),
    [
        ({"answered_by": "open-society-forum"}, ["6.5", "1.5", "6.1", "6.2", "6.3", "6.4", "6.6"]),
        ({"commitment": "1"}, ["1.2", "1.3", "1.5", "1.1"]),
        ({"gap": "-2"}, ["6.5"]),
        ({"gap": "1", "commitment": "6"}, []),
    ],
)
def test_page_and_api_are_narrowed_by_the_same_filter(client, nap_4, query, codes):
    page = get(client, there(nap_4, **query))
    assert [row.comparison.subject.code for row in page.context["rows"]] == codes
    answer = client.get(f"/api/v1/milestones/?{page.context['api_query']}").json()
    assert sorted(row["code"] for row in answer["results"]) == sorted(codes)


def test_the_filter_says_what_the_ledger_says(nap_4):
    ledger = read_ledger(nap_4)
    milestones = Milestone.objects.filter(commitment__plan=nap_4)
    for gap in range(-2, 3):
        said = {one.subject.pk for one in ledger.subjects if gap in one.gaps}
        found = MilestoneFilter({"gap": str(gap)}, milestones).qs.values_list("pk", flat=True)
        assert (gap, set(found)) == (gap, said)


@pytest.mark.parametrize("query", ["gap=3", "answered_by=nobody", "commitment=99", "gap=%00"])
def test_what_names_nothing_is_answered_in_a_sentence(client, nap_4, query):
    page = get(client, f"{there(nap_4)}?{query}")
    assert (len(texts(page, ".error")), page.context["rows"]) == (1, [])


def test_a_plan_without_milestones_is_compared_commitment_by_commitment(client, db):
    plan = factories.CompletionPlanFactory()
    one, other = factories.CommitmentFactory(plan=plan), factories.CommitmentFactory(plan=plan)
    for commitment, own, answer in ((one, "completed", "limited"), (other, "limited", "limited")):
        factories.PublishedSelfAssessmentFactory(milestone=None, commitment=commitment, rating=own)
        factories.PublishedCounterAssessmentFactory(milestone=None, commitment=commitment, rating=answer)
    page = get(client, there(plan))
    assert texts(page, "h1") == ["NGOs differ from the government on 1 of the 2 commitments they rated: 1 lower."]
    assert [row.comparison.subject for row in page.context["rows"]] == [one]
    found = CommitmentFilter({"plan": plan.slug, "gap": "0"}, Commitment.objects.all()).qs
    assert list(found) == [other]


# --- several organisations and periods --------------------------------------------------------------------------------


def test_with_several_organisations_the_ratings_are_counted_and_every_voice_is_heard(client, db):
    rated, _first = rated_and_answered(GREEN, AMBER)
    factories.PublishedCounterAssessmentFactory(
        milestone=rated.milestone, rating=RED, justification="Nothing at all.", organisation__name_en="The Union"
    )
    page = get(client, there(rated.plan))
    assert texts(page, "h1") == [
        "NGOs differ from the government on 1 of the 1 milestone they rated. Of their 2 ratings: 2 lower."
    ]
    assert texts(page, ".differ__answer")[0].startswith("The Union")
    assert texts(page, ".level-head") == ["▼▼ lower by 2 1 milestone Government NGOs"]


def test_an_earlier_period_is_read_as_at_its_end(client, db):
    milestone = factories.MilestoneFactory()
    plan = milestone.commitment.plan
    periods = [
        factories.PublishedPeriodFactory(
            plan=plan,
            code=f"2025-Q{quarter}",
            starts_on=datetime.date(2025, 3 * quarter - 2, 1),
            ends_on=datetime.date(2025, 3 * quarter, 28),
        )
        for quarter in (1, 2)
    ]
    for period, answer in zip(periods, (RED, GREEN), strict=True):
        rated_and_answered(GREEN, answer, period, milestone=milestone)
    now = get(client, there(plan))
    assert texts(now, "h1") == ["NGOs agree with the government on all 1 that they rated."]
    assert [row[0] for row in table(now, 3)] == ["Quarter 1 of 2025", "Quarter 2 of 2025"]
    assert [row[1:] for row in table(now, 3)] == [["1", "1", "1", "0", "0", "0"], ["1", "1", "0", "0", "1", "0"]]
    then = get(client, there(plan, period="2025-Q1"))
    assert texts(then, "h1") == ["NGOs differ from the government on 1 of the 1 milestone they rated: 1 lower."]
    assert [row.comparison.subject.code for row in then.context["rows"]] == [milestone.code]
    assert len(get(client, there(plan, period="2025-Q1", gap="-2")).context["rows"]) == 1
    assert get(client, there(plan, gap="-2")).context["rows"] == []
    assert client.get(there(plan, period="2019-Q1")).status_code == 404


def test_what_is_not_published_is_not_there(client, db):
    rated, _answer = rated_and_answered(GREEN, GREEN)
    factories.SubmittedCounterAssessmentFactory(
        milestone=rated.milestone, rating=RED, justification="secret-submitted-words"
    )
    hidden = factories.PublishedCounterAssessmentFactory(
        milestone=rated.milestone, rating=RED, justification="secret-withheld-words"
    )
    lifecycle.withhold_counter_assessment(hidden, by=factories.PublisherFactory(), reason="personal_data")
    page = get(client, there(rated.plan))
    assert (page.context["rows"], "secret-" in page.content.decode()) == ([], False)
    assert client.get(there(factories.DraftPlanFactory())).status_code == 404


@pytest.mark.parametrize("rows", [1, 3])
def test_it_asks_as_often_for_three_commitments_as_for_one(client, db, django_assert_num_queries, rows):
    plan = factories.ActionPlanFactory()
    for _n in range(rows):
        add_commitment(plan, milestones=rows)
    get(client, there(plan))
    with django_assert_num_queries(22):
        get(client, there(plan))


def test_the_main_navigation_leads_to_the_newest_plan_with_ratings(client, db):
    assert client.get("/en/disagreements/").url == "/en/plans/"
    rated, _answer = rated_and_answered(GREEN, RED)
    factories.ActionPlanFactory(starts_on=datetime.date(2028, 1, 1), ends_on=datetime.date(2031, 1, 1))
    assert client.get("/en/disagreements/").url == there(rated.plan)


# --- what became of the answers ---------------------------------------------------------------------------------------


class TestAnswerStates:
    @pytest.fixture
    def plan(self, db):
        rated, answer = rated_and_answered(GREEN, RED)
        milestone = rated.milestone
        factories.PublishedResponseFactory(counter_assessment=answer)
        factories.PublishedCounterAssessmentFactory(milestone=milestone)
        factories.SubmittedCounterAssessmentFactory(
            milestone=milestone, submitted_at=timezone.now() - datetime.timedelta(days=3, hours=1)
        )
        for state in ("returned", "withheld", "withdrawn"):
            factories.CounterAssessmentFactory(milestone=milestone, state=state)
        factories.CounterAssessmentFactory(milestone=milestone)  # a draft is nobody's business
        return rated.plan

    def test_stand_on_the_plans_page_by_period(self, client, plan):
        page = get(client, f"/en/plans/{plan.slug}/")
        (row,) = [line for line in texts(page, "tr") if line.startswith("Quarter 1 of 2025")]
        assert row == ("Quarter 1 of 2025 6 2 1 0 1 the oldest for 3 days 1 1 It contains personal data: 1 1")

    def test_are_the_same_in_the_api(self, client, plan):
        (period,) = client.get(f"/api/v1/periods/?plan={plan.slug}").json()["results"]
        oldest = CounterAssessment.objects.waiting().get().submitted_at
        answers = {**period["answers"], "oldest_waiting_at": None}
        assert answers == {
            "received": 6,
            "published": 2,
            "replaced": 0,
            "waiting": 1,
            "returned": 1,
            "withheld": 1,
            "withdrawn": 1,
            "withheld_by_reason": {"personal_data": 1},
            "unanswered": 1,
            "oldest_waiting_at": None,
        }
        assert datetime.datetime.fromisoformat(period["answers"]["oldest_waiting_at"]) == oldest
        (whole,) = client.get(f"/api/v1/plans/{plan.slug}/").json()["periods"]
        assert whole["answers"] == period["answers"]

    def test_a_plan_that_was_never_rated_has_no_such_table(self, client, db):
        plan = factories.ActionPlanFactory()
        factories.ReportingPeriodFactory(plan=plan)
        assert "What became of the answers" not in get(client, f"/en/plans/{plan.slug}/").content.decode()


class TestOnTheCommitmentsPage:
    def page(self, client, rated):
        return get(client, f"/en/plans/{rated.plan.slug}/commitments/{rated.milestone.commitment.code}/")

    def test_an_answer_without_a_response_says_so(self, client, db):
        rated, _answer = rated_and_answered(GREEN, RED)
        assert "No response yet" in texts(self.page(client, rated), ".reply")

    def test_a_response_says_which_correction_came_of_it(self, client, publisher):
        rated, answer = rated_and_answered(AMBER, RED)
        response = factories.ResponseFactory(
            counter_assessment=answer, kind="changed", organisation__name_en="The Ministry", reason_en="They are right."
        )
        lifecycle.correct_from_response(response, by=publisher, reason="Shown by the union.", rating=RED)
        page = self.page(client, rated)
        (said,) = [text for text in texts(page, ".reply") if text.startswith("The Ministry")]
        assert said.endswith("Not started or severe delays instead of Limited progress). They are right.")
        assert f'href="#m{rated.milestone.code}"' in source(page)

    def test_what_was_withdrawn_or_withheld_is_said_in_words(self, client, publisher):
        rated, answer = rated_and_answered(GREEN, RED)
        lifecycle.withhold_counter_assessment(answer, by=publisher, reason="personal_data")
        factories.PublishedCounterAssessmentFactory(
            milestone=rated.milestone,
            state="withdrawn",
            published_at=day_start(datetime.date(2025, 5, 1)),
            withdrawn_at=day_start(datetime.date(2025, 5, 2)),
        )
        said = texts(self.page(client, rated), ".reply")
        assert "Withdrawn by the organisation on 2 May 2025." in said
        assert next(text for text in said if text.startswith("Withheld by the support unit on")).endswith(
            "Reason: It contains personal data."
        )
