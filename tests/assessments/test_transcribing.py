"""Old answers are copied from a letter or report, with its place, marked so, and never over an author's own words."""

import pytest

from assessments import lifecycle
from assessments.models import CounterAssessment, Evidence
from tests import factories, uploads
from tests.admin_pages import address, problems, sent_back


@pytest.fixture
def rated(db):
    return factories.PublishedSelfAssessmentFactory()


@pytest.fixture
def old_period(rated):
    """A period of which no answering window was ever open here."""
    period = rated.period
    period.answers_open_at = None
    period.save()
    return period


def letter(client, rated, **changes):
    """What the page sends when it is filled in from a letter."""
    page = client.get(address(CounterAssessment, "add"))
    filled = {
        "source": factories.SourceDocumentFactory().pk,
        "source_place": "p. 3",
        "stated_on": "2023-08-31",
        "period": rated.period.pk,
        "milestone": rated.milestone.pk,
        "known_by": "stated",
        "organisation": factories.NgoFactory().pk,
        "rating": "limited",
        "justification": "The site shows one year.",
        "language": "en",
        "attachments-TOTAL_FORMS": 1,
        "attachments-0-title_en": "Letter of 31 August",
        "attachments-0-position": 0,
        "attachments-0-upload": uploads.upload("letter.pdf"),
    }
    return sent_back(page, **(filled | changes))


def test_a_letter_is_copied_with_its_place_and_file_and_waits_for_a_publisher(client, editor, rated, old_period):
    client.force_login(editor)
    sent = letter(client, rated)
    assert client.post(address(CounterAssessment, "add"), sent).status_code == 302
    answer = CounterAssessment.objects.get()
    assert (answer.transcribed, answer.state, answer.submitted_by, answer.source_place) == (
        True,
        "submitted",
        editor,
        "p. 3",
    )
    assert (answer.rating, answer.justification, answer.attribution) == (
        "limited",
        "The site shows one year.",
        "stated",
    )
    assert [evidence.file_name for evidence in answer.attachments.all()] == ["letter.pdf"]
    assert [entry.history_change_reason for entry in answer.history.all()] == ["transcribed"]


@pytest.mark.parametrize(
    ("changes", "sentences"),
    [
        ({"source": ""}, ["This field is required."]),
        ({"source_place": ""}, ["This field is required."]),
        ({"milestone": ""}, ["Choose a milestone, or a commitment as a whole: one of the two."]),
        ({"rating": ""}, ["Give a rating, or say why there is none: one of the two."]),
        ({"no_rating_reason": "not_legible"}, ["Give a rating, or say why there is none: one of the two."]),
        ({"rating": "", "no_rating_reason": "other"}, ["Say in words why there is no rating."]),
        ({"organisation": ""}, ["Choose who answered; or say that the source does not state it."]),
        ({"known_by": "not_stated"}, ["Leave it empty where the source does not say who answered."]),
        ({"known_by": "inferred"}, ["Say from what the author was inferred."]),
        ({"rating": "completed"}, ["This rating is not on the plan's scale."]),
        (
            {"attachments-TOTAL_FORMS": 0},
            ["Attach the letter or report as a file: its source has no link where it can be read."],
        ),
    ],
    ids=lambda given: next(iter(given)) if isinstance(given, dict) else "",
)
def test_what_is_missing_is_said_and_nothing_is_saved(client, editor, rated, old_period, changes, sentences):
    client.force_login(editor)
    page = client.post(address(CounterAssessment, "add"), letter(client, rated, **changes))
    assert (problems(page), CounterAssessment.objects.count(), Evidence.objects.count()) == (sentences, 0, 0)


