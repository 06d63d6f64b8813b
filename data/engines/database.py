"""One locked DuckDB database with some sources attached: the second wall behind the gateway."""

from __future__ import annotations

import importlib.util
import queue
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from data.catalog import Table
from data.engines.sought import Lookups, asking
from data.errors import Busy, Unavailable
from data.sources.base import Source, State, literal, quoted
from data.sources.condition import Condition

if TYPE_CHECKING:
    import duckdb

SCHEMA = "~"
"""Where the tables of queries are. No query can write it: it is no source of the catalogue."""

CONNECTIONS = 64
"""Queries that may run in one database at once; more wait for their turn."""

PATIENCE = 10.0
"""Seconds to wait for a connection before a query has one."""

VERSIONS = 32
"""Versions of a table that can be read at once: those that queries under way may have begun with."""

SAME_TYPES = {
    "TEXT": "VARCHAR",
    "STRING": "VARCHAR",
    "CHAR": "VARCHAR",
    "INT": "INTEGER",
    "BOOL": "BOOLEAN",
    "REAL": "FLOAT",
    "TIMESTAMPTZ": "TIMESTAMP WITH TIME ZONE",
    "TIMETZ": "TIME WITH TIME ZONE",
    "NUMERIC": "DECIMAL(18,3)",
    "DECIMAL": "DECIMAL(18,3)",
}


@dataclass
class Database:
    """A DuckDB database that is locked for good: another source means another database."""

    connection: duckdb.DuckDBPyConnection
    sources: Mapping[str, Source]
    idle: queue.SimpleQueue[duckdb.DuckDBPyConnection]
    _views: dict[tuple[Table, str], str] = field(default_factory=dict)
    _kinds: dict[tuple[str, str], Mapping[str, str]] = field(default_factory=dict)
    _lock: threading.RLock = field(default_factory=threading.RLock)
    lookups: Lookups = field(init=False)

    def __post_init__(self) -> None:
        self.lookups = Lookups(self.connection, SCHEMA, lambda: self.cursor(PATIENCE), self._lock)

    @classmethod
    def of(cls, sources: Iterable[Source], directories: Iterable[Path], settings: Mapping[str, str]) -> Database:
        """A new database with these sources attached. Unavailable when one does not answer."""
        import duckdb

        connection = duckdb.connect(config={"autoinstall_known_extensions": False, "autoload_known_extensions": False})
        attached = {source.name: source for source in sources}
        for name, value in settings.items():
            connection.execute(f"SET {name} = {literal(value)}")
        for source in attached.values():
            _attach(connection, source)
        connection.execute(f"CREATE SCHEMA {quoted(SCHEMA)}")
        idle = _cursors(connection)
        _lock(connection, directories)
        return cls(connection, attached, idle)

    @contextmanager
    def cursor(self, seconds: float) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection for one query. Busy when none gets free in time."""
        try:
            cursor = self.idle.get(timeout=seconds)
        except queue.Empty:
            raise Busy("All connections to the engine are in use.", "Ask again in a moment.") from None
        try:
            yield cursor
        finally:
            self.idle.put(cursor)

    def view(self, table: Table, version: str) -> str:
        """The name (in the schema `~`) of the table's declared columns, in their declared types, at that
        version."""
        key = (table, version)
        found = self._views.get(key)
        if found is None:
            with self._lock:
                found = self._views.get(key) or self._prepare(table, version)
                self._views[key] = found
                self._forget(table)
        return found

    def narrowed(self, table: Table, state: State, conditions: tuple[Condition, ...]) -> str | None:
        """The name of a view of those rows that may meet the conditions, in the types of `view`; None where the store
        had better be read as a whole."""
        kinds = self._kinds.get((table.full_name, state.version))
        if kinds is None:
            return None
        return self.lookups.view(self.sources[table.source], table, state, conditions, kinds)

    def _forget(self, table: Table) -> None:
        """Drop the oldest views of a table: one that is written all the time has a new version at every query."""
        mine = [key for key in self._views if key[0].full_name == table.full_name]
        for old, version in mine[:-VERSIONS]:
            view = self._views.pop((old, version))
            self._kinds.pop((old.full_name, version), None)
            if view in self._views.values():
                continue
            self.connection.execute(f"DROP VIEW IF EXISTS {quoted(SCHEMA)}.{quoted(view)}")
            if statement := self.sources[table.source].close(old, version):
                self.connection.execute(statement)

    def _prepare(self, table: Table, version: str) -> str:
        source = self.sources[table.source]
        statement = source.open(table, version)
        if statement is not None:
            self.connection.execute(statement)
        place = source.relation(table, version)
        described = self.connection.execute(f"DESCRIBE SELECT * FROM {place}").fetchall()
        types = {row[0].lower(): (row[0], row[1]) for row in described}
        kinds = self._kinds[table.full_name, version] = {name: kind for name, (_, kind) in types.items()}
        columns = ", ".join(_column(source, table, column.name, column.type, types) for column in table.columns)
        body = f"SELECT {columns} FROM {place}"
        if missed := source.missed(table, kinds, asking(self.connection, source)):
            body += f" WHERE {missed[0]} UNION ALL {missed[1]}"
        view = f"{table.full_name}@{version}"
        self.connection.execute(f"CREATE OR REPLACE VIEW {quoted(SCHEMA)}.{quoted(view)} AS {body}")
        return view


def _cursors(connection: duckdb.DuckDBPyConnection) -> queue.SimpleQueue[duckdb.DuckDBPyConnection]:
    # Profiling, which tells how much a query has read, can't be switched on once the settings are locked.
    idle: queue.SimpleQueue[duckdb.DuckDBPyConnection] = queue.SimpleQueue()
    for _ in range(CONNECTIONS):
        cursor = connection.cursor()
        cursor.execute("SET enable_profiling = 'no_output'")
        idle.put(cursor)
    return idle


def _attach(connection: duckdb.DuckDBPyConnection, source: Source) -> None:
    import duckdb

    _load(connection, source)
    statement = source.attach()
    try:
        if statement is not None:
            connection.execute(statement)
    except duckdb.Error as error:
        raise source.refused(str(error)) from None


def _load(connection: duckdb.DuckDBPyConnection, source: Source) -> None:
    for name in source.extensions:
        connection.execute(f"LOAD {literal(str(extension(name)))}")


@contextmanager
def unlocked(source: Source) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database of one's own with the source attached, to look into it before it is in the catalogue; no query
    of a caller runs here. Unavailable when it does not answer."""
    import duckdb

    config = {"autoinstall_known_extensions": False, "autoload_known_extensions": False}
    with duckdb.connect(config=config) as connection:
        _attach(connection, source)
        try:
            yield connection
        except duckdb.Error as error:
            raise source.refused(str(error)) from None


