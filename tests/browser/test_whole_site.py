"""Every page that a reader can reach by following links, on the real plans, asked for once.

Each link leads somewhere; each page is light, names itself, and speaks its language. No browser is needed for that; it
runs here because once is enough.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

from django.contrib.auth.models import AnonymousUser
from django.contrib.staticfiles import finders
from django.test import Client

from commitments.models import ActionPlan, Commitment
from reports.organisation_pages import shown_organisations
from tests.ogptracker.test_sitemap import head_of, told

HOST = "http://testserver"
MOST_BYTES = 60_000  # page, styles, pictures and scripts, compressed as they are sent
WEIGHED = {".css", ".js", ".svg", ".html"}  # what the web server compresses; pictures and fonts are
SINGLE_PAGES = 9
RATED_PLANS = 2
VOID = {"area", "base", "br", "circle", "hr", "img", "input", "link", "meta", "path", "rect", "source", "use", "wbr"}
LATIN = re.compile(r"[A-Za-z][A-Za-z'’-]+[A-Za-z]")
NO_WORDS = re.compile(r"\S*\w[.@/]\w\S*|\S*\d\S*")  # hosts, addresses, codes, checksums
# What Mongolian writes in Latin letters: names of formats and standards, and the other language's own name.
KEPT_IN_LATIN = {
    "API", "Atom", "CSV", "English", "Excel", "HTML", "III", "IRM", "JSON", "LibreOffice", "OGP", "OpenAPI", "PDF",
    "SHA", "UTF", "WCAG", "XLSX", "axe", "iCalendar",
}  # fmt: skip


@dataclass
class Visited:
    """One page: what it links to, which fragments it has, its words that are not marked as another language's."""

    markup: str = ""
    links: list[str] = field(default_factory=list)
    ids: set[str] = field(default_factory=set)
    plain: list[str] = field(default_factory=list)


class _Reader(HTMLParser):
    def __init__(self, language: str) -> None:
        super().__init__()
        self.language = language
        self.open: list[tuple[str, str]] = []  # tag, language
        self.page = Visited()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        around = self.open[-1][1] if self.open else self.language
        if tag not in VOID:
            self.open.append((tag, given.get("lang", around)))
        self._note(tag, given)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._note(tag, {name: value or "" for name, value in attrs})

    def handle_endtag(self, tag: str) -> None:
        while tag not in VOID and self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        tag, language = self.open[-1] if self.open else ("", self.language)
        # No language can be given to a part of a title.
        if language == self.language and tag not in {"title", "code"}:
            self.page.plain.append(data)

    def _note(self, tag: str, given: dict[str, str]) -> None:
        if "id" in given:
            self.page.ids.add(given["id"])
        self.page.links += [given[name] for name in ("href", "src") if given.get(name)]


class Site:
    """The public site as an anonymous reader finds it."""

    def __init__(self) -> None:
        self.client = Client()
        self.pages: dict[str, Visited] = {}
        self.broken: list[str] = []

    def walk(self, *starts: str) -> None:
        waiting = [(start, "the sitemap") for start in starts]
        seen = set(starts)
        fragments = []
        while waiting:
            address, of = waiting.pop()
            page = self._ask(address, of)
            if page is None:
                continue
            self.pages[address] = page
            for link in page.links:
                target, fragment = urldefrag(urljoin(HOST + address, link))
                if not target.startswith(HOST):
                    continue
                target = target.removeprefix(HOST) or "/"
                if fragment:
                    fragments.append((target, unquote(fragment), address))
                # Narrowed lists are asked for, and not followed: they link each other without an end.
                if target not in seen and "?" not in address:
                    seen.add(target)
                    waiting.append((target, address))
        for target, fragment, of in fragments:
            if target in self.pages and fragment not in self.pages[target].ids:
                self.broken.append(f"{of} links to {target}#{fragment}, which that page has not")

    def _ask(self, address: str, of: str) -> Visited | None:
        """The page at an address; None for what is no page."""
        if urlsplit(address).path.startswith("/static/"):
            if not finders.find(urlsplit(address).path.removeprefix("/static/")):
                self.broken.append(f"{of} links to {address}, which is not there")
            return None
        response = self.client.get(address, follow=True)
        if response.status_code != 200:
            self.broken.append(f"{of} links to {address}: {response.status_code}")
            return None
        if not response["Content-Type"].startswith("text/html"):
            return None
        markup = response.content.decode()
        language = re.search(r'<html lang="(\w+)"', markup)
        reader = _Reader(language[1] if language else "")
        reader.page.markup = markup
        reader.feed(markup)
        return reader.page


