"""What staff write in a report: plain text with headings, lists and emphasis, a small part of Markdown.

One definition for page, HTML and PDF (`as_html`), for data (`as_plain`), and for the form, which refuses what would
come out otherwise than it was meant (`refuse_what_is_lost`). There are no links, pictures or HTML: evidence stands with
the ratings. Whatever is not of the subset is printed as it was typed.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

HINT = _(
    "Plain text. A blank line begins a paragraph; # begins a heading and ## a smaller one; - or 1. begins an entry of "
    "a list; **two stars** make words bold. No links, tables or HTML."
)
BREAK = SafeString("<br>")
DEEPEST = 2  # levels of headings
TOP = 3  # the level of the first of them in a document, where a section's own heading is h2

READER = MarkdownIt("zero").enable(["heading", "list", "emphasis", "newline", "escape"])
# Reads everything that Markdown knows, to find what the subset leaves out.
WHOLE = MarkdownIt("commonmark").enable("table")
LOST: dict[str, str | Promise] = {
    "html_block": _("HTML is not printed as such: write headings with #, lists with -, bold words between two stars."),
    "html_inline": _("HTML is not printed as such: write headings with #, lists with -, bold words between two stars."),
    "link": _("Links do not come out in a report: write the address in words, or put it under the rating it proves."),
    "image": _("Pictures do not come out in a report."),
    "table": _("Tables do not come out in a report: write a list."),
    "fence": _("Blocks of code do not come out in a report: take the marks away."),
    "code_block": _("Lines that begin with four blanks would not stand apart: take the blanks away."),
    "code_inline": _("Words between backticks do not come out apart: use two stars to make them bold."),
    "blockquote": _("Lines that begin with > do not come out as a quotation: use quotation marks."),
    "hr": _("A line of signs alone is not printed as a rule: use a heading."),
}


def _tree(text: str) -> SyntaxTreeNode:
    return SyntaxTreeNode(READER.parse(text))


def refuse_what_is_lost(text: str) -> None:
    """Refuse what is written for a richer reader than a report is, saying on which line it stands."""
    sentences = list(dict.fromkeys(_lost(text)))
    if sentences:
        say = _("Line %(line)d: %(what)s")
        raise ValidationError([ValidationError(say, params={"line": line, "what": what}) for line, what in sentences])


def _lost(text: str) -> Iterator[tuple[int, str | Promise]]:
    for node in SyntaxTreeNode(WHOLE.parse(text)).walk():
        if node.is_root:
            continue
        block = node
        while not block.map and block.parent and not block.parent.is_root:
            block = block.parent
        line = block.map[0] + 1 if block.map else 1
        if node.type in LOST:
            yield line, LOST[node.type]
        elif node.type == "heading" and not node.markup.startswith("#"):
            yield line, LOST["hr"]
        elif node.type == "heading" and len(node.markup) > DEEPEST:
            yield line, _("Headings have two levels: # and ##.")


def as_html(text: str, *, top: int = TOP) -> SafeString:
    """The text as HTML: ``p``, ``ul``, ``ol``, ``li``, ``strong``, ``br``, and headings from level ``top`` on."""
    written, above = [], top - 1
    for node in _tree(text).children:
        if node.type == "heading":
            # No level is left out on the way down, whatever was typed.
            above = min(top + min(len(node.markup), DEEPEST) - 1, above + 1)
            written.append(format_html("<h{}>{}</h{}>", above, _inside(node), above))
        else:
            written.append(_html(node))
    return _joined(written)


def _joined(parts: list[SafeString]) -> SafeString:
    return format_html_join("", "{}", ((part,) for part in parts))


def _inside(node: SyntaxTreeNode) -> SafeString:
    return _joined([_html(child) for child in node.children])


def _html(node: SyntaxTreeNode) -> SafeString:
    inside = _inside(node) if node.children else conditional_escape(node.content if node.type == "text" else "")
    match node.type:
        case "paragraph":
            return inside if node.hidden else format_html("<p>{}</p>", inside)
        case "heading":  # inside a list
            return format_html("<p><strong>{}</strong></p>", inside)
        case "bullet_list":
            return format_html('<ul class="points">{}</ul>', inside)
        case "ordered_list":
            return format_html('<ol class="numbered" start="{}">{}</ol>', node.attrs.get("start", 1), inside)
        case "list_item":
            return format_html("<li>{}</li>", inside)
        case "strong" | "em":
            return format_html("<strong>{}</strong>", inside)
        case "softbreak" | "hardbreak":
            return BREAK
        case _:
            return SafeString(inside)


def as_plain(text: str) -> str:
    """The text without any marks: a line for each paragraph, heading and entry, blank lines between the paragraphs."""
    return "\n\n".join("\n".join(_lines(node)) for node in _tree(text).children)


def _lines(node: SyntaxTreeNode) -> Iterator[str]:
    if node.type not in {"bullet_list", "ordered_list"}:
        yield from _words(node).split("\n")
        return
    for place, item in enumerate(node.children, start=int(node.attrs.get("start", 1))):
        sign = "–" if node.type == "bullet_list" else f"{place}."
        first = True
        for part in item.children:
            for line in _lines(part):
                yield f"{sign} {line}" if first else f"  {line}"
                first = False


def _words(node: SyntaxTreeNode) -> str:
    if node.type in {"softbreak", "hardbreak"}:
        return "\n"
    return "".join(_words(child) for child in node.children) if node.children else node.content
