"""The demonstration: whole, sound, invented from end to end, and in no place where it could be taken for the record."""

from __future__ import annotations

import datetime
import re
from collections import Counter
from io import BytesIO, StringIO
from itertools import pairwise
from typing import Any

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone, translation
from openpyxl import load_workbook

from assessments.ledger import read_ledger
from assessments.models import CounterAssessment, Evidence, ReportingPeriod, Response, SelfAssessment
from commitments.models import (
    ActionPlan,
    Commitment,
    FocalPoint,
    Involvement,
    Membership,
    Milestone,
    Organisation,
    Recommendation,
    SourceDocument,
    User,
    organisations_of,
    plan_of,
)
from ogptracker.api import RESOURCES
from ogptracker.demonstration.promises import DUE
from ogptracker.demonstration.quarters import quarters_around
from ogptracker.demonstration.recording import words
from reports.content import to_json
from reports.document import html_of
from reports.figures import build_figures
from reports.models import Comment
from reports.spreadsheet import workbook_of
from tests import factories
from tests.admin_pages import address
from tests.pages import get, texts

BANNER = {
    "en": "Demonstration: everything in this plan is invented.",
    "mn": "Үзүүлэн: энэ төлөвлөгөөнд байгаа бүхэн зохиомол.",
}


def load() -> str:
    out = StringIO()
    call_command("load_demonstration", stdout=out)
    return out.getvalue().strip()


def tables() -> list[Any]:
    """Every table of ours, histories too."""
    labels = ("commitments", "assessments", "reports")
    return [model for label in labels for model in apps.get_app_config(label).get_models()]


def everything() -> dict[str, dict[Any, tuple[Any, ...]]]:
    """Every stored value of every row of ours, by table and primary key."""
    return {
        model.__name__: {row[0]: row for row in model._default_manager.values_list("pk", *_columns(model))}
        for model in tables()
    }


def _columns(model: Any) -> list[str]:
    return [column.attname for column in model._meta.concrete_fields]


@pytest.fixture
def debug(settings: Any) -> None:
    settings.DEBUG = True


@pytest.fixture
def plan(db: None, debug: None) -> ActionPlan:
    load()
    return ActionPlan.objects.get(slug="demonstration")


def test_refuses_outside_debug_and_writes_nothing(db: None) -> None:
    with pytest.raises(CommandError, match="with DEBUG on only"):
        load()
    assert (ActionPlan.objects.count(), Organisation.objects.count(), User.objects.count()) == (0, 0, 0)


@pytest.mark.parametrize("first", [datetime.date(2026, 1, 1), datetime.date(2028, 2, 1)])
def test_the_quarters_are_right_on_whatever_day_they_are_counted_from(first: datetime.date) -> None:
    for days in range(400):
        today = first + datetime.timedelta(days=days)
        begin = datetime.datetime.combine(today, datetime.time(), tzinfo=timezone.get_default_timezone())
        quarters = quarters_around(today)
        assert len(quarters) == 6
        for before, after in pairwise(quarters):
            assert before.ends_on + datetime.timedelta(days=1) == after.starts_on
        for closed in quarters[:4]:
            assert closed.ends_on < closed.published_at.date()
            assert closed.answers_close_at < begin
        answered, entered = quarters[4:]
        assert answered.ends_on < answered.published_at.date()
        assert answered.published_at < begin - datetime.timedelta(days=5)
        assert answered.answers_close_at > begin + datetime.timedelta(days=9)
        assert (entered.published_at, entered.answers_close_at) == (None, None)
        assert entered.opened_at < entered.entry_closes_at
        assert entered.entry_closes_at > begin + datetime.timedelta(days=11)


