"""Files of evidence are handed out to those who may see what they stand under, and are unknown to everybody else."""

import datetime
import hashlib

import pytest
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.test import Client
from django.utils import timezone

from assessments import lifecycle
from assessments.files import evidence_from_upload
from assessments.models import CounterAssessment, Evidence
from tests import factories
from tests.unguarded import unguarded
from tests.uploads import PDF, upload

STAFF = {"editor", "publisher", "superuser"}
DRAFT_PLAN = {*STAFF, "msf"}
EVERYBODY = {"anonymous", "ngo", "other_ngo", "former_ngo", "inactive", *DRAFT_PLAN}

SEEN_BY = {
    "rating, draft": STAFF,
    "rating, submitted": STAFF,
    "rating, returned": STAFF,
    "rating, published": EVERYBODY,
    "rating, published, of a draft plan": DRAFT_PLAN,
    "answer, draft": {"ngo"},
    "answer, submitted": {"ngo", *STAFF},
    "answer, returned": {"ngo", *STAFF},
    "answer, published": EVERYBODY,
    "answer, withheld": {"ngo", *STAFF},
    "answer, withdrawn": {"ngo", *STAFF},
    "response, draft": STAFF,
    "response, published": EVERYBODY,
    "response, published, to a withheld answer": STAFF,
}


@pytest.fixture
def ngo(db):
    return factories.NgoFactory()


@pytest.fixture
def clients(ngo):
    """A browser for every role, signed in."""
    ended = timezone.localdate() - datetime.timedelta(days=1)
    former = factories.UserFactory()
    factories.MembershipFactory(user=former, organisation=ngo, ends_on=ended)
    users = {
        "ngo": factories.RepresentativeFactory(organisation=ngo),
        "other_ngo": factories.RepresentativeFactory(),
        "former_ngo": former,
        "inactive": factories.PublisherFactory(is_active=False),
        "msf": factories.MsfMemberFactory(),
        "editor": factories.EditorFactory(),
        "publisher": factories.PublisherFactory(),
        "superuser": factories.SuperuserFactory(),
    }
    clients = {"anonymous": Client()}
    for role, user in users.items():
        clients[role] = Client()
        clients[role].force_login(user)
    return clients


@pytest.fixture
def files(ngo):
    """A file under everything that evidence stands under, in every state."""
    answer_states = CounterAssessment.State

    def answer(state):
        public = state in {answer_states.PUBLISHED, answer_states.WITHHELD, answer_states.WITHDRAWN}
        make = (
            factories.PublishedCounterAssessmentFactory
            if public
            else factories.CounterAssessmentFactory
            if state == answer_states.DRAFT
            else factories.SubmittedCounterAssessmentFactory
        )
        return make(organisation=ngo, state=state)

    hidden = factories.MilestoneFactory(commitment__plan=factories.DraftPlanFactory())
    returned = {
        "state": "returned",
        "returned_at": timezone.now(),
        "returned_by": factories.EditorFactory(),
        "return_reason": "Mend it.",
    }
    under = {
        "rating, draft": {"self_assessment": factories.SelfAssessmentFactory()},
        "rating, submitted": {"self_assessment": factories.SubmittedSelfAssessmentFactory()},
        "rating, returned": {"self_assessment": factories.SelfAssessmentFactory(**returned)},
        "rating, published": {"self_assessment": factories.PublishedSelfAssessmentFactory()},
        "rating, published, of a draft plan": {
            "self_assessment": factories.PublishedSelfAssessmentFactory(milestone=hidden)
        },
        **{f"answer, {state}": {"counter_assessment": answer(state)} for state in answer_states},
        "response, draft": {"response": factories.ResponseFactory()},
        "response, published": {"response": factories.PublishedResponseFactory()},
        "response, published, to a withheld answer": {
            "response": factories.PublishedResponseFactory(counter_assessment=answer(answer_states.WITHHELD))
        },
    }
    return {
        name: factories.FileEvidenceFactory(
            **{"self_assessment": None, **parent}, upload=upload("secret.pdf", PDF + name.encode())
        )
        for name, parent in under.items()
    }


def body(response):
    return b"".join(response.streaming_content) if response.streaming else response.content


def test_who_may_download_what(clients, files):
    seen, leaked, odd = {}, [], set()
    for name, row in files.items():
        seen[name] = set()
        for role, client in clients.items():
            response = client.get(row.get_absolute_url())
            content = body(response)
            if response.status_code == 200 and content == PDF + name.encode():
                seen[name].add(role)
            elif b"%PDF" in content or "secret" in str(response.headers):
                leaked.append((name, role))
            odd |= {response.status_code}
    assert seen == SEEN_BY
    assert (leaked, odd) == ([], {200, 404})


