"""The moderation queue: what waits and how long, one answer on a page, the verbs, and the mail to its author."""

import datetime

import pytest
from django.utils import timezone
from django.utils.formats import date_format

from assessments import lifecycle
from assessments.models import CounterAssessment
from assessments.moderation_mail import readers_of
from tests import factories, uploads
from tests.admin_pages import address
from tests.pages import texts

GREEN, AMBER, RED = "completed_or_substantial", "limited", "not_started_or_delayed"
DAY = datetime.timedelta(days=1)


@pytest.fixture
def rated(db):
    return factories.PublishedSelfAssessmentFactory(rating=AMBER, milestone__code="6.5")


@pytest.fixture
def author(db):
    return factories.RepresentativeFactory(name="Bold Secret-Author")


def answer_to(rated, author, days=0, **values):
    """Sent ``days`` ago by the author."""
    return factories.SubmittedCounterAssessmentFactory(
        **{
            "milestone": rated.milestone,
            "organisation": author.memberships.get().organisation,
            "answers": rated,
            "answered_rating": rated.rating,
            "submitted_by": author,
            "submitted_at": timezone.now() - days * DAY,
            "reference_number": f"CA-2025-{CounterAssessment.objects.count() + 1:05}",
            **values,
        }
    )


def reasons(row):
    return [entry.history_change_reason for entry in reversed(row.history.all())]


def shown(day):
    return date_format(day, "SHORT_DATE_FORMAT")


def said(messages):
    return [str(message) for message in messages]


# --- the queue --------------------------------------------------------------------------------------------------------


def test_what_waits_longest_comes_first_and_the_columns_say_what_it_needs(client, editor, rated, author):
    new = answer_to(rated, author)
    old = answer_to(rated, factories.RepresentativeFactory(), days=12)
    factories.EvidenceFactory(self_assessment=None, counter_assessment=old)
    done = factories.PublishedCounterAssessmentFactory(milestone=rated.milestone)
    client.force_login(editor)
    page = client.get(address(CounterAssessment))
    today = timezone.localdate()
    assert list(page.context["cl"].result_list) == [old, new, done]
    assert texts(page, ".field-waits") == [
        f"{shown(today - 12 * DAY)}12 days, to be published",
        f"{shown(today)}0 days, to be published",
        f"{shown(today)}0 days, for a response",
    ]
    assert texts(page, ".field-judged") == ["Not started or severe delayslower by 1"] * 3
    assert texts(page, ".field-files") == ["1", "–", "–"]
    waiting = client.get(address(CounterAssessment), {"queue": "submitted"})
    assert list(waiting.context["cl"].result_list) == [old, new]


def test_a_newer_version_says_that_it_replaces_another(client, editor, rated, author):
    first = factories.PublishedCounterAssessmentFactory(
        milestone=rated.milestone, organisation=author.memberships.get().organisation
    )
    answer_to(rated, author, version=2, supersedes=first)
    client.force_login(editor)
    page = client.get(address(CounterAssessment), {"queue": "submitted"})
    assert texts(page, ".field-standing") == ["Submittedversion 2; before it: Published"]


def test_answers_without_a_response_are_found_by_agency(client, editor):
    agency, other = factories.OrganisationFactory(name_en="Ministry of Finance"), factories.OrganisationFactory()
    milestone = factories.MilestoneFactory(agencies=[agency])
    answer = factories.PublishedCounterAssessmentFactory(milestone=milestone)
    factories.PublishedResponseFactory(
        counter_assessment=factories.PublishedCounterAssessmentFactory(milestone=milestone), organisation=agency
    )
    led = factories.CommitmentFactory()
    factories.InvolvementFactory(commitment=led, organisation=other)
    whole = factories.PublishedCounterAssessmentFactory(milestone=None, commitment=led)
    client.force_login(editor)

    def listed(**query):
        return list(
            client.get(address(CounterAssessment), {"queue": "without-response", **query}).context["cl"].result_list
        )

    assert listed() == [answer, whole]
    assert (listed(agency=agency.slug), listed(agency=other.slug)) == ([answer], [whole])


@pytest.mark.parametrize("rows", [1, 3])
def test_the_queue_asks_as_often_for_three_answers_as_for_one(
    client, editor, rated, author, django_assert_num_queries, rows
):
    for _n in range(rows):
        answer = answer_to(rated, factories.RepresentativeFactory())
        factories.EvidenceFactory(self_assessment=None, counter_assessment=answer)
    client.force_login(editor)
    client.get(address(CounterAssessment))
    with django_assert_num_queries(14):
        client.get(address(CounterAssessment))


# --- one answer -------------------------------------------------------------------------------------------------------


