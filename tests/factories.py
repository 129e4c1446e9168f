"""Rows for tests, as people could have made them: each is validated (`full_clean`) before it is saved.

A Published... factory leaves what the verbs of `assessments.lifecycle` leave: moment, person and flags. For a row that
breaks a rule on purpose, make a valid one and change it with `queryset.update`.
"""

from __future__ import annotations

import datetime
import hashlib
from typing import Any

import factory
from django.contrib.auth.models import Group
from django.utils import timezone
from factory.django import DjangoModelFactory

from assessments import lifecycle
from assessments.files import evidence_from_upload
from assessments.models import (
    Claim,
    CounterAssessment,
    Evidence,
    IndependentReview,
    ReportingPeriod,
    Response,
    SelfAssessment,
    day_start,
)
from assessments.ratings import Rating
from commitments import roles
from commitments.invitations import LASTS
from commitments.models import (
    ActionPlan,
    Commitment,
    FocalPoint,
    Invitation,
    Involvement,
    Meeting,
    Membership,
    Milestone,
    Organisation,
    OrganisationAlias,
    Participation,
    PlanStatement,
    PolicyArea,
    RatingScale,
    Recommendation,
    SourceDocument,
    Theme,
    User,
)
from reports.models import Comment, Release, Report, ReportSection
from tests import uploads


class RowFactory(DjangoModelFactory):
    class Meta:
        abstract = True
        skip_postgeneration_save = True

    @classmethod
    def _create(cls, model_class: type, *args: Any, **values: Any) -> Any:
        row = model_class(*args, **values)
        row.full_clean()
        row.save()
        return row


# --- accounts ---------------------------------------------------------------------------------------------------------


class UserFactory(DjangoModelFactory):
    """An account without a role; sign it in with ``client.force_login``. Only a given ``password`` can be typed."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda n: f"user-{n}@example.org")
    language = "en"

    role: str | None = None

    @classmethod
    def _create(cls, model_class: type, *args: Any, **values: Any) -> User:
        role = values.pop("role", None)
        user = User.objects.create_user(**values)
        if role:
            # A test that flushes the database removes the groups that the migration made.
            user.groups.add(Group.objects.get_or_create(name=role)[0])
        return user


class EditorFactory(UserFactory):
    email = factory.Sequence(lambda n: f"editor-{n}@example.org")
    role = roles.EDITOR


class PublisherFactory(UserFactory):
    email = factory.Sequence(lambda n: f"publisher-{n}@example.org")
    role = roles.PUBLISHER


class MsfMemberFactory(UserFactory):
    email = factory.Sequence(lambda n: f"msf-member-{n}@example.org")
    role = roles.MSF_MEMBER


class SuperuserFactory(UserFactory):
    email = factory.Sequence(lambda n: f"superuser-{n}@example.org")
    is_superuser = True


class RepresentativeFactory(UserFactory):
    """Speaks for ``organisation`` (an NGO of its own by default) since the start of 2020."""

    email = factory.Sequence(lambda n: f"representative-{n}@example.org")

    @factory.post_generation
    def organisation(self, create: bool, organisation: Organisation | None, **kwargs: Any) -> None:
        MembershipFactory(user=self, organisation=organisation or NgoFactory())


class OrganisationFactory(RowFactory):
    class Meta:
        model = Organisation

    slug = factory.Sequence(lambda n: f"organisation-{n}")
    name_en = factory.Sequence(lambda n: f"Ministry {n}")
    kind = Organisation.Kind.GOVERNMENT


class NgoFactory(OrganisationFactory):
    slug = factory.Sequence(lambda n: f"ngo-{n}")
    name_en = factory.Sequence(lambda n: f"Citizens' Union {n}")
    kind = Organisation.Kind.NGO


class InvitationFactory(RowFactory):
    """A representative of an NGO is invited; the link's token is ``token`` where the test gives one."""

    class Meta:
        model = Invitation

    email = factory.Sequence(lambda n: f"invited-{n}@example.org")
    organisation = factory.SubFactory(NgoFactory)
    language = "en"
    invited_by = factory.SubFactory(PublisherFactory)
    invited_at = factory.LazyFunction(timezone.now)
    expires_at = factory.LazyAttribute(lambda row: row.invited_at + LASTS)
    mailed_at = factory.LazyAttribute(lambda row: row.invited_at)
    token_hash = factory.LazyAttribute(lambda row: hashlib.sha256(row.token.encode()).hexdigest())

    class Params:
        token = factory.Sequence(lambda n: f"token-{n}")


