"""A quarter as a workbook: what is in it, what comes back, and what is refused by row and column."""

import io

import pytest
from django.core.exceptions import PermissionDenied
from openpyxl import load_workbook

from assessments import lifecycle
from assessments.entry import form_for, save_entry
from assessments.models import Evidence, SelfAssessment
from assessments.quarter_import import import_quarter, preview_quarter
from assessments.quarter_workbook import agency_workbook, columns, quarter_workbook
from commitments.workbooks import Change, Refused, RowChange, Upload, read_workbook
from tests import factories
from tests.workbook_files import edited, workbook_of

SHEET = "Ratings - Үнэлгээ"
LIMITED = "Limited progress - Хязгаарлагдмал ахицтай"


@pytest.fixture
def period(db):
    return factories.OpenPeriodFactory(plan=factories.ActionPlanFactory(slug="nap-8", title_en="Plan VIII"))


@pytest.fixture
def steps(period):
    """Three milestones: 1.1 and 1.2 of one commitment, 1.10."""
    commitment = factories.CommitmentFactory(plan=period.plan, code="1")
    return [
        factories.MilestoneFactory(commitment=commitment, code=code, title_en=f"Step {code}", title_mn="=Алхам")
        for code in ("1.1", "1.2", "1.10")
    ]


def place(period, key, row):
    """The cell of a column in a row: ``G2``."""
    keys = [column.key for column in columns(period)]
    return f"{chr(65 + keys.index(key))}{row}"


def filled(period, *cells, content=None):
    """The quarter's workbook with some cells filled in: ``(row, key, value)``."""
    content = content or quarter_workbook(period)
    changes = {(SHEET, place(period, key, row)): value for row, key, value in cells}
    return Upload("quarter.xlsx", edited(content, changes))


def texts(problems):
    return [str(problem) for problem in problems]


def entered(period, step, by, **words):
    form = form_for(period, step)
    data = {bound.name: bound.value() or "" for bound in form} | words
    return save_entry(period, step, data, by=by).instance


