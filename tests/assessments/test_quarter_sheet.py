"""The quarter sheet as its pages: who may, what they show, and what comes back when a row is sent."""

from __future__ import annotations

import datetime
import re

import pytest
from django.contrib.messages import get_messages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from assessments import lifecycle
from assessments.admin.quarter_page import deadline_of
from assessments.entry import form_for, save_entry
from assessments.models import SelfAssessment
from assessments.sheet import read_progress, read_sheet
from tests import factories


@pytest.fixture
def before(db):
    return factories.PublishedPeriodFactory()


@pytest.fixture
def period(before):
    return factories.OpenPeriodFactory(plan=before.plan, code="2025-Q2", starts_on="2025-04-01", ends_on="2025-06-30")


@pytest.fixture
def step(period):
    return factories.MilestoneFactory(commitment__plan=period.plan, commitment__code="1", code="1.1")


@pytest.fixture
def desk(client, editor):
    client.force_login(editor)
    return client


def at(period, name="quarter", code=None, **query):
    """The address of a page of the quarter."""
    places = [period.plan.slug, period.code, *([code] if code else [])]
    address = reverse(f"admin:{name}", args=places)
    return f"{address}?{'&'.join(f'{key}={value}' for key, value in query.items())}" if query else address


def row_of(period, code, **query):
    return at(period, "quarter_row", code, **query)


def typed(period, step, **changes):
    """What the browser sends when the row's form is saved with some fields changed."""
    form = form_for(period, step)
    sent = {bound.name: bound.value() or "" for bound in form if bound.name not in {"new_files", "removed"}}
    return sent | changes


def stored(period, step):
    return SelfAssessment.objects.get(period=period, milestone=step)


def said(page):
    return [str(message) for message in get_messages(page.wsgi_request)]


def opened_rows(page):
    return [opened.row.code for group in page.context["page"].groups() for opened in group.rows]


def text_of(page):
    return " ".join(re.sub(r"<[^>]+>", " ", page.content.decode()).split())


# --- who may ----------------------------------------------------------------------------------------------------------

# name of the address, method, what the support unit gets
ADDRESSES = [
    ("quarters", "get", 200),
    ("quarter", "get", 200),
    ("quarter_row", "get", 200),
    ("quarter_row", "post", 302),
    ("quarter_copy", "post", 302),
    ("quarter_submit", "post", 302),
]


def address_of(name, period, step):
    """Of any page here, by its name."""
    if name == "quarters":
        return reverse("admin:quarters")
    return at(period, name, step.code if name in {"quarter_row", "quarter_copy"} else None)


@pytest.mark.parametrize("plan", [factories.ActionPlanFactory, factories.DraftPlanFactory])
@pytest.mark.parametrize("role", ["editor", "publisher", "superuser"])
def test_the_support_unit_at_every_address(client, db, request, role, plan):
    period = factories.OpenPeriodFactory(plan=plan())
    step = factories.MilestoneFactory(commitment__plan=period.plan)
    client.force_login(request.getfixturevalue(role))
    got = [
        (name, method, getattr(client, method)(address_of(name, period, step)).status_code)
        for name, method, _status in ADDRESSES
    ]
    assert got == ADDRESSES


def test_nobody_else_at_any_address(client, period, step, msf_member, representative):
    rating = typed(period, step, rating="limited")
    pages = {address_of(name, period, step) for name, _method, _status in ADDRESSES}
    for user in (None, msf_member, representative):
        if user:
            client.force_login(user)
        for where in pages:
            for answer in (client.get(where), client.post(where, rating)):
                assert (answer.status_code, answer.url.partition("?")[0]) == (302, "/admin/login/")
    assert not SelfAssessment.objects.exists()


