"""A calendar of days: who is reminded of what, in which language, once; and that no contact leaks."""

from __future__ import annotations

import datetime
import logging
from io import StringIO
from typing import Any

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.core.management import CommandError, call_command
from django.utils import timezone

from assessments.management.commands import send_reminders
from assessments.models import ReportingPeriod, SentReminder, day_start
from assessments.ratings import Rating
from assessments.reminders import Post, due_at
from commitments.models import ActionPlan, Commitment, FocalPoint, Milestone, Organisation, User
from tests import factories

pytestmark = pytest.mark.django_db

SECRETS = ("secret-contact@example.org", "Tsetseg", "Secret-Name", "99112233")


def day(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)


def at(text: str, hour: int = 8) -> datetime.datetime:
    return day_start(day(text)) + datetime.timedelta(hours=hour)


@pytest.fixture
def plan() -> ActionPlan:
    return factories.ActionPlanFactory(slug="p", number=7, starts_on=day("2024-01-01"), ends_on=day("2027-12-31"))


@pytest.fixture
def ministry() -> Organisation:
    return factories.OrganisationFactory(slug="roads", name_en="Ministry of Roads", name_mn="Замын яам")


@pytest.fixture
def commitment(plan: ActionPlan) -> Commitment:
    return factories.CommitmentFactory(plan=plan, code="1", title_en="Open the roads")


@pytest.fixture
def milestones(commitment: Commitment) -> list[Milestone]:
    return [factories.MilestoneFactory(commitment=commitment, code=code) for code in ("1.1", "1.2")]


@pytest.fixture
def period(plan: ActionPlan, milestones: list[Milestone]) -> ReportingPeriod:
    """Open for entry until 15 April 2025, six in the evening."""
    return factories.OpenPeriodFactory(
        plan=plan, code="2025-Q1", opened_at=at("2025-01-02"), entry_closes_at=at("2025-04-15", 18)
    )


@pytest.fixture
def contact(commitment: Commitment, ministry: Organisation) -> FocalPoint:
    return factories.FocalPointFactory(commitment=commitment, organisation=ministry)


def published(period: ReportingPeriod, *, closes: str | None = "2025-05-30") -> ReportingPeriod:
    """Its answers are taken from 20 April on."""
    period.published_at, period.published_by = at("2025-04-20"), factories.PublisherFactory(is_active=False)
    period.answers_open_at, period.answers_close_at = at("2025-04-20"), at(closes, 18) if closes else None
    period.save()
    return period


def about(posts: list[Post]) -> dict[str, list[str]]:
    """What each reader would be reminded of: by reader, kind and key."""
    return {str(post.reader): [f"{row.kind}: {row.about}" for row in post.reminders] for post in posts}


def only(*present: User) -> None:
    """Everybody else is away: whom factories made on the way, as who opened a period."""
    User.objects.exclude(pk__in=[user.pk for user in present]).update(is_active=False)


def due(text: str, *present: User, hour: int = 8) -> list[Post]:
    """What is due on that morning while only these accounts are active."""
    only(*present)
    return due_at(at(text, hour))


def calendar(days: list[str], reader: User) -> dict[str, list[str]]:
    """What one account is reminded of on each day, without the period's own key."""
    return {
        text: [line.replace("p/2025-Q1 ", "") for lines in about(due(text, reader)).values() for line in lines]
        for text in days
    }


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("send_reminders", *arguments, stdout=out, stderr=out)
    return out.getvalue()


def send(text: str, *present: User) -> str:
    """What the command prints on that day while only these accounts are active."""
    only(*present)
    return run("--on", text)


