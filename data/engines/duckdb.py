"""The embedded engine: DuckDB over all sources, opened only as queries need them."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from data.catalog import Catalog, Table
from data.engines import profile
from data.engines.base import UNREAD, Access, Bounds, Engine, Failure, Plan, Reason, Rows, Scan
from data.engines.database import SCHEMA, Database
from data.errors import DataError, Unavailable
from data.sources import open_source
from data.sources.base import State
from data.sources.condition import Condition
from data.sources.growth import BETWEEN
from data.stop import Stop

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

BATCH = 2_048
"""Rows of an answer that are taken at once."""

STREAMED = 65_536
"""Rows that are taken at once where all of them are read."""

REASONS: Mapping[str, Reason] = {
    "INTERRUPT": "stopped",
    "Out of Memory": "memory",
    "IO": "store",
    "HTTP": "store",
    "FATAL": "store",
    "INTERNAL": "store",
}
"""What has happened, by the head of the error; all others are the query's own."""

PATIENCE = 10.0
"""Seconds that making a plan may take."""
FAULTY = "top_n_window_elimination"
"""An optimizer of DuckDB 1.5 that finds one row of NULLs where the first of no groups is asked for."""


@dataclass(frozen=True)
class DuckPlan(Plan):
    """The plan's tables are views in this database."""

    database: Database


