"""The table and the function that count changes; the triggers that call it are put up after `migrate` (ADR 13)."""

from django.db import migrations

# As they were made; a later shape is a later migration's.
TABLE = "commitments_revision"

CREATE = {
    "postgresql": [
        f"CREATE TABLE {TABLE} (slot integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, changes bigint NOT NULL)",
        f"""
        CREATE FUNCTION {TABLE}_count() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
            written integer := coalesce(nullif(current_setting('ogptracker.written', true), ''), '0')::integer;
        BEGIN
            -- Every transaction that writes takes a row that no other holds, or makes one: nobody waits.
            IF written = 0 THEN
                UPDATE {TABLE} SET changes = changes + 1
                    WHERE slot = (SELECT slot FROM {TABLE} ORDER BY slot LIMIT 1 FOR UPDATE SKIP LOCKED);
                IF NOT FOUND THEN
                    INSERT INTO {TABLE} (changes) VALUES (1);
                END IF;
            END IF;
            -- What it changes after that is noted in a setting that ends, and is rolled back, with it: a thousand
            -- statements leave one new version of one row.
            PERFORM set_config('ogptracker.written', (written + 1)::text, true);
            RETURN NULL;
        END
        $$""",
    ],
    # One writer at a time: one row.
    "sqlite": [
        f"CREATE TABLE {TABLE} (slot integer PRIMARY KEY, changes integer NOT NULL)",
        f"INSERT INTO {TABLE} (slot, changes) VALUES (1, 0)",
    ],
}


def create(apps, schema_editor):
    for statement in CREATE[schema_editor.connection.vendor]:
        schema_editor.execute(statement, params=None)


def drop(apps, schema_editor):
    """Triggers that would call what is gone go with it."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"DROP FUNCTION {TABLE}_count() CASCADE")
    else:
        with schema_editor.connection.cursor() as cursor:
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' AND sql LIKE %s", [f"%{TABLE}%"])
            for (name,) in cursor.fetchall():
                schema_editor.execute(f"DROP TRIGGER {name}")
    schema_editor.execute(f"DROP TABLE {TABLE}")


class Migration(migrations.Migration):
    dependencies = [("commitments", "0005_pending_import")]

    operations = [migrations.RunPython(create, drop)]
