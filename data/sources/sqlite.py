"""SQLite: a file of tables, read by DuckDB's scanner."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from data.catalog import Column, Table
from data.sources.base import Found, Source, State, literal, quoted

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


class SqliteSource(Source):
    """One SQLite file. Its version is the size and time of the file and of its write-ahead log."""

    extensions = ("sqlite_scanner",)

    def directories(self) -> Sequence[Path]:
        return (self.path.parent,)

    def attach(self) -> str:
        if not self.path.is_file():
            raise self.unavailable(f"There is no file '{self.place}'.")
        return f"ATTACH {literal(str(self.path))} AS {quoted(self.alias)} (TYPE sqlite, READ_ONLY)"

    def relation(self, table: Table, version: str) -> str:
        return f"{quoted(self.alias)}.{quoted(table.name)}"

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
    return Found(
        table,
        tuple(Column(row[1], _type(row[2])) for row in rows),
        keys[0] if len(keys) == 1 else None,
        tuple((link[3], link[2], link[4] or _key(connection, link[2])) for link in links),
    )


def _key(connection: sqlite3.Connection, table: str) -> str:
    rows = connection.execute(f"PRAGMA table_info({quoted(table)})").fetchall()
    return next((row[1] for row in rows if row[5]), "rowid")


def _type(declared: str) -> str:
    upper = (declared or "").upper()
    return next((kind for part, kind in TYPES if part in upper), "VARCHAR")
