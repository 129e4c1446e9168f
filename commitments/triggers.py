"""PostgreSQL triggers that refuse to change what the record holds for good, whatever the application sends.

For migrations: they name columns, not models, and stay as they are. SQLite rebuilds a table to alter it and drops its
triggers with it, so there the ORM alone refuses (`assessments.models.frozen`); production is PostgreSQL (ADR 11).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Guard:
    """In ``table``, ``columns`` do not change where ``settled`` holds, and rows where ``kept`` holds are not deleted.

    Both are conditions in SQL about the row OLD (and NEW, for an update); ``moves`` are the only changes of ``state``
    that are allowed, by the state before.
    """

    table: str
    columns: Sequence[str]
    settled: str
    kept: str
    moves: dict[str, Sequence[str]] | None = None

    @property
    def name(self) -> str:
        return f"{self.table}_stays"

    def refusals(self) -> list[tuple[str, str]]:
        """Pairs of an operation and the condition in which it is refused."""
        changed = " OR ".join(f"OLD.{column} IS DISTINCT FROM NEW.{column}" for column in self.columns)
        refused = [("UPDATE", f"({self.settled}) AND ({changed})"), ("DELETE", f"({self.kept})")]
        for before, after in (self.moves or {}).items():
            allowed = ", ".join(f"'{state}'" for state in after)
            refused.append(("UPDATE", f"OLD.state = '{before}' AND NEW.state NOT IN ({allowed})"))
        return refused

    def create(self) -> str:
        """A function and its trigger. The refusal is an integrity error, as of a constraint."""
        checks = "\n".join(
            f"""
            IF TG_OP = '{operation}' THEN
                IF {condition} THEN
                    RAISE EXCEPTION '{self.table}: what is said stays as it is'
                        USING ERRCODE = 'integrity_constraint_violation';
                END IF;
            END IF;"""
            for operation, condition in self.refusals()
        )
        return f"""
            CREATE FUNCTION {self.name}() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                {checks}
                IF TG_OP = 'DELETE' THEN
                    RETURN OLD;
                END IF;
                RETURN NEW;
            END
            $$;
            CREATE TRIGGER {self.name} BEFORE UPDATE OR DELETE ON {self.table}
                FOR EACH ROW EXECUTE FUNCTION {self.name}();"""

    def drop(self) -> str:
        return f"DROP TRIGGER {self.name} ON {self.table}; DROP FUNCTION {self.name}();"


def standing(guards: Iterable[Guard], *, up: bool) -> Any:
    """A step of a migration that puts guards up or takes them down, where the database is PostgreSQL."""
    guards = list(guards)

    def step(apps: Any, schema_editor: Any) -> None:
        if schema_editor.connection.vendor == "postgresql":
            for guard in guards:
                schema_editor.execute(guard.create() if up else guard.drop(), params=None)

    return step