class TestEntry:
    def test_the_days_before_and_after_it_closes(self, period: ReportingPeriod, editor: User) -> None:
        days = [
            "2025-03-15", "2025-03-16", "2025-03-31", "2025-04-01", "2025-04-08", "2025-04-12", "2025-04-13",
            "2025-04-15", "2025-04-16", "2025-04-22", "2025-04-23", "2025-05-01",
        ]  # fmt: skip
        assert calendar(days, editor) == {
            "2025-03-15": [],
            "2025-03-16": ["entry_closes: 2025-04-15 30"],
            "2025-03-31": ["entry_closes: 2025-04-15 30"],
            "2025-04-01": ["entry_closes: 2025-04-15 14"],
            "2025-04-08": ["entry_closes: 2025-04-15 7"],
            "2025-04-12": ["entry_closes: 2025-04-15 7"],
            "2025-04-13": ["entry_closes: 2025-04-15 2"],
            "2025-04-15": ["entry_closes: 2025-04-15 2"],
            "2025-04-16": ["entry_overdue: 2025-04-15 week 1"],
            "2025-04-22": ["entry_overdue: 2025-04-15 week 1"],
            "2025-04-23": ["entry_overdue: 2025-04-15 week 2"],
            "2025-05-01": ["entry_overdue: 2025-04-15 week 3"],
        }

    def test_on_the_last_evening_it_is_overdue(self, period: ReportingPeriod, editor: User) -> None:
        assert about(due("2025-04-15", editor, hour=18)) == {
            f"account {editor.pk}": ["entry_overdue: p/2025-Q1 2025-04-15 week 1"]
        }

    def test_goes_to_editors_publishers_and_focal_points(
        self, period: ReportingPeriod, editor: User, publisher: User, contact: FocalPoint
    ) -> None:
        factories.EditorFactory(is_active=False)
        others = factories.MsfMemberFactory(), factories.SuperuserFactory(), factories.RepresentativeFactory()
        line = ["entry_closes: p/2025-Q1 2025-04-15 14"]
        assert about(due("2025-04-01", editor, publisher, *others)) == {
            f"account {editor.pk}": line,
            f"account {publisher.pk}": line,
            "focal point of p/1 (Ministry of Roads)": line,
        }

    def test_counts_what_is_entered(self, period: ReportingPeriod, milestones: list[Milestone], editor: User) -> None:
        plan = period.plan
        returned = factories.SubmittedSelfAssessmentFactory(milestone__commitment__plan=plan, period=period)
        type(returned).objects.filter(pk=returned.pk).update(state="returned")
        factories.SubmittedSelfAssessmentFactory(milestone=milestones[0], period=period)
        factories.SelfAssessmentFactory(milestone=milestones[1], period=period)
        factories.MilestoneFactory(commitment__plan=plan)
        send("2025-04-01", editor)
        assert "3 of 4 entered; drafts: 1, returned: 1." in mail.outbox[0].body.splitlines()

    def test_a_focal_point_is_left_alone_once_all_is_submitted(
        self, period: ReportingPeriod, milestones: list[Milestone], contact: FocalPoint
    ) -> None:
        factories.SubmittedSelfAssessmentFactory(milestone=milestones[0], period=period)
        [post] = due("2025-04-01")
        assert [row.missing for row in post.reminders] == [(milestones[1],)]
        factories.SubmittedSelfAssessmentFactory(milestone=milestones[1], period=period)
        assert due("2025-04-01") == []

    def test_only_who_is_responsible_on_the_day_and_has_an_address(
        self, period: ReportingPeriod, commitment: Commitment
    ) -> None:
        agencies = {
            name: factories.OrganisationFactory(name_en=name) for name in ("before", "now", "later", "no address")
        }
        for name, values in {
            "before": {"ends_on": day("2025-03-31")},
            "now": {"starts_on": day("2025-04-01"), "ends_on": day("2025-04-01")},
            "later": {"starts_on": day("2025-04-02")},
            "no address": {"email": ""},
        }.items():
            factories.FocalPointFactory(
                commitment=commitment,
                organisation=agencies[name],
                **{"email": f"{agencies[name].slug}@example.org", **values},
            )
        assert list(about(due("2025-04-01"))) == ["focal point of p/1 (now)"]

    def test_in_a_plan_without_milestones_commitments_are_counted(self, editor: User) -> None:
        commitment = factories.CommitmentFactory(plan=factories.CompletionPlanFactory())
        factories.OpenPeriodFactory(plan=commitment.plan, opened_at=at("2025-01-02"), entry_closes_at=at("2025-04-15"))
        [post] = due("2025-04-01", editor)
        assert [(row.entry.total, row.entry.entered) for row in post.reminders if row.entry] == [(1, 0)]

    def test_a_moved_deadline_is_a_new_one(self, period: ReportingPeriod, editor: User) -> None:
        send("2025-04-14", editor)
        ReportingPeriod.objects.update(entry_closes_at=at("2025-04-30", 18))
        send("2025-04-16", editor)
        assert [message.subject for message in mail.outbox] == [
            "NAP VII, Quarter 1 of 2025: entry closes on 15 Apr 2025",
            "NAP VII, Quarter 1 of 2025: entry closes on 30 Apr 2025",
        ]

    def test_not_before_it_is_opened_nor_without_a_closing_time(self, period: ReportingPeriod, editor: User) -> None:
        assert due("2025-01-01", editor) == []
        ReportingPeriod.objects.update(entry_closes_at=None)
        assert due("2025-04-14", editor) == []

    def test_a_reopened_period_is_due_only_with_a_new_closing_time(self, period: ReportingPeriod, editor: User) -> None:
        published(period)
        ReportingPeriod.objects.update(
            reopened_at=at("2025-06-01"), reopened_by=factories.PublisherFactory(is_active=False), reopen_reason="Late."
        )
        assert due("2025-06-10", editor) == []
        ReportingPeriod.objects.update(entry_closes_at=at("2025-06-15", 18))
        assert about(due("2025-06-10", editor)) == {f"account {editor.pk}": ["entry_closes: p/2025-Q1 2025-06-15 7"]}

    @pytest.mark.parametrize("values", [{"is_demonstration": True}, {"published_at": None, "published_by": None}])
    def test_neither_demonstrations_nor_draft_plans(
        self, period: ReportingPeriod, editor: User, contact: FocalPoint, values: dict[str, Any]
    ) -> None:
        ActionPlan.objects.filter(pk=period.plan_id).update(**values)
        assert due("2025-04-14", editor, factories.RepresentativeFactory()) == []


