"""An agency's response in the admin: entered from the answer, published alone or with the rating it changes."""

import pytest

from assessments import lifecycle
from assessments.models import CounterAssessment, Response, SelfAssessment
from tests import factories
from tests.admin_pages import address, sent_back

GREEN, AMBER, RED = "completed_or_substantial", "limited", "not_started_or_delayed"


@pytest.fixture
def rated(db):
    agency = factories.OrganisationFactory(name_en="Ministry of Finance")
    return factories.PublishedSelfAssessmentFactory(
        rating=AMBER, milestone=factories.MilestoneFactory(agencies=[agency])
    )


@pytest.fixture
def answer(rated):
    return factories.PublishedCounterAssessmentFactory(
        milestone=rated.milestone, answers=rated, answered_rating=AMBER, rating=RED
    )


def draft(answer, **values):
    return factories.ResponseFactory(counter_assessment=answer, organisation=answer.milestone.agencies.get(), **values)


def correction(page, **changes):
    """What the page with the corrected rating sends."""
    form = page.context["form"]
    sent = {bound.html_name: bound.value() for bound in form if bound.value() not in (None, [])}
    return {**sent, **changes}


def said(page):
    return [str(message) for message in page.context["messages"]]


def test_an_answers_page_leads_to_a_response_with_answer_and_agency_filled_in(client, editor, answer):
    client.force_login(editor)
    page = client.get(address(CounterAssessment, "change", answer))
    ((there,),) = [[there for verb, there in page.context["verbs"] if str(verb.label) == "Enter a response"]]
    form = client.get(there).context["adminform"].form
    assert (form["counter_assessment"].value(), form["organisation"].value()) == (
        str(answer.pk),
        str(answer.milestone.agencies.get().pk),
    )


@pytest.mark.parametrize("asked", ["abc", "1 or 1", "٣"])
def test_an_odd_address_fills_in_nothing(client, editor, asked):
    client.force_login(editor)
    page = client.get(address(Response, "add"), {"counter_assessment": asked, "state": "published"})
    assert (page.status_code, page.context["adminform"].form.initial.get("counter_assessment")) == (200, None)


def test_a_rating_that_is_kept_is_published_by_a_publisher_once(client, publisher, answer):
    response = draft(answer, kind="kept")
    client.force_login(publisher)
    there = address(Response, "publish", response)
    client.post(there, follow=True)
    response.refresh_from_db()
    assert (response.state, response.published_by, response.is_current) == ("published", publisher, True)
    assert said(client.post(there, follow=True)) == ["This was done meanwhile, or cannot be done yet."]
    assert SelfAssessment.objects.count() == 1


def test_a_changed_rating_is_not_published_without_its_correction(client, publisher, answer):
    response = draft(answer, kind="changed")
    client.force_login(publisher)
    page = client.get(address(Response, "change", response))
    assert [str(verb.label) for verb, _there in page.context["verbs"]] == ["Publish with the corrected rating"]
    client.post(address(Response, "publish", response))
    response.refresh_from_db()
    assert response.state == "draft"


def test_a_changed_rating_and_its_response_are_published_in_one_act(client, publisher, rated, answer):
    response = draft(answer, kind="changed")
    client.force_login(publisher)
    there = address(Response, "correction", response)
    sent = correction(client.get(there), rating=RED, reason="The union showed that nothing was done.")
    assert said(client.post(there, sent, follow=True)) == ["The response and the corrected rating are public."]
    response.refresh_from_db()
    new = SelfAssessment.objects.get(is_latest=True)
    assert (new.version, new.rating, new.supersedes, new.correction_reason) == (
        2,
        RED,
        rated,
        "The union showed that nothing was done.",
    )
    assert (response.state, response.correction) == ("published", new)
    again = client.post(there, sent, follow=True)
    assert (said(again), SelfAssessment.objects.count()) == (["This was done meanwhile, or cannot be done yet."], 2)


@pytest.mark.parametrize(
    ("changes", "refused"),
    [
        ({"rating": RED}, {"reason": ["This field is required."]}),
        (
            {"reason": "x", "evidence_en": "More."},
            {"rating": ["The response says that the rating is changed: choose another rating."]},
        ),
        (
            {"reason": "x", "rating": RED, "challenges_en": ""},
            {"challenges_en": ["Below green, say what stands in the way."]},
        ),
    ],
)
def test_a_correction_that_is_not_whole_publishes_neither(client, publisher, answer, changes, refused):
    response = draft(answer, kind="changed")
    client.force_login(publisher)
    there = address(Response, "correction", response)
    page = client.post(there, correction(client.get(there), **changes))
    response.refresh_from_db()
    assert (page.context["form"].errors, response.state) == (refused, "draft")
    assert SelfAssessment.objects.count() == 1


def test_a_second_response_is_linked_to_the_correction_that_another_answer_caused(client, publisher, rated, answer):
    corrected = lifecycle.correct_from_response(draft(answer, kind="changed"), by=publisher, reason="x", rating=RED)
    other = factories.PublishedCounterAssessmentFactory(milestone=rated.milestone)
    response = draft(other, kind="changed")
    client.force_login(publisher)
    there = address(Response, "correction", response)
    page = client.get(there)
    assert page.context["linkable"] is True
    client.post(there, {"linked": rated.pk})  # the version before
    response.refresh_from_db()
    assert response.state == "draft"
    client.post(there, {"linked": corrected.correction.pk})
    response.refresh_from_db()
    assert (response.state, response.correction, SelfAssessment.objects.count()) == (
        "published",
        corrected.correction,
        2,
    )


def test_a_published_response_is_corrected_by_a_version_with_a_public_reason(client, publisher, answer):
    response = lifecycle.publish_response(draft(answer, kind="kept"), by=publisher)
    client.force_login(publisher)
    there = address(Response, "correct", response)
    form = client.get(there).context["form"]
    assert [value for value, _words in form.fields["kind"].choices] == ["kept", "noted"]
    same = {name: form[name].value() or "" for name in form.SAYS}
    nothing = client.post(there, {**same, "reason": "x"}).context["form"]
    assert nothing.non_field_errors() == ["Nothing is changed: this is what is published already."]
    client.post(there, {**same, "reason": "A word was missing.", "reason_en": "The ministry keeps its own rating."})
    assert list(
        Response.objects.order_by("version").values_list("version", "is_current", "reason_en", "correction_reason")
    ) == [
        (1, False, "The ministry keeps its rating.", ""),
        (2, True, "The ministry keeps its own rating.", "A word was missing."),
    ]


def test_drafts_are_a_queue(client, editor, answer):
    waiting = draft(answer)
    factories.PublishedResponseFactory()
    client.force_login(editor)
    listed = client.get(address(Response), {"state__exact": "draft"}).context["cl"].result_list
    assert list(listed) == [waiting]


def test_the_letter_stands_under_the_draft_as_a_file(client, editor, answer):
    response = draft(answer)
    client.force_login(editor)
    there = address(Response, "change", response)
    sent = sent_back(client.get(there)) | {
        "attachments-TOTAL_FORMS": 1,
        "attachments-0-title_en": "Letter",
        "attachments-0-address": "https://example.org/letter",
        "attachments-0-position": 0,
    }
    assert client.post(there, sent).status_code == 302
    assert [str(evidence) for evidence in response.attachments.all()] == ["Letter"]
