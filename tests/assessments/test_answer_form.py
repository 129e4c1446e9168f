"""Answering, as a browser does it: drafting, sending, replacing, withdrawing, and every way to lose a text."""

import datetime
import io
import json
import uuid

import pypdf
import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone
from PIL import ExifTags, Image

from assessments import lifecycle
from assessments.models import CounterAssessment, Evidence, SelfAssessment
from assessments.representatives import KEPT
from tests import factories
from tests.pages import get, texts
from tests.uploads import PDF, upload

GREEN, AMBER, RED = "completed_or_substantial", "limited", "not_started_or_delayed"
ADDRESS = "/en/counter-assessments/p/2025-Q1/1.1/"
HOUR, DAY = datetime.timedelta(hours=1), datetime.timedelta(days=1)
NUL = "The text contains a character that cannot be stored (code U+0000). Remove it and try again."
TYPED = {
    "rating": RED,
    "justification": "Nothing was done.",
    "recommendation": "Begin.\r\n\r\nAt once.",
    "condition": "",
    "language": "en",
    "links": "",
}


@pytest.fixture
def ngo(db):
    return factories.NgoFactory(name_en="Citizens' Watch", slug="watch")


@pytest.fixture
def author(ngo, client):
    user = factories.RepresentativeFactory(organisation=ngo, name="Bold", email="bold@example.org")
    client.force_login(user)
    return user


@pytest.fixture
def colleague(ngo):
    return factories.RepresentativeFactory(organisation=ngo, name="Tsetseg")


@pytest.fixture
def rated(db):
    """The government's rating (amber) in a period that takes answers for another hour."""
    plan = factories.ActionPlanFactory(slug="p", title_en="The plan")
    period = factories.PublishedPeriodFactory(plan=plan, answers_close_at=timezone.now() + HOUR)
    milestone = factories.MilestoneFactory(commitment__plan=plan, code="1.1", title_en="A register")
    return factories.PublishedSelfAssessmentFactory(milestone=milestone, period=period)


def post(client, address=ADDRESS, version=0, seen=None, **values):
    seen = SelfAssessment.objects.get(is_current=True).pk if seen is None else seen
    hidden = {"opened_version": version, "seen": seen, "organisation": "watch"}
    return client.post(address, {**TYPED, **hidden, **values})


def autosave(client, **values):
    hidden = {"opened_version": 0, "seen": SelfAssessment.objects.get(is_current=True).pk, "organisation": "watch"}
    return client.post(ADDRESS, {**TYPED, **hidden, **values}, headers={"X-Autosave": "1"})


def saved(client, author, **values):
    assert post(client, **values).url == ADDRESS
    return CounterAssessment.objects.get(organisation__slug="watch")


def confirm(client, draft, key=None):
    data = {"submission_key": key or uuid.uuid4(), "opened_version": draft.draft_version, "organisation": "watch"}
    return client.post(f"{ADDRESS}check/", data)


def sent(client, author, **values):
    draft = saved(client, author, **values)
    assert confirm(client, draft).status_code == 302
    draft.refresh_from_db()
    return draft


def close(period):
    period.answers_open_at, period.answers_close_at = timezone.now() - 2 * DAY, timezone.now() - HOUR
    period.save()


def errors(page):
    return {name: list(found) for name, found in page.context["form"].errors.items()}


def photo():
    image, written = Image.new("RGB", (40, 30), "white"), io.BytesIO()
    exif = image.getexif()
    exif[ExifTags.Base.Make], exif[ExifTags.Base.Artist] = "Nokia", "Secret Bold"
    place = exif.get_ifd(ExifTags.IFD.GPSInfo)
    place[1], place[2], place[3], place[4] = "N", (47.0, 55.0, 6.6), "E", (106.0, 55.0, 3.36)
    image.save(written, "JPEG", exif=exif)
    return written.getvalue()


def document(author="Secret Author"):
    writer, written = pypdf.PdfWriter(), io.BytesIO()
    writer.add_blank_page(100, 100)
    writer.add_metadata({"/Author": author})
    writer.write(written)
    return written.getvalue()


# --- the form ---------------------------------------------------------------------------------------------------------


