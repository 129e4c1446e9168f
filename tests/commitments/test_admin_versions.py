"""No lost update in the admin: the second saver is told who changed what, and keeps what they typed."""

import datetime

import pytest
from django.test import Client

from commitments.admin.plans import ThemeAdmin
from commitments.models import (
    Commitment,
    FocalPoint,
    Meeting,
    Membership,
    Milestone,
    Organisation,
    OrganisationAlias,
    Theme,
    User,
)
from tests import factories
from tests.admin_pages import address, problems, sent_back


@pytest.fixture
def bat(db):
    return factories.EditorFactory(name="Bat")


@pytest.fixture
def saraa(db):
    return factories.EditorFactory(name="Saraa")


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def race(there, first, second, firsts_change, seconds_change):
    """Both open the form; the first saves, then the second. Returns the second's answer."""
    clients = [signed_in(first), signed_in(second)]
    forms = [client.get(there) for client in clients]
    assert clients[0].post(there, sent_back(forms[0], **firsts_change)).status_code == 302
    return clients[1].post(there, sent_back(forms[1], **seconds_change))


@pytest.fixture
def milestone(db):
    return factories.MilestoneFactory(
        commitment__plan=factories.DraftPlanFactory(), title_en="Open the data", due_text="2025"
    )


def test_the_second_saver_is_told_who_changed_what_and_keeps_their_text(milestone, bat, saraa):
    there = address(Milestone, "change", milestone)
    page = race(there, bat, saraa, {"title_en": "Open all data"}, {"title_en": "Open the data and the code"})

    assert page.status_code == 200
    summary, beside = problems(page)
    assert summary.startswith("Bat changed this after you had opened it (")
    assert "): title in English. Nothing of yours is saved yet" in summary
    assert beside == "Bat wrote here meanwhile: Open all data"
    assert page.context["adminform"].form["title_en"].value() == "Open the data and the code"
    milestone.refresh_from_db()
    assert milestone.title_en == "Open all data"


def test_having_seen_it_the_second_saver_may_save(milestone, bat, saraa):
    there = address(Milestone, "change", milestone)
    page = race(there, bat, saraa, {"title_en": "Open all data"}, {"title_en": "Open the data and the code"})
    assert signed_in(saraa).post(there, sent_back(page)).status_code == 302
    milestone.refresh_from_db()
    assert milestone.title_en == "Open the data and the code"
    assert [(entry.title_en, str(entry.history_user)) for entry in milestone.history.exclude(history_user=None)] == [
        ("Open the data and the code", "Saraa"),
        ("Open all data", "Bat"),
    ]


def test_a_field_that_the_second_saver_has_not_touched_takes_over_what_the_first_wrote(milestone, bat, saraa):
    there = address(Milestone, "change", milestone)
    page = race(
        there,
        bat,
        saraa,
        {"title_en": "Open all data", "ends_on": "2025-06-30"},
        {"due_text": "2025-2026"},
    )
    form = page.context["adminform"].form
    assert form.errors["title_en"] == ["Taken over from Bat: Open all data"]
    assert form.errors["ends_on"] == ["Taken over from Bat: 30 Jun 2025"]
    assert signed_in(saraa).post(there, sent_back(page)).status_code == 302
    milestone.refresh_from_db()
    assert (milestone.title_en, milestone.due_text, milestone.ends_on) == (
        "Open all data",
        "2025-2026",
        datetime.date(2025, 6, 30),
    )


def test_a_choice_and_a_checkbox_are_taken_over_too(bat, saraa):
    organisation = factories.OrganisationFactory(kind="ngo", active=True)
    there = address(Organisation, "change", organisation)
    clients = [signed_in(bat), signed_in(saraa)]
    forms = [client.get(there) for client in clients]
    sent = sent_back(forms[0], kind="media")
    del sent["active"]
    assert clients[0].post(there, sent).status_code == 302
    page = clients[1].post(there, sent_back(forms[1], short_name="CU"))
    assert page.context["adminform"].form.errors["kind"] == ["Taken over from Bat: Media"]
    assert page.context["adminform"].form.errors["active"] == ["Taken over from Bat: no"]
    assert clients[1].post(there, sent_back(page)).status_code == 302
    organisation.refresh_from_db()
    assert (organisation.kind, organisation.active, organisation.short_name) == ("media", False, "CU")


