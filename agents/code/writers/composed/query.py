"""The query that is composed for a task."""

from __future__ import annotations

from dataclasses import dataclass

from agents import statement
from agents.code.writers.composed.columns import arranged
from agents.code.writers.composed.derived import Derived, derive, placed
from agents.code.writers.slips import consistent
from data.catalog import Catalog


@dataclass(frozen=True)
class Composed:
    """SQL for a task, and the names that its columns are to have, or why there is none. It is `guessed` where a model
    wrote it, and not `sure` where what is read of the task is more often right."""

    sql: str = ""
    names: tuple[str, ...] = ()
    reply: str = ""
    guessed: bool = False
    sure: bool = True

    @classmethod
    def of(cls, sql: str, outputs: tuple[str, ...], derived: Derived | None, catalog: Catalog) -> Composed | None:
        """A query with what is derived from its numbers and with the columns that are wanted; None where it lacks
        what they are made of."""
        sql = _consistent(sql, catalog)
        if derived is not None and derived.way not in ("quantile", "nth"):
            return cls._derived(derive(sql, derived, outputs), outputs)
        there = placed(sql, derived) if derived is not None else sql
        if there is None or not outputs:
            return cls(there) if there is not None else None
        made = arranged(there, outputs, catalog)
        return cls(made, outputs) if made else None

    @classmethod
    def _derived(cls, made: str | None, outputs: tuple[str, ...]) -> Composed | None:
        if not made:
            return None
        shown = len(statement.query(made).selects)
        return cls(made, outputs if len(outputs) == shown else ())


def _consistent(sql: str, catalog: Catalog) -> str:
    """The query without the slips that show in itself; as it was written where it has none."""
    tree = statement.query(sql)
    made = consistent(tree.copy(), catalog)
    return sql if made == tree else made.sql(dialect=statement.DIALECT)
