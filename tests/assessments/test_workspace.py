"""An organisation's workspace: who comes in, what is open, where its answers stand, and what it takes to read it."""

import datetime

import pytest
from django.utils import timezone

from assessments.workspace import Deadline, Queue, deadline_of
from tests import factories
from tests.pages import get, texts

ADDRESS = "/en/counter-assessments/"
HOUR, DAY = datetime.timedelta(hours=1), datetime.timedelta(days=1)
NOW = datetime.datetime(2026, 3, 10, 12, 0, tzinfo=datetime.UTC)


@pytest.fixture
def ngo(db):
    return factories.NgoFactory(name_en="Citizens' Watch", slug="watch")


@pytest.fixture
def author(ngo, client):
    user = factories.RepresentativeFactory(organisation=ngo)
    client.force_login(user)
    return user


@pytest.fixture
def plan(db):
    return factories.ActionPlanFactory(slug="p", title_en="The plan")


@pytest.fixture
def period(plan):
    return factories.PublishedPeriodFactory(plan=plan, answers_close_at=timezone.now() + 3 * DAY + HOUR)


def rate(plan, code, rating="limited"):
    commitment = factories.CommitmentFactory(plan=plan)
    milestone = factories.MilestoneFactory(commitment=commitment, code=code, title_en=f"Title {code}")
    return factories.PublishedSelfAssessmentFactory(milestone=milestone, rating=rating)


def rows(page):
    return {
        row.subject.code: (row.queue, row.gap)
        for group in page.context["workspace"].groups
        for row in group.rows
        if not row.is_whole
    }


# --- who comes in -----------------------------------------------------------------------------------------------------


def test_strangers_are_asked_to_sign_in(client, db):
    page = client.get(ADDRESS)
    assert (page.status_code, page.url) == (302, "/en/accounts/login/?next=/en/counter-assessments/")


@pytest.mark.parametrize("role", ["UserFactory", "MsfMemberFactory", "PublisherFactory", "SuperuserFactory"])
def test_who_speaks_for_nobody_is_told_how_to_be_invited(client, db, role):
    client.force_login(getattr(factories, role)())
    page = client.get(ADDRESS)
    assert (page.status_code, texts(page, "h1")) == (403, ["Your account speaks for no organisation today."])


def test_leaving_an_organisation_ends_access_at_the_next_request(client, author):
    assert client.get(ADDRESS).status_code == 200
    author.memberships.update(ends_on=timezone.localdate() - DAY)
    assert client.get(ADDRESS).status_code == 403


def test_who_speaks_for_two_chooses_and_is_never_guessed(client, author, ngo, period):
    other = factories.NgoFactory(slug="second", name_en="Second")
    factories.MembershipFactory(user=author, organisation=other)
    page = get(client, ADDRESS)
    assert texts(page, "h1") == ["For which organisation do you speak here?"]
    assert texts(page, ".chosen-for") == ["Citizens' Watch", "Second"]
    page = get(client, f"{ADDRESS}?organisation=second")
    assert page.context["speaker"].organisation == other
    assert page.context["speaker"].tail == "?organisation=second"


def test_the_way_in_leads_representatives_to_their_workspace(client, ngo):
    factories.RepresentativeFactory(organisation=ngo, email="a@example.org", password="a-quiet-long-password")
    page = client.post("/en/accounts/login/", {"login": "a@example.org", "password": "a-quiet-long-password"})
    assert page.url == ADDRESS
    client.logout()
    factories.UserFactory(email="b@example.org", password="a-quiet-long-password")
    page = client.post("/en/accounts/login/", {"login": "b@example.org", "password": "a-quiet-long-password"})
    assert page.url == "/en/"


def test_the_navigation_shows_it_to_representatives_alone(client, author, publisher):
    assert "Our answers" in texts(get(client, "/en/plans/"), ".mainnav")[0]
    client.force_login(publisher)
    assert "Our answers" not in texts(get(client, "/en/plans/"), ".mainnav")[0]
    client.logout()
    assert "Our answers" not in texts(get(client, "/en/plans/"), ".mainnav")[0]


def test_it_is_read_and_not_sent_to(client, author):
    assert client.post(ADDRESS).status_code == 405


# --- what is open -----------------------------------------------------------------------------------------------------


def window(**moments):
    return factories.PublishedPeriodFactory.build(plan=None, published_by=None, opened_by=None, **moments)