def test_it_has_the_parts_and_the_states_that_a_real_plan_may_have(plan: ActionPlan) -> None:
    milestones = Milestone.objects.filter(commitment__plan=plan)
    assert {
        "commitments": Commitment.objects.filter(plan=plan).count(),
        "milestones": milestones.count(),
        "themes": plan.theme_set.count(),
        "statements": plan.statements.count(),
        "meetings": plan.meetings.count(),
        "recommendations": Recommendation.objects.filter(plan=plan, reviewer="other").count(),
        "reviews": sum(commitment.independent_reviews.count() for commitment in plan.commitments.all()),
        "claims": plan.claims.count(),
        "remarks": Comment.objects.of_plan(plan).count(),
        "focal points": FocalPoint.objects.filter(commitment__plan=plan).count(),
        "reports": plan.reports.count(),
    } == {
        "commitments": 10,
        "milestones": 60,
        "themes": 3,
        "statements": 4,
        "meetings": 5,
        "recommendations": 4,
        "reviews": 8,
        "claims": 2,
        "remarks": 3,
        "focal points": 15,
        "reports": 0,
    }
    assert (plan.number, plan.is_demonstration, plan.title_en, plan.title_mn) == (
        None,
        True,
        "Demonstration: an invented action plan for practice",
        "Үзүүлэн: дадлагад зориулсан зохиомол төлөвлөгөө",
    )
    written = Counter((bool(row.title_en), bool(row.title_mn)) for row in milestones)
    assert written == {(True, True): 48, (False, True): 7, (True, False): 5}
    asked = {milestone["due"] for commitment in words("plan")["commitments"] for milestone in commitment["milestones"]}
    assert asked == set(DUE)
    assert Counter(Organisation.objects.values_list("kind", "is_demonstration")) == {
        ("government", True): 6,
        ("parliament", True): 1,
        ("ngo", True): 5,
        ("academia", True): 1,
        ("private", True): 1,
        ("international", True): 1,
        ("media", True): 1,
    }
    assert Counter(Involvement.objects.values_list("role", flat=True)) == {
        "lead": 13,
        "supporting_government": 15,
        "civil_society": 23,
        "other": 6,
    }
    emails = FocalPoint.objects.values_list("email", flat=True)
    assert {email.partition("@")[2] for email in [*emails, *User.objects.values_list("email", flat=True)]} == {
        "example.org"
    }
    assert [user for user in User.objects.all() if user.has_usable_password()] == []

    periods = list(ReportingPeriod.objects.filter(plan=plan))
    assert [period.state().value for period in periods] == ["closed"] * 4 + ["answering", "entry"]
    assert [bool(period.reopen_reason) for period in periods] == [False, False, True, False, False, False]
    ratings = SelfAssessment.objects.filter(period__plan=plan)
    assert [Counter(ratings.filter(period=period).values_list("state", flat=True)) for period in periods] == [
        {"published": 40},
        {"published": 49},
        {"published": 53},
        {"published": 56},
        {"published": 58},
        {"draft": 11, "submitted": 18, "returned": 2},
    ]
    assert Counter(ratings.values_list("version", flat=True)) == {1: 282, 2: 4, 3: 1}
    assert Counter(ratings.values_list("no_rating_reason", flat=True)) == {
        "": 277,
        "not_provided": 7,
        "other": 2,
        "comment_only": 1,
    }
    assert ratings.filter(copied_from__isnull=False).count() == 15
    assert ratings.filter(is_latest=True).count() == 58  # two are never rated

    answers = CounterAssessment.objects.filter(period__plan=plan)
    assert Counter(answers.values_list("state", flat=True)) == {
        "published": 30,
        "draft": 1,
        "submitted": 1,
        "returned": 1,
        "withheld": 1,
        "withdrawn": 1,
    }
    assert Counter(answers.values_list("attribution", "transcribed")) == {
        ("stated", False): 32,
        ("stated", True): 1,
        ("inferred", True): 1,
        ("not_stated", True): 1,
    }
    assert Counter(answers.values_list("version", flat=True)) == {1: 34, 2: 1}
    assert answers.exclude(condition="").count() == 4
    assert answers.filter(commitment__isnull=False).count() == 1
    assert Counter(Response.objects.values_list("kind", "state")) == {
        ("kept", "published"): 1,
        ("changed", "published"): 1,
        ("noted", "published"): 1,
        ("noted", "draft"): 1,
    }
    changed = Response.objects.get(kind="changed").counter_assessment
    corrected = SelfAssessment.objects.get(caused_by__kind="changed")
    assert corrected.supersedes == changed.answers
    assert (changed.answered_rating, corrected.rating) == ("completed_or_substantial", "limited")
    gaps = Counter(answer.gap for subject in read_ledger(plan).subjects for answer in subject.answers)
    assert gaps == {-2: 3, -1: 6, 0: 5, 1: 1, 2: 1, None: 2}
    assert max(len(subject.answers) for subject in read_ledger(plan).subjects) == 5
    assert Counter(Evidence.objects.values_list("media_type", "check_result")) == {
        ("", ""): 37,
        ("", "opened"): 31,
        ("", "not_found"): 4,
        ("application/pdf", ""): 5,
        ("image/png", ""): 2,
        ("text/csv", ""): 1,
    }
    assert {evidence.file.read(4) for evidence in Evidence.objects.filter(media_type="application/pdf")} == {b"%PDF"}