def test_the_form_shows_what_is_answered_and_offers_the_ratings_of_the_plan(client, author, rated):
    factories.EvidenceFactory(self_assessment=rated, title_en="The law")
    page = get(client, ADDRESS)
    assert texts(page, "h1") == ["A register"]
    assert "The draft is written." in texts(page, ".answering")[0]
    assert "No money yet." in texts(page, ".answering")[0]
    assert "The law" in texts(page, ".answering")[0]
    assert texts(page, ".choice") == [
        "Completed or substantial progress",
        "Limited progress",
        "Not started or severe delays",
        "No rating, comment only",
    ]
    assert [choice["gap"] for choice in page.context["form"].choices] == [1, 0, -1, None]
    assert [choice["differs"] for choice in page.context["form"].choices] == [True, False, True, False]
    assert texts(page, ".live") == [
        "▲ higher by 1 compared with the government’s rating",
        "= agree compared with the government’s rating",
        "▼ lower by 1 compared with the government’s rating",
        "Your comment is shown without a rating; no gap is counted.",
    ]


def test_an_address_without_a_subject_is_not_found(client, author, rated):
    for address in ("p/2025-Q1/9.9/", "p/2025-Q2/1.1/", "q/2025-Q1/1.1/", "p/2025-Q1/%00/"):
        assert client.get(f"/en/counter-assessments/{address}").status_code == 404


def test_earlier_ratings_and_earlier_answers_are_shown(client, author, ngo, rated):
    quarter = factories.PublishedPeriodFactory(
        plan=rated.period.plan,
        code="2024-Q4",
        starts_on=datetime.date(2024, 10, 1),
        ends_on=datetime.date(2024, 12, 31),
    )
    factories.PublishedSelfAssessmentFactory(milestone=rated.milestone, period=quarter, rating=RED)
    factories.PublishedCounterAssessmentFactory(
        milestone=rated.milestone, period=quarter, organisation=ngo, recommendation="Begun too late.", rating=AMBER
    )
    factories.PublishedCounterAssessmentFactory(milestone=rated.milestone, period=quarter, recommendation="Not ours.")
    page = get(client, ADDRESS)
    assert texts(page, ".rated-before") == [
        "Not started or severe delays Quarter 4 of 2024 Limited progress Quarter 1 of 2025"
    ]
    assert "Begun too late." in texts(page, ".earlier")[0]
    assert "Not ours." not in page.content.decode()


@pytest.mark.parametrize("files", [1, 3])
def test_the_form_takes_as_many_queries_for_any_number_of_files_and_quarters(
    client, author, ngo, rated, files, django_assert_num_queries
):
    draft = factories.CounterAssessmentFactory(milestone=rated.milestone, organisation=ngo)
    for number in range(files):
        factories.EvidenceFactory(
            self_assessment=None, counter_assessment=draft, address=f"https://example.org/{number}"
        )
        day = datetime.date(2024 - number, 1, 1)
        quarter = factories.PublishedPeriodFactory(
            plan=rated.period.plan, code=f"{day.year}-Q1", starts_on=day, ends_on=day.replace(month=3)
        )
        factories.PublishedSelfAssessmentFactory(milestone=rated.milestone, period=quarter)
        factories.PublishedCounterAssessmentFactory(milestone=rated.milestone, period=quarter, organisation=ngo)
    with django_assert_num_queries(13):
        client.get(ADDRESS)


# --- drafts -----------------------------------------------------------------------------------------------------------


def test_a_draft_is_saved_as_it_was_typed_and_stands_in_the_form_again(client, author, rated):
    page = post(client, justification="", condition="If the bill passes, green.")
    assert page.url == ADDRESS
    draft = CounterAssessment.objects.get()
    assert (draft.state, draft.rating, draft.justification, draft.recommendation, draft.condition) == (
        "draft",
        RED,
        "",
        "Begin.\n\nAt once.",
        "If the bill passes, green.",
    )
    assert (draft.answers, draft.answered_rating, draft.saved_by) == (rated, AMBER, author)
    page = get(client, ADDRESS)
    assert texts(page, ".messages") == ["The draft is saved. It is not sent yet."]
    form = page.context["form"]
    assert {name: form[name].value() for name in ("rating", "condition", "opened_version", "seen")} == {
        "rating": RED,
        "condition": "If the bill passes, green.",
        "opened_version": 1,
        "seen": rated.pk,
    }