class OrganisationAliasFactory(RowFactory):
    class Meta:
        model = OrganisationAlias

    organisation = factory.SubFactory(OrganisationFactory)
    name = factory.Sequence(lambda n: f"Min. {n}")


class MembershipFactory(RowFactory):
    class Meta:
        model = Membership

    user = factory.SubFactory(UserFactory)
    organisation = factory.SubFactory(NgoFactory)
    starts_on = datetime.date(2020, 1, 1)


# --- who promised what ------------------------------------------------------------------------------------------------


class SourceDocumentFactory(RowFactory):
    class Meta:
        model = SourceDocument

    slug = factory.Sequence(lambda n: f"document-{n}")
    title_en = "A report"


class ActionPlanFactory(RowFactory):
    """A published plan with the traffic light of three ratings."""

    class Meta:
        model = ActionPlan

    slug = factory.Sequence(lambda n: f"plan-{n}")
    title_en = factory.Sequence(lambda n: f"Plan {n}")
    starts_on = datetime.date(2024, 1, 1)
    ends_on = datetime.date(2027, 12, 31)
    published_at = day_start(datetime.date(2023, 12, 27))
    published_by = factory.SubFactory(PublisherFactory)


class DraftPlanFactory(ActionPlanFactory):
    published_at = None
    published_by = None


class CompletionPlanFactory(ActionPlanFactory):
    """Rates with the four ratings of the completion form."""

    rating_scale = RatingScale.COMPLETION


class ThemeFactory(RowFactory):
    class Meta:
        model = Theme

    plan = factory.SubFactory(ActionPlanFactory)
    code = factory.Sequence(lambda n: f"{n}")
    title_en = "Openness"


class PlanStatementFactory(RowFactory):
    class Meta:
        model = PlanStatement

    plan = factory.SubFactory(ActionPlanFactory)
    code = factory.Sequence(lambda n: f"{n}")
    kind = PlanStatement.Kind.PRINCIPLE
    text_en = "Everybody may know."


class PolicyAreaFactory(RowFactory):
    class Meta:
        model = PolicyArea

    code = factory.Sequence(lambda n: f"area_{n}")
    name_en = factory.Sequence(lambda n: f"Area {n}")


class CommitmentFactory(RowFactory):
    class Meta:
        model = Commitment

    plan = factory.SubFactory(ActionPlanFactory)
    code = factory.Sequence(lambda n: f"{n + 1}")
    title_en = factory.LazyAttribute(lambda row: f"Promise {row.code}")


class InvolvementFactory(RowFactory):
    class Meta:
        model = Involvement

    commitment = factory.SubFactory(CommitmentFactory)
    organisation = factory.SubFactory(OrganisationFactory)
    role = Involvement.Role.LEAD


class FocalPointFactory(RowFactory):
    class Meta:
        model = FocalPoint

    commitment = factory.SubFactory(CommitmentFactory)
    name = "Tsetseg Secret-Name"
    position = "Head of unit"
    email = "secret-contact@example.org"
    phone = "99112233"


class MilestoneFactory(RowFactory):
    """``commitment__plan=`` makes its commitment in that plan; ``agencies=[...]`` sets who implements it."""

    class Meta:
        model = Milestone

    commitment = factory.SubFactory(CommitmentFactory)
    code = factory.Sequence(lambda n: f"{n + 1}.1")
    title_en = factory.LazyAttribute(lambda row: f"Step {row.code}")

    @factory.post_generation
    def agencies(self, create: bool, agencies: list[Organisation] | None, **kwargs: Any) -> None:
        self.agencies.set(agencies or [])  # type: ignore[attr-defined]


class RecommendationFactory(RowFactory):
    class Meta:
        model = Recommendation

    plan = factory.SubFactory(ActionPlanFactory)
    code = factory.Sequence(lambda n: f"{n}")
    text_en = "Do it sooner."


class MeetingFactory(RowFactory):
    class Meta:
        model = Meeting

    plan = factory.SubFactory(ActionPlanFactory)
    code = factory.Sequence(lambda n: f"meeting-{n}")
    kind = Meeting.Kind.WORKING_GROUP
    title_en = "A meeting"


class ParticipationFactory(RowFactory):
    class Meta:
        model = Participation

    meeting = factory.SubFactory(MeetingFactory)
    listed_as = Participation.ListedAs.GOVERNMENT
    position = factory.Sequence(lambda n: n)
    organisation = factory.SubFactory(OrganisationFactory)
    as_printed = "A ministry"


# --- who says what about it -------------------------------------------------------------------------------------------


