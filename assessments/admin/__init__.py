"""The admin of who says what about it."""

from assessments.admin import answers, beside, plans, ratings, responses

__all__ = ["answers", "beside", "plans", "ratings", "responses"]