class TestWhatIsInIt:
    def test_a_row_for_each_milestone_with_what_was_said_before_beside_it(self, period, steps, editor):
        agency = factories.OrganisationFactory(name_en="Ministry", name_mn="Яам")
        steps[0].agencies.set([agency])
        earlier = factories.PublishedPeriodFactory(
            plan=period.plan, code="2024-Q4", starts_on="2024-10-01", ends_on="2024-12-31"
        )
        factories.PublishedSelfAssessmentFactory(milestone=steps[0], period=earlier)
        entry = entered(period, steps[1], editor, rating="completed_or_substantial", evidence_en="=A law")
        factories.EvidenceFactory(self_assessment=entry, address="https://example.org/law")
        table = read_workbook(quarter_workbook(period)).table(("Ratings", "Үнэлгээ"), columns(period))
        rows = [dict(row.texts) for row in table.rows]
        assert [(row["code"], row["title"], row["period"]) for row in rows] == [
            (code, f"=Алхам\nStep {code}", "nap-8/2025-Q1") for code in ("1.1", "1.2", "1.10")
        ]
        assert (rows[0]["agencies"], rows[0]["before"], rows[0]["rating"], rows[0]["version"]) == (
            "Яам - Ministry",
            f"{LIMITED} (2024-Q4)",
            "",
            "0",
        )
        assert (rows[1]["rating"], rows[1]["evidence_en"], rows[1]["links"], rows[1]["state"]) == (
            "Completed or substantial progress - Бүрэн буюу үндсэндээ хэрэгжсэн",
            "=A law",
            "https://example.org/law",
            "Draft - Ноорог",
        )

    def test_codes_and_titles_are_locked_and_so_is_what_is_submitted(self, period, steps, editor):
        entry = entered(period, steps[1], editor, rating="limited", challenges_en="Money.")
        lifecycle.submit_self_assessment(entry, by=editor)
        sheet = load_workbook(io.BytesIO(quarter_workbook(period)))[SHEET]
        locked = [
            [column.key for column in columns(period) if sheet[place(period, column.key, row)].protection.locked]
            for row in (2, 3)
        ]
        assert sheet.protection.sheet is True
        assert locked[0] == ["code", "title", "agencies", "due", "before", "state", "period", "version"]
        assert locked[1] == [column.key for column in columns(period)]

    def test_the_rating_is_chosen_from_the_plans_own_in_both_languages(self, period, steps):
        book = load_workbook(io.BytesIO(quarter_workbook(period)))
        rules = {str(rule.sqref): rule.formula1 for rule in book[SHEET].data_validations.dataValidation}
        cells = place(period, "rating", 2), place(period, "rating", 4)
        assert rules[":".join(cells)] == "=Lists!$A$1:$A$3"
        assert [book["Lists"][f"A{row}"].value for row in (1, 2, 3)] == [
            "Completed or substantial progress - Бүрэн буюу үндсэндээ хэрэгжсэн",
            LIMITED,
            "Not started or severe delays - Эхлээгүй буюу ноцтой хоцорсон",
        ]

    def test_instructions_come_first_in_both_languages(self, period, steps):
        first = load_workbook(io.BytesIO(quarter_workbook(period))).worksheets[0]
        assert first.title == "Instructions - Заавар"
        assert first["A1"].value == "nap-8/2025-Q1"
        assert all(english.value and mongolian.value for english, mongolian in first.iter_rows())

    def test_an_agency_gets_its_own_rows_and_nothing_of_others(self, period, steps, editor):
        agency, other = factories.OrganisationFactory(), factories.OrganisationFactory(name_en="Secret other ministry")
        steps[0].agencies.set([other])
        steps[2].agencies.set([agency])
        entered(period, steps[0], editor, evidence_en="A secret draft")
        book = read_workbook(agency_workbook(period, agency))
        table = book.table(("Ratings", "Үнэлгээ"), columns(period))
        assert [row.texts["code"] for row in table.rows] == ["1.10"]
        everything = " ".join(
            cell.text for sheet in book.sheets for row in sheet.rows.values() for cell in row.values()
        )
        assert "ecret" not in everything

    def test_a_plan_without_milestones_is_rated_commitment_by_commitment(self, period):
        factories.CommitmentFactory(plan=period.plan, code="7", end_date_text="June")
        table = read_workbook(quarter_workbook(period)).table(("Ratings", "Үнэлгээ"), columns(period))
        assert [(row.texts["code"], row.texts["due"]) for row in table.rows] == [("7", "June")]

    def test_it_asks_as_many_queries_for_three_rows_as_for_one(self, period, django_assert_max_num_queries):
        commitment = factories.CommitmentFactory(plan=period.plan)
        counts = []
        for code in ("1.1", "1.2", "1.3"):
            step = factories.MilestoneFactory(
                commitment=commitment, code=code, agencies=[factories.OrganisationFactory()]
            )
            factories.EvidenceFactory(self_assessment=factories.SelfAssessmentFactory(milestone=step, period=period))
            with django_assert_max_num_queries(20) as asked:
                quarter_workbook(period)
            counts.append(len(asked))
        assert counts[0] == counts[2]