class ReportingPeriodFactory(RowFactory):
    """A planned quarter; ``opened_at``/``opened_by`` and ``published_at``/``published_by`` as the test needs."""

    class Meta:
        model = ReportingPeriod

    plan = factory.SubFactory(ActionPlanFactory)
    code = "2025-Q1"
    starts_on = datetime.date(2025, 1, 1)
    ends_on = datetime.date(2025, 3, 31)


class OpenPeriodFactory(ReportingPeriodFactory):
    """Entry is open."""

    opened_at = factory.LazyFunction(timezone.now)
    opened_by = factory.SubFactory(PublisherFactory)


class PublishedPeriodFactory(OpenPeriodFactory):
    """Ratings are public, and organisations may answer them."""

    published_at = factory.LazyFunction(timezone.now)
    published_by = factory.SubFactory(PublisherFactory)
    answers_open_at = factory.LazyAttribute(lambda row: row.published_at)


def _same_plan(row: Any) -> ActionPlan:
    subject = getattr(row, "milestone", None) or row.commitment
    return subject.commitment.plan if isinstance(subject, Milestone) else subject.plan


def _period_of(factory_class: type[ReportingPeriodFactory]) -> Any:
    """The plan's period 2025-Q1: the one there is, else a new one."""
    return factory.LazyAttribute(
        lambda row: (
            ReportingPeriod.objects.filter(plan=_same_plan(row), code="2025-Q1").first()
            or factory_class(plan=_same_plan(row))
        )
    )


class SelfAssessmentFactory(RowFactory):
    """A draft on a milestone of its own. For a commitment as a whole: ``milestone=None, commitment=...``."""

    class Meta:
        model = SelfAssessment

    milestone = factory.SubFactory(MilestoneFactory)
    commitment = None
    period = _period_of(OpenPeriodFactory)
    rating = Rating.LIMITED
    evidence_en = "The draft is written."
    challenges_en = "No money yet."


class SubmittedSelfAssessmentFactory(SelfAssessmentFactory):
    state = SelfAssessment.State.SUBMITTED
    submitted_at = factory.LazyFunction(timezone.now)
    submitted_by = factory.SubFactory(EditorFactory)


class _Published:
    @classmethod
    def _create(cls, model_class: type, *args: Any, **values: Any) -> Any:
        row = super()._create(model_class, *args, **values)  # type: ignore[misc]
        lifecycle.refresh_flags(row.subject)
        row.refresh_from_db(fields=["is_current", "is_latest"])
        return row


class PublishedSelfAssessmentFactory(_Published, SubmittedSelfAssessmentFactory):
    state = SelfAssessment.State.PUBLISHED
    period = _period_of(PublishedPeriodFactory)
    published_at = factory.LazyFunction(timezone.now)
    published_by = factory.SubFactory(PublisherFactory)


class CounterAssessmentFactory(RowFactory):
    """A draft of an NGO's answer on a milestone of its own."""

    class Meta:
        model = CounterAssessment

    milestone = factory.SubFactory(MilestoneFactory)
    commitment = None
    period = _period_of(PublishedPeriodFactory)
    organisation = factory.SubFactory(NgoFactory)
    rating = Rating.NOT_STARTED_OR_DELAYED
    recommendation = "Begin."
    justification = "Nothing was done."
    language = "en"
    # What the verbs leave in each state; `state=` is enough to make a row of it.
    submitted_at = factory.LazyAttribute(lambda row: None if row.state == "draft" else timezone.now())
    submitted_by = factory.LazyAttribute(lambda row: UserFactory() if row.submitted_at else None)
    returned_at = factory.LazyAttribute(lambda row: timezone.now() if row.state == "returned" else None)
    returned_by = factory.LazyAttribute(lambda row: EditorFactory() if row.returned_at else None)
    return_reason = factory.LazyAttribute(lambda row: "Secret-return reason." if row.returned_at else "")
    withheld_at = factory.LazyAttribute(lambda row: timezone.now() if row.state == "withheld" else None)
    withheld_by = factory.LazyAttribute(lambda row: PublisherFactory() if row.withheld_at else None)
    withheld_reason = factory.LazyAttribute(lambda row: "personal_data" if row.withheld_at else "")
    withdrawn_at = factory.LazyAttribute(lambda row: timezone.now() if row.state == "withdrawn" else None)
    withdrawn_by = factory.LazyAttribute(lambda row: UserFactory() if row.withdrawn_at else None)
    state = CounterAssessment.State.DRAFT


class SubmittedCounterAssessmentFactory(CounterAssessmentFactory):
    state = CounterAssessment.State.SUBMITTED


