"""Who sees what (design rule 6.1), as one table: every row that could leak, and the roles that may see it.

It stands with the lowest app, but knows all of them: each `visible_to` is of one rule.
"""

import datetime

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from assessments.models import CounterAssessment, ReportingPeriod, SelfAssessment
from commitments import roles
from commitments.models import Organisation, User, organisations_of
from tests import factories

STAFF = "editor publisher superuser"
READERS_OF_DRAFTS = f"msf {STAFF}"
EVERYBODY = f"anonymous ngo other_ngo former_ngo inactive {READERS_OF_DRAFTS}"

# Row -> who sees it. A row that says nothing about its plan hangs on the published one.
VISIBLE = {
    "published plan": EVERYBODY,
    "draft plan": READERS_OF_DRAFTS,
    "theme": EVERYBODY,
    "theme of draft plan": READERS_OF_DRAFTS,
    "statement": EVERYBODY,
    "statement of draft plan": READERS_OF_DRAFTS,
    "commitment": EVERYBODY,
    "commitment of draft plan": READERS_OF_DRAFTS,
    "milestone": EVERYBODY,
    "milestone of draft plan": READERS_OF_DRAFTS,
    "recommendation": EVERYBODY,
    "recommendation of draft plan": READERS_OF_DRAFTS,
    "meeting": EVERYBODY,
    "meeting of draft plan": READERS_OF_DRAFTS,
    "claim": EVERYBODY,
    "claim of draft plan": READERS_OF_DRAFTS,
    "period": EVERYBODY,
    "period of draft plan": READERS_OF_DRAFTS,
    "review": EVERYBODY,
    "review of draft plan": READERS_OF_DRAFTS,
    "review of a milestone of draft plan": READERS_OF_DRAFTS,
    "focal point": STAFF,
    "rating, draft": STAFF,
    "rating, submitted": STAFF,
    "rating, returned": STAFF,
    "rating, published": EVERYBODY,
    "rating, superseded": EVERYBODY,
    "rating, published, of draft plan": READERS_OF_DRAFTS,
    "evidence of a draft rating": STAFF,
    "evidence of a published rating": EVERYBODY,
    "answer, draft": "ngo",
    "answer, submitted": f"ngo {STAFF}",
    "answer, returned": f"ngo {STAFF}",
    "answer, published": EVERYBODY,
    "answer, withheld": f"ngo {STAFF}",
    "answer, withdrawn": f"ngo {STAFF}",
    "answer, published, of draft plan": f"ngo {READERS_OF_DRAFTS}",
    "evidence of a draft answer": "ngo",
    "evidence of a submitted answer": f"ngo {STAFF}",
    "evidence of a published answer": EVERYBODY,
    "response, draft": STAFF,
    "response, published": EVERYBODY,
    "evidence of a draft response": STAFF,
    "report, draft": READERS_OF_DRAFTS,
    "report, released": EVERYBODY,
    "report, released, of draft plan": READERS_OF_DRAFTS,
    "comment on a plan": EVERYBODY,
    "comment on a draft plan": READERS_OF_DRAFTS,
    "comment on a milestone of draft plan": READERS_OF_DRAFTS,
    "comment on a draft report": READERS_OF_DRAFTS,
    "comment on a released report": EVERYBODY,
    "membership": f"ngo {STAFF}",
    "account of the ngo": "ngo publisher superuser",
    "account of the editor": STAFF,
    "organisation": EVERYBODY,
}


@pytest.fixture
def users(db):
    ngo = factories.NgoFactory(name_en="The union")
    ended = timezone.localdate() - datetime.timedelta(days=1)
    former = factories.UserFactory()
    factories.MembershipFactory(user=former, organisation=ngo, ends_on=ended)
    return {
        "anonymous": AnonymousUser(),
        "ngo": factories.RepresentativeFactory(organisation=ngo),
        "other_ngo": factories.RepresentativeFactory(),
        "former_ngo": former,
        "inactive": factories.PublisherFactory(is_active=False),
        "msf": factories.MsfMemberFactory(),
        "editor": factories.EditorFactory(),
        "publisher": factories.PublisherFactory(),
        "superuser": factories.SuperuserFactory(),
    }


