"""A schema registry's REST interface (Confluent's): schemas by id and by subject."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from data.errors import Invalid, NotFound, Unavailable

if TYPE_CHECKING:
    import httpx

PAUSES = (0.1, 0.4, 1.6)
"""Seconds before each further try."""
UNKNOWN, NO_SUBJECT, NO_VERSION = 40403, 40401, 40402
"""The registry's codes for an id, a subject and a version that it does not have."""
FORGET = 30.0
"""Seconds after which an id that was unknown is asked for again: its schema may have been registered since."""

MOST = 10_000
"""Unknown ids that are remembered: a topic may hold any number of them."""


class UnknownSchema(Exception):
    """The registry does not have the id."""


@dataclass(frozen=True)
class Registered:
    """A schema as the registry has it. `type` is AVRO, JSON or PROTOBUF."""

    id: int
    type: str
    text: str


@dataclass
class Registry:
    """A client that remembers what it was told; a schema never changes its id."""

    url: str
    auth: str | None = field(default=None, repr=False)
    pause: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic
    _known: dict[int, Registered] = field(default_factory=dict, init=False, repr=False)
    _unknown: dict[int, float] = field(default_factory=dict, init=False, repr=False)
    _client: httpx.Client | None = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        if not self.url.startswith(("http://", "https://")):
            raise Invalid(f"The schema registry's address is '{self.url}'.", "It begins with http:// or https://.")

    def schema(self, id: int) -> Registered:
        """The schema of an id; UnknownSchema where there is none, Unavailable where the registry does not answer."""
        if id in self._known:
            return self._known[id]
        if self._unknown.get(id, -FORGET) > self.clock() - FORGET:
            raise UnknownSchema(id)
        found = self._get(f"/schemas/ids/{id}", UNKNOWN)
        if found is None:
            if len(self._unknown) >= MOST:
                self._unknown.clear()
            self._unknown[id] = self.clock()
            raise UnknownSchema(id)
        self._known[id] = Registered(id, _type(found), self._text(found, f"schema {id}"))
        return self._known[id]

    def latest(self, subject: str) -> Registered:
        """The newest schema of a subject; NotFound where there is none."""
        from urllib.parse import quote

        found = self._get(f"/subjects/{quote(subject, safe='')}/versions/latest", NO_SUBJECT, NO_VERSION)
        if found is None:
            raise NotFound(
                f"The schema registry has no subject '{subject}'.",
                "Register the topic's schema, or name a schema file.",
            )
        known = Registered(int(found.get("id", -1)), _type(found), self._text(found, f"subject '{subject}'"))
        return self._known.setdefault(known.id, known)

    def _text(self, found: dict[str, Any], what: str) -> str:
        if found.get("references"):
            raise Invalid(f"The registry's {what} refers to other schemas.", "Register it as one schema.")
        if not isinstance(found.get("schema"), str):
            raise self._unavailable(f"answers {what} without a schema")
        return str(found["schema"])

    def _get(self, path: str, *missing: int) -> dict[str, Any] | None:
        import httpx

        trouble = ""
        for pause in (0.0, *PAUSES):
            if pause:
                self.pause(pause)
            try:
                answer = self._connected().get(path)
            except httpx.HTTPError as error:
                trouble = f"does not answer: {error or type(error).__name__}"
                continue
            if answer.status_code < 500 and answer.status_code != 429:
                return self._answer(answer, missing)
            trouble = f"answers {answer.status_code}"
        raise self._unavailable(trouble)

    def _answer(self, answer: httpx.Response, missing: tuple[int, ...]) -> dict[str, Any] | None:
        if answer.status_code in (401, 403):
            raise self._unavailable(
                f"refuses us ({answer.status_code})", "Check the user and password in the settings."
            )
        try:
            found = answer.json()
        except ValueError:
            found = None
        if answer.status_code == 404 and isinstance(found, dict) and found.get("error_code") in missing:
            return None
        if answer.status_code != 200 or not isinstance(found, dict):
            raise self._unavailable(f"answers {answer.status_code} with what no schema registry says")
        return found

    def _connected(self) -> httpx.Client:
        import httpx

        if self._client is None:
            user, _, password = (self.auth or "").partition(":")
            auth = httpx.BasicAuth(user, password) if self.auth else None
            accept = {"Accept": "application/vnd.schemaregistry.v1+json, application/json"}
            self._client = httpx.Client(base_url=self.url, auth=auth, headers=accept, timeout=10)
        return self._client

    def close(self) -> None:
        """Lets the connection go; the next question opens another."""
        if self._client is not None:
            self._client.close()
            self._client = None

    def _unavailable(self, what: str, remedy: str = "Start it, or correct its address in the settings.") -> Unavailable:
        import httpx

        url = httpx.URL(self.url).copy_with(userinfo=b"")
        return Unavailable(f"The schema registry at {url} {what}.", remedy)


def _type(found: dict[str, Any]) -> str:
    return str(found.get("schemaType", "AVRO"))
