"""What search engines are told: every public page in both languages, and what they should leave alone.

Only a released report says when it was last modified, which is a fact of the record: a plan's page changes with every
rating, answer, response and amendment under it, and with the calendar.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.contrib.sitemaps import Sitemap
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from assessments.filters import with_ratings
from commitments.localised import LANGUAGES
from commitments.models import ActionPlan, Commitment, Organisation
from reports.models import Report
from reports.organisation_pages import shown_organisations

NOBODY = AnonymousUser()


class InBothLanguages(Sitemap):
    i18n = True
    alternates = True
    x_default = True


class SinglePages(InBothLanguages):
    """Pages that there is one of, by name."""

    def items(self) -> list[str]:
        return ["home", "plans", "organisations", "reports", "changes", "data", "about", "privacy", "accessibility"]

    def location(self, item: str) -> str:
        return reverse(item)


class Plans(InBothLanguages):
    def items(self) -> Iterable[ActionPlan]:
        return ActionPlan.objects.visible_to(NOBODY).real()


class Disagreements(InBothLanguages):
    """Of plans that have ratings."""

    def items(self) -> Iterable[ActionPlan]:
        return with_ratings(ActionPlan.objects.visible_to(NOBODY).real())

    def location(self, item: ActionPlan) -> str:
        return reverse("disagreements", args=[item.slug])


class Commitments(InBothLanguages):
    def items(self) -> Iterable[Commitment]:
        shown = Commitment.objects.visible_to(NOBODY).filter(plan__is_demonstration=False)
        return shown.select_related("plan").order_by("-plan__starts_on", "code_order")


class Organisations(InBothLanguages):
    def items(self) -> Iterable[Organisation]:
        return shown_organisations(NOBODY).real().order_by("slug")


class Reports(InBothLanguages):
    def items(self) -> Iterable[Report]:
        shown = Report.objects.visible_to(NOBODY).filter(plan__is_demonstration=False)
        return shown.select_related("plan").order_by("-released_at")

    def lastmod(self, item: Report) -> datetime.datetime | None:
        return item.released_at


SITEMAPS: dict[str, type[Sitemap[Any]]] = {
    "pages": SinglePages,
    "plans": Plans,
    "disagreements": Disagreements,
    "commitments": Commitments,
    "organisations": Organisations,
    "reports": Reports,
}


def robots(request: HttpRequest) -> HttpResponse:
    """Accounts, forms and searches are nothing to find; all else is."""
    closed = [
        "/admin/",
        *(f"/{code}/{place}/" for code in LANGUAGES for place in ("accounts", "counter-assessments", "search")),
    ]
    lines = [
        "User-agent: *",
        *(f"Disallow: {address}" for address in closed),
        "",
        f"Sitemap: {request.build_absolute_uri(reverse('sitemap'))}",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")