def test_what_is_not_there_and_what_is_asked_in_the_wrong_way(desk, period, step):
    elsewhere = factories.OpenPeriodFactory()
    wrong = [
        at(period).replace(period.plan.slug, "nothing"),
        at(period).replace("2025-Q2", "2031-Q1"),
        row_of(period, "9.9"),
        row_of(elsewhere, step.code),
    ]
    assert [desk.get(where).status_code for where in wrong] == [404, 404, 404, 404]
    assert [
        desk.get(at(period, name, code)).status_code
        for name, code in (("quarter_copy", "1.1"), ("quarter_submit", None))
    ] == [405, 405]
    assert desk.post(at(period)).status_code == 405
    assert desk.post(row_of(elsewhere, step.code), typed(period, step, rating="limited")).status_code == 404
    assert desk.get(at(period, agency="a%00b")).status_code == 400
    assert opened_rows(desk.get(at(period, queue="no-such", light="blue", agency="x", commitment="y"))) == []


# --- what the page shows ----------------------------------------------------------------------------------------------


def test_the_counts_are_a_sentence_and_every_queue_is_a_link(desk, period, step):
    commitment = step.commitment
    factories.SelfAssessmentFactory(milestone=step, period=period, challenges_en="")
    submitted = factories.SubmittedSelfAssessmentFactory(milestone__commitment=commitment, period=period)
    lifecycle.return_self_assessment(submitted, by=factories.EditorFactory(), reason="Which law?")
    factories.SelfAssessmentFactory(milestone__commitment=commitment, period=period)
    factories.MilestoneFactory(commitment=commitment)
    page = desk.get(at(period))
    assert "3 of 4 entered 2 drafts, 1 returned, 0 submitted" in text_of(page)
    assert [(str(label), count, current) for label, count, _address, current in page.context["page"].queues()] == [
        ("All", 4, True),
        ("Not entered", 1, False),
        ("To mend", 2, False),
        ("Ready to submit", 1, False),
        ("Submitted", 0, False),
        ("Published", 0, False),
    ]
    assert "Draft, 1 to mend" in text_of(page)
    assert "Which law?" in text_of(page)
    assert "Submit the one that is ready" in text_of(page)


def test_one_commitment_is_open_the_first_that_waits_or_the_one_asked_for(desk, period, step):
    other = factories.MilestoneFactory(commitment__plan=period.plan, commitment__code="2", code="2.1")
    assert opened_rows(desk.get(at(period))) == ["1.1"]
    assert opened_rows(desk.get(at(period, open="2"))) == ["2.1"]
    factories.SubmittedSelfAssessmentFactory(milestone=step, period=period)
    page = desk.get(at(period))
    assert opened_rows(page) == ["2.1"]
    assert [group.waiting for group in page.context["page"].groups()] == [["1 submitted"], ["1 not entered"]]
    lifecycle.publish_period(period, by=factories.PublisherFactory())
    assert opened_rows(desk.get(at(period))) == []
    assert other.commitment.code == "2"


def test_filters_open_all_that_they_take_and_stay_in_the_queues_links(desk, period, step):
    agency = factories.OrganisationFactory(slug="mof")
    for code in ("2", "3"):
        factories.MilestoneFactory(
            commitment__plan=period.plan, commitment__code=code, code=f"{code}.1", agencies=[agency]
        )
    page = desk.get(at(period, agency="mof"))
    assert opened_rows(page) == ["2.1", "3.1"]
    assert [(count, address) for _label, count, address, _current in page.context["page"].queues()][:2] == [
        (2, at(period, agency="mof")),
        (2, f"{at(period, agency='mof')}&queue=not-entered"),
    ]
    assert opened_rows(desk.get(at(period, commitment="3", agency="mof"))) == ["3.1"]
    assert "No row is like this." in text_of(desk.get(at(period, light="red")))