class TestAnswers:
    def test_the_days_of_the_window(self, period: ReportingPeriod, representative: User) -> None:
        published(period)
        days = ["2025-04-19", "2025-04-20", "2025-05-22", "2025-05-23", "2025-05-28", "2025-05-30", "2025-05-31"]
        assert calendar(days, representative) == {
            "2025-04-19": [],
            "2025-04-20": ["answers_open: 2025-04-20 opened"],
            "2025-05-22": ["answers_open: 2025-04-20 opened"],
            "2025-05-23": ["answers_close: 2025-05-30 7"],
            "2025-05-28": ["answers_close: 2025-05-30 2"],
            "2025-05-30": ["answers_close: 2025-05-30 2"],
            "2025-05-31": [],
        }

    def test_a_window_without_an_end_is_announced_once(self, period: ReportingPeriod, representative: User) -> None:
        published(period, closes=None)
        assert "1 sent." in send("2025-04-20", representative)
        assert send("2026-04-20", representative) == "0 sent.\n"

    def test_only_who_speaks_for_an_organisation_that_day(self, period: ReportingPeriod) -> None:
        published(period)
        speaks = factories.RepresentativeFactory()
        factories.RepresentativeFactory(is_active=False)
        silent = [
            factories.MembershipFactory(ends_on=day("2025-04-20")),
            factories.MembershipFactory(starts_on=day("2025-04-22")),
            factories.MembershipFactory(organisation=factories.NgoFactory(active=False)),
        ]
        present = [speaks, factories.UserFactory(), *(membership.user for membership in silent)]
        assert list(about(due("2025-04-21", *present))) == [f"account {speaks.pk}"]

    def test_tells_the_organisation_what_it_has_not_submitted(
        self, period: ReportingPeriod, milestones: list[Milestone], representative: User
    ) -> None:
        published(period)
        own = representative.memberships.get().organisation
        factories.SubmittedCounterAssessmentFactory(milestone=milestones[0], period=period, organisation=own)
        factories.CounterAssessmentFactory(milestone=milestones[1], period=period, organisation=own)
        factories.CounterAssessmentFactory(milestone=milestones[1], period=period)
        send("2025-05-23", representative)
        assert mail.outbox[0].body.splitlines()[:4] == [
            "NAP VII, Quarter 1 of 2025: answers are taken until 30 May 2025",
            "30 May 2025, 18:00, Ulaanbaatar time (7 days left)",
            "Your organisation's answers: submitted 1, not submitted yet 1.",
            "http://127.0.0.1:8000/en/counter-assessments/?plan=p",
        ]

    def test_one_that_waits_is_brought_to_publishers_at_once_and_then_every_monday(
        self, period: ReportingPeriod, milestones: list[Milestone], editor: User, publisher: User
    ) -> None:
        published(period)
        # A Thursday.
        factories.SubmittedCounterAssessmentFactory(
            milestone=milestones[0], period=period, submitted_at=at("2025-05-01", 12)
        )
        sent = {}
        for number in range(1, 16):
            text = f"2025-05-{number:02}"
            mail.outbox.clear()
            send(text, editor, publisher)
            sent[text] = [(message.to, message.subject) for message in mail.outbox]
        expected = [([publisher.email], "NAP VII, Quarter 1 of 2025: 1 answer waits for publication")]
        assert {text: letters for text, letters in sent.items() if letters} == {
            "2025-05-02": expected,
            "2025-05-05": expected,
            "2025-05-12": expected,
        }

    def test_one_that_was_handled_waits_no_longer(
        self, period: ReportingPeriod, milestones: list[Milestone], publisher: User
    ) -> None:
        published(period)
        factories.PublishedCounterAssessmentFactory(milestone=milestones[0], period=period)
        factories.CounterAssessmentFactory(milestone=milestones[1], period=period)
        assert due("2025-05-02", publisher) == []


