"""Publishing a quarter: counted before it is done, done once, and never something that nobody has counted."""

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from assessments import lifecycle
from assessments.models import ReportingPeriod, SelfAssessment
from assessments.publication import Change, Publication, RatingStep
from assessments.sheet import Queue, read_sheet
from tests import factories
from tests.pages import texts

GREEN, AMBER, RED = "completed_or_substantial", "limited", "not_started_or_delayed"


def there(period, page, code=None):
    return reverse(f"admin:quarter_{page}", args=[period.plan.slug, period.code, *([code] if code else [])])


def said(response):
    return [str(message) for message in response.context["messages"]]


@pytest.fixture
def before(db):
    return factories.PublishedPeriodFactory(code="2024-Q4", starts_on="2024-10-01", ends_on="2024-12-31")


@pytest.fixture
def period(before):
    return factories.OpenPeriodFactory(plan=before.plan)


@pytest.fixture
def commitment(period):
    return factories.CommitmentFactory(plan=period.plan, code="1")


class Steps:
    """Makes milestones 1.1, 1.2 … with a rating of the period before and an entry in this one."""

    def __init__(self, before, period, commitment):
        self.before, self.period, self.commitment, self.number = before, period, commitment, 0

    def __call__(self, earlier=None, entry=None, make=factories.SubmittedSelfAssessmentFactory, **values):
        self.number += 1
        step = factories.MilestoneFactory(commitment=self.commitment, code=f"1.{self.number}")
        if earlier:
            factories.PublishedSelfAssessmentFactory(milestone=step, period=self.before, rating=earlier)
        if entry or values:
            return make(milestone=step, period=self.period, rating=entry, **values)
        return step


@pytest.fixture
def step(before, period, commitment):
    return Steps(before, period, commitment)


def submitted_again(step, publisher):
    """A submitted rating that repeats the period before."""
    subject = step(earlier=AMBER)
    earlier = SelfAssessment.objects.get(milestone=subject)
    copied = lifecycle.copy_forward(earlier, step.period, by=publisher)
    return lifecycle.submit_self_assessment(copied, by=publisher)


# --- the count --------------------------------------------------------------------------------------------------------


def test_every_submitted_row_is_one_kind_of_change(step, period, publisher):
    step(earlier=AMBER, entry=GREEN)
    step(earlier=GREEN, entry=RED)
    step(entry=AMBER)
    step(earlier=RED, no_rating_reason="not_provided")
    step(earlier=AMBER, entry=AMBER)
    step(no_rating_reason="other", no_rating_text="The ministry is being merged.")
    submitted_again(step, publisher)
    publication = Publication(read_sheet(period))
    assert [(change, [row.code for row in rows]) for change, rows in publication.changes] == [
        (Change.IMPROVED, ["1.1"]),
        (Change.SLIPPED, ["1.2"]),
        (Change.NEWLY_RATED, ["1.3"]),
        (Change.NO_LONGER_RATED, ["1.4"]),
        (Change.UNCHANGED, ["1.5"]),
        (Change.WITHOUT, ["1.6"]),
        (Change.COPIED, ["1.7"]),
    ]
    assert [(reason, [row.code for row in rows]) for reason, rows in publication.not_rated] == [
        ("Asked, and none given", ["1.4"]),
        ("The ministry is being merged.", ["1.6"]),
    ]


def test_completed_is_better_than_substantial_though_both_are_green(db):
    plan = factories.CompletionPlanFactory()
    before = factories.PublishedPeriodFactory(plan=plan, code="2024-Q4", starts_on="2024-10-01", ends_on="2024-12-31")
    now = factories.OpenPeriodFactory(plan=plan)
    step = Steps(before, now, factories.CommitmentFactory(plan=plan, code="1"))
    step(earlier="substantial", entry="completed")
    step(earlier="completed", entry="substantial")
    assert [change for change, _rows in Publication(read_sheet(now)).changes] == [Change.IMPROVED, Change.SLIPPED]


