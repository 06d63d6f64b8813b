"""Which conversation a request goes on with: the protocol sends all that was said, and names no thread."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from agents.ledger import Ledger
from app.api.openai.protocol import Message

KEPT = timedelta(days=30)
_SCHEMA = """
CREATE TABLE IF NOT EXISTS conversations (
    principal TEXT NOT NULL, model TEXT NOT NULL, said TEXT NOT NULL, subject TEXT NOT NULL, at TEXT NOT NULL,
    PRIMARY KEY (principal, model, said)
);
CREATE INDEX IF NOT EXISTS conversations_by_age ON conversations (at);
"""


class Threads:
    """What each conversation is about: the thread of questions, or the filling of a form. Each caller has their own."""

    def __init__(self, home: Path) -> None:
        self._ledger = Ledger(home / "conversations.sqlite", _SCHEMA)

    def find(self, principal: str, model: str, messages: Sequence[Message]) -> str:
        """What the conversation before its last message is about; "" where it begins with it."""
        query = "SELECT subject FROM conversations WHERE principal = ? AND model = ? AND said = ?"
        with self._ledger.session() as db:
            row = db.execute(query, (principal, model, _digest(messages[:-1]))).fetchone()
        return str(row["subject"]) if row else ""

    def keep(self, principal: str, model: str, messages: Sequence[Message], reply: str, subject: str) -> None:
        """A conversation with the reply that it got; those that nobody goes on with are forgotten."""
        now = datetime.now(UTC)
        said = _digest([*messages, Message(role="assistant", content=reply)])
        with self._ledger.session() as db:
            db.execute("DELETE FROM conversations WHERE at < ?", ((now - KEPT).isoformat(),))
            row = (principal, model, said, subject, now.isoformat())
            db.execute("INSERT OR REPLACE INTO conversations VALUES (?, ?, ?, ?, ?)", row)


def _digest(messages: Sequence[Message]) -> str:
    """Of what both sides said; programs differ in what they put before it, and in white space."""
    said = [[m.role, " ".join(m.text.split())] for m in messages if m.role in ("user", "assistant")]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()
