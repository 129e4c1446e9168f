"""Every role at every address of the admin, as design rule 6.1 means it."""

from uuid import uuid4

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.contrib import admin
from django.urls import reverse

from assessments.models import (
    Claim,
    CounterAssessment,
    IndependentReview,
    ReportingPeriod,
    Response,
    SelfAssessment,
)
from commitments.models import (
    ActionPlan,
    Commitment,
    FocalPoint,
    Invitation,
    Meeting,
    Membership,
    Milestone,
    Organisation,
    PlanStatement,
    PolicyArea,
    Recommendation,
    SourceDocument,
    Theme,
    User,
)
from reports.models import Comment, Report
from tests import factories, releases
from tests.admin_pages import address

# What a row of each table is, and how its pages answer: list, add, change (looking at it), change (sending it), delete.
# `ok` stands for 200; sending an empty form is 200 where the form may be sent at all.
OK, NO = 200, 403
EDITED = (OK, OK, OK, OK, NO)  # edited by the role, never deleted
READ = (OK, NO, OK, NO, NO)
DELETED_TOO = (OK, OK, OK, OK, OK)
ADDED = (OK, OK, OK, NO, NO)  # others may be added, this one is only read
HIDDEN = (NO, NO, NO, NO, NO)

TABLE = [
    # row, editor, publisher, superuser
    (ReportingPeriod, factories.ReportingPeriodFactory, EDITED, EDITED, EDITED),
    (ReportingPeriod, factories.OpenPeriodFactory, ADDED, EDITED, EDITED),
    (ReportingPeriod, factories.PublishedPeriodFactory, ADDED, EDITED, EDITED),
    (SelfAssessment, factories.SelfAssessmentFactory, DELETED_TOO, DELETED_TOO, DELETED_TOO),
    (SelfAssessment, factories.SubmittedSelfAssessmentFactory, ADDED, ADDED, ADDED),
    (SelfAssessment, factories.PublishedSelfAssessmentFactory, ADDED, ADDED, ADDED),
    (CounterAssessment, factories.SubmittedCounterAssessmentFactory, ADDED, ADDED, ADDED),
    (CounterAssessment, factories.PublishedCounterAssessmentFactory, ADDED, ADDED, ADDED),
    (CounterAssessment, factories.TranscribedCounterAssessmentFactory, EDITED, EDITED, EDITED),
    (Response, factories.ResponseFactory, DELETED_TOO, DELETED_TOO, DELETED_TOO),
    (Response, factories.PublishedResponseFactory, ADDED, ADDED, ADDED),
    (IndependentReview, factories.IndependentReviewFactory, EDITED, EDITED, EDITED),
    (Claim, factories.ClaimFactory, EDITED, EDITED, EDITED),
    (ActionPlan, factories.DraftPlanFactory, DELETED_TOO, DELETED_TOO, DELETED_TOO),
    (ActionPlan, factories.ActionPlanFactory, ADDED, EDITED, EDITED),
    (Commitment, factories.CommitmentFactory, ADDED, EDITED, EDITED),
    (Milestone, factories.MilestoneFactory, ADDED, EDITED, EDITED),
    (Theme, factories.ThemeFactory, ADDED, EDITED, EDITED),
    (PlanStatement, factories.PlanStatementFactory, ADDED, EDITED, EDITED),
    (Recommendation, factories.RecommendationFactory, EDITED, EDITED, EDITED),
    (Meeting, factories.MeetingFactory, EDITED, EDITED, EDITED),
    (FocalPoint, factories.FocalPointFactory, EDITED, EDITED, EDITED),
    (Organisation, factories.OrganisationFactory, EDITED, EDITED, EDITED),
    (PolicyArea, factories.PolicyAreaFactory, EDITED, EDITED, EDITED),
    (SourceDocument, factories.SourceDocumentFactory, EDITED, EDITED, EDITED),
    (User, factories.UserFactory, HIDDEN, READ, EDITED),
    (Invitation, factories.InvitationFactory, HIDDEN, ADDED, ADDED),
    (Membership, factories.MembershipFactory, READ, EDITED, EDITED),
    (Report, factories.ReportFactory, DELETED_TOO, DELETED_TOO, DELETED_TOO),
    (Report, factories.ReleasedReportFactory, ADDED, ADDED, ADDED),
    (Comment, factories.CommentFactory, EDITED, EDITED, EDITED),
]
IN_A_DRAFT_PLAN = [
    (Commitment, lambda plan: factories.CommitmentFactory(plan=plan)),
    (Milestone, lambda plan: factories.MilestoneFactory(commitment__plan=plan)),
    (Theme, lambda plan: factories.ThemeFactory(plan=plan)),
    (PlanStatement, lambda plan: factories.PlanStatementFactory(plan=plan)),
    (Recommendation, lambda plan: factories.RecommendationFactory(plan=plan)),
    (Meeting, lambda plan: factories.MeetingFactory(plan=plan)),
    (FocalPoint, lambda plan: factories.FocalPointFactory(commitment__plan=plan)),
    (Claim, lambda plan: factories.ClaimFactory(plan=plan)),
    (ReportingPeriod, lambda plan: factories.ReportingPeriodFactory(plan=plan)),
    (IndependentReview, lambda plan: factories.IndependentReviewFactory(commitment__plan=plan)),
]


