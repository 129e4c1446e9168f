"""The page of search: everything that is public, in both languages at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from commitments.filters import LONGEST, WordsField
from commitments.localised import LocalisedText
from commitments.words import Asked, asked
from ogptracker.excerpts import excerpt, with_marks
from ogptracker.searched import KINDS, Heading, Kind, part, with_code

AT_A_GLANCE = 5  # results of a kind before one asks for all of them
PER_PAGE = 20


class SearchForm(forms.Form):
    q = WordsField(label=gettext_lazy("Search"), max_length=LONGEST, required=False)


@dataclass(frozen=True)
class Result:
    heading: Heading
    title: SafeString  # with marks
    excerpt: SafeString  # with marks; empty where the title says it all


@dataclass(frozen=True)
class Found:
    kind: Kind
    page: Page  # of all that was found
    results: list[Result]

    @property
    def total(self) -> int:
        return self.page.paginator.count


def search(request: HttpRequest) -> HttpResponse:
    """What has every word that is asked for: by its code first, then the first of each kind; or all of one kind."""
    form = SearchForm(request.GET)
    text = form.cleaned_data["q"] if form.is_valid() else ""
    words = asked(text)
    only = next((kind for kind in KINDS if kind.key == request.GET.get("kind")), None)
    context: dict[str, Any] = {"section": "search", "form": form, "asked": text, "words": words, "only": only}
    if words:
        number = request.GET.get("page") if only else 1
        # What has the very code stands first, and not again among the others.
        first = {} if only else with_code(request.user, text)
        found = [_found(kind, request.user, words, number, only, first) for kind in ([only] if only else KINDS)]
        with_this_code = [part(row) for rows in first.values() for row in rows]
        total = sum(one.total for one in found) + len(with_this_code)
        context |= {
            "finding": _finding(text, total),
            "with_code": with_this_code,
            "found": [one for one in found if one.total],
            "total": total,
            "query": urlencode({"q": text, **({"kind": only.key} if only else {})}),
        }
    return render(request, "ogptracker/search.html", context)


def _found(kind: Kind, user: Any, words: Asked, number: Any, only: Kind | None, first: dict[str, list[Any]]) -> Found:
    rows: Any = kind.found(user, words)
    if shown := first.get(kind.key):
        rows = rows.exclude(pk__in=[row.pk for row in shown])
    page = Paginator(rows, PER_PAGE if only else AT_A_GLANCE).get_page(number)
    return Found(kind, page, [_result(kind, row, words) for row in page.object_list])


def _result(kind: Kind, row: Any, words: Asked) -> Result:
    heading = kind.heading(row)
    title = LocalisedText("", "") if kind.speaks else heading.title
    beside = excerpt(title, kind.texts(row), words, (get_language() or "")[:2])
    return Result(heading, with_marks(heading.title, words), beside)


def _finding(text: str, total: int) -> str:
    if not total:
        return _("Nothing here has all of these words: %(words)s") % {"words": text}
    sentence = ngettext(
        "%(total)d result for these words: %(words)s", "%(total)d results for these words: %(words)s", total
    )
    return sentence % {"total": total, "words": text}
