"""The quarter's workbook in the admin: downloaded, uploaded, previewed, confirmed; by the support unit alone."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from assessments.models import SelfAssessment
from assessments.quarter_workbook import columns, quarter_workbook
from commitments.models import PendingImport
from commitments.workbooks import read_workbook
from tests import factories
from tests.workbook_files import edited

SHEET = "Ratings - Үнэлгээ"


@pytest.fixture
def period(db):
    period = factories.OpenPeriodFactory(plan=factories.ActionPlanFactory(slug="nap-8"))
    agency = factories.OrganisationFactory(slug="ministry")
    commitment = factories.CommitmentFactory(plan=period.plan, code="1")
    factories.MilestoneFactory(commitment=commitment, code="1.1", agencies=[agency])
    factories.MilestoneFactory(commitment=commitment, code="1.2")
    return period


def at(name, *more):
    return reverse(f"admin:{name}", args=["nap-8", "2025-Q1", *more])


def send(client, period, text):
    keys = [column.key for column in columns(period)]
    place = f"{chr(65 + keys.index('evidence_en'))}2"
    file = SimpleUploadedFile("q.xlsx", edited(quarter_workbook(period), {(SHEET, place): text}))
    return client.post(at("quarter_import"), {"file": file}, follow=True)


def confirm(client, page):
    sent = {"fingerprint": page.context["form"]["fingerprint"].value(), "change_reason": "by mail of 3 April"}
    return client.post(page.redirect_chain[-1][0], sent, follow=True)


def said(page):
    return [str(message) for message in page.context["messages"]]


def test_the_quarter_is_downloaded_whole_or_for_an_agency(client, editor, period):
    client.force_login(editor)
    for query, name, codes in (
        ("", "nap-8-2025-Q1.xlsx", ["1.1", "1.2"]),
        ("?agency=ministry", "nap-8-2025-Q1-ministry.xlsx", ["1.1"]),
    ):
        response = client.get(at("quarter_workbook") + query)
        assert response["Content-Disposition"] == f'attachment; filename="{name}"'
        table = read_workbook(response.content).table(("Ratings", "Үнэлгээ"), columns(period))
        assert [row.texts["code"] for row in table.rows] == codes
    assert client.get(at("quarter_workbook") + "?agency=nobody").status_code == 404
    page = client.get(at("quarter_import")).content.decode()
    assert f"{at('quarter_workbook')}?agency=ministry" in page


def test_upload_preview_confirm(client, editor, period):
    client.force_login(editor)
    page = send(client, period, "A law")
    assert ("A law" in page.content.decode(), SelfAssessment.objects.count()) == (True, 0)
    page = confirm(client, page)
    assert (said(page), page.redirect_chain[-1][0]) == (["Written from q.xlsx: 1 new, 0 changed."], at("quarter"))
    entry = SelfAssessment.objects.get()
    assert entry.evidence_en == "A law"
    assert entry.history.get().history_change_reason.startswith("by mail of 3 April; imported from q.xlsx (SHA-256 ")
    assert not PendingImport.objects.exists()


def test_what_somebody_entered_after_the_preview_is_shown_first(client, editor, period):
    client.force_login(editor)
    page = send(client, period, "From the file")
    factories.SelfAssessmentFactory(milestone=period.plan.commitments.get().milestones.first(), period=period)
    again = confirm(client, page)
    assert said(again) == ["Nothing was written: the record changed after you saw the preview. Look at it again."]
    assert SelfAssessment.objects.get().evidence_en == "The draft is written."
    again.redirect_chain = page.redirect_chain
    confirm(client, again)
    assert SelfAssessment.objects.get().evidence_en == "From the file"


def test_an_upload_is_of_one_quarter(client, editor, period):
    client.force_login(editor)
    send(client, period, "A law")
    token = PendingImport.objects.get().token
    factories.OpenPeriodFactory(plan=period.plan, code="2025-Q2", starts_on="2025-04-01", ends_on="2025-06-30")
    elsewhere = reverse("admin:quarter_import_preview", args=["nap-8", "2025-Q2", token])
    assert client.get(elsewhere).status_code == 302


@pytest.mark.parametrize(
    "make", [None, factories.UserFactory, factories.MsfMemberFactory, factories.RepresentativeFactory]
)
def test_nobody_else_reaches_it(client, period, make):
    if make:
        client.force_login(make())
    for address in (
        at("quarter_workbook"),
        at("quarter_import"),
        at("quarter_import_preview", "00000000-0000-0000-0000-000000000000"),
    ):
        for answer in (client.get(address), client.post(address)):
            assert answer["Location"].startswith(reverse("admin:login"))
    assert client.get(reverse("admin:login")).status_code == (403 if make else 302)


def test_a_quarter_that_is_not_there_is_not_found(client, editor, period):
    client.force_login(editor)
    for name in ("quarter_workbook", "quarter_import"):
        assert client.get(reverse(f"admin:{name}", args=["nap-8", "2031-Q1"])).status_code == 404
