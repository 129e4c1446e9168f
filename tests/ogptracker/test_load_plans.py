"""The files of fixtures/, and the command that brings them into the database."""

import datetime
import re
import shutil
from collections import Counter
from io import StringIO
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import CommandError, call_command

from assessments import lifecycle
from assessments.counts import count_claims, count_plan
from assessments.ledger import read_ledger
from assessments.models import CounterAssessment, ReportingPeriod, SelfAssessment, day_start
from commitments.models import (
    ActionPlan,
    Commitment,
    Involvement,
    Meeting,
    Milestone,
    Organisation,
    Participation,
    Sourced,
)
from reports.models import Comment, Report
from tests.factories import PublisherFactory

FIXTURES = settings.BASE_DIR / "fixtures"


def load(folder: Path = FIXTURES) -> list[str]:
    """The lines that the command prints."""
    out = StringIO()
    call_command("load_plans", folder=folder, stdout=out)
    return out.getvalue().splitlines()


def lights(slug: str) -> dict[str, str]:
    """One letter per milestone: green, amber, red, or - where the government's rating is missing."""
    ledger = read_ledger(ActionPlan.objects.get(slug=slug))
    return {
        entry.commitment.code: "".join((subject.light or "-")[0] for subject in entry.milestones)
        for entry in ledger.commitments
    }


# --- the plans as the documents have them -----------------------------------------------------------------------------


def test_nap_4_has_every_milestone_with_the_light_of_the_report(loaded_plans):
    assert lights("nap-4") == {
        "1": "agggga",
        "2": "agggg",
        "3": "gagg-g",
        "4": "aagg",
        "5": "gggagggg",
        "6": "gagggg",
        "7": "gaaa",
        "8": "ggggaaa",
        "9": "ggggggg",
    }


def test_nap_4_has_the_verdicts_of_ngos_with_their_gaps(nap_4):
    verdicts = [
        (subject.subject.code, str(answer.organisation or ""), answer.rating, answer.gap)
        for subject in read_ledger(nap_4).subjects
        for answer in subject.verdicts
    ]
    forum = "Open Society Forum"
    assert verdicts == [
        ("1.1", "", "completed_or_substantial", 1),
        ("1.2", "", "limited", -1),
        ("1.3", "", "limited", -1),
        ("1.4", forum, None, None),
        ("1.5", forum, "limited", -1),
        ("1.6", "", "limited", 0),
        ("6.1", forum, "limited", -1),
        ("6.2", forum, "not_started_or_delayed", -1),
        ("6.3", forum, "limited", -1),
        ("6.4", forum, "limited", -1),
        ("6.5", forum, "not_started_or_delayed", -2),
        ("6.6", forum, "limited", -1),
    ]


def test_answers_without_a_stated_author_say_so(nap_4):
    answers = CounterAssessment.objects.filter(milestone__commitment__plan=nap_4)
    assert Counter(answers.values_list("attribution", flat=True)) == {"stated": 19, "not_stated": 4, "inferred": 3}
    assert not answers.filter(attribution="inferred", attribution_reason_en="").exists()


def test_an_answer_keeps_the_rating_it_answers(nap_4):
    answer = CounterAssessment.objects.get(milestone__commitment__plan=nap_4, milestone__code="6.5")
    assert answer.answers == SelfAssessment.objects.get(milestone=answer.milestone)
    assert (answer.answered_rating, answer.gap_when_given) == ("completed_or_substantial", -2)


def test_the_condition_and_the_ministrys_remark_of_nap_4_are_there(nap_4):
    conditions = CounterAssessment.objects.exclude(condition="").values_list("milestone__code", "organisation__slug")
    assert [(code, slug) for code, slug in conditions] == [("1.1", None)]
    remarks = Comment.objects.filter(milestone__commitment__plan=nap_4)
    assert [remark.kind for remark in remarks] == ["government"]


def test_claims_of_nap_4_that_the_record_does_not_bear_out(nap_4):
    differing = {
        row.claim.code: (row.claim.value, row.counted) for row in count_claims(read_ledger(nap_4)) if row.differs
    }
    assert differing == {
        "milestones-completed": (39, 38),
        "milestones-completed-percent": (74, 73),
        "milestones-in-progress-percent": (26, 27),
        "commitment-3-amber": (2, 1),
        "commitments-2-8-green": (9, 8),
        "commitments-2-8-amber": (3, 4),
    }


