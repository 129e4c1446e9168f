"""The revision of the record: a number that grows with every committed change of what a reader may be shown.

Triggers on the tables count, so it does not matter who writes: forms, verbs, `queryset.update`, `loaddata`, SQL. The
table has no model, so that nothing that empties or loads models (`flush`, `loaddata`) sets the number back. See ADR
13 for why no writer waits for another here, and why the number never repeats.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.apps import AppConfig, apps
from django.db import DEFAULT_DB_ALIAS, connection, connections, models
from django.db.models.signals import post_migrate

TABLE = "commitments_revision"
TRIGGER = "counted_in_revision"
ACTS = ("INSERT", "UPDATE", "DELETE")

# What PostgreSQL's own transaction has changed after its first statement is noted in a setting (see the migration).
READ = {
    "postgresql": f"""
        SELECT (coalesce(sum(changes), 0) + greatest(0, coalesce(
            nullif(current_setting('ogptracker.written', true), ''), '0')::integer - 1))::bigint FROM {TABLE}""",  # noqa: S608
    "sqlite": f"SELECT sum(changes) FROM {TABLE}",  # noqa: S608
}


class WatchedApp(AppConfig):
    """An app whose tables are counted, but for those that no reader without an account is shown anything of."""

    # Name of a model -> why a change of its rows changes no public answer.
    unwatched: Mapping[str, str] = {}

    def ready(self) -> None:
        # SQLite rebuilds a table to alter it, and drops its triggers with it: after every migration they are looked at.
        post_migrate.connect(watch_tables, sender=self)

    def watched_models(self) -> Iterator[type[models.Model]]:
        """Tables between two models included; without history, which no public page reads (design §2)."""
        for model in self.get_models(include_auto_created=True):
            if not model.__name__.startswith("Historical") and model.__name__ not in self.unwatched:
                yield model


def read_revision() -> int:
    """The number as it is now: one query. Asked before a page is made, it is never newer than what the page shows."""
    with connection.cursor() as cursor:
        cursor.execute(READ[connection.vendor])
        return cursor.fetchone()[0]


def coming_moments(now: datetime.datetime) -> list[datetime.datetime]:
    """When what is shown will change although nobody writes: every later moment in the record, in their order.

    A window opens or closes, or a row says of itself that it is published a moment from now.
    """
    found = [
        model._base_manager.filter(**{f"{field.name}__gt": now}).order_by().values_list(field.name)
        for model in watched_models()
        for field in model._meta.concrete_fields
        if isinstance(field, models.DateTimeField)
    ]
    return sorted(moment for (moment,) in found[0].union(*found[1:]))


def watched_models() -> Iterator[type[models.Model]]:
    for app in apps.get_app_configs():
        if isinstance(app, WatchedApp):
            yield from app.watched_models()


def watch_tables(app_config: WatchedApp, using: str = DEFAULT_DB_ALIAS, **kwargs: Any) -> None:
    """Put up the triggers that an app's tables lack (`post_migrate`)."""
    database = connections[using]
    with database.cursor() as cursor:
        existing = set(database.introspection.table_names(cursor))
    if TABLE not in existing:
        return  # migrated back to a time before it
    tables = existing & {model._meta.db_table for model in app_config.watched_models()}
    lacking = sorted(_uncounted(tables, database))
    with database.cursor() as cursor:
        for table in lacking:
            for statement in _triggers(table, database):
                cursor.execute(statement)


def uncounted_tables() -> list[str]:
    """Watched tables whose changes are not counted: none, as long as `migrate` made every table."""
    return sorted(_uncounted({model._meta.db_table for model in watched_models()}, connection))


def _uncounted(tables: Iterable[str], database: Any) -> set[str]:
    with database.cursor() as cursor:
        if database.vendor == "postgresql":
            cursor.execute(
                "SELECT relname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid"
                " WHERE tgname = %s AND tgenabled = 'O' AND pg_table_is_visible(tgrelid)",
                [TRIGGER],
            )
            return set(tables) - {table for (table,) in cursor.fetchall()}
        cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        present = {name for (name,) in cursor.fetchall()}
    return {table for table in tables if not {_name(table, act) for act in ACTS} <= present}


def _name(table: str, act: str) -> str:
    return f"{table}_{act.lower()}_{TRIGGER}"


def _triggers(table: str, database: Any) -> Iterator[str]:
    if database.vendor == "postgresql":
        yield f"DROP TRIGGER IF EXISTS {TRIGGER} ON {table}"
        yield (
            f"CREATE TRIGGER {TRIGGER} AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table}"
            f" FOR EACH STATEMENT EXECUTE FUNCTION {TABLE}_count()"
        )
        return
    for act in ACTS:
        yield f"DROP TRIGGER IF EXISTS {_name(table, act)}"
        counting = f"UPDATE {TABLE} SET changes = changes + 1"  # noqa: S608 (our own names)
        yield f"CREATE TRIGGER {_name(table, act)} AFTER {act} ON {table} BEGIN {counting}; END"
