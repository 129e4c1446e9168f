"""A plan as a workbook: exported, brought in by the command, and refused where it must be."""

import datetime
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from openpyxl.utils import get_column_letter

from commitments.models import ActionPlan, Commitment, Involvement, Milestone, Theme
from commitments.plan_import import import_plan, preview_plan
from commitments.plan_workbook import plan_sheets, plan_workbook
from commitments.workbooks import Change, Refused, RowChange, Upload, read_workbook
from tests import factories
from tests.plan_files import COMMITMENTS, MILESTONES, PLAN, THEMES, changed, draft_plan, exported, upload_of
from tests.workbook_files import edited, workbook_of


def texts(problems):
    return [str(problem) for problem in problems]


@pytest.fixture
def draft(db):
    return draft_plan()


def history_count():
    tables = (ActionPlan, Theme, Commitment, Involvement, Milestone)
    return sum(model.history.count() for model in tables)


class TestRoundTrip:
    def test_what_is_exported_and_imported_changes_nothing(self, draft, editor):
        before = history_count()
        preview = import_plan(exported(draft), by=editor)
        assert (preview.changes, preview.problems, preview.warnings, preview.kept) == ([], [], [], [])
        assert (preview.unchanged, history_count()) == (5, before)

    def test_so_it_is_with_every_real_plan(self, loaded_plans, publisher):
        for plan in ActionPlan.objects.all():
            preview = preview_plan(exported(plan), by=publisher)
            assert (plan.slug, preview.changes, texts(preview.problems), preview.kept) == (plan.slug, [], [], [])

    def test_a_plan_that_was_exported_can_be_made_anew(self, nap_4, publisher):
        upload = changed(nap_4, PLAN, "A2", "nap-14")
        upload = Upload("x.xlsx", edited(upload.content, {("Plan - Төлөвлөгөө", "B2"): "14"}))
        upload = Upload("x.xlsx", edited(upload.content, {("Plan - Төлөвлөгөө", "P2"): None}))
        titles = {each.title.partition(" - ")[0]: each for each in read_workbook(upload.content).sheets}
        column = next(
            place for place, cell in titles[COMMITMENTS].rows[1].items() if cell.text.startswith("OGP identifier")
        )
        cells = {
            (titles[COMMITMENTS].title, f"{get_column_letter(column)}{row}"): None
            for row in titles[COMMITMENTS].rows
            if row > 1
        }
        upload = Upload("x.xlsx", edited(upload.content, cells))
        written = import_plan(upload, by=publisher)
        made = ActionPlan.objects.get(slug="nap-14")
        assert (made.is_published, written.new_count) == (False, 1 + Theme.objects.filter(plan=made).count() + 9 + 53)
        for model, path in ((Commitment, "plan"), (Milestone, "commitment__plan")):
            fields = [
                field.attname
                for field in model._meta.concrete_fields
                if field.name not in {"id", "plan", "commitment", "theme", "ogp_identifier", "search_text"}
            ]
            old = model.objects.filter(**{path: nap_4}).values_list(*fields)
            new = model.objects.filter(**{path: made}).values_list(*fields)
            assert list(new) == list(old)
        agencies = [set(row.agencies.all()) for row in Milestone.objects.filter(commitment__plan=nap_4)]
        assert [set(row.agencies.all()) for row in Milestone.objects.filter(commitment__plan=made)] == agencies
        assert _involved(made) == _involved(nap_4)

    def test_the_export_asks_as_many_queries_for_three_as_for_one(self, draft, django_assert_num_queries):
        with django_assert_num_queries(11):
            plan_workbook(draft)
        commitment = Commitment.objects.get()
        for code in ("2", "3"):
            other = factories.CommitmentFactory(plan=draft, code=code)
            factories.InvolvementFactory(commitment=other)
            factories.MilestoneFactory(
                commitment=commitment, code=f"{code}.1", agencies=[factories.OrganisationFactory()]
            )
        with django_assert_num_queries(11):
            plan_workbook(draft)


def _involved(plan):
    rows = Involvement.objects.filter(commitment__plan=plan).order_by(
        "commitment__code_order", "role", "position", "pk"
    )
    return [
        (row.commitment.code, row.role, row.organisation_id, row.as_printed if not row.organisation_id else "")
        for row in rows
    ]


