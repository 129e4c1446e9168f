"""What a reader finds on a page, for tests: texts by tag or class, without markup."""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser
from typing import Any

from django.test import Client

from commitments.models import ActionPlan, Commitment
from tests import factories

# Elements that never close.
VOID = {"br", "img", "input", "link", "meta", "hr", "path", "rect", "circle", "use"}


class _Texts(HTMLParser):
    def __init__(self, wanted: str) -> None:
        super().__init__()
        self.wanted = wanted
        self.depth = 0
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self.depth:
            self.depth += tag not in VOID
        elif self.wanted in (tag, *(f".{name}" for name in (dict(attrs).get("class") or "").split())):
            self.depth = 1
            self.found.append("")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Drawings hold no text."""

    def handle_endtag(self, tag: str) -> None:
        if self.depth and tag not in VOID:
            self.depth -= 1

    def handle_data(self, data: str) -> None:
        if self.depth:
            self.found[-1] += data


def get(client: Client, address: str) -> Any:
    response = client.get(address)
    assert response.status_code == 200
    return response


def texts(response: Any, wanted: str) -> list[str]:
    """The text of every outermost element with this tag (``h1``) or class (``.gap``), blanks made single."""
    parser = _Texts(wanted)
    parser.feed(response.content.decode())
    return [re.sub(r"\s+", " ", text).strip() for text in parser.found]


def source(response: Any) -> str:
    """The page's markup with single blanks."""
    return re.sub(r"\s+", " ", response.content.decode())


def spoken(response: Any) -> list[str]:
    """What the strips say to a reader who does not see them, one sentence a spine."""
    sentences = re.findall(r'<span class="vh">([^<]*: government: [^<]*)</span>', response.content.decode())
    return [unescape(sentence) for sentence in sentences]


def add_commitment(plan: ActionPlan, *, milestones: int) -> Commitment:
    """A commitment with everything that a page can show of it and of its milestones."""
    agency = factories.OrganisationFactory()
    commitment = factories.CommitmentFactory(plan=plan, source=factories.SourceDocumentFactory())
    commitment.policy_areas.add(factories.PolicyAreaFactory())
    factories.InvolvementFactory(commitment=commitment, organisation=agency)
    factories.FocalPointFactory(commitment=commitment, organisation=agency)
    factories.IndependentReviewFactory(commitment=commitment, source=commitment.source)
    factories.RecommendationFactory(plan=plan).commitments.add(commitment)
    factories.CommentFactory(plan=None, commitment=commitment, organisation=agency)
    for _n in range(milestones):
        rated = factories.PublishedSelfAssessmentFactory(
            milestone=factories.MilestoneFactory(commitment=commitment, agencies=[agency], source=commitment.source)
        )
        answer = factories.PublishedCounterAssessmentFactory(milestone=rated.milestone)
        response = factories.PublishedResponseFactory(counter_assessment=answer, organisation=agency)
        factories.EvidenceFactory(self_assessment=rated)
        factories.EvidenceFactory(self_assessment=None, counter_assessment=answer)
        factories.EvidenceFactory(self_assessment=None, response=response)
        factories.CommentFactory(plan=None, milestone=rated.milestone, organisation=agency)
    return commitment