def test_ratings_are_counted_before_and_after_and_drafts_change_nothing(step, period):
    step(earlier=AMBER, entry=GREEN)
    step(earlier=GREEN, entry=GREEN)
    step(earlier=RED, entry=GREEN, make=factories.SelfAssessmentFactory)
    step(entry=AMBER, make=factories.SelfAssessmentFactory)
    step()
    publication = Publication(read_sheet(period))
    assert publication.steps == (
        RatingStep(GREEN, 1, 2),
        RatingStep(AMBER, 1, 0),
        RatingStep(RED, 1, 1),
        RatingStep(None, 2, 2),
    )


def test_what_it_counts_is_what_readers_see_afterwards(step, period, publisher):
    step(earlier=AMBER, entry=GREEN)
    step(earlier=RED)
    step(no_rating_reason="not_provided")
    publication = Publication(read_sheet(period))
    lifecycle.publish_period(period, by=publisher)
    shown = SelfAssessment.objects.filter(is_latest=True)
    assert {step.rating: step.after for step in publication.steps if step.rating} == {
        rating: shown.filter(rating=rating).count() for rating in (GREEN, AMBER, RED)
    }


def test_what_stays_behind_is_named_by_queue_with_what_readers_go_on_seeing(step, period):
    step(entry=GREEN)
    step(earlier=AMBER, entry=AMBER, make=factories.SelfAssessmentFactory, challenges_en="")
    step(earlier=AMBER, entry=AMBER, make=factories.SelfAssessmentFactory)
    step()
    publication = Publication(read_sheet(period))
    assert [(queue, [row.code for row in rows]) for queue, rows in publication.left_behind] == [
        (Queue.TO_MEND, ["1.2"]),
        (Queue.READY, ["1.3"]),
        (Queue.NOT_ENTERED, ["1.4"]),
    ]
    assert (publication.keep_earlier, publication.keep_nothing) == (2, 1)


def test_who_submitted_how_many(step, period):
    saraa, bold = factories.EditorFactory(name="Saraa"), factories.EditorFactory(name="Bold")
    for person in (bold, saraa, saraa):
        step(entry=AMBER, submitted_by=person)
    assert Publication(read_sheet(period)).submitted_by == ((saraa, 2), (bold, 1))


# --- the page ---------------------------------------------------------------------------------------------------------


def as_shown(page, **changes):
    """What the browser sends when the page's form is left as it is."""
    form = page.context["form"]
    data = {"opens": form["opens"].value(), "counted": form["counted"].value()}
    for name in ("answers_open_at", "answers_close_at"):
        widget, value = form.fields[name].widget, form[name].value()
        parts = value if isinstance(value, list) else widget.decompress(value)
        shown = [one.format_value(part) for one, part in zip(widget.widgets, parts, strict=True)]
        data |= {f"{name}_{place}": value or "" for place, value in enumerate(shown)}
    return data | changes


def test_a_publisher_publishes_after_a_page_that_counts_it(client, step, period, publisher):
    step(earlier=AMBER, entry=GREEN)
    step(entry=AMBER)
    step()
    client.force_login(publisher)
    page = client.get(there(period, "publish"))
    assert texts(page, ".act__finding") == ["2 of 3 ratings are submitted and would become public."]
    assert SelfAssessment.objects.filter(period=period, state="published").count() == 0
    done = client.post(there(period, "publish"), as_shown(page), follow=True)
    assert said(done) == ["2 ratings are published."]
    period.refresh_from_db()
    assert (period.state(), period.published_by) == ("answering", publisher)
    in_two_weeks = timezone.localdate() + datetime.timedelta(days=14)
    closes = timezone.localtime(period.answers_close_at)
    assert (period.answers_open_at, closes.date(), closes.hour) == (period.published_at, in_two_weeks, 18)
    assert [
        (row.history.first().history_change_reason, row.history.first().history_user)
        for row in SelfAssessment.objects.filter(period=period)
    ] == [("published", publisher)] * 2


