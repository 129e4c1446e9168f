"""HTML to PDF: never in this process, and never twice for the same document."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from importlib.metadata import version

from django.conf import settings

# Seconds of patience: a report takes a few, five hundred milestones take minutes on a busy machine, more is broken.
PATIENCE = 900
# Nothing in the file tells when it was made, so that equal documents are equal bytes (2014-01-01, when OGP came here).
EPOCH = "1388505600"


class RenderingFailed(RuntimeError):
    """The other process gave no file; the text is what it said."""


def document_key(html: str) -> str:
    """What decides whether a document is rendered again: its HTML, which holds styles and fonts, and the engine."""
    return hashlib.sha256(f"{version('weasyprint')} {version('pydyf')}\n{html}".encode()).hexdigest()


def pdf_of(html: str) -> bytes:
    """The PDF of a document that is complete in itself; equal documents give equal bytes. Raises RenderingFailed."""
    return made_apart("reports.engine", document_key(html), html)


def made_apart(module: str, argument: str, given: str) -> bytes:
    """What ``python -m module argument`` makes of a text on its standard input: its memory ends with it.

    Raises RenderingFailed with what it said, also when it takes longer than PATIENCE seconds or gives nothing.
    """
    environment = os.environ | {"SOURCE_DATE_EPOCH": EPOCH, "PYTHONIOENCODING": "utf-8"}
    try:
        done = subprocess.run(
            [sys.executable, "-m", module, argument],
            input=given.encode("utf-8"),
            capture_output=True,
            cwd=settings.BASE_DIR,
            env=environment,
            timeout=PATIENCE,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise RenderingFailed(f"The document was not done within {PATIENCE} seconds.") from error
    if done.returncode or not done.stdout:
        said = done.stderr.decode("utf-8", "replace").strip()
        raise RenderingFailed(said or f"The engine ended with {done.returncode}.")
    return done.stdout
