"""The number of the record: it changes with every change of what a reader may be shown, whoever writes it."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection, models, transaction
from django.utils import timezone

from commitments.models import Membership, Milestone, Organisation, PolicyArea, User
from commitments.revision import (
    WatchedApp,
    coming_moments,
    read_revision,
    uncounted_tables,
    watch_tables,
    watched_models,
)
from tests import factories

pytestmark = pytest.mark.django_db

OUR_APPS = [apps.get_app_config(label) for label in ("commitments", "assessments", "reports")]


def execute(statement: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def without_trigger(table: str) -> None:
    if connection.vendor == "postgresql":
        execute("SET CONSTRAINTS ALL IMMEDIATE")
        execute(f"DROP TRIGGER counted_in_revision ON {table}")
    else:
        execute(f"DROP TRIGGER {table}_update_counted_in_revision")


class TestWhatIsCounted:
    def test_every_table_is_watched_or_excused_with_a_reason(self):
        for app in OUR_APPS:
            assert isinstance(app, WatchedApp)
            names = {model.__name__ for model in app.get_models(include_auto_created=True)}
            assert set(app.unwatched) <= names, "excused and not there"
            assert all(app.unwatched.values())
            shown = {model.__name__ for model in app.watched_models()}
            history = {name for name in names if name.startswith("Historical")}
            assert shown | set(app.unwatched) | history == names
            assert shown.isdisjoint(app.unwatched)
        assert uncounted_tables() == []

    def test_each_table_counts_insert_update_and_delete(self):
        """Seen from the triggers themselves; below they are seen at work."""
        tables = {model._meta.db_table for model in watched_models()}
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                # Bits of tgtype: after each statement (no 1, no 2), 4 insert, 8 delete, 16 update, 32 truncate.
                cursor.execute(
                    "SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = %s AND tgtype = 60",
                    ["counted_in_revision"],
                )
                assert {table for (table,) in cursor.fetchall()} == tables
            else:
                cursor.execute("SELECT count(*) FROM sqlite_master WHERE name LIKE '%%_counted_in_revision'")
                assert cursor.fetchone() == (3 * len(tables),)

    @pytest.mark.parametrize(
        "change",
        [
            lambda row: row.save(),
            lambda row: Organisation.objects.filter(pk=row.pk).update(website="https://example.org"),
            lambda row: Organisation.objects.bulk_update([row], ["website"]),
            lambda row: PolicyArea.objects.bulk_create(
                [PolicyArea(code="a", name_en="A"), PolicyArea(code="b", name_en="B")]
            ),
            lambda row: execute("UPDATE commitments_organisation SET website = '' WHERE id = %s", row.pk),
            lambda row: models.QuerySet(Organisation).filter(pk=row.pk)._raw_delete("default"),
            lambda row: factories.MilestoneFactory().agencies.add(row),
        ],
        ids=["save", "update", "bulk_update", "bulk_create", "sql", "delete", "many_to_many"],
    )
    def test_whoever_writes(self, change: Any):
        row = factories.OrganisationFactory()
        before = read_revision()
        change(row)
        assert read_revision() > before

    def test_loading_a_fixture_is_a_change(self, tmp_path):
        area = PolicyArea.objects.create(code="water", name_en="Water")
        call_command("dumpdata", "commitments.PolicyArea", output=str(tmp_path / "areas.json"), verbosity=0)
        before = read_revision()
        call_command("loaddata", str(tmp_path / "areas.json"), verbosity=0)
        assert PolicyArea.objects.get().pk == area.pk
        assert read_revision() > before

    def test_reading_signing_in_and_private_rows_are_none(self, client, representative: User):
        before = read_revision()
        client.get("/en/")
        client.force_login(representative)
        client.get("/en/counter-assessments/")
        Membership.objects.update(ends_on=datetime.date(2030, 1, 1))
        factories.InvitationFactory(organisation=Organisation.objects.get(), invited_by=representative)
        assert read_revision() == before

    def test_what_is_rolled_back_leaves_the_number_as_it_was(self):
        before = read_revision()
        with transaction.atomic():
            factories.OrganisationFactory()
            assert read_revision() > before
            transaction.set_rollback(True)
        assert read_revision() == before
        factories.OrganisationFactory()
        assert read_revision() > before

    def test_reading_it_is_one_query(self, django_assert_num_queries):
        with django_assert_num_queries(1):
            read_revision()


class TestTriggers:
    def test_a_table_that_lost_its_trigger_is_named_and_gets_it_again(self):
        without_trigger("commitments_milestone")
        assert uncounted_tables() == ["commitments_milestone"]
        watch_tables(apps.get_app_config("commitments"))
        assert uncounted_tables() == []
        before = read_revision()
        Milestone.objects.update(title_en="x")
        if connection.vendor == "postgresql":  # a statement that changes no row is counted there too
            assert read_revision() > before
        factories.MilestoneFactory()
        assert read_revision() > before

    def test_putting_them_up_again_changes_nothing(self, django_assert_num_queries):
        with django_assert_num_queries(2):  # which tables, which triggers
            watch_tables(apps.get_app_config("commitments"))

    @pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL alters tables in place")
    @pytest.mark.django_db(transaction=True)
    def test_a_table_that_a_migration_rebuilds_gets_them_again(self):
        """What Django does on SQLite when a field changes: a new table in the place of the old one."""
        field = PolicyArea._meta.get_field("name_en")
        longer = models.CharField(max_length=999)
        longer.set_attributes_from_name("name_en")
        with connection.schema_editor() as editor:
            editor.alter_field(PolicyArea, field, longer)
        assert uncounted_tables() == ["commitments_policyarea"]
        call_command("migrate", verbosity=0)
        assert uncounted_tables() == []
        with connection.schema_editor() as editor:
            editor.alter_field(PolicyArea, longer, field)
        call_command("migrate", verbosity=0)


class TestComingMoments:
    def test_each_later_moment_of_the_record_once_and_in_order(self):
        now = timezone.now()
        hour = datetime.timedelta(hours=1)
        factories.ReportingPeriodFactory(answers_open_at=now + 2 * hour, answers_close_at=now + 3 * hour)
        factories.ReportingPeriodFactory(
            entry_closes_at=now + hour, answers_open_at=now - hour, answers_close_at=now + 3 * hour
        )
        assert coming_moments(now) == [now + hour, now + 2 * hour, now + 3 * hour]
        assert coming_moments(now + 3 * hour) == []

    def test_it_is_one_query(self, django_assert_num_queries):
        with django_assert_num_queries(1):
            coming_moments(timezone.now())