def test_the_period_before_stands_beside_and_is_copied_with_one_press(desk, before, period, step):
    earlier = factories.PublishedSelfAssessmentFactory(milestone=step, period=before, evidence_en="A draft law.")
    factories.EvidenceFactory(self_assessment=earlier)
    page = desk.get(at(period))
    assert "Quarter 1 of 2025: Limited progress Evidence: A draft law." in text_of(page)
    assert "Same as Quarter 1 of 2025" in text_of(page)
    done = desk.post(at(period, "quarter_copy", "1.1"))
    assert (done.url, said(done)) == (
        f"{at(period, open='1')}#row-1.1",
        ["1.1 now says the same as Quarter 1 of 2025."],
    )
    entry = stored(period, step)
    assert (entry.state, entry.copied_from, entry.evidence_en, entry.attachments.count()) == (
        "draft",
        earlier,
        "A draft law.",
        1,
    )
    again = desk.post(at(period, "quarter_copy", "1.1"))
    assert said(again)[1:] == ["It has a rating in this period already: open that one."]


def test_nothing_is_copied_where_nothing_was_published(desk, period, step):
    assert said(desk.post(at(period, "quarter_copy", "1.1"))) == ["There is no published rating of an earlier period."]
    assert not SelfAssessment.objects.exists()


def test_what_is_submitted_or_published_is_read_and_not_typed_in(desk, period, step):
    factories.SubmittedSelfAssessmentFactory(milestone=step, period=period, evidence_en="A law is drafted.")
    page = desk.get(at(period, open="1"))
    assert "A law is drafted." in text_of(page)
    assert "<textarea" not in page.content.decode()
    lifecycle.publish_period(period, by=factories.PublisherFactory())
    lifecycle.correct_self_assessment(
        stored(period, step), by=factories.PublisherFactory(), reason="A letter came.", evidence_en="A law is adopted."
    )
    page = desk.get(at(period, open="1"))
    assert "Published, corrected" in text_of(page)
    assert "A letter came." in text_of(page)
    assert "A law is adopted." in text_of(page)
    assert "<textarea" not in page.content.decode()


def test_a_planned_period_says_that_it_is_not_open_and_a_reopened_one_why(desk, before, step):
    planned = factories.ReportingPeriodFactory(
        plan=before.plan, code="2025-Q3", starts_on="2025-07-01", ends_on="2025-09-30"
    )
    page = desk.get(at(planned))
    assert "This period is planned and not open for entry yet." in text_of(page)
    assert "<textarea" not in page.content.decode()
    publisher = factories.PublisherFactory(name="Dorj")
    lifecycle.reopen_period(before, by=publisher, reason="A ministry wrote late.")
    page = desk.get(at(before))
    assert re.search(r"Reopened .* by Dorj: A ministry wrote late\.", text_of(page))
    assert opened_rows(page) == ["1.1"]


@pytest.mark.parametrize(
    ("days", "kind", "left"),
    [(12, "open", "12 days left"), (2, "soon", "2 days left"), (-1, "late", "1 day ago"), (-4, "late", "4 days ago")],
)
def test_the_closing_time_comes_with_how_long_it_is_until_then(period, days, kind, left):
    period.entry_closes_at = timezone.now() + datetime.timedelta(days=days)
    deadline = deadline_of(period)
    assert (deadline.kind, deadline.moment, deadline.left) == (kind, period.entry_closes_at, left)


def test_no_closing_time_is_shown_where_none_is_set_or_entry_is_over(period, before):
    before.entry_closes_at = timezone.now()
    assert (deadline_of(period), deadline_of(before)) == (None, None)


def test_official_titles_are_whole_and_say_their_language(desk, editor, period):
    title = "Strengthen " + "public procurement accountability systems " * 6 + "[…]"
    factories.MilestoneFactory(commitment__plan=period.plan, title_en=title)
    editor.language = "mn"
    editor.save()
    page = desk.get(at(period))
    assert f'<span lang="en">{title[:-3]}<span class="lost">[…]</span></span>' in page.content.decode()


