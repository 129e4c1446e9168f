"""Whether the links that are given as evidence still open.

A link is anybody's text, so the checker goes nowhere but to public addresses: every host, of a redirect too, is
resolved and looked at first, and the connection is made to the very address that was looked at. It asks one host at a
time, with a pause, and reads next to nothing. What it finds is written beside the link and is no change of the record:
the history, which keeps what people change, has neither column.
"""

from __future__ import annotations

import contextlib
import datetime
import http.client
import ipaddress
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import SplitResult, urljoin, urlsplit

from django.conf import settings
from django.db.models import F, Min, Q
from django.utils import timezone
from django.utils.encoding import iri_to_uri
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

from assessments.models import CounterAssessment, Evidence

CheckResult = Evidence.CheckResult
MAX_REDIRECTS = 5
SILENCE = 10  # seconds without a byte after which a host is given up
DEADLINE = 30  # seconds for one request, however slowly it drips
READ = 1024  # bytes of an answer that are enough
PAUSE = 1.0  # seconds between two requests to a host
REDIRECTS = {301, 302, 303, 307, 308}
NAT64 = ipaddress.ip_network("64:ff9b::/96")
UNANSWERED = (HTTPError, http.client.HTTPException, OSError, ValueError)


class NotPublicError(Exception):
    """A host in a private, local or reserved network."""


def public_address(host: str, port: int) -> str:
    """The IP address to connect to. Raises NotPublicError where any of a host's addresses is not public, OSError where
    it has none.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG)
    addresses = [str(place[0]) for *_kind, place in found]
    if not all(is_public(address) for address in addresses):
        raise NotPublicError(host)
    return addresses[0]


def is_public(address: str) -> bool:
    """Whether an IP address is in the public internet; one that carries another in itself, both are."""
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour
        if found in NAT64:
            inner = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
    return found.is_global and not found.is_multicast


@dataclass
class LinkChecker:
    """Opens links. ``resolve`` gives the address that a host is reached at, or raises; ``pause`` is in seconds."""

    resolve: Callable[[str, int], str] = public_address
    pause: float = PAUSE
    deadline: float = DEADLINE
    _asked: dict[str, float] = field(default_factory=dict)

    def check(self, address: str) -> Evidence.CheckResult:
        """What comes of opening a link, through its redirects."""
        try:
            for _hop in range(MAX_REDIRECTS + 1):
                status, location = self._ask(address)
                if not location:
                    return _meaning(status)
                address = urljoin(address, location)
        except NotPublicError:
            return CheckResult.NOT_PUBLIC
        except UNANSWERED:
            pass
        return CheckResult.NO_ANSWER

    def _ask(self, address: str) -> tuple[int, str]:
        """Status and, of a redirect, where it leads. Some servers answer HEAD wrongly or not at all, but GET."""
        with contextlib.suppress(*UNANSWERED):
            status, location = self._request("HEAD", address)
            if status < 400:
                return status, location
        return self._request("GET", address)

    def _request(self, method: str, address: str) -> tuple[int, str]:
        parts = urlsplit(address)
        if parts.scheme not in {"http", "https"} or not parts.hostname or "@" in parts.netloc:
            raise ValueError(address)
        host = parts.hostname.encode("idna").decode()
        connection = self._connection(parts, host)
        self._wait_for(host)
        timer = threading.Timer(self.deadline, _cut, [connection])
        timer.start()
        try:
            target = iri_to_uri((parts.path or "/") + (f"?{parts.query}" if parts.query else ""))
            connection.request(method, target, headers=_headers(host, parts.port), preload_content=False)
            answer = connection.getresponse()
            if method == "GET":
                answer.read(READ, decode_content=False)
            return answer.status, answer.headers.get("Location", "") if answer.status in REDIRECTS else ""
        finally:
            timer.cancel()
            connection.close()

    def _connection(self, parts: SplitResult, host: str) -> HTTPConnection:
        """To the address that was found to be public; the certificate is still asked for the host's name."""
        if parts.scheme == "http":
            port = parts.port or 80
            return HTTPConnection(self.resolve(host, port), port, timeout=SILENCE)
        port = parts.port or 443
        return HTTPSConnection(self.resolve(host, port), port, timeout=SILENCE, server_hostname=host)

    def _wait_for(self, host: str) -> None:
        rest = self._asked.get(host, -self.pause) + self.pause - time.monotonic()
        if rest > 0:
            time.sleep(rest)
        self._asked[host] = time.monotonic()


def _headers(host: str, port: int | None) -> dict[str, str]:
    name = f"[{host}]" if ":" in host else host
    return {
        "Host": f"{name}:{port}" if port else name,
        "User-Agent": f"ogptracker link check (+{settings.SITE_URL})",
        "Accept": "*/*",
    }


def _cut(connection: HTTPConnection) -> None:
    """End a connection that keeps dripping; who waits for it reads its end."""
    with contextlib.suppress(OSError, AttributeError):
        connection.sock.shutdown(socket.SHUT_RDWR)


def _meaning(status: int) -> Evidence.CheckResult:
    if 200 <= status < 300:
        return CheckResult.OPENED
    if status in {404, 410}:
        return CheckResult.NOT_FOUND
    return CheckResult.NO_ANSWER if status >= 500 else CheckResult.REFUSED


def due_links(checked_before: datetime.datetime | None = None) -> list[str]:
    """Each address that is given as evidence, once; those never tried and those tried longest ago come first.

    An organisation's drafts are nobody's business. ``checked_before`` leaves out what was tried since.
    """
    links = Evidence.objects.exclude(address="").exclude(counter_assessment__state=CounterAssessment.State.DRAFT)
    if checked_before is not None:
        links = links.filter(Q(checked_at=None) | Q(checked_at__lt=checked_before))
    tried = links.values("address").annotate(tried=Min("checked_at"))
    return [row["address"] for row in tried.order_by(F("tried").asc(nulls_first=True), "address")]


def record_result(address: str, result: Evidence.CheckResult) -> None:
    """Write what was found on every row that gives this address."""
    Evidence.objects.filter(address=address).update(checked_at=timezone.now(), check_result=result)