def test_comment_only_is_no_rating_with_a_reason(client, author, rated):
    draft = saved(client, author, rating="comment_only", justification="")
    assert (draft.rating, draft.no_rating_reason) == (None, "comment_only")
    assert get(client, ADDRESS).context["form"]["rating"].value() == "comment_only"


def test_a_draft_saves_itself(client, author, rated):
    answer = autosave(client)
    draft = CounterAssessment.objects.get()
    clock = timezone.localtime(draft.saved_at)
    assert (answer.status_code, answer.json()) == (200, {"message": f"Draft saved {clock:%H:%M}", "version": 1})
    answer = autosave(client, opened_version=1, recommendation="More.")
    assert (answer.status_code, answer.json()["version"]) == (200, 2)
    assert CounterAssessment.objects.get().recommendation == "More."


def test_a_fault_in_one_field_loses_none_of_the_others(client, author, rated):
    page = post(
        client, justification="A \x00 in it", rating="substantial", links="ftp://x.example\nhttps://ok.example/a"
    )
    assert (page.status_code, errors(page)) == (
        422,
        {
            "rating": ["Select a valid choice. substantial is not one of the available choices."],
            "justification": [NUL],
            "links": ["ftp://x.example: Give a link that begins with https:// or http://."],
        },
    )
    draft = CounterAssessment.objects.get()
    assert (draft.recommendation, draft.justification, draft.rating) == ("Begin.\n\nAt once.", "", None)
    assert [row.address for row in draft.attachments.all()] == ["https://ok.example/a"]
    form = page.context["form"]
    assert (form["links"].value(), form["opened_version"].value()) == ("ftp://x.example", "2")
    source = page.content.decode()
    assert 'aria-invalid="true"' in source
    assert 'href="#id_justification"' in texts_of_summary(source)
    assert 'aria-describedby="id_justification_helptext id_justification_error"' in source


def texts_of_summary(source):
    return source.partition('id="summary"')[2].partition("</div>")[0]


def test_an_autosave_says_what_it_could_not_save(client, author, rated):
    answer = autosave(client, justification="\x00")
    assert (answer.status_code, answer.json()) == (422, {"message": NUL, "version": 1})


@pytest.mark.parametrize("field", ["opened_version", "seen", "remove", "rating", "language", "organisation", "do"])
@pytest.mark.parametrize("value", ["", "-1", "9" * 30, "x", "\x00", "Ө" * 50])
def test_odd_values_are_never_an_error_of_ours(client, author, rated, field, value):
    assert post(client, **{field: value}).status_code in {302, 404, 409, 422}


def test_a_text_may_be_long_while_it_is_a_draft(client, author, rated):
    draft = saved(client, author, recommendation="a" * 4001)
    page = post(client, version=1, recommendation="a" * 4001, do="check")
    assert errors(page) == {"recommendation": ["Shorten this to 4000 characters; it has 4001."]}
    draft.refresh_from_db()
    assert len(draft.recommendation) == 4001


def test_two_of_an_organisation_share_a_draft_and_overwrite_nothing_unseen(client, author, colleague, rated):
    draft = saved(client, author)
    lifecycle.save_draft(draft, by=colleague, opened_version=1, seen=rated, recommendation="Hers.")
    page = post(client, version=1, recommendation="His.")
    assert page.status_code == 409
    assert "Tsetseg saved this draft on" in texts(page, ".error-summary")[0]
    assert "Hers." in texts(page, ".returned")[0]
    form = page.context["form"]
    assert (form["recommendation"].value(), form["opened_version"].value()) == ("His.", "2")
    assert CounterAssessment.objects.get().recommendation == "Hers."
    assert post(client, version=2, recommendation="Both.").status_code == 302
    assert CounterAssessment.objects.get().recommendation == "Both."


def test_an_autosave_over_a_colleagues_text_is_refused_in_words(client, author, colleague, rated):
    draft = saved(client, author)
    lifecycle.save_draft(draft, by=colleague, opened_version=1, seen=rated, recommendation="Hers.")
    answer = autosave(client, opened_version=1, recommendation="His.")
    assert answer.status_code == 409
    assert answer.json()["message"].startswith("Tsetseg saved this draft on")
    assert CounterAssessment.objects.get().recommendation == "Hers."


