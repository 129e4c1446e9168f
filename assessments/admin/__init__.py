"""The admin of who says what about it."""

from assessments.admin import answers, beside, plans, ratings

__all__ = ["answers", "beside", "plans", "ratings"]
