"""The report's content on paper: text with its language, paragraphs and lists, drawings from codes and counts."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from typing import Any

from django import template
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from assessments.counts import Tally
from assessments.drawings import OFF_SCALE, Bar, Spine, Voice, draw_bar, draw_spine
from assessments.findings import gap_words
from commitments.localised import marked
from reports.narrative import as_html

register = template.Library()

# The blank before them goes into their span: the engine breaks a line at the wrong place where a span begins after a
# blank near the line's end (WeasyPrint issue 1614).
LOST = re.compile(r"(\s?\[[^\]]*\])")
LONG_SHORT_NAME = 4  # letters that fit under an upright
LONGEST_TAIL = 32  # letters of two words that may be kept together
LONG_VOICE = 800  # characters of one voice from which voices stand below each other and may run over pages


@register.filter
def worded(text: dict[str, str], language: str) -> SafeString:
    """A text, marked as such where it is in another language; words lost in its source are set apart."""
    parts = [
        format_html('<span class="lost">{}</span>', part) if LOST.fullmatch(part) else conditional_escape(part)
        for part in LOST.split(text["text"])
    ]
    written = format_html_join("", "{}", ((part,) for part in parts))
    return marked(written, text["language"], language)


@register.filter
def titled(text: dict[str, str], language: str) -> SafeString:
    """A title, whose last two words stay together so that none is alone on the last line."""
    words = text["text"].rsplit(" ", 2)
    tail = words[1:]
    if len(tail) < 2 or len("".join(tail)) > LONGEST_TAIL or any(sign in "".join(tail) for sign in "[]"):
        return worded(text, language)
    head = worded({"text": words[0], "language": language}, language)
    together = format_html("{} {}\N{NO-BREAK SPACE}{}", head, *tail)
    return marked(together, text["language"], language)


@register.filter
def with_more_than_published(answers: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The periods in which something else became of an answer than publication, or a response is awaited."""
    return [row for row in answers if row["received"] != row["published"] or row["unanswered"]]


@register.filter
def narrative(text: str) -> SafeString:
    """What staff wrote, with its headings, lists and emphasis."""
    return as_html(text)


@dataclass(frozen=True)
class Block:
    is_list: bool
    lines: tuple[str, ...]


@register.filter
def blocks(text: str) -> list[Block]:
    """Paragraphs, and lists where lines begin with "- "; other line breaks stay line breaks."""
    found: list[Block] = []
    for paragraph in re.split(r"\n\s*\n", text.strip()):
        for line in paragraph.splitlines():
            item = line.removeprefix("- ") if line.startswith("- ") else None
            fresh = line is paragraph.splitlines()[0]
            if found and not fresh and found[-1].is_list == (item is not None):
                found[-1] = Block(found[-1].is_list, (*found[-1].lines, item or line))
            else:
                found.append(Block(item is not None, (item or line,)))
    return found


def _voice(name: str, rated: dict[str, Any]) -> Voice:
    reason = "not_provided" if rated["mark"] == "np" else ""
    return Voice(name, rated["rating"], reason)


def _short(answer: dict[str, Any]) -> str:
    """Who answered, in the few letters that fit below a mark."""
    short = answer["short_name"]
    return short if 0 < len(short) <= LONG_SHORT_NAME else _("NGO")


def draw_subject(subject: dict[str, Any], review: str | None = None, *, every: bool = False) -> Spine:
    """The spine of a subject, from its codes; `review` is the reviewer's rating of the commitment."""
    government = subject["government"]
    return draw_spine(
        subject["code"],
        _voice(_("Gov"), government["rated"]) if government else None,
        [_voice(_short(answer), answer["rated"]) for answer in subject["answers"] if answer["is_verdict"]],
        review,
        every=every,
    )


@dataclass(frozen=True)
class Upright:
    """A spine with the raters named below it: close to the steps, or below what is off the scale."""

    spine: Spine
    is_low: bool  # something is off the scale

    @property
    def label_height(self) -> int:
        return 72 if self.is_low else 56

    @property
    def height(self) -> int:
        return self.label_height + 2


@register.simple_tag
def upright(subject: dict[str, Any], review: str | None = None) -> Upright:
    drawn = draw_subject(subject, review, every=True)
    return Upright(drawn, any(placed.level == OFF_SCALE for placed in drawn.marks))


@register.simple_tag
def example_spine(example: dict[str, Any]) -> Spine:
    answer = example["answer"]
    return draw_spine(
        example["code"],
        _voice(_("Gov"), example["government"]),
        [_voice(_("NGO"), answer)] if answer else [],
        example["review"],
    )


@register.simple_tag
def bar(tally: dict[str, Any], length: float) -> Bar:
    counts = {rating["rating"]: rating["count"] for rating in tally["ratings"]}
    return draw_bar(Tally(tally["total"], counts, tally["not_provided"]), length)


@register.filter
def shape(mark: str) -> str:
    """What a mark looks like, for readers who do not see it; the rating's word stands beside it."""
    return {
        "green": _("full disc"),
        "done": _("disc with a tick"),
        "amber": _("half-filled diamond"),
        "red": _("crossed square"),
        "np": _("struck ring"),
    }.get(mark, _("dotted ring"))


@register.filter
def chip(gap: int) -> str:
    """The arrows and words of a gap."""
    arrows = ("▼" if gap < 0 else "▲") * abs(gap)
    return f"{arrows} {gap_words(gap)}" if gap else f"= {gap_words(0)}"


@register.filter
def is_long(subject: dict[str, Any]) -> bool:
    """Whether a voice is too long for two columns, which cannot run over a page."""
    government = subject["government"] or {}
    texts = [_length(government, "evidence", "challenges", "next_steps")]
    for answer in subject["answers"]:
        responses = sum(_length(response, "reason") for response in answer["responses"])
        texts.append(_length(answer, "recommendation", "justification", "condition") + responses)
    return max(texts) > LONG_VOICE


def _length(voice: dict[str, Any], *parts: str) -> int:
    return sum(len(voice[part]["text"]) for part in parts if part in voice)


@register.filter
def numbered(subject: dict[str, Any]) -> list[dict[str, Any]]:
    """The answers with the number that stands under their mark, where several have one."""
    several = sum(answer["is_verdict"] for answer in subject["answers"]) > 1
    numbers = itertools.count(1)
    return [
        {"answer": answer, "number": next(numbers) if several and answer["is_verdict"] else None}
        for answer in subject["answers"]
    ]


@register.filter
def in_pairs(rows: list[Any]) -> list[list[Any]]:
    return [rows[start : start + 2] for start in range(0, len(rows), 2)]


@register.filter
def with_keys(fields: list[dict[str, Any]], keys: str) -> list[dict[str, Any]]:
    """The filled entries of a form that are named, in the form's order."""
    return [field for field in fields if field["key"] in keys.split()]