class TestWriting:
    def test_a_typed_file_makes_a_plan(self, editor):
        ministry = factories.OrganisationFactory(name_en="Ministry of Order")
        factories.OrganisationAliasFactory(organisation=ministry, name="MoO")
        agency = factories.OrganisationFactory(slug="agency", name_mn="Агентлаг")
        upload = upload_of(
            Themes=[["Code", "Kind", "Title in Mongolian"], ["A", "objective", "Нээлттэй"]],
            Commitments=[
                ["Title in English", "Code", "Theme", "Lead", "Civil society", "Serves civic participation"],
                ["Open it", 1, "A", "moo", "“NGOs”", "Yes"],
            ],
            Milestones=[
                ["Commitment", "Code", "Title in English", "Due, as printed", "Due on", "Implementing agencies"],
                [1, "1.1", "=1+1", 2025, datetime.date(2025, 12, 31), "MoO; агентлаг"],
            ],
        )
        # openpyxl takes a text with an equals sign for a formula; whoever types it into a text cell gets a text.
        upload = Upload("plan.xlsx", edited(upload.content, {(MILESTONES, "C2"): "=1+1"}))
        written = import_plan(upload, by=editor)
        assert [(change.sheet, change.name, change.is_new) for change in written.changes] == [
            (PLAN, "Plan IX", True),
            (THEMES, "A Нээлттэй", True),
            (COMMITMENTS, "1 Open it", True),
            (MILESTONES, "1.1 =1+1", True),
        ]
        milestone = Milestone.objects.get()
        assert (milestone.title_en, milestone.due_text, milestone.ends_on) == (
            "=1+1",
            "2025",
            datetime.date(2025, 12, 31),
        )
        assert set(milestone.agencies.all()) == {ministry, agency}
        commitment = milestone.commitment
        assert (commitment.theme.kind, commitment.value_civic_participation, commitment.value_technology) == (
            "objective",
            True,
            None,
        )
        assert _involved(commitment.plan) == [("1", "civil_society", None, "NGOs"), ("1", "lead", ministry.pk, "")]
        for row in (commitment.plan, commitment.theme, commitment, milestone, *commitment.involvements.all()):
            entries = set(row.history.values_list("history_user", "history_change_reason"))
            assert entries == {(editor.pk, f"imported from plan.xlsx (SHA-256 {upload.sha256[:12]})")}

    def test_twice_is_as_once(self, editor):
        upload = upload_of(
            Commitments=[["Code", "Title in English"], ["1", "Open it"]],
            Milestones=[["Commitment", "Code", "Title in English"], ["1", "1.1", "First"]],
        )
        import_plan(upload, by=editor)
        before = history_count()
        again = import_plan(upload, by=editor)
        assert (again.changes, again.unchanged, history_count()) == ([], 3, before)

    def test_a_difference_is_shown_before_and_after_and_written_alone(self, draft, editor):
        upload = changed(draft, MILESTONES, "C2", "The first")
        expected = [
            RowChange(
                "Milestones - Үе шат", 2, "1.1 The first", False, (Change("Title in English", "First", "The first"),)
            )
        ]
        before = history_count()
        assert preview_plan(upload, by=editor).changes == expected
        assert (Milestone.objects.get(code="1.1").title_en, history_count()) == ("First", before)
        assert import_plan(upload, by=editor).changes == expected
        assert (Milestone.objects.get(code="1.1").title_en, history_count()) == ("The first", before + 1)

    def test_an_empty_cell_empties_and_a_missing_column_leaves(self, draft, editor):
        import_plan(changed(draft, MILESTONES, "G2", None), by=editor)
        milestone = Milestone.objects.get(code="1.1")
        assert (milestone.due_text, milestone.title_en, milestone.agencies.count()) == ("", "First", 2)

    def test_nothing_is_deleted_and_what_is_not_in_the_file_is_named(self, draft, editor):
        upload = Upload(
            "plan.xlsx",
            workbook_of(
                Plan=[["Slug"], ["nap-8"]],
                Commitments=[["Code", "Lead"], ["1", None]],
                Milestones=[["Commitment", "Code"], ["1", "1.1"]],
            ),
        )
        written = import_plan(upload, by=editor)
        assert written.kept == ["1 Open it: Lead, Ministry of Order", "Milestone 1.10 Tenth"]
        assert (written.changes, Milestone.objects.count(), Involvement.objects.count()) == ([], 2, 2)


