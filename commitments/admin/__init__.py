"""The admin of who promised what. `base` holds what all admins share; `assessments` registers the plan."""

from commitments.admin import commitments, invitations, organisations, people, plans

__all__ = ["commitments", "invitations", "organisations", "people", "plans"]
