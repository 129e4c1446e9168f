"""What a file of a plan may hold: which list fills which table, and what finds a record again.

A record's keys are the names of the model's fields. To let a file hold another table, add an entry here.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property

from django.db import models

from assessments.models import (
    Claim,
    CounterAssessment,
    Evidence,
    IndependentReview,
    ReportingPeriod,
    SelfAssessment,
)
from commitments.models import (
    ActionPlan,
    Commitment,
    FocalPoint,
    Involvement,
    Meeting,
    Milestone,
    Organisation,
    OrganisationAlias,
    Participation,
    PlanStatement,
    PolicyArea,
    Recommendation,
    Sourced,
    SourceDocument,
    Theme,
)
from reports.models import Comment, Report, ReportSection


@dataclass(frozen=True)
class Table:
    """A list of records in a file, and the model whose rows they become."""

    model: type[models.Model]
    key: tuple[str, ...]  # the fields that find a row again, within its parent
    key_unnamed: tuple[str, ...] = ()  # and these too, where the record names no organisation
    parent: str = ""  # the field that points at the record around it
    children: dict[str, Table] = field(default_factory=dict)
    renamed: dict[str, str] = field(default_factory=dict)  # key in the file -> field
    besides: tuple[str, ...] = ()  # fields that people do not edit but a document states
    withheld: tuple[str, ...] = ()  # fields that people edit but no file may give
    dates: tuple[str, ...] = ()  # keys that are no field: `writing` makes moments of them
    numbered: bool = False  # `position` is the place in the list, from 1
    same_place: bool = False  # copied from where the record around it is, unless it says otherwise

    @property
    def sourced(self) -> bool:
        return issubclass(self.model, Sourced)

    @property
    def history(self) -> models.QuerySet:
        """Entries of the model's history, newest first."""
        return self.model.history.all()  # type: ignore[attr-defined]

    @cached_property
    def fields(self) -> dict[str, models.Field]:
        """The model's field behind each key that a record of this table may have."""
        names = {name: key for key, name in self.renamed.items()}
        withheld = {self.parent, *self.withheld, *({"position"} if self.numbered else ())}
        meta = self.model._meta
        lists = [many for many in meta.many_to_many if many.remote_field.through._meta.auto_created]  # type: ignore[union-attr]
        return {
            names.get(column.name, column.name): column
            for column in (*meta.concrete_fields, *lists)
            if (column.editable or column.name in self.besides)
            and not column.primary_key
            and column.name not in withheld
        }


# A subject's tables hang under a milestone or a commitment, and take the other one from nobody.
SUBJECTS = ("milestone", "commitment")

LINKS = Table(
    Evidence,
    key=("address",),
    parent="self_assessment",
    withheld=("counter_assessment", "response", "file"),
    numbered=True,
    same_place=True,
)
SELF_ASSESSMENTS = Table(
    SelfAssessment,
    key=("period", "version"),
    parent="milestone",
    children={"links": LINKS},
    withheld=(*SUBJECTS, "correction_reason"),
)
COUNTER_ASSESSMENTS = Table(
    CounterAssessment,
    key=("period", "organisation", "version"),
    parent="milestone",
    children={"links": replace(LINKS, parent="counter_assessment", withheld=("self_assessment", "response", "file"))},
    besides=("attribution", "attribution_reason_en", "attribution_reason_mn"),
    withheld=(*SUBJECTS, "correction_reason"),
)
INDEPENDENT_REVIEWS = Table(IndependentReview, key=("stage",), parent="milestone", withheld=SUBJECTS)
COMMENTS = Table(
    Comment,
    key=("kind", "organisation", "stated_on", "source_place"),
    parent="plan",
    withheld=("plan", "report", "commitment", "milestone"),
)


def _about(subject: str) -> dict[str, Table]:
    return {
        "self_assessments": replace(SELF_ASSESSMENTS, parent=subject),
        "counter_assessments": replace(COUNTER_ASSESSMENTS, parent=subject),
        "independent_reviews": replace(INDEPENDENT_REVIEWS, parent=subject),
        "comments": replace(COMMENTS, parent=subject),
    }


MILESTONES = Table(Milestone, key=("code",), parent="commitment", children=_about("milestone"))
COMMITMENTS = Table(
    Commitment,
    key=("code",),
    parent="plan",
    children={
        "involvements": Table(
            Involvement,
            key=("role", "organisation"),
            key_unnamed=("as_printed",),
            parent="commitment",
            numbered=True,
            same_place=True,
        ),
        # Of a focal point only the office: names, addresses and telephones of officials stand in no file.
        "focal_points": Table(
            FocalPoint, key=("organisation",), parent="commitment", withheld=("name", "email", "phone")
        ),
        **_about("commitment"),
        "milestones": MILESTONES,
    },
)
PLAN = Table(
    ActionPlan,
    key=("slug",),
    # In the order in which they refer to each other.
    children={
        "themes": Table(Theme, key=("code",), parent="plan"),
        "statements": Table(PlanStatement, key=("code",), parent="plan"),
        "periods": Table(ReportingPeriod, key=("code",), parent="plan", dates=("published_on",)),
        "meetings": Table(
            Meeting,
            key=("code",),
            parent="plan",
            children={"participations": Table(Participation, key=("listed_as", "position"), parent="meeting")},
        ),
        "commitments": COMMITMENTS,
        "recommendations": Table(Recommendation, key=("code",), parent="plan"),
        "claims": Table(Claim, key=("code",), parent="plan"),
        "reports": Table(
            Report,
            key=("kind", "period_code"),
            parent="plan",
            renamed={"period": "period_code"},
            withheld=("correction_reason",),
            children={"sections": Table(ReportSection, key=("position",), parent="report", numbered=True)},
        ),
        "comments": COMMENTS,
    },
)
DOCUMENTS = Table(SourceDocument, key=("slug",))
ORGANISATIONS = Table(
    Organisation,
    key=("slug",),
    children={"aliases": Table(OrganisationAlias, key=("name",), parent="organisation")},
)
POLICY_AREAS = Table(PolicyArea, key=("code",))
