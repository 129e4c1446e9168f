"""Another organisation's drafts, files and states are unreachable: by address, search, API, words and status code."""

from __future__ import annotations

import re
import uuid

import pytest
from django.test import Client
from django.utils import timezone

from assessments.models import CounterAssessment
from tests import factories
from tests.pages import texts
from tests.uploads import upload

ADDRESS = "/en/counter-assessments/p/2025-Q1/1.1/"
SECRETS = ("Secret-words", "Secret-reason", "secret-file", "Secret-colleague", "CA-2025-00042")
STATES = ["draft", "returned", "submitted", "withheld", "withdrawn"]


@pytest.fixture
def rated(db):
    plan = factories.ActionPlanFactory(slug="p")
    milestone = factories.MilestoneFactory(commitment__plan=plan, code="1.1")
    return factories.PublishedSelfAssessmentFactory(milestone=milestone)


@pytest.fixture
def theirs(rated):
    return make_theirs(rated)


def make_theirs(rated):
    """An answer of another organisation, with everything in it that could leak."""
    ngo = factories.NgoFactory(slug="theirs")
    answer = factories.CounterAssessmentFactory(
        milestone=rated.milestone,
        organisation=ngo,
        answers=rated,
        answered_rating=rated.rating,
        recommendation="Secret-words of a recommendation",
        justification="Secret-words of a justification",
        condition="Secret-words of a condition",
        reference_number="CA-2025-00042",
        saved_at=timezone.now(),
        saved_by=factories.RepresentativeFactory(organisation=ngo, name="Secret-colleague"),
    )
    factories.FileEvidenceFactory(self_assessment=None, counter_assessment=answer, upload=upload("secret-file.pdf"))
    return answer


def put(answer, state):
    """Bring the row into a state, past the verbs."""
    row = factories.CounterAssessmentFactory.build(
        milestone=answer.milestone, organisation=answer.organisation, period=answer.period, state=state
    )
    moments = ("submitted", "returned", "withheld", "withdrawn")
    changed = {"state": state, "withheld_reason": row.withheld_reason}
    if state == "returned":
        changed["return_reason"] = "Secret-reason to return it"
    person = factories.EditorFactory()
    for verb in moments:
        if getattr(row, f"{verb}_at"):
            changed |= {f"{verb}_at": timezone.now(), f"{verb}_by": person}
    CounterAssessment.objects.filter(pk=answer.pk).update(**changed)


@pytest.fixture(params=["anonymous", "without organisation", "other organisation", "member of the forum"])
def stranger(request, db):
    client = Client()
    users = {
        "without organisation": factories.UserFactory,
        "other organisation": factories.RepresentativeFactory,
        "member of the forum": factories.MsfMemberFactory,
    }
    if make := users.get(request.param):
        client.force_login(make())
    return client


def without_address(page):
    """A page's bytes but for its own address and its one-time tokens."""
    text = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", page.content.decode())
    return (
        text.replace("CA-2025-00042", "X").replace("CA-2025-99999", "X").replace("unknown", "X").replace("theirs", "X")
    )


@pytest.mark.parametrize("state", STATES)
def test_nothing_of_it_is_in_any_page_or_answer(stranger, theirs, state):
    put(theirs, state)
    key = theirs.attachments.get().key
    addresses = [
        "/en/counter-assessments/",
        "/en/counter-assessments/?plan=p&queue=draft",
        "/en/counter-assessments/?organisation=theirs",
        ADDRESS,
        f"{ADDRESS}?organisation=theirs",
        f"{ADDRESS}check/",
        f"{ADDRESS}receipt/CA-2025-00042/",
        f"{ADDRESS}withdraw/",
        f"{ADDRESS}draft.txt",
        f"/evidence/{key}/",
        "/en/plans/p/",
        f"/en/plans/p/commitments/{theirs.milestone.commitment.code}/",
        "/api/v1/counter-assessments/",
        "/api/v1/counter-assessments/?plan=p&organisation=theirs",
        "/api/v1/milestones/?plan=p",
        "/api/v1/milestones/?search=Secret-words",
        "/api/v1/organisations/?search=Secret-colleague",
    ]
    found = {}
    for address in addresses:
        page = stranger.get(address)
        body = b"".join(page.streaming_content) if page.streaming else page.content
        asked = [secret for secret in SECRETS if secret in address]
        found[address] = [secret for secret in SECRETS if secret.encode() in body and secret not in asked]
    assert found == {address: [] for address in addresses}