def test_who_types_while_a_colleague_sends_keeps_the_text_for_the_next_version(client, author, colleague, rated):
    draft = saved(client, author)
    lifecycle.submit_counter_assessment(draft, by=colleague, submission_key=uuid.uuid4())
    page = post(client, version=1, recommendation="Too late, but kept.")
    assert page.status_code == 409
    assert "Tsetseg sent this answer on" in texts(page, ".error-summary")[0]
    assert "Too late, but kept." in " ".join(texts(page, ".returned"))
    assert client.post(f"{ADDRESS}replace/", {"organisation": "watch"}).url == ADDRESS
    page = get(client, ADDRESS)
    assert page.context["form"]["recommendation"].value() == "Too late, but kept."
    assert texts(page, ".messages") == ["This is the text that you typed before. It is not saved yet."]


# --- files and links --------------------------------------------------------------------------------------------------


def test_several_files_and_links_are_attached_and_one_is_removed(client, author, rated):
    draft = saved(
        client,
        author,
        files=[upload("a.pdf"), upload("b.pdf", document())],
        links="https://example.org/1\r\n\r\nexample.org/2",
    )
    assert [str(row) for row in draft.attachments.all()] == ["a.pdf", "b.pdf", "example.org", "example.org"]
    assert draft.draft_version == 5
    first = draft.attachments.first()
    assert post(client, version=5, remove=first.pk).status_code == 302
    assert [row.file_name for row in draft.attachments.exclude(file="")] == ["b.pdf"]
    assert Evidence.history.count() == 0


def test_the_same_file_or_link_is_attached_once(client, author, rated):
    draft = saved(client, author, files=[upload("a.pdf")], links="https://example.org/1")
    assert post(client, version=3, files=[upload("again.pdf")], links="https://example.org/1").status_code == 302
    assert draft.attachments.count() == 2


def test_a_failed_upload_saves_the_text_and_says_why_beside_the_field(client, author, rated):
    page = post(client, files=[upload("evil.pdf", b"MZ\x90"), upload("good.pdf")])
    assert errors(page) == {"files": ["evil.pdf: This is a program. Programs are not accepted as evidence."]}
    draft = CounterAssessment.objects.get()
    assert (draft.recommendation, [str(row) for row in draft.attachments.all()]) == (
        "Begin.\n\nAt once.",
        ["good.pdf"],
    )
    assert texts(page, ".attached") == ["good.pdf Remove good.pdf"]


def test_more_than_the_allowed_number_is_refused_beside_the_field(client, author, rated, settings):
    settings.EVIDENCE_MAX_ATTACHMENTS = 1
    page = post(client, links="https://example.org/1\nhttps://example.org/2")
    assert errors(page) == {"links": ["At most 1 file or link can be given."]}
    assert Evidence.objects.count() == 1


def test_an_unknown_or_foreign_attachment_is_not_removed(client, author, rated):
    foreign = factories.EvidenceFactory(self_assessment=None, counter_assessment=factories.CounterAssessmentFactory())
    assert post(client, remove=foreign.pk).status_code == 302
    assert Evidence.objects.get() == foreign


def test_a_picture_is_stored_without_its_place_and_the_author_is_told(client, author, rated):
    draft = saved(client, author, files=[upload("photo.jpg", photo()), upload("minutes.pdf", document())])
    stored = draft.attachments.get(media_type="image/jpeg")
    with stored.file.open() as file:
        content = file.read()
    assert b"Secret Bold" not in content
    assert not Image.open(io.BytesIO(content)).getexif()
    assert stored.size == len(content)
    page = get(client, f"{ADDRESS}check/")
    found = [(str(row["evidence"]), row.get("is_picture", False), row["found"]) for row in page.context["attachments"]]
    assert found == [
        (
            "photo.jpg",
            True,
            [["Place", "47.91850° N, 106.91760° E"], ["Camera", "Nokia"], ["Author", "Secret Bold"]],
        ),
        ("minutes.pdf", False, [("Author", "Secret Author"), ("Written with", "pypdf")]),
    ]
    assert confirm(client, draft_now()).status_code == 302
    assert client.session.get("taken_out_of_pictures") == {}


def draft_now():
    return CounterAssessment.objects.get(organisation__slug="watch", state__in=CounterAssessment.OPEN)