def test_a_later_window_is_taken_in_the_records_zone(client, step, period, publisher):
    step(entry=AMBER)
    client.force_login(publisher)
    opens, closes = (timezone.localdate() + datetime.timedelta(days=days) for days in (3, 10))
    sent = as_shown(client.get(there(period, "publish"))) | {
        "opens": "later",
        "answers_open_at_0": opens.isoformat(),
        "answers_open_at_1": "09:00",
        "answers_close_at_0": closes.isoformat(),
        "answers_close_at_1": "17:30",
    }
    client.post(there(period, "publish"), sent)
    period.refresh_from_db()
    assert [timezone.localtime(moment).strftime("%Y-%m-%d %H:%M") for moment in _window(period)] == [
        f"{opens} 09:00",
        f"{closes} 17:30",
    ]


def _window(period):
    return period.answers_open_at, period.answers_close_at


TOMORROW = (timezone.localdate() + datetime.timedelta(days=1)).isoformat()


@pytest.mark.parametrize(
    ("change", "field", "sentence"),
    [
        ({"answers_close_at_0": "2020-01-01"}, "answers_close_at", "This moment has passed: give one in the future."),
        ({"answers_close_at_0": ""}, "answers_close_at", "Write the day as 2026-07-15."),
        (
            {"answers_close_at_0": "", "answers_close_at_1": ""},
            "answers_close_at",
            "Give the day and the time of day.",
        ),
        ({"answers_close_at_0": "next week"}, "answers_close_at", "Write the day as 2026-07-15."),
        ({"answers_close_at_1": "noon"}, "answers_close_at", "Write the time as 18:00."),
        ({"opens": "later"}, "answers_open_at", "Give the day and the time of day."),
        (
            {"opens": "later", "answers_open_at_0": "2090-01-01", "answers_open_at_1": "09:00"},
            "answers_close_at",
            "Answers close after they open.",
        ),
        ({"opens": "never"}, "opens", "Select a valid choice. never is not one of the available choices."),
        ({"counted": ""}, "counted", "This field is required."),
    ],
)
def test_an_odd_window_is_refused_beside_its_field_and_nothing_is_published(
    client, step, period, publisher, change, field, sentence
):
    step(entry=AMBER)
    client.force_login(publisher)
    refused = client.post(there(period, "publish"), as_shown(client.get(there(period, "publish"))) | change)
    assert (refused.status_code, refused.context["form"].errors) == (200, {field: [sentence]})
    assert period.history.first().history_change_reason is None
    assert not SelfAssessment.objects.filter(period=period, state="published").exists()


@pytest.mark.parametrize("meanwhile", ["submitted", "returned"])
def test_what_nobody_counted_is_not_published(client, step, period, publisher, editor, meanwhile):
    waiting = step(entry=AMBER)
    draft = step(entry=AMBER, make=factories.SelfAssessmentFactory)
    client.force_login(publisher)
    sent = as_shown(client.get(there(period, "publish")))
    if meanwhile == "submitted":
        lifecycle.submit_self_assessment(draft, by=editor)
    else:
        lifecycle.return_self_assessment(waiting, by=editor, reason="Which law?")
        lifecycle.submit_self_assessment(waiting, by=editor)
    again = client.post(there(period, "publish"), sent)
    assert again.context["form"].non_field_errors() == [
        "Somebody submitted or returned a rating meanwhile. Nothing is published: look at the new counts."
    ]
    assert not SelfAssessment.objects.filter(period=period, state="published").exists()
    assert len(again.context["publication"].rows) == (2 if meanwhile == "submitted" else 1)
    assert said(client.post(there(period, "publish"), as_shown(again), follow=True)) == [
        "2 ratings are published." if meanwhile == "submitted" else "1 rating is published."
    ]


def test_a_quarter_that_is_published_twice_is_published_once(client, step, period, publisher):
    step(entry=AMBER)
    client.force_login(publisher)
    sent = as_shown(client.get(there(period, "publish")))
    client.post(there(period, "publish"), sent)
    before = ReportingPeriod.objects.values().get(pk=period.pk)
    again = client.post(there(period, "publish"), sent)
    assert said(again)[-1] == "It was published meanwhile. Nothing is done twice."
    assert ReportingPeriod.objects.values().get(pk=period.pk) == before


def test_a_draft_that_is_saved_meanwhile_changes_no_count(client, step, period, publisher, editor):
    step(entry=AMBER)
    draft = step(entry=AMBER, make=factories.SelfAssessmentFactory)
    client.force_login(publisher)
    sent = as_shown(client.get(there(period, "publish")))
    draft.evidence_en = "More."
    draft.save()
    assert said(client.post(there(period, "publish"), sent, follow=True)) == ["1 rating is published."]