def test_its_page_shows_the_rating_then_and_now_her_words_whole_and_the_earlier_version(
    client, publisher, rated, author
):
    organisation = author.memberships.get().organisation
    first = factories.PublishedCounterAssessmentFactory(
        milestone=rated.milestone, organisation=organisation, rating=AMBER
    )
    answer = answer_to(
        rated, author, version=2, supersedes=first, justification="One.\nTwo <b>.", condition="If it is passed"
    )
    lifecycle.correct_self_assessment(rated, by=publisher, reason="Counted twice.", rating=RED)
    client.force_login(publisher)
    page = client.get(address(CounterAssessment, "change", answer))
    html = page.content.decode()
    assert "One.<br>Two &lt;b&gt;." in html
    assert texts(page, ".field-rating_then")[0].startswith("The government's rating then: Limited progressversion 1,")
    now = texts(page, ".field-rating_now")[0]
    assert "Not started or severe delaysversion 2," in now
    assert ("agree" in now, "Counted twice." in now) == (True, True)
    (versions,) = texts(page, ".field-other_versions")
    assert versions == "Versions: version 1, Published, Limited progress"
    assert [str(verb.label) for verb, _there in page.context["verbs"]] == [
        "Publish",
        "Return it to be mended",
        "Withhold",
    ]


def test_an_editor_returns_and_does_not_publish_or_withhold(client, editor, rated, author):
    answer = answer_to(rated, author)
    client.force_login(editor)
    page = client.get(address(CounterAssessment, "change", answer))
    assert [str(verb.label) for verb, _there in page.context["verbs"]] == ["Return it to be mended"]


def test_it_shows_what_a_file_says_of_its_making(client, editor, rated, author):
    answer = answer_to(rated, author)
    properties = b'<p xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:creator>Tsetseg Secret-Maker</dc:creator></p>'
    content = uploads.ooxml(**{"docProps/core.xml": properties})
    factories.FileEvidenceFactory(
        self_assessment=None, counter_assessment=answer, upload=uploads.upload("letter.docx", content)
    )
    client.force_login(editor)
    page = client.get(address(CounterAssessment, "change", answer))
    assert texts(page, ".field-carried") == ["Author: Tsetseg Secret-Maker"]


def test_an_unsent_version_of_the_organisation_is_not_among_the_others(client, editor, rated, author):
    answer = factories.PublishedCounterAssessmentFactory(
        milestone=rated.milestone, organisation=author.memberships.get().organisation
    )
    factories.CounterAssessmentFactory(
        milestone=rated.milestone,
        organisation=answer.organisation,
        version=2,
        supersedes=answer,
        recommendation="secret-draft-words",
    )
    client.force_login(editor)
    page = client.get(address(CounterAssessment, "change", answer))
    assert texts(page, ".field-other_versions") == ["Versions: None"]
    assert "secret-draft-words" not in page.content.decode()


# --- the verbs --------------------------------------------------------------------------------------------------------


def test_publishing_asks_first_then_publishes_once_and_tells_the_author(
    client, publisher, rated, author, mailoutbox, django_capture_on_commit_callbacks
):
    answer = answer_to(rated, author)
    client.force_login(publisher)
    there = address(CounterAssessment, "publish", answer)
    client.get(there)
    answer.refresh_from_db()
    assert (answer.state, mailoutbox) == ("submitted", [])
    with django_capture_on_commit_callbacks(execute=True):
        client.post(there, follow=True)
    answer.refresh_from_db()
    assert (answer.state, answer.published_by, answer.is_latest) == ("published", publisher, True)
    (mail,) = mailoutbox
    assert (mail.to, mail.subject) == ([author.email], "[OGP] Your answer CA-2025-00001 is published")
    assert "/en/counter-assessments/\n" in mail.body
    assert answer.subject.get_absolute_url() in mail.body
    with django_capture_on_commit_callbacks(execute=True):
        again = client.post(there, follow=True)
    assert said(again.context["messages"]) == ["This was done meanwhile, or cannot be done yet."]
    assert (len(mailoutbox), reasons(answer)) == (1, [None, "published"])


def test_returning_needs_a_reason_which_the_author_gets(
    client, editor, rated, author, mailoutbox, django_capture_on_commit_callbacks
):
    author.language = "mn"
    author.save()
    answer = answer_to(rated, author)
    client.force_login(editor)
    there = address(CounterAssessment, "return", answer)
    refused = client.post(there, {"reason": " "})
    assert refused.context["form"].errors == {"reason": ["This field is required."]}
    with django_capture_on_commit_callbacks(execute=True):
        client.post(there, {"reason": "Which law\ndo you mean?"})
    answer.refresh_from_db()
    assert (answer.state, answer.return_reason, answer.returned_by) == (
        "returned",
        "Which law\ndo you mean?",
        editor,
    )
    (mail,) = mailoutbox
    assert ("Which law\ndo you mean?" in mail.body, "/mn/counter-assessments/" in mail.body) == (True, True)


