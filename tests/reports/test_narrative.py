"""What staff write in a report: one reading of it for page and paper, for data, and for the form."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError

from reports.narrative import as_html, as_plain, refuse_what_is_lost

WRITTEN = """Оршил
хоёр дахь мөр

- нэг
- *хоёр* ба **гурав**
  - дотор

## Жижиг

# Том

3. гурав
4. дөрөв"""


def test_headings_lists_and_emphasis_become_html_and_no_level_is_left_out() -> None:
    assert as_html(WRITTEN) == (
        "<p>Оршил<br>хоёр дахь мөр</p>"
        '<ul class="points"><li>нэг</li><li><strong>хоёр</strong> ба <strong>гурав</strong>'
        '<ul class="points"><li>дотор</li></ul></li></ul>'
        "<h3>Жижиг</h3><h3>Том</h3>"
        '<ol class="numbered" start="3"><li>гурав</li><li>дөрөв</li></ol>'
    )
    assert as_html("# A\n\n## B\n\n### C") == "<h3>A</h3><h4>B</h4><h4>C</h4>"


def test_as_data_it_is_without_signs() -> None:
    assert as_plain(WRITTEN) == (
        "Оршил\nхоёр дахь мөр\n\n– нэг\n– хоёр ба гурав\n  – дотор\n\nЖижиг\n\nТом\n\n3. гурав\n4. дөрөв"
    )
    assert (as_plain(""), as_html("")) == ("", "")


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        '<img src=x onerror="alert(1)">',
        "[a](javascript:alert(1))",
        "![a](https://example.org/a.png)",
        "<https://example.org>",
        '"><svg onload=alert(1)>',
    ],
)
def test_what_is_not_of_the_subset_is_printed_as_it_was_typed(hostile: str) -> None:
    written = as_html(hostile)
    assert ("<script" in written, "<img" in written, "<svg" in written, "<a" in written) == (False,) * 4
    assert as_plain(hostile) == hostile


@pytest.mark.parametrize(
    ("written", "begins"),
    [
        ("one\n\n<b>two</b>", "Line 3: HTML"),
        ("<div>\none\n</div>", "Line 1: HTML"),
        ("see [the law](https://example.org)", "Line 1: Links"),
        ("see <https://example.org>", "Line 1: Links"),
        ("![seal](https://example.org/a.png)", "Line 1: Pictures"),
        ("|a|b|\n|-|-|\n|1|2|", "Line 1: Tables"),
        ("```\nx\n```", "Line 1: Blocks of code"),
        ("one\n\n    two", "Line 3: Lines that begin with four blanks"),
        ("`two`", "Line 1: Words between backticks"),
        ("> said", "Line 1: Lines that begin with >"),
        ("one\n\n---\n\ntwo", "Line 3: A line of signs"),
        ("one\n---", "Line 1: A line of signs"),
        ("### deep", "Line 1: Headings have two levels"),
    ],
)
def test_the_form_says_what_would_be_lost_and_where(written: str, begins: str) -> None:
    with pytest.raises(ValidationError) as refused:
        refuse_what_is_lost(written)
    assert [sentence.startswith(begins) for sentence in refused.value.messages] == [True]


@pytest.mark.parametrize(
    "plain", [WRITTEN.replace("## ", "# "), "5 < 6 & [lost] […] 2023. он, 74%", "https://example.org/a_b_c", ""]
)
def test_plain_words_pass(plain: str) -> None:
    refuse_what_is_lost(plain)
