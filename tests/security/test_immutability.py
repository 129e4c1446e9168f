"""Nobody, superusers included, changes what an organisation said; and nobody outside it reads what it has not sent."""

import re

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from assessments.models import CounterAssessment, Evidence, Response, SelfAssessment
from tests import factories

pytestmark = pytest.mark.django_db

SAID = "Nothing was done, and we were there."


def answers():
    """One of each state after the draft, returned ones excepted: those are their author's again."""
    made = {
        state: factories.SubmittedCounterAssessmentFactory(state=state, recommendation=SAID)
        for state in ("submitted", "withheld", "withdrawn")
    }
    return made | {"published": factories.PublishedCounterAssessmentFactory(recommendation=SAID)}


def all_that_is_said():
    return set(CounterAssessment.objects.values_list("recommendation", flat=True))


def test_the_orm_does_not_change_the_words_of_an_answer_that_was_sent():
    rows = answers().values()
    for row in rows:
        row.recommendation = "All is well."
        for act in (
            row.save,
            lambda row=row: row.save(update_fields=["recommendation"]),
            lambda row=row: CounterAssessment.objects.filter(pk=row.pk).update(recommendation="All is well."),
            lambda row=row: CounterAssessment.objects.filter(pk=row.pk).update(rating=None),
            lambda row=row: CounterAssessment.objects.bulk_update([row], ["recommendation"]),
            lambda row=row: CounterAssessment.objects.update_or_create(
                pk=row.pk, defaults={"recommendation": "All is well."}
            ),
            row.delete,
            CounterAssessment.objects.filter(pk=row.pk).delete,
        ):
            with pytest.raises(IntegrityError, match="stays as it is"), transaction.atomic():
                act()
    with pytest.raises(IntegrityError), transaction.atomic():
        CounterAssessment.objects.update(organisation=factories.NgoFactory())
    assert (all_that_is_said(), CounterAssessment.objects.count()) == ({SAID}, 4)


def test_the_orm_does_not_change_a_published_rating_or_response():
    rated, response = factories.PublishedSelfAssessmentFactory(), factories.PublishedResponseFactory()
    for row, words in ((rated, {"evidence_en": "Other."}), (response, {"reason_en": "Other."})):
        with pytest.raises(IntegrityError, match="stays as it is"), transaction.atomic():
            type(row).objects.filter(pk=row.pk).update(**words)
        with pytest.raises(IntegrityError, match="stays as it is"), transaction.atomic():
            row.delete()
        for name, value in words.items():
            setattr(row, name, value)
        with pytest.raises(IntegrityError, match="stays as it is"), transaction.atomic():
            row.save()
    assert SelfAssessment.objects.get(pk=rated.pk).evidence_en == "The draft is written."
    assert Response.objects.get().reason_en == "The ministry keeps its rating."


@pytest.mark.parametrize("role", ["editor", "publisher", "superuser"])
def test_the_admin_has_no_form_that_takes_an_answers_words(client, role):
    client.force_login(getattr(factories, f"{role.title()}Factory")())
    made = answers() | {"returned": factories.CounterAssessmentFactory(state="returned", recommendation=SAID)}
    for row in made.values():
        there = reverse("admin:assessments_counterassessment_change", args=[row.pk])
        page = client.get(there)
        assert page.status_code == 200
        assert re.search(r'name="(recommendation|rating|justification)"', page.content.decode()) is None
        assert client.post(there, {"recommendation": "All is well.", "rating": "limited"}).status_code in {302, 403}
        client.post(reverse("admin:assessments_counterassessment_delete", args=[row.pk]), {"post": "yes"})
    assert (all_that_is_said(), CounterAssessment.objects.count()) == ({SAID}, 5)


# --- out of reach -----------------------------------------------------------------------------------------------------

SECRET = "secret criticism"


@pytest.fixture
def others():
    """Everybody but the organisation itself, with what they sign in as."""
    return {
        "anonymous": None,
        "other ngo": factories.RepresentativeFactory(),
        "msf": factories.MsfMemberFactory(),
        "editor": factories.EditorFactory(),
        "superuser": factories.SuperuserFactory(),
    }


