"""A small SQLite file of the home folder that several threads and processes may use at once."""

from __future__ import annotations

import sqlite3
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import RLock

from data.errors import Unavailable

IDLE = 8
"""Connections that are kept open between sessions. While there is one, SQLite does not move its whole log into the
file at the end of each session, which takes longer than a commit."""


class Ledger:
    """One file and its tables. Each session is a transaction on a connection that nobody else uses meanwhile."""

    def __init__(self, path: Path, schema: str, *, lasting: bool = True) -> None:
        """`schema` is DDL that may run more than once; it runs at the first session. What is kept outlives the process;
        with `lasting` a power cut too."""
        self.path, self._lasting = path, lasting
        self._schema = schema
        self._ready = False
        # SQLite's own lock is waited for by looking again, up to 100 ms later; this one is handed on at once.
        self._turn = RLock()
        self._idle: deque[sqlite3.Connection] = deque(maxlen=IDLE)

    @contextmanager
    def session(self) -> Iterator[sqlite3.Connection]:
        """A connection whose changes are kept if the block ends well; Unavailable if the file is unusable."""
        try:
            with self._turn:
                connection = self._connection()
                try:
                    with connection:
                        yield connection
                except BaseException:
                    connection.close()
                    raise
                self._idle.append(connection)
        except (sqlite3.Error, OSError) as error:
            raise Unavailable(
                f"'{self.path}' can't be used: {error}.",
                "Check that the home folder is writable and not full.",
            ) from error

    def _connection(self) -> sqlite3.Connection:
        with suppress(IndexError):
            return self._idle.pop()
        self.path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(self.path, timeout=30, isolation_level="IMMEDIATE", check_same_thread=False)
        connection.row_factory = sqlite3.Row
        self._prepare(connection)
        return connection

    def _prepare(self, connection: sqlite3.Connection) -> None:
        connection.execute(f"PRAGMA synchronous = {'FULL' if self._lasting else 'NORMAL'}")
        if not self._ready:
            # Two first sessions that switch at once don't wait for each other: who can't leaves it to the other.
            with suppress(sqlite3.OperationalError):
                connection.execute("PRAGMA journal_mode=WAL")
            connection.executescript(f"BEGIN IMMEDIATE; {self._schema}; COMMIT;")
            self._ready = True
