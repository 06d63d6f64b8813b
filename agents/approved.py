"""Approved queries: a question whose SQL a person has checked is answered without a model.

A question may have places for values: `agents.pattern` says how.
"""

from __future__ import annotations

import sqlite3
import unicodedata
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from agents import statement
from agents.ledger import Ledger
from agents.pattern import Pattern, bound
from data.errors import Invalid, NotFound

_SCHEMA = """
CREATE TABLE IF NOT EXISTS approved (
    wording TEXT PRIMARY KEY,
    question TEXT NOT NULL,
    sql TEXT NOT NULL,
    approved_by TEXT NOT NULL,
    approved_at TEXT NOT NULL
)"""

# What ends or wraps words. Signs that change a question's meaning, such as <, % and -, are not among these.
_PUNCTUATION = ".,;:!?\"'()[]{}…“”‘’„«»¿¡`"


@dataclass(frozen=True)
class Approved:
    """A question with the SQL that answers it, and who says so."""

    question: str
    sql: str
    approved_by: str
    approved_at: datetime


class ApprovedQueries:
    """The approved queries of a home folder. They run under the rights of whoever asks."""

    def __init__(self, path: Path) -> None:
        self._ledger = Ledger(path, _SCHEMA)

    def add(self, question: str, sql: str, by: str) -> Approved:
        """Approve; the same wording is replaced. Invalid if there is no question, the SQL is no query, or its values
        are not the question's."""
        wording = normalised(question)
        if not wording:
            raise Invalid("There is no question to approve.", "Give the question that the SQL answers.")
        statement.query(sql)
        Pattern.of(question).require_places(sql)
        entry = Approved(question.strip(), sql.strip(), by, datetime.now(UTC))
        with self._ledger.session() as db:
            values = (wording, entry.question, entry.sql, entry.approved_by, entry.approved_at.isoformat())
            db.execute("INSERT OR REPLACE INTO approved VALUES (?, ?, ?, ?, ?)", values)
        return entry

    def match(self, question: str) -> Approved | None:
        """The approved query for this question, whatever its case, spacing and punctuation, with the values that it
        names. A question without places goes first."""
        with self._ledger.session() as db:
            row = db.execute("SELECT * FROM approved WHERE wording = ?", (normalised(question),)).fetchone()
            places = "SELECT * FROM approved WHERE question LIKE '%{%' ORDER BY wording"
            others = [] if row else db.execute(places).fetchall()
        if row:
            return None if "{" in row["question"] else _entry(row)
        return next(filter(None, (_bound(_entry(other), question) for other in others)), None)

    def list(self) -> tuple[Approved, ...]:
        """All of them, oldest first."""
        with self._ledger.session() as db:
            rows = db.execute("SELECT * FROM approved ORDER BY approved_at, wording").fetchall()
        return tuple(_entry(row) for row in rows)

    def remove(self, question: str) -> None:
        """Withdraw an approval; NotFound if there is none."""
        with self._ledger.session() as db:
            gone = db.execute("DELETE FROM approved WHERE wording = ?", (normalised(question),)).rowcount
        if not gone:
            raise NotFound(f"No approved query answers '{question}'.", "See `lakewright approved list`.")


def normalised(question: str) -> str:
    """The wording alone: "How many plays?" and "how many  plays" are one question."""
    folded = unicodedata.normalize("NFKC", question).casefold()
    return " ".join(word for word in (piece.strip(_PUNCTUATION) for piece in folded.split()) if word)


def _bound(entry: Approved, question: str) -> Approved | None:
    values = Pattern.of(entry.question).values(question)
    return None if values is None else replace(entry, sql=bound(entry.sql, values))


def _entry(row: sqlite3.Row) -> Approved:
    at = datetime.fromisoformat(row["approved_at"])
    return Approved(row["question"], row["sql"], row["approved_by"], at)
