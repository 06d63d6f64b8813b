"""A small SQLite file of the home folder that several threads and processes may use at once."""

from __future__ import annotations

import sqlite3
import weakref
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from data.errors import Unavailable


class Ledger:
    """One file and its tables. Each session is a connection and a transaction of its own."""

    def __init__(self, path: Path, schema: str) -> None:
        """`schema` is DDL that may run more than once; it runs at the first session."""
        self.path = path
        self._schema = schema
        self._ready = False

    @contextmanager
    def session(self) -> Iterator[sqlite3.Connection]:
        """A connection whose changes are kept if the block ends well; Unavailable if the file is unusable."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with closing(sqlite3.connect(self.path, timeout=30, isolation_level="IMMEDIATE")) as connection:
                connection.row_factory = sqlite3.Row
                self._prepare(connection)
                with connection:
                    yield connection
        except (sqlite3.Error, OSError) as error:
            raise Unavailable(
                f"'{self.path}' can't be used: {error}.",
                "Check that the home folder is writable and not full.",
            ) from error

    def _prepare(self, connection: sqlite3.Connection) -> None:
        if not self._ready:
            # Two first sessions that switch at once don't wait for each other: who can't leaves it to the other.
            with suppress(sqlite3.OperationalError):
                connection.execute("PRAGMA journal_mode=WAL")
            connection.executescript(f"BEGIN IMMEDIATE; {self._schema}; COMMIT;")
            self._keep()
            self._ready = True

    def _keep(self) -> None:
        """Hold the file open: the last connection that closes moves the whole log into the file, which takes longer
        than a commit."""
        kept = sqlite3.connect(self.path, check_same_thread=False)
        kept.execute("SELECT 1 FROM sqlite_master").fetchone()
        weakref.finalize(self, kept.close)