def test_what_may_not_be_seen_is_answered_like_what_does_not_exist(files):
    hidden, unknown = (
        Client().get(address) for address in (files["rating, draft"].get_absolute_url(), f"/evidence/{'0' * 32}/")
    )
    assert (hidden.status_code, body(hidden)) == (
        404,
        body(unknown).replace(b"0" * 32, files["rating, draft"].key.encode()),
    )
    assert {**hidden.headers} == {**unknown.headers}


@pytest.mark.parametrize(
    "address",
    [
        "/evidence/",
        "/evidence/x/",
        "/evidence/%00/",
        "/evidence/..%2f..%2fetc%2fpasswd/",
        f"/evidence/{'A' * 32}/",
        f"/evidence/{'0' * 31}_/",
        f"/evidence/{'0' * 33}/",
    ],
)
def test_odd_keys_are_unknown(db, address):
    factories.FileEvidenceFactory(self_assessment=factories.PublishedSelfAssessmentFactory())
    assert Client().get(address).status_code == 404


def test_no_folder_and_no_stored_name_is_public(files):
    row = files["rating, published"]
    for address in (f"/{row.file.name}", f"/media/{row.file.name}", f"/media/evidence/{row.key[:2]}/", "/media/"):
        assert Client().get(address).status_code == 404


def test_it_is_only_read(files):
    row = files["rating, published"]
    answers = {
        method: getattr(Client(), method)(row.get_absolute_url()) for method in ("post", "put", "delete", "head")
    }
    assert {method: answer.status_code for method, answer in answers.items()} == {
        "post": 405,
        "put": 405,
        "delete": 405,
        "head": 200,
    }
    assert body(answers["head"]) == b""


SAFE = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Frame-Options": "DENY",
}


def headers(response, *more):
    return {name: response.headers.get(name) for name in (*SAFE, *more)}


WHAT = ("Content-Type", "Content-Disposition", "Content-Length", "Cache-Control", "ETag")


def test_a_public_file_is_an_attachment_under_its_own_name(db):
    name = "Хурлын тэмдэглэл “Ө”, 2024.pdf"
    row = factories.FileEvidenceFactory(self_assessment=factories.PublishedSelfAssessmentFactory(), upload=upload(name))
    response = Client().get(row.get_absolute_url())
    assert response.streaming
    assert headers(response, *WHAT) == {
        **SAFE,
        "Content-Type": "application/pdf",
        "Content-Disposition": "attachment; filename*=utf-8''%D0%A5%D1%83%D1%80%D0%BB%D1%8B%D0%BD%20%D1%82%D1%8D%D0%BC"
        "%D0%B4%D1%8D%D0%B3%D0%BB%D1%8D%D0%BB%20%E2%80%9C%D3%A8%E2%80%9D%2C%202024.pdf",
        "Content-Length": str(len(PDF)),
        "Cache-Control": "public, max-age=300",
        "ETag": f'"{hashlib.sha256(PDF).hexdigest()}"',
    }
    assert "Cookie" not in response.headers.get("Vary", "")


def test_what_is_public_is_not_sent_twice(files):
    row = files["rating, published"]
    response = Client().get(row.get_absolute_url(), headers={"if-none-match": f'"{row.sha256}"'})
    assert (response.status_code, body(response)) == (304, b"")
    assert headers(response) == SAFE


def test_what_is_not_public_is_kept_by_no_cache(clients, files):
    response = clients["editor"].get(files["rating, draft"].get_absolute_url())
    assert headers(response, "Cache-Control") == {**SAFE, "Cache-Control": "private, no-store"}
    refused = Client().get(files["rating, draft"].get_absolute_url())
    assert "public" not in refused.headers.get("Cache-Control", "")


@pytest.mark.parametrize("name", ['a"b.pdf', "a\r\nSet-Cookie: b=c.pdf", "a;b.pdf", "a\\b.pdf"])
def test_a_name_adds_nothing_to_the_headers(db, name):
    row = factories.FileEvidenceFactory(
        self_assessment=factories.PublishedSelfAssessmentFactory(), upload=upload("x.pdf")
    )
    with unguarded(Evidence):
        Evidence.objects.filter(pk=row.pk).update(file_name=name.replace("\r\n", ""))
    response = Client().get(row.get_absolute_url())
    assert response.status_code == 200
    assert response.headers["Content-Disposition"].startswith("attachment; filename")
    assert "Set-Cookie" not in response.headers


def test_text_is_never_shown_as_a_page(db):
    row = factories.FileEvidenceFactory(
        self_assessment=factories.PublishedSelfAssessmentFactory(),
        upload=upload("page.html", b"a <script>alert(1)</script>"),
    )
    response = Client().get(row.get_absolute_url())
    assert (response["Content-Type"], response["Content-Disposition"]) == (
        "text/plain",
        'attachment; filename="page.html.txt"',
    )