def test_every_row_is_sound_and_a_second_run_changes_nothing(plan: ActionPlan) -> None:
    out = StringIO()
    call_command("check_data", stdout=out)
    assert out.getvalue().endswith("all are sound.\n")
    before = everything()
    assert load() == "The demonstration is here already, and is left as it is."
    assert everything() == before


def test_nothing_real_is_touched_and_nothing_invented_gets_into_it(loaded_plans: None, debug: None) -> None:
    before = everything()
    lists = {name: _listed(name) for name in RESOURCES}
    homes = [_home(language) for language in ("en", "mn")]
    documents = set(SourceDocument.objects.values_list("pk", flat=True))

    load()

    after = everything()
    assert {table: {key: after[table][key] for key in rows} for table, rows in before.items()} == before
    demonstration = ActionPlan.objects.get(slug="demonstration")
    source = SourceDocument.objects.exclude(pk__in=documents).get()
    for model in tables():
        if model.__name__.startswith("Historical"):
            continue
        for row in model._default_manager.exclude(pk__in=before[model.__name__]):
            if isinstance(row, User | Membership | Organisation | SourceDocument):
                invented = row if not isinstance(row, Membership) else row.organisation
                assert getattr(invented, "is_demonstration", True) is True
                continue
            assert plan_of(row) == demonstration
            if isinstance(row, Organisation | SelfAssessment | CounterAssessment) and row.source_id:
                assert row.source == source
    for model in (Involvement, FocalPoint, CounterAssessment, Response, Comment):
        for row in model._default_manager.filter(organisation__isnull=False).select_related("organisation"):
            assert row.organisation.is_demonstration is (plan_of(row) == demonstration)
    for milestone in Milestone.objects.prefetch_related("agencies").select_related("commitment__plan"):
        of = {agency.is_demonstration for agency in milestone.agencies.all()}
        assert of <= {milestone.commitment.plan.is_demonstration}
    for model in (SelfAssessment, CounterAssessment):
        for row in model._default_manager.all():
            assert row.plan == row.period.plan

    assert {name: _listed(name) for name in RESOURCES} == lists
    assert [_home(language) for language in ("en", "mn")] == homes


def _listed(resource: str) -> Any:
    return Client().get(f"/api/v1/{resource}/?page_size=200").json()


def _home(language: str) -> list[str]:
    """The lines of the first page, without the time of day and the revision that stand on it."""
    return re.sub(
        r'<time datetime="[^"]*">|\d\d:\d\d|(?<=Revision )\d+|(?<=хувилбар: )\d+',
        "",
        get(Client(), f"/{language}/").content.decode(),
    ).splitlines()