@pytest.fixture
def rows(users):
    plan, draft_plan = factories.ActionPlanFactory(), factories.DraftPlanFactory()
    commitment, hidden = factories.CommitmentFactory(plan=plan), factories.CommitmentFactory(plan=draft_plan)
    hidden_milestone = factories.MilestoneFactory(commitment=hidden)
    ngo = Organisation.objects.get(name_en="The union")

    def milestone():
        return factories.MilestoneFactory(commitment=commitment)

    def answer(state):
        published = state in {"published", "withheld", "withdrawn"}
        factory = (
            factories.PublishedCounterAssessmentFactory if published else factories.SubmittedCounterAssessmentFactory
        )
        return factory(milestone=milestone(), organisation=ngo, state=state)

    def superseded_rating():
        row = factories.PublishedSelfAssessmentFactory(milestone=milestone())
        SelfAssessment.objects.filter(pk=row.pk).update(superseded_at=timezone.now(), is_current=False, is_latest=False)
        return row

    made = {
        "published plan": plan,
        "draft plan": draft_plan,
        "commitment": commitment,
        "commitment of draft plan": hidden,
        "milestone": milestone(),
        "milestone of draft plan": hidden_milestone,
        "review": factories.IndependentReviewFactory(commitment=commitment),
        "review of draft plan": factories.IndependentReviewFactory(commitment=hidden),
        "review of a milestone of draft plan": factories.IndependentReviewFactory(
            commitment=None, milestone=hidden_milestone
        ),
        "focal point": factories.FocalPointFactory(commitment=commitment),
        "rating, draft": factories.SelfAssessmentFactory(milestone=milestone()),
        "rating, submitted": factories.SubmittedSelfAssessmentFactory(milestone=milestone()),
        "rating, returned": factories.SelfAssessmentFactory(
            milestone=milestone(),
            state="returned",
            returned_at=timezone.now(),
            returned_by=users["editor"],
            return_reason="Mend it.",
        ),
        "rating, published": factories.PublishedSelfAssessmentFactory(milestone=milestone()),
        "rating, superseded": superseded_rating(),
        "rating, published, of draft plan": factories.PublishedSelfAssessmentFactory(milestone=hidden_milestone),
        **{f"answer, {state}": answer(state) for state in CounterAssessment.State.values},
        "answer, published, of draft plan": factories.PublishedCounterAssessmentFactory(
            milestone=hidden_milestone, organisation=ngo
        ),
        "report, draft": factories.ReportFactory(plan=plan),
        "report, released": factories.ReleasedReportFactory(plan=plan),
        "report, released, of draft plan": factories.ReleasedReportFactory(plan=draft_plan),
        "comment on a plan": factories.CommentFactory(plan=plan),
        "comment on a draft plan": factories.CommentFactory(plan=draft_plan),
        "comment on a milestone of draft plan": factories.CommentFactory(plan=None, milestone=hidden_milestone),
        "membership": users["ngo"].memberships.get(),
        "account of the ngo": users["ngo"],
        "account of the editor": users["editor"],
        "organisation": ngo,
        "period": ReportingPeriod.objects.get(plan=plan),
        "period of draft plan": ReportingPeriod.objects.get(plan=draft_plan),
    }
    for name, factory in {
        "theme": factories.ThemeFactory,
        "statement": factories.PlanStatementFactory,
        "recommendation": factories.RecommendationFactory,
        "meeting": factories.MeetingFactory,
        "claim": factories.ClaimFactory,
    }.items():
        made |= {name: factory(plan=plan), f"{name} of draft plan": factory(plan=draft_plan)}
    made |= {
        "evidence of a draft rating": factories.EvidenceFactory(self_assessment=made["rating, draft"]),
        "evidence of a published rating": factories.EvidenceFactory(self_assessment=made["rating, published"]),
        **{
            f"evidence of a {state} answer": factories.EvidenceFactory(
                self_assessment=None, counter_assessment=made[f"answer, {state}"]
            )
            for state in ("draft", "submitted", "published")
        },
        "response, draft": factories.ResponseFactory(counter_assessment=made["answer, published"]),
        "response, published": factories.PublishedResponseFactory(counter_assessment=made["answer, published"]),
        "comment on a draft report": factories.CommentFactory(plan=None, report=made["report, draft"]),
        "comment on a released report": factories.CommentFactory(plan=None, report=made["report, released"]),
    }
    made["evidence of a draft response"] = factories.EvidenceFactory(
        self_assessment=None, response=made["response, draft"]
    )
    return made