def test_the_web_server_may_send_the_bytes_and_the_tracker_still_decides(files, settings):
    settings.EVIDENCE_ACCEL_PREFIX = "/stored/"
    public, hidden = files["rating, published"], files["rating, draft"]
    response = Client().get(public.get_absolute_url())
    assert headers(response, "X-Accel-Redirect", "Content-Type", "Content-Disposition") == {
        **SAFE,
        "X-Accel-Redirect": f"/stored/{public.file.name}",
        "Content-Type": "application/pdf",
        "Content-Disposition": 'attachment; filename="secret.pdf"',
    }
    assert response.content == b""
    assert Client().get(hidden.get_absolute_url()).status_code == 404


def test_a_file_that_is_missing_in_the_storage_is_missed_and_said_in_the_log(files, caplog):
    row = files["rating, published"]
    default_storage.delete(row.file.name)
    assert Client().get(row.get_absolute_url()).status_code == 404
    assert f"The file {row.file.name} is missing" in caplog.text


class TestVersionsShareTheFile:
    def test_after_a_correction_it_is_there_while_either_version_shows_it(self, publisher):
        old = factories.PublishedSelfAssessmentFactory()
        row = factories.FileEvidenceFactory(self_assessment=old)
        new = lifecycle.correct_self_assessment(old, by=publisher, reason="Read wrongly.")
        [copy] = new.attachments.all()
        assert (copy.file.name, copy.file_name, copy.sha256) == (row.file.name, row.file_name, row.sha256)
        assert copy.get_absolute_url() == row.get_absolute_url()
        assert body(Client().get(row.get_absolute_url())) == PDF

        without = lifecycle.correct_self_assessment(new, by=publisher, reason="The wrong file.", detach=[copy])
        assert not without.attachments.exists()
        # The versions before stay readable, with what stood under them.
        assert body(Client().get(row.get_absolute_url())) == PDF

    def test_a_file_that_a_correction_adds_is_public_with_it(self, publisher):
        old = factories.PublishedSelfAssessmentFactory()
        new = lifecycle.correct_self_assessment(
            old, by=publisher, reason="Forgotten.", attach=[evidence_from_upload(upload("more.pdf"))]
        )
        [row] = new.attachments.all()
        assert body(Client().get(row.get_absolute_url())) == PDF

    def test_copied_forward_it_stays_public_and_a_new_draft_adds_nothing_to_see(self, editor):
        earlier = factories.PublishedSelfAssessmentFactory()
        row = factories.FileEvidenceFactory(self_assessment=earlier)
        period = factories.OpenPeriodFactory(
            plan=earlier.plan,
            code="2025-Q2",
            starts_on=datetime.date(2025, 4, 1),
            ends_on=datetime.date(2025, 6, 30),
        )
        draft = lifecycle.copy_forward(earlier, period, by=editor)
        assert [copy.file.name for copy in draft.attachments.all()] == [row.file.name]
        assert body(Client().get(row.get_absolute_url())) == PDF

    def test_a_copy_in_a_draft_does_not_open_the_file_of_a_hidden_one(self, editor):
        hidden = factories.FileEvidenceFactory(
            self_assessment=factories.PublishedSelfAssessmentFactory(
                milestone__commitment__plan=factories.DraftPlanFactory()
            )
        )
        factories.EvidenceFactory(
            self_assessment=factories.SelfAssessmentFactory(),
            address="",
            file=hidden.file.name,
            sha256=hidden.sha256,
            size=hidden.size,
        )
        assert Client().get(hidden.get_absolute_url()).status_code == 404

    def test_deleting_the_draft_leaves_the_file_of_the_published_one(self, editor):
        row = factories.FileEvidenceFactory(self_assessment=factories.PublishedSelfAssessmentFactory())
        draft = factories.SelfAssessmentFactory()
        copy = Evidence.objects.get(pk=row.pk)
        copy.pk, copy._state.adding, copy.self_assessment = None, True, draft
        copy.save()
        copy.delete()
        assert body(Client().get(row.get_absolute_url())) == PDF


@pytest.mark.django_db
@pytest.mark.parametrize("rows", [1, 3])
def test_a_download_asks_as_often_however_many_rows_share_the_file(rows, django_assert_num_queries):
    first = factories.FileEvidenceFactory(self_assessment=factories.PublishedSelfAssessmentFactory())
    for _ in range(rows - 1):
        factories.EvidenceFactory(
            self_assessment=factories.PublishedSelfAssessmentFactory(),
            address="",
            file=first.file.name,
            sha256=first.sha256,
            size=first.size,
        )
    with django_assert_num_queries(1):
        Client().get(first.get_absolute_url())


def test_an_unsaved_refused_file_leaves_nothing_behind(db):
    with pytest.raises(ValidationError):
        factories.FileEvidenceFactory(upload=upload("a.pdf", b"MZ"))
    assert not default_storage.exists("evidence")
    assert not Evidence.objects.exists()