def test_a_change_of_the_agencies_alone_is_seen(milestone, bat, saraa):
    agency = factories.OrganisationFactory(name_en="Ministry of Mining")
    there = address(Milestone, "change", milestone)
    page = race(there, bat, saraa, {"agencies": [agency.pk]}, {"title_en": "Open the data and the code"})
    assert "Taken over from Bat: Ministry of Mining" in problems(page)
    assert signed_in(saraa).post(there, sent_back(page)).status_code == 302
    milestone.refresh_from_db()
    assert (milestone.title_en, list(milestone.agencies.all())) == ("Open the data and the code", [agency])


def test_whoever_touches_nothing_does_not_take_back_what_another_changed(milestone, bat, saraa):
    agency = factories.OrganisationFactory()
    there = address(Milestone, "change", milestone)
    assert race(there, bat, saraa, {"agencies": [agency.pk], "title_en": "Open all data"}, {}).status_code == 302
    milestone.refresh_from_db()
    assert (milestone.title_en, list(milestone.agencies.all())) == ("Open all data", [agency])
    assert not milestone.history.filter(history_user=saraa).exists()


def test_a_change_by_a_command_is_seen(milestone, saraa):
    there = address(Milestone, "change", milestone)
    client = signed_in(saraa)
    form = client.get(there)
    milestone.title_en = "As imported"
    milestone._change_reason = "load_plans"
    milestone.save()
    page = client.post(there, sent_back(form, title_en="As I type"))
    assert problems(page)[1] == "A command wrote here meanwhile: As imported"


def test_whoever_changes_nothing_is_not_stopped_and_leaves_no_trace(milestone, bat, saraa):
    there = address(Milestone, "change", milestone)
    assert race(there, bat, saraa, {"due_text": "2026"}, {"due_text": "2026"}).status_code == 302
    assert milestone.history.filter(history_user__in=[bat, saraa]).count() == 1


def test_a_form_sent_without_its_version_overwrites_nothing(milestone, bat):
    there = address(Milestone, "change", milestone)
    client = signed_in(bat)
    sent = sent_back(client.get(there), title_en="Blind")
    for version in ("", "0", "abc", "99999999999999999999"):
        assert client.post(there, {**sent, "opened_version": version}).status_code == 200
    milestone.refresh_from_db()
    assert milestone.title_en == "Open the data"


def test_rows_under_a_record_have_their_own_versions(bat, saraa):
    organisation = factories.OrganisationFactory()
    one, two = (factories.OrganisationAliasFactory(organisation=organisation, name=name) for name in ("One", "Two"))
    there = address(Organisation, "change", organisation)
    # On different rows nobody is stopped...
    assert race(there, bat, saraa, {"aliases-0-name": "One!"}, {"aliases-1-name": "Two!"}).status_code == 302
    # ...on the same row the second one is.
    page = race(there, bat, saraa, {"aliases-0-name": "One by Bat"}, {"aliases-0-name": "One by Saraa"})
    assert "Bat wrote here meanwhile: One by Bat" in problems(page)
    assert list(OrganisationAlias.objects.values_list("pk", "name")) == [(one.pk, "One by Bat"), (two.pk, "Two!")]


def test_a_row_that_was_changed_meanwhile_is_not_deleted_unseen(bat, saraa):
    alias = factories.OrganisationAliasFactory(name="One")
    there = address(Organisation, "change", alias.organisation)
    page = race(there, bat, saraa, {"aliases-0-name": "Better"}, {"aliases-0-DELETE": "on"})
    assert problems(page)[0].startswith("“Better” was changed after you had opened it.")
    assert OrganisationAlias.objects.get().name == "Better"


def test_a_row_that_was_deleted_meanwhile_is_no_error_of_ours(bat, saraa):
    alias = factories.OrganisationAliasFactory(name="One")
    there = address(Organisation, "change", alias.organisation)
    page = race(there, bat, saraa, {"aliases-0-DELETE": "on"}, {"aliases-0-name": "Better"})
    assert page.status_code == 200
    assert not OrganisationAlias.objects.exists()