@pytest.fixture
def draft():
    """A draft, and a returned answer that its author is mending, each with a link."""
    rated = factories.PublishedSelfAssessmentFactory(milestone__code="1.1")
    rows = [
        factories.CounterAssessmentFactory(
            milestone=rated.milestone, recommendation=SECRET, organisation=factories.NgoFactory(), **mending
        )
        for mending in (
            {},
            {
                "submitted_at": rated.published_at,
                "returned_at": rated.published_at,
                "returned_by": factories.EditorFactory(),
                "return_reason": "Mend it.",
            },
        )
    ]
    for row in rows:
        factories.EvidenceFactory(
            self_assessment=None, counter_assessment=row, address="https://example.org/secret", title_en=SECRET
        )
    return rows[0]


def test_another_organisations_draft_is_in_no_queryset(draft, others):
    for user in others.values():
        who = user or AnonymousUser()
        assert not CounterAssessment.objects.visible_to(who).exists()
        assert not Evidence.objects.visible_to(who).exists()


def test_another_organisations_draft_is_in_no_page_list_search_or_answer(draft, others, subtests):
    milestone = draft.milestone
    plan = milestone.commitment.plan.slug
    addresses = [
        "/en/",
        f"/en/plans/{plan}/",
        f"/en/plans/{plan}/commitments/{milestone.commitment.code}/",
        f"/api/v1/plans/{plan}/",
        "/api/v1/counter-assessments/",
        f"/api/v1/counter-assessments/?organisation={draft.organisation.slug}",
        f"/api/v1/milestones/{plan}/1.1/",
        "/api/v1/milestones/?q=criticism",
        f"/api/v1/counter-assessments/{plan}/milestone/1.1/2025-Q1/{draft.organisation.slug}/1/",
    ]
    admin = [
        reverse("admin:assessments_counterassessment_changelist"),
        reverse("admin:assessments_counterassessment_changelist") + "?q=criticism",
        reverse("admin:assessments_counterassessment_changelist") + f"?q={draft.organisation.name_en}",
        reverse("admin:assessments_counterassessment_change", args=[draft.pk]),
        reverse("admin:assessments_counterassessment_history", args=[draft.pk]),
        reverse("admin:autocomplete")
        + "?app_label=assessments&model_name=response&field_name=counter_assessment&term=1.1",
    ]
    for role, user in others.items():
        client = Client()
        if user:
            client.force_login(user)
        for address in [*addresses, *(admin if user and user.is_staff else [])]:
            answer = client.get(address, follow=True)
            assert SECRET not in answer.content.decode(), (role, address)
            assert "example.org/secret" not in answer.content.decode(), (role, address)


def test_the_address_of_a_draft_answers_as_one_of_nothing_does(draft):
    plan = draft.milestone.commitment.plan.slug
    there = f"/api/v1/counter-assessments/{plan}/milestone/1.1/2025-Q1/%s/1/"
    answers = [Client().get(there % slug) for slug in (draft.organisation.slug, factories.NgoFactory().slug)]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].json() == answers[1].json()
    client = Client()
    client.force_login(factories.SuperuserFactory())
    admin = "admin:assessments_counterassessment_change"
    answers = [client.get(reverse(admin, args=[key])) for key in (draft.pk, draft.pk + 1000)]
    assert [answer.status_code for answer in answers] == [302, 302]


def test_the_mark_of_an_answer_that_ended_shows_none_of_its_words():
    rated = factories.PublishedSelfAssessmentFactory(milestone__code="1.1")
    ended = [
        factories.PublishedCounterAssessmentFactory(
            milestone=rated.milestone, state=state, recommendation=SECRET, justification=SECRET, condition=SECRET
        )
        for state in ("withdrawn", "withheld")
    ]
    plan = rated.plan.slug
    row = Client().get(f"/api/v1/milestones/{plan}/1.1/").json()
    assert [(mark["organisation"]["slug"], mark["state"], mark["reason"]) for mark in row["removed_answers"]] == sorted(
        [
            (ended[0].organisation.slug, "withdrawn", None),
            (ended[1].organisation.slug, "withheld", "personal_data"),
        ]
    )
    for address in (
        f"/api/v1/milestones/{plan}/1.1/",
        f"/api/v1/plans/{plan}/",
        f"/en/plans/{plan}/commitments/{rated.milestone.commitment.code}/",
        "/api/v1/counter-assessments/",
    ):
        assert SECRET not in Client().get(address).content.decode()
