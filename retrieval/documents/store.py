"""The index of one folder: its files and their passages, in one SQLite file, so that a file is in it whole or not."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from data.errors import Invalid
from data.transaction import transaction
from retrieval.documents.passage import Passage
from retrieval.embedding import Vectors

FORM = 1
"""The form of what is kept: passages of an earlier one are made anew."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS state (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS files (
    path TEXT PRIMARY KEY, digest TEXT NOT NULL, title TEXT NOT NULL, read_at TEXT NOT NULL,
    problem TEXT NOT NULL, remedy TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS passages (
    path TEXT NOT NULL REFERENCES files (path) ON DELETE CASCADE, place INTEGER NOT NULL, headings TEXT NOT NULL,
    page INTEGER, first INTEGER NOT NULL, last INTEGER NOT NULL, text TEXT NOT NULL, vector BLOB NOT NULL,
    PRIMARY KEY (path, place)
);
"""
_PASSAGES = """
SELECT p.path, f.title, p.headings, p.page, p.first, p.last, p.text, f.digest, p.vector
FROM passages p JOIN files f USING (path) ORDER BY p.path, p.place
"""


@dataclass(frozen=True)
class Kept:
    """A file as the index has it. With a `problem` it could not be read, and has no passages."""

    path: str
    digest: str
    title: str
    read_at: datetime
    problem: str = ""
    remedy: str = ""


class Store:
    """Readers and one writer at a time. What was read from another place than `location` counts for nothing."""

    def __init__(self, path: Path, source: str, location: Path) -> None:
        self.path, self._source = path, source
        self._stamp = json.dumps([FORM, source, str(location)])

    @property
    def generation(self) -> int:
        """A number that changes with every change; 0 for what does not count."""
        if not self.path.exists():
            return 0
        with self._session() as db:
            return int(_state(db, "generation") or 0) if _state(db, "stamp") == self._stamp else 0

    def files(self) -> dict[str, Kept]:
        """The files that were read, by path."""
        if not self.generation:
            return {}
        with self._session() as db:
            rows = db.execute("SELECT path, digest, title, read_at, problem, remedy FROM files ORDER BY path")
            return {
                path: Kept(path, mark, title, datetime.fromisoformat(at), *why) for path, mark, title, at, *why in rows
            }

    def passages(self) -> tuple[list[Passage], Vectors]:
        """All passages, and an array with the vector of each."""
        if not self.generation:
            return [], np.zeros((0, 384), np.float32)
        with self._session() as db:
            rows = db.execute(_PASSAGES).fetchall()
        found = [Passage(self._source, p, t, tuple(json.loads(h)), *rest) for p, t, h, *rest, _ in rows]
        vectors = [np.frombuffer(row[-1], np.float32) for row in rows]
        return found, np.stack(vectors) if vectors else np.zeros((0, 384), np.float32)

    def begin(self) -> None:
        """Make the index ready to be written; what does not count is dropped."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self._session() as db:
            db.executescript(_SCHEMA)
            with transaction(db):
                if _state(db, "stamp") != self._stamp:
                    db.execute("DELETE FROM files")
                    _set(db, "stamp", self._stamp)
                    _renew(db)

    def put(self, path: str, digest: str, title: str, passages: Sequence[Passage], vectors: Vectors) -> None:
        """A file's passages in the place of those that it had."""
        with self._session() as db, transaction(db):
            self._file(db, path, (digest, title, "", ""))
            db.executemany(
                "INSERT INTO passages VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    (path, place, json.dumps(p.headings), p.page, p.start, p.end, p.text, vector.tobytes())
                    for place, (p, vector) in enumerate(zip(passages, vectors, strict=True))
                ],
            )

    def refuse(self, path: str, digest: str, error: Invalid) -> None:
        """Keep why a file can't be read; what it said before counts no more."""
        with self._session() as db, transaction(db):
            self._file(db, path, (digest, "", error.message, error.remedy))

    def drop(self, path: str) -> None:
        """Forget a file."""
        with self._session() as db, transaction(db):
            db.execute("DELETE FROM files WHERE path = ?", (path,))
            _renew(db)

    def _file(self, db: sqlite3.Connection, path: str, facts: tuple[str, str, str, str]) -> None:
        digest, title, problem, remedy = facts
        now = datetime.now(UTC).isoformat(timespec="seconds")
        db.execute("DELETE FROM files WHERE path = ?", (path,))
        db.execute("INSERT INTO files VALUES (?, ?, ?, ?, ?, ?)", (path, digest, title, now, problem, remedy))
        _renew(db)

    @contextmanager
    def _session(self) -> Iterator[sqlite3.Connection]:
        db = sqlite3.connect(self.path, timeout=10, isolation_level=None)
        try:
            db.execute("PRAGMA journal_mode = WAL")
            db.execute("PRAGMA foreign_keys = ON")
            yield db
        finally:
            db.close()


def _state(db: sqlite3.Connection, name: str) -> str | None:
    try:
        row = db.execute("SELECT value FROM state WHERE name = ?", (name,)).fetchone()
    except sqlite3.OperationalError:
        return None  # killed before it had tables
    return None if row is None else str(row[0])


def _set(db: sqlite3.Connection, name: str, value: str) -> None:
    db.execute("INSERT OR REPLACE INTO state VALUES (?, ?)", (name, value))


def _renew(db: sqlite3.Connection) -> None:
    """Give the index a number that no earlier state of it had, nor one of an index that was deleted."""
    _set(db, "generation", str(max(int(_state(db, "generation") or 0) + 1, time.time_ns())))
