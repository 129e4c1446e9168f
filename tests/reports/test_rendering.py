"""Frozen figures to files in a process of its own, which is given the figures and nothing else."""

from __future__ import annotations

import resource

import pytest

from reports import engine
from reports.content import to_json
from reports.document import html_of
from reports.figures import build_figures
from reports.pdf import RenderingFailed, pdf_of
from reports.rendering import rendered
from tests import factories

pytestmark = pytest.mark.once


@pytest.fixture
def canonical(db: None) -> str:
    rating = factories.PublishedSelfAssessmentFactory()
    return to_json(build_figures(rating.milestone.commitment.plan, "2025-Q1", "mn"))


def test_it_gives_the_same_bytes_as_the_parts_that_it_is_made_of_and_needs_no_database(
    canonical: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://nobody@127.0.0.1:9/nothing")
    html = html_of(canonical)
    assert rendered(canonical, "html").decode() == html
    assert rendered(canonical, "pdf") == pdf_of(html)


def test_what_went_wrong_in_there_is_said_here() -> None:
    with pytest.raises(RenderingFailed, match="JSONDecodeError"):
        rendered("no figures", "html")
    with pytest.raises(ValueError, match="no format exe"):
        rendered("{}", "exe")


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    monkeypatch.setattr(resource, "setrlimit", lambda what, limits: asked.append((what, limits)))
    monkeypatch.setattr(engine.gc, "disable", lambda: None)
    engine.mind_memory()
    assert asked == [(resource.RLIMIT_AS, (3 * 1024**3, 3 * 1024**3))]