# --- a lost session ---------------------------------------------------------------------------------------------------


def test_text_sent_without_a_session_is_offered_back_after_signing_in(client, author, rated):
    client.logout()
    page = post(client)
    assert page.url == "/en/accounts/login/?next=/en/counter-assessments/p/2025-Q1/1.1/%3Forganisation%3Dwatch"
    assert not CounterAssessment.objects.exists()
    client.force_login(author)
    page = get(client, ADDRESS)
    form = page.context["form"]
    assert (form["recommendation"].value(), form["rating"].value()) == (TYPED["recommendation"], RED)
    assert texts(page, ".messages") == ["This is the text that you typed before. It is not saved yet."]
    assert post(client).status_code == 302
    assert client.session[KEPT] == {}


def test_the_text_of_one_organisation_is_offered_to_no_other(client, author, rated):
    client.logout()
    post(client)
    client.force_login(factories.RepresentativeFactory())
    assert get(client, ADDRESS).context["form"]["recommendation"].value() is None


def test_an_autosave_without_a_session_says_so(client, author, rated):
    client.logout()
    answer = autosave(client)
    assert (answer.status_code, answer.json()) == (
        403,
        {"message": "You are signed out, so this is not saved. It stays on this page; sign in and save again."},
    )


def test_a_form_without_cookies_comes_back_with_its_text_and_can_be_sent(author, rated):
    strict = Client(enforce_csrf_checks=True)
    page = post(strict)
    assert (page.status_code, texts(page, "textarea")) == (403, ["Nothing was done.", "Begin. At once."])
    token = strict.cookies["csrftoken"].value
    page = post(strict, csrfmiddlewaretoken=token)
    assert page.status_code == 302
    assert "/accounts/login/?next=" in page.url
    assert strict.session[KEPT]["watch/p/2025-Q1/1.1"]["recommendation"] == TYPED["recommendation"]


def test_what_waits_in_a_session_is_bounded(client, author, rated):
    client.logout()
    for number in range(8):
        post(client, address=f"/en/counter-assessments/p/2025-Q1/{number}.1/", justification="x" * 30_000)
    kept = client.session[KEPT]
    assert list(kept) == [f"watch/p/2025-Q1/{number}.1" for number in range(3, 8)]
    assert {len(typed["justification"]) for typed in kept.values()} == {20_000}


# --- sending ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "missing"),
    [
        ({"rating": ""}, {"rating": ["Give a rating, or choose to comment only."]}),
        (
            {"justification": ""},
            {"justification": ["Your rating differs from the government's: say why."]},
        ),
        (
            {"justification": "", "rating": GREEN},
            {"justification": ["Your rating differs from the government's: say why."]},
        ),
        (
            {"rating": "comment_only", "recommendation": ""},
            {"recommendation": ["Without a rating, write what you recommend or remark."]},
        ),
    ],
)
def test_what_is_missing_is_said_and_nothing_is_lost(client, author, rated, typed, missing):
    page = post(client, do="check", **typed)
    assert (page.status_code, errors(page)) == (422, missing)
    assert CounterAssessment.objects.get().state == "draft"
    page = get(client, f"{ADDRESS}check/")
    assert errors(page) == missing


def test_the_same_rating_needs_no_justification(client, author, rated):
    assert post(client, do="check", rating=AMBER, justification="").url == f"{ADDRESS}check/"


