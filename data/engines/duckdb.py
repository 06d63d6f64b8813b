"""The embedded engine: DuckDB over all sources, opened only as queries need them."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from data.catalog import Catalog, Table
from data.engines.database import Database
from data.errors import Invalid, Unavailable
from data.sources import open_source
from data.sources.base import Source, State

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa


@dataclass(frozen=True)
class Scan:
    """One table as a query will read it: the state of its store and the view that reads it."""

    table: Table
    state: State
    view: str


@dataclass(frozen=True)
class Plan:
    """The tables of one query, by lower-case full name, in the database where it will run."""

    database: Database
    scans: Mapping[str, Scan]


class Engine:
    """Runs SQL over a catalogue's sources. Many threads may use one engine at once."""

    def __init__(
        self,
        catalog: Catalog,
        home: Path,
        *,
        memory: str = "2GB",
        threads: int | None = None,
    ) -> None:
        self.catalog = catalog
        self.home = home
        self.sources: dict[str, Source] = {config.name: open_source(config, home) for config in catalog.sources}
        self._settings = {
            "memory_limit": memory,
            "temp_directory": str(home / "spill"),
            "max_temp_directory_size": "8GB",
        }
        if threads is not None:
            self._settings["threads"] = str(threads)
        self._current: Database | None = None
        self._lock = threading.Lock()
        self._reading = threading.Lock()

    def tree(self, sql: str) -> dict[str, Any]:
        """DuckDB's own parse tree of SELECT statements. Invalid when DuckDB can't read them."""
        with self._reading:
            (text,) = self._parser.execute("SELECT json_serialize_sql(CAST(? AS VARCHAR))", [sql]).fetchone() or ("{}",)
        tree: dict[str, Any] = json.loads(text)
        if tree.get("error", True):
            raise Invalid(f"The query can't be read: {tree.get('error_message', 'no statement')}.")
        return tree

    def plan(self, tables: Iterable[Table]) -> Plan:
        """Attach what these tables need and fix their versions. Unavailable when a store does not answer."""
        wanted = {table.full_name: table for table in tables}
        states = {name: self.sources[table.source].state(table) for name, table in wanted.items()}
        database = self._database({table.source for table in wanted.values()})
        scans = (self._scan(database, table, states[name]) for name, table in wanted.items())
        return Plan(database, {scan.table.full_name.lower(): scan for scan in scans})

    def run(self, plan: Plan, sql: str, params: Mapping[str, object], timeout: float) -> pa.Table:
        """The rows of a query over the plan's views. DuckDB's own errors pass through; the gateway words
        them."""
        cursor = plan.database.cursor()
        watch = threading.Timer(timeout, cursor.interrupt)
        watch.daemon = True
        watch.start()
        try:
            return cursor.execute(sql, dict(params) or None).to_arrow_table()
        finally:
            watch.cancel()
            cursor.close()

    def close(self) -> None:
        """Let go of all stores; the next query opens them again."""
        with self._lock:
            self._current = None

    @cached_property
    def _parser(self) -> duckdb.DuckDBPyConnection:
        import duckdb

        config = {"enable_external_access": False, "autoload_known_extensions": False, "threads": 1}
        return duckdb.connect(config=config)

    def _scan(self, database: Database, table: Table, state: State) -> Scan:
        import duckdb

        try:
            return Scan(table, state, database.view(table, state.version))
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
