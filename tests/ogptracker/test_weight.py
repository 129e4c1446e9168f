"""What a first visit costs a reader on a slow line: page, styles, pictures and scripts, compressed as they are sent."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from tests.ogptracker.test_sitemap import told

pytestmark = pytest.mark.django_db

MOST = 60_000  # bytes
WEIGHED = {".css", ".js", ".svg", ".html"}  # what the web server compresses; pictures and fonts are


def weight_of_file(path: Path) -> int:
    content = path.read_bytes()
    return len(gzip.compress(content)) if path.suffix in WEIGHED else len(content)


def files_of(page: str) -> set[Path]:
    """Every file of ours that a browser fetches for a page, and those that the styles refer to."""
    named = re.findall(r'<(?:link|script|img|source)\b[^>]*?(?:href|src)="/static/([^"]+)"', page)
    files = {Path(str(finders.find(name))) for name in named}
    for style in [file for file in files if file.suffix == ".css"]:
        files |= {(style.parent / name).resolve() for name in re.findall(r'url\("?([^")#]+)"?\)', style.read_text())}
    assert all(file.is_file() for file in files)
    return files


def weight(client: Client, address: str) -> int:
    response = client.get(address, headers={"Accept-Encoding": "gzip"})
    assert (response.status_code, response["Content-Encoding"]) == (200, "gzip")
    page = gzip.decompress(response.content).decode()
    return len(response.content) + sum(weight_of_file(file) for file in files_of(page))


def test_no_page_of_the_real_plans_weighs_more_than_it_may(loaded_plans: None, client: Client) -> None:
    # Cyrillic letters take two bytes each: the Mongolian page is the heavier of the two.
    weights = {address: weight(client, address) for address in told(client) if address.startswith("/mn/")}
    assert {address: bytes_ for address, bytes_ in weights.items() if bytes_ > MOST} == {}
    # The styles are in it, or this would measure nothing.
    assert min(weights.values()) > 8_000


def test_styles_and_scripts_are_counted(tmp_path: Path) -> None:
    page = '<link rel="stylesheet" href="/static/css/site.css"><script src="/static/js/answer.js" defer></script>'
    assert {file.name for file in files_of(page)} == {"site.css", "answer.js"}