def test_nap_4_has_its_recommendations_report_and_remarks(nap_4):
    assert nap_4.recommendations.count() == 14
    report = Report.objects.get(plan=nap_4)
    assert (report.kind, report.period_code, report.state) == ("final", "2023-final", "draft")
    assert [section.kind for section in report.sections.all()] == [
        "introduction",
        "how_it_went",
        "other",
        "lessons",
        "recommendations",
    ]
    assert Comment.objects.filter(plan=nap_4).count() == 3


def test_nap_1_has_21_commitments_rated_as_wholes(loaded_plans):
    counts = count_plan(read_ledger(ActionPlan.objects.get(slug="nap-1")))
    assert counts.government.by_rating == {"completed": 5, "substantial": 8, "limited": 3, "not_started": 0}
    assert (counts.subjects, counts.government.not_rated) == (21, 5)
    assert Commitment.objects.filter(plan__slug="nap-1", adopted_wording_en="").count() == 0
    assert not Milestone.objects.filter(commitment__plan__slug="nap-1").exists()


def test_nap_5_is_planned_and_says_who_commented(loaded_plans):
    plan = ActionPlan.objects.get(slug="nap-5")
    assert [plan.adopted_on, plan.published_at] == [
        datetime.date(2023, 12, 27),
        day_start(datetime.date(2023, 12, 27)),
    ]
    assert lights("nap-5") == {
        "1": "---",
        "2": "",
        "3": "",
        "4": "-------",
        "5": "",
        "6": "",
        "7": "",
        "8": "",
        "9": "",
    }
    periods = plan.periods.all()
    assert [period.code for period in periods] == [
        f"{year}-Q{quarter}" for year in range(2024, 2028) for quarter in (1, 2, 3, 4)
    ]
    assert {period.state() for period in periods} == {ReportingPeriod.State.PLANNED}
    commenting = Participation.objects.filter(meeting__plan=plan, meeting__kind=Meeting.Kind.WRITTEN_COMMENTS)
    assert Counter(commenting.values_list("listed_as", flat=True)) == {"government": 20, "non_government": 30}


def test_naps_2_and_3_are_not_transcribed(loaded_plans):
    plans = ActionPlan.objects.filter(slug__in=["nap-2", "nap-3"]).order_by("slug")
    assert [(plan.coverage, plan.commitments.count()) for plan in plans] == [
        ("not_transcribed", 2),
        ("not_transcribed", 4),
    ]


def test_each_plan_follows_the_one_before(loaded_plans):
    pairs = ActionPlan.objects.order_by("number").values_list("slug", "predecessor__slug")
    assert list(pairs) == [
        ("nap-1", None),
        ("nap-2", "nap-1"),
        ("nap-3", "nap-2"),
        ("nap-4", "nap-3"),
        ("nap-5", "nap-4"),
    ]


def test_different_bodies_stay_different_and_spellings_find_them(loaded_plans):
    assert Organisation.objects.filter(slug__in=["steps-without-borders", "lawyers-without-borders"]).count() == 2
    for spelling in ("MRPAM", "mram", "Petroleum Agency"):
        assert [row.slug for row in Organisation.objects.named(spelling)] == [
            "mineral-resources-and-petroleum-authority"
        ]


# --- what holds for every record --------------------------------------------------------------------------------------


def copied_models():
    return [
        model
        for label in ("commitments", "assessments", "reports")
        for model in apps.get_app_config(label).get_models()
        if issubclass(model, Sourced) and not model.__name__.startswith("Historical")
    ]


def test_every_copied_record_says_from_where(loaded_plans):
    without_source = {model.__name__: model.objects.filter(source=None).count() for model in copied_models()}
    assert {name: count for name, count in without_source.items() if count} == {}
    without_place = {model.__name__: model.objects.filter(source_place="").count() for model in copied_models()}
    # A report is a document as a whole.
    assert {name: count for name, count in without_place.items() if count} == {"Report": 2}


def test_every_row_has_a_history_without_a_person(loaded_plans):
    for model in copied_models():
        entries = model.history.all()
        assert entries.filter(history_type="+").count() == model.objects.count()
        assert set(entries.values_list("history_user", "history_change_reason")) <= {(None, "load_plans")}


def test_the_files_hold_no_address_or_telephone_of_a_person():
    contact = re.compile(r"\S+@\S+|\+?976[-\s]|\b(?:\d{6}|\d{8})\b|\b[5-9]\d{3}[-\s]+\d{4}\b")
    found = [
        f"{path.name}:{number}"
        for path in sorted(FIXTURES.glob("*.yaml"))
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if contact.search(line)
    ]
    assert found == []


