"""The two fonts of the report, as `make setup` cuts them. Without Django, since the PDF engine runs alone."""

from __future__ import annotations

import base64
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "static" / "fonts"
FILES = {400: "noto-sans-400.woff2", 700: "noto-sans-700.woff2"}


class FontsMissing(RuntimeError):
    """The fonts have not been cut: run `make setup`."""


@cache
def font_address(weight: int) -> str:
    """A font (weight 400 or 700) as a data address, so that the document needs no other file. Raises FontsMissing."""
    path = FOLDER / FILES[weight]
    if not path.exists():
        raise FontsMissing(f"{path} is missing. Run: make setup")
    return "data:font/woff2;base64," + base64.b64encode(path.read_bytes()).decode("ascii")
