"""Journals in SQLite, and transactions that hold the writer's lock from their beginning."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def journal(path: Path, patience: float, tables: str) -> sqlite3.Connection:
    """A file for records that are on their way elsewhere, with these tables; writers wait `patience` seconds for each
    other. It outlives the process; a power cut may take what was written since the last checkpoint."""
    opened = sqlite3.connect(path, timeout=patience, isolation_level=None, check_same_thread=False)
    opened.execute("PRAGMA journal_mode = WAL")
    opened.execute("PRAGMA synchronous = NORMAL")
    opened.executescript(tables)
    return opened


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """What the block does is kept if it ends well, and undone if it raises. The connection must not begin
    transactions by itself (`isolation_level=None`)."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield connection
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")