def test_the_regular_expression_above_knows_the_forms_of_the_sources():
    contact = re.compile(r"\S+@\S+|\+?976[-\s]|\b(?:\d{6}|\d{8})\b|\b[5-9]\d{3}[-\s]+\d{4}\b")
    forms = ["someone@cabinet.gov.mn", "976-7011-0216", "99881437", "9909\t9893", "267416"]
    assert [form for form in forms if not contact.search(form)] == []


# --- loading again ----------------------------------------------------------------------------------------------------


def history_sizes():
    return {
        model.__name__: model.objects.count()
        for label in ("commitments", "assessments", "reports")
        for model in apps.get_app_config(label).get_models()
        if model.__name__.startswith("Historical")
    }


def test_loading_again_changes_nothing(loaded_plans):
    before = history_sizes()
    total = sum(before.values())
    assert total > 1000
    rows = ActionPlan.objects.count()
    (line,) = load()
    assert re.fullmatch(r"Plans loaded: 0 rows created, 0 updated, \d+ unchanged, 0 left\.", line)
    assert (history_sizes(), ActionPlan.objects.count()) == (before, rows)


def test_a_row_changed_by_somebody_is_left_and_named(loaded_plans):
    milestone = Milestone.objects.get(commitment__plan__slug="nap-4", code="1.1")
    milestone.title_mn = "Хууль батлуулах"
    milestone.save()
    lines = load()
    assert lines[:-1] == [
        "Left as they are, because they were changed here since they were loaded:",
        f"  nap-4.yaml, commitments 1, milestones 1.1: milestone “{milestone}”",
    ]
    assert re.fullmatch(r"Plans loaded: 0 rows created, 0 updated, \d+ unchanged, 1 left\.", lines[-1])
    milestone.refresh_from_db()
    assert milestone.title_mn == "Хууль батлуулах"


def test_the_agencies_that_somebody_changed_are_left(loaded_plans):
    milestone = Milestone.objects.get(commitment__plan__slug="nap-4", code="1.1")
    milestone.agencies.clear()
    assert load()[1:-1] == [f"  nap-4.yaml, commitments 1, milestones 1.1: milestone “{milestone}”"]
    assert not milestone.agencies.exists()


def test_a_row_that_somebody_deleted_is_not_made_again(loaded_plans):
    Involvement.objects.get(commitment__plan__slug="nap-4", commitment__code="1", role="lead", position=1).delete()
    assert load()[1:-1] == ["  nap-4.yaml, commitments 1, involvements no. 1: deleted, or known by another code now"]


def test_a_rating_corrected_by_a_publisher_stays_corrected(loaded_plans):
    rating = SelfAssessment.objects.get(milestone__commitment__plan__slug="nap-4", milestone__code="6.1")
    lifecycle.correct_self_assessment(
        rating,
        by=PublisherFactory(),
        reason="The law has been repealed.",
        rating="limited",
        challenges_en="A new law is needed.",
    )
    assert load()[-1].startswith("Plans loaded: 0 rows created, 0 updated,")
    versions = SelfAssessment.objects.filter(milestone=rating.milestone).order_by("version")
    assert [(row.version, row.rating, row.is_latest) for row in versions] == [
        (1, "completed_or_substantial", False),
        (2, "limited", True),
    ]


@pytest.fixture
def own_files(tmp_path):
    """A copy of the files that a test may change."""
    return Path(shutil.copytree(FIXTURES, tmp_path / "fixtures"))


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_an_untouched_row_follows_its_file(loaded_plans, own_files):
    change(own_files / "documents.yaml", "title_en: OGP commitments dataset", "title_en: OGP’s commitments dataset")
    change(
        own_files / "nap-5.yaml",
        "starts_on: 2027-10-01, ends_on: 2027-12-31",
        "starts_on: 2027-10-01, ends_on: 2027-12-30",
    )
    (line,) = load(own_files)
    assert line.startswith("Plans loaded: 0 rows created, 2 updated,")
    period = ReportingPeriod.objects.get(plan__slug="nap-5", code="2027-Q4")
    assert period.ends_on == datetime.date(2027, 12, 30)
    assert [entry.history_change_reason for entry in period.history.all()] == ["load_plans", "load_plans"]


# --- a small folder of its own ----------------------------------------------------------------------------------------