def test_it_is_read_through_sent_and_acknowledged(
    client, author, rated, django_capture_on_commit_callbacks, mailoutbox
):
    assert post(client, do="check", files=[upload("minutes.pdf")]).url == f"{ADDRESS}check/"
    page = get(client, f"{ADDRESS}check/")
    assert "Citizens' Watch" in texts(page, ".voice__who")[1]
    assert "It stands under your organisation’s name. Who of you wrote it is never public." in texts(page, ".reply")
    assert "Bold" not in " ".join(texts(page, "main"))
    key = page.context["submission_key"]
    with django_capture_on_commit_callbacks(execute=True):
        page = confirm(client, draft_now(), key)
    answer = CounterAssessment.objects.get()
    number = f"CA-{timezone.localdate().year}-00001"
    assert (answer.state, answer.reference_number, answer.submitted_by) == ("submitted", number, author)
    assert page.url == f"{ADDRESS}receipt/{number}/"
    page = get(client, page.url)
    assert number in texts(page, ".facts--large")[0]
    assert "Nothing was done." in " ".join(texts(page, ".said"))
    [letter] = mailoutbox
    assert (letter.to, letter.subject) == (["bold@example.org"], f"[OGP] Your answer was received: {number}")
    moment = timezone.localtime(answer.submitted_at)
    assert letter.body == (
        "Your organisation’s answer was received.\n\n"
        f"Reference number: {number}\n"
        f"Received on: {moment.day} {moment:%b %Y, %H:%M} (Ulaanbaatar)\n"
        "Organisation: Citizens' Watch\n"
        "About: The plan, Quarter 1 of 2025, 1.1 A register\n\n"
        "Rating: Not started or severe delays\n"
        "The government’s rating: Limited progress\n\n"
        "Recommendation:\nBegin.\n\nAt once.\n\n"
        "Justification:\nNothing was done.\n\n"
        f"Files and links:\n- minutes.pdf, {len(PDF)}\xa0bytes, SHA-256 {answer.attachments.get().sha256}\n\n\n"
        "The support unit publishes it unchanged, or returns it with a reason. Until the window closes you can replace "
        "or withdraw it here:\n\n"
        "http://127.0.0.1:8000/en/counter-assessments/p/2025-Q1/1.1/?organisation=watch\n"
    )
    assert [row.history.count() for row in answer.attachments.all()] == [1]


def test_the_mail_speaks_the_authors_language(client, author, rated, django_capture_on_commit_callbacks, mailoutbox):
    author.language = "mn"
    author.save()
    with django_capture_on_commit_callbacks(execute=True):
        answer = sent(client, author)
    assert mailoutbox[0].subject == f"[OGP] Танай үнэлгээг хүлээн авлаа: {answer.reference_number}"
    assert "Бүртгэлийн дугаар:" in mailoutbox[0].body
    assert "/mn/counter-assessments/" in mailoutbox[0].body


def test_sent_twice_is_once(client, author, rated, django_capture_on_commit_callbacks):
    draft, key = saved(client, author), uuid.uuid4()
    with django_capture_on_commit_callbacks(execute=True):
        pages = [confirm(client, draft, key) for _n in range(2)]
    assert len({page.url for page in pages}) == 1
    assert (CounterAssessment.objects.count(), len(mail.outbox)) == (1, 1)


def test_what_was_not_read_through_is_not_sent(client, author, colleague, rated):
    draft = saved(client, author)
    lifecycle.save_draft(draft, by=colleague, opened_version=1, seen=rated, recommendation="Hers.", rating=RED)
    page = confirm(client, draft)
    assert page.status_code == 409
    assert "Tsetseg saved this draft on" in texts(page, ".error-summary")[0]
    assert "Hers." in " ".join(texts(page, ".own-words"))
    assert confirm(client, draft_now()).status_code == 302


@pytest.mark.parametrize("broken", [{"submission_key": "x"}, {"submission_key": ""}, {"opened_version": "x"}])
def test_an_incomplete_confirmation_is_asked_for_again(client, author, rated, broken):
    draft = saved(client, author)
    data = {"submission_key": uuid.uuid4(), "opened_version": draft.draft_version, **broken}
    page = client.post(f"{ADDRESS}check/", data)
    assert (page.status_code, texts(page, ".error-summary h2")) == (409, [])
    assert "The form came incomplete. Send it once more." in texts(page, ".error-summary")[0]


def test_a_rating_that_was_corrected_meanwhile_is_shown_and_confirmed_again(client, author, publisher, rated):
    draft = saved(client, author)
    lifecycle.correct_self_assessment(rated, by=publisher, reason="Recounted.", rating=RED)
    current = SelfAssessment.objects.get(is_current=True)
    page = confirm(client, draft)
    assert page.status_code == 409
    assert texts(page, ".corrected")[0] == (
        "This rating was corrected after you read it. Recounted. You read: Limited progress "
        "It is now: Not started or severe delays"
    )
    assert page.context["form"]["seen"].value() == current.pk
    assert "form" in get(client, f"{ADDRESS}check/").context
    assert post(client, version=1, seen=current.pk, do="check").url == f"{ADDRESS}check/"
    assert confirm(client, draft_now()).status_code == 302
    answer = CounterAssessment.objects.get()
    assert (answer.answers, answer.answered_rating, answer.gap_when_given) == (current, RED, 0)


