"""The coding tasks of a home: under way and done. Each is kept at once, whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from agents.code.writers import Example
from agents.ledger import Ledger
from data.errors import NotFound

MOST_EXAMPLES = 200

_SCHEMA = """
CREATE TABLE IF NOT EXISTS tasks (
    code_id TEXT PRIMARY KEY, principal TEXT NOT NULL, language TEXT NOT NULL, status TEXT NOT NULL,
    thread TEXT NOT NULL, changed_at TEXT NOT NULL, state TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS tasks_by_principal ON tasks (principal, changed_at);
"""

State = Mapping[str, Any]


class Deliveries:
    """Many threads and processes may use one."""

    def __init__(self, path: Path) -> None:
        self._ledger = Ledger(path, _SCHEMA)

    def keep(self, state: State, thread: str = "") -> None:
        """Keep a task as it is now; its thread is that of its beginning."""
        now = datetime.now(UTC).isoformat()
        kept = {name: value for name, value in state.items() if name != "ran"}
        line = (state["code_id"], state["principal"], state["language"], state["status"], thread, now, json.dumps(kept))
        with self._ledger.session() as db:
            db.execute(
                "INSERT INTO tasks VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (code_id) DO UPDATE SET"
                " status = excluded.status, changed_at = excluded.changed_at, state = excluded.state",
                line,
            )

    def get(self, code_id: str, principal: str) -> dict[str, Any]:
        """A task's state, for whoever began it; NotFound otherwise, also for somebody else's."""
        with self._ledger.session() as db:
            query = "SELECT state FROM tasks WHERE code_id = ? AND principal = ?"
            row = db.execute(query, (code_id, principal)).fetchone()
        if row is None:
            raise NotFound(f"You have no coding task '{code_id}'.", "Use the `code_id` of a task of yours.")
        return dict(json.loads(row["state"]))

    def known(self, code_id: str) -> bool:
        """Whether there is such a task."""
        with self._ledger.session() as db:
            return db.execute("SELECT 1 FROM tasks WHERE code_id = ?", (code_id,)).fetchone() is not None

    def recent(self, principal: str, count: int) -> list[dict[str, Any]]:
        """The principal's latest tasks, newest first."""
        query = "SELECT state FROM tasks WHERE principal = ? ORDER BY changed_at DESC LIMIT ?"
        return self._states(query, (principal, count))

    def turns(self, principal: str, thread: str, count: int) -> list[dict[str, Any]]:
        """The latest tasks of a thread that went well, oldest first."""
        query = (
            "SELECT state FROM tasks WHERE principal = ? AND thread = ? AND status IN ('delivered', 'written')"
            " ORDER BY changed_at DESC LIMIT ?"
        )
        return self._states(query, (principal, thread, count))[::-1] if thread else []

    def examples(self, principal: str, language: str) -> Iterator[Example]:
        """The principal's own tasks of a language that went well, newest first."""
        query = (
            "SELECT state FROM tasks WHERE principal = ? AND language = ? AND status = 'delivered'"
            " ORDER BY changed_at DESC LIMIT ?"
        )
        for state in self._states(query, (principal, language, MOST_EXAMPLES)):
            yield Example(state["text"], state["draft"]["code"])

    def _states(self, query: str, values: tuple[Any, ...]) -> list[dict[str, Any]]:
        with self._ledger.session() as db:
            return [dict(json.loads(row["state"])) for row in db.execute(query, values).fetchall()]
