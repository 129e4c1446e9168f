"""Breaking on purpose what the record keeps for good, to see that the break is found."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, models


@contextmanager
def unguarded(model: type[models.Model]) -> Iterator[None]:
    """Without PostgreSQL's triggers on the model's table. A plain `QuerySet(model)` passes by the ORM's own guard."""
    if connection.vendor != "postgresql":
        yield
        return
    table = connection.ops.quote_name(model._meta.db_table)
    with connection.cursor() as cursor:
        # No change of the transaction may be pending while the table is altered.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        yield
        cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