def test_a_commitment_as_a_whole_is_answered(client, author, rated):
    whole = f"/en/counter-assessments/p/2025-Q1/{rated.milestone.commitment.code}/"
    assert post(client, address=whole, do="check", seen=rated.pk).url == f"{whole}check/"
    draft = CounterAssessment.objects.get()
    data = {"submission_key": uuid.uuid4(), "opened_version": draft.draft_version}
    assert client.post(f"{whole}check/", data).status_code == 302
    draft.refresh_from_db()
    assert (draft.commitment, draft.milestone, draft.answers, draft.state) == (
        rated.milestone.commitment,
        None,
        None,
        "submitted",
    )


# --- after the closing time -------------------------------------------------------------------------------------------


def closing_words(period):
    local = timezone.localtime(period.answers_close_at)
    return f"Answers to this period closed on {local.day} {local:%b %Y, %H:%M} ({local.tzname()})."


def test_text_sent_after_the_closing_time_is_kept_and_can_be_downloaded(client, author, rated):
    close(rated.period)
    page = post(client, do="check")
    assert page.status_code == 409
    assert texts(page, ".error-summary") == [
        f"{closing_words(rated.period)} Nothing was sent. What you typed is kept as your organisation’s draft."
    ]
    assert CounterAssessment.objects.get().recommendation == "Begin.\n\nAt once."
    text = client.get(f"{ADDRESS}draft.txt")
    assert text["Content-Disposition"] == 'attachment; filename="p-2025-Q1-1.1.txt"'
    lines = text.content.decode().splitlines()
    assert lines[:3] == ["The plan, Quarter 1 of 2025", "1.1 A register", "Citizens' Watch"]
    assert "Nothing was done." in lines


def test_a_late_confirmation_gets_the_closing_time_and_the_draft_stays(client, author, rated):
    draft = saved(client, author)
    close(rated.period)
    page = confirm(client, draft)
    assert page.status_code == 409
    assert closing_words(rated.period) in texts(page, ".error-summary")[0]
    assert CounterAssessment.objects.get().state == "draft"
    page = get(client, ADDRESS)
    assert "This draft was not sent. It is kept for your organisation." in texts(page, ".said")
    assert client.get(f"{ADDRESS}check/").url == ADDRESS


def test_there_is_nothing_to_download_where_nothing_was_said(client, author, rated):
    assert client.get(f"{ADDRESS}draft.txt").status_code == 404


# --- afterwards -------------------------------------------------------------------------------------------------------


def test_what_was_sent_is_replaced_by_a_new_version_with_the_same_words(client, author, rated):
    first = sent(client, author, links="https://example.org/1")
    page = get(client, ADDRESS)
    assert "form" not in page.context
    assert client.get(f"{ADDRESS}replace/").url == ADDRESS
    assert client.post(f"{ADDRESS}replace/").url == ADDRESS
    page = get(client, ADDRESS)
    assert page.context["form"]["recommendation"].value() == "Begin.\n\nAt once."
    assert texts(page, ".attached") == ["https://example.org/1 Remove example.org"]
    draft = draft_now()
    assert post(client, version=1, recommendation="Begin today.", do="check").status_code == 302
    draft.refresh_from_db()
    assert confirm(client, draft).status_code == 302
    draft.refresh_from_db()
    first.refresh_from_db()
    assert (draft.version, draft.state, draft.recommendation) == (2, "submitted", "Begin today.")
    assert first.superseded_at is not None
    assert get(client, f"{ADDRESS}receipt/{first.reference_number}/").context["said"] == first


def test_it_is_withdrawn_after_being_asked_once_more(client, author, rated):
    answer = sent(client, author)
    page = get(client, f"{ADDRESS}withdraw/")
    assert texts(page, "h2") == [f"Withdraw answer {answer.reference_number}?"]
    assert client.post(f"{ADDRESS}withdraw/").url == ADDRESS
    answer.refresh_from_db()
    assert (answer.state, answer.withdrawn_by) == ("withdrawn", author)
    page = get(client, ADDRESS)
    assert texts(page, ".messages") == ["Your answer is withdrawn."]
    assert client.get(f"{ADDRESS}withdraw/").url == ADDRESS


