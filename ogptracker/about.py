"""Pages about the site itself: how ratings come about, what is stored of readers, whom the pages may bar."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from assessments.ratings import SCALES
from commitments.models import RatingScale


@require_safe
def about(request: HttpRequest) -> HttpResponse:
    """How ratings come about, what each light means, and who decides."""
    context = {
        "section": "about",
        "traffic_light": [rating.value for rating in SCALES[RatingScale.TRAFFIC_LIGHT]],
        "completion": [rating.value for rating in SCALES[RatingScale.COMPLETION]],
        "contact": settings.CONTACT_EMAIL,
    }
    return render(request, "ogptracker/about.html", context)


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """What is stored of those who read and those who sign in, and how something is taken down."""
    return render(request, "ogptracker/privacy.html", {"section": "privacy", "contact": settings.CONTACT_EMAIL})


@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    """What the pages hold to, how that is tested, and what is known to fall short."""
    context = {"section": "accessibility", "contact": settings.CONTACT_EMAIL}
    return render(request, "ogptracker/accessibility.html", context)