def test_saving_rows_alone_leaves_the_record_itself_unchanged(bat):
    alias = factories.OrganisationAliasFactory(name="One")
    client = signed_in(bat)
    there = address(Organisation, "change", alias.organisation)
    assert client.post(there, sent_back(client.get(there), **{"aliases-0-name": "Two"})).status_code == 302
    assert alias.organisation.history.count() == 1
    assert alias.history.count() == 2


def test_whoever_may_no_longer_change_it_gets_back_what_they_typed(milestone, bat):
    there = address(Milestone, "change", milestone)
    client = signed_in(bat)
    form = client.get(there)
    plan = milestone.commitment.plan
    publisher = factories.PublisherFactory(name="Dulam")
    plan.published_at, plan.published_by = plan.history.latest().history_date, publisher
    plan.save()
    page = client.post(there, sent_back(form, title_en="My long text\nof two lines"))
    assert page.status_code == 403
    assert "My long text<br>of two lines" in page.content.decode()
    assert "a publisher amends its text" in page.content.decode()
    milestone.refresh_from_db()
    assert milestone.title_en == "Open the data"


def test_a_contact_without_kept_values_is_protected_all_the_same(bat, saraa):
    contact = factories.FocalPointFactory(position="Head")
    there = address(FocalPoint, "change", contact)
    page = race(there, bat, saraa, {"position": "Director"}, {"position": "Specialist"})
    assert problems(page)[0].startswith("Bat changed this after you had opened it (")
    contact.refresh_from_db()
    assert contact.position == "Director"


@pytest.mark.parametrize(
    ("make", "change"),
    [
        (factories.MeetingFactory, {"title_en": "A"}),
        (factories.RecommendationFactory, {"text_en": "A"}),
        (factories.ClaimFactory, {"printed": "A"}),
        (factories.CommentFactory, {"text_en": "A"}),
        (factories.IndependentReviewFactory, {"report_year": "2020"}),
        (factories.ReportingPeriodFactory, {"starts_on": "2025-01-02"}),
        (factories.SelfAssessmentFactory, {"evidence_en": "A"}),
        (factories.ResponseFactory, {"reason_en": "A"}),
        (factories.ReportFactory, {"source_place": "p. 1"}),
        (factories.SourceDocumentFactory, {"title_en": "A"}),
        (factories.PolicyAreaFactory, {"name_en": "A"}),
        (lambda: factories.ThemeFactory(plan=factories.DraftPlanFactory()), {"title_en": "A"}),
        (lambda: factories.PlanStatementFactory(plan=factories.DraftPlanFactory()), {"text_en": "A"}),
        (lambda: factories.CommitmentFactory(plan=factories.DraftPlanFactory()), {"title_en": "A"}),
        (factories.DraftPlanFactory, {"title_en": "A"}),
    ],
)
def test_every_form_that_can_be_saved_carries_its_version(bat, saraa, make, change):
    row = make()
    there = address(type(row), "change", row)
    other = {name: "2025-01-03" if name == "starts_on" else "2021" if name == "report_year" else "B" for name in change}
    page = race(there, bat, saraa, change, other)
    assert page.status_code == 200
    assert any(sentence.startswith("Bat changed this after you had opened it") for sentence in problems(page))


def test_a_publishers_and_a_superusers_forms_too(bat):
    publisher, superuser = factories.PublisherFactory(name="Dulam"), factories.SuperuserFactory()
    membership = factories.MembershipFactory()
    there = address(Membership, "change", membership)
    page = race(there, publisher, superuser, {"ends_on": "2026-01-01"}, {"ends_on": "2027-01-01"})
    assert "Dulam wrote here meanwhile: 1 Jan 2026" in problems(page)
    there = address(User, "change", bat)
    page = race(there, superuser, factories.SuperuserFactory(), {"name": "Boldoo"}, {"name": "Baatar"})
    assert f"{superuser} wrote here meanwhile: Boldoo" in problems(page)


