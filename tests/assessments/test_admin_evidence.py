"""Evidence in the admin: links and files under what is being entered, checked, shown, and never replaced."""

import datetime
import hashlib

import pytest
from django.core.files.storage import default_storage
from django.utils import timezone

from assessments.models import Evidence, Response, SelfAssessment
from tests import factories
from tests.admin_pages import address, problems, sent_back
from tests.uploads import PDF, upload


@pytest.fixture(params=["rating", "response"])
def draft(db, request):
    return factories.SelfAssessmentFactory() if request.param == "rating" else factories.ResponseFactory()


def attached(draft, **values):
    parents = {SelfAssessment: "self_assessment", Response: "response"}
    return {"self_assessment": None, parents[type(draft)]: draft, **values}


def new_row(number, **values):
    """What the form sends for a further row."""
    return {
        "attachments-TOTAL_FORMS": number + 1,
        f"attachments-{number}-position": 0,
        **{f"attachments-{number}-{name}": value for name, value in values.items()},
    }


def test_a_file_is_taken_in_with_its_name_kind_and_checksum(client, editor, draft):
    client.force_login(editor)
    there = address(type(draft), "change", draft)
    page = client.get(there)
    assert 'enctype="multipart/form-data"' in page.content.decode()
    sent = sent_back(page) | new_row(0, title_mn="Хурал", upload=upload("Хурлын тэмдэглэл.exe"))
    assert client.post(there, sent).status_code == 302
    row = draft.attachments.get()
    assert (row.title_mn, row.file_name, row.media_type, row.size, row.sha256) == (
        "Хурал",
        "Хурлын тэмдэглэл.exe.pdf",
        "application/pdf",
        len(PDF),
        hashlib.sha256(PDF).hexdigest(),
    )
    assert row.history.get().history_user == editor
    with row.file.open() as stored:
        assert stored.read() == PDF


def test_a_stored_file_is_shown_with_size_checksum_and_download(client, editor, draft):
    row = factories.FileEvidenceFactory(**attached(draft), upload=upload("Тэмдэглэл.pdf"))
    client.force_login(editor)
    html = client.get(address(type(draft), "change", draft)).content.decode()
    assert f'<a href="/evidence/{row.key}/">Тэмдэглэл.pdf</a>' in html
    assert f'<span class="mend">PDF, {len(PDF)}\xa0bytes</span><code class="checksum">{row.sha256}</code>' in html


def test_a_stored_file_is_not_replaced_and_a_further_one_is_taken_beside_it(client, editor, draft):
    row = factories.FileEvidenceFactory(**attached(draft))
    client.force_login(editor)
    there = address(type(draft), "change", draft)
    page = client.get(there)
    assert 'enctype="multipart/form-data"' in page.content.decode()
    sent = sent_back(page) | {"attachments-0-upload": upload("other.pdf", PDF + b"other")}
    sent |= new_row(1, upload=upload("more.pdf", PDF + b"more"))
    assert client.post(there, sent).status_code == 302
    assert [(found.pk == row.pk, found.sha256 == row.sha256) for found in draft.attachments.all()] == [
        (True, True),
        (False, False),
    ]


@pytest.mark.parametrize(
    ("row", "sentences"),
    [
        ({"upload": ("a.pdf", b"MZ")}, ["This is a program. Programs are not accepted as evidence."]),
        ({"upload": ("a.pdf", b"")}, ["This file is empty."]),
        ({"upload": ("a.pdf", PDF), "address": "https://a.mn/"}, ["Give a file or a link: one of the two."]),
        ({"address": "https://me:secret@a.mn/"}, ["This link contains a name or password. Give it without."]),
        ({"address": "ftp://a.mn/"}, ["Give a link that begins with https:// or http://."]),
    ],
)
def test_what_is_refused_is_said_beside_the_row_and_nothing_is_stored(client, editor, draft, row, sentences):
    client.force_login(editor)
    there = address(type(draft), "change", draft)
    if "upload" in row:
        row = {**row, "upload": upload(*row["upload"])}
    page = client.post(there, sent_back(client.get(there)) | new_row(0, title_en="The law", **row))
    found = [sentence for sentence in problems(page) if sentence in sentences]
    assert (page.status_code, found) == (200, sentences)
    assert not Evidence.objects.exists()
    assert not default_storage.exists("evidence")
    assert "The law" in page.content.decode()


