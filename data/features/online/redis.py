"""The online store in Redis, for several servers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from data.errors import Invalid, Unavailable
from data.features.online.base import Row, Store, view_of

PREFIX = "lakewright:features"
HEAD, STATE = "h", "s"
BUILDING = "building"
"""Stands where a key stands; keys of entities are JSON arrays."""
MANY = 1_000


class RedisStore(Store):
    """Each key of a space is a hash of two fields."""

    def __init__(self, url: str) -> None:
        try:
            import redis
        except ImportError:
            raise Unavailable(
                "The client for Redis is not installed.", "Run: pip install 'lakewright[redis]'"
            ) from None
        try:
            self._client: Any = redis.Redis.from_url(url, socket_timeout=10, socket_connect_timeout=5)
        except ValueError:
            raise Invalid("The setting `online` is no address of a Redis.", "Write redis://host:6379/0.") from None
        self._failure = redis.RedisError

    def head(self, space: str, key: str) -> bytes | None:
        return self._field(space, key, HEAD)

    def state(self, space: str, key: str) -> bytes | None:
        return self._field(space, key, STATE)

    def rows(self, space: str, keys: Sequence[str]) -> dict[str, Row]:
        with self._asking():
            pipe = self._client.pipeline(transaction=False)
            for key in keys:
                pipe.hmget(_name(space, key), HEAD, STATE)
            found = pipe.execute()
        pairs = zip(keys, found, strict=True)
        return {key: Row(key, head, state) for key, (head, state) in pairs if head is not None and state is not None}

    def put(self, space: str, rows: Iterable[Row]) -> None:
        with self._asking():
            pipe = self._client.pipeline(transaction=True)
            for row in rows:
                pipe.hset(_name(space, row.key), mapping={HEAD: row.head, STATE: row.state})
            pipe.sadd(PREFIX, space)
            pipe.execute()

    def position(self, space: str) -> int | None:
        with self._asking():
            found = self._client.get(f"{PREFIX}:{space}")
        return None if found is None else int(found)

    def begin(self, space: str, version: int) -> None:
        with self._asking():
            found = self._client.get(f"{PREFIX}:{space}:{BUILDING}")
            if found is None or int(found) != version:
                self._drop(space)
                self._client.set(f"{PREFIX}:{space}:{BUILDING}", version)

    def finish(self, space: str, position: int) -> None:
        with self._asking():
            self._client.set(f"{PREFIX}:{space}", position)
            for old in (name.decode() for name in self._client.smembers(PREFIX)):
                if old != space and view_of(old) == view_of(space):
                    self._drop(old)

    def close(self) -> None:
        self._client.close()

    def _drop(self, space: str) -> None:
        self._client.delete(f"{PREFIX}:{space}")
        keys = list(self._client.scan_iter(match=f"{PREFIX}:{space}:*", count=MANY))
        for start in range(0, len(keys), MANY):
            self._client.delete(*keys[start : start + MANY])
        self._client.srem(PREFIX, space)

    def _field(self, space: str, key: str, field: str) -> bytes | None:
        with self._asking():
            found: bytes | None = self._client.hget(_name(space, key), field)
        return found

    @contextmanager
    def _asking(self) -> Iterator[None]:
        try:
            yield
        except self._failure as error:
            # Its message can have the address in it, with a password.
            said = f"The online store in Redis does not answer ({type(error).__name__})."
            raise Unavailable(said, "Look at the server and at the setting `online`.") from None


def _name(space: str, key: str) -> str:
    return f"{PREFIX}:{space}:{key}"
