"""A small SQLite file of the home folder that several threads and processes may use at once."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
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
            # Not in WAL mode: two first sessions that switch to it at once don't wait for each other.
            connection.executescript(f"BEGIN IMMEDIATE; {self._schema}; COMMIT;")
            self._ready = True
