"""What changed in the record: a page for people, and its twins for feed readers."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote, urlsplit

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import strip_tags
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from assessments.events import ANYBODY, Event, Scope
from commitments.models import ActionPlan, Commitment
from ogptracker.changes import page_asked
from reports.events import read_events

EMPTY_LINES = re.compile(r"\s*\n\s*")
IN_FEED = 50
ON_PAGE = 30
# The year from which on the site's name is ours: a part of every entry's name, which never changes (RFC 4151).
NAMED_SINCE = 2026


@require_safe
def changes(request: HttpRequest) -> HttpResponse:
    """What became public, of all plans or of one, in pages."""
    plans = list(published_plans().real())
    asked = request.GET.get("plan", "")
    plan = next((plan for plan in plans if plan.slug == asked), None)
    if asked and plan is None:
        raise Http404("There is no such plan.")
    page = page_asked(request.GET.getlist("page"))
    events = read_events(Scope(plan), most=page * ON_PAGE + 1)
    context = {
        "section": "changes",
        "plans": plans,
        "chosen": plan,
        "events": events[(page - 1) * ON_PAGE : page * ON_PAGE],
        "newest": events[0] if events else None,
        "page": page,
        "older": len(events) > page * ON_PAGE,
        "feed": reverse("plan_feed", args=[plan.slug]) if plan else reverse("feed"),
    }
    return render(request, "ogptracker/changes.html", context)


@require_safe
def feed(request: HttpRequest) -> HttpResponse:
    """The changes of every plan but demonstrations."""
    return _feed(request, _("Changes of the record"), reverse("changes"), read_events(Scope(), most=IN_FEED))


@require_safe
def plan_feed(request: HttpRequest, slug: str) -> HttpResponse:
    """The changes of one plan; of a demonstration too, for those who practise."""
    plan = published_plan(slug)
    title = _("Changes of %(plan)s") % {"plan": plan.short_name}
    return _feed(request, title, plan.get_absolute_url(), read_events(Scope(plan), most=IN_FEED))


@require_safe
def commitment_feed(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """The changes of one commitment and its milestones."""
    commitments = Commitment.objects.visible_to(ANYBODY).filter(plan=published_plan(slug)).select_related("plan")
    commitment = next((commitment for commitment in commitments if commitment.code == code), None)
    if commitment is None:
        raise Http404("The plan has no such commitment.")
    title = _("Changes of %(plan)s, commitment %(code)s") % {"plan": commitment.plan.short_name, "code": code}
    events = read_events(Scope(commitment.plan, commitment), most=IN_FEED)
    return _feed(request, title, commitment.get_absolute_url(), events)


def published_plans() -> Any:
    return ActionPlan.objects.visible_to(ANYBODY)


def published_plan(slug: str) -> ActionPlan:
    plan = published_plans().filter(slug=slug).first()
    if plan is None:
        raise Http404("There is no such plan.")
    return plan


def _feed(request: HttpRequest, title: str, address: str, events: Iterable[Event]) -> HttpResponse:
    language = get_language()
    made = Atom1Feed(
        title=f"{title} · {site_name()}",
        link=request.build_absolute_uri(address),
        description=None,
        language=language,
        author_name=site_name(),
        feed_url=request.build_absolute_uri(request.path),
        feed_guid=_name(request.path.removeprefix(f"/{language}/"), language),
    )
    for event in events:
        context = {"event": event}
        made.add_item(
            title=" ".join(html.unescape(strip_tags(render_to_string(event.title_template, context))).split()),
            link=request.build_absolute_uri(event.address),
            # HTML, in which Django's templates have escaped every word of the record.
            description=EMPTY_LINES.sub("\n", render_to_string(event.said_template, context)).strip(),
            unique_id=_name(event.key, language),
            pubdate=event.moment,
            updateddate=event.moment,
            categories=[str(event.kind_name)],
        )
    return HttpResponse(made.writeString("utf-8"), content_type="application/atom+xml; charset=utf-8")


def site_name() -> str:
    return _("Open Government Partnership Mongolia")


def _name(key: str, language: str | None) -> str:
    """A name that stays when the site moves: that of its first address, whichever host a request asks for."""
    return f"tag:{urlsplit(settings.SITE_URL).hostname},{NAMED_SINCE}:{language}/{quote(key)}"
