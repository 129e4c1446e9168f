"""The report as one HTML document, made from its canonical JSON alone; the same for paper and for browsers."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from reports.content import Figures, to_json
from reports.cover import draw_plan
from reports.fonts import FILES, font_address
from reports.models import Report

FEW_CODES = 6  # that are named behind a count


@dataclass(frozen=True)
class Part:
    """A section of the document: where it is linked to, what it is called, and the template that prints it."""

    anchor: str
    title: dict[str, str]
    template: str
    content: Any = None
    code: str = ""
    address: str = ""  # of its permanent page on the site
    on_new_page: bool = True


def html_of(canonical: str) -> str:
    """The document of `reports.content.to_json`'s text, complete in itself: styles and fonts are in it.

    Raises FontsMissing.
    """
    figures = json.loads(canonical)
    with translation.override(figures["language"]):
        document = render_to_string(
            "reports/document/document.html",
            {
                "figures": figures,
                "language": figures["language"],
                "parts": outline(figures),
                "plot": draw_plan(figures),
                "differing": [claim for claim in figures["claims"] if claim["differs"] and claim["of_plan"]],
                "few_not_rated": codes if len(codes := figures["not_rated_codes"]) <= FEW_CODES else [],
                "draft_words": _draft_words() if figures["report"]["state"] == "draft" else "",
                "fonts": {weight: font_address(weight) for weight in FILES},
            },
        )
    return document.lstrip()


def _draft_words() -> str:
    """What stands on every page of a draft, in the document's language and then in the other."""
    here = _("Draft")
    with translation.override("en" if translation.get_language() == "mn" else "mn"):
        return f"{here} · {_('Draft')}"


def undated(figures: Figures) -> str:
    """The document without the moment it was made at: equal for two that differ in nothing else."""
    return html_of(to_json(replace(figures, as_of="", as_of_words="")))


def outline(figures: dict[str, Any]) -> list[Part]:
    """The sections in reading order; what the record holds nothing for is left out."""
    language = figures["language"]

    def part(anchor: str, title: str, content: Any = None, on_new_page: bool = True) -> Part:
        template = f"reports/document/_{anchor.replace('-', '_')}.html"
        return Part(anchor, {"text": title, "language": language}, template, content, on_new_page=on_new_page)

    sections = figures["sections"]
    process = [claim for claim in figures["claims"] if claim["of_process"]]
    ratings = [claim for claim in figures["claims"] if not claim["of_process"]]
    held = [meeting for meeting in figures["meetings"] if meeting["in_period"]]
    making = {"meetings": [meeting for meeting in figures["meetings"] if not meeting["in_period"]], "claims": process}
    biannual = figures["report"]["kind"] == Report.Kind.BIANNUAL
    dated = figures["punctuality"]["total"] > figures["punctuality"]["undated"]
    counted = [
        (figures["changes"], part("changes", _("What changed"))),
        (
            figures["differences"] or figures["answering"],
            part("differences", _("Where NGOs and the government differ")),
        ),
        (figures["owed"], part("owed", _("Responses owed"))),
        (dated, part("due", _("Due dates"))),
    ]
    before = [
        *_narrative(sections, ["introduction"]),
        *([part("meetings", _("Meetings held"), held)] if held or biannual else []),
    ]
    if figures["plan"]["making"]["text"] or making["meetings"] or process:
        before.append(part("making", _("How the plan was made"), making))
    before += _narrative(sections, ["how_it_went", "other"])
    if figures["recommendations"]:
        before.append(
            part("recommendations", _("Recommendations of the independent reviewer, and what became of them"))
        )
    if figures["statements"]:
        before.append(part("statements", _("What the plan says of experience, principles and challenges")))
    after = _narrative(sections, ["lessons", "recommendations", "next_steps"])
    if ratings:
        after.append(part("claims", _("Printed and counted"), ratings))
    if figures["comments"]:
        after.append(part("comments", _("Comments received")))
    if figures["corrections"]:
        after.append(part("corrections", _("Corrections")))
    if figures["evidence"]:
        after.append(part("evidence", _("Evidence")))
    after.append(part("sources", _("Sources")))
    if figures["report"].get("checkpoint"):
        after.append(part("checking", _("How to check this report")))
    return [
        part("glance", _("Figures at a glance")),
        *_flowing([found for content, found in counted if content]),
        *_flowing(before),
        *_commitments(figures),
        *_flowing(after),
    ]


def _flowing(parts: list[Part]) -> list[Part]:
    """The first on a new page, the others where the one before ends."""
    return [replace(part, on_new_page=place == 0) for place, part in enumerate(parts)]


def _narrative(sections: list[dict[str, Any]], kinds: list[str]) -> list[Part]:
    return [
        Part(f"section-{place}", section["title"], "reports/document/_narrative.html", section)
        for place, section in enumerate(sections, start=1)
        if section["kind"] in kinds
    ]


def _commitments(figures: dict[str, Any]) -> list[Part]:
    """Each commitment; where they are rated as a whole, the forms of each theme."""
    if not figures["plan"]["rated_as_whole"]:
        return [
            Part(
                f"c{row['code']}",
                row["title"],
                "reports/document/_commitment.html",
                row,
                row["code"],
                row["address"],
                # What is known by its title alone does not fill a page.
                on_new_page=bool(row["milestones"]) or place == 0,
            )
            for place, row in enumerate(figures["commitments"])
        ]
    language = figures["language"]
    without_theme = {"code": "", "title": {"text": _("Commitments"), "language": language}}
    parts = []
    for theme in [*figures["themes"], without_theme]:
        rows = [row for row in figures["commitments"] if row["theme"] == theme["code"]]
        if rows:
            parts.append(Part(f"t{theme['code']}", theme["title"], "reports/document/_forms.html", rows, theme["code"]))
    return parts