def test_the_table_names_every_model_of_the_admin():
    assert {row[0] for row in TABLE} == set(admin.site._registry)


def answers(client, model, row):
    return (
        client.get(address(model)).status_code,
        client.get(address(model, "add")).status_code,
        client.get(address(model, "change", row)).status_code,
        client.post(address(model, "change", row), {}).status_code,
        client.get(address(model, "delete", row)).status_code,
    )


@pytest.mark.parametrize("place", range(len(TABLE)), ids=[row[1].__name__ for row in TABLE])
@pytest.mark.parametrize("role", ["editor", "publisher", "superuser"])
def test_the_support_unit_at_every_address(client, db, request, role, place):
    model, factory, *expected = TABLE[place]
    user = request.getfixturevalue(role)
    row = factory()
    client.force_login(user)
    meant = dict(zip(("editor", "publisher", "superuser"), expected, strict=True))[role]
    if meant is HIDDEN and model is User:
        # An editor's own account is the only one that exists for them, and it is no page of the admin either.
        row = user
    elif sum(code == OK for code in meant) > 0 and meant[3] == OK:
        # An empty form comes back with what is missing, unless it is whole as it is.
        got = answers(client, model, row)
        assert (*got[:3], got[3] in {200, 302}, got[4]) == (*meant[:3], True, meant[4])
        return
    assert answers(client, model, row) == meant


@pytest.mark.parametrize(("model", "make"), IN_A_DRAFT_PLAN, ids=[row[0].__name__ for row in IN_A_DRAFT_PLAN])
def test_an_editor_edits_and_deletes_what_is_in_a_draft_plan(client, editor, model, make):
    row = make(factories.DraftPlanFactory())
    client.force_login(editor)
    got = answers(client, model, row)
    assert (*got[:3], got[3] in {200, 302}, got[4]) == (200, 200, 200, True, 200)
    client.post(address(model, "delete", row), {"post": "yes"})
    assert not model.objects.filter(pk=row.pk).exists()


@pytest.mark.parametrize("place", range(len(TABLE)), ids=[row[1].__name__ for row in TABLE])
def test_nobody_else_reaches_the_admin(client, msf_member, representative, place):
    model, factory, *_expected = TABLE[place]
    row = factory()
    pages = [address(model), address(model, "add")]
    pages += [address(model, page, row) for page in ("change", "history", "delete")]
    assert {client.get(there).status_code for there in pages} == {302}
    for user in (msf_member, representative):
        client.force_login(user)
        for there in pages:
            at_the_door = client.get(there)
            assert (at_the_door.status_code, at_the_door.url.partition("?")[0]) == (302, "/admin/login/")
            assert client.post(there, {"post": "yes"}).status_code == 302
        assert client.get(at_the_door.url).status_code == 403
    assert model.objects.filter(pk=row.pk).exists()


@pytest.mark.parametrize("place", range(len(TABLE)), ids=[row[1].__name__ for row in TABLE])
def test_the_history_is_read_and_never_written(client, superuser, place):
    model, factory, *_expected = TABLE[place]
    row = factory()
    client.force_login(superuser)
    entries = model.history.count()
    assert client.get(address(model, "history", row)).status_code == 200
    client.post(address(model, "history", row), {"_save": "Revert"})
    assert client.post(f"{address(model, 'history', row)}1/", {"_save": "Revert"}).status_code in {302, 404}
    assert model.history.count() == entries


