from commitments.models.commitments import (
    Commitment,
    FocalPoint,
    Involvement,
    Milestone,
    PolicyArea,
    Recommendation,
)
from commitments.models.organisations import Organisation, OrganisationAlias
from commitments.models.people import Invitation, Membership, User, organisations_of
from commitments.models.plans import (
    ActionPlan,
    Meeting,
    Participation,
    PlanStatement,
    RatingScale,
    Theme,
    plan_of,
)
from commitments.models.sourced import Sourced, SourceDocument

__all__ = [
    "ActionPlan",
    "Commitment",
    "FocalPoint",
    "Invitation",
    "Involvement",
    "Meeting",
    "Membership",
    "Milestone",
    "Organisation",
    "OrganisationAlias",
    "Participation",
    "PlanStatement",
    "PolicyArea",
    "RatingScale",
    "Recommendation",
    "SourceDocument",
    "Sourced",
    "Theme",
    "User",
    "organisations_of",
    "plan_of",
]