def test_a_row_is_written_in_the_language_that_is_read_unless_it_has_words_in_the_other_only(
    desk, editor, period, step
):
    editor.language = "mn"
    editor.save()
    row = row_of(period, "1.1")
    assert desk.get(row).context["opened"].evidence.name == "evidence_mn"
    factories.SelfAssessmentFactory(milestone=step, period=period, challenges_en="")
    opened = desk.get(row).context["opened"]
    assert (opened.evidence.name, opened.challenges.errors) == (
        "evidence_en",
        ["Бүрэн буюу үндсэндээ хэрэгжээгүй бол юу саад болж байгааг бичнэ үү."],
    )
    assert [bound.name for bound in opened.more][:2] == ["evidence_mn", "challenges_mn"]


# --- what comes back when a row is sent -------------------------------------------------------------------------------


def test_a_saved_row_brings_the_sheet_back_at_its_place(desk, period, step):
    sent = typed(period, step, rating="limited", evidence_en="A draft.")
    done = desk.post(row_of(period, "1.1"), sent)
    assert (done.status_code, done.url, said(done)) == (302, f"{at(period, open='1')}#row-1.1", ["1.1 is saved."])
    assert (stored(period, step).rating, stored(period, step).state) == ("limited", "draft")
    narrowed = desk.post(row_of(period, "1.1", light="amber"), typed(period, step))
    assert narrowed.url == f"{at(period, light='amber')}#row-1.1"
    alone = desk.post(row_of(period, "1.1", alone=1), typed(period, step))
    assert alone.url == row_of(period, "1.1")


def test_a_submitted_row_says_so_and_an_incomplete_one_what_it_lacks(desk, period, step):
    done = desk.post(row_of(period, "1.1"), typed(period, step, rating="limited", submit=""))
    assert said(done) == ["1.1 is saved as a draft, but not submitted. Below green, say what stands in the way."]
    assert stored(period, step).state == "draft"
    desk.get(at(period))
    page = desk.get(at(period))
    assert text_of(page).count("Below green, say what stands in the way.") == 1
    done = desk.post(row_of(period, "1.1"), typed(period, step, challenges_en="Money.", submit=""))
    assert (said(done), stored(period, step).state) == (["1.1 is submitted."], "submitted")


def test_an_empty_row_leaves_nothing_behind(desk, period, step):
    assert said(desk.post(row_of(period, "1.1"), typed(period, step))) == [
        "1.1: nothing was typed, so nothing is saved."
    ]
    page = desk.post(row_of(period, "1.1"), typed(period, step, submit=""))
    assert page.context["refused"].errors == {"rating": ["Give a rating, or say why there is none."]}
    assert not SelfAssessment.objects.exists()


def test_a_refused_row_comes_back_in_the_sheet_with_everything_that_was_typed(desk, period, step):
    factories.MilestoneFactory(commitment=step.commitment, code="1.2")
    sent = typed(period, step, rating="completed", evidence_en="a\x00b", next_steps_mn="Дараа нь.", new_link="x y")
    page = desk.post(row_of(period, "1.1", queue="ready"), sent)
    assert (page.status_code, page.templates[0].name) == (200, "admin/quarter/quarter.html")
    assert opened_rows(page) == ["1.1"]
    form = page.context["refused"]
    assert set(form.errors) == {"rating", "evidence_en", "new_link"}
    assert [form[name].value() for name in ("evidence_en", "next_steps_mn", "new_link")] == [
        "a\x00b",
        "Дараа нь.",
        "x y",
    ]
    assert 'href="#row-1.1-evidence_en"' in page.content.decode()
    assert "1.1 is not saved. Nothing of what you typed is lost." in text_of(page)
    alone = desk.post(row_of(period, "1.1", alone=1), sent)
    assert alone.templates[0].name == "admin/quarter/row.html"
    assert not SelfAssessment.objects.exists()