@pytest.mark.parametrize("state", ["submitted", "published"])
def test_withholding_takes_a_reason_of_the_public_list_and_hides_the_words(
    client, publisher, rated, author, mailoutbox, django_capture_on_commit_callbacks, state
):
    answer = answer_to(rated, author, justification="secret-personal-number")
    if state == "published":
        lifecycle.publish_counter_assessment(answer, by=publisher)
    client.force_login(publisher)
    there = address(CounterAssessment, "withhold", answer)
    assert client.post(there, {"reason": "too_sharp"}).context["form"].errors.keys() == {"reason"}
    with django_capture_on_commit_callbacks(execute=True):
        client.post(there, {"reason": "personal_data", "note_en": "A number of a person."})
    answer.refresh_from_db()
    assert (answer.state, answer.withheld_reason, answer.withheld_note_en) == (
        "withheld",
        "personal_data",
        "A number of a person.",
    )
    (mail,) = mailoutbox
    assert ("It contains personal data" in mail.body, "A number of a person." in mail.body) == (True, True)
    client.logout()
    public = client.get(f"/en/plans/{answer.plan.slug}/commitments/{rated.milestone.commitment.code}/")
    html = public.content.decode()
    assert ("secret-personal-number" in html, "Withheld" in html) == (False, state == "published")


def test_words_that_were_sent_anew_after_the_page_was_opened_are_not_published_unread(client, publisher, rated, author):
    answer = answer_to(rated, author)
    client.force_login(publisher)
    there = address(CounterAssessment, "publish", answer)
    opened = client.get(there).context["object"].stored_version
    lifecycle.return_counter_assessment(answer, by=publisher, reason="Which law?")
    CounterAssessment.objects.filter(pk=answer.pk).update(state="submitted")
    page = client.post(there, {"opened_version": opened})
    answer.refresh_from_db()
    assert (page.context["changed"], answer.state) == (True, "submitted")


class TestWhoIsTold:
    def test_who_left_the_organisation_is_not_told_but_who_speaks_for_it_now(self, rated, author):
        answer = answer_to(rated, author)
        colleague = factories.RepresentativeFactory(organisation=answer.organisation)
        assert readers_of(answer) == [author]
        author.memberships.update(ends_on=timezone.localdate() - DAY)
        assert readers_of(answer) == [colleague]

    def test_a_copy_from_a_document_has_nobody_to_tell(
        self, client, publisher, mailoutbox, django_capture_on_commit_callbacks
    ):
        answer = factories.TranscribedCounterAssessmentFactory()
        client.force_login(publisher)
        with django_capture_on_commit_callbacks(execute=True):
            client.post(address(CounterAssessment, "publish", answer))
        answer.refresh_from_db()
        assert (answer.state, mailoutbox) == ("published", [])

    def test_the_public_never_reads_who_wrote(self, client, publisher, rated, author):
        answer = lifecycle.publish_counter_assessment(answer_to(rated, author), by=publisher)
        pages = [
            f"/en/plans/{answer.plan.slug}/commitments/{rated.milestone.commitment.code}/",
            f"/en/plans/{answer.plan.slug}/disagreements/",
            f"/api/v1/counter-assessments/?plan={answer.plan.slug}",
        ]
        shown = [client.get(page).content.decode() for page in pages]
        assert [("Secret-Author" in html, author.email in html, "Nothing was done" in html) for html in shown] == [
            (False, False, True)
        ] * 3


class TestSeveralAtOnce:
    def chosen(self, *answers, **more):
        return {"action": "publish_chosen", "_selected_action": [answer.pk for answer in answers], **more}

    def test_are_counted_first_and_then_published_each_with_its_trace(
        self, client, publisher, rated, mailoutbox, django_capture_on_commit_callbacks
    ):
        authors = [factories.RepresentativeFactory() for _n in range(2)]
        first, second = (answer_to(rated, author) for author in authors)
        public = factories.PublishedCounterAssessmentFactory(milestone=rated.milestone)
        client.force_login(publisher)
        page = client.post(address(CounterAssessment), self.chosen(first, second, public))
        assert texts(page, "h2") == [
            "2 answers will be public",
            "1 of those chosen does not wait, and is left as it is",
        ]
        assert CounterAssessment.objects.waiting().count() == 2
        with django_capture_on_commit_callbacks(execute=True):
            done = client.post(address(CounterAssessment), self.chosen(first, second, confirmed="yes"), follow=True)
        assert said(done.context["messages"]) == ["2 answers are published."]
        assert [reasons(answer)[-1] for answer in (first, second)] == ["published"] * 2
        assert sorted(mail.to[0] for mail in mailoutbox) == sorted(author.email for author in authors)
        again = client.post(address(CounterAssessment), self.chosen(first, second, confirmed="yes"), follow=True)
        assert said(again.context["messages"]) == ["None of the chosen answers waits to be published."]

    def test_are_not_an_editors(self, client, editor, rated, author):
        answer = answer_to(rated, author)
        client.force_login(editor)
        assert "publish_chosen" not in client.get(address(CounterAssessment)).content.decode()
        client.post(address(CounterAssessment), self.chosen(answer, confirmed="yes"))
        answer.refresh_from_db()
        assert answer.state == "submitted"