class TestComingBack:
    def test_what_is_downloaded_and_uploaded_changes_nothing(self, period, steps, editor):
        entered(period, steps[0], editor, rating="limited", evidence_mn="Тийм", new_link="https://example.org/a")
        entered(period, steps[1], editor, no_rating_reason="other", no_rating_text="Asked twice.")
        submitted = entered(period, steps[2], editor, rating="limited", challenges_en="Money.")
        lifecycle.submit_self_assessment(submitted, by=editor)
        before = SelfAssessment.history.count()
        preview = import_quarter(filled(period), period, by=editor)
        assert (preview.changes, preview.problems, preview.unchanged) == ([], [], 3)
        assert SelfAssessment.history.count() == before

    def test_what_is_filled_in_becomes_drafts_with_their_origin(self, period, steps, editor):
        upload = filled(
            period,
            (2, "rating", "limited progress"),
            (2, "evidence_mn", "=1+1"),
            (2, "links", "example.org/a\nhttps://example.org/b"),
            (4, "rating", "Үнэлээгүй"),
            (4, "no_rating_reason", "Asked, and none given"),
        )
        preview = preview_quarter(upload, period, by=editor)
        assert preview.changes == [
            RowChange(SHEET, 2, "1.1 Step 1.1", True, (
                Change("Rating", "", LIMITED),
                Change("Evidence in Mongolian", "", "=1+1"),
                Change("Links, one a line", "", "https://example.org/a\nhttps://example.org/b"),
            )),
            RowChange(SHEET, 4, "1.10 Step 1.10", True, (
                Change("Why there is no rating", "", "Asked, and none given - Асуусан боловч үнэлгээ өгөөгүй"),
            )),
        ]  # fmt: skip
        assert texts(preview.warnings) == [
            f"{SHEET}, row 2, Challenges in English: Below green, say what stands in the way."
        ]
        assert not SelfAssessment.objects.exists()
        assert import_quarter(upload, period, by=editor, confirmed=preview.fingerprint).changes == preview.changes
        entry = SelfAssessment.objects.get(milestone=steps[0])
        assert (entry.state, entry.rating, entry.evidence_mn) == ("draft", "limited", "=1+1")
        assert [row.address for row in entry.attachments.all()] == ["https://example.org/a", "https://example.org/b"]
        origin = f"imported from quarter.xlsx (SHA-256 {upload.sha256[:12]})"
        for row in (entry, *entry.attachments.all()):
            assert set(row.history.values_list("history_user", "history_change_reason")) == {(editor.pk, origin)}
        again = import_quarter(upload, period, by=editor)
        assert (again.changes, again.unchanged) == ([], 3)

    def test_a_link_that_is_not_in_the_file_stays(self, period, steps, editor):
        entered(period, steps[0], editor, rating="limited", new_link="https://example.org/a")
        import_quarter(filled(period, (2, "links", None)), period, by=editor)
        assert Evidence.objects.count() == 1

    def test_a_cell_that_was_left_alone_does_not_undo_what_was_entered_meanwhile(
        self, period, steps, editor, publisher
    ):
        entered(period, steps[0], editor, rating="limited", evidence_en="Old", challenges_en="Old")
        content = quarter_workbook(period)
        entered(period, steps[0], publisher, evidence_en="From the site")
        preview = import_quarter(
            filled(period, (2, "challenges_en", "From the file"), content=content), period, by=editor
        )
        assert preview.changes[0].changes == (Change("Challenges in English", "Old", "From the file"),)
        entry = SelfAssessment.objects.get()
        assert (entry.evidence_en, entry.challenges_en) == ("From the site", "From the file")

    def test_where_both_wrote_it_is_said_who_and_shown_what(self, period, steps, editor):
        content = quarter_workbook(period)
        entered(period, steps[0], factories.EditorFactory(name="Bold"), evidence_en="From the site")
        preview = preview_quarter(
            filled(period, (2, "evidence_en", "From the file"), content=content), period, by=editor
        )
        assert preview.changes[0].changes == (Change("Evidence in English", "From the site", "From the file"),)
        assert (
            f"{SHEET}, row 2, Evidence in English: Bold changed this after the file was downloaded: see “before”."
            in (texts(preview.warnings))
        )

    def test_a_rating_drops_a_reason_left_over_as_in_the_form(self, period, steps, editor):
        entered(period, steps[0], editor, no_rating_reason="not_provided")
        upload = filled(period, (2, "rating", LIMITED))
        preview = import_quarter(upload, period, by=editor)
        assert f"{SHEET}, row 2, Why there is no rating: There is a rating, so this is left out." in texts(
            preview.warnings
        )
        entry = SelfAssessment.objects.get()
        assert (entry.rating, entry.no_rating_reason) == ("limited", "")
        assert import_quarter(upload, period, by=editor).changes == []


