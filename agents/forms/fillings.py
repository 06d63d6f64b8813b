"""The fillings of a home: under way and signed. What is signed is on disk at once, and moves into a Delta table.

A signature is one transaction of a small SQLite file, so that it is there whole or not at all. Moving it is done
exactly once, also after the process was killed: a commit of the table says up to where of the journal it goes.
"""

from __future__ import annotations

import json
import sqlite3
import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filelock import FileLock, Timeout

from agents.ledger import Ledger
from data import lake
from data.errors import NotFound, Unavailable
from data.system import FORMS, SIGNED

if TYPE_CHECKING:
    import pyarrow as pa

PATIENCE = 60.0
MOST = 500
"""Fillings that are moved at once."""
_SCHEMA = """
CREATE TABLE IF NOT EXISTS fillings (
    filling_id TEXT PRIMARY KEY, principal TEXT NOT NULL, form TEXT NOT NULL, version INTEGER NOT NULL,
    status TEXT NOT NULL, changed_at TEXT NOT NULL, state TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS fillings_by_principal ON fillings (principal, changed_at);
CREATE TABLE IF NOT EXISTS journal (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, filling_id TEXT NOT NULL UNIQUE, rows TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS name (only_one INTEGER PRIMARY KEY CHECK (only_one = 1), id TEXT NOT NULL);
"""

State = Mapping[str, Any]
Row = Mapping[str, Any]


class Fillings:
    """Many threads and processes may use one."""

    def __init__(self, home: Path) -> None:
        self.table = home / SIGNED
        self._ledger = Ledger(home / "fillings.sqlite", _SCHEMA)
        self._locked = FileLock(home / "fillings.lock", timeout=PATIENCE, poll_interval=0.01)

    def keep(self, states: Sequence[State], rows: Sequence[Sequence[Row]] = ()) -> None:
        """Keep fillings as they are now, all or none. `rows` are what each signed one writes back. What is signed stays
        as it is: a second signature changes nothing."""
        now = datetime.now(UTC).isoformat()
        lines = [
            (s["filling_id"], s["principal"], s["form"], s["version"], s["status"], now, json.dumps(s)) for s in states
        ]
        with self._ledger.session() as db:
            db.executemany(
                "INSERT INTO fillings VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (filling_id) DO UPDATE SET"
                " status = excluded.status, changed_at = excluded.changed_at, state = excluded.state"
                " WHERE fillings.status <> 'signed'",
                lines,
            )
            signed = [(s["filling_id"], json.dumps(r)) for s, r in zip(states, rows, strict=False)]
            db.executemany("INSERT INTO journal (filling_id, rows) VALUES (?, ?) ON CONFLICT DO NOTHING", signed)

    def get(self, filling_id: str, principal: str) -> dict[str, Any]:
        """A filling's state, for whoever began it; NotFound otherwise, also for somebody else's."""
        with self._ledger.session() as db:
            query = "SELECT state FROM fillings WHERE filling_id = ? AND principal = ?"
            row = db.execute(query, (filling_id, principal)).fetchone()
        if row is None:
            raise NotFound(f"You have no filling '{filling_id}'.", "Use the `filling_id` of a filling of yours.")
        return dict(json.loads(row["state"]))

    def recent(self, principal: str, count: int) -> list[dict[str, Any]]:
        """The principal's latest fillings, newest first."""
        query = "SELECT state FROM fillings WHERE principal = ? ORDER BY changed_at DESC LIMIT ?"
        with self._ledger.session() as db:
            return [dict(json.loads(row["state"])) for row in db.execute(query, (principal, count)).fetchall()]

    def known(self, filling_ids: Sequence[str]) -> dict[str, str]:
        """Those that are kept, with their status."""
        marks = ", ".join("?" for _ in filling_ids)
        query = f"SELECT filling_id, status FROM fillings WHERE filling_id IN ({marks})"
        with self._ledger.session() as db:
            return {row["filling_id"]: row["status"] for row in db.execute(query, tuple(filling_ids)).fetchall()}

    def flush(self) -> None:
        """Move what is signed into the Delta table; each filling gets there once."""
        try:
            with self._locked:
                while self._move():
                    pass
        except (OSError, Timeout) as error:
            raise Unavailable(f"Signed forms can't be moved: {error}.", "Free the disk or its lock.") from None

    def rows(self) -> pa.Table:
        """All values that were signed; NotFound where none were."""
        self.flush()
        return lake.read(self.table)

    def _move(self) -> bool:
        with self._ledger.session() as db:
            name = _name(db)
            query = "SELECT seq, rows FROM journal WHERE seq > ? ORDER BY seq LIMIT ?"
            lines = db.execute(query, (self._moved(name), MOST)).fetchall()
        if not lines:
            return False
        self._append(name, [(line["seq"], json.loads(line["rows"])) for line in lines])
        return len(lines) == MOST

    def _moved(self, name: str) -> int:
        from deltalake import DeltaTable

        if lake.version(self.table) is None:
            return -1
        return DeltaTable(self.table).transaction_version(name) or -1

    def _append(self, name: str, signed: Sequence[tuple[int, Sequence[Row]]]) -> None:
        import pyarrow as pa

        def table(fillings: list[Sequence[Row]]) -> pa.Table:
            return pa.Table.from_pylist([_typed(row) for rows in fillings for row in rows], schema=schema())

        said = "The values of signed forms, each with its source."
        lake.append_once(self.table, name, signed, table, name="filled_forms", description=said)


def schema() -> pa.Schema:
    """The columns of the table, which `system.forms` shows: one row for each value."""
    import pyarrow as pa

    kinds = {
        "VARCHAR": pa.string(), "BIGINT": pa.int64(), "DOUBLE": pa.float64(), "TIMESTAMP": pa.timestamp("us", "UTC"),
    }  # fmt: skip
    return pa.schema([(name, kinds[kind]) for name, (kind, _) in FORMS.items()])


def _typed(row: Row) -> Row:
    return {**row, "signed_at": datetime.fromisoformat(row["signed_at"])}


def _name(db: sqlite3.Connection) -> str:
    """The journal's own name in the commits of the table."""
    db.execute("INSERT OR IGNORE INTO name VALUES (1, ?)", (uuid.uuid4().hex,))
    return f"lakewright/forms/{db.execute('SELECT id FROM name').fetchone()['id']}"
