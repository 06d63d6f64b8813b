"""Keys of requests: one key stands for one request, however often it is sent."""

from __future__ import annotations

import hashlib
from pathlib import Path

from agents.ledger import Ledger
from data.errors import Invalid

_SCHEMA = """
CREATE TABLE IF NOT EXISTS requests (
    principal TEXT NOT NULL, task TEXT NOT NULL, key TEXT NOT NULL, body TEXT NOT NULL,
    PRIMARY KEY (principal, task, key)
);
"""


class Requests:
    """The keys that a home's callers have used. Many threads and processes may use one."""

    def __init__(self, home: Path) -> None:
        self._ledger = Ledger(home / "requests.sqlite", _SCHEMA)

    def claim(self, principal: str, task: str, key: str, body: str) -> None:
        """Take a key for a request of this body, or find that it was taken for the same; Invalid otherwise."""
        digest = hashlib.sha256(body.encode()).hexdigest()
        with self._ledger.session() as db:
            db.execute("INSERT OR IGNORE INTO requests VALUES (?, ?, ?, ?)", (principal, task, key, digest))
            query = "SELECT body FROM requests WHERE principal = ? AND task = ? AND key = ?"
            taken = db.execute(query, (principal, task, key)).fetchone()["body"]
        if taken != digest:
            raise Invalid(f"The Idempotency-Key '{key}' was sent with another request.", "Use a new key.")