SMALL = {
    "documents.yaml": "- {slug: paper, title_en: The paper}\n",
    "organisations.yaml": (
        "- {slug: ministry, name_en: Ministry, kind: government, source: paper, source_place: p. 1}\n"
        "- {slug: union, name_en: Union, kind: ngo, source: paper, source_place: p. 1}\n"
    ),
    "nap-1.yaml": """
source: paper
plan: {slug: nap-1, number: 1, title_en: The plan, starts_on: 2014-01-01, ends_on: 2016-12-31, source_place: p. 1}
periods:
  - {code: 2016-final, starts_on: 2014-01-01, ends_on: 2016-12-31, published_on: 2017-02-01, source_place: p. 2}
commitments:
  - code: "1"
    title_en: A promise
    source_place: p. 3
    involvements:
      - {role: lead, organisation: ministry, as_printed: The ministry, source_place: p. 3}
      - {role: civil_society, as_printed: NGOs, source_place: p. 3}
    milestones:
      - code: "1.1"
        title_en: A step
        agencies: [ministry]
        source_place: p. 4
        self_assessments:
          - {period: 2016-final, rating: limited, evidence_en: A draft., source_place: p. 4, links: [{address: "https://a.org"}]}
        counter_assessments:
          - period: 2016-final
            organisation: union
            rating: not_started_or_delayed
            stated_on: 2017-03-01
            source_place: p. 5
""",
}


@pytest.fixture
def small(tmp_path):
    for name, text in SMALL.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def test_what_a_small_folder_becomes(db, small):
    assert load(small) == ["Plans loaded: 12 rows created, 0 updated, 0 unchanged, 0 left."]
    plan = ActionPlan.objects.get()
    assert plan.published_at == day_start(datetime.date(2017, 2, 1))
    rating = SelfAssessment.objects.get()
    assert (rating.transcribed, rating.state, rating.is_current, rating.is_latest) == (True, "published", True, True)
    assert (rating.published_at, rating.published_by) == (day_start(datetime.date(2017, 2, 1)), None)
    answer = CounterAssessment.objects.get()
    assert (answer.published_at, answer.answers, answer.answered_rating) == (
        day_start(datetime.date(2017, 3, 1)),
        rating,
        "limited",
    )
    link = rating.attachments.get()
    assert (link.address, link.position, link.source.slug, link.source_place) == (
        "https://a.org",
        1,
        "paper",
        "p. 4",
    )
    assert list(Involvement.objects.values_list("role", "position", "as_printed")) == [
        ("civil_society", 2, "NGOs"),
        ("lead", 1, "The ministry"),
    ]


def test_a_changed_transcription_is_mended_in_place_with_its_history(db, small):
    load(small)
    change(small / "nap-1.yaml", "rating: limited", "rating: completed_or_substantial")
    (line,) = load(small)
    # The rating, and the answer's copy of it.
    assert line == "Plans loaded: 0 rows created, 2 updated, 10 unchanged, 0 left."
    rating = SelfAssessment.objects.get()
    assert (rating.version, rating.rating, rating.is_latest) == (1, "completed_or_substantial", True)
    assert [entry.rating for entry in rating.history.all()] == ["completed_or_substantial", "limited"]
    assert CounterAssessment.objects.get().answered_rating == "completed_or_substantial"


def test_a_printed_spelling_can_be_mended(db, small):
    load(small)
    change(small / "nap-1.yaml", "as_printed: The ministry", "as_printed: The Ministry")
    assert load(small) == ["Plans loaded: 0 rows created, 1 updated, 11 unchanged, 0 left."]


def test_what_a_file_takes_away_again_is_emptied(db, small):
    load(small)
    change(small / "nap-1.yaml", "        agencies: [ministry]\n", "")
    change(small / "nap-1.yaml", "evidence_en: A draft., ", "")
    assert load(small) == ["Plans loaded: 0 rows created, 2 updated, 10 unchanged, 0 left."]
    assert not Milestone.objects.get().agencies.exists()
    assert SelfAssessment.objects.get().evidence_en == ""


MILESTONE = "nap-1.yaml, commitments 1, milestones 1.1"


