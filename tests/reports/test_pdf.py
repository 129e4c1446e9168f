"""The PDF read back: whole, tagged, in its letters, with nothing stranded, and the same bytes twice."""

from __future__ import annotations

import functools
import io
import itertools
import re
from pathlib import Path
from typing import Any

import pytest
from fontTools.ttLib import TTFont
from pdfua import validate
from pypdf import PdfReader
from pypdf.generic import DictionaryObject, IndirectObject

from commitments.models import ActionPlan
from reports.content import to_json
from reports.document import html_of
from reports.figures import build_figures
from reports.fonts import FILES, FOLDER
from reports.models import Report
from reports.pdf import RenderingFailed, document_key, pdf_of
from tests import factories

pytestmark = pytest.mark.once

MILLIMETRE = 72 / 25.4
FOOT, HEAD = 24 * MILLIMETRE, (297 - 26) * MILLIMETRE

rendered = functools.cache(pdf_of)  # the same document is rendered once for all tests of a process


def html(slug: str, period: str, language: str) -> str:
    plan = ActionPlan.objects.get(slug=slug)
    report = Report.objects.get(plan=plan, period_code=period)
    figures = build_figures(plan, period, language, report=report)
    # Without the moment, so that tests that make the same document share it.
    document = html_of(to_json(figures))
    return document.replace(figures.as_of_words, "MOMENT")


@pytest.fixture(params=["en", "mn"])
def nap_4_pdf(request: pytest.FixtureRequest, loaded_plans: None) -> tuple[str, bytes]:
    return request.param, rendered(html("nap-4", "2023-final", request.param))


@pytest.fixture
def english_pdf(loaded_plans: None) -> bytes:
    return rendered(html("nap-4", "2023-final", "en"))


def read(pdf: bytes) -> PdfReader:
    return PdfReader(io.BytesIO(pdf))


def bookmarks(reader: PdfReader, outline: list[Any] | None = None, level: int = 1) -> list[tuple[int, Any]]:
    found: list[tuple[int, Any]] = []
    for entry in reader.outline if outline is None else outline:
        if isinstance(entry, list):
            found += bookmarks(reader, entry, level + 1)
        else:
            found.append((level, entry))
    return found


def heights(page: Any) -> list[float]:
    """Where the lines of a page's body stand, in points from its lower edge."""
    found = []

    def note(text: str, page_matrix: list[float], matrix: list[float], _font: Any, _size: Any) -> None:
        if text.strip():
            found.append(matrix[5] * page_matrix[3] + page_matrix[5])

    page.extract_text(visitor_text=note)
    return [height for height in found if FOOT < height < HEAD]


def words_of(pdf: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in read(pdf).pages).split())


# --- what is in it ----------------------------------------------------------------------------------------------------


def test_sections_commitments_and_every_milestone_have_a_bookmark(
    nap_4_pdf: tuple[str, bytes], loaded_plans: None
) -> None:
    entries = bookmarks(read(nap_4_pdf[1]))
    first_level = [entry.title for level, entry in entries if level == 1]
    milestones = [entry.title.split()[0] for level, entry in entries if level == 2]
    assert [title.split()[0] for title in first_level if title[0].isdigit()] == [str(n) for n in range(1, 10)]
    assert len(first_level) == 24
    assert len(milestones) == 53
    assert milestones[:6] == ["1.1", "1.2", "1.3", "1.4", "1.5", "1.6"]


def test_every_milestone_and_rating_can_be_read_in_the_text(english_pdf: bytes, nap_4: ActionPlan) -> None:
    text = words_of(english_pdf)
    for commitment in nap_4.commitments.all():
        for milestone in commitment.milestones.all():
            assert re.sub(r"\s", "", milestone.title_en) in re.sub(r"\s", "", text), milestone.code
    assert "The government rates 38 of 53 milestones completed or substantial." in text
    assert "printed 39, counted 38" in text
    assert text.count("lower by 2") >= 2


def test_pages_are_numbered_of_how_many_and_say_where_and_when(english_pdf: bytes) -> None:
    pages = [page.extract_text() for page in read(english_pdf).pages]
    total = len(pages)
    assert f"/ {total}" not in pages[0]
    for number, text in enumerate(pages[1:], start=2):
        assert f"{number} / {total}" in text
        assert "NAP IV, Final report · Draft" in text
        assert "Record as of MOMENT" in text


def test_page_numbers_in_the_contents_are_right(english_pdf: bytes) -> None:
    reader = read(english_pdf)
    contents = " ".join(reader.pages[1].extract_text().split())
    for level, entry in bookmarks(reader)[1:]:
        if level == 1:
            number = reader.get_destination_page_number(entry) + 1
            ending = re.escape(entry.title.split(" ", 1)[-1][-20:])
            assert re.search(rf"{ending} ?{number}\b", contents.replace("\xa0", " ")), entry.title


def test_cyrillic_can_be_read_and_searched(db: None) -> None:
    milestone = factories.MilestoneFactory(title_mn="Өөрчлөлтийг үндэслэлтэй, ӨМНӨХ ҮЕИЙН ёсоор 100 ₮")
    factories.PublishedPeriodFactory(plan=milestone.commitment.plan)
    figures = build_figures(milestone.commitment.plan, "2025-Q1", "mn")
    assert milestone.title_mn in words_of(pdf_of(html_of(to_json(figures))))


