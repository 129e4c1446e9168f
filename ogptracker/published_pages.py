"""Public answers: kept ready made, compressed and tagged, and never stale (ADR 14).

What anonymous readers get depends on the address, the record (its revision), the date, and which moments have passed;
the finished bytes are kept under these. A hit costs one query, and so does a 304. Whether an answer is public is seen
from the answer, so that there is no list of pages: nobody is signed in, it sets no cookie, holds no form's token, and
states no policy of its own. A view whose answers depend on something else gives them a Cache-Control.
"""

from __future__ import annotations

import datetime
import functools
import gzip
import hashlib
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.cache import caches
from django.core.cache.backends.dummy import DummyCache
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_vary_headers

from commitments.localised import LANGUAGES
from commitments.reading import accepted_language
from commitments.revision import coming_moments, read_revision

GetResponse = Callable[[HttpRequest], HttpResponseBase]

# Always asked of the view, and the answer never kept.
PRIVATE = re.compile(rf"/(admin|evidence|healthz|static|({'|'.join(LANGUAGES)})/(accounts|counter-assessments))(/|$)")
# Knows nobody: the same bytes for everybody, whatever cookies they have (`commitments.reading`).
API = re.compile(r"/api/(v1|schema)/")
LONGEST_QUERY = 300  # characters
LARGEST = 100_000  # bytes, compressed; the store holds some hundred of them
HOUR, DAY = datetime.timedelta(hours=1), datetime.timedelta(days=1)
LASTS = 24 * 60 * 60  # seconds; what is dated yesterday is not asked for again
PUBLIC, CHECKED, NOBODY_KEEPS = "public, max-age=0, must-revalidate", "no-cache", "private, no-store"


@dataclass(frozen=True)
class Page:
    """A finished answer of 200."""

    headers: dict[str, str]
    compressed: bytes
    length: int  # of what was compressed
    tag: str  # of the content; the compressed bytes are another representation, and tagged apart (RFC 9110, 8.8.3)

    def answer(self, request: HttpRequest) -> HttpResponseBase:
        compressed = takes_gzip(request)
        response = HttpResponse(headers=self.headers)
        response["ETag"] = f'"{self.tag}-gzip"' if compressed else f'"{self.tag}"'
        answered = get_conditional_response(request, etag=response["ETag"], response=response)
        if answered is not None and answered is not response:
            return answered  # 304, or 412
        if compressed:
            response["Content-Encoding"] = "gzip"
        response["Content-Length"] = str(len(self.compressed) if compressed else self.length)
        if request.method == "GET":
            response.content = self.compressed if compressed else gzip.decompress(self.compressed)
        return response


def published_pages(get_response: GetResponse) -> GetResponse:
    def middleware(request: HttpRequest) -> HttpResponseBase:
        if not may_be_public(request):
            return _with_policy(get_response(request), NOBODY_KEEPS)
        _normalise_query(request)
        store = caches["pages"]
        # Before anything of the page is read: what is kept under a revision is at least as new as the revision.
        key = None if isinstance(store, DummyCache) else _key(request, store)
        page = store.get(key) if key else None
        if page is None:
            response = _asked_in_full(request, get_response)
            if not isinstance(response, HttpResponse) or not is_public(request, response):
                private = bool(response.cookies) or _holds_a_token(request)
                return _with_policy(response, NOBODY_KEEPS if private else CHECKED)
            page = _finished(request, response)
            if key and len(page.compressed) <= LARGEST:
                store.set(key, page, LASTS)
        return page.answer(request)

    return middleware


def may_be_public(request: HttpRequest) -> bool:
    """Whether it is asked for by nobody in particular, as far as the request tells."""
    if request.method not in {"GET", "HEAD"} or PRIVATE.match(request.path_info):
        return False
    if API.match(request.path_info):
        return True
    # A message for the next page is kept in a cookie or in the session.
    personal = {settings.SESSION_COOKIE_NAME, settings.LANGUAGE_COOKIE_NAME, "messages"}
    return personal.isdisjoint(request.COOKIES) and "HX-Request" not in request.headers


def is_public(request: HttpRequest, response: HttpResponse) -> bool:
    """Whether everybody who asks for the same may have the same."""
    varies = {name.strip().lower() for name in response.get("Vary", "").split(",") if name.strip()}
    # What is decided before the store is asked, and what the key holds.
    known = {"accept-encoding"} if API.match(request.path_info) else {"accept-encoding", "cookie"}
    if not _language_in(request):
        known |= {"accept", "accept-language"}
    return (
        response.status_code == 200
        and varies <= known
        and not response.cookies
        and not _holds_a_token(request)
        and not any(response.has_header(name) for name in ("Cache-Control", "Content-Encoding", "X-Accel-Redirect"))
    )


def takes_gzip(request: HttpRequest) -> bool:
    for offered in request.headers.get("Accept-Encoding", "").lower().split(","):
        coding, _sign, weight = offered.partition(";")
        if coding.strip() == "gzip":
            return not re.fullmatch(r"\s*q\s*=\s*0(\.0*)?\s*", weight)
    return False


