"""Spreadsheets in and out: read with bounds and as text, written so that no text is ever a formula."""

from commitments.workbooks.columns import Column, code_of, in_both, in_both_languages
from commitments.workbooks.preview import Change, Preview, Refused, RowChange, Upload, carry_out, roll_back
from commitments.workbooks.reading import Problem, ReadWorkbook, Row, Sheet, Table, read_workbook, sheet_title
from commitments.workbooks.writing import add_instructions, add_table, new_workbook, put, to_bytes

__all__ = [
    "Change",
    "Column",
    "Preview",
    "Problem",
    "ReadWorkbook",
    "Refused",
    "Row",
    "RowChange",
    "Sheet",
    "Table",
    "Upload",
    "add_instructions",
    "add_table",
    "carry_out",
    "code_of",
    "in_both",
    "in_both_languages",
    "new_workbook",
    "put",
    "read_workbook",
    "roll_back",
    "sheet_title",
    "to_bytes",
]