@pytest.mark.parametrize(
    ("opens", "closes", "expected"),
    [
        (NOW - DAY, NOW + 14 * DAY + HOUR, ("open", "14 days left")),
        (NOW - DAY, NOW + 3 * DAY + HOUR, ("open", "3 days left")),
        (NOW - DAY, NOW + 3 * DAY, ("soon", "3 days left")),
        (NOW - DAY, NOW + DAY, ("soon", "1 day left")),
        (NOW - DAY, NOW + 5 * HOUR, ("soon", "5 hours left")),
        (NOW - DAY, NOW + HOUR / 2, ("soon", "0 hours left")),
        (NOW - DAY, NOW, ("closed", "")),
        (NOW - DAY, None, ("open", "")),
        (NOW + DAY, NOW + 2 * DAY, ("planned", "")),
        (None, None, ("closed", "")),
    ],
)
def test_nobody_is_told_more_time_than_there_is(opens, closes, expected):
    period = window(published_at=NOW - DAY, answers_open_at=opens, answers_close_at=closes)
    assert deadline_of(period, NOW) == Deadline(expected[0], opens, closes, expected[1])


def test_a_returned_answer_has_a_week_more(period):
    period = window(published_at=NOW - DAY, answers_open_at=NOW - DAY, answers_close_at=NOW - HOUR)
    found = deadline_of(period, NOW, returned_at=NOW - 2 * HOUR)
    assert found == Deadline("open", NOW - DAY, NOW - 2 * HOUR + 7 * DAY, "6 days left")


def test_the_page_says_plan_period_and_closing_time(client, author, period):
    rate(period.plan, "1.1")
    page = get(client, ADDRESS)
    local = timezone.localtime(period.answers_close_at)
    assert texts(page, "h1") == ["Our answers: The plan, Quarter 1 of 2025"]
    assert texts(page, ".deadline") == [
        f"Answers until {local.day} {local:%b %Y, %H:%M} (Ulaanbaatar) 3 days left",
    ]
    assert texts(page, ".lede") == ["0 of 1 rating of the government is answered."]


def test_before_anything_is_published_it_says_so(client, author):
    factories.OpenPeriodFactory()
    page = get(client, ADDRESS)
    assert (page.context["period"], texts(page, ".lede")) == (
        None,
        ["No ratings of the government are published yet that could be answered. You get a mail when they are."],
    )


def test_the_window_that_closes_first_is_opened_and_past_periods_stay_readable(client, author, ngo, period):
    later = factories.PublishedPeriodFactory(
        plan=factories.ActionPlanFactory(slug="q"), answers_close_at=timezone.now() + 9 * DAY
    )
    past = factories.PublishedPeriodFactory(
        plan=period.plan,
        code="2024-Q4",
        starts_on=datetime.date(2024, 10, 1),
        ends_on=datetime.date(2024, 12, 31),
        published_at=timezone.now() - 90 * DAY,
        opened_at=timezone.now() - 99 * DAY,
        answers_close_at=timezone.now() - 70 * DAY,
    )
    said = factories.PublishedCounterAssessmentFactory(
        milestone=rate(period.plan, "1.1").milestone, period=past, organisation=ngo
    )
    page = get(client, ADDRESS)
    assert page.context["period"] == period
    assert set(page.context["periods"]) == {period, later, past}
    page = get(client, f"{ADDRESS}?plan=p&period=2024-Q4")
    assert (page.context["period"], rows(page)) == (past, {"1.1": (Queue.PUBLISHED, None)})
    page = get(client, f"{ADDRESS}p/2024-Q4/1.1/")
    assert "Nothing was done." in " ".join(texts(page, ".said"))
    assert "form" not in page.context
    assert said.reference_number is None


@pytest.mark.parametrize("query", ["?plan=unknown", "?plan=p&period=2020-Q1", "?period=2025-Q1", "?plan=%00"])
def test_an_unknown_period_is_not_found(client, author, period, query):
    assert client.get(f"{ADDRESS}{query}").status_code == 404


def test_invented_plans_are_for_invented_organisations_alone(client, author, ngo, period):
    invented = factories.PublishedPeriodFactory(plan=factories.ActionPlanFactory(slug="demo", is_demonstration=True))
    rate(invented.plan, "1.1")
    assert get(client, ADDRESS).context["periods"] == [period]
    assert client.get(f"{ADDRESS}demo/2025-Q1/1.1/").status_code == 404
    actor = factories.RepresentativeFactory(organisation=factories.NgoFactory(is_demonstration=True))
    client.force_login(actor)
    page = get(client, ADDRESS)
    assert page.context["periods"] == [invented]
    assert texts(page, ".demonstration") == ["Demonstration: everything in this plan is invented."]
    rate(period.plan, "7.1")
    assert client.get(f"{ADDRESS}p/2025-Q1/7.1/").status_code == 404


