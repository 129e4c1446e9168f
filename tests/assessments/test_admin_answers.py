"""An organisation's words in the admin are read, and changed by nobody. Responses; figures beside counts."""

import pytest

from assessments import lifecycle
from assessments.models import Claim, CounterAssessment, Evidence, Response
from tests import factories
from tests.admin_pages import address, problems, sent_back


def values(row):
    return type(row).objects.filter(pk=row.pk).values().get()


FORGED = {
    "rating": "completed_or_substantial",
    "no_rating_reason": "",
    "no_rating_text": "Forged",
    "recommendation": "Forged",
    "justification": "Forged",
    "condition": "Forged",
    "language": "mn",
    "stated_on": "2020-01-01",
    "state": "withdrawn",
    "attribution": "inferred",
    "opened_version": "0",
    "_save": "Save",
    "post": "yes",
}


@pytest.mark.parametrize("role", ["editor", "publisher", "superuser"])
@pytest.mark.parametrize(
    "make", [factories.SubmittedCounterAssessmentFactory, factories.PublishedCounterAssessmentFactory]
)
def test_nobody_changes_an_organisations_words_rating_or_state(client, db, request, role, make):
    client.force_login(request.getfixturevalue(role))
    answer = make()
    evidence = factories.EvidenceFactory(self_assessment=None, counter_assessment=answer)
    before = (values(answer), values(evidence), answer.history.count())
    sent = {
        **FORGED,
        "organisation": factories.NgoFactory().pk,
        "opened_version": answer.history.latest().history_id,
        "attachments-TOTAL_FORMS": 1,
        "attachments-INITIAL_FORMS": 1,
        "attachments-0-id": evidence.pk,
        "attachments-0-DELETE": "on",
    }
    statuses = [
        client.post(address(CounterAssessment, page, answer), sent).status_code for page in ("change", "delete")
    ]
    assert statuses == [403, 403]
    client.post(address(CounterAssessment, "history", answer), sent)
    client.post(address(CounterAssessment), {"action": "delete_selected", "_selected_action": answer.pk, "post": "yes"})
    # What is added is a copy of a document, and never takes the place of what its author sent.
    copied = {**sent, "period": answer.period.pk, "milestone": answer.milestone.pk, "known_by": "stated"}
    copied |= {"organisation": answer.organisation.pk, "source": factories.SourceDocumentFactory().pk}
    assert client.post(address(CounterAssessment, "add"), {**copied, "source_place": "p. 1"}).status_code == 200
    assert CounterAssessment.objects.count() == 1
    assert (values(answer), values(evidence), answer.history.count()) == before


def test_its_form_has_no_field_to_write_in(client, superuser):
    answer = factories.PublishedCounterAssessmentFactory()
    client.force_login(superuser)
    page = client.get(address(CounterAssessment, "change", answer))
    form = page.context["adminform"].form
    assert set(form.fields) - {"change_reason", "opened_version"} == set()
    html = page.content.decode()
    written = [f'name="{name}"' for name in (*CounterAssessment.WORDS, "state") if f'name="{name}"' in html]
    assert written == []
    assert page.context["why_read_only"] == "These are the words of their author. Nobody else changes them."


def test_drafts_and_their_history_are_their_authors_alone(client, superuser):
    factories.CounterAssessmentFactory(recommendation="secret-draft-words")
    client.force_login(superuser)
    page = client.get(address(CounterAssessment))
    assert page.context["cl"].result_count == 0
    assert CounterAssessment.history.count() == 0


def test_the_list_says_rating_gap_and_author_in_words(client, editor):
    rated = factories.PublishedSelfAssessmentFactory(rating="completed_or_substantial", milestone__code="6.5")
    factories.PublishedCounterAssessmentFactory(
        milestone=rated.milestone, rating="not_started_or_delayed", organisation__name_en="Open Society Forum"
    )
    source = factories.SourceDocumentFactory()
    factories.PublishedCounterAssessmentFactory(
        milestone=rated.milestone,
        rating=None,
        no_rating_reason="not_provided",
        organisation__name_en="Media Council",
        attribution="inferred",
        attribution_reason_en="The heading above",
        transcribed=True,
        source=source,
    )
    client.force_login(editor)
    html = client.get(address(CounterAssessment)).content.decode()
    assert '<use href="#m-red"></use></svg>Not started or severe delays</span>' in html
    assert '<span class="gap gap-two">lower by 2</span>' in html
    assert '<use href="#m-np"></use></svg>Asked, and none given</span>' in html
    assert ("Open Society Forum" in html, "Media Council (inferred)" in html) == (True, True)


