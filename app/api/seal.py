"""The browser's session: an access token that is sealed into a cookie, and the proof that a page of ours sends it.

The seal is Fernet (AES-128-CBC with HMAC-SHA-256 and a time stamp) under the home's secret. What is sealed is checked
again with every request, so that a token that is revoked or has expired ends its sessions at once.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import secrets
from pathlib import Path
from typing import TYPE_CHECKING

from app.tokens import Unauthenticated

if TYPE_CHECKING:
    from cryptography.fernet import Fernet

FILE = "secret.key"
LONGEST = 2_500
"""Characters of a token that fits into a cookie when it is sealed: browsers keep 4,096."""


class Seal:
    """Seals and opens what one home gives to browsers."""

    def __init__(self, secret: str, seconds: int) -> None:
        self._key = hashlib.sha256(b"lakewright session" + secret.encode()).digest()
        self._seconds = seconds

    def close(self, token: str) -> str:
        """The cookie's value for a token."""
        return self._fernet().encrypt(token.encode()).decode()

    def open(self, cookie: str) -> str:
        """The token; Unauthenticated for a cookie that is not ours, was changed, or is too old."""
        from cryptography.fernet import InvalidToken

        try:
            return self._fernet().decrypt(cookie.encode("ascii"), ttl=self._seconds).decode()
        except (InvalidToken, ValueError) as error:
            raise Unauthenticated("The session is over.", "Sign in again.") from error

    def proof(self, cookie: str) -> str:
        """What a page of ours sends beside the cookie; another site can neither read nor make it."""
        return hmac.new(self._key, b"csrf" + cookie.encode("utf-8", "replace"), hashlib.sha256).hexdigest()

    def proves(self, cookie: str, proof: str) -> bool:
        return hmac.compare_digest(self.proof(cookie).encode(), proof.encode("utf-8", "replace"))

    def _fernet(self) -> Fernet:
        from cryptography.fernet import Fernet

        return Fernet(base64.urlsafe_b64encode(self._key))


def own_secret(home: Path) -> str:
    """The secret that a home keeps for itself, readable for its owner only; made when it is first wanted."""
    path = home / FILE
    try:
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        if kept := path.read_text(encoding="ascii").strip():
            return kept
        draft = path.with_suffix(".new")  # One that was killed while it was made is empty.
        draft.write_text(secrets.token_urlsafe(48), encoding="ascii")
        os.chmod(draft, 0o600)
        os.replace(draft, path)
        return path.read_text(encoding="ascii").strip()
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(48))
    return path.read_text(encoding="ascii").strip()