class TestMilestones:
    @pytest.fixture(autouse=True)
    def _no_deadline(self, period: ReportingPeriod, milestones: list[Milestone]) -> None:
        ReportingPeriod.objects.update(entry_closes_at=None)
        Milestone.objects.update(ends_on=day("2025-06-30"))

    def test_from_the_day_after_it_was_due(self, editor: User, contact: FocalPoint) -> None:
        assert due("2025-06-30", editor) == []
        lines = [f"milestone_overdue: p/{code} 2025-06-30" for code in ("1.1", "1.2")]
        assert about(due("2025-07-01", editor)) == {
            f"account {editor.pk}": lines,
            "focal point of p/1 (Ministry of Roads)": lines,
        }

    def test_once_under_one_headline(self, editor: User) -> None:
        send("2025-07-01", editor)
        send("2025-07-20", editor)
        [message] = mail.outbox
        assert message.body.splitlines()[:5] == [
            "NAP VII: 2 milestones of commitment 1 are past their due dates",
            "  1.1 Step 1.1 (due on 30 Jun 2025)",
            "  1.2 Step 1.2 (due on 30 Jun 2025)",
            "Not rated completed or substantial.",
            "http://127.0.0.1:8000/en/plans/p/commitments/1/",
        ]

    def test_not_one_that_is_rated_green_or_about_to_be(
        self, period: ReportingPeriod, milestones: list[Milestone], editor: User
    ) -> None:
        green = Rating.COMPLETED_OR_SUBSTANTIAL
        factories.PublishedSelfAssessmentFactory(
            milestone=milestones[0], period=period, rating=green, published_at=at("2025-06-01")
        )
        factories.SubmittedSelfAssessmentFactory(milestone=milestones[1], period=period, rating=green)
        assert due("2025-07-01", editor) == []

    def test_one_that_is_rated_below_green_is_due(
        self, period: ReportingPeriod, milestones: list[Milestone], editor: User
    ) -> None:
        factories.PublishedSelfAssessmentFactory(
            milestone=milestones[0], period=period, rating=Rating.LIMITED, published_at=at("2025-06-01")
        )
        factories.SelfAssessmentFactory(milestone=milestones[1], period=period, rating=Rating.COMPLETED_OR_SUBSTANTIAL)
        assert len(due("2025-07-01", editor)[0].reminders) == 2

    def test_not_in_a_plan_that_has_ended_or_in_which_no_period_was_opened(
        self, plan: ActionPlan, editor: User
    ) -> None:
        assert due("2028-04-01", editor) == []
        ReportingPeriod.objects.update(opened_at=None, opened_by=None)
        assert due("2025-07-01", editor) == []