def test_what_another_saved_in_the_same_moment_is_said_and_is_no_error_of_ours(bat, monkeypatch):
    theme = factories.ThemeFactory(plan=factories.DraftPlanFactory(), code="1")
    client = signed_in(bat)
    sent = sent_back(client.get(address(Theme, "add")), plan=theme.plan.pk, code="1", title_en="Mine")
    save = ThemeAdmin.save_model

    def save_after_a_check_that_came_too_early(*args):
        monkeypatch.undo()
        save(*args)

    monkeypatch.setattr(ThemeAdmin, "save_model", save_after_a_check_that_came_too_early)
    monkeypatch.setattr(Theme, "validate_constraints", lambda *args, **kwargs: None)
    page = client.post(address(Theme, "add"), sent)
    assert problems(page) == ["This plan already has an entry with this code."]
    assert page.context["adminform"].form["title_en"].value() == "Mine"


def test_the_reason_of_a_change_goes_into_the_history_of_the_record_and_its_rows(bat):
    meeting = factories.MeetingFactory()
    factories.ParticipationFactory(meeting=meeting, as_printed="Ministry")
    client = signed_in(bat)
    there = address(Meeting, "change", meeting)
    sent = sent_back(client.get(there), title_en="Forum", change_reason="letter 12")
    sent["participations-0-as_printed"] = "Ministry of Mining"
    assert client.post(there, sent).status_code == 302
    newest = [meeting.history.latest(), meeting.participations.get().history.latest()]
    assert [(entry.history_change_reason, entry.history_user) for entry in newest] == [("letter 12", bat)] * 2


def test_the_history_page_tells_record_and_rows_as_one_story(bat):
    commitment = factories.CommitmentFactory(plan=factories.DraftPlanFactory(), title_en="Old title")
    ministry = factories.OrganisationFactory(name_en="Ministry of Mining")
    factories.InvolvementFactory(commitment=commitment, organisation=ministry, role="lead")
    client = signed_in(bat)
    there = address(Commitment, "change", commitment)
    sent = sent_back(client.get(there), title_en="New <b>title</b>", change_reason="as adopted")
    sent["involvements-0-role"] = "other"
    assert client.post(there, sent).status_code == 302
    page = client.get(address(Commitment, "history", commitment))
    story = [
        (entry.who, entry.what, entry.part, entry.name, entry.reason, [(c.field, c.old, c.new) for c in entry.changes])
        for entry in page.context["page"]
    ]
    assert story == [
        ("Bat", "Changed", "Involvement", "Ministry of Mining", "as adopted", [("Role", "Lead", "Other")]),
        ("Bat", "Changed", "", "", "as adopted", [("Title in English", "Old title", "New <b>title</b>")]),
        (
            "A command",
            "Created",
            "Involvement",
            "Ministry of Mining",
            "",
            [("Role", "", "Lead"), ("Place in the list", "", "0"), ("Organisation", "", "Ministry of Mining")],
        ),
        ("A command", "Created", "", "", "", []),
    ]
    assert "New &lt;b&gt;title&lt;/b&gt;" in page.content.decode()


def test_the_history_shows_links_choices_and_unknowns_as_words(bat):
    commitment = factories.CommitmentFactory(plan=factories.DraftPlanFactory(), value_technology=True)
    involvement = factories.InvolvementFactory(commitment=commitment, organisation=None, as_printed="NGOs")
    client = signed_in(bat)
    there = address(Commitment, "change", commitment)
    sent = sent_back(client.get(there), value_technology="unknown", starts_on="2025-01-31")
    sent |= {"involvements-0-DELETE": "on"}
    assert client.post(there, sent).status_code == 302
    page = client.get(address(Commitment, "history", commitment))
    told = [[(c.field, c.old, c.new) for c in entry.changes] for entry in page.context["page"] if entry.who == "Bat"]
    assert told == [
        [("Role", "Lead", ""), ("Place in the list", "0", ""), ("As printed", "NGOs", "")],
        [("Starts on", "–", "31 Jan 2025"), ("Serves technology and innovation", "yes", "–")],
    ]
    organisation = factories.OrganisationFactory(website="https://old.example.org")
    organisation.website = "https://new.example.org"
    organisation.save()
    html = client.get(address(Organisation, "history", organisation)).content.decode()
    assert '<td class="before">https://old.example.org</td>' in html
    assert not type(involvement).objects.exists()