def test_the_tables_of_other_packages_are_in_no_admin():
    assert {model._meta.app_label for model in admin.site._registry} == {"assessments", "commitments", "reports"}


def test_an_organisations_draft_is_not_there_for_the_support_unit(client, superuser):
    draft = factories.CounterAssessmentFactory(recommendation="secret-draft-words")
    client.force_login(superuser)
    there = client.get(address(CounterAssessment, "change", draft), follow=True)
    listed = client.get(address(CounterAssessment))
    offered = client.get(
        "/admin/autocomplete/",
        {"app_label": "assessments", "model_name": "response", "field_name": "counter_assessment"},
    )
    assert offered.json()["results"] == []
    assert [page for page in (there, listed, offered) if "secret-draft-words" in page.content.decode()] == []


def test_a_response_to_a_draft_cannot_be_entered_by_guessing_its_number(client, editor):
    draft = factories.CounterAssessmentFactory()
    client.force_login(editor)
    sent = {
        "counter_assessment": draft.pk,
        "organisation": factories.OrganisationFactory().pk,
        "kind": "kept",
        "reason_en": "x",
        "attachments-TOTAL_FORMS": 0,
        "attachments-INITIAL_FORMS": 0,
    }
    page = client.post(address(Response, "add"), sent)
    assert page.context["adminform"].form.errors.keys() == {"counter_assessment"}
    assert not Response.objects.exists()


# --- everything that is no table of the record ------------------------------------------------------------------------

# What each page of a quarter is asked of, and how it answers a GET and an empty POST of an editor, then of a publisher.
DONE, NO_SUCH_METHOD = 302, 405
QUARTER_PAGES = {
    "quarters": (None, (OK, NO_SUCH_METHOD), (OK, NO_SUCH_METHOD)),
    "quarter": (factories.SelfAssessmentFactory, (OK, NO_SUCH_METHOD), (OK, NO_SUCH_METHOD)),
    "quarter_submit": (factories.SelfAssessmentFactory, (NO_SUCH_METHOD, DONE), (NO_SUCH_METHOD, DONE)),
    "quarter_row": (factories.SelfAssessmentFactory, (OK, DONE), (OK, DONE)),
    "quarter_copy": (factories.SelfAssessmentFactory, (NO_SUCH_METHOD, DONE), (NO_SUCH_METHOD, DONE)),
    "quarter_return": (factories.SubmittedSelfAssessmentFactory, (OK, OK), (OK, OK)),
    "quarter_correct": (factories.PublishedSelfAssessmentFactory, (NO, NO), (OK, OK)),
    "quarter_open": (factories.ReportingPeriodFactory, (NO, NO), (OK, OK)),
    "quarter_publish": (factories.SubmittedSelfAssessmentFactory, (NO, NO), (OK, OK)),
    "quarter_reopen": (factories.PublishedPeriodFactory, (NO, NO), (OK, OK)),
    "quarter_workbook": (factories.SelfAssessmentFactory, (OK, NO_SUCH_METHOD), (OK, NO_SUCH_METHOD)),
    "quarter_import": (factories.SelfAssessmentFactory, (OK, OK), (OK, OK)),
    "quarter_import_preview": (factories.SelfAssessmentFactory, (DONE, DONE), (DONE, DONE)),  # of no file: upload one
}
# The workbooks of plans, for the whole support unit: what makes the plan, and how a GET and an empty POST are answered.
PLAN_PAGES = {
    "template": (None, (OK, OK)),
    "export": (factories.ActionPlanFactory, (OK, OK)),
    "import": (None, (OK, OK)),
    "import_preview": (None, (DONE, DONE)),
}
ABOUT_A_ROW = {"quarter_row", "quarter_copy", "quarter_return", "quarter_correct"}


def somebody_with_a_second_factor():
    user = factories.UserFactory()
    TOTP.activate(user, generate_totp_secret())
    return user


