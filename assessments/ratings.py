"""What a rating is: its label, its light, its step on the spine. Pure: no database, one definition for every rater."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from commitments.models import RatingScale


class Light(models.TextChoices):
    """The traffic light of a rating; always derived from the rating, never stored."""

    GREEN = "green", _("Green")
    AMBER = "amber", _("Amber")
    RED = "red", _("Red")


class Rating(models.TextChoices):
    """One enumeration for the government, NGOs and the IRM."""

    NOT_STARTED = "not_started", _("Not started")
    NOT_STARTED_OR_DELAYED = "not_started_or_delayed", _("Not started or severe delays")
    LIMITED = "limited", _("Limited progress")
    SUBSTANTIAL = "substantial", _("Substantial")
    COMPLETED_OR_SUBSTANTIAL = "completed_or_substantial", _("Completed or substantial progress")
    COMPLETED = "completed", _("Completed")

    @property
    def light(self) -> Light:
        return LIGHTS[self.step]

    @property
    def step(self) -> int:
        """0 (nothing), 1 (limited) or 2 (substantial or better): what two ratings are compared by."""
        return STEPS[self]


LIGHTS = (Light.RED, Light.AMBER, Light.GREEN)
STEPS = {
    Rating.NOT_STARTED: 0,
    Rating.NOT_STARTED_OR_DELAYED: 0,
    Rating.LIMITED: 1,
    Rating.SUBSTANTIAL: 2,
    Rating.COMPLETED_OR_SUBSTANTIAL: 2,
    Rating.COMPLETED: 2,
}

# Best first, as every legend, drop-down and table lists them.
SCALES: dict[str, tuple[Rating, ...]] = {
    RatingScale.TRAFFIC_LIGHT: (
        Rating.COMPLETED_OR_SUBSTANTIAL,
        Rating.LIMITED,
        Rating.NOT_STARTED_OR_DELAYED,
    ),
    RatingScale.COMPLETION: (Rating.COMPLETED, Rating.SUBSTANTIAL, Rating.LIMITED, Rating.NOT_STARTED),
}


class NoRatingReason(models.TextChoices):
    """Why there is no rating, which is not zero, not red, and counted apart."""

    NOT_LEGIBLE = "not_legible", _("Not legible in the source")
    NOT_PROVIDED = "not_provided", _("Asked, and none given")
    COMMENT_ONLY = "comment_only", _("Recommendation only")
    OTHER = "other", _("Another reason")


def light_of(rating: str | None) -> Light | None:
    """The light of a rating code; None for none."""
    return Rating(rating).light if rating else None


def ratings_with(light: str) -> list[Rating]:
    """The ratings that show this light."""
    return [rating for rating in Rating if rating.light == light]


def gap(rating: str | None, government: str | None) -> int | None:
    """Steps by which a rating stands above (+) or below (-) the government's, -2 to 2; None where either is missing."""
    if not rating or not government:
        return None
    return Rating(rating).step - Rating(government).step
