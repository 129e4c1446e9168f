"""The admin of who promised what. `base` holds what all admins share; `assessments` registers the plan."""

from commitments.admin import commitments, organisations, people, plans

__all__ = ["commitments", "organisations", "people", "plans"]