class TestRefusals:
    def problems(self, upload, period, by):
        with pytest.raises(Refused) as refused:
            import_quarter(upload, period, by=by)
        return texts(refused.value.preview.problems)

    def test_every_problem_is_said_by_row_and_column_and_nothing_is_written(self, period, steps, editor):
        upload = filled(
            period,
            (2, "rating", "green"),
            (2, "links", "javascript:alert(1)"),
            (2, "evidence_en", "==A1"),
            (3, "code", "9.9"),
            (4, "no_rating_reason", "Another reason"),
        )
        assert self.problems(upload, period, editor) == [
            f"{SHEET}, row 2, Evidence in English: The cell holds a formula. Put its value there instead.",
            f"{SHEET}, row 2, Rating: “green” is none of these: Completed or substantial progress; Limited progress; "
            "Not started or severe delays.",
            f"{SHEET}, row 2, Links, one a line: javascript:alert(1): Enter a valid URL. Give a link that begins with "
            "https:// or http://.",
            f"{SHEET}, row 3, Code: Plan VIII has no row “9.9” in this quarter.",
            f"{SHEET}, row 4: Say in words why there is no rating.",
        ]
        assert not SelfAssessment.objects.exists()

    def test_a_good_row_beside_a_bad_one_is_not_written(self, period, steps, editor):
        self.problems(filled(period, (2, "rating", LIMITED), (3, "rating", "green")), period, editor)
        assert not SelfAssessment.objects.exists()

    def test_a_code_stands_once(self, period, steps, editor):
        assert self.problems(filled(period, (3, "code", "1.1")), period, editor) == [
            f"{SHEET}, row 3, Code: This stands in row 2 already."
        ]

    def test_a_file_of_another_quarter_is_refused_with_one_sentence(self, period, steps, editor):
        other = factories.OpenPeriodFactory(
            plan=period.plan, code="2025-Q2", starts_on="2025-04-01", ends_on="2025-06-30"
        )
        assert self.problems(filled(period), other, editor) == [
            f"{SHEET}: This workbook is of nap-8/2025-Q1, and this page of nap-8/2025-Q2."
        ]
        assert self.problems(filled(period, (3, "period", "nap-8/2025-Q2")), period, editor) == [
            f"{SHEET}, row 3, Reporting period: This row is of nap-8/2025-Q2."
        ]

    def test_what_is_submitted_or_published_is_never_touched(self, period, steps, editor, publisher):
        for step in steps[:2]:
            lifecycle.submit_self_assessment(
                entered(period, step, editor, rating="limited", challenges_en="Money."), by=editor
            )
        lifecycle.publish_period(period, by=publisher)
        period.refresh_from_db()
        lifecycle.reopen_period(period, by=publisher, reason="1.10 is missing")
        lifecycle.submit_self_assessment(
            entered(period, steps[2], editor, rating="limited", challenges_en="Time."), by=editor
        )
        upload = filled(period, (2, "evidence_en", "new"), (4, "evidence_en", "new"))
        assert self.problems(upload, period, editor) == [
            f"{SHEET}, row 2: It is published, and the file says something else: a published rating is corrected, not "
            "edited.",
            f"{SHEET}, row 4: It is submitted, and the file says something else: it has to be returned before it can "
            "be changed.",
        ]
        assert set(SelfAssessment.objects.values_list("evidence_en", flat=True)) == {""}

    def test_a_period_that_is_not_open_takes_nothing(self, period, steps, editor, publisher):
        upload = filled(period, (2, "rating", LIMITED))
        lifecycle.publish_period(period, by=publisher)
        assert self.problems(upload, period, editor) == [f"{SHEET}: This period is not open for entry."]

    def test_a_file_without_our_columns_is_told_so(self, period, steps, editor):
        upload = Upload("x.xlsx", workbook_of(Ratings=[["Code", "Rating"], ["1.1", LIMITED]]))
        assert self.problems(upload, period, editor) == ["Ratings, row 1, Reporting period: There is no such column."]

    @pytest.mark.parametrize(
        "make", [factories.UserFactory, factories.MsfMemberFactory, factories.RepresentativeFactory]
    )
    def test_nobody_but_the_support_unit_imports(self, period, steps, make):
        with pytest.raises(PermissionDenied):
            preview_quarter(filled(period), period, by=make())


def test_each_heading_stands_once(period):
    for language in (0, 1):
        labels = [column.labels[language] for column in columns(period)]
        assert sorted(labels) == sorted(set(labels))
