"""The default online store: one SQLite file in the home."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from data.errors import Unavailable
from data.features.online.base import Row, Store, view_of

TABLES = """
CREATE TABLE IF NOT EXISTS heads (space TEXT, key TEXT, head BLOB, PRIMARY KEY (space, key)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS states (space TEXT, key TEXT, state BLOB, PRIMARY KEY (space, key));
CREATE TABLE IF NOT EXISTS spaces (space TEXT PRIMARY KEY, position INTEGER, building INTEGER);
"""
"""Values stand apart from events, so that a look-up reads few pages."""

PATIENCE = 10.0
"""Seconds to wait for another process that writes."""

MANY = 500
"""Keys of one statement."""


class SqliteStore(Store):
    """A file in WAL mode: readers go on while a writer writes. Each thread has a connection of its own."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._threads = threading.local()
        self._all: list[sqlite3.Connection] = []
        self._lock = threading.Lock()

    def head(self, space: str, key: str) -> bytes | None:
        return self._one("SELECT head FROM heads WHERE space = ? AND key = ?", space, key)

    def state(self, space: str, key: str) -> bytes | None:
        return self._one("SELECT state FROM states WHERE space = ? AND key = ?", space, key)

    def rows(self, space: str, keys: Sequence[str]) -> dict[str, Row]:
        found: dict[str, Row] = {}
        with self._open() as connection:
            for start in range(0, len(keys), MANY):
                part = keys[start : start + MANY]
                marks = ", ".join("?" * len(part))
                sql = (
                    "SELECT key, head, state FROM heads JOIN states USING (space, key) "
                    f"WHERE space = ? AND key IN ({marks})"
                )
                found |= {row[0]: Row(*row) for row in connection.execute(sql, (space, *part))}
        return found

    def put(self, space: str, rows: Iterable[Row]) -> None:
        kept = list(rows)
        with self._open() as connection, connection:
            heads = ((space, row.key, row.head) for row in kept)
            states = ((space, row.key, row.state) for row in kept)
            connection.executemany("INSERT OR REPLACE INTO heads VALUES (?, ?, ?)", heads)
            connection.executemany("INSERT OR REPLACE INTO states VALUES (?, ?, ?)", states)

    def position(self, space: str) -> int | None:
        found: int | None = self._one("SELECT position FROM spaces WHERE space = ?", space)  # type: ignore[assignment]
        return found

    def begin(self, space: str, version: int) -> None:
        with self._open() as connection, connection:
            found = connection.execute("SELECT building FROM spaces WHERE space = ?", (space,)).fetchone()
            if found is None or found[0] != version:
                _drop(connection, space)
                connection.execute("INSERT INTO spaces VALUES (?, NULL, ?)", (space, version))

    def finish(self, space: str, position: int) -> None:
        with self._open() as connection, connection:
            connection.execute(
                "INSERT INTO spaces VALUES (?, ?, NULL) ON CONFLICT (space) DO UPDATE SET position = excluded.position",
                (space, position),
            )
            known = [row[0] for row in connection.execute("SELECT DISTINCT space FROM heads")]
            for old in (name for name in known if name != space and view_of(name) == view_of(space)):
                _drop(connection, old)

    def close(self) -> None:
        with self._lock:
            for connection in self._all:
                connection.close()
            self._all.clear()
            self._threads = threading.local()

    def _one(self, sql: str, *parameters: str) -> bytes | None:
        with self._open() as connection:
            row = connection.execute(sql, parameters).fetchone()
        return None if row is None else row[0]

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        try:
            connection: sqlite3.Connection | None = getattr(self._threads, "connection", None)
            if connection is None:
                connection = self._connect()
            yield connection
        except sqlite3.Error as error:
            said = f"The online store '{self.path.name}' does not answer: {error}."
            raise Unavailable(said, "Look at the disk; `features materialize` makes it anew.") from error

    def _connect(self) -> sqlite3.Connection:
        new = not self.path.exists()
        if new:
            self.path.touch(mode=0o600)
        connection = sqlite3.connect(self.path, timeout=PATIENCE, check_same_thread=False)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.executescript(TABLES)
        self._threads.connection = connection
        with self._lock:
            self._all.append(connection)
        return connection


def _drop(connection: sqlite3.Connection, space: str) -> None:
    for table in ("heads", "states", "spaces"):
        connection.execute(f"DELETE FROM {table} WHERE space = ?", (space,))
