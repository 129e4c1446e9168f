"""A plan's workbook in the admin: handed out, uploaded, previewed, and confirmed as it was seen."""

import datetime
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from commitments.models import ActionPlan, Commitment, Milestone, PendingImport
from commitments.workbooks import Change, Problem, Upload, read_workbook
from tests import factories
from tests.plan_files import COMMITMENTS, MILESTONES, changed, draft_plan, upload_of


@pytest.fixture
def draft(db):
    return draft_plan()


class TestAdmin:
    upload_address = property(lambda self: reverse("admin:commitments_actionplan_import"))

    def send(self, client, upload):
        file = SimpleUploadedFile(upload.name, upload.content)
        return client.post(self.upload_address, {"file": file}, follow=True)

    def confirm(self, client, page, **said):
        address = page.redirect_chain[-1][0]
        fingerprint = page.context["form"]["fingerprint"].value()
        return client.post(address, {"fingerprint": fingerprint, "change_reason": "", **said}, follow=True)

    def said(self, page):
        return [str(message) for message in page.context["messages"]]

    def new_plan(self):
        return upload_of(Commitments=[["Code", "Title in English"], ["1", "Open it"]])

    def test_upload_preview_confirm(self, client, editor):
        client.force_login(editor)
        page = self.send(client, self.new_plan())
        assert (page.status_code, ActionPlan.objects.count(), PendingImport.objects.count()) == (200, 0, 1)
        text = re.sub(r"\s+", " ", page.content.decode())
        assert "New: 2. Changed: 0. The same as in the record: 0. Nothing is written yet." in text
        assert PendingImport.objects.get().sha256 in text
        page = self.confirm(client, page)
        assert self.said(page) == ["Written from plan.xlsx: 2 new, 0 changed."]
        assert (Commitment.objects.get().title_en, PendingImport.objects.count()) == ("Open it", 0)

    def test_confirmed_twice_it_is_written_once(self, client, editor):
        client.force_login(editor)
        page = self.send(client, self.new_plan())
        self.confirm(client, page)
        assert self.said(self.confirm(client, page))[-1] == (
            "This file was used already, or has waited for more than a day. Upload it again."
        )
        assert Commitment.objects.get().history.count() == 1

    def test_what_changed_after_the_preview_is_shown_anew_and_nothing_is_written(self, client, editor, draft):
        client.force_login(editor)
        page = self.send(client, changed(draft, MILESTONES, "C2", "From the file"))
        milestone = Milestone.objects.get(code="1.1")
        milestone.title_mn = "Орж ирэв"
        milestone.save()
        again = self.confirm(client, page)
        assert self.said(again) == [
            "Nothing was written: the record changed after you saw the preview. Look at it again."
        ]
        milestone.refresh_from_db()
        assert (milestone.title_en, milestone.title_mn) == ("First", "Орж ирэв")
        changes = [change for row in again.context["preview"].changes for change in row.changes]
        assert changes == [
            Change("Title in English", "First", "From the file"),
            Change("Title in Mongolian", "Орж ирэв", ""),
        ]
        again.redirect_chain = page.redirect_chain
        self.confirm(client, again)
        milestone.refresh_from_db()
        assert (milestone.title_en, milestone.title_mn) == ("From the file", "")

    def test_a_published_plan_asks_for_the_reason_beside_its_field(self, client, publisher, draft):
        ActionPlan.objects.filter(pk=draft.pk).update(published_at=timezone.now(), published_by=publisher)
        draft.refresh_from_db()
        client.force_login(publisher)
        page = self.send(client, changed(draft, MILESTONES, "C2", "New"))
        refused = self.confirm(client, page)
        assert (list(refused.context["reason_errors"]), Milestone.objects.get(code="1.1").title_en) == (
            ["This field is required."],
            "First",
        )
        assert self.said(self.confirm(client, page, change_reason="the annex")) == [
            "Written from nap-8.xlsx: 0 new, 1 changed."
        ]

    def test_problems_are_shown_and_there_is_no_button(self, client, editor):
        client.force_login(editor)
        page = self.send(client, upload_of(Commitments=[["Code", "Title in English"], ["1", None]]))
        assert page.context["preview"].problems == [
            Problem(COMMITMENTS, 2, "", "Fill in the text in English, in Mongolian, or in both.")
        ]
        assert 'name="fingerprint"' not in page.content.decode()
        forced = client.post(page.redirect_chain[-1][0], {"fingerprint": page.context["preview"].fingerprint})
        assert (forced.status_code, ActionPlan.objects.count()) == (200, 0)

    @pytest.mark.parametrize(
        ("content", "sentence"),
        [
            (b"", "The file is empty."),
            (b"a;b", "This is not an Excel workbook (XLSX), or it is damaged."),
            (bytes(5_000_001), "The file is larger than 5 MB."),
        ],
    )
    def test_what_is_no_workbook_is_refused_beside_the_field(self, client, editor, content, sentence):
        client.force_login(editor)
        page = self.send(client, Upload("x.xlsx", content))
        assert (page.status_code, page.context["form"].errors["file"]) == (200, [sentence])
        assert not PendingImport.objects.exists()

    def test_an_upload_is_its_uploaders_for_a_day(self, client, editor, publisher):
        client.force_login(editor)
        there = self.send(client, self.new_plan()).redirect_chain[-1][0]
        client.force_login(publisher)
        assert client.get(there).status_code == 302
        PendingImport.objects.update(uploaded_at=timezone.now() - datetime.timedelta(hours=25))
        client.force_login(editor)
        assert client.get(there).status_code == 302
        client.get(self.upload_address)
        assert not PendingImport.objects.exists()

    def test_template_and_export_are_offered_and_handed_out(self, client, editor, draft):
        client.force_login(editor)
        export = reverse("admin:commitments_actionplan_export", args=[draft.pk])
        assert export in client.get(reverse("admin:commitments_actionplan_change", args=[draft.pk])).content.decode()
        assert self.upload_address in client.get(reverse("admin:commitments_actionplan_changelist")).content.decode()
        template = reverse("admin:commitments_actionplan_template")
        assert template in client.get(self.upload_address).content.decode()
        for address, name in ((export, "nap-8.xlsx"), (template, "plan-template.xlsx")):
            response = client.get(address)
            assert response["Content-Disposition"] == f'attachment; filename="{name}"'
            titles = {sheet.title for sheet in read_workbook(response.content).sheets}
            assert {"Plan - Төлөвлөгөө", "Milestones - Үе шат"} <= titles

    def test_a_text_that_fits_into_no_cell_is_said_instead_of_cut(self, client, editor, draft):
        ActionPlan.objects.filter(pk=draft.pk).update(making_en="x" * 32_768)
        client.force_login(editor)
        page = client.get(reverse("admin:commitments_actionplan_export", args=[draft.pk]), follow=True)
        assert self.said(page)[0].startswith("A text of more than 32767 characters does not fit into a cell")

    @pytest.mark.parametrize(
        "make", [None, factories.UserFactory, factories.MsfMemberFactory, factories.RepresentativeFactory]
    )
    def test_nobody_else_reaches_any_of_it(self, client, draft, make):
        if make:
            client.force_login(make())
        for name, arguments in (
            ("import", []),
            ("import_preview", ["00000000-0000-0000-0000-000000000000"]),
            ("template", []),
            ("export", [draft.pk]),
        ):
            answer = client.get(reverse(f"admin:commitments_actionplan_{name}", args=arguments))
            assert answer["Location"].startswith(reverse("admin:login"))