def test_no_letter_is_missing_in_the_fonts(nap_4_pdf: tuple[str, bytes]) -> None:
    language, _pdf = nap_4_pdf
    letters = {
        character
        for slug, period in (("nap-4", "2023-final"), ("nap-1", "2016-final"))
        for character in re.sub(r"<style[^>]*>.*?</style>", "", html(slug, period, language), flags=re.DOTALL)
        if not character.isspace()
    }
    for name in FILES.values():
        cmap = TTFont(Path(FOLDER) / name).getBestCmap()
        assert {letter for letter in letters if ord(letter) not in cmap} == set()


# --- how it is made ---------------------------------------------------------------------------------------------------


def test_it_is_tagged_titled_and_in_its_language(nap_4_pdf: tuple[str, bytes]) -> None:
    language, pdf = nap_4_pdf
    reader = read(pdf)
    root: Any = reader.trailer["/Root"]
    assert root["/Lang"] == language
    assert root["/MarkInfo"]["/Marked"].value is True
    assert root["/ViewerPreferences"]["/DisplayDocTitle"].value is True
    assert reader.metadata is not None
    assert (reader.metadata.title or "").partition(": ")[2].startswith("National Action Plan IV, 2021-2023: ")
    assert reader.metadata.author
    assert reader.metadata.subject
    assert reader.page_labels[:2] == ["1", "2"]


def test_it_passes_the_accessibility_rules(nap_4_pdf: tuple[str, bytes], tmp_path: Path) -> None:
    file = tmp_path / "report.pdf"
    file.write_bytes(nap_4_pdf[1])
    assert [f"{finding.rule_id}: {finding.message}" for finding in validate(str(file)).findings] == []


def test_every_drawing_says_what_it_shows_and_headings_go_down_by_one(english_pdf: bytes) -> None:
    figures, headings = [], []

    def walk(element: Any) -> None:
        element = element.get_object() if isinstance(element, IndirectObject) else element
        if isinstance(element, list):
            for child in element:
                walk(child)
        elif isinstance(element, DictionaryObject) and "/S" in element:
            if element["/S"] == "/Figure":
                figures.append(element.get("/Alt"))
            if re.fullmatch(r"/H\d", element["/S"]):
                headings.append(int(element["/S"][2]))
            walk(element.get("/K", []))

    walk(read(english_pdf).trailer["/Root"]["/StructTreeRoot"]["/K"])
    assert len(figures) > 53
    assert [alternative for alternative in figures if not alternative] == []
    assert headings[0] == 1
    assert max(after - before for before, after in itertools.pairwise(headings)) == 1


def test_its_two_fonts_are_embedded(english_pdf: bytes) -> None:
    embedded = {}
    for page in read(english_pdf).pages:
        resources: Any = page["/Resources"]
        for font in resources.get("/Font", {}).values():
            descriptor = font["/DescendantFonts"][0]["/FontDescriptor"]
            name = font["/BaseFont"].split("+")[1]
            embedded[name] = any(key.startswith("/FontFile") for key in descriptor)
    assert embedded == {"Noto-Sans": True, "Noto-Sans-Bold": True}


def test_no_heading_is_stranded_at_a_pages_foot(nap_4_pdf: tuple[str, bytes]) -> None:
    reader = read(nap_4_pdf[1])
    stranded = []
    for level, entry in bookmarks(reader):
        page = reader.pages[reader.get_destination_page_number(entry)]
        below = [height for height in heights(page) if height < float(entry.top) - 12]
        # A milestone has its agencies, and at least who rated it, how, and the first line of why.
        if len({round(height) for height in below}) < (5 if level == 2 else 3):
            stranded.append(entry.title)
    assert stranded == []


def test_no_page_is_left_nearly_empty(nap_4_pdf: tuple[str, bytes]) -> None:
    pages = read(nap_4_pdf[1]).pages
    lines = [len({round(height) for height in heights(page)}) for page in pages]
    assert [number for number, count in enumerate(lines, start=1) if count < 6] == []


def test_contents_and_figures_at_a_glance_fill_one_page_each(nap_4_pdf: tuple[str, bytes]) -> None:
    reader = read(nap_4_pdf[1])
    starts = [reader.get_destination_page_number(entry) for level, entry in bookmarks(reader) if level == 1]
    assert starts[:4] == [1, 2, 3, 4]  # contents, glance, differences, and what follows them


def test_equal_documents_are_equal_bytes(english_pdf: bytes, loaded_plans: None) -> None:
    document = html("nap-4", "2023-final", "en")
    assert pdf_of(document) == english_pdf
    assert document_key(document) in str(read(english_pdf).trailer["/ID"])


def test_a_document_that_asks_for_an_address_is_not_made() -> None:
    with pytest.raises(RenderingFailed, match=r"asked for file:///etc/hostname"):
        pdf_of('<!doctype html><html lang="en"><title>t</title><img alt="a" src="file:///etc/hostname"></html>')


def test_a_document_that_cannot_be_printed_whole_is_not_made() -> None:
    with pytest.raises(RenderingFailed, match="lang"):
        pdf_of("<!doctype html><html><title>t</title><p>In which language?</p></html>")


@pytest.mark.parametrize("language", ["en", "mn"])
def test_a_title_with_lost_words_breaks_where_its_lines_are_full(loaded_plans: None, language: str) -> None:
    pdf = rendered(html("nap-1", "2016-final", language))
    lines = [line.strip() for page in read(pdf).pages for line in page.extract_text().splitlines()]
    first = lines.index("Strengthen the capacity of citizens by implementing certain projects to enhance legal")
    assert lines[first + 1] == "[knowledge of] target groups using simple lan[guage]"
