"""The PDF engine, alone in a process of its own: HTML on standard input, PDF on standard output.

Run by `reports.pdf` as `python -m reports.engine IDENTIFIER`. Knows neither Django nor the database, and fetches
nothing: the only addresses that it serves are those of the packaged fonts.
"""

from __future__ import annotations

import contextlib
import gc
import logging
import resource
import sys
from typing import Any

from weasyprint import HTML
from weasyprint.urls import FatalURLFetchingError, URLFetcher

from reports.fonts import FILES, font_address

# Address space of the process. A plan of five hundred milestones takes a third; what takes all of it would take the
# machine along, and is told instead.
MOST_MEMORY = 3 * 1024**3
TOO_LARGE = f"The document needs more than {MOST_MEMORY // 1024**3} GB of memory.\n"


class FetchRefused(FatalURLFetchingError):
    """The document asked for an address. Ordinary errors the engine would only log; this one stops it."""


class NotPrinted(RuntimeError):
    """The engine could not print all of the document as it stands; the text is what it said."""


class Complaints(logging.Handler):
    """What the engine would go on after: a style it does not know, an attribute that is missing."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(record.getMessage())


class PackagedFonts(URLFetcher):
    """Serves the data addresses of our two fonts, and refuses everything else."""

    def __init__(self) -> None:
        super().__init__(allowed_protocols=["data"], allow_redirects=False)
        self.fonts = {font_address(weight) for weight in FILES}
        self.refused: list[str] = []

    def fetch(self, url: str, headers: dict[str, str] | None = None) -> Any:
        if url not in self.fonts:
            self.refused.append(url[:200])
            raise FetchRefused(f"The report may fetch nothing, and asked for {url[:200]}")
        return super().fetch(url, headers)


def render(html: str, identifier: str) -> bytes:
    """The PDF (PDF/UA-1, tagged, fonts embedded) of a document that is complete in itself.

    Equal HTML, identifier and SOURCE_DATE_EPOCH give equal bytes. Raises FetchRefused and NotPrinted.
    """
    fetcher, complaints = PackagedFonts(), Complaints()
    logger = logging.getLogger("weasyprint")
    logger.addHandler(complaints)
    try:
        document = HTML(string=html, url_fetcher=fetcher)
        pdf = document.write_pdf(pdf_variant="pdf/ua-1", pdf_identifier=identifier.encode("ascii"))
    finally:
        logger.removeHandler(complaints)
    if fetcher.refused:
        # Inside a drawing the engine catches even this error.
        raise FetchRefused(f"The report may fetch nothing, and asked for {', '.join(fetcher.refused)}")
    if complaints.said:
        raise NotPrinted("\n".join(complaints.said))
    return pdf


def mind_memory() -> None:
    """Bound this process, and let it free nothing while it renders: it ends with that, and its memory goes back."""
    # Systems that know no such limit go without.
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    gc.disable()


def main() -> int:
    mind_memory()
    try:
        pdf = render(sys.stdin.buffer.read().decode("utf-8"), sys.argv[1])
    except (FetchRefused, NotPrinted) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except MemoryError:
        sys.stderr.write(TOO_LARGE)
        return 1
    sys.stdout.buffer.write(pdf)
    return 0


if __name__ == "__main__":
    sys.exit(main())