# Verbs that ask on a page of their own: what makes the row, an editor's GET and POST, a publisher's.
VERBS = {
    (ActionPlan, "publish"): (factories.DraftPlanFactory, (NO, NO), (OK, DONE)),
    (SelfAssessment, "submit"): (factories.SelfAssessmentFactory, (OK, DONE), (OK, DONE)),
    # What an editor does not see is led away from, as if it did not exist.
    (Invitation, "send-again"): (factories.InvitationFactory, (DONE, DONE), (OK, DONE)),
    (Invitation, "take-back"): (factories.InvitationFactory, (DONE, DONE), (OK, DONE)),
    (User, "reset-second-factor"): (somebody_with_a_second_factor, (DONE, DONE), (OK, DONE)),
    (CounterAssessment, "publish"): (factories.SubmittedCounterAssessmentFactory, (NO, NO), (OK, DONE)),
    (CounterAssessment, "return"): (factories.SubmittedCounterAssessmentFactory, (OK, OK), (OK, OK)),
    (CounterAssessment, "withhold"): (factories.PublishedCounterAssessmentFactory, (NO, NO), (OK, OK)),
    (Response, "publish"): (factories.ResponseFactory, (NO, NO), (OK, DONE)),
    (Response, "correct"): (factories.PublishedResponseFactory, (NO, NO), (OK, OK)),
    (Response, "correction"): (
        lambda: factories.ResponseFactory(
            kind="changed",
            counter_assessment__milestone=factories.PublishedSelfAssessmentFactory().milestone,
        ),
        (NO, NO),
        (OK, OK),
    ),
    (Report, "release"): (releases.draft, (NO, NO), (OK, OK)),  # of figures that nobody has looked at
    (Report, "correct"): (factories.ReleasedReportFactory, (NO, NO), (OK, OK)),
}
# The site's own pages: how they answer a GET of anybody in the support unit.
SITE_PAGES = {
    "index": ("/admin/", OK),
    "login": ("/admin/login/", DONE),
    "logout": ("/admin/logout/", NO_SUCH_METHOD),
    "password_change": ("/admin/password_change/", DONE),
    "password_change_done": ("/admin/password_change/done/", OK),
    "jsi18n": ("/admin/jsi18n/", OK),
    "autocomplete": ("/admin/autocomplete/", NO),  # without saying for which field
    "view_on_site": ("/admin/r/1/1/", 404),
    "app_list": ("/admin/assessments/", OK),
}
PASSWORD_PAGE = "auth_user_password_change"  # of somebody else's account
TABLE_PAGES = ("changelist", "add", "history", "delete", "change")


def quarter_address(name, row):
    if row is None:
        return reverse(f"admin:{name}")
    period = getattr(row, "period", row)
    code = [row.subject.code] if name in ABOUT_A_ROW else []
    code += [uuid4()] if name == "quarter_import_preview" else []
    return reverse(f"admin:{name}", args=[period.plan.slug, period.code, *code])


def test_every_address_of_the_admin_stands_in_a_table():
    tables = {
        f"{model._meta.app_label}_{model._meta.model_name}_{page}"
        for model in admin.site._registry
        for page in TABLE_PAGES
    }
    verbs = {f"{model._meta.app_label}_{model._meta.model_name}_{verb}" for model, verb in VERBS}
    others = {PASSWORD_PAGE, *QUARTER_PAGES, *SITE_PAGES}
    others |= {f"commitments_actionplan_{page}" for page in PLAN_PAGES}
    assert set(_names(admin.site.get_urls())) == tables | verbs | others


def _names(patterns):
    """Of every address; those without a name are Django's way to an old address of a record, and to a 404."""
    for pattern in patterns:
        if hasattr(pattern, "url_patterns"):
            yield from _names(pattern.url_patterns)
        elif pattern.name:
            yield pattern.name


@pytest.mark.parametrize("name", QUARTER_PAGES)
@pytest.mark.parametrize("role", ["editor", "publisher", "superuser"])
def test_the_pages_of_a_quarter(client, db, request, role, name):
    make, of_editors, of_publishers = QUARTER_PAGES[name]
    there = quarter_address(name, make() if make else None)
    client.force_login(request.getfixturevalue(role))
    meant = of_editors if role == "editor" else of_publishers
    assert (client.get(there).status_code, client.post(there, {}).status_code) == meant