def test_every_page_and_report_of_it_says_that_it_is_invented(plan: ActionPlan, client: Client, settings: Any) -> None:
    settings.DEBUG = False
    publisher = factories.PublisherFactory(language="en")
    for language, sentence in BANNER.items():
        for page in ("", "commitments/1/", "commitments/10/"):
            shown = get(client, f"/{language}/plans/demonstration/{page}")
            assert texts(shown, ".demonstration") == [sentence]
            assert b'role="note"' in shown.content
        assert texts(get(client, f"/{language}/plans/"), ".demonstration") == []
        period = list(plan.periods.all())[3].code
        figures = build_figures(plan, period, language, user=publisher)
        html = html_of(to_json(figures))
        assert html.count(sentence) == 1
        assert f'data-report="{"Demonstration" if language == "en" else "Үзүүлэн"}, ' in html
        sheets = load_workbook(BytesIO(workbook_of(figures)))
        assert sheets.worksheets[0]["B1"].value == sentence

    client.force_login(publisher)
    rating = SelfAssessment.objects.filter(state="draft").first()
    rows = (plan, plan.commitments.first(), Milestone.objects.first(), plan.periods.first(), rating)
    for row in (*rows, CounterAssessment.objects.first(), Response.objects.first()):
        for page in ("change", "history"):
            shown = get(client, address(type(row), page, row))
            assert texts(shown, ".demonstration") == [BANNER["en"]], (row, page)
    assert texts(get(client, address(ActionPlan)), ".demonstration") == []
    real = factories.MilestoneFactory()
    assert texts(get(client, address(Milestone, "change", real)), ".demonstration") == []
    assert texts(get(client, real.commitment.get_absolute_url()), ".demonstration") == []


@pytest.mark.django_db
def test_the_list_of_plans_shows_it_apart_and_to_those_who_practise_only(client: Client, settings: Any) -> None:
    factories.ActionPlanFactory(title_en="In earnest")
    factories.ActionPlanFactory(title_en="Invented", is_demonstration=True)
    listed = ["In earnest"], [], "1 action plan"
    apart = ["In earnest"], ["For practice"], "1 action plan"

    def seen() -> tuple[list[str], list[str], str]:
        page = get(client, "/en/plans/")
        assert ("Invented" in texts(page, "main")[0]) is bool("For practice" in texts(page, "main")[0])
        first = [title for title in texts(page, ".row__title") if title != "Invented"]
        return first, [title for title in texts(page, "h2") if title == "For practice"], texts(page, "h1")[0]

    assert seen() == listed
    for role in (factories.RepresentativeFactory, factories.MsfMemberFactory):
        client.force_login(role())
        assert seen() == listed
    client.force_login(factories.EditorFactory())
    assert seen() == apart
    client.logout()
    settings.DEBUG = True
    assert seen() == apart


def test_invented_organisations_are_in_no_list_and_say_what_they_are_at_their_own_address(
    plan: ActionPlan, client: Client
) -> None:
    real = factories.OrganisationFactory(slug="in-earnest")
    for query in ("", "?kind=ngo", "?q=example", "?active=true"):
        found = client.get(f"/api/v1/organisations/{query}").json()["results"]
        assert [row["slug"] for row in found] == ([real.slug] if query in {"", "?active=true"} else [])
    invented = client.get("/api/v1/organisations/imaginary-watch/").json()
    assert (invented["name_en"], invented["is_demonstration"]) == ("Imaginary Watch", True)
    assert client.get("/api/v1/plans/demonstration/").json()["is_demonstration"] is True
    assert client.get("/api/v1/milestones/?plan=demonstration").json()["count"] == 60


def test_an_invented_organisation_in_a_real_plan_is_found_by_check_data(db: None) -> None:
    milestone = factories.MilestoneFactory()
    milestone.agencies.add(factories.OrganisationFactory(slug="pretend", is_demonstration=True))
    out = StringIO()
    with pytest.raises(CommandError, match="1 broken"):
        call_command("check_data", stdout=out)
    assert out.getvalue().splitlines() == [
        f"Milestone {milestone.commitment.plan.slug}/{milestone.code} (pk {milestone.pk}): "
        "it is of a real plan, and names the invented organisation pretend"
    ]


def test_the_demo_account_of_an_ngo_can_answer_in_it(plan: ActionPlan) -> None:
    forum = factories.NgoFactory(slug="open-society-forum")
    for _time in range(2):
        call_command("create_demo_accounts", stdout=StringIO())
        account = User.objects.get(email="ngo@example.org")
        watch = Organisation.objects.get(slug="imaginary-watch")
        assert sorted(organisations_of(account)) == sorted([forum.pk, watch.pk])
        assert account.memberships.count() == 2


def test_its_short_name_says_it_too() -> None:
    plan = ActionPlan(is_demonstration=True, title_en="Some title")
    for language, name in {"en": "Demonstration", "mn": "Үзүүлэн"}.items():
        with translation.override(language):
            assert plan.short_name == name