def test_the_source_may_name_nobody_and_the_author_may_be_inferred(client, editor, rated, old_period):
    client.force_login(editor)
    there = address(CounterAssessment, "add")
    unnamed = letter(client, rated, known_by="not_stated", organisation="")
    assert client.post(there, unnamed).status_code == 302
    unnamed["attachments-0-upload"] = uploads.upload("letter.pdf")
    assert problems(client.post(there, unnamed)) == ["This answer is entered already."]
    inferred = letter(client, rated, known_by="inferred", inferred_from_en="The heading above")
    assert client.post(there, inferred).status_code == 302
    assert list(
        CounterAssessment.objects.order_by("pk").values_list("attribution", "attribution_reason_en", "organisation")
    ) == [("not_stated", "", None), ("inferred", "The heading above", inferred["organisation"])]


def test_the_same_letter_sent_twice_is_entered_once(client, editor, rated, old_period):
    client.force_login(editor)
    there = address(CounterAssessment, "add")
    sent = letter(client, rated)
    client.post(there, sent)
    again = client.post(there, {**sent, "attachments-0-upload": uploads.upload("letter.pdf")})
    assert problems(again) == ["An answer of this organisation is entered already and waits to be published."]
    assert CounterAssessment.objects.count() == 1


def test_what_an_organisation_sent_here_is_not_copied_for_it(client, editor, rated, old_period):
    own = factories.PublishedCounterAssessmentFactory(milestone=rated.milestone)
    client.force_login(editor)
    page = client.post(address(CounterAssessment, "add"), letter(client, rated, organisation=own.organisation.pk))
    assert problems(page) == ["This organisation answers this period here itself, in its own words."]


@pytest.mark.parametrize("has_draft", [True, False])
def test_whether_an_organisation_with_an_account_has_a_draft_is_not_told(
    client, editor, representative, rated, has_draft
):
    organisation = representative.memberships.get().organisation
    if has_draft:
        factories.CounterAssessmentFactory(milestone=rated.milestone, organisation=organisation)
    client.force_login(editor)
    page = client.post(address(CounterAssessment, "add"), letter(client, rated, organisation=organisation.pk))
    assert problems(page) == ["This organisation answers this period here itself, in its own words."]


def test_a_bad_copy_is_mended_until_it_is_published(client, editor, publisher, rated, old_period):
    client.force_login(editor)
    client.post(address(CounterAssessment, "add"), letter(client, rated))
    answer = CounterAssessment.objects.get()
    there = address(CounterAssessment, "change", answer)
    opened = client.get(there)
    assert client.post(there, sent_back(opened, justification="Mended.")).status_code == 302
    answer.refresh_from_db()
    assert (answer.justification, answer.state, answer.version) == ("Mended.", "submitted", 1)
    lifecycle.publish_counter_assessment(answer, by=publisher)
    late = client.post(there, sent_back(opened, justification="Forged."))
    answer.refresh_from_db()
    assert (late.status_code, answer.justification) == (403, "Mended.")
    assert client.get(there).context["why_read_only"] == (
        "It is copied from a document, and no longer waits to be published."
    )


def test_a_mending_that_leaves_out_the_milestone_comes_back_with_a_sentence(client, editor, rated, old_period):
    client.force_login(editor)
    client.post(address(CounterAssessment, "add"), letter(client, rated))
    answer = CounterAssessment.objects.get()
    there = address(CounterAssessment, "change", answer)
    page = client.post(there, sent_back(client.get(there), milestone=""))
    assert (page.status_code, problems(page)) == (
        200,
        ["Choose a milestone, or a commitment as a whole: one of the two."],
    )


def test_two_editors_who_mend_a_copy_do_not_overwrite_each_other(client, editor, rated, old_period):
    client.force_login(editor)
    client.post(address(CounterAssessment, "add"), letter(client, rated))
    answer = CounterAssessment.objects.get()
    there = address(CounterAssessment, "change", answer)
    opened = client.get(there)
    client.post(there, sent_back(opened, justification="First."))
    page = client.post(there, sent_back(opened, justification="Second."))
    answer.refresh_from_db()
    assert (page.status_code, answer.justification) == (200, "First.")
    assert page.context["adminform"].form["justification"].value() == "Second."