def _key(request: HttpRequest, store: Any) -> str | None:
    """What the answer depends on; None for what is not kept: the root, which only leads on and needs no database, and
    addresses so long that nothing links to them.
    """
    accepted = request.headers.get("Accept", "")
    if (
        request.path_info == "/"
        or len(request.META.get("QUERY_STRING", "")) > LONGEST_QUERY
        or len(accepted) > LONGEST_QUERY
    ):
        return None
    request.revision = revision = read_revision()  # type: ignore[attr-defined]
    language = _language_in(request)
    now = timezone.now()
    parts = (
        _made_of(),
        revision,
        timezone.localdate(now),
        _next_change(now, revision, store),
        request.scheme,
        request.get_host(),
        request.path,
        request.META.get("QUERY_STRING", ""),
        language or (accepted_language(request.headers.get("Accept-Language", "")), accepted),
    )
    return "page:" + hashlib.sha256(repr(parts).encode()).hexdigest()


def _language_in(request: HttpRequest) -> str | None:
    """The language at the head of the address, which leaves nothing to what the browser prefers."""
    first = request.path_info.split("/", 2)[1]
    return first if first in LANGUAGES else None


def _normalise_query(request: HttpRequest) -> None:
    """Put the parameters in one order, and leave out empty ones, but under /api/: the API refuses some of them, and its
    documentation asks for its script with one.

    In the request itself: what is kept under the normalised address must not repeat the address of who asked first.
    """
    query = request.META.get("QUERY_STRING", "")
    if not query or len(query) > LONGEST_QUERY:
        return
    normalised = QueryDict(mutable=True)
    keeps_empty = request.path_info.startswith("/api/")
    for name, values in sorted(request.GET.lists()):
        if wanted := [value for value in values if value or keeps_empty]:
            normalised.setlist(name, wanted)
    request.META["QUERY_STRING"] = normalised.urlencode()
    request.GET = QueryDict(request.META["QUERY_STRING"])


def _next_change(now: datetime.datetime, revision: int, store: Any) -> datetime.datetime | None:
    """When the clock next changes what is shown, midnight apart: the record speaks of moments to come.

    One of them passes, or there is a day less until it, or on its last day an hour less. The next change, and not the
    last: processes that looked at different times then say the same.
    """
    key = f"moments:{revision}"
    moments = store.get(key)
    if moments is None:
        moments = coming_moments(now)
        store.set(key, moments, LASTS)
    left = [moment - now for moment in moments if moment > now]
    changes = [until % step or step for until in left for step in [HOUR if until <= DAY else DAY]]
    return now + min(changes) if changes else None


def _made_of() -> str:
    """What makes the pages, settings included: a store may outlive a release, and must not answer with pages of before.

    A developer's machine reads templates anew, so there it is looked at each time.
    """
    return _fingerprint(TEMPLATES) if settings.DEBUG else _fingerprint_once()


TEMPLATES = ("templates/**/*",)
SOURCES = ("ogptracker/**/*.py", "reports/**/*.py", "assessments/**/*.py", "commitments/**/*.py", "locale/*/*/*.mo")


def _fingerprint(patterns: tuple[str, ...]) -> str:
    def files() -> Iterator[Path]:
        for pattern in patterns:
            yield from settings.BASE_DIR.glob(pattern)
        yield from Path(settings.STATIC_ROOT).glob("staticfiles.json")

    found = sorted((str(path), status.st_mtime_ns, status.st_size) for path in files() if (status := path.stat()))
    return hashlib.sha256(repr((found, sorted(os.environ.items()))).encode()).hexdigest()


@functools.cache
def _fingerprint_once() -> str:
    return _fingerprint(TEMPLATES + SOURCES)


def _asked_in_full(request: HttpRequest, get_response: GetResponse) -> HttpResponseBase:
    """HEAD is GET without its body; the view is asked for the body, because tag and length are those of the body."""
    method = request.method
    request.method = "GET"
    try:
        return get_response(request)
    finally:
        request.method = method


def _finished(request: HttpRequest, response: HttpResponse) -> Page:
    patch_vary_headers(response, ["Accept-Encoding"] if API.match(request.path_info) else ["Accept-Encoding", "Cookie"])
    response["Cache-Control"] = PUBLIC
    content = response.content
    return Page(
        headers={name: value for name, value in response.items() if name != "Content-Length"},
        compressed=gzip.compress(content, 6, mtime=0),
        length=len(content),
        tag=hashlib.sha256(content).hexdigest()[:32],
    )


def _holds_a_token(request: HttpRequest) -> bool:
    """Whether the page holds a form's token: it is its reader's, and compressed it could be guessed (BREACH)."""
    return bool(request.META.get("CSRF_COOKIE_NEEDS_UPDATE"))


def _with_policy(response: HttpResponseBase, policy: str) -> HttpResponseBase:
    """An answer that states none of its own gets one: without, a browser may guess how long it stays true."""
    if not response.has_header("Cache-Control"):
        response["Cache-Control"] = policy
    return response
