"""Spreadsheets as text: what stands in cells, under which headings, and how they are written."""

import datetime
import io

import pytest
from django.core.exceptions import ValidationError
from openpyxl import Workbook, load_workbook

from commitments.workbooks import (
    Column,
    Problem,
    Row,
    add_instructions,
    add_table,
    new_workbook,
    put,
    read_workbook,
    to_bytes,
)
from tests.workbook_files import saved, workbook_of

NAMES = ("Rows", "Мөр")
CODE = Column("code", ("Code", "Код"), is_required=True, is_locked=True)
TITLE = Column("title", ("Title", "Гарчиг"))
DUE = Column("due", ("Due", "Хугацаа"))
STATE = Column("state", ("State", "Төлөв"), choices=("Open, wide", "Shut"))


def table(*rows, columns=(CODE, TITLE, DUE)):
    return read_workbook(workbook_of(Rows=rows)).table(NAMES, columns)


def texts(read):
    return [dict(row.texts) for row in read.rows]


class TestCells:
    @pytest.mark.parametrize(
        ("value", "text"),
        [
            ("  Нээх  ", "Нээх"),
            ("йога".replace("й", "и\u0306"), "йога"),
            ("one\r\ntwo", "one\ntwo"),
            ("one_x000D_\ntwo", "one\ntwo"),
            (2025, "2025"),
            (3.0, "3"),
            (0.5, "0.5"),
            (True, "TRUE"),
            (datetime.date(2024, 1, 31), "2024-01-31"),
            (datetime.datetime(2024, 1, 31, 10, 30), "2024-01-31 10:30:00"),  # noqa: DTZ001 (a cell knows no zone)
        ],
    )
    def test_a_value_is_read_as_it_would_be_typed(self, value, text):
        assert texts(table(["Code", "Title"], ["1", value])) == [{"code": "1", "title": text}]

    def test_a_number_is_read_with_the_decimals_it_shows(self):
        book = Workbook()
        sheet = book.active
        sheet.title = "Rows"
        sheet.append(["Code"])
        sheet.append([1.1])
        sheet["A2"].number_format = "0.00"
        assert texts(read_workbook(saved(book)).table(NAMES, [CODE])) == [{"code": "1.10"}]

    def test_text_that_looks_like_a_formula_is_text(self):
        book = Workbook()
        sheet = book.active
        sheet.title = "Rows"
        sheet.append(["Code", "Title"])
        put(sheet["A2"], "1")
        put(sheet["B2"], "=1+1")
        assert texts(read_workbook(saved(book)).table(NAMES, [CODE, TITLE])) == [{"code": "1", "title": "=1+1"}]

    @pytest.mark.parametrize(
        ("value", "sentence"),
        [
            ("=1+1", "The cell holds a formula. Put its value there instead."),
            ("#REF!", "The cell holds an error (#REF!)."),
            (
                "a\ufdd0b",
                "The text contains a character that cannot be stored (code U+FDD0). Remove it and try again.",
            ),
        ],
    )
    def test_what_is_no_text_is_named_by_row_and_column(self, value, sentence):
        read = table(["Code", "Title"], ["1", "fine"], ["2", value])
        assert read.problems == (Problem("Rows", 3, "Title", sentence),)

    def test_what_stands_in_other_columns_is_nobodys_business(self):
        read = table(["Code", "Our sum"], ["1", "=1+1"])
        assert (texts(read), read.problems, read.unread) == ([{"code": "1"}], (), ("Our sum",))


class TestHeadings:
    @pytest.mark.parametrize("headings", [["Код", "Гарчиг"], ["CODE", "title"], ["Code\nКод", "Title\nГарчиг"]])
    def test_either_language_is_understood_in_any_case(self, headings):
        assert texts(table(headings, ["1", "Open it"])) == [{"code": "1", "title": "Open it"}]

    def test_columns_stand_in_any_order_below_a_title_of_their_own(self):
        read = table(["Our plan"], [], ["Title", "Code"], ["Open it", "1"], [None, None], ["Shut it", "2"])
        assert read.rows == (
            Row(4, {"title": "Open it", "code": "1"}),
            Row(6, {"title": "Shut it", "code": "2"}),
        )

    def test_a_column_that_is_missing_is_no_empty_column(self):
        assert texts(table(["Code"], ["1"])) == [{"code": "1"}]

    def test_a_column_that_is_needed_is_asked_for(self):
        assert table(["Title"], ["x"]).problems == (Problem("Rows", 1, "Code", "There is no such column."),)

    def test_a_column_that_stands_there_twice_is_a_problem(self):
        read = table(["Code", "Title", "Гарчиг"], ["1", "a", "b"])
        assert read.problems == (Problem("Rows", 1, "Title", "The column stands there twice."),)

    def test_text_beside_the_table_is_a_problem(self):
        read = table(["Code", "Title"], ["1", "a", None, "b"])
        sentence = "There is something in column D, which has no heading."
        assert read.problems == (Problem("Rows", 2, "", sentence),)


