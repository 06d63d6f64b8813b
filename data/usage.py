"""What language models were asked and what it cost: in a journal at once, in a Delta table in batches, exactly once.

The journal keeps the last day, so that budgets are counted over all processes of a home.
"""

from __future__ import annotations

import sqlite3
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import astuple, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from data import lake
from data.audit.mover import Mover
from data.errors import Unavailable
from data.system import CALLED
from data.transaction import journal, transaction

BATCH = 500
"""Requests that the journal holds before they move to the table."""
KEPT = 86_400 + 3_600
"""Seconds for which the journal keeps what has moved."""
PATIENCE = 30.0

SCHEMA = """
CREATE TABLE IF NOT EXISTS calls (
    id INTEGER PRIMARY KEY AUTOINCREMENT, at REAL NOT NULL, principal TEXT NOT NULL, endpoint TEXT NOT NULL,
    model TEXT NOT NULL, outcome TEXT NOT NULL, input_tokens INTEGER NOT NULL, output_tokens INTEGER NOT NULL,
    estimated INTEGER NOT NULL, seconds REAL NOT NULL, cost REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS calls_by_principal ON calls (principal, at);
CREATE TABLE IF NOT EXISTS moved (only_one INTEGER PRIMARY KEY CHECK (only_one = 1), name TEXT NOT NULL, id INTEGER);
"""
INSERT = "INSERT INTO calls VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"


@dataclass(frozen=True)
class Call:
    """One request to a language model. `at` is in seconds since 1970, `cost` in the currency of the settings."""

    at: float
    principal: str
    endpoint: str
    model: str
    outcome: str
    input_tokens: int = 0
    output_tokens: int = 0
    estimated: bool = False
    seconds: float = 0.0
    cost: float = 0.0


@dataclass(frozen=True)
class Spent:
    """What a principal used since a moment; `first` is when the first of it was."""

    requests: int
    tokens: int
    first: float


class Usage:
    """The journal and the table of one home. Many threads and processes may write at once."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._path = home / "usage.sqlite"
        self._mutex = threading.RLock()
        self._locked = FileLock(home / "usage.lock", timeout=PATIENCE, poll_interval=0.005)
        self._open: sqlite3.Connection | None = None
        self._mover = Mover(self.flush)

    def write(self, call: Call) -> None:
        """Keep a request; it is on disk when this returns. Unavailable where it can't be kept."""
        with self._turn() as journal:
            journal.execute(INSERT, astuple(call))
            (waiting,) = journal.execute("SELECT max(calls.id) - moved.id FROM calls, moved").fetchone()
        if waiting >= BATCH:
            self._mover.wake()

    def spent(self, principal: str, since: float) -> Spent:
        """What a principal used since a moment of at most a day ago. What was refused counts as nothing."""
        if not self._path.exists():
            return Spent(0, 0, since)
        with self._turn() as journal:
            requests, tokens, first = journal.execute(
                "SELECT count(*), coalesce(sum(input_tokens + output_tokens), 0), coalesce(min(at), ?) FROM calls "
                "WHERE principal = ? AND at >= ? AND outcome NOT IN ('busy', 'shadow')",
                (since, principal, since),
            ).fetchone()
        return Spent(requests, tokens, first)

    def flush(self) -> None:
        """Move everything into the table. Writers go on meanwhile."""
        if not self._path.exists():
            return
        try:
            with self._locked:
                self._move()
        except (OSError, Timeout) as error:
            raise Unavailable(f"The usage of models can't be moved: {error}.", "Free the disk or its lock.") from None

    def close(self) -> None:
        """Move everything, and let go of the file."""
        self._mover.join()
        self.flush()
        with self._mutex:
            if self._open is not None:
                self._open.close()
                self._open = None

    def _move(self) -> None:
        with self._turn() as journal:
            name, last = journal.execute("SELECT name, id FROM moved").fetchone()
            rows = journal.execute("SELECT * FROM calls WHERE id > ? ORDER BY id", (last,)).fetchall()
        if not rows:
            return
        application, lines = f"lakewright/model_usage/{name}", [(row[0], row) for row in rows]
        lake.append_once(self._home / CALLED, application, lines, _table, description="Requests to language models.")
        with self._turn() as journal:
            journal.execute("UPDATE moved SET id = ?", (rows[-1][0],))
            journal.execute("DELETE FROM calls WHERE id <= ? AND at < ?", (rows[-1][0], time.time() - KEPT))

    @contextmanager
    def _turn(self) -> Iterator[sqlite3.Connection]:
        try:
            with self._mutex, transaction(self._journal()) as journal:
                yield journal
        except (sqlite3.Error, OSError, Timeout) as error:
            raise Unavailable(f"The usage of models can't be kept: {error}.", "Free the disk or its lock.") from None

    def _journal(self) -> sqlite3.Connection:
        if self._open is None:
            # SQLite's own lock gives up at once when two writers open a new journal.
            with self._locked:
                opened = journal(self._path, PATIENCE, SCHEMA)
                opened.execute("INSERT OR IGNORE INTO moved VALUES (1, ?, 0)", (uuid.uuid4().hex,))
                self._open = opened
        return self._open


def _table(rows: list[tuple[Any, ...]]) -> Any:
    import pyarrow as pa

    number, text, real = pa.int64(), pa.string(), pa.float64()
    schema = pa.schema(
        [
            ("id", number), ("at", pa.timestamp("us", "UTC")), ("principal", text), ("endpoint", text), ("model", text),
            ("outcome", text), ("input_tokens", number), ("output_tokens", number), ("estimated", pa.bool_()),
            ("seconds", real), ("cost", real),
        ]
    )  # fmt: skip
    made = [(id, datetime.fromtimestamp(at, UTC), *rest[:-3], bool(rest[-3]), *rest[-2:]) for id, at, *rest in rows]
    columns = [list(column) for column in zip(*made, strict=True)]
    return pa.table([pa.array(values, field.type) for values, field in zip(columns, schema, strict=True)], schema)