@pytest.mark.parametrize(
    ("name", "old", "new", "sentence"),
    [
        pytest.param(
            "nap-1.yaml",
            "        title_en: A step",
            "        titel_en: A step",
            f"{MILESTONE}: titel_en: there is no such key here; “title_en” is meant, perhaps.",
            id="an unknown key",
        ),
        pytest.param(
            "nap-1.yaml",
            "source: paper\nplan",
            "source: paper\ncommitment: []\nplan",
            "nap-1.yaml: commitment: there is no such key here; “commitments” is meant, perhaps.",
            id="an unknown key beside the plan",
        ),
        pytest.param(
            "nap-1.yaml",
            "agencies: [ministry]",
            "agencies: [ministery]",
            f"{MILESTONE}: agencies: there is no organisation “ministery” in the files before this place.",
            id="an unknown organisation",
        ),
        pytest.param(
            "nap-1.yaml",
            "source: paper",
            "source: papers",
            "nap-1.yaml: source: there is no source document “papers” in the files before this place.",
            id="an unknown document",
        ),
        pytest.param(
            "nap-1.yaml",
            "rating: limited",
            "rating: orange",
            f"{MILESTONE}, self_assessments no. 1: rating: “orange” is none of "
            "not_started, not_started_or_delayed, limited, substantial, completed_or_substantial, completed.",
            id="an unknown rating",
        ),
        pytest.param(
            "nap-1.yaml",
            "rating: limited",
            "rating: completed",
            f"{MILESTONE}, self_assessments no. 1: rating: This rating is not on the plan's scale.",
            id="a rating of another scale",
        ),
        pytest.param(
            "nap-1.yaml",
            "rating: limited, ",
            "",
            f"{MILESTONE}, self_assessments no. 1: the record: "
            "Give a rating, or say why there is none: one of the two.",
            id="neither a rating nor a reason",
        ),
        pytest.param(
            "nap-1.yaml",
            'code: "1.1"',
            "code: 1.1",
            f"{MILESTONE}: code: this must be text; put 1.1 in quotation marks.",
            id="a code that YAML takes for a number",
        ),
        pytest.param(
            "nap-1.yaml",
            "stated_on: 2017-03-01",
            "stated_on: March 2017",
            f"{MILESTONE}, counter_assessments no. 1: stated_on: “March 2017” is not a date (2023-08-15).",
            id="no date",
        ),
        pytest.param(
            "nap-1.yaml",
            ", published_on: 2017-02-01",
            "",
            f"{MILESTONE}, self_assessments no. 1: period: "
            "2016-final has ratings, so it needs the day they were published on.",
            id="ratings of a period that is not published",
        ),
        pytest.param(
            "nap-1.yaml",
            "{role: civil_society, as_printed: NGOs, source_place: p. 3}",
            "{role: lead, organisation: ministry, source_place: p. 3}",
            "nap-1.yaml, commitments 1, involvements no. 2: role, organisation: "
            "this is the same record as nap-1.yaml, commitments 1, involvements no. 1.",
            id="the same record twice",
        ),
        pytest.param(
            "nap-1.yaml",
            "    source_place: p. 3\n",
            "    source_place: p. 3\n    focal_points: [{position: Head, email: someone@example.org}]\n",
            "nap-1.yaml, commitments 1, focal_points no. 1: email: there is no such key here.",
            id="a contact",
        ),
        pytest.param(
            "nap-1.yaml",
            "title_en: A promise",
            "title_en: A promise\n    title_en: Another",
            "nap-1.yaml: the key “title_en” stands twice in the record that begins in line 7.",
            id="a key twice",
        ),
        pytest.param(
            "nap-1.yaml",
            "    milestones:\n",
            "    milestones: none\n    other:\n",
            "nap-1.yaml, commitments 1: other: there is no such key here.",
            id="an unknown list",
        ),
        pytest.param(
            "organisations.yaml",
            "kind: ngo",
            "kind: NGO",
            "organisations.yaml, union: kind: “NGO” is none of "
            "government, parliament, ngo, academia, private, international, media, other.",
            id="an unknown kind",
        ),
        pytest.param(
            "documents.yaml",
            "title_en: The paper",
            'title_en: "The\\0paper"',
            "documents.yaml, paper: title_en: "
            "The text contains a character that cannot be stored (code U+0000). Remove it and try again.",
            id="a control character",
        ),
    ],
)
def test_a_broken_file_is_refused_in_one_sentence_and_nothing_is_written(db, small, name, old, new, sentence):
    change(small / name, old, new)
    with pytest.raises(CommandError) as refusal:
        load(small)
    assert str(refusal.value) == f"Nothing was loaded. {sentence}"
    assert history_sizes() == dict.fromkeys(history_sizes(), 0)
    assert (ActionPlan.objects.count(), Organisation.objects.count()) == (0, 0)


def test_a_file_that_is_not_yaml_is_refused_with_the_line(db, small):
    (small / "nap-1.yaml").write_text("plan: [\n", encoding="utf-8")
    with pytest.raises(CommandError, match=r"^Nothing was loaded\. nap-1\.yaml: .* line 2"):
        load(small)


def test_a_folder_without_a_plan_is_refused(db, tmp_path):
    with pytest.raises(CommandError, match="there is no plan"):
        load(tmp_path)