def test_a_file_that_was_sent_with_a_mistake_elsewhere_is_asked_for_again(client, editor):
    draft = factories.SelfAssessmentFactory()
    client.force_login(editor)
    there = address(SelfAssessment, "change", draft)
    wrong = {"rating": "", "no_rating_reason": "other"}
    page = client.post(there, sent_back(client.get(there)) | new_row(0, upload=upload()) | wrong)
    assert page.status_code == 200
    assert "Nothing is saved yet. Choose the file again." in page.content.decode()
    assert not Evidence.objects.exists()


def test_the_number_of_files_and_links_is_limited(client, editor, draft, settings):
    settings.EVIDENCE_MAX_ATTACHMENTS = 2
    for _ in range(2):
        factories.EvidenceFactory(**attached(draft))
    client.force_login(editor)
    there = address(type(draft), "change", draft)
    sent = sent_back(client.get(there)) | new_row(2, address="https://a.mn/")
    assert problems(client.post(there, sent)) == ["At most 2 files and links can be given."]
    assert client.post(there, sent | {"attachments-0-DELETE": "on"}).status_code == 302
    assert draft.attachments.count() == 2


def test_another_address_has_not_been_tried_yet(client, editor, draft):
    tried = {"checked_at": timezone.now(), "check_result": "opened"}
    same, other = (factories.EvidenceFactory(**attached(draft), **tried) for _ in range(2))
    client.force_login(editor)
    there = address(type(draft), "change", draft)
    sent = sent_back(client.get(there)) | {
        "attachments-0-title_en": "Another title",
        "attachments-1-address": "https://other.mn/",
    }
    assert client.post(there, sent).status_code == 302
    for row in (same, other):
        row.refresh_from_db()
    assert (same.title_en, same.check_result, other.check_result, other.checked_at) == (
        "Another title",
        "opened",
        "",
        None,
    )


def test_the_last_check_of_a_link_is_shown_to_who_edits_and_to_who_reads(client, editor):
    moment = datetime.datetime(2026, 9, 3, 4, tzinfo=datetime.UTC)
    published = factories.PublishedSelfAssessmentFactory()
    answer = factories.PublishedCounterAssessmentFactory()
    draft = factories.SelfAssessmentFactory()
    client.force_login(editor)
    for parent, column in ((published, "self_assessment"), (answer, "counter_assessment"), (draft, "self_assessment")):
        factories.EvidenceFactory(
            **{"self_assessment": None, column: parent}, checked_at=moment, check_result="not_found"
        )
        html = client.get(address(type(parent), "change", parent)).content.decode()
        assert html.count("did not open 3 Sep 2026 (not found)") == 1


@pytest.mark.parametrize("role", ["editor", "publisher", "superuser"])
@pytest.mark.parametrize("make", [factories.PublishedSelfAssessmentFactory, factories.PublishedResponseFactory])
def test_a_published_row_takes_no_file_and_loses_none(client, db, request, role, make):
    client.force_login(request.getfixturevalue(role))
    parent = make()
    row = factories.FileEvidenceFactory(**attached(parent))
    there = address(type(parent), "change", parent)
    html = client.get(there).content.decode()
    assert ('type="file"' in html, f'href="/evidence/{row.key}/"' in html) == (False, True)
    sent = {
        "attachments-TOTAL_FORMS": 2,
        "attachments-INITIAL_FORMS": 1,
        "attachments-0-id": row.pk,
        "attachments-0-DELETE": "on",
        "attachments-0-opened_version": row.history.latest().history_id,
        "attachments-1-upload": upload("other.pdf"),
    }
    assert client.post(there, sent).status_code == 403
    assert [found.pk for found in Evidence.objects.all()] == [row.pk]
    assert default_storage.exists(row.file.name)