class TestProblems:
    def problems(self, by=None, **sheets):
        return texts(preview_plan(upload_of(**sheets), by=by).problems)

    def test_every_problem_is_said_at_once_by_row_and_column_and_nothing_is_written(self, editor):
        factories.OrganisationFactory(name_en="Ministry of Finance")
        factories.OrganisationFactory(name_en="Twin", slug="twin-1")
        factories.OrganisationFactory(name_en="Twin", slug="twin-2")
        upload = upload_of(
            Plan=[["Slug", "Title in English", "Starts on", "Ends on", "Rating scale"],
                  ["nap-9", None, "2031-01-01", "soon", "stars"]],
            Themes=[["Code", "Title in English"], ["A!", "x"]],
            Commitments=[["Code", "Title in English", "Lead", "Theme", "Carried over from", "Policy areas"],
                         ["1", "x", "Ministry of Finances\nTwin", "A!", "nap-1/77", "stars"],
                         ["1", "again", None, None, None, None],
                         ["2", None, None, "Z", None, None]],
            Milestones=[["Commitment", "Code", "Title in English", "Source"],
                        ["1", "1.1", "fine", None],
                        ["7", "7.1", "x", "none"],
                        ["2", None, "x", None]],
        )  # fmt: skip
        with pytest.raises(Refused) as refused:
            import_plan(upload, by=editor)
        assert texts(refused.value.preview.problems) == [
            "Plan, row 2, Ends on: Enter a valid date.",
            "Plan, row 2, Rating scale: “stars” is none of these: Traffic light: three ratings; "
            "Completion: four ratings.",
            "Themes, row 2, Code: Letters, numbers, full stops and hyphens only.",
            "Commitments, row 2, Lead: There is no organisation “Ministry of Finances”. "
            "The nearest names: Ministry of Finance. "
            "Several organisations are called “Twin”. Write which one: twin-1, twin-2.",
            "Commitments, row 2, Policy areas: There is no policy area “stars”.",
            "Commitments, row 2, Carried over from: There is no commitment “nap-1/77”.",
            "Commitments, row 3, Code: This stands in row 2 already.",
            "Commitments, row 4, Theme: There is no theme “Z”.",
            "Commitments, row 4: Fill in the text in English, in Mongolian, or in both.",
            "Milestones, row 3, Commitment: There is no commitment “7”.",
            "Milestones, row 3, Source: There is no source document “none”.",
            "Milestones, row 4, Code: This field is required.",
        ]
        assert (ActionPlan.objects.count(), Theme.objects.count(), Commitment.objects.count(), history_count()) == (
            0,
            0,
            0,
            0,
        )

    def test_a_good_row_beside_a_bad_one_is_not_written(self, editor):
        rows = [["Code", "Title in English"], ["1", "fine"], ["2", None]]
        with pytest.raises(Refused):
            import_plan(upload_of(Commitments=rows), by=editor)
        assert not Commitment.objects.exists()

    @pytest.mark.parametrize(
        ("sheets", "problem"),
        [
            ({"Plan": [["Slug"]]}, "Plan: This sheet names one plan, in one row."),
            ({"Plan": [["Slug"], ["a"], ["b"]]}, "Plan: This sheet names one plan, in one row."),
            ({"Milestones": [["Code"]]}, "Milestones, row 1, Commitment: There is no such column."),
            ({"Milestones": []}, "Milestones: The sheet is empty."),
        ],
    )
    def test_a_file_of_another_shape_is_told_what_is_missing(self, db, sheets, problem):
        assert self.problems(**sheets) == [problem]

    def test_what_is_not_read_is_said(self, editor):
        preview = preview_plan(
            upload_of(Commitments=[["Code", "Title in English", "Remark"], ["1", "x", "y"]], Mine=[["z"]]), by=editor
        )
        assert texts(preview.warnings) == [
            "Commitments, Remark: This column is not read.",
            "Mine: This sheet is not read.",
        ]

    def test_a_milestone_never_moves_to_another_commitment(self, draft, editor):
        factories.CommitmentFactory(plan=draft, code="2")
        assert texts(preview_plan(changed(draft, MILESTONES, "A2", "2"), by=editor).problems) == [
            "Milestones - Үе шат, row 2, Commitment: The milestone stands under commitment 1; it never moves."
        ]

    def test_an_organisation_stands_once_in_a_cell(self, editor):
        factories.OrganisationFactory(name_en="Ministry")
        rows = [["Code", "Title in English", "Lead"], ["1", "x", "Ministry\nministry"]]
        assert self.problems(by=editor, Commitments=rows) == [
            "Commitments, row 2, Lead: “ministry” stands there twice."
        ]