class TestTheMail:
    def test_gathers_all_that_concerns_a_person_most_urgent_first(
        self, period: ReportingPeriod, milestones: list[Milestone], publisher: User
    ) -> None:
        factories.PublishedPeriodFactory(
            plan=period.plan,
            code="2024-Q4",
            starts_on=day("2024-10-01"),
            ends_on=day("2024-12-31"),
            opened_at=at("2025-01-02"),
            published_at=at("2025-02-01"),
        )
        factories.SubmittedCounterAssessmentFactory(
            milestone=milestones[0], period=period.plan.periods.get(code="2024-Q4"), submitted_at=at("2025-03-01")
        )
        Milestone.objects.filter(code="1.2").update(ends_on=day("2025-03-31"))
        factories.MembershipFactory(user=publisher)
        assert send("2025-04-01", publisher) == f"Sent to account {publisher.pk}: 4 reminders.\n1 sent.\n"
        [message] = mail.outbox
        assert message.subject == "NAP VII, Quarter 1 of 2025: entry closes on 15 Apr 2025 (and 3 more)"
        assert message.body == (
            "NAP VII, Quarter 1 of 2025: entry closes on 15 Apr 2025\n"
            "15 Apr 2025, 18:00, Ulaanbaatar time (14 days left)\n"
            "0 of 2 entered; drafts: 0, returned: 0.\n"
            "http://127.0.0.1:8000/admin/quarter/p/2025-Q1/\n\n"
            "NAP VII, Quarter 4 of 2024: 1 answer waits for publication\n"
            "The oldest was submitted on 1 Mar 2025.\n"
            "http://127.0.0.1:8000/admin/assessments/counterassessment/?queue=submitted\n\n"
            "NAP VII: 1 milestone of commitment 1 is past its due date\n"
            "  1.2 Step 1.2 (due on 31 Mar 2025)\n"
            "Not rated completed or substantial.\n"
            "http://127.0.0.1:8000/en/plans/p/commitments/1/\n\n"
            "NAP VII, Quarter 4 of 2024: the government's rating can be answered\n"
            "Your organisation's answers: submitted 0, not submitted yet 0.\n"
            "http://127.0.0.1:8000/en/counter-assessments/?plan=p\n\n"
            "Each reminder is sent once. The language of your mail is set in your account.\n\n"
            "-- \nOpen Government Partnership Mongolia\nhttp://127.0.0.1:8000\n"
        )
        assert message.extra_headers == {"Auto-Submitted": "auto-generated"}

    def test_speaks_the_readers_language(self, period: ReportingPeriod) -> None:
        send("2025-04-13", factories.EditorFactory(language="mn"), factories.EditorFactory(language="en"))
        assert [(message.subject, message.body.splitlines()[1]) for message in mail.outbox] == [
            (
                "VII төлөвлөгөө, 2025 оны 1‑р улирал: үнэлгээ оруулах эцсийн хугацаа 2025-04-15",
                "2025-04-15 18:00, Улаанбаатарын цагаар (2 хоног үлдсэн)",
            ),
            (
                "NAP VII, Quarter 1 of 2025: entry closes on 15 Apr 2025",
                "15 Apr 2025, 18:00, Ulaanbaatar time (2 days left)",
            ),
        ]

    def test_a_focal_points_is_mongolian_with_the_public_link_and_the_agencys_workbook(
        self, period: ReportingPeriod, contact: FocalPoint, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(
            send_reminders, "agency_workbook", lambda period, agency: f"{period.code} {agency.slug}".encode()
        )
        send("2025-04-13")
        [message] = mail.outbox
        assert message.to == ["secret-contact@example.org"]
        assert message.subject == (
            "VII төлөвлөгөө, 2025 оны 1‑р улирал: 1 дугаар амлалтын явцыг ирүүлэх эцсийн хугацаа 2025-04-15"
        )
        assert "http://127.0.0.1:8000/mn/plans/p/commitments/1/" in message.body.splitlines()
        assert "/admin/" not in message.body
        assert [(name, content) for name, content, _type in message.attachments] == [
            ("p-2025-Q1-roads.xlsx", b"2025-Q1 roads")
        ]

    def test_one_person_with_two_commitments_gets_one_mail_with_one_workbook(
        self, plan: ActionPlan, period: ReportingPeriod, contact: FocalPoint, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(send_reminders, "agency_workbook", lambda period, agency: b"rows")
        second = factories.MilestoneFactory(commitment__plan=plan, commitment__code="2").commitment
        factories.FocalPointFactory(
            commitment=second, organisation=contact.organisation, email="Secret-Contact@example.org"
        )
        assert send("2025-04-13").splitlines() == [
            "Sent to focal point of p/1, p/2 (Ministry of Roads): 2 reminders.",
            "1 sent.",
        ]
        assert [name for name, _content, _type in mail.outbox[0].attachments] == ["p-2025-Q1-roads.xlsx"]

    def test_without_an_agency_of_their_own_they_get_the_only_leads(
        self, period: ReportingPeriod, commitment: Commitment, ministry: Organisation
    ) -> None:
        factories.FocalPointFactory(commitment=commitment)
        assert list(about(due("2025-04-13"))) == ["focal point of p/1"]
        factories.InvolvementFactory(commitment=commitment, organisation=ministry)
        assert list(about(due("2025-04-13"))) == ["focal point of p/1 (Ministry of Roads)"]
        factories.InvolvementFactory(commitment=commitment)
        assert list(about(due("2025-04-13"))) == ["focal point of p/1"]

    def test_a_title_is_not_escaped_and_breaks_no_header(
        self, period: ReportingPeriod, contact: FocalPoint, milestones: list[Milestone]
    ) -> None:
        ActionPlan.objects.update(number=None, title_en="", title_mn="A & B\r\nBcc: x@example.org")
        Milestone.objects.update(title_en="", title_mn="<b> & “it's”")
        send("2025-04-13")
        [message] = mail.outbox
        assert message.message()["Bcc"] is None
        assert message.subject.startswith("A & B Bcc: x@example.org, ")
        assert "  1.1 <b> & “it's”" in message.body.splitlines()


class TestOnce:
    def test_each_reminder_is_sent_once_and_noted(self, period: ReportingPeriod, editor: User) -> None:
        assert send("2025-04-01", editor) == f"Sent to account {editor.pk}: 1 reminder.\n1 sent.\n"
        assert send("2025-04-01", editor) == "0 sent.\n"
        assert send("2025-04-02", editor) == "0 sent.\n"
        assert len(mail.outbox) == 1
        row = SentReminder.objects.get()
        assert (row.kind, row.about, row.user, row.focal_point) == (
            "entry_closes", "p/2025-Q1 2025-04-15 14", editor, None,
        )  # fmt: skip
        assert row.sent_at is not None

    def test_a_missed_day_is_made_up_for_by_the_newest_stage_alone(self, period: ReportingPeriod, editor: User) -> None:
        for text in ("2025-04-10", "2025-04-11", "2025-05-02", "2025-05-03"):
            send(text, editor)
        assert list(SentReminder.objects.values_list("about", flat=True)) == [
            "p/2025-Q1 2025-04-15 7",
            "p/2025-Q1 2025-04-15 week 3",
        ]

    def test_who_joins_later_is_told_what_is_current(self, period: ReportingPeriod, editor: User) -> None:
        send("2025-04-01", editor)
        late = factories.EditorFactory()
        assert send("2025-04-02", editor, late) == f"Sent to account {late.pk}: 1 reminder.\n1 sent.\n"

    def test_without_a_date_it_is_now(self, period: ReportingPeriod, editor: User) -> None:
        ReportingPeriod.objects.update(entry_closes_at=timezone.now() + datetime.timedelta(days=3))
        only(editor)
        assert "1 sent." in run()

    def test_a_dry_run_prints_the_mails_whole_and_writes_nothing(
        self, period: ReportingPeriod, contact: FocalPoint, editor: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(send_reminders, "agency_workbook", lambda period, agency: b"rows")
        only(editor)
        printed = run("--on", "2025-04-13", "--dry-run")
        assert (mail.outbox, SentReminder.objects.count()) == ([], 0)
        send("2025-04-13", editor)
        for message in mail.outbox:
            assert f"Subject: {message.subject}\n\n{message.body}" in printed
        assert [line for line in printed.splitlines() if line.startswith(("To:", "Attached:"))] == [
            f"To: account {editor.pk}",
            "To: focal point of p/1 (Ministry of Roads)",
            "Attached: p-2025-Q1-roads.xlsx, 4 bytes",
        ]
        assert run("--on", "2025-04-13", "--dry-run") == "0 would be sent.\n"

    def test_a_day_that_is_none_is_refused(self) -> None:
        with pytest.raises(CommandError, match="tomorrow is no date"):
            call_command("send_reminders", "--on", "tomorrow")


class Refusing(EmailBackend):
    """Refuses the mail to the addresses in ``refused``, and says them in its error as a mail server does."""

    refused: set[str] = set()

    def send_messages(self, messages: Any) -> int:
        if refused := self.refused.intersection(*(message.to for message in messages)):
            raise OSError(f"550 no such mailbox: {refused}")
        return super().send_messages(messages)


class TestFailures:
    @pytest.fixture(autouse=True)
    def _mail_server(self, settings: Any) -> None:
        settings.EMAIL_BACKEND = f"{__name__}.Refusing"

    def refuse(self, monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
        monkeypatch.setattr(Refusing, "refused", set(addresses))

    def test_one_that_fails_stops_no_other_and_is_tried_again(
        self, period: ReportingPeriod, contact: FocalPoint, editor: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        other = factories.EditorFactory()
        only(editor, other)
        self.refuse(monkeypatch, editor.email)
        out = StringIO()
        with pytest.raises(CommandError, match="2 sent, 1 failed"):
            call_command("send_reminders", "--on", "2025-04-13", stdout=out, stderr=out)
        assert out.getvalue().splitlines() == [
            f"Not sent to account {editor.pk}: OSError.",
            f"Sent to account {other.pk}: 1 reminder.",
            "Sent to focal point of p/1 (Ministry of Roads): 1 reminder.",
        ]
        self.refuse(monkeypatch)
        assert send("2025-04-14", editor, other) == f"Sent to account {editor.pk}: 1 reminder.\n1 sent.\n"
        assert sorted(message.to[0] for message in mail.outbox) == sorted([editor.email, other.email, contact.email])

    def test_a_workbook_that_cannot_be_made_is_such_a_failure(
        self, period: ReportingPeriod, contact: FocalPoint, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def broken(period: ReportingPeriod, agency: Organisation) -> bytes:
            raise ValueError(agency)

        monkeypatch.setattr(send_reminders, "agency_workbook", broken)
        with pytest.raises(CommandError, match="0 sent, 1 failed"):
            send("2025-04-13")
        assert SentReminder.objects.count() == 0

    def test_a_run_that_is_killed_while_a_mail_goes_out_leaves_it_noted_until_it_is_sent_again_on_demand(
        self, period: ReportingPeriod, editor: User, publisher: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        class Killed(BaseException):
            pass

        def killed(self: Any, messages: Any) -> int:
            raise Killed

        monkeypatch.setattr(Refusing, "send_messages", killed)
        with pytest.raises(Killed):
            send("2025-04-13", editor, publisher)
        monkeypatch.undo()
        # The one in the air is not sent twice; the one behind it is not left out.
        assert send("2025-04-13", editor, publisher) == f"Sent to account {publisher.pk}: 1 reminder.\n1 sent.\n"
        SentReminder.objects.filter(sent_at=None).update(reserved_at=at("2025-04-13"))
        assert send("2025-04-14", editor, publisher) == (
            "1 of an interrupted run may or may not have arrived; --retry sends them again.\n0 sent.\n"
        )
        assert run("--on", "2025-04-14", "--retry") == f"Sent to account {editor.pk}: 1 reminder.\n1 sent.\n"

    def test_nothing_of_a_focal_point_leaks(
        self,
        period: ReportingPeriod,
        contact: FocalPoint,
        monkeypatch: pytest.MonkeyPatch,
        caplog: pytest.LogCaptureFixture,
        capfd: pytest.CaptureFixture,
    ) -> None:
        only()
        said = run("--on", "2025-04-13", "--dry-run")
        self.refuse(monkeypatch, contact.email)
        with caplog.at_level(logging.DEBUG), pytest.raises(CommandError) as failure:
            call_command("send_reminders", "--on", "2025-04-13")
        self.refuse(monkeypatch)
        said += str(failure.value) + send("2025-04-13")
        assert mail.outbox[0].to == [contact.email]
        said += caplog.text + "".join(capfd.readouterr())
        said += repr([list(row.values()) for row in SentReminder.objects.values()]) + repr(
            list(SentReminder.objects.all())
        )
        assert "focal point of p/1" in said
        assert [secret for secret in (*SECRETS, contact.email) if secret in said] == []


@pytest.mark.parametrize("number", [1, 3])
def test_a_run_reads_the_record_in_the_same_queries_whatever_its_length(
    number: int, plan: ActionPlan, django_assert_num_queries: Any
) -> None:
    opened = {"plan": plan, "opened_at": at("2025-01-02")}
    period = factories.OpenPeriodFactory(**opened, entry_closes_at=at("2025-04-15"))
    present = []
    for quarter in range(1, number + 1):
        answered = factories.PublishedPeriodFactory(code=f"2024-Q{quarter}", **opened, published_at=at("2025-02-01"))
        milestone = factories.MilestoneFactory(commitment__plan=plan, ends_on=day("2025-01-31"))
        factories.SelfAssessmentFactory(milestone=milestone, period=period)
        factories.SubmittedCounterAssessmentFactory(milestone=milestone, period=answered, submitted_at=at("2025-03-01"))
        factories.FocalPointFactory(commitment=milestone.commitment, email=f"contact-{quarter}@example.org")
        present += [factories.PublisherFactory(), factories.RepresentativeFactory()]
    only(*present)
    with django_assert_num_queries(19):
        assert len(due_at(at("2025-04-10"))) == 3 * number
