"""The audit trail: every query with its outcome, in a chain of hashes that shows any change.

A record is durable before its answer is given: it goes into a small SQLite journal, whose transactions also
keep the chain in order when several processes write at once. In batches it moves on to the append-only Delta
table."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import threading
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from data import lake
from data.errors import Unavailable

BATCH = 500
"""Records that the journal holds before they move to the Delta table."""

PATIENCE = 60.0
"""Seconds that a writer waits for the others."""

START = "0" * 64
"""What the first record's hash follows."""

TABLES = """
CREATE TABLE IF NOT EXISTS journal (seq INTEGER PRIMARY KEY, hash TEXT NOT NULL, record TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS head (only_one INTEGER PRIMARY KEY CHECK (only_one = 1), seq INTEGER, hash TEXT);
INSERT OR IGNORE INTO head VALUES (1, 0, '0000000000000000000000000000000000000000000000000000000000000000');
"""


@dataclass(frozen=True)
class Record:
    """One query: who asked what, what ran over which versions (table -> version), and how it ended."""

    id: str
    at: str
    principal: str
    question: str
    asked: str
    ran: str
    versions: Mapping[str, str]
    rows: int
    ms: float
    outcome: str
    message: str


@dataclass(frozen=True)
class Verdict:
    """Whether the chain is whole, how many records were checked, and otherwise where it breaks first."""

    ok: bool
    records: int
    problem: str = ""


class Audit:
    """The trail of one home. Many threads and processes may write to it at once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.table = folder / "audit"
        self._lock = FileLock(folder / "journal.lock", timeout=PATIENCE, poll_interval=0.005)
        self._local = threading.local()

    def write(self, **facts: Any) -> str:
        """Keep a record and return its id. Unavailable when it can't be kept: then nothing may be
        answered."""
        record = Record(id=uuid.uuid4().hex[:16], at=datetime.now(UTC).isoformat(), **facts)
        text = _text(asdict(record))
        with self._turn() as journal:
            seq, last = journal.execute("SELECT seq, hash FROM head").fetchone()
            digest = _digest(seq + 1, last, text)
            journal.execute("INSERT INTO journal VALUES (?, ?, ?)", (seq + 1, digest, text))
            journal.execute("UPDATE head SET seq = ?, hash = ?", (seq + 1, digest))
        if (seq + 1) % BATCH == 0:
            self.flush()
        return record.id

    def flush(self) -> None:
        """Move the journal's records into the Delta table."""
        if not self.folder.exists():
            return
        with self._turn() as journal:
            rows = journal.execute("SELECT seq, hash, record FROM journal ORDER BY seq").fetchall()
            # A flush that was killed after its commit has left its rows here; they are in the table already.
            kept = self._last_flushed() if rows else 0
            fresh = [row for row in rows if row[0] > kept]
            if fresh:
                lake.append(self.table, _arrow(fresh), configuration={"delta.appendOnly": "true"})
            journal.execute("DELETE FROM journal")

    def tail(self, n: int = 20) -> list[Record]:
        """The last records, newest last."""
        return [_record(text) for _, _, text in self._chain()[-n:]] if n > 0 else []

    def verify(self) -> Verdict:
        """Follow the chain from its beginning; a record that was changed, removed or moved breaks it."""
        last, expected = START, 1
        chain = self._chain()
        for seq, digest, text in chain:
            if seq != expected:
                return Verdict(False, len(chain), f"Record {expected} is missing or out of its place.")
            if digest != _digest(seq, last, text):
                return Verdict(False, len(chain), f"Record {seq} ('{_record(text).id}') was changed.")
            last, expected = digest, expected + 1
        head = self._head()
        if head != (expected - 1, last):
            return Verdict(False, len(chain), f"The trail ends at record {expected - 1}, but {head[0]} were written.")
        return Verdict(True, len(chain))

    def close(self) -> None:
        """Flush, and let go of the journal in this thread."""
        self.flush()
        journal = getattr(self._local, "journal", None)
        if journal is not None:
            with self._lock:
                journal.close()
            self._local.journal = None

    @contextmanager
    def _turn(self) -> Iterator[sqlite3.Connection]:
        """The journal, locked against every other writer until the block ends.

        A lock beside the journal keeps the turns: SQLite's own gives up at once when two writers open a new
        journal, however long it was told to wait.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with self._lock:
                journal = self._journal()
                journal.execute("BEGIN IMMEDIATE")
                try:
                    yield journal
                except BaseException:
                    journal.execute("ROLLBACK")
                    raise
                journal.execute("COMMIT")
        except (sqlite3.Error, OSError, Timeout) as error:
            raise Unavailable(f"The audit trail can't be written: {error}.", "Free the disk or its lock.") from None

    def _journal(self) -> sqlite3.Connection:
        journal: sqlite3.Connection | None = getattr(self._local, "journal", None)
        if journal is None:
            path = self.folder / "journal.sqlite"
            journal = sqlite3.connect(path, timeout=10, isolation_level=None, check_same_thread=False)
            journal.execute("PRAGMA journal_mode = WAL")
            journal.execute("PRAGMA synchronous = FULL")
            journal.executescript(TABLES)
            self._local.journal = journal
        return journal

    def _chain(self) -> list[tuple[int, str, str]]:
        with self._turn() as journal:
            rows = journal.execute("SELECT seq, hash, record FROM journal ORDER BY seq").fetchall()
        flushed = _rows(self.table) if lake.version(self.table) is not None else []
        kept = flushed[-1][0] if flushed else 0
        return flushed + [row for row in rows if row[0] > kept]

    def _head(self) -> tuple[int, str]:
        with self._turn() as journal:
            seq, digest = journal.execute("SELECT seq, hash FROM head").fetchone()
        return int(seq), str(digest)

    def _last_flushed(self) -> int:
        rows = _rows(self.table) if lake.version(self.table) is not None else []
        return rows[-1][0] if rows else 0


def _digest(seq: int, last: str, text: str) -> str:
    return hashlib.sha256(f"{seq}\n{last}\n{text}".encode()).hexdigest()


def _text(facts: Mapping[str, Any]) -> str:
    return json.dumps(facts, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def _record(text: str) -> Record:
    facts = json.loads(text)
    return Record(**{field.name: facts[field.name] for field in fields(Record)})


def _arrow(rows: Sequence[tuple[int, str, str]]) -> Any:
    """Columns for reading beside the exact text that was hashed."""
    import pyarrow as pa

    records = [_record(text) for _, _, text in rows]
    columns: dict[str, Any] = {"seq": [row[0] for row in rows], "hash": [row[1] for row in rows]}
    for field in fields(Record):
        values = [getattr(record, field.name) for record in records]
        columns[field.name] = [_text(value) for value in values] if field.name == "versions" else values
    return pa.table(columns | {"record": [row[2] for row in rows]})


def _rows(table: Path) -> list[tuple[int, str, str]]:
    found = lake.read(table).select(["seq", "hash", "record"]).sort_by("seq").to_pydict()
    return list(zip(found["seq"], found["hash"], found["record"], strict=True))
