"""Conversations of the chat: whose each is, its title, and its questions with the answers that they got. Rows are not
kept: they are governed, and read again under the rights of whoever opens the conversation."""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from agents.ledger import Ledger
from data.errors import Invalid, NotFound

_SCHEMA = """
CREATE TABLE IF NOT EXISTS conversations (
    id TEXT PRIMARY KEY, principal TEXT NOT NULL, title TEXT NOT NULL, words TEXT NOT NULL, changed_at TEXT NOT NULL,
    thread TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS conversations_by_principal ON conversations (principal, changed_at);
CREATE UNIQUE INDEX IF NOT EXISTS conversations_by_thread ON conversations (principal, thread);
CREATE TABLE IF NOT EXISTS turns (
    conversation TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE, number INTEGER NOT NULL,
    question TEXT NOT NULL, answer_id TEXT NOT NULL DEFAULT '', PRIMARY KEY (conversation, number)
);
"""
FILE = "chats.sqlite"
LONGEST_TITLE = 80
MOST_WORDS = 100_000
"""Letters of a conversation's newest questions that are searched."""
MOST = 100


@dataclass(frozen=True)
class Conversation:
    """One of them, as a list shows it. `thread` is the name under which the agent remembers it."""

    id: str
    title: str
    changed_at: datetime
    thread: str


@dataclass(frozen=True)
class Turn:
    """A question, and the answer that it got; "" while there is none, or where the server was stopped before."""

    number: int
    question: str
    answer_id: str


class Conversations:
    """The conversations of a home. NotFound is the same for somebody else's and for one that there is not."""

    def __init__(self, home: Path) -> None:
        self._ledger = Ledger(home / FILE, _SCHEMA, lasting=False)

    def begin(self, principal: str, title: str) -> Conversation:
        """A new conversation with a thread of its own, named after its first question or as its owner likes."""
        with self._ledger.session() as db:
            return _begun(db, principal, uuid.uuid4().hex, title)

    def ask(self, principal: str, thread: str, question: str) -> tuple[str, int]:
        """Keep a question before it is answered; (its conversation, its number). A thread that the principal has not
        used before begins one."""
        with self._ledger.session() as db:
            db.execute("BEGIN IMMEDIATE")
            query = "SELECT id FROM conversations WHERE principal = ? AND thread = ?"
            found = db.execute(query, (principal, thread)).fetchone()
            id = str(found["id"]) if found else _begun(db, principal, thread, question).id
            last = "SELECT coalesce(max(number) + 1, 0) FROM turns WHERE conversation = ?"
            number = int(db.execute(last, (id,)).fetchone()[0])
            db.execute("INSERT INTO turns (conversation, number, question) VALUES (?, ?, ?)", (id, number, question))
            change = "UPDATE conversations SET changed_at = ?, words = substr(words || ?, ?) WHERE id = ?"
            db.execute(change, (_now(), f"{question.casefold()}\n", -MOST_WORDS, id))
        return id, number

    def answered(self, principal: str, id: str, number: int, answer_id: str) -> None:
        """Keep which answer a question got. One that was deleted in between stays deleted."""
        change = """UPDATE turns SET answer_id = ? WHERE conversation = ? AND number = ?
            AND EXISTS (SELECT 1 FROM conversations WHERE id = conversation AND principal = ?)"""
        with self._ledger.session() as db:
            db.execute(change, (answer_id, id, number, principal))

    def list(self, principal: str, words: str = "", count: int = MOST) -> tuple[Conversation, ...]:
        """The principal's own, newest first; with words those that have all of them in the title or in a question."""
        sought = words.casefold().split()[:20]
        holds = "".join(" AND (instr(words, ?) OR instr(folded(title), ?))" for _ in sought)
        query = f"SELECT * FROM conversations WHERE principal = ?{holds} ORDER BY changed_at DESC, id LIMIT ?"
        with self._ledger.session() as db:
            db.create_function("folded", 1, str.casefold, deterministic=True)
            rows = db.execute(query, (principal, *(word for word in sought for _ in (1, 2)), count)).fetchall()
        return tuple(_conversation(row) for row in rows)

    def get(self, principal: str, id: str) -> Conversation:
        with self._ledger.session() as db:
            return _conversation(_owned(db, principal, id))

    def turns(self, principal: str, id: str, count: int = MOST) -> tuple[Turn, ...]:
        """The last questions of a conversation, in order."""
        query = "SELECT * FROM turns WHERE conversation = ? ORDER BY number DESC LIMIT ?"
        with self._ledger.session() as db:
            _owned(db, principal, id)
            rows: Sequence[sqlite3.Row] = db.execute(query, (id, count)).fetchall()
        return tuple(Turn(row["number"], row["question"], row["answer_id"]) for row in reversed(rows))

    def rename(self, principal: str, id: str, title: str) -> None:
        """Give it another title; Invalid for one that is empty or too long."""
        new = " ".join(title.split())
        if not new:
            raise Invalid("The title is empty.", "Say what the conversation is about.")
        if len(new) > LONGEST_TITLE:
            raise Invalid(f"The title has {len(new):,} characters.", f"Use at most {LONGEST_TITLE}.")
        with self._ledger.session() as db:
            _owned(db, principal, id)
            db.execute("UPDATE conversations SET title = ? WHERE id = ?", (new, id))

    def delete(self, principal: str, id: str) -> None:
        """Forget it and its questions."""
        with self._ledger.session() as db:
            _owned(db, principal, id)
            db.execute("DELETE FROM turns WHERE conversation = ?", (id,))
            db.execute("DELETE FROM conversations WHERE id = ?", (id,))


def title_of(question: str) -> str:
    """The beginning of a question, in one line."""
    said = " ".join(question.split())
    if len(said) <= LONGEST_TITLE:
        return said or "…"
    cut = said[: LONGEST_TITLE - 1]
    whole = cut.rpartition(" ")[0]
    return f"{whole if len(whole) > LONGEST_TITLE // 2 else cut}…"


def _begun(db: sqlite3.Connection, principal: str, thread: str, title: str) -> Conversation:
    id, now, named = uuid.uuid4().hex, _now(), title_of(title)
    db.execute("INSERT INTO conversations VALUES (?, ?, ?, '', ?, ?)", (id, principal, named, now, thread))
    return Conversation(id, named, datetime.fromisoformat(now), thread)


def _owned(db: sqlite3.Connection, principal: str, id: str) -> sqlite3.Row:
    found = db.execute("SELECT * FROM conversations WHERE id = ? AND principal = ?", (id, principal)).fetchone()
    if found is None:
        raise NotFound("You have no such conversation.", "Choose one in the list, or begin a new one.")
    row: sqlite3.Row = found
    return row


def _conversation(row: sqlite3.Row) -> Conversation:
    return Conversation(row["id"], row["title"], datetime.fromisoformat(row["changed_at"]), row["thread"])


def _now() -> str:
    return datetime.now(UTC).isoformat()