def _lock(connection: duckdb.DuckDBPyConnection, directories: Iterable[Path]) -> None:
    # The order matters: with external access off, the folders can't be allowed any more.
    allowed: Sequence[str] = sorted({str(folder) for folder in directories})
    connection.execute(f"SET allowed_directories = [{', '.join(literal(folder) for folder in allowed)}]")
    connection.execute("SET python_enable_replacements = false")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")


def _column(source: Source, table: Table, name: str, declared: str, types: Mapping[str, tuple[str, str]]) -> str:
    if name.lower() not in types:
        remedy = "Ask the owner of the catalogue to run `lakewright catalog check`."
        raise Unavailable(f"'{table.full_name}' has other columns in its store than in the catalogue.", remedy)
    stored, kind = types[name.lower()]
    if same_type(declared, kind):
        return quoted(stored) if stored == name else f"{quoted(stored)} AS {quoted(name)}"
    return f"CAST({quoted(stored)} AS {declared}) AS {quoted(name)}"


def same_type(one: str, other: str) -> bool:
    """Whether two ways of writing a column's type mean the same type."""
    return _same(one) == _same(other)


def _same(kind: str) -> str:
    upper = kind.upper().replace(" ", "") if "(" in kind else kind.upper()
    return SAME_TYPES.get(upper, upper)


@lru_cache(maxsize=16)
def extension(name: str) -> Path:
    """The file of a DuckDB extension, from its wheel. Unavailable when the wheel is not installed."""
    wheel = f"duckdb_extension_{name}"
    spec = importlib.util.find_spec(wheel)
    if spec is None or spec.origin is None:
        raise Unavailable(
            f"DuckDB's extension '{name}' is not installed.", f"Run `pip install {wheel.replace('_', '-')}`."
        )
    return next(Path(spec.origin).parent.rglob("*.duckdb_extension"))
