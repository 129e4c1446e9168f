"""The way into the admin, and its frame."""

from django.urls import reverse

from assessments.models import SelfAssessment
from commitments.models import ActionPlan, Commitment, Organisation
from tests import factories
from tests.admin_pages import address


def test_it_is_entered_through_the_sites_own_sign_in(client, editor):
    there = client.get("/admin/commitments/milestone/?plan=nap-4")
    assert there.url == "/admin/login/?next=/admin/commitments/milestone/%3Fplan%3Dnap-4"
    door = client.get(there.url)
    assert door.url == f"{reverse('account_login')}?next=/admin/commitments/milestone/%3Fplan%3Dnap-4"
    client.force_login(editor)
    assert client.get("/admin/").status_code == 200


def test_whoever_has_no_business_there_is_told_so_and_not_sent_round_in_circles(client, representative):
    client.force_login(representative)
    assert client.get("/admin/", follow=True).status_code == 403


def test_an_account_that_is_switched_off_is_out_at_the_next_request(client, editor):
    client.force_login(editor)
    editor.is_active = False
    editor.save()
    assert client.get("/admin/").status_code == 302


def test_a_password_is_changed_where_everybody_changes_it(client, editor):
    client.force_login(editor)
    assert client.get("/admin/password_change/").url == reverse("account_change_password")


def test_tables_stand_in_the_order_of_the_work(client, superuser):
    client.force_login(superuser)
    page = client.get("/admin/")
    assert [
        (app["app_label"], [model["object_name"] for model in app["models"]]) for app in page.context["app_list"]
    ] == [
        (
            "assessments",
            ["ReportingPeriod", "SelfAssessment", "CounterAssessment", "Response", "IndependentReview", "Claim"],
        ),
        (
            "commitments",
            [
                "ActionPlan",
                "Commitment",
                "Milestone",
                "Recommendation",
                "Meeting",
                "Theme",
                "PlanStatement",
                "Organisation",
                "FocalPoint",
                "PolicyArea",
                "SourceDocument",
                "User",
                "Invitation",
                "Membership",
            ],
        ),
        ("reports", ["Report", "Comment"]),
    ]


def test_an_editor_does_not_see_the_accounts(client, editor):
    client.force_login(editor)
    tables = [model["object_name"] for app in client.get("/admin/").context["app_list"] for model in app["models"]]
    assert "User" not in tables


def test_its_pages_carry_nothing_inline(client, superuser):
    plan = factories.DraftPlanFactory()
    commitment = factories.CommitmentFactory(plan=plan)
    factories.FocalPointFactory(commitment=commitment)
    client.force_login(superuser)
    pages = ["/admin/", address(Commitment), address(Commitment, "add"), address(SelfAssessment, "add")]
    pages += [address(Commitment, page, commitment) for page in ("change", "history", "delete")]
    pages += [address(ActionPlan, "publish", plan), f"{address(Commitment)}?q=%00"]
    for there in pages:
        page = client.get(there)
        html = page.content.decode()
        assert "default-src 'self'" in page["Content-Security-Policy"]
        assert (" style=" in html, " onclick=" in html, "<style" in html) == (False, False, False)


def test_fields_in_rows_have_a_name_for_screen_readers(client, editor):
    alias = factories.OrganisationAliasFactory()
    client.force_login(editor)
    page = client.get(address(Organisation, "change", alias.organisation))
    row = page.context["inline_admin_formsets"][0].formset.forms[0]
    names = {
        name: str(getattr(field.widget, "widget", field.widget).attrs.get("aria-label"))
        for name, field in row.fields.items()
    }
    assert names == {
        "name": "Spelling",
        "source": "Source",
        "source_place": "Place in the source",
        "DELETE": "Delete",
        "opened_version": "None",
        "id": "None",
        "organisation": "None",
    }
