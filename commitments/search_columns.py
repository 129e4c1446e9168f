"""The columns that rows are found by, for migrations: their index in PostgreSQL, and their words in every row there is.

Migrations name tables and columns, not models, and stay as they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from commitments.words import search_text, word_vector

Columns = tuple[Sequence[str], Sequence[str]]  # those of the titles, and the others


def indexed(tables: Iterable[str], *, up: bool) -> Any:
    """A step that makes or drops the index of words of each table, where the database is PostgreSQL."""
    tables = list(tables)

    def step(apps: Any, schema_editor: Any) -> None:
        if schema_editor.connection.vendor != "postgresql":
            return
        for table in tables:
            name = f"{table}_words"
            # Rows are written seldom and found often, so no list of pending words is kept beside it.
            on = f"CREATE INDEX {name} ON {table} USING gin ({word_vector('search_text')}) WITH (fastupdate = off)"
            schema_editor.execute(on if up else f"DROP INDEX {name}", params=None)

    return step


def filled(app: str, models: Mapping[str, Columns]) -> Any:
    """A step that writes the words of every row."""

    def step(apps: Any, schema_editor: Any) -> None:
        for name, (titles, rest) in models.items():
            rows = apps.get_model(app, name)._base_manager.all()
            for row in rows.only(*titles, *rest).iterator(chunk_size=500):
                words = search_text([getattr(row, one) for one in titles], [getattr(row, one) for one in rest])
                rows.filter(pk=row.pk).update(search_text=words)

    return step
