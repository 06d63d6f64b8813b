"""The journal: where records are durable first. SQLite's transactions keep the chain in order among
processes."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from data.audit.chain import Head, digest
from data.errors import Unavailable
from data.transaction import transaction

PATIENCE = 60.0
"""Seconds that a writer waits for the others."""

TABLES = """
CREATE TABLE IF NOT EXISTS journal (seq INTEGER PRIMARY KEY, hash TEXT NOT NULL, record TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS head (only_one INTEGER PRIMARY KEY CHECK (only_one = 1), seq INTEGER, hash TEXT);
"""

Line = tuple[int, str, str]
"""A record's place, hash and text."""


class Journal:
    """The records that are not in the table yet, and the head of the chain. Several processes may write."""

    def __init__(self, folder: Path, begin: Callable[[], tuple[Head, Sequence[str]]]) -> None:
        """`begin` tells what a new journal goes on from, and the first records that it gets."""
        self.path = folder / "journal.sqlite"
        self._begin = begin
        self._lock = FileLock(folder / "journal.lock", timeout=PATIENCE, poll_interval=0.002)
        self._mutex = threading.RLock()
        self._open: sqlite3.Connection | None = None

    def append(self, texts: Sequence[str]) -> Head:
        """Keep records, all or none, in one transaction that is on the disk when this returns; the new
        head."""
        with self.turn() as journal:
            return _extend(journal, texts)

    def read(self) -> tuple[list[Line], Head]:
        """The records in their order, with the head that belongs to them."""
        with self.turn() as journal:
            lines = journal.execute("SELECT seq, hash, record FROM journal ORDER BY seq").fetchall()
            return lines, _head(journal)

    def newest(self, count: int) -> tuple[list[Line], Head]:
        """At most `count` of the newest records in their order, with the head."""
        with self.turn() as journal:
            query = "SELECT seq, hash, record FROM journal ORDER BY seq DESC LIMIT ?"
            return journal.execute(query, (count,)).fetchall()[::-1], _head(journal)

    def drop(self, last: int) -> None:
        """Forget the records up to this one: they are in the table."""
        with self.turn() as journal:
            journal.execute("DELETE FROM journal WHERE seq <= ?", (last,))

    def close(self) -> None:
        """Let go of the file; the next use opens it again."""
        with self._mutex:
            if self._open is not None:
                with self._lock:
                    self._open.close()
                self._open = None

    @contextmanager
    def turn(self) -> Iterator[sqlite3.Connection]:
        """The journal, locked against every other writer until the block ends.

        A lock beside the journal keeps the turns: SQLite's own gives up at once when two writers open a new
        journal, however long it was told to wait.
        """
        try:
            if self._open is None:
                self.path.parent.mkdir(parents=True, exist_ok=True)
            with self._mutex, self._lock, transaction(self._journal()) as journal:
                yield journal
        except (sqlite3.Error, OSError, Timeout) as error:
            raise Unavailable(f"The audit trail can't be written: {error}.", "Free the disk or its lock.") from None

    def _journal(self) -> sqlite3.Connection:
        if self._open is None:
            journal = sqlite3.connect(self.path, timeout=10, isolation_level=None, check_same_thread=False)
            journal.execute("PRAGMA journal_mode = WAL")
            journal.execute("PRAGMA synchronous = FULL")
            journal.executescript(TABLES)
            self._start(journal)
            self._open = journal
        return self._open

    def _start(self, journal: sqlite3.Connection) -> None:
        if journal.execute("SELECT 1 FROM head UNION ALL SELECT 1 FROM journal LIMIT 1").fetchone():
            return
        head, texts = self._begin()
        journal.execute("BEGIN IMMEDIATE")
        journal.execute("INSERT INTO head VALUES (1, ?, ?)", (head.seq, head.hash))
        _extend(journal, texts)
        journal.execute("COMMIT")


def _extend(journal: sqlite3.Connection, texts: Sequence[str]) -> Head:
    head = _head(journal)
    lines: list[Line] = []
    for text in texts:
        head = Head(head.seq + 1, digest(head.seq + 1, head.hash, text))
        lines.append((head.seq, head.hash, text))
    journal.executemany("INSERT INTO journal VALUES (?, ?, ?)", lines)
    journal.execute("UPDATE head SET seq = ?, hash = ?", (head.seq, head.hash))
    return head


def _head(journal: sqlite3.Connection) -> Head:
    found = journal.execute("SELECT seq, hash FROM head").fetchone()
    if found is None:
        raise sqlite3.DatabaseError("the journal's head is missing")
    return Head(int(found[0]), str(found[1]))