def test_a_gap_is_counted_against_the_rating_in_force(client, publisher):
    rated = factories.PublishedSelfAssessmentFactory(rating="completed_or_substantial")
    answer = factories.PublishedCounterAssessmentFactory(
        milestone=rated.milestone, rating="limited", answered_rating="completed_or_substantial", answers=rated
    )
    client.force_login(publisher)
    assert "lower by 1" in client.get(address(CounterAssessment)).content.decode()
    lifecycle.correct_self_assessment(rated, by=publisher, reason="Too early.", rating="limited")
    html = client.get(address(CounterAssessment)).content.decode()
    assert ("lower by 1" in html, '<span class="gap gap-same">agree</span>' in html) == (False, True)
    assert "lower by 1" in client.get(address(CounterAssessment, "change", answer)).content.decode()


class TestResponses:
    def test_a_draft_is_entered_and_edited(self, client, editor):
        answer = factories.PublishedCounterAssessmentFactory()
        client.force_login(editor)
        there = address(Response, "add")
        sent = sent_back(
            client.get(there), counter_assessment=answer.pk, organisation=factories.OrganisationFactory().pk
        )
        sent |= {"kind": "kept"}
        assert problems(client.post(there, sent)) == ["Give the reason of the response."]
        assert client.post(there, {**sent, "reason_en": "No money."}).status_code == 302
        response = Response.objects.get()
        there = address(Response, "change", response)
        sent = sent_back(client.get(there), reason_en="No money in 2025.", state="published", is_current="on")
        assert client.post(there, sent).status_code == 302
        response.refresh_from_db()
        assert (response.reason_en, response.state, response.is_current) == ("No money in 2025.", "draft", False)

    @pytest.mark.parametrize("role", ["editor", "publisher", "superuser"])
    def test_a_published_one_is_edited_by_nobody(self, client, db, request, role):
        client.force_login(request.getfixturevalue(role))
        response = factories.PublishedResponseFactory()
        before = values(response)
        sent = {"reason_en": "Forged", "kind": "changed", "opened_version": response.history.latest().history_id}
        for page in ("change", "delete"):
            assert client.post(address(Response, page, response), {**sent, "post": "yes"}).status_code == 403
        assert values(response) == before

    def test_a_second_response_of_the_agency_is_refused_in_a_sentence(self, client, editor):
        response = factories.ResponseFactory()
        client.force_login(editor)
        there = address(Response, "add")
        sent = sent_back(
            client.get(there), counter_assessment=response.counter_assessment.pk, organisation=response.organisation.pk
        )
        page = client.post(there, {**sent, "kind": "kept", "reason_en": "Again."})
        assert (page.status_code, len(problems(page)), Response.objects.count()) == (200, 1, 1)


def test_a_printed_figure_stands_beside_the_count_of_the_same_thing(client, editor):
    plan = factories.ActionPlanFactory()
    for _ in range(2):
        factories.MilestoneFactory(commitment__plan=plan)
    client.force_login(editor)
    shown = {}
    for printed, measure in (("2", "milestones"), ("3", "milestones"), ("200", "")):
        claim = factories.ClaimFactory(plan=plan, printed=printed, value=int(printed), measure=measure)
        html = client.get(address(Claim, "change", claim)).content.decode()
        shown[printed] = html.split("field-counted")[1].split('class="readonly">')[1].split("<")[0].strip()
    assert shown == {"2": "2", "3": "2, which differs", "200": "Nothing to count"}


def test_a_link_with_a_script_in_it_is_refused(client, editor):
    draft = factories.SelfAssessmentFactory()
    client.force_login(editor)
    there = address(type(draft), "change", draft)
    sent = sent_back(client.get(there)) | {
        "attachments-TOTAL_FORMS": 1,
        "attachments-0-title_en": "x",
        "attachments-0-address": "javascript:alert(1)",
        "attachments-0-position": 0,
    }
    assert problems(client.post(there, sent)) == ["Enter a valid URL."]
    assert not Evidence.objects.exists()


def test_evidence_without_a_link_is_refused_in_a_sentence(client, editor):
    draft = factories.SelfAssessmentFactory()
    client.force_login(editor)
    there = address(type(draft), "change", draft)
    sent = sent_back(client.get(there)) | {
        "attachments-TOTAL_FORMS": 1,
        "attachments-0-title_en": "x",
        "attachments-0-position": 0,
    }
    assert problems(client.post(there, sent)) == ["Give a file or a link: one of the two."]