@pytest.mark.parametrize("verb", ["withdraw", "replace"])
def test_after_the_closing_time_nothing_is_replaced_or_withdrawn(client, author, rated, verb):
    answer = sent(client, author)
    close(rated.period)
    page = client.post(f"{ADDRESS}{verb}/")
    assert (page.status_code, closing_words(rated.period) in texts(page, ".error-summary")[0]) == (409, True)
    answer.refresh_from_db()
    assert (answer.state, CounterAssessment.objects.count()) == ("submitted", 1)


def test_a_draft_or_nothing_cannot_be_withdrawn(client, author, rated):
    assert client.get(f"{ADDRESS}withdraw/").status_code == 404
    draft = saved(client, author)
    assert client.get(f"{ADDRESS}withdraw/").url == ADDRESS
    assert client.post(f"{ADDRESS}withdraw/").url == ADDRESS
    draft.refresh_from_db()
    assert draft.state == "draft"


def test_what_was_returned_shows_the_reason_and_is_mended_also_after_the_window(client, author, publisher, rated):
    answer = sent(client, author)
    lifecycle.return_counter_assessment(answer, by=publisher, reason="Leave out the name.")
    close(rated.period)
    page = get(client, ADDRESS)
    assert "Leave out the name." in texts(page, ".returned")[0]
    assert page.context["deadline"].state == "open"
    assert post(client, version=answer.draft_version, recommendation="Without.", do="check").status_code == 302
    assert "Leave out the name." in texts(get(client, ADDRESS), ".returned")[0]
    assert confirm(client, draft_now()).status_code == 302
    again = CounterAssessment.objects.get()
    assert (again.state, again.reference_number, again.recommendation) == (
        "submitted",
        answer.reference_number,
        "Without.",
    )


def test_a_copy_from_a_document_is_read_and_left_alone(client, author, ngo, rated):
    copy = factories.PublishedCounterAssessmentFactory(
        milestone=rated.milestone, organisation=ngo, transcribed=True, source=factories.SourceDocumentFactory()
    )
    page = get(client, ADDRESS)
    assert "A report" in " ".join(texts(page, ".source"))
    assert (page.context["desk"].can_be_replaced, page.context["desk"].can_be_withdrawn) == (False, False)
    assert client.post(f"{ADDRESS}replace/").status_code == 403
    page = post(client)
    assert (page.status_code, "Nothing was done." in texts(page, ".returned")[0]) == (409, True)
    copy.refresh_from_db()
    assert (copy.state, CounterAssessment.objects.count()) == ("published", 1)


def test_a_receipt_of_nothing_is_not_found(client, author, rated):
    answer = sent(client, author)
    assert client.get(f"{ADDRESS}receipt/CA-1999-00001/").status_code == 404
    elsewhere = factories.MilestoneFactory(commitment=rated.milestone.commitment, code="1.2")
    other = f"/en/counter-assessments/p/2025-Q1/{elsewhere.code}/receipt/{answer.reference_number}/"
    assert client.get(other).status_code == 404


def test_no_page_of_the_workspace_is_kept_by_a_cache(client, author, rated):
    saved(client, author)
    for address in (ADDRESS, f"{ADDRESS}check/", f"{ADDRESS}draft.txt", "/en/counter-assessments/"):
        assert "no-store" in client.get(address)["Cache-Control"]


def test_an_autosave_is_plain_data(client, author, rated):
    answer = autosave(client)
    assert answer["Content-Type"] == "application/json"
    assert set(json.loads(answer.content)) == {"message", "version"}


def test_a_file_taken_out_of_a_returned_answer_leaves_its_trace(client, author, publisher, rated):
    answer = sent(client, author, files=[upload("minutes.pdf")])
    lifecycle.return_counter_assessment(answer, by=publisher, reason="The minutes are of another meeting.")
    removed = answer.attachments.get()
    assert post(client, version=answer.draft_version, remove=removed.pk).status_code == 302
    assert not answer.attachments.exists()
    assert list(Evidence.history.filter(id=removed.pk).values_list("history_type", flat=True)) == ["-", "~"]
