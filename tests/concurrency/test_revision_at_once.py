"""Many who write at once: none waits for another because of the revision, and each commit changes the number."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from django.db import connection, connections, transaction

from commitments.models import Organisation, PolicyArea
from commitments.revision import read_revision
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)

WRITERS = 12
PATIENCE = 20  # seconds; who waits longer waits for ever


def slots() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM commitments_revision")
        return cursor.fetchone()[0]


class Writer(threading.Thread):
    """Writes in a transaction and holds it open until told to end it."""

    def __init__(self, pk: int, statements: int = 1) -> None:
        super().__init__(daemon=True)
        self.pk, self.statements = pk, statements
        self.wrote, self.may_end = threading.Event(), threading.Event()

    def run(self) -> None:
        try:
            with transaction.atomic():
                for number in range(self.statements):
                    Organisation.objects.filter(pk=self.pk).update(website=f"https://example.org/{number}")
                self.wrote.set()
                assert self.may_end.wait(PATIENCE)
        finally:
            connections.close_all()

    def end(self) -> None:
        self.may_end.set()
        self.join(PATIENCE)
        assert not self.is_alive()


@pytest.fixture
def writers() -> Iterator[list[Writer]]:
    started: list[Writer] = []
    yield started
    for writer in started:
        writer.end()


def test_nobody_waits_for_a_transaction_that_stays_open(writers):
    rows = factories.OrganisationFactory.create_batch(WRITERS)
    before = read_revision()
    for row in rows:
        writers.append(Writer(row.pk, statements=3))
        writers[-1].start()
        # While all before it are open still.
        assert writers[-1].wrote.wait(PATIENCE)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '1s'")
        PolicyArea.objects.create(code="water", name_en="Water")
    assert read_revision() == before + 1  # the last one; the others have not committed


def test_the_older_transaction_that_commits_last_changes_the_number_too(writers):
    rows = factories.OrganisationFactory.create_batch(3)
    older, newer, newest = (Writer(row.pk) for row in rows)
    for writer in (older, newer, newest):
        writers.append(writer)
        writer.start()
        assert writer.wrote.wait(PATIENCE)
    numbers = [read_revision()]
    for writer in (newest, newer, older):
        writer.end()
        numbers.append(read_revision())
    assert numbers == [numbers[0] + step for step in range(4)]


def test_each_of_many_commits_counts_one_and_slots_are_used_again(at_once):
    rows = factories.OrganisationFactory.create_batch(WRITERS)
    before = read_revision()

    def write_ten(pk):
        for number in range(10):
            with transaction.atomic():
                # However many statements a transaction has.
                Organisation.objects.filter(pk=pk).update(website=f"https://example.org/{number}")
                Organisation.objects.filter(pk=pk).update(short_name=f"{number}")

    at_once([lambda pk=row.pk: write_ten(pk) for row in rows])
    assert read_revision() == before + 10 * WRITERS
    assert slots() <= 3 * WRITERS  # those of the tests before included


def test_a_thousand_statements_leave_one_new_version_of_one_row(writers):
    [row] = factories.OrganisationFactory.create_batch(1)
    with transaction.atomic():
        for number in range(100):
            Organisation.objects.filter(pk=row.pk).update(website=f"https://example.org/{number}")
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_current_xact_id()::text")
            [own] = cursor.fetchone()
            cursor.execute(
                "SELECT count(*), max(cmin::text::integer) FROM commitments_revision WHERE xmin::text = %s", [own]
            )
            [changed, first_command] = cursor.fetchone()
    assert changed == 1
    assert first_command < 5  # counted by the first statement, and not again