def test_a_draft_plan_is_answered_by_nobody(client, author):
    hidden = factories.PublishedSelfAssessmentFactory(milestone__commitment__plan=factories.DraftPlanFactory(slug="x"))
    author.groups.add(factories.MsfMemberFactory().groups.get())
    assert client.get(f"{ADDRESS}x/2025-Q1/{hidden.milestone.code}/").status_code == 404


# --- where answers stand ----------------------------------------------------------------------------------------------


@pytest.fixture
def every_state(author, ngo, period):
    """One milestone in each queue, one not rated, and one that only another organisation has answered."""
    for number, state in enumerate(["draft", "returned", "submitted", "withheld", "withdrawn"], start=1):
        rated = rate(period.plan, f"{number}.1")
        factories.CounterAssessmentFactory(milestone=rated.milestone, organisation=ngo, state=state, answers=rated)
    factories.PublishedCounterAssessmentFactory(milestone=rate(period.plan, "6.1").milestone, organisation=ngo)
    factories.SubmittedCounterAssessmentFactory(
        milestone=rate(period.plan, "7.1", rating="completed_or_substantial").milestone
    )
    factories.MilestoneFactory(commitment__plan=period.plan, code="8.1")


STANDS = {
    "1.1": (Queue.DRAFT, -1),
    "2.1": (Queue.RETURNED, -1),
    "3.1": (Queue.SUBMITTED, -1),
    "4.1": (Queue.WITHHELD, -1),
    "5.1": (Queue.WITHDRAWN, -1),
    "6.1": (Queue.PUBLISHED, -1),
    "7.1": (Queue.TO_ANSWER, None),
    "8.1": (None, None),
}


def test_every_subject_stands_in_its_queue(client, every_state):
    page = get(client, ADDRESS)
    assert rows(page) == STANDS
    assert page.context["whole"].counts == dict.fromkeys([queue.value for queue in Queue], 1)
    assert (page.context["whole"].answered, page.context["whole"].rated) == (3, 7)
    assert texts(page, ".queues")[0] == (
        "All To answer 1 Drafts 1 Returned 1 Submitted 1 Published 1 Withheld 1 Withdrawn 1"
    )


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("queue=draft", {"1.1"}),
        ("queue=to-answer", {"7.1"}),
        ("light=green", {"7.1"}),
        ("light=amber&queue=published", {"6.1"}),
        ("light=none", {"8.1"}),
        ("queue=nonsense", set()),
        ("light=%00", set()),
    ],
)
def test_rows_are_narrowed_and_counts_stay_whole(client, every_state, query, shown):
    page = get(client, f"{ADDRESS}?plan=p&{query}")
    assert set(rows(page)) == shown
    assert sum(page.context["whole"].counts.values()) == 7


def test_one_commitment_is_shown_alone(client, every_state, plan):
    commitment = plan.commitments.get(milestones__code="3.1")
    page = get(client, f"{ADDRESS}?plan=p&commitment={commitment.code}")
    assert set(rows(page)) == {"3.1"}


def test_a_commitment_as_a_whole_has_a_row_and_can_be_answered(client, every_state, plan):
    page = get(client, ADDRESS)
    wholes = [row for group in page.context["workspace"].groups for row in group.rows if row.is_whole]
    assert len(wholes) == plan.commitments.count()
    assert {row.queue for row in wholes} == {None}
    assert get(client, f"{ADDRESS}p/2025-Q1/{wholes[0].subject.code}/").context["desk"].is_whole


def test_an_untranslated_title_says_its_language(client, author, period):
    rate(period.plan, "1.1")
    page = get(client, "/mn/counter-assessments/")
    assert '<span lang="en">Title 1.1</span>' in page.content.decode()


def test_after_the_window_nothing_is_to_answer(client, author, period):
    rate(period.plan, "1.1")
    period.answers_open_at, period.answers_close_at = timezone.now() - 2 * DAY, timezone.now() - DAY
    period.save()
    page = get(client, ADDRESS)
    assert rows(page) == {"1.1": (None, None)}
    assert texts(page, ".own-row__state")[0] == "Not answered"


@pytest.mark.parametrize("count", [1, 3, 60])
def test_the_workspace_takes_as_many_queries_for_any_number_of_rows(
    client, author, ngo, period, count, django_assert_num_queries
):
    for number in range(count):
        rated = rate(period.plan, f"{number}.1")
        factories.CounterAssessmentFactory(milestone=rated.milestone, organisation=ngo, state="submitted")
    # Session, user, memberships, organisations, periods; commitments, milestones, ratings, answers; the current
    # plan, memberships and groups again for the frame.
    with django_assert_num_queries(12):
        page = client.get(ADDRESS)
    assert len(rows(page)) == count
