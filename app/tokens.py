"""Access tokens: random, kept only as a hash, shown once, expiring and revocable."""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from sqlite3 import Row
from typing import ClassVar

from agents.ledger import Ledger
from app.scopes import FACES, checked
from data.errors import DataError, NotFound

PREFIX = "lw_"
SCHEMA = """
CREATE TABLE IF NOT EXISTS tokens (
    id TEXT PRIMARY KEY,
    principal TEXT NOT NULL,
    hash TEXT NOT NULL UNIQUE,
    created_at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    revoked_at TEXT
);
CREATE TABLE IF NOT EXISTS token_scopes (
    id TEXT NOT NULL REFERENCES tokens (id), scope TEXT NOT NULL, PRIMARY KEY (id, scope)
);
"""
SELECT = """
SELECT tokens.*, (SELECT group_concat(scope) FROM token_scopes WHERE token_scopes.id = tokens.id) AS scopes FROM tokens
"""


class Unauthenticated(DataError):
    """Nobody can be told from this token."""

    kind: ClassVar[str] = "unauthenticated"


@dataclass(frozen=True)
class Token:
    """What is kept of a token; the secret itself is not."""

    id: str
    principal: str
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    scopes: tuple[str, ...] = FACES
    """What it may be used for. One that was made before there were scopes has every face but the administrator's."""

    def valid(self, now: datetime) -> bool:
        return self.revoked_at is None and now < self.expires_at


class Tokens:
    """The tokens of one home."""

    def __init__(self, path: Path) -> None:
        self._ledger = Ledger(path, SCHEMA)

    def create(self, principal: str, days: int, scopes: Sequence[str] = FACES) -> tuple[str, Token]:
        """A new secret with its record. The secret can't be shown again. Invalid for a scope that there is not."""
        secret = PREFIX + secrets.token_urlsafe(32)
        now = datetime.now(UTC)
        token = Token(secrets.token_hex(4), principal, now, now + timedelta(days=days), None, checked(scopes))
        with self._private().session() as connection:
            connection.execute(
                "INSERT INTO tokens VALUES (?, ?, ?, ?, ?, NULL)",
                (token.id, principal, _hash(secret), now.isoformat(), token.expires_at.isoformat()),
            )
            rows = [(token.id, scope) for scope in token.scopes]
            connection.executemany("INSERT INTO token_scopes VALUES (?, ?)", rows)
        return secret, token

    def find(self, secret: str) -> Token:
        """The token of a secret; Unauthenticated if it is unknown, expired or revoked, without saying which."""
        with self._private().session() as connection:
            row = connection.execute(f"{SELECT} WHERE hash = ?", (_hash(secret),)).fetchone()
        if row is None or not _token(row).valid(datetime.now(UTC)):
            raise Unauthenticated(
                "This token is not valid.", "Ask for a new one: lakewright token create --for PRINCIPAL"
            )
        return _token(row)

    def usable(self) -> bool:
        """Whether anybody could sign in with a token now."""
        now = datetime.now(UTC)
        return any(token.valid(now) for token in self.all())

    def all(self) -> tuple[Token, ...]:
        """Every token, newest first."""
        with self._private().session() as connection:
            rows = connection.execute(f"{SELECT} ORDER BY created_at DESC").fetchall()
        return tuple(_token(row) for row in rows)

    def revoke(self, id: str) -> Token:
        """End a token now; NotFound if there is none of that id."""
        now = datetime.now(UTC).isoformat()
        with self._private().session() as connection:
            connection.execute("UPDATE tokens SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL", (now, id))
            row = connection.execute(f"{SELECT} WHERE id = ?", (id,)).fetchone()
        if row is None:
            raise NotFound(f"There is no token '{id}'.", "See the ids with: lakewright token list")
        return _token(row)

    def _private(self) -> Ledger:
        """The file is made readable for its owner only, before anything is in it."""
        path = self._ledger.path
        if not path.exists() and path.parent.is_dir():
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        return self._ledger


def _hash(secret: str) -> str:
    """Plain SHA-256 is enough: the secret holds 256 random bits, so guessing it from the hash is hopeless."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _token(row: Row) -> Token:
    moments = [datetime.fromisoformat(row[name]) for name in ("created_at", "expires_at")]
    revoked = datetime.fromisoformat(row["revoked_at"]) if row["revoked_at"] else None
    scopes = tuple(sorted(row["scopes"].split(","))) if row["scopes"] else FACES
    return Token(row["id"], row["principal"], moments[0], moments[1], revoked, scopes)