def test_who_sees_what(users, rows):
    seen = {
        name: {role for role, user in users.items() if type(row).objects.visible_to(user).filter(pk=row.pk).exists()}
        for name, row in rows.items()
    }
    # An editor sees their own account, not those of others.
    expected = {name: set(seers.split()) for name, seers in VISIBLE.items()}
    assert seen == expected


def test_nothing_is_seen_twice(users, rows):
    """A condition over relations would repeat rows, and counts with them."""
    for user in users.values():
        for model in {type(row) for row in rows.values()}:
            keys = list(model.objects.visible_to(user).values_list("pk", flat=True))
            assert len(keys) == len(set(keys))


def test_who_holds_which_office(users):
    offices = {
        role: (roles.is_support_unit(user), roles.is_publisher(user), roles.sees_drafts(user))
        for role, user in users.items()
    }
    assert offices == {
        "anonymous": (False, False, False),
        "ngo": (False, False, False),
        "other_ngo": (False, False, False),
        "former_ngo": (False, False, False),
        "inactive": (False, False, False),
        "msf": (False, False, True),
        "editor": (True, False, True),
        "publisher": (True, True, True),
        "superuser": (True, True, True),
    }
    assert not roles.is_support_unit(None)


def test_the_admin_is_open_to_the_support_unit(users):
    staff = {role for role, user in users.items() if user.is_staff}
    assert staff == {"editor", "publisher", "superuser"}


def test_an_organisation_is_spoken_for_from_the_first_day_to_the_last(db):
    today = timezone.localdate()
    day = datetime.timedelta(days=1)
    spoken_for = {
        name: organisations_of(factories.MembershipFactory(starts_on=starts_on, ends_on=ends_on).user) != []
        for name, starts_on, ends_on in [
            ("from tomorrow", today + day, None),
            ("from today", today, None),
            ("until today", today - day, today),
            ("until yesterday", today - day, today - day),
        ]
    }
    assert spoken_for == {
        "from tomorrow": False,
        "from today": True,
        "until today": True,
        "until yesterday": False,
    }


def test_an_account_that_was_switched_off_speaks_for_nobody(db):
    user = factories.RepresentativeFactory()
    User.objects.update(is_active=False)
    user.refresh_from_db()
    assert organisations_of(user) == []


def test_of_a_focal_point_everybody_may_read_position_and_agency_only(db):
    row = factories.FocalPointFactory(organisation=factories.OrganisationFactory(name_en="Ministry"))
    factories.FocalPointFactory(
        commitment=row.commitment, position="Earlier head", ends_on=timezone.localdate() - datetime.timedelta(days=1)
    )
    assert row.commitment.focal_points.all().positions() == [
        {
            "commitment_id": row.commitment_id,
            "position": "Head of unit",
            "organisation__name_en": "Ministry",
            "organisation__name_mn": "",
        }
    ]


def test_the_history_of_a_contact_keeps_no_contact(db):
    row = factories.FocalPointFactory()
    row.email = "another-secret@example.org"
    row.save()
    columns = {column.name for column in row.history.model._meta.fields}
    assert not columns & {"name", "position", "department", "email", "phone"}
    assert row.history.count() == 2