def test_nothing_submitted_is_nothing_to_publish(client, step, period, publisher):
    step(entry=AMBER, make=factories.SelfAssessmentFactory)
    client.force_login(publisher)
    page = client.get(there(period, "publish"))
    assert texts(page, ".why") == ["Nothing is submitted yet, so there is nothing to publish."]
    assert 'name="counted"' not in page.content.decode()


def test_afterwards_the_page_says_what_was_published_and_where_it_stands(client, step, period, publisher):
    step(entry=AMBER)
    step()
    lifecycle.publish_period(period, by=publisher)
    client.force_login(publisher)
    page = client.get(there(period, "publish"))
    assert texts(page, ".act__finding")[0].startswith("1 of 2 rating is public. The period was published ")
    html = page.content.decode()
    for address in (
        reverse("plan", args=[period.plan.slug]),
        reverse("admin:quarter", args=[period.plan.slug, period.code]),
        there(period, "reopen"),
    ):
        assert f'href="{address}"' in html


def test_a_page_costs_as_many_queries_for_three_rows_as_for_one(
    client, step, period, publisher, django_assert_num_queries
):
    step(earlier=AMBER, entry=GREEN)
    client.force_login(publisher)
    client.get(there(period, "publish"))
    with django_assert_num_queries(14):
        client.get(there(period, "publish"))
    step(earlier=AMBER, entry=GREEN)
    step(entry=AMBER)
    with django_assert_num_queries(14):
        client.get(there(period, "publish"))


# --- a second person --------------------------------------------------------------------------------------------------


def test_with_the_setting_nobody_publishes_what_they_submitted(settings, client, step, period, publisher):
    settings.SECOND_PERSON_PUBLISHES = True
    own = step(entry=AMBER, submitted_by=publisher)
    step(entry=GREEN)
    sentence = "You have submitted 1 of these ratings yourself: another publisher has to publish them."
    client.force_login(publisher)
    page = client.get(there(period, "publish"))
    assert (texts(page, ".why"), 'name="counted"' in page.content.decode()) == ([sentence], False)
    with pytest.raises(ValidationError, match=sentence):
        lifecycle.publish_period(period, by=publisher)
    own.refresh_from_db()
    assert own.state == "submitted"
    assert lifecycle.publish_period(period, by=factories.PublisherFactory()) == 2


def test_without_it_one_person_may_do_both(step, period, publisher):
    step(entry=AMBER, submitted_by=publisher)
    assert lifecycle.publish_period(period, by=publisher) == 1


# --- opening and reopening --------------------------------------------------------------------------------------------


def test_a_publisher_opens_a_planned_quarter_with_its_closing_time(client, publisher):
    period = factories.ReportingPeriodFactory()
    client.force_login(publisher)
    form = client.get(there(period, "open")).context["form"]
    usual = form["entry_closes_at"].value()
    assert (usual.date(), usual.hour) == (timezone.localdate() + datetime.timedelta(days=14), 18)
    sent = {"entry_closes_at_0": TOMORROW, "entry_closes_at_1": "12:00"}
    done = client.post(there(period, "open"), sent, follow=True)
    assert said(done) == ["Quarter 1 of 2025 is open for entry."]
    period.refresh_from_db()
    closes = timezone.localtime(period.entry_closes_at)
    assert (period.state(), period.opened_by, closes.strftime("%Y-%m-%d %H:%M")) == (
        "entry",
        publisher,
        f"{TOMORROW} 12:00",
    )