def latin_words(page: Visited) -> Iterator[str]:
    for text in page.plain:
        yield from (word for word in LATIN.findall(NO_WORDS.sub("", text)) if word not in KEPT_IN_LATIN)


def weight(page: Visited) -> int:
    return len(gzip.compress(page.markup.encode())) + sum(weight_of_file(file) for file in files_of(page.markup))


def weight_of_file(path: Path) -> int:
    content = path.read_bytes()
    return len(gzip.compress(content)) if path.suffix in WEIGHED else len(content)


def files_of(markup: str) -> set[Path]:
    """Every file of ours that a browser fetches for a page, and those that the styles refer to."""
    named = re.findall(r'<(?:link|script|img|source)\b[^>]*?(?:href|src)="/static/([^"]+)"', markup)
    files = {Path(str(finders.find(name))) for name in named}
    for style in [file for file in files if file.suffix == ".css"]:
        files |= {(style.parent / name).resolve() for name in re.findall(r'url\("?([^")#]+)"?\)', style.read_text())}
    assert all(file.is_file() for file in files)
    return files


def waited_for(markup: str) -> list[str]:
    """What a browser must fetch before it can paint: a round trip for all of it, if none of it asks for more."""
    styles = re.findall(r'<link\b[^>]*?rel="stylesheet"[^>]*>', markup)
    scripts = re.findall(r"<script\b(?![^>]*\b(?:defer|async)\b)[^>]*>", markup)
    imported = [file.name for file in files_of(markup) if file.suffix == ".css" and "@import" in file.read_text()]
    return [*styles, *scripts, *imported]


def test_every_page_can_be_reached_is_light_names_itself_and_speaks_its_language(loaded_plans: None) -> None:
    addresses = told(Client())
    site = Site()
    site.walk("/en/", "/mn/", *addresses)
    assert site.broken == []

    shown = Commitment.objects.count() + ActionPlan.objects.count() + shown_organisations(AnonymousUser()).count()
    assert len(addresses) == 2 * (SINGLE_PAGES + RATED_PLANS + shown)
    assert set(addresses) - set(site.pages) == set()

    heads = {address: head_of(site.pages[address].markup) for address in addresses}
    assert {address: said for address, said in heads.items() if said["canonical"] != [HOST + address]} == {}
    assert {address: said["robots"] for address, said in heads.items() if said["robots"]} == {}
    assert {address: said for address, said in heads.items() if len(said["description"]) <= 20} == {}
    titles = [said["title"] for said in heads.values()]
    assert sorted({title for title in titles if titles.count(title) > 1}) == []

    weights = {address: weight(site.pages[address]) for address in addresses}
    assert {address: bytes_ for address, bytes_ in weights.items() if bytes_ > MOST_BYTES} == {}

    assert {address for address in addresses if len(waited_for(site.pages[address].markup)) != 1} == set()

    mongolian = {address: page for address, page in site.pages.items() if address.startswith("/mn/")}
    foreign = {address: sorted(set(latin_words(page))) for address, page in mongolian.items()}
    assert {address: words for address, words in foreign.items() if words} == {}


def test_styles_and_scripts_are_weighed() -> None:
    markup = '<link rel="stylesheet" href="/static/css/site.css"><script src="/static/js/answer.js" defer></script>'
    assert {file.name for file in files_of(markup)} == {"site.css", "answer.js"}
    assert weight(Visited(markup)) > 8_000
    assert len(waited_for(markup + '<script src="/static/js/answer.js"></script>')) == 2


def test_words_of_another_language_are_seen_where_they_are_not_marked() -> None:
    reader = _Reader("mn")
    reader.feed(
        '<p>Бүх <b lang="en">Ministry of <i>Finance</i></b> төсөв, mof.gov.mn, PDF, Open <br>Forum</p><p>Үе</p>'
    )
    assert list(latin_words(reader.page)) == ["Open", "Forum"]
