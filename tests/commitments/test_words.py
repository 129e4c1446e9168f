"""Words as search compares them: alphabets, endings, codes, quotations; the same rows found on every database."""

import pytest
from django.db import connection

from commitments.models import Commitment, Milestone, Organisation
from commitments.words import asked, search_text, word_vector, words_of
from tests.factories import CommitmentFactory, MilestoneFactory, OrganisationAliasFactory, OrganisationFactory


def found(words):
    return list(Milestone.objects.search(words).order_by("pk").values_list("code", flat=True))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Төсвийн ИЛ ТОД", ["төсвийн", "ил", "тод"]),
        ("Тєсвийн їйл ажиллагаа", ["төсвийн", "үйл", "ажиллагаа"]),  # old files
        ("төcвийн pecypc хэрэгслэл".replace("pecypc", "рecypc"), ["төсвийн", "ресурс", "хэрэгслэл"]),  # Latin letters
        ("сommitment МN0049", ["commitment", "mn0049"]),  # Cyrillic letters in Latin words
        ("COVIDтай", ["covidтай"]),  # of both alphabets: left as it is
        ("алёна Алена", ["алена", "алена"]),
        ("6.5, 3.3.1.10 and 2023.09.21", ["6.5", "3.3.1.10", "and", "2023", "09.21"]),
        ("e-government nap-4 a_b", ["e", "government", "nap", "4", "a", "b"]),
        ("end.Start 100% […] \"'\\", ["end", "start", "100"]),
        ("\x00 % _ ' \" \\ :* & | !", []),
        ("x" * 300, ["x" * 60]),
    ],
)
def test_words_are_compared_without_case_in_one_alphabet_and_codes_whole(text, words):
    assert words_of(text) == words


def test_a_row_keeps_the_words_of_its_titles_before_the_others():
    assert search_text(["6.5", "Open Data", None], ["The Plan."]) == "6.5 open data | the plan"
    assert search_text([], []) == "|"


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ("budgets", "budget"),
        ("budget", "budgets"),
        ("policies", "policy"),
        ("policy", "policies"),
        ("trained", "training"),
        ("transparen", "transparency"),
        ("хууль", "хуулийн"),
        ("хуулийн", "хууль"),
        ("төсөв", "төсвийн"),
        ("бодлого", "бодлогын"),
        ("мэдээлэл", "мэдээллийн"),
        ("мэдээллийн", "мэдээлэл"),
        ("байгууллагууд", "байгууллагын"),
        ("ТЄСЄВ", "төсвийг"),
        ("Їйл", "үйлчилгээ"),
        ("үйл", "Їйл"),
    ],
)
def test_a_word_is_found_in_its_other_forms(db, words, text):
    MilestoneFactory(code="1.1", title_en="", title_mn=text)
    assert found(words) == ["1.1"]


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ("оргоо", "өргөө"),  # Ө is no О,
        ("ул", "үл"),  # and Ү no У
        ("parency", "transparency"),
        ("6.5", "6.50"),
        ("6.5", "16.5"),
        ("20", "2023"),
        ("open waste", "open data"),
        ("access", "acces"),
        ("%", "100%"),
        ("_", "a_b"),
    ],
)
def test_a_word_is_not_found_in_another(db, words, text):
    MilestoneFactory(code="1.1", title_mn=text)
    assert found(words) == []


@pytest.mark.parametrize("quoted", ['"open data"', "«open data»", "“open data”", '"OPEN  data" portal'])
def test_words_in_quotation_marks_are_found_as_they_stand(db, quoted):
    MilestoneFactory(code="1.1", title_en="The open data portal")
    MilestoneFactory(code="1.2", title_en="Data portal, open")
    MilestoneFactory(code="1.3", title_en="Opened data portal")
    assert found(quoted) == ["1.1"]


def test_what_follows_every_edit(db):
    milestone = MilestoneFactory(code="1.1", title_en="Old words")
    milestone.title_en, milestone.expected_output_mn = "New words", "Гарах үр дүн"
    milestone.save(update_fields=["title_en", "expected_output_mn"])
    assert [found("old"), found("new"), found("гарах")] == [[], ["1.1"], ["1.1"]]


def test_an_organisation_is_found_by_its_other_spellings_and_by_words_of_both(db):
    organisation = OrganisationFactory(name_en="Petroleum Authority")
    OrganisationAliasFactory(organisation=organisation, name="Ашигт малтмалын газар")
    assert list(Organisation.objects.search("малтмал petroleum")) == [organisation]
    assert list(Organisation.objects.search('"малтмалын газар"')) == [organisation]
    organisation.aliases.all().delete()
    assert not Organisation.objects.search("малтмал").exists()


def test_nothing_typed_is_too_much(db):
    CommitmentFactory(title_en="Word")
    assert Commitment.objects.search("word " * 5000).count() == 1
    assert Commitment.objects.search(" ").count() == 1
    assert len(asked(" ".join(f"word{n}" for n in range(50))).terms) == 12


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite reads every row.")
def test_postgresql_finds_words_by_an_index(db):
    """At 20,000 rows the planner takes it, and it costs a fraction of reading them all: a ratio, no time."""
    commitment = CommitmentFactory()
    row = MilestoneFactory(commitment=commitment, title_en="a needle")
    Milestone.objects.bulk_create(
        Milestone(
            commitment=commitment,
            code=f"9.{number}",
            code_order=f"9.{number}",
            title_en="hay",
            search_text=search_text([f"9.{number}", f"hay straw{number % 1000}"]),
        )
        for number in range(20_000)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE commitments_milestone")
    plan = Milestone.objects.search("needle").order_by().explain()
    assert "commitments_milestone_words" in plan

    def cost(sql, params):
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", params)
            return cursor.fetchone()[0][0]["Plan"]["Total Cost"]

    query = f"SELECT id FROM commitments_milestone WHERE {word_vector('search_text')} @@ %s::tsquery"  # noqa: S608
    by_index = cost(query, ["'needle':*"])
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_bitmapscan = off")
        cursor.execute("SET LOCAL enable_indexscan = off")
    assert by_index * 5 < cost(query, ["'needle':*"])
    assert list(Milestone.objects.search("needle")) == [row]