def plan_address(page, plan):
    args = [plan.pk] if plan else [uuid4()] if page == "import_preview" else []
    return reverse(f"admin:commitments_actionplan_{page}", args=args)


@pytest.mark.parametrize("page", PLAN_PAGES)
@pytest.mark.parametrize("role", ["editor", "publisher", "superuser"])
def test_the_workbooks_of_plans(client, db, request, role, page):
    make, meant = PLAN_PAGES[page]
    there = plan_address(page, make() if make else None)
    client.force_login(request.getfixturevalue(role))
    assert (client.get(there).status_code, client.post(there, {}).status_code) == meant


@pytest.mark.parametrize(("model", "verb"), VERBS, ids=[f"{model.__name__}-{verb}" for model, verb in VERBS])
@pytest.mark.parametrize("role", ["editor", "publisher", "superuser"])
def test_the_verbs(client, db, request, role, model, verb):
    make, of_editors, of_publishers = VERBS[model, verb]
    row = make()
    client.force_login(request.getfixturevalue(role))
    meant = of_editors if role == "editor" else of_publishers
    there = address(model, verb, row)
    assert (client.get(there).status_code, client.post(there).status_code) == meant


@pytest.mark.parametrize("name", SITE_PAGES)
@pytest.mark.parametrize("role", ["editor", "publisher", "superuser"])
def test_the_sites_own_pages(client, db, request, role, name):
    there, meant = SITE_PAGES[name]
    client.force_login(request.getfixturevalue(role))
    assert client.get(there).status_code == meant


@pytest.mark.parametrize(
    ("role", "status"), [("editor", NO), ("publisher", NO), ("superuser", OK), ("msf_member", DONE)]
)
def test_a_password_of_another_account_is_set_by_a_superuser(client, db, request, role, status):
    client.force_login(request.getfixturevalue(role))
    there = reverse(f"admin:{PASSWORD_PAGE}", args=[factories.UserFactory().pk])
    assert client.get(there).status_code == status


@pytest.mark.parametrize("name", [*QUARTER_PAGES, *VERBS, *PLAN_PAGES, "autocomplete", "index", "app_list"], ids=str)
def test_nobody_else_reaches_any_of_them(client, db, msf_member, representative, name):
    if name in QUARTER_PAGES:
        make = QUARTER_PAGES[name][0]
        row = make() if make else None
        there = quarter_address(name, row)
    elif name in VERBS:
        row = VERBS[name][0]()
        there = address(*name, row)
    elif name in PLAN_PAGES:
        row = PLAN_PAGES[name][0]() if PLAN_PAGES[name][0] else None
        there = plan_address(name, row)
    else:
        row, there = None, SITE_PAGES[name][0]
    before = type(row).objects.values().get(pk=row.pk) if row else None
    for user in (None, msf_member, representative):
        if user:
            client.force_login(user)
        for answer in (client.get(there), client.post(there, {"reason": "x", "post": "yes"})):
            assert (answer.status_code, answer.url.partition("?")[0]) == (302, "/admin/login/")
        assert client.get(answer.url).status_code == (403 if user else 302)
    assert (type(row).objects.values().get(pk=row.pk) if row else None) == before


def test_lists_offer_no_action_that_acts_on_many_rows_but_the_one_that_publishes_answers(client, superuser):
    client.force_login(superuser)
    for model, tables in admin.site._registry.items():
        names = [action.__name__ for action in tables.actions or ()]
        assert (model, names) == (model, ["publish_chosen"] if model is CounterAssessment else [])
    row = factories.SelfAssessmentFactory()
    client.post(address(SelfAssessment), {"action": "delete_selected", "_selected_action": row.pk, "post": "yes"})
    assert SelfAssessment.objects.filter(pk=row.pk).exists()


@pytest.mark.parametrize(("role", "status"), [("editor", 200), ("msf_member", 302), ("representative", 302)])
def test_what_drop_downs_offer_is_for_the_support_unit(client, db, request, role, status):
    factories.OrganisationFactory(name_en="Secret-Organisation")
    client.force_login(request.getfixturevalue(role))
    fields = {"app_label": "commitments", "model_name": "focalpoint", "field_name": "organisation"}
    offered = client.get("/admin/autocomplete/", fields)
    assert (offered.status_code, "Secret-Organisation" in offered.content.decode()) == (status, status == 200)
