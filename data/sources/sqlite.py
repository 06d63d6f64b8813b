"""SQLite: a file of tables, read by DuckDB's scanner."""

from __future__ import annotations

import hashlib
import sqlite3
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from data.catalog import Column, SourceConfig, Table
from data.sources.base import Found, Source, State, literal, quoted
from data.sources.census import Census
from data.sources.condition import Condition
from data.sources.layout import Ask, Layout, layout
from data.sources.seam import last_row
from data.sources.seek import Seek, call, seeks

TYPES = (
    ("BOOL", "BOOLEAN"),
    ("INT", "BIGINT"),
    ("TIMESTAMP", "TIMESTAMP"),
    ("DATETIME", "TIMESTAMP"),
    ("DATE", "DATE"),
    ("CHAR", "VARCHAR"),
    ("CLOB", "VARCHAR"),
    ("TEXT", "VARCHAR"),
    ("REAL", "DOUBLE"),
    ("FLOA", "DOUBLE"),
    ("DOUB", "DOUBLE"),
    ("DEC", "DOUBLE"),
    ("NUM", "DOUBLE"),
    ("BLOB", "BLOB"),
)
"""How a declared type that contains the first text is read: SQLite's rules of affinity, with dates and truth
values."""


NAMES = """
SELECT name FROM sqlite_master
WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite~_%' ESCAPE '~' ORDER BY 1
"""


SMALLEST = 10_000
"""Rowids of a table in which rows are looked up: a smaller one is read as fast."""

KEPT = 1_024
"""Conditions that are remembered as not worth a look-up."""

REST = 2.0
"""Seconds without a change, after which the next change is sure to have another time, and so another version."""


class SqliteSource(Source):
    """One SQLite file. Its version is the size and time of the file and of its write-ahead log."""

    extensions = ("sqlite_scanner",)
    seeks = True

    def __init__(self, config: SourceConfig, home: Path) -> None:
        super().__init__(config, home)
        name = hashlib.sha256(str(self.path).encode("utf-8", "surrogateescape")).hexdigest()[:16]
        self._census = Census(self.path, home / ".cache" / "sqlite" / f"{name}.json")
        self._many: dict[tuple[str, str, tuple[Condition, ...]], None] = {}
        self._layouts: dict[str, tuple[Table, str, Layout | None]] = {}

    def directories(self) -> Sequence[Path]:
        return (self.path.parent,)

    def attach(self) -> str:
        if not self.path.is_file():
            raise self.unavailable(f"There is no file '{self.place}'.")
        return f"ATTACH {literal(str(self.path))} AS {quoted(self.alias)} (TYPE sqlite, READ_ONLY)"

    def relation(self, table: Table, version: str) -> str:
        return f"{quoted(self.alias)}.{quoted(table.name)}"

    def calling(self, statement: str, values: Sequence[int | str]) -> str:
        return call(self.alias, statement, values)

    def narrowed(
        self, table: Table, state: State, conditions: Sequence[Condition], kinds: Mapping[str, str], ask: Ask
    ) -> tuple[str, tuple[Condition, ...]] | None:
        seek = self._seek(table, state, conditions, kinds, ask)
        return None if seek is None else (seek.select(self.alias, table), seek.conditions)

    def missed(self, table: Table, kinds: Mapping[str, str], ask: Ask) -> tuple[str, str] | None:
        return last_row(self.alias, table, kinds, ask)

    def _seek(
        self, table: Table, state: State, conditions: Sequence[Condition], kinds: Mapping[str, str], ask: Ask
    ) -> Seek | None:
        """The cheapest questions first: most conditions meet no index, or too many rows."""
        if state.freshness is None or time.time() - state.freshness.timestamp() < REST:
            return None
        found = self._layout(table, state.version, kinds, ask)
        if found is None or found.span < SMALLEST:
            return None
        asked = (table.full_name, state.version, tuple(conditions))
        seek = None if asked in self._many else next((s for s in seeks(found, conditions) if s.few(ask)), None)
        if seek is None:
            self._note(asked)
        if seek is None or not self._census.plain(found, state.version, ask):
            return None
        return seek if self.version(table) == state.version else None

    def _note(self, asked: tuple[str, str, tuple[Condition, ...]]) -> None:
        """Remember what no index serves, or serves too well."""
        self._many[asked] = None
        while len(self._many) > KEPT:
            self._many.pop(next(iter(self._many)), None)

    def _layout(self, table: Table, version: str, kinds: Mapping[str, str], ask: Ask) -> Layout | None:
        known = self._layouts.get(table.full_name)
        if known is None or known[:2] != (table, version):
            known = self._layouts[table.full_name] = (table, version, layout(table, kinds, ask))
        return known[2]

    def state(self, table: Table) -> State:
        files = [self.path, self.path.with_name(self.path.name + "-wal")]
        stats = [file.stat() for file in files if file.exists()]
        if not stats:
            raise self.unavailable(f"There is no file '{self.place}'.")
        version = "-".join(f"{stat.st_mtime_ns:x}.{stat.st_size:x}" for stat in stats)
        return State(version, datetime.fromtimestamp(max(stat.st_mtime for stat in stats), UTC))

    def size(self, table: Table, version: str) -> int | None:
        # One file has all tables: what a table has of it only reading all of it would tell.
        return self.path.stat().st_size

    def tables(self) -> Sequence[Found]:
        if not self.path.is_file():
            raise self.unavailable(f"There is no file '{self.place}'.")
        with sqlite3.connect(f"{self.path.as_uri()}?mode=ro", uri=True) as connection:
            try:
                return [_found(connection, name) for (name,) in connection.execute(NAMES).fetchall()]
            except sqlite3.DatabaseError as error:
                raise self.unavailable(f"'{self.place}' can't be read: {error}.") from None


def _found(connection: sqlite3.Connection, table: str) -> Found:
    rows = connection.execute(f"PRAGMA table_info({quoted(table)})").fetchall()
    keys = [row[1] for row in rows if row[5]]
    links = connection.execute(f"PRAGMA foreign_key_list({quoted(table)})").fetchall()
    pairs = {link[0] for link in links if link[1] > 0}
    return Found(
        table,
        tuple(Column(row[1], _type(row[2])) for row in rows),
        keys[0] if len(keys) == 1 else None,
        tuple((link[3], link[2], link[4] or _key(connection, link[2])) for link in links if link[0] not in pairs),
    )


def _key(connection: sqlite3.Connection, table: str) -> str:
    rows = connection.execute(f"PRAGMA table_info({quoted(table)})").fetchall()
    return next((row[1] for row in rows if row[5]), "rowid")


def _type(declared: str) -> str:
    upper = (declared or "").upper()
    return next((kind for part, kind in TYPES if part in upper), "VARCHAR")