class TranscribedCounterAssessmentFactory(SubmittedCounterAssessmentFactory):
    """Copied from a letter by an editor; a publisher has not published it yet."""

    source = factory.SubFactory(SourceDocumentFactory, address="https://example.org/letter")
    source_place = "p. 1"
    submitted_by = factory.SubFactory(EditorFactory)
    transcribed = True


class PublishedCounterAssessmentFactory(_Published, SubmittedCounterAssessmentFactory):
    """Compared with the government's rating of the same subject and period, where one is published."""

    state = CounterAssessment.State.PUBLISHED
    published_at = factory.LazyAttribute(lambda row: row.submitted_at)
    published_by = factory.SubFactory(PublisherFactory)


class ResponseFactory(RowFactory):
    """A draft of an agency's response to a published answer."""

    class Meta:
        model = Response

    counter_assessment = factory.SubFactory(PublishedCounterAssessmentFactory)
    organisation = factory.SubFactory(OrganisationFactory)
    kind = Response.Kind.KEPT
    reason_en = "The ministry keeps its rating."


class PublishedResponseFactory(ResponseFactory):
    state = Response.State.PUBLISHED
    published_at = factory.LazyFunction(timezone.now)
    published_by = factory.SubFactory(PublisherFactory)
    is_current = True


class IndependentReviewFactory(RowFactory):
    """The IRM's end-of-term review of a commitment as a whole."""

    class Meta:
        model = IndependentReview

    commitment = factory.SubFactory(CommitmentFactory)
    stage = IndependentReview.Stage.END_OF_TERM
    completion = Rating.LIMITED


class EvidenceFactory(RowFactory):
    """A link; under a counter-assessment or response: ``self_assessment=None, counter_assessment=...``."""

    class Meta:
        model = Evidence

    self_assessment = factory.SubFactory(SelfAssessmentFactory)
    title_en = "The draft law"
    address = "https://example.org/draft-law"


class FileEvidenceFactory(RowFactory):
    """A stored file, taken in as forms do; another one: ``upload=uploads.upload("name.pdf", content)``."""

    class Meta:
        model = Evidence

    self_assessment = factory.SubFactory(SelfAssessmentFactory)
    upload = factory.LazyFunction(uploads.upload)

    @classmethod
    def _create(cls, model_class: type, *args: Any, **values: Any) -> Any:
        row = evidence_from_upload(values.pop("upload"))
        for name, value in values.items():
            setattr(row, name, value)
        row.full_clean()
        row.save()
        return row


class ClaimFactory(RowFactory):
    class Meta:
        model = Claim

    plan = factory.SubFactory(ActionPlanFactory)
    code = factory.Sequence(lambda n: f"claim-{n}")
    label_en = "Milestones"
    printed = "3"
    value = 3
    measure = Claim.Measure.MILESTONES


# --- what was reported to the forum -----------------------------------------------------------------------------------


class ReportFactory(RowFactory):
    """A draft of a biannual report."""

    class Meta:
        model = Report

    plan = factory.SubFactory(ActionPlanFactory)
    kind = Report.Kind.BIANNUAL
    period_code = "2025-H1"


class ReleasedReportFactory(ReportFactory):
    state = Report.State.RELEASED
    number = factory.Sequence(lambda n: n + 1)
    as_of = factory.LazyFunction(timezone.now)
    figures = factory.LazyFunction(lambda: {"milestones": 3})
    released_at = factory.LazyFunction(timezone.now)
    released_by = factory.SubFactory(PublisherFactory)


class FailedReleaseFactory(RowFactory):
    """An attempt that came to nothing."""

    class Meta:
        model = Release

    report = factory.SubFactory(ReportFactory)
    state = Release.State.FAILED
    problem = Release.Problem.FILE
    problem_place = "nap-4-report-1-en.pdf"
    requested_at = factory.LazyFunction(timezone.now)
    requested_by = factory.SubFactory(PublisherFactory)
    as_of = factory.LazyFunction(timezone.now)
    moved_at = factory.LazyFunction(timezone.now)


class ReportSectionFactory(RowFactory):
    class Meta:
        model = ReportSection

    report = factory.SubFactory(ReportFactory)
    kind = ReportSection.Kind.LESSONS
    position = factory.Sequence(lambda n: n)
    title_en = "Lessons"
    body_en = "Meet more often."


class CommentFactory(RowFactory):
    """A remark on a plan; on something else: ``plan=None, milestone=...``."""

    class Meta:
        model = Comment

    plan = factory.SubFactory(ActionPlanFactory)
    kind = Comment.Kind.PUBLIC
    text_en = "We want to be heard."
