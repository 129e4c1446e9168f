"""The document: complete in itself, text as text, sections in order, no address that anybody could make it fetch."""

from __future__ import annotations

import datetime
import io
import re
from html.parser import HTMLParser
from typing import Any

import pytest
from django.conf import settings
from pypdf import PdfReader

from assessments import lifecycle
from commitments.models import ActionPlan
from reports.content import to_json
from reports.cover import draw_plan
from reports.document import html_of
from reports.engine import FetchRefused, NotPrinted, render
from reports.figures import build_figures
from reports.models import Report, ReportSection
from reports.templatetags.report import blocks, chip, titled, with_more_than_published, worded
from tests import factories

# Ways in which a text could ask for an address, if it were read as anything but text.
SMUGGLED = {
    "image": '<img src="http://127.0.0.1:9/x.png">',
    "stylesheet": '<link rel="stylesheet" href="http://127.0.0.1:9/x.css">',
    "import": '<style>@import url("http://127.0.0.1:9/x.css");</style>',
    "closed style": '</style><style>body { background: url("http://127.0.0.1:9/x.png") }</style>',
    "style attribute": '<p style="background: url(http://127.0.0.1:9/x.png)">text</p>',
    "file": '<img src="file:///etc/passwd">',
    "object": '<object data="http://127.0.0.1:9/x.svg"></object>',
    "embed": '<embed src="http://127.0.0.1:9/x.svg">',
    "svg image": '<svg width="9" height="9"><image href="http://127.0.0.1:9/x.png" width="9" height="9"/></svg>',
    "attachment": '<link rel="attachment" href="file:///etc/passwd">',
    "attached link": '<a rel="attachment" href="file:///etc/passwd">text</a>',
    "font": '<style>@font-face { font-family: x; src: url("http://127.0.0.1:9/x.woff2") } p { font-family: x }</style>',
    "base": '<base href="http://127.0.0.1:9/"><img src="x.png">',
    "data": "<img src=\"data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg'/>\">",
    "content": '<style>p::before { content: url("http://127.0.0.1:9/x.png") }</style><p>text</p>',
    "list": '<ul style="list-style-image: url(http://127.0.0.1:9/x.png)"><li>text</li></ul>',
    "relative": '<img src="x.png">',
}
# These ask for nothing; they would only be read as a template, or leave the attribute they stand in.
INERT = (
    '<svg width="9" height="9"><use href="http://127.0.0.1:9/x.svg#a"/></svg>',
    '<script src="http://127.0.0.1:9/x.js"></script><iframe src="http://127.0.0.1:9/"></iframe>',
    "{{ figures.language }} {% include 'base.html' %}",
    '" onmouseover="x" href="javascript:alert(1)',
    "&lt;b&gt; & <b>",
)


