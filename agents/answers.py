"""Answers that were given, kept to be rated, approved and run again. Rows are not kept: they are governed."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from agents import statement
from agents.ask.state import Answer
from agents.ledger import Ledger
from agents.rowsets import digest
from data.errors import Invalid, NotFound
from data.values import plain

_SCHEMA = """
CREATE TABLE IF NOT EXISTS answers (
    answer_id TEXT PRIMARY KEY,
    given_at TEXT NOT NULL,
    principal TEXT NOT NULL,
    question TEXT NOT NULL,
    status TEXT NOT NULL,
    sql TEXT NOT NULL,
    endpoint TEXT NOT NULL,
    verified INTEGER NOT NULL,
    sources TEXT NOT NULL,
    digest TEXT NOT NULL,
    row_limit INTEGER NOT NULL,
    thumb TEXT NOT NULL DEFAULT '',
    note TEXT NOT NULL DEFAULT ''
);
CREATE INDEX IF NOT EXISTS answers_by_principal ON answers (principal, given_at);
CREATE TABLE IF NOT EXISTS feedback (
    answer_id TEXT PRIMARY KEY,
    sql TEXT NOT NULL,
    consent INTEGER NOT NULL
);
"""

Thumb = Literal["up", "down"]
LONGEST_NOTE = 2_000


@dataclass(frozen=True)
class Given:
    """An answer as it was given. `digest` is the hash of its rows, "" when it had none to give."""

    answer_id: str
    given_at: datetime
    principal: str
    question: str
    status: str
    sql: str
    endpoint: str
    verified: bool
    sources: list[dict[str, Any]]
    digest: str
    row_limit: int
    thumb: str
    note: str


@dataclass(frozen=True)
class Rated:
    """An answer that was rated. `sql` is the SQL that should have been, "" where nobody gave any; with `consent` a
    model may learn from it."""

    given: Given
    sql: str
    consent: bool

    @property
    def right(self) -> str:
        """The SQL that is right as far as is known; "" where it isn't."""
        return self.sql or (self.given.sql if self.given.thumb == "up" and self.given.digest else "")


class AnswerStore:
    """The answers of a home folder."""

    def __init__(self, path: Path) -> None:
        self._ledger = Ledger(path, _SCHEMA)

    def add(self, answer: Answer, row_limit: int = 10_000) -> None:
        """Keep an answer; `row_limit` is the number of rows that it could have at most."""
        values = (
            answer.answer_id,
            datetime.now(UTC).isoformat(),
            answer.principal,
            answer.question,
            answer.status,
            answer.sql,
            answer.endpoint,
            int(answer.verified),
            json.dumps(plain(answer.sources)),
            result_digest(answer),
            row_limit,
        )
        with self._ledger.session() as db:
            marks = ", ".join("?" for _ in values)
            db.execute(f"INSERT INTO answers VALUES ({marks}, '', '')", values)

    def get(self, answer_id: str, *, principal: str | None) -> Given:
        """The answer, if it was given to `principal`; None is for the home folder's owner, who may read all.

        NotFound is the same for an answer that somebody else got and for one that nobody got.
        """
        with self._ledger.session() as db:
            row = db.execute("SELECT * FROM answers WHERE answer_id = ?", (answer_id,)).fetchone()
        if row is None or principal not in (None, row["principal"]):
            raise NotFound(f"You got no answer '{answer_id}'.", "Use the `answer_id` of an answer of yours.")
        return _given(row)

    def recent(self, principal: str, count: int = 20) -> tuple[Given, ...]:
        """The principal's latest answers, newest first."""
        query = "SELECT * FROM answers WHERE principal = ? ORDER BY given_at DESC LIMIT ?"
        with self._ledger.session() as db:
            return tuple(_given(row) for row in db.execute(query, (principal, count)).fetchall())

    def outcomes(self, endpoint: str) -> dict[str, int]:
        """How the answers of an endpoint ended, and how many were rated: status, or thumb up or down -> number."""
        with self._ledger.session() as db:
            statuses = db.execute("SELECT status, count(*) FROM answers WHERE endpoint = ? GROUP BY 1", (endpoint,))
            found = {str(name): int(n) for name, n in statuses}
            thumbs = "SELECT thumb, count(*) FROM answers WHERE endpoint = ? AND thumb <> '' GROUP BY 1"
            return found | {f"thumb {name}": int(n) for name, n in db.execute(thumbs, (endpoint,))}

    def rated(self) -> tuple[Rated, ...]:
        """All answers that were rated, the oldest first."""
        query = """
        SELECT answers.*, coalesce(feedback.sql, '') AS said, coalesce(feedback.consent, 0) AS consent
        FROM answers LEFT JOIN feedback USING (answer_id) WHERE thumb <> '' ORDER BY given_at
        """
        with self._ledger.session() as db:
            rows = db.execute(query).fetchall()
        return tuple(_rated(row) for row in rows)

    def rate(
        self, answer_id: str, thumb: Thumb, *, principal: str, note: str = "", sql: str = "", consent: bool = False
    ) -> None:
        """Keep whether the answer was good; a later thumb replaces an earlier one. `sql` is what a wrong answer should
        have run; with `consent` models of this home may learn from the question and its SQL."""
        if thumb not in ("up", "down"):
            raise Invalid(f"'{thumb}' is no rating.", "Use 'up' or 'down'.")
        if len(note) > LONGEST_NOTE:
            raise Invalid(f"The note has {len(note):,} characters.", f"Use at most {LONGEST_NOTE:,}.")
        if sql and thumb == "up":
            raise Invalid("A good answer needs no other SQL.", "Rate it 'down' to correct it.")
        if sql:
            statement.query(sql)
        self.get(answer_id, principal=principal)
        with self._ledger.session() as db:
            db.execute("UPDATE answers SET thumb = ?, note = ? WHERE answer_id = ?", (thumb, note, answer_id))
            db.execute("INSERT OR REPLACE INTO feedback VALUES (?, ?, ?)", (answer_id, sql, int(consent)))


def result_digest(answer: Answer) -> str:
    """The hash of an answer's rows, in order where its SQL orders them; "" for an answer without rows or SQL."""
    if not answer.sql or answer.status not in ("answered", "empty", "truncated"):
        return ""
    return digest(answer.rows, ordered=statement.is_ordered(statement.query(answer.sql)))


def _rated(row: sqlite3.Row) -> Rated:
    values = dict(row)
    sql, consent = values.pop("said"), bool(values.pop("consent"))
    return Rated(_given(values), sql, consent)


def _given(row: Mapping[str, Any] | sqlite3.Row) -> Given:
    values = dict(row)
    values["given_at"] = datetime.fromisoformat(values["given_at"])
    values["verified"] = bool(values["verified"])
    values["sources"] = json.loads(values["sources"])
    return Given(**values)