@pytest.mark.parametrize("state", STATES)
def test_what_is_another_organisations_answers_as_what_does_not_exist(theirs, state):
    put(theirs, state)
    client = Client()
    client.force_login(factories.RepresentativeFactory())
    pairs = [
        ("/en/counter-assessments/?organisation=theirs", "/en/counter-assessments/?organisation=unknown"),
        (f"{ADDRESS}?organisation=theirs", f"{ADDRESS}?organisation=unknown"),
        (f"{ADDRESS}receipt/CA-2025-00042/", f"{ADDRESS}receipt/CA-2025-99999/"),
        (f"/evidence/{theirs.attachments.get().key}/", f"/evidence/{uuid.uuid4().hex}/"),
    ]
    for known, unknown in pairs:
        pages = [client.get(known), client.get(unknown)]
        assert [page.status_code for page in pages] == [404, 404]
        if "/evidence/" not in known:
            assert without_address(pages[0]) == without_address(pages[1])


@pytest.mark.parametrize("state", STATES)
def test_the_own_pages_are_the_same_whether_another_has_answered_or_not(rated, state):
    client = Client()
    client.force_login(factories.RepresentativeFactory())

    def seen():
        pages = [without_address(client.get(address)) for address in ("/en/counter-assessments/", ADDRESS)]
        return pages, [client.get(f"{ADDRESS}{tail}").status_code for tail in ("check/", "withdraw/", "draft.txt")]

    before = seen()
    put(make_theirs(rated), state)
    assert seen() == before


def test_nobody_writes_for_another_organisation(rated, theirs):
    client = Client()
    author = factories.RepresentativeFactory()
    client.force_login(author)
    before = list(CounterAssessment.objects.values())
    data = {"organisation": "theirs", "recommendation": "Stolen.", "opened_version": "0", "seen": rated.pk}
    attachment = theirs.attachments.get()
    for tail in ("", "check/", "replace/", "withdraw/"):
        page = client.post(f"{ADDRESS}{tail}", {**data, "submission_key": uuid.uuid4(), "remove": attachment.pk})
        assert page.status_code == 404
        page = client.post(f"{ADDRESS}{tail}?organisation=theirs", {"submission_key": uuid.uuid4()})
        assert page.status_code == 404
    assert list(CounterAssessment.objects.values()) == before
    assert list(theirs.attachments.all()) == [attachment]


def test_an_own_answer_beside_it_meets_no_conflict_and_takes_nothing_of_it(rated, theirs):
    client = Client()
    author = factories.RepresentativeFactory()
    client.force_login(author)
    own = author.memberships.get().organisation
    attachment = theirs.attachments.get()
    data = {"organisation": own.slug, "recommendation": "Ours.", "opened_version": "0", "remove": attachment.pk}
    page = client.post(ADDRESS, {**data, "seen": rated.pk, "rating": "limited"})
    assert page.status_code == 302
    assert CounterAssessment.objects.get(organisation=own).recommendation == "Ours."
    theirs.refresh_from_db()
    assert (theirs.recommendation, list(theirs.attachments.all())) == (
        "Secret-words of a recommendation",
        [attachment],
    )


def test_the_support_unit_has_no_way_into_a_workspace(theirs):
    for make in (factories.EditorFactory, factories.PublisherFactory, factories.SuperuserFactory):
        client = Client()
        client.force_login(make())
        page = client.get(f"{ADDRESS}?organisation=theirs")
        assert (page.status_code, texts(page, "h1")) == (403, ["Your account speaks for no organisation today."])


def test_who_left_the_organisation_is_a_stranger(theirs):
    person = factories.RepresentativeFactory(organisation=theirs.organisation)
    client = Client()
    client.force_login(person)
    assert "Secret-words" in client.get(ADDRESS).content.decode()
    person.memberships.update(ends_on=timezone.localdate() - timezone.timedelta(days=1))
    assert client.get(ADDRESS).status_code == 403
    assert client.get(f"/evidence/{theirs.attachments.get().key}/").status_code == 404