class Tags(HTMLParser):
    """Every element with its attributes, and the styles."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def names(self) -> set[str]:
        return {tag for tag, _attributes in self.found}


def plan_that_says(line: str, text: str) -> ActionPlan:
    """A plan in which every text that a report prints is this one; ``line`` where it must be short."""
    source = factories.SourceDocumentFactory(title_en=line, publisher_en=line, note_en=text)
    plan = factories.ActionPlanFactory(
        title_en=line, making_en=text, adopted_by_en=line, coverage_note_en=text, source=source
    )
    period = factories.PublishedPeriodFactory(plan=plan)
    theme = factories.ThemeFactory(plan=plan, title_en=line)
    commitment = factories.CommitmentFactory(
        plan=plan, theme=theme, title_en=line, problem_en=text, main_objective_en=text, ogp_identifier=line[:20]
    )
    organisation = factories.NgoFactory(name_en=line, short_name=line[:50])
    factories.InvolvementFactory(commitment=commitment, organisation=None, as_printed=line)
    factories.IndependentReviewFactory(commitment=commitment)
    milestone = factories.MilestoneFactory(
        commitment=commitment, title_en=text, due_text=line[:100], note_en=text, agencies=[organisation]
    )
    rating = factories.PublishedSelfAssessmentFactory(
        milestone=milestone, period=period, evidence_en=text, challenges_en=text, next_steps_en=text
    )
    factories.EvidenceFactory(self_assessment=rating, title_en=line, address="https://example.org/?a='&b=(c)")
    answer = factories.PublishedCounterAssessmentFactory(
        milestone=milestone,
        period=period,
        organisation=organisation,
        recommendation=text,
        justification=text,
        condition=text,
    )
    factories.PublishedResponseFactory(counter_assessment=answer, organisation=organisation, reason_en=text)
    factories.CommentFactory(plan=None, milestone=milestone, organisation=organisation, text_en=text)
    factories.CommentFactory(plan=plan, text_en=text)
    factories.PlanStatementFactory(plan=plan, text_en=text)
    factories.ParticipationFactory(
        meeting=factories.MeetingFactory(plan=plan, title_en=line, record_en=text, date_text=line[:100]),
        as_printed=line,
    )
    factories.RecommendationFactory(plan=plan, text_en=text, outcome_en=text, response_en=text, issued_text=line[:100])
    factories.ClaimFactory(plan=plan, label_en=line, printed=line[:50], source_place=line)
    report = factories.ReportFactory(plan=plan, kind=Report.Kind.FINAL, period_code="2025-Q1")
    section = factories.ReportSectionFactory(report=report, title_en=line)
    # Past the form, which refuses what a report would lose.
    ReportSection.objects.filter(pk=section.pk).update(body_en=text)
    return plan


def document_of(plan: ActionPlan, period: str = "2025-Q1", language: str = "en") -> str:
    report = Report.objects.filter(plan=plan, period_code=period).first()
    return html_of(to_json(build_figures(plan, period, language, report=report)))


# --- nothing is fetched -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", SMUGGLED)
def test_the_engine_stops_at_every_address(way: str) -> None:
    # A relative address leads nowhere, since the document has none itself.
    with pytest.raises(NotPrinted if way == "relative" else FetchRefused):
        render(f'<!doctype html><html lang="en"><title>t</title><p>text</p>{SMUGGLED[way]}</html>', "0")


@pytest.mark.django_db
def test_no_text_of_the_record_becomes_markup_or_is_fetched() -> None:
    harmless = Tags(document_of(plan_that_says("Plain words", "Plain words")))
    everything = "\n".join([*SMUGGLED.values(), *INERT])
    html = ""
    for line in in_pieces([*SMUGGLED.values(), *INERT], 190):
        html = document_of(plan_that_says(line, everything))
        tags = Tags(html)
        assert tags.names() == harmless.names()
        assert not tags.names() & {"img", "link", "object", "embed", "image", "use", "base", "script", "iframe"}
        attributes = {name for _tag, own in tags.found for name in own}
        assert attributes <= {name for _tag, own in harmless.found for name in own}
        links = {own["href"] or "" for tag, own in tags.found if tag == "a"}
        away = {link for link in links if not link.startswith(("#", f"{settings.SITE_URL}/en/plans/"))}
    assert away == {"https://example.org/?a='&b=(c)"}
    # The engine meets such a document, and has nothing to refuse.
    assert render(html, "0").startswith(b"%PDF-")


def in_pieces(texts: list[str], length: int) -> list[str]:
    """The texts in as few lines of that length as hold them, since titles may not be longer."""
    pieces = [""]
    for text in texts:
        if len(pieces[-1]) + len(text) > length:
            pieces.append("")
        pieces[-1] = f"{pieces[-1]} {text}".strip()
    return pieces


@pytest.mark.django_db
def test_the_document_needs_no_other_file(nap_4: ActionPlan) -> None:
    html = document_of(nap_4, "2023-final")
    style = html[html.index("<style>") : html.index("</style>")]
    addresses = re.findall(r"url\(([^)]{0,30})", style)
    assert [address[:28] for address in addresses] == ["data:font/woff2;base64,d09GM"] * 2
    assert "@import" not in style
    assert not Tags(html).names() & {"img", "link", "script", "iframe", "object"}
    loaded = [attributes for _tag, attributes in Tags(html).found if {"src", "style", "onload"} & attributes.keys()]
    assert loaded == []


# --- what it says -----------------------------------------------------------------------------------------------------


def test_sections_of_nap_4_stand_in_reading_order(nap_4: ActionPlan) -> None:
    html = document_of(nap_4, "2023-final")
    anchors = re.findall(r'<section class="part[^"]*"\s+id="([^"]+)"', html)
    assert anchors == [
        "contents",
        "glance",
        "differences",
        "due",
        "section-1",
        "making",
        "section-2",
        "section-3",
        "recommendations",
        *(f"c{code}" for code in range(1, 10)),
        "section-4",
        "section-5",
        "claims",
        "comments",
        "evidence",
        "sources",
    ]
    linked = {link.removeprefix("#") for link in re.findall(r'href="(#[^"]+)"', html)}
    assert linked <= set(re.findall(r'id="([^"]+)"', html))


def test_a_draft_says_so_on_its_cover_and_its_pages(nap_4: ActionPlan) -> None:
    draft = document_of(nap_4, "2023-final")
    assert 'data-report="NAP IV, Final report · Draft"' in draft
    assert ('data-draft="Draft · Ноорог"' in draft, '<p class="draft">Draft · Ноорог</p>' in draft) == (True, True)
    assert "<title>Draft: National Action Plan IV" in draft
    without = html_of(to_json(build_figures(nap_4, "2023-final", "en")))
    assert 'data-report="NAP IV, Final report"' in without
    assert "cover__draft" not in without.rsplit("</style>", 1)[1]
    assert ('data-draft=""' in without, "Ноорог" in without) == (True, False)


@pytest.mark.django_db
def test_several_ngos_are_numbered_under_their_marks_and_beside_their_words() -> None:
    milestone = factories.PublishedSelfAssessmentFactory(milestone__code="1.1").milestone
    answers = [
        factories.PublishedCounterAssessmentFactory(
            milestone=milestone, organisation=factories.NgoFactory(name_en=name)
        )
        for name in ("Early Watch", "Late Watch")
    ]
    factories.PublishedCounterAssessmentFactory(
        milestone=milestone,
        rating=None,
        no_rating_reason="comment_only",
        organisation=factories.NgoFactory(name_en="Advice"),
        recommendation="Begin.",
    )

    def numbers(html: str) -> tuple[list[str], list[tuple[str, str]]]:
        below = re.findall(r'y="\d+" text-anchor="middle"[^>]*>([^<]+)</text>', html)
        beside = re.findall(r'<p class="who">(?:<span class="who__number">(\d)</span> )?<b>([^<]+)</b>', html)
        return below, [one for one in beside if one[1] != "Government"]

    below, beside = numbers(document_of(milestone.commitment.plan))
    assert below[-3:] == ["Gov", "1", "2"]
    assert sorted(beside) == [("", "Advice"), ("1", "Early Watch"), ("2", "Late Watch")]
    lifecycle.withhold_counter_assessment(answers[1], by=factories.PublisherFactory(), reason="personal_data")
    below, beside = numbers(document_of(milestone.commitment.plan))
    assert below[-2:] == ["Gov", "NGO"]
    assert ("", "Early Watch") in beside


def test_silence_is_said(nap_4: ActionPlan) -> None:
    html = document_of(nap_4, "2023-final")
    assert html.count("NGO recommendation: not provided") == 53 - 17
    assert html.count("Response of the agency: none recorded") == 12


@pytest.mark.parametrize("slug", ["nap-1", "nap-2", "nap-3", "nap-5"])
@pytest.mark.parametrize("language", ["en", "mn"])
def test_every_plan_has_a_document(loaded_plans: None, slug: str, language: str) -> None:
    plan = ActionPlan.objects.get(slug=slug)
    period = plan.periods.order_by("ends_on").first() or factories.ReportingPeriodFactory(
        plan=plan, code="2019-Q1", starts_on=datetime.date(2019, 1, 1), ends_on=datetime.date(2019, 3, 31)
    )
    html = document_of(plan, period.code, language)
    assert f'<html lang="{language}">' in html
    for commitment in plan.commitments.all():
        assert f'id="c{commitment.code}"' in html


@pytest.mark.django_db
def test_a_very_long_statement_may_run_over_pages() -> None:
    milestone = factories.MilestoneFactory()
    rating = factories.PublishedSelfAssessmentFactory(milestone=milestone)
    plan = milestone.commitment.plan
    assert "milestone--long" not in document_of(plan).rsplit("</style>", 1)[1]
    factories.PublishedCounterAssessmentFactory(
        milestone=milestone, period=rating.period, recommendation="Words, words. " * 900
    )
    html = document_of(plan)
    assert "milestone--long" in html.rsplit("</style>", 1)[1]
    # Nine hundred times two words at half a page's width would be cut off; below each other they run on.
    pages = [page.extract_text() for page in PdfReader(io.BytesIO(render(html, "0"))).pages]
    assert sum(page.count("words.") for page in pages) == 900


# --- text and drawings ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One.", [(False, ("One.",))]),
        ("One,\nstill one.\n\nTwo.", [(False, ("One,", "still one.")), (False, ("Two.",))]),
        ("Before:\n- a\n- b\nafter", [(False, ("Before:",)), (True, ("a", "b")), (False, ("after",))]),
        ("- a\n\n- b", [(True, ("a",)), (True, ("b",))]),
        ("", []),
    ],
)
def test_paragraphs_and_lists_are_told_apart(text: str, expected: Any) -> None:
    assert [(block.is_list, block.lines) for block in blocks(text)] == expected


def test_words_carry_their_language_and_lost_ones_are_set_apart() -> None:
    text = {"text": "[Reco]nstruct <b> […]", "language": "en"}
    lost = '<span class="lost">[Reco]</span>nstruct &lt;b&gt;<span class="lost"> […]</span>'
    assert worded(text, "en") == lost
    assert worded(text, "mn") == f'<span lang="en">{lost}</span>'
    assert worded({"text": "NGOs", "language": ""}, "mn") == "NGOs"


def test_the_last_two_words_of_a_title_stay_together() -> None:
    assert titled({"text": "Law on <Public> Hearing", "language": "en"}, "en") == "Law on &lt;Public&gt;\xa0Hearing"
    assert titled({"text": "Two words", "language": "en"}, "en") == "Two words"
    assert titled({"text": "and system […] orchestration", "language": "en"}, "en").count("\xa0") == 0


def test_a_gap_is_told_in_arrows_and_words() -> None:
    assert [chip(gap) for gap in (-2, -1, 0, 1)] == ["▼▼ lower by 2", "▼ lower by 1", "= agree", "▲ higher by 1"]


def test_the_cover_draws_every_milestone(nap_4: ActionPlan) -> None:
    html = document_of(nap_4, "2023-final")
    figure = html[html.index('<figure class="plot">') : html.index("<figcaption>")]
    drawn = re.findall(r">(\d+\.\d+)</text>", figure)
    assert len(drawn) == 53
    assert drawn[:6] == ["1.1", "1.2", "1.3", "1.4", "1.5", "1.6"]


def test_the_cover_keeps_to_its_page_whatever_the_plan_holds() -> None:
    subject = {"government": None, "answers": []}
    for commitments, milestones in ((1, 1), (4, 20), (12, 14), (30, 3)):
        figures = {
            "plan": {"rated_as_whole": False},
            "commitments": [
                {
                    "code": str(number),
                    "review": {"rating": "limited"},
                    "milestones": [
                        {"subject": {**subject, "code": f"{number}.{step}"}} for step in range(1, milestones + 1)
                    ],
                }
                for number in range(1, commitments + 1)
            ],
        }
        plot = draw_plan(figures)
        assert sum(len(strip.cells) for column in plot.columns for strip in column) == commitments * milestones
        widths = [sum(max(float(strip.shown_width) for strip in column) for column in plot.columns)]
        heights = [sum(float(strip.shown_height) + 7.5 for strip in column) for column in plot.columns]
        assert max(widths) <= 172
        assert max(heights) <= 150


def test_what_became_of_answers_is_told_where_it_is_more_than_publication():
    all_published = {"received": 3, "published": 3, "unanswered": 0}
    one_waits = {"received": 3, "published": 2, "unanswered": 0}
    one_unanswered = {"received": 3, "published": 3, "unanswered": 1}
    assert with_more_than_published([all_published, one_waits, one_unanswered]) == [one_waits, one_unanswered]
