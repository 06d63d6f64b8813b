"""A second model that is asked the same questions in the shadow of the first: nobody sees its answers, they are only
compared."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import BoundedSemaphore
from typing import TYPE_CHECKING, Any

from agents.answers import result_digest
from agents.ledger import Ledger
from data.errors import DataError

if TYPE_CHECKING:
    from agents.ask.state import Answer

WAITING = 8
"""Questions that wait for the second model; those that come on top of them are left out."""
SCHEMA = """
CREATE TABLE IF NOT EXISTS shadows (
    at TEXT NOT NULL, answer_id TEXT NOT NULL, principal TEXT NOT NULL, question TEXT NOT NULL,
    endpoint TEXT NOT NULL, status TEXT NOT NULL, digest TEXT NOT NULL, seconds REAL NOT NULL,
    other TEXT NOT NULL, other_status TEXT NOT NULL, other_digest TEXT NOT NULL, other_seconds REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS shadows_by_pair ON shadows (endpoint, other);
"""


@dataclass(frozen=True)
class Pairs:
    """What two endpoints made of the same questions. `same`: equal status and equal rows."""

    n: int
    same: int
    first_only: int
    second_only: int
    first_seconds: float
    second_seconds: float


class Shadows:
    """The comparisons of a home. Asking goes on beside the callers, one question at a time."""

    def __init__(self, path: Path) -> None:
        self._ledger = Ledger(path, SCHEMA)
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="shadow")
        self._places = BoundedSemaphore(WAITING)

    def ask(self, answer: Answer, other: str, ask: Callable[[], Answer]) -> None:
        """Have another endpoint asked what `answer` answers, and keep how the two compare."""
        if self._places.acquire(blocking=False):
            self._worker.submit(self._asked, answer, other, ask)

    def pairs(self, first: str, second: str) -> Pairs:
        """What is known of two endpoints, whichever was the shadow of the other."""
        with self._ledger.session() as db:
            rows = db.execute("SELECT * FROM shadows WHERE endpoint IN (?, ?) AND other IN (?, ?)", (first, second) * 2)
            told = [_sides(dict(row), first) for row in rows if row["endpoint"] != row["other"]]
        good = [(a["status"] in GOOD, b["status"] in GOOD) for a, b in told]
        return Pairs(
            len(told),
            sum(a["status"] == b["status"] and a["digest"] == b["digest"] for a, b in told),
            sum(a and not b for a, b in good),
            sum(b and not a for a, b in good),
            sum(a["seconds"] for a, _ in told),
            sum(b["seconds"] for _, b in told),
        )

    def close(self) -> None:
        """Let the question end that is being asked, and leave out the others."""
        self._worker.shutdown(cancel_futures=True)

    def _asked(self, answer: Answer, other: str, ask: Callable[[], Answer]) -> None:
        try:
            told = ask()
            first = (answer.endpoint, answer.status, result_digest(answer), answer.seconds)
            second = (other, told.status, result_digest(told), told.seconds)
            about = (datetime.now(UTC).isoformat(), answer.answer_id, answer.principal, answer.question)
            with self._ledger.session() as db:
                db.execute(f"INSERT INTO shadows VALUES ({', '.join('?' * 12)})", (*about, *first, *second))
        except DataError:
            pass  # Nobody waits for it, and the endpoint's failures are in the usage.
        finally:
            self._places.release()


GOOD = ("answered", "empty", "truncated")


def _sides(row: Mapping[str, Any], first: str) -> tuple[dict[str, Any], dict[str, Any]]:
    names = ("status", "digest", "seconds")
    own, other = {name: row[name] for name in names}, {name: row[f"other_{name}"] for name in names}
    return (own, other) if row["endpoint"] == first else (other, own)


def shadowed(shares: Mapping[str, float], answer: Answer) -> list[str]:
    """The endpoints that are to be asked the same; none where no model wrote the answer."""
    place = int(answer.answer_id[:8], 16) / 2**32
    return [name for name, share in shares.items() if answer.endpoint and name != answer.endpoint and place < share]