def test_the_second_of_two_is_told_beside_the_fields(desk, period, step):
    opened = typed(period, step)
    save_entry(period, step, opened | {"evidence_en": "A law."}, by=factories.EditorFactory(name="Bold"))
    page = desk.post(row_of(period, "1.1"), opened | {"evidence_en": "Two laws."})
    assert page.context["refused"].errors["evidence_en"] == ["Bold wrote here meanwhile: A law."]
    assert "Bold wrote here meanwhile: A law." in text_of(page)
    assert page.context["refused"]["evidence_en"].value() == "Two laws."
    assert stored(period, step).evidence_en == "A law."


def test_what_was_submitted_meanwhile_is_not_entered_over_and_the_text_comes_back(desk, period, step):
    sent = typed(period, step, evidence_en="Mine.")
    factories.SubmittedSelfAssessmentFactory(milestone=step, period=period)
    page = desk.post(row_of(period, "1.1"), sent)
    assert "It was submitted meanwhile: it has to be returned before it can be changed." in text_of(page)
    assert "Mine." in page.content.decode()
    lifecycle.publish_period(period, by=factories.PublisherFactory())
    page = desk.post(row_of(period, "1.1"), sent)
    assert "This period is not open for entry." in text_of(page)
    assert "Mine." in page.content.decode()


def test_links_and_files_are_saved_with_the_row_and_count_for_green(desk, period, step):
    sent = typed(period, step, rating="completed_or_substantial", evidence_en="Adopted.", submit="")
    letter = SimpleUploadedFile("letter.txt", b"Adopted.")
    done = desk.post(
        row_of(period, "1.1"),
        sent | {"new_files": [letter], "new_link": "https://example.org/law", "new_link_title": "Хууль"},
    )
    assert said(done) == ["1.1 is submitted."]
    kept = stored(period, step).attachments.all()
    assert [(row.file_name, row.address, row.title_en, row.title_mn) for row in kept] == [
        ("letter.txt", "", "", ""),
        ("", "https://example.org/law", "", "Хууль"),
    ]


def test_to_htmx_comes_the_row_with_every_count_of_the_page(desk, period, step):
    sent = typed(period, step, rating="limited", evidence_en="A draft.")
    part = desk.post(row_of(period, "1.1"), sent, headers={"HX-Request": "true"})
    assert part.status_code == 200
    html = part.content.decode()
    assert re.findall(r'<(\w+)[^>]*? id="((?:row|group|sheet)-[\w.]+?)"', " ".join(html.split()))[:1] == [
        ("article", "row-1.1")
    ]
    swapped = re.findall(r'id="([\w.-]+)"[^>]*hx-swap-oob', html)
    assert swapped == ["sheet-counts", "sheet-queues", "group-1", "sheet-foot", "sheet-said"]
    assert "1 of 1 entered" in text_of(part)
    assert text_of(part).endswith("1.1 is saved.")
    refused = desk.post(
        row_of(period, "1.1"), typed(period, step, evidence_en="a\x00b"), headers={"HX-Request": "true"}
    )
    assert "data-refused" in refused.content.decode()
    assert text_of(refused).endswith("1.1 is not saved. Nothing of what you typed is lost.")


# --- all that is ready ------------------------------------------------------------------------------------------------


def test_all_that_is_ready_is_submitted_at_once_and_nothing_else(desk, editor, period, step):
    commitment = step.commitment
    factories.SelfAssessmentFactory(milestone=step, period=period, challenges_en="")
    ready = [factories.SelfAssessmentFactory(milestone__commitment=commitment, period=period) for _n in range(2)]
    done = desk.post(at(period, "quarter_submit", light="amber"))
    assert (done.url, said(done)) == (at(period, light="amber"), ["2 rows are submitted."])
    assert [(row.state, row.submitted_by) for row in SelfAssessment.objects.filter(pk__in=[r.pk for r in ready])] == [
        ("submitted", editor),
        ("submitted", editor),
    ]
    assert {row.history.first().history_user for row in ready} == {editor}
    assert stored(period, step).state == "draft"
    assert said(desk.post(at(period, "quarter_submit")))[1:] == ["0 rows are submitted."]