def test_the_closing_time_that_stands_in_the_period_is_offered(client, publisher):
    period = factories.ReportingPeriodFactory(entry_closes_at="2090-04-15T10:00:00Z")
    client.force_login(publisher)
    usual = client.get(there(period, "open")).context["form"]["entry_closes_at"].value()
    assert usual.strftime("%Y-%m-%d %H:%M") == "2090-04-15 18:00"


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({}, "Give the day and the time of day."),
        ({"entry_closes_at_0": TOMORROW}, "Give the day and the time of day."),
        (
            {"entry_closes_at_0": "2020-01-01", "entry_closes_at_1": "18:00"},
            "This moment has passed: give one in the future.",
        ),
        ({"entry_closes_at_0": "15.4.2025", "entry_closes_at_1": "18:00"}, "Write the day as 2026-07-15."),
    ],
)
def test_an_odd_closing_time_is_refused_beside_its_field(client, publisher, sent, sentence):
    period = factories.ReportingPeriodFactory()
    client.force_login(publisher)
    refused = client.post(there(period, "open"), {"x": "", **sent})
    assert refused.context["form"].errors == {"entry_closes_at": [sentence]}
    period.refresh_from_db()
    assert period.state() == "planned"


def test_a_publisher_reopens_a_quarter_with_a_public_reason_and_publishes_the_rest(client, step, period, publisher):
    step(entry=AMBER)
    late = step()
    lifecycle.publish_period(period, by=publisher, answers_close_at=timezone.now() + datetime.timedelta(days=9))
    period.refresh_from_db()
    window = _window(period)
    client.force_login(publisher)
    page = client.get(there(period, "reopen"))
    assert texts(page, ".act__finding") == [
        "1 of 2 ratings of this period are not published and could be entered again."
    ]
    refused = client.post(there(period, "reopen"), {"reason": "  "})
    assert refused.context["form"].errors == {"reason": ["This field is required."]}
    client.post(there(period, "reopen"), {"reason": "Two ministries were late."})
    period.refresh_from_db()
    assert (period.state(), period.reopen_reason, period.reopened_by) == (
        "entry",
        "Two ministries were late.",
        publisher,
    )

    factories.SubmittedSelfAssessmentFactory(milestone=late, period=period)
    page = client.get(there(period, "publish"))
    assert page.context["form"]["opens"].value() == "keep"
    assert said(client.post(there(period, "publish"), as_shown(page), follow=True)) == ["1 rating is published."]
    period.refresh_from_db()
    assert (period.republished_by, _window(period)) == (publisher, window)


def test_a_reopened_quarter_may_get_a_new_window(client, step, period, publisher):
    step(entry=AMBER)
    lifecycle.publish_period(period, by=publisher, answers_close_at=timezone.now() + datetime.timedelta(days=1))
    lifecycle.reopen_period(period, by=publisher, reason="Late.")
    client.force_login(publisher)
    page = client.get(there(period, "publish"))
    client.post(there(period, "publish"), as_shown(page, opens="now"))
    period.refresh_from_db()
    assert abs(period.answers_open_at - period.republished_at) < datetime.timedelta(seconds=5)
    assert timezone.localtime(period.answers_close_at).date() == timezone.localdate() + datetime.timedelta(days=14)


def test_pages_for_another_state_lead_on_with_a_sentence(client, publisher):
    planned, published = factories.ReportingPeriodFactory(), factories.PublishedPeriodFactory()
    client.force_login(publisher)
    assert [
        said(client.get(address, follow=True))
        for address in (there(planned, "publish"), there(planned, "reopen"), there(published, "open"))
    ] == [
        ["Quarter 1 of 2025 is not open for entry yet."],
        ["Only a published period can be reopened."],
        ["Quarter 1 of 2025 is opened already."],
    ]


def test_the_periods_own_page_offers_what_can_be_done_with_it(client, publisher, editor):
    periods = [
        factories.ReportingPeriodFactory(),
        factories.OpenPeriodFactory(),
        factories.PublishedPeriodFactory(),
    ]

    def offered(user):
        client.force_login(user)
        pages = (client.get(reverse("admin:assessments_reportingperiod_change", args=[row.pk])) for row in periods)
        return [[str(verb.label) for verb, _address in page.context["verbs"]] for page in pages]

    assert offered(publisher) == [
        ["Open the quarter"],
        ["Quarter sheet", "Publish the quarter"],
        ["Quarter sheet", "Reopen the quarter"],
    ]
    assert offered(editor) == [[], ["Quarter sheet"], ["Quarter sheet"]]
    assert ReportingPeriod.objects.count() == 3
