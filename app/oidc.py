"""Tokens of an identity provider (OpenID Connect): whose they are, checked against the provider's published keys."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator

from app.scopes import ALL, FACES
from app.tokens import Unauthenticated
from data.errors import Unavailable

if TYPE_CHECKING:
    from jwt import PyJWK

MOST_BYTES = 256 * 1024
"""Of a provider's document of keys."""
FRESH = 300.0
"""Seconds that keys are used before they are read again."""
STALE = 3600.0
"""Seconds that keys are still used while their provider can't be reached."""
PAUSE = 10.0
"""Seconds between two readings, however many tokens name a key that is not known."""
LEEWAY = 30
"""Seconds that the provider's clock and ours may differ."""
SCOPE_PREFIX = "lakewright:"
LOCAL = ("127.0.0.1", "::1", "localhost")


class Oidc(BaseModel):
    """An identity provider, as an administrator sets it up."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    issuer: str = Field(min_length=1)
    """What `iss` has to be, to the letter."""
    audience: str = Field(min_length=1)
    """What `aud` has to be, or to hold."""
    jwks_url: str
    """Where the provider publishes its keys."""
    algorithms: tuple[Literal["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA"], ...] = (
        "RS256",
        "ES256",
    )
    """The signatures that are taken. There is none with a shared secret among them."""
    claim: str = Field(default="sub", min_length=1)
    """What tells the person. `email` counts only where the provider says `email_verified`."""
    principals: Mapping[str, str] = Field(default_factory=dict)
    """Which principal each value of the claim stands for. Nobody else may come in."""
    scope_claim: str = ""
    """A claim that holds scopes such as `lakewright:sql`; without it a token has all but the administrator's."""

    @field_validator("jwks_url")
    @classmethod
    def _safe(cls, url: str) -> str:
        parts = urlsplit(url)
        if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOCAL):
            raise ValueError("the keys have to come over https")
        return url


@dataclass
class Keys:
    """The provider's keys by their id, read again when they are old or one is missing."""

    url: str
    read: Callable[[str], Any]
    now: Callable[[], float] = time.monotonic
    _kept: dict[str, PyJWK] = field(default_factory=dict)
    _read_at: float = float("-inf")
    _tried_at: float = float("-inf")
    _lock: Lock = field(default_factory=Lock)

    def key(self, kid: str) -> PyJWK | None:
        """The key of that id; Unavailable where the keys were never read or are too old to be trusted."""
        with self._lock:
            age = self.now() - self._read_at
            if (age > FRESH or kid not in self._kept) and self.now() - self._tried_at > PAUSE:
                self._renew()
            if self.now() - self._read_at > STALE:
                raise Unavailable("The identity provider's keys can't be read.", "Try again later.")
            return self._kept.get(kid)

    def _renew(self) -> None:
        from jwt import PyJWKSet
        from jwt.exceptions import PyJWTError

        self._tried_at = self.now()
        try:
            keys = PyJWKSet.from_dict(self.read(self.url)).keys
        except (PyJWTError, OSError, ValueError, TypeError, AttributeError):
            return
        self._kept = {key.key_id: key for key in keys if key.key_id and key.public_key_use in (None, "sig")}
        self._read_at = self.now()


class Verifier:
    """Reads the tokens of one provider."""

    def __init__(self, settings: Oidc, keys: Keys | None = None) -> None:
        self._settings = settings
        self._keys = keys or Keys(settings.jwks_url, published)

    def verified(self, token: str) -> tuple[str, frozenset[str]]:
        """(principal, scopes) of a token; Unauthenticated, without saying why, for one that is not in order."""
        claims = self._claims(token)
        value = claims.get(self._settings.claim)
        if self._settings.claim == "email" and claims.get("email_verified") is not True:
            value = None
        name = self._settings.principals.get(value) if isinstance(value, str) else None
        if name is None:
            raise refused()
        return name, self._scopes(claims)

    def _claims(self, token: str) -> dict[str, Any]:
        import jwt

        try:
            header = jwt.get_unverified_header(token)
            kid, algorithm = header.get("kid"), header.get("alg")
            if not isinstance(kid, str) or algorithm not in self._settings.algorithms:
                raise refused()
            if (key := self._keys.key(kid)) is None:
                raise refused()
            return jwt.decode(
                token,
                key,
                algorithms=list(self._settings.algorithms),
                issuer=self._settings.issuer,
                audience=self._settings.audience,
                leeway=LEEWAY,
                options={"require": ["exp", "iss", "aud"]},
            )
        except (jwt.PyJWTError, ValueError, TypeError) as error:
            raise refused() from error

    def _scopes(self, claims: Mapping[str, Any]) -> frozenset[str]:
        if not self._settings.scope_claim:
            return frozenset(FACES)
        said = claims.get(self._settings.scope_claim, "")
        names = said.split() if isinstance(said, str) else said if isinstance(said, list) else []
        wanted = {name.removeprefix(SCOPE_PREFIX) for name in names if str(name).startswith(SCOPE_PREFIX)}
        return frozenset(wanted & set(ALL))


def refused() -> Unauthenticated:
    return Unauthenticated("This token is not valid.", "Sign in again at the identity provider.")


def published(url: str) -> Any:
    """The document at the provider's address; OSError when it can't be had, ValueError when it is none."""
    import json

    import httpx

    try:
        with httpx.stream("GET", url, timeout=5, follow_redirects=False) as answer:
            answer.raise_for_status()
            body = b""
            for piece in answer.iter_bytes():
                body += piece
                if len(body) > MOST_BYTES:
                    raise ValueError("the document of keys is too large")
    except httpx.HTTPError as error:
        raise OSError(str(error)) from error
    return json.loads(body)