def test_nothing_is_submitted_in_a_period_that_is_not_open(desk, before, step):
    assert said(desk.post(at(before, "quarter_submit"))) == ["This period is not open for entry."]


# --- every quarter ----------------------------------------------------------------------------------------------------


def test_the_list_shows_what_has_begun_and_what_comes_next_of_every_plan(desk, before, period, step):
    for year, number in ((2025, 3), (2025, 4), (2100, 1), (2100, 2)):
        factories.ReportingPeriodFactory(
            plan=before.plan,
            code=f"{year}-Q{number}",
            starts_on=datetime.date(year, number * 3 - 2, 1),
            ends_on=datetime.date(year, number * 3, 30),
        )
    factories.SelfAssessmentFactory(milestone=step, period=period)
    draft = factories.OpenPeriodFactory(plan=factories.DraftPlanFactory())
    page = desk.get(reverse("admin:quarters"))
    assert {
        plan: [(quarter.period.code, quarter.progress.entered, quarter.progress.total) for quarter in quarters]
        for plan, quarters in page.context["plans"]
    } == {
        before.plan: [
            ("2100-Q1", 0, 1),
            ("2025-Q4", 0, 1),
            ("2025-Q3", 0, 1),
            ("2025-Q2", 1, 1),
            ("2025-Q1", 0, 1),
        ],
        draft.plan: [("2025-Q1", 0, 0)],
    }


def test_the_lists_counts_are_those_of_the_sheets(period, before, step):
    factories.PublishedSelfAssessmentFactory(milestone=step, period=before)
    lifecycle.correct_self_assessment(stored(before, step), by=factories.PublisherFactory(), reason="A letter came.")
    factories.SelfAssessmentFactory(milestone=step, period=period, rating=None)
    factories.SelfAssessmentFactory(milestone__commitment=step.commitment, period=period)
    whole = factories.SelfAssessmentFactory(
        milestone=None,
        commitment=factories.CommitmentFactory(plan=factories.CompletionPlanFactory()),
        rating="substantial",
    )
    periods = [before, period, whole.period]
    counted = {row.pk: read_sheet(row).counts for row in periods}
    assert {pk: (row.total, row.entered, row.by_state) for pk, row in read_progress(periods).items()} == {
        pk: (counts.total, counts.entered, counts.by_state) for pk, counts in counted.items()
    }


# --- how it grows -----------------------------------------------------------------------------------------------------


def fill(period, before, count):
    commitment = factories.CommitmentFactory(plan=period.plan)
    for _n in range(count):
        agency = factories.OrganisationFactory()
        step = factories.MilestoneFactory(commitment=commitment, agencies=[agency])
        factories.PublishedSelfAssessmentFactory(milestone=step, period=before)
        entry = factories.SelfAssessmentFactory(milestone=step, period=period, rating="completed_or_substantial")
        factories.EvidenceFactory(self_assessment=entry)


def test_the_sheet_asks_as_many_queries_for_sixty_rows_as_for_one(desk, period, before, django_assert_num_queries):
    counts = []
    for more in (1, 2, 57):
        fill(period, before, more)
        with django_assert_num_queries(13):
            page = desk.get(at(period, queue="ready"))
        counts.append(len(opened_rows(page)))
    assert counts == [1, 3, 60]
    forms = page.content.decode().split('<form class="sheet__form"')[1:]
    assert {form.partition("</form>")[0].count(' name="') for form in forms} == {22}


def test_the_list_asks_as_many_queries_for_three_plans_as_for_one(desk, period, before, django_assert_num_queries):
    fill(period, before, 1)
    with django_assert_num_queries(7):
        desk.get(reverse("admin:quarters"))
    for _n in range(2):
        factories.OpenPeriodFactory(plan=factories.MilestoneFactory().commitment.plan)
    with django_assert_num_queries(7):
        desk.get(reverse("admin:quarters"))
