"""A file's events into a topic: checked one by one, keyed, each delivered once."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from data.errors import Invalid
from data.streams.events import Event
from data.streams.outlet import Outlet, key_of
from data.streams.stream import Stream

SHOWN = 80
"""Letters of a wrong line that an error quotes."""
Say = Callable[[str], None]


@dataclass(frozen=True)
class Way:
    """Where events go: the topic, the columns whose values make the key, and whether they may be anything."""

    topic: str
    key: Sequence[str] = ()
    raw: bool = False
    """Whether what is no JSON object, or lacks its key, goes out as it is; without a key."""
    envelope: bool = False
    """Whether the row is inside Debezium's envelope."""

    @classmethod
    def into(cls, stream: Stream, *, raw: bool = False) -> Way:
        """The way into a declared stream. Invalid when it reads another format than JSON."""
        if stream.format != "json":
            raise Invalid(
                f"The stream '{stream.name}' reads {stream.format}, and files are published as JSON.",
                "Publish to it with a producer of its own.",
            )
        return cls(stream.topic, stream.key, raw, stream.mode == "cdc")


def publish(events: Iterable[Event], name: str, outlet: Outlet, way: Way, say: Say = lambda _: None) -> dict[str, Any]:
    """Send all events; how many were delivered, their bytes, and the seconds that it took.

    `name` is the file's, for errors. Invalid at the first event that can't go out, after those before it have;
    Unavailable, with the facts `delivered` and `failed`, when the broker did not take some.
    """
    began = time.monotonic()
    try:
        for event in _told(events, began, say):
            _send(event, way, name, outlet)
            if outlet.failed:
                break
    except Invalid as error:
        outlet.flush()
        raise Invalid(error.message, f"{error.remedy} Sent before it: {outlet.delivered:,}.".strip()) from None
    outlet.flush()
    outlet.check()
    seconds = time.monotonic() - began
    return {"topic": way.topic, "events": outlet.delivered, "bytes": outlet.bytes, "seconds": round(seconds, 3)}


def _send(event: Event, way: Way, name: str, outlet: Outlet) -> None:
    key = _key(event, way, name)
    try:
        outlet.send(way.topic, event.value, key)
    except Invalid as error:
        raise Invalid(f"{name}:{event.number}: {error.message}", error.remedy) from None


def _key(event: Event, way: Way, name: str) -> bytes | None:
    """The event's key. Invalid when there is none where there must be one."""
    if event.said is None:
        return _none(event, way, name, "is not a JSON object", event.value[:SHOWN].decode(errors="replace"))
    try:
        return key_of(_row(event.said) if way.envelope else event.said, way.key)
    except KeyError as error:
        return _none(event, way, name, "lacks a column of its key", str(error.args[0]))


def _none(event: Event, way: Way, name: str, what: str, which: str) -> bytes | None:
    if way.raw:
        return None
    raise Invalid(f"{name}:{event.number} {what}: {which}", "Mend it, or send all as they are with --raw.")


def _row(said: Mapping[str, Any]) -> Mapping[str, Any]:
    """The row in Debezium's envelope: the new one, or the old one of a deletion."""
    inner = said.get("payload", said)
    inner = inner if isinstance(inner, dict) else {}
    row = inner.get("after") or inner.get("before") or {}
    return row if isinstance(row, dict) else {}


def _told(events: Iterable[Event], began: float, say: Say) -> Iterator[Event]:
    """The same events; how many there were is said every few seconds."""
    last = began
    for count, event in enumerate(events):
        if count % 1000 == 0 and (now := time.monotonic()) - last >= 2:
            last = now
            say(f"{count:,} events, {count / (now - began):,.0f} a second")
        yield event