class DuckDB(Engine):
    """DuckDB in this process. Many threads may use one engine at once."""

    name = "duckdb"
    dialect = "duckdb"

    def __init__(
        self,
        catalog: Catalog,
        home: Path,
        *,
        memory: str = "2GB",
        threads: int | None = None,
    ) -> None:
        self.home = home
        self.sources = {config.name: open_source(config, home) for config in catalog.sources}
        self._settings = {
            "memory_limit": memory,
            "temp_directory": str(home / "spill"),
            "max_temp_directory_size": "8GB",
            "disabled_optimizers": FAULTY,
        }
        if threads is not None:
            self._settings["threads"] = str(threads)
        self._current: Database | None = None
        self._lock = threading.Lock()

    def plan(self, tables: Iterable[Table]) -> DuckPlan:
        return self.fixed(tables, {})

    def fixed(self, tables: Iterable[Table], versions: Mapping[str, str]) -> DuckPlan:
        wanted = {table.full_name: table for table in tables}
        states = {name: self._state(table, versions.get(name)) for name, table in wanted.items()}
        database = self._database({table.source for table in wanted.values()})
        scans = (self._scan(database, table, states[name]) for name, table in wanted.items())
        return DuckPlan({scan.table.full_name.lower(): scan for scan in scans}, database)

    def place(self, plan: Plan, table: Table, conditions: Sequence[Condition]) -> tuple[str, ...]:
        assert isinstance(plan, DuckPlan)
        scan = plan.scans[table.full_name.lower()]
        if not conditions or not self.sources[table.source].seeks:
            return scan.place
        view = plan.database.narrowed(scan.table, scan.state, tuple(conditions))
        return scan.place if view is None else (SCHEMA, view)

    @contextmanager
    def stream(self, plan: Plan, sql: str, params: Mapping[str, object], stop: Stop) -> Iterator[pa.RecordBatchReader]:
        with self._cursor(plan, Bounds(0, 0, stop)) as cursor:
            yield cursor.execute(sql, dict(params) or None).to_arrow_reader(STREAMED)
            cursor.execute("SELECT 1")  # lets go of what is left of the answer

    def run(self, plan: Plan, sql: str, params: Mapping[str, object], bounds: Bounds) -> Rows:
        with self._cursor(plan, bounds) as cursor:
            reader = cursor.execute(sql, dict(params) or None).to_arrow_reader(BATCH)
            table, truncated, done = _taken(reader.schema, self._read(reader, bounds.stop), bounds)
            if done:
                return Rows(table, truncated, profile.read(cursor))
            cursor.execute("SELECT 1")  # lets go of what is left of the answer
            return Rows(table, truncated, UNREAD)

    def explain(self, plan: Plan, sql: str, params: Mapping[str, object]) -> tuple[Access, ...]:
        with self._cursor(plan, Bounds(1, 0, Stop().within(PATIENCE))) as cursor:
            rows = cursor.execute(f"EXPLAIN (FORMAT json) {sql}", dict(params) or None).fetchall()
        assert isinstance(plan, DuckPlan)
        return profile.accesses(rows[0][1], plan, plan.database.lookups.within(sql), limited=" LIMIT " in sql)

    def failure(self, error: Exception, stop: Stop) -> Failure:
        """DuckDB names the kind of an error at its head, also where it comes by Arrow, in a class that tells nothing.

        Where one thread fails on a value, it may only tell that it has interrupted another."""
        text = str(error)
        reason = REASONS.get(text.partition(" Error:")[0], "query")
        if reason == "stopped" and not stop.reason:
            return Failure("query", "an expression in it fails on a value.", type(error).__name__)
        return Failure(reason, text, type(error).__name__)

    def fault(self, source: str, said: str) -> DataError | None:
        return self.sources[source].fault(said)

    def close(self) -> None:
        with self._lock:
            self._current = None

    def _read(self, reader: pa.RecordBatchReader, stop: Stop) -> Iterator[pa.RecordBatch]:
        """All batches. Whatever fails after the first of them comes by Arrow, as an OSError."""
        try:
            yield from reader
        except OSError as error:
            raise self.failure(error, stop) from None

    @contextmanager
    def _cursor(self, plan: Plan, bounds: Bounds) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection for one query, interrupted when it has to stop; DuckDB's errors leave as failures."""
        import duckdb

        assert isinstance(plan, DuckPlan)
        try:
            with plan.database.cursor(bounds.stop.left) as cursor, bounds.stop.watching(cursor.interrupt):
                yield cursor
        except duckdb.Error as error:
            raise self.failure(error, bounds.stop) from None
        except UnicodeDecodeError:
            # The engine's own words, with bytes of a store in them that are no text.
            raise Failure("store", "A store has bytes where its column is of text.") from None

    def _state(self, table: Table, wanted: str | None) -> State:
        source = self.sources[table.source]
        state = source.state(table)
        if wanted is None or wanted == state.version:
            return state
        if not wanted.endswith(BETWEEN):
            return replace(state, version=source.older(table, wanted))
        version = source.since(table, wanted.removesuffix(BETWEEN), state.version)
        if version is None:
            raise Unavailable(f"What is new in '{table.full_name}' can't be told.", "Read it whole.", rewritten=True)
        return replace(state, version=version)

    def _scan(self, database: Database, table: Table, state: State) -> Scan:
        import duckdb

        try:
            return Scan(table, state, (SCHEMA, database.view(table, state.version)))
        except duckdb.Error as error:
            raise self.sources[table.source].refused(str(error)) from None

    def _database(self, names: set[str]) -> Database:
        current = self._current
        if current is not None and names <= current.sources.keys():
            return current
        with self._lock:
            current = self._current
            if current is None or not names <= current.sources.keys():
                self._current = current = self._opened(names, first=current is None)
        return current

    def _opened(self, needed: set[str], *, first: bool) -> Database:
        """A new database. The first has what is needed, so that one query starts fast; later ones have
        all sources that answer, so that there is at most one more start."""
        folders = [folder for source in self.sources.values() for folder in source.directories()]
        folders.append(self.home / "spill")
        wanted = needed if first else set(self.sources)
        while True:
            try:
                return Database.of((self.sources[name] for name in sorted(wanted)), folders, self._settings)
            except Unavailable as error:
                gone = str(error.facts.get("source"))
                if gone in needed or gone not in wanted:
                    raise
                # A source that this query does not need has gone: leave it out, not the query.
                wanted = wanted - {gone}


def _taken(schema: pa.Schema, given: Iterator[pa.RecordBatch], bounds: Bounds) -> tuple[pa.Table, bool, bool]:
    """What fits in the bounds, whether that is not all, and whether what is given came to its end."""
    import pyarrow as pa

    batches: list[pa.RecordBatch] = []
    rows = size = 0
    done = True
    for batch in given:
        batches.append(batch)
        rows += batch.num_rows
        size += batch.nbytes
        if rows > bounds.rows or size > bounds.bytes:
            done = False
            break
    table = pa.Table.from_batches(batches, schema)
    fits = rows if size <= bounds.bytes else max(1, rows * bounds.bytes // size)
    kept = min(fits, bounds.rows)
    return table.slice(0, kept), kept < rows or not done, done
