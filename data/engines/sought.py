"""Views of those rows of a table that its store finds by its own means, kept for the next time they are asked for."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from data.catalog import Table
from data.sources.base import Source, State, quoted
from data.sources.condition import Condition, Value

if TYPE_CHECKING:
    import duckdb

    from data.sources.layout import Ask

KEPT = 1_024
"""Views that are kept: no fewer than queries under way may have."""


@dataclass(frozen=True)
class Sought:
    """One view, with the conditions that the store heeds."""

    view: str
    table: Table
    conditions: tuple[Condition, ...]


class Lookups:
    """The views of one database, in one schema of it. Many threads may share it."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        schema: str,
        cursor: Callable[[], AbstractContextManager[duckdb.DuckDBPyConnection]],
        lock: threading.RLock,
    ) -> None:
        """`cursor` gives a connection to ask the stores, `lock` the right to change what is in the schema."""
        self._connection, self._schema, self._cursor, self._lock = connection, schema, cursor, lock
        self._views: dict[tuple[Table, str, tuple[Condition, ...]], Sought] = {}
        self._numbers = itertools.count()

    def view(
        self,
        source: Source,
        table: Table,
        state: State,
        conditions: tuple[Condition, ...],
        kinds: Mapping[str, str],
    ) -> str | None:
        """The name of a view of the rows that may meet the conditions; None where all had better be read."""
        import duckdb

        key = (table, state.version, conditions)
        if key not in self._views:
            try:
                with self._cursor() as cursor:
                    found = source.narrowed(table, state, conditions, kinds, asking(cursor, source))
                if found is None:
                    return None
                with self._lock:
                    return self._made(key, *found)
            except duckdb.Error:
                return None  # reading the whole will say what is wrong, if it matters
        known = self._views.get(key)
        return known.view if known is not None else None

    def within(self, sql: str) -> tuple[Sought, ...]:
        """The views that a query names, in their order there."""
        named = ((sql.find(quoted(one.view)), one) for one in list(self._views.values()))
        return tuple(one for at, one in sorted(named, key=lambda pair: pair[0]) if at >= 0)

    def _made(self, key: tuple[Table, str, tuple[Condition, ...]], select: str, heeded: tuple[Condition, ...]) -> str:
        if key not in self._views:
            table, version, _ = key
            view = f"{table.full_name}@{version}?{next(self._numbers)}"
            self._connection.execute(f"CREATE VIEW {self._place(view)} AS {select}")
            self._views[key] = Sought(view, table, heeded)
            self._drop_oldest()
        return self._views[key].view

    def _drop_oldest(self) -> None:
        while len(self._views) > KEPT:
            old = self._views.pop(next(iter(self._views)))
            self._connection.execute(f"DROP VIEW IF EXISTS {self._place(old.view)}")

    def _place(self, view: str) -> str:
        return f"{quoted(self._schema)}.{quoted(view)}"


def asking(connection: duckdb.DuckDBPyConnection, source: Source) -> Ask:
    """What runs statements in the words of an attached store."""

    def ask(statement: str, values: Sequence[Value]) -> list[tuple[str | None, ...]]:
        rows: list[tuple[str | None, ...]]
        rows = connection.execute(f"SELECT * FROM {source.calling(statement, values)}").fetchall()
        return rows

    return ask