class TestSheets:
    def book(self):
        book = Workbook()
        sheet = book.active
        sheet.title = "Rows"
        sheet.append(["Code", "Title"])
        sheet.append(["1", "a"])
        return book, sheet

    def problems(self, book):
        return read_workbook(saved(book)).table(NAMES, [CODE, TITLE]).problems

    def test_a_missing_sheet_is_asked_for(self):
        book, sheet = self.book()
        sheet.title = "Sheet1"
        assert self.problems(book) == (Problem("", 0, "", "There is no sheet “Rows - Мөр”."),)
        assert read_workbook(saved(book)).unread_sheets([NAMES]) == ("Sheet1",)

    def test_an_empty_one_is_said_to_be_empty(self):
        book = Workbook()
        book.active.title = "Rows"
        assert self.problems(book) == (Problem("Rows", 0, "", "The sheet is empty."),)

    def test_a_hidden_one_is_not_read_unseen(self):
        book, sheet = self.book()
        book.create_sheet("Other")
        sheet.sheet_state = "hidden"
        assert self.problems(book) == (Problem("Rows", 0, "", "The sheet is hidden. Show it, or delete it."),)

    def test_merged_cells_are_named(self):
        book, sheet = self.book()
        sheet.merge_cells("A2:B2")
        assert self.problems(book) == (Problem("Rows", 0, "", "The cells A2:B2 are merged. Split them."),)

    def test_either_name_will_do(self):
        book, sheet = self.book()
        sheet.title = "МӨР"
        assert self.problems(book) == ()


class TestWriting:
    def written(self):
        book = new_workbook()
        add_instructions(book, ("Read this first", "Эхлээд унших"), [("How", "Яаж"), ("=HYPERLINK(1)", "б")])
        rows = [{"code": "1.1", "title": "=1+1\nb", "state": "Shut"}, {"code": "1.10", "title": "@x", "state": ""}]
        add_table(book, NAMES, [CODE, TITLE, STATE], rows)
        return to_bytes(book)

    def test_what_is_written_is_read_again(self):
        assert texts(read_workbook(self.written()).table(NAMES, [CODE, TITLE, STATE])) == [
            {"code": "1.1", "title": "=1+1\nb", "state": "Shut"},
            {"code": "1.10", "title": "@x", "state": ""},
        ]

    def test_no_cell_is_a_formula_and_none_becomes_one_when_it_is_edited(self):
        book = load_workbook(io.BytesIO(self.written()))
        cells = [cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row if cell.value]
        assert {cell.data_type for cell in cells} == {"s"}
        assert [cell.value for cell in cells if cell.quotePrefix] == ["=HYPERLINK(1)", "=1+1\nb", "@x"]
        assert {cell.number_format for row in book["Rows - Мөр"]["A2:C3"] for cell in row} == {"@"}

    def test_locked_columns_are_locked_and_the_others_are_not(self):
        sheet = load_workbook(io.BytesIO(self.written()))["Rows - Мөр"]
        assert (sheet.protection.sheet, sheet.protection.password) == (True, None)
        assert [cell.protection.locked for cell in sheet[2]] == [True, False, False]
        assert sheet.freeze_panes == "B2"
        assert [cell.value for cell in sheet[1]] == ["Code\nКод", "Title\nГарчиг", "State\nТөлөв"]

    def test_a_drop_down_offers_its_choices_commas_included(self):
        book = load_workbook(io.BytesIO(self.written()))
        rule = book["Rows - Мөр"].data_validations.dataValidation[0]
        assert (rule.type, str(rule.sqref), rule.formula1) == ("list", "C2:C3", "=Lists!$A$1:$A$2")
        assert [row[0] for row in book["Lists"].values] == ["Open, wide", "Shut"]
        assert [(sheet.title, sheet.sheet_state) for sheet in book.worksheets] == [
            ("Read this first - Эхлээд унших", "visible"),
            ("Rows - Мөр", "visible"),
            ("Lists", "hidden"),
        ]

    def test_a_text_that_no_cell_holds_is_not_cut(self):
        with pytest.raises(ValidationError) as refused:
            add_table(new_workbook(), NAMES, [CODE], [{"code": "x" * 32_768}])
        assert refused.value.messages[0].startswith("A text of more than 32767 characters does not fit into a cell")
