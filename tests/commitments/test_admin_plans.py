"""A plan in the admin: drafts are written by editors; a published one is amended by a publisher who says why."""

import pytest
from django.core.exceptions import ValidationError

from commitments.models import ActionPlan, Commitment, Involvement, Milestone, Theme
from tests import factories
from tests.admin_pages import address, problems, sent_back

TEXTS = [
    (factories.ActionPlanFactory, "title_en"),
    (factories.ThemeFactory, "title_en"),
    (factories.PlanStatementFactory, "text_en"),
    (factories.CommitmentFactory, "title_en"),
    (factories.MilestoneFactory, "title_en"),
]


@pytest.mark.parametrize(("make", "field"), TEXTS)
@pytest.mark.parametrize("role", ["publisher", "superuser"])
def test_a_publisher_amends_a_published_text_with_a_reason_that_the_history_keeps(
    client, db, request, role, make, field
):
    user, row = request.getfixturevalue(role), make(**{field: "Old"})
    client.force_login(user)
    there = address(type(row), "change", row)
    page = client.post(there, sent_back(client.get(there), **{field: "New"}))
    assert problems(page) == ["This field is required."]
    assert client.post(there, sent_back(page, change_reason="a slip of the pen")).status_code == 302
    entries = row.history.values_list(field, "history_change_reason", "history_user")
    assert list(entries) == [("New", "a slip of the pen", user.pk), ("Old", None, None)]


@pytest.mark.parametrize(("make", "field"), TEXTS)
def test_an_editor_does_not(client, editor, make, field):
    row = make(**{field: "Old"})
    client.force_login(editor)
    there = address(type(row), "change", row)
    page = client.get(there)
    assert "The plan is published: a publisher amends its text" in page.content.decode()
    assert 'name="_save"' not in page.content.decode()
    assert client.post(there, {field: "New", "change_reason": "I want to", "opened_version": 1}).status_code == 403
    row.refresh_from_db()
    assert getattr(row, field) == "Old"


@pytest.mark.parametrize("published", [True, False])
def test_adding_to_a_plan_follows_the_same_rule(client, editor, publisher, published):
    plan = factories.ActionPlanFactory() if published else factories.DraftPlanFactory()
    sent = {
        "plan": plan.pk,
        "code": "1",
        "title_en": "Open it",
        **{
            f"{rows}-{count}_FORMS": 0
            for rows in ("involvements", "milestones", "focal_points")
            for count in ("TOTAL", "INITIAL")
        },
    }
    client.force_login(editor)
    page = client.post(address(Commitment, "add"), sent)
    if not published:
        assert (page.status_code, Commitment.objects.get().title_en) == (302, "Open it")
        return
    assert problems(page) == ["This plan is published: a publisher amends it, and says why."]
    client.force_login(publisher)
    page = client.post(address(Commitment, "add"), sent)
    assert problems(page) == ["This plan is published: say why it is amended."]
    assert not Commitment.objects.exists()
    assert client.post(address(Commitment, "add"), {**sent, "change_reason": "left out"}).status_code == 302
    assert Commitment.objects.get().history.get().history_change_reason == "left out"


def test_rows_under_a_published_commitment_need_the_reason_too(client, publisher):
    involvement = factories.InvolvementFactory(role="lead")
    client.force_login(publisher)
    there = address(Commitment, "change", involvement.commitment)
    sent = sent_back(client.get(there), **{"involvements-0-role": "other"})
    assert client.post(there, sent).status_code == 200
    assert client.post(there, {**sent, "change_reason": "as the annex says"}).status_code == 302
    assert Involvement.objects.get().role == "other"
    assert involvement.history.latest().history_change_reason == "as the annex says"


def test_a_record_never_moves_to_another_plan(client, publisher):
    milestone = factories.MilestoneFactory(commitment__plan=factories.DraftPlanFactory())
    elsewhere = factories.CommitmentFactory(plan=factories.DraftPlanFactory())
    client.force_login(publisher)
    there = address(Milestone, "change", milestone)
    assert client.post(there, sent_back(client.get(there), commitment=elsewhere.pk)).status_code == 302
    milestone.refresh_from_db()
    assert milestone.commitment_id != elsewhere.pk


def test_a_published_plan_keeps_its_address(client, publisher):
    plan = factories.ActionPlanFactory(slug="nap-4")
    client.force_login(publisher)
    there = address(ActionPlan, "change", plan)
    sent = sent_back(client.get(there), slug="nap-5", title_en="New", change_reason="x")
    assert client.post(there, sent).status_code == 302
    plan.refresh_from_db()
    assert (plan.slug, plan.title_en) == ("nap-4", "New")


