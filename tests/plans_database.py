"""The real plans in the test database: loaded once per process, kept as a copy, and put back or taken out in a moment.

Tests that ask for ``loaded_plans`` share one committed load, and roll back what they change, like any other test. They
are run after the others, and the database is brought back to what a test expects before it starts, so that no test
meets rows of another or misses those of the migrations: whatever order the tests come in, and also after a test that
flushes the database.
"""

from __future__ import annotations

import io
import sqlite3
from typing import Any

from django.core.management import call_command
from django.core.management.color import no_style
from django.db import connection, transaction


class Copy:
    """Everything in the test database at one moment."""

    def __init__(self) -> None:
        connection.ensure_connection()
        if connection.vendor == "sqlite":
            self.database = sqlite3.connect(":memory:", check_same_thread=False)
            connection.connection.backup(self.database)
        else:
            self.tables = {table: self._read(table) for table in self._table_names()}

    def restore(self) -> None:
        connection.ensure_connection()
        if connection.vendor == "sqlite":
            self.database.backup(connection.connection)
            return
        # In one transaction: foreign keys are checked at its end, so the order of tables does not matter.
        with transaction.atomic(), connection.cursor() as cursor:
            names = ", ".join(connection.ops.quote_name(table) for table in self.tables)
            cursor.execute(f"TRUNCATE {names}")
            for table, rows in self.tables.items():
                cursor.copy_expert(f"COPY {connection.ops.quote_name(table)} FROM STDIN", io.StringIO(rows))
            models = connection.introspection.installed_models(self.tables)
            for statement in connection.ops.sequence_reset_sql(no_style(), models):
                cursor.execute(statement)

    @staticmethod
    def _table_names() -> list[str]:
        return connection.introspection.django_table_names(only_existing=True, include_views=False)

    @staticmethod
    def _read(table: str) -> str:
        rows = io.StringIO()
        with connection.cursor() as cursor:
            cursor.copy_expert(f"COPY {connection.ops.quote_name(table)} TO STDOUT", rows)
        return rows.getvalue()


class PlansDatabase:
    """The test database as the migrations leave it, and with the plans in it."""

    def __init__(self, blocker: Any) -> None:
        self.blocker = blocker
        with blocker.unblock():
            self.without = Copy()
        self.with_plans: Copy | None = None
        self.holds: Copy | None = self.without

    def load(self) -> None:
        """Put the plans in for the first time."""
        self.prepare(plans=False, transactional=False)
        with self.blocker.unblock():
            call_command("load_plans", verbosity=0)
            self.holds = self.with_plans = Copy()

    def prepare(self, *, plans: bool, transactional: bool) -> None:
        """Make the database what the next test expects; a transactional one leaves it flushed."""
        wanted = self.with_plans if plans else self.without
        if wanted is not None and self.holds is not wanted:
            with self.blocker.unblock():
                wanted.restore()
        self.holds = None if transactional else wanted