class TestRights:
    @pytest.fixture
    def published(self, draft):
        ActionPlan.objects.filter(pk=draft.pk).update(
            published_at=timezone.now(), published_by=factories.PublisherFactory()
        )
        draft.refresh_from_db()
        return draft

    def test_an_editor_does_not_amend_a_published_plan(self, published, editor):
        preview = preview_plan(changed(published, MILESTONES, "C2", "New"), by=editor)
        assert texts(preview.problems) == [
            "Plan - Төлөвлөгөө: This plan is published: a publisher amends it, and says why."
        ]

    def test_a_publisher_does_with_a_reason_that_the_history_keeps(self, published, publisher):
        upload = changed(published, MILESTONES, "C2", "New")
        preview = preview_plan(upload, by=publisher)
        assert (preview.problems, preview.needs_reason) == ([], True)
        with pytest.raises(Refused) as refused:
            import_plan(upload, by=publisher)
        assert texts(refused.value.preview.problems) == [
            "Plan - Төлөвлөгөө: This plan is published: say why it is amended."
        ]
        import_plan(upload, by=publisher, reason="the annex")
        assert Milestone.objects.get(code="1.1").history.first().history_change_reason == (
            f"the annex; imported from nap-8.xlsx (SHA-256 {upload.sha256[:12]})"
        )

    @pytest.mark.parametrize(
        "make", [factories.UserFactory, factories.MsfMemberFactory, factories.RepresentativeFactory]
    )
    def test_nobody_else_writes_a_plan(self, draft, make):
        assert texts(preview_plan(exported(draft), by=make()).problems) == [
            "Plan - Төлөвлөгөө: The support unit alone writes plans."
        ]


class TestCommand:
    def run(self, *arguments):
        out, err = StringIO(), StringIO()
        refused = None
        try:
            call_command("import_plan", *arguments, stdout=out, stderr=err)
        except CommandError as error:
            refused = str(error)
        return out.getvalue().splitlines(), err.getvalue().splitlines(), refused

    @pytest.fixture
    def file(self, tmp_path):
        file = tmp_path / "plan.xlsx"
        file.write_bytes(upload_of(Commitments=[["Code", "Title in English"], ["1", "Open it"]]).content)
        return file

    def test_a_dry_run_prints_and_writes_nothing(self, db, file):
        out, err, refused = self.run(str(file), "--dry-run")
        assert (err, refused, ActionPlan.objects.count()) == ([], None, 0)
        assert out[-4:] == [
            "Commitments, row 2: 1 Open it (new)",
            "  Code: – → 1",
            "  Title in English: – → Open it",
            "Plan IX: 2 new, 0 changed, 0 unchanged. Nothing was written.",
        ]

    def test_it_writes_for_the_one_who_is_named(self, editor, file):
        out, _err, refused = self.run(str(file), "--by", editor.email)
        assert (refused, out[-1]) == (None, "Plan IX: 2 new, 0 changed, 0 unchanged. Written.")
        assert Commitment.objects.get().history.get().history_user == editor

    def test_problems_are_printed_and_are_a_failure(self, db, tmp_path):
        file = tmp_path / "plan.xlsx"
        file.write_bytes(upload_of(Commitments=[["Code", "Title in English"], ["1", None]]).content)
        _out, err, refused = self.run(str(file))
        assert err == ["Commitments, row 2: Fill in the text in English, in Mongolian, or in both."]
        assert (refused, ActionPlan.objects.count()) == ("1 problem. Nothing was written.", 0)

    def test_the_template_and_a_plan_are_handed_out(self, draft, tmp_path):
        file = tmp_path / "out.xlsx"
        assert self.run(str(file), "--template")[2] is None
        assert [sheet.title.partition(" - ")[0] for sheet in read_workbook(file.read_bytes()).sheets][:5] == [
            "Instructions", PLAN, THEMES, COMMITMENTS, MILESTONES,
        ]  # fmt: skip
        assert self.run(str(file), "--export", "nap-8")[2] is None
        assert self.run(str(file))[0][-1] == "Plan VIII: 0 new, 0 changed, 5 unchanged. Nothing was written."

    @pytest.mark.parametrize(
        ("arguments", "sentence"),
        [
            (["nowhere.xlsx"], "nowhere.xlsx cannot be read: No such file or directory."),
            (["out.xlsx", "--export", "nap-0"], "There is no plan nap-0."),
            (["pyproject.toml", "--by", "x@example.org"], "There is no active account x@example.org."),
            (["pyproject.toml"], "Nothing was written. This is not an Excel workbook (XLSX), or it is damaged."),
        ],
    )
    def test_what_cannot_be_is_said(self, db, arguments, sentence):
        assert self.run(*arguments)[2] == sentence


def test_each_heading_stands_once_in_its_sheet(db):
    for sheet in plan_sheets():
        for language in (0, 1):
            labels = [column.labels[language] for column in sheet.columns]
            assert sorted(labels) == sorted(set(labels))