def test_a_milestone_may_begin_on_its_commitments_page_and_is_written_on_its_own(client, editor):
    commitment = factories.CommitmentFactory(plan=factories.DraftPlanFactory())
    kept = factories.MilestoneFactory(commitment=commitment, code="1.1", title_en="First")
    client.force_login(editor)
    there = address(Commitment, "change", commitment)
    sent = sent_back(client.get(there))
    sent |= {
        "milestones-TOTAL_FORMS": 2,
        "milestones-0-title_en": "Overwritten",
        "milestones-0-DELETE": "on",
        "milestones-1-code": "1.2",
        "milestones-1-title_en": "Second",
    }
    assert client.post(there, sent).status_code == 302
    assert list(Milestone.objects.values_list("code", "title_en")) == [("1.1", "First"), ("1.2", "Second")]
    assert kept.history.count() == 1


def test_what_is_wrong_is_said_beside_its_field_and_nothing_typed_is_lost(client, editor):
    theme = factories.ThemeFactory(plan=factories.DraftPlanFactory(), code="1", title_en="Old")
    factories.ThemeFactory(plan=theme.plan, code="2")
    client.force_login(editor)
    there = address(Theme, "change", theme)
    form = client.get(there)
    for change, sentence in (
        ({"title_en": ""}, "Fill in the text in English, in Mongolian, or in both."),
        ({"code": "a b"}, "Letters, numbers, full stops and hyphens only."),
        ({"code": "2"}, "This plan already has an entry with this code."),
        ({"title_mn": "ab\x00c"}, "Null characters are not allowed."),
        (
            {"title_mn": "ab\x07c"},
            "The text contains a character that cannot be stored (code U+0007). Remove it and try again.",
        ),
        ({"change_reason": "x" * 501}, "Ensure this value has at most 500 characters (it has 501)."),
    ):
        page = client.post(there, sent_back(form, **change))
        assert (page.status_code, problems(page)) == (200, [sentence])
        assert all(value in page.content.decode() for value in change.values() if value.isprintable())
    theme.refresh_from_db()
    assert (theme.code, theme.title_en) == ("1", "Old")


def test_both_languages_say_in_which_they_are_written(client, editor):
    client.force_login(editor)
    fields = client.get(address(Theme, "add")).context["adminform"].form.fields
    assert {name: fields[name].widget.attrs.get("lang") for name in ("title_en", "title_mn", "code")} == {
        "title_en": "en",
        "title_mn": "mn",
        "code": None,
    }
    factories.MilestoneFactory(title_en="", title_mn="Нээх")
    assert '<span lang="mn">Нээх</span>' in client.get(address(Milestone)).content.decode()


class TestPublishing:
    def test_a_publisher_is_asked_and_publishes(self, client, publisher):
        plan = factories.DraftPlanFactory(title_en="Plan VI")
        client.force_login(publisher)
        assert address(ActionPlan, "publish", plan) in client.get(address(ActionPlan, "change", plan)).content.decode()
        assert "Publish it?" in client.get(address(ActionPlan, "publish", plan)).content.decode()
        plan.refresh_from_db()
        assert not plan.is_published
        page = client.post(address(ActionPlan, "publish", plan), follow=True)
        assert [str(message) for message in page.context["messages"]] == ["“Plan VI” is published."]
        plan.refresh_from_db()
        assert (plan.is_published, plan.published_by) == (True, publisher)
        assert plan.history.latest().history_change_reason == "published"

    def test_sent_twice_it_is_published_once(self, client, publisher):
        plan = factories.DraftPlanFactory()
        client.force_login(publisher)
        client.post(address(ActionPlan, "publish", plan))
        page = client.post(address(ActionPlan, "publish", plan), follow=True)
        said = [str(message) for message in page.context["messages"]]
        assert said[-1] == "This was done meanwhile, or cannot be done yet."
        assert plan.history.filter(history_change_reason="published").count() == 1

    def test_an_editor_is_neither_offered_it_nor_allowed(self, client, editor):
        plan = factories.DraftPlanFactory()
        client.force_login(editor)
        there = address(ActionPlan, "publish", plan)
        assert there not in client.get(address(ActionPlan, "change", plan)).content.decode()
        assert (client.get(there).status_code, client.post(there).status_code) == (403, 403)
        plan.refresh_from_db()
        assert not plan.is_published

    def test_no_form_sets_the_moment(self, client, publisher):
        plan = factories.DraftPlanFactory()
        client.force_login(publisher)
        there = address(ActionPlan, "change", plan)
        sent = sent_back(client.get(there), title_en="New")
        sent |= {
            "published_at_0": "2020-01-01",
            "published_at_1": "00:00",
            "published_at": "2020-01-01",
            "published_by": 1,
        }
        assert client.post(there, sent).status_code == 302
        plan.refresh_from_db()
        assert (plan.title_en, plan.published_at, plan.published_by) == ("New", None, None)


@pytest.mark.django_db
def test_a_theme_of_another_plan_is_refused():
    other = factories.ThemeFactory()
    commitment = factories.CommitmentFactory()
    commitment.theme = other
    with pytest.raises(ValidationError) as refused:
        commitment.full_clean()
    assert refused.value.message_dict == {"theme": ["This theme belongs to another plan."]}
