"""What publishing needs to know of streams.yaml: where the broker is, and a stream's topic and key."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from data.catalog import nearest
from data.document import Document
from data.errors import Invalid, NotFound
from data.location import expand
from data.streams.stream import Broker, Stream

FILE = "streams.yaml"
DEFAULT = "${LAKEWRIGHT_BROKERS:-127.0.0.1:9092}"


class _Broker(BaseModel):
    model_config = ConfigDict(extra="ignore")

    servers: str = DEFAULT
    options: dict[str, str | int | float] = {}


class _Stream(BaseModel):
    model_config = ConfigDict(extra="ignore")

    name: str
    topic: str
    format: str = "json"
    target: str = ""
    mode: str = "append"
    key: str | list[str] = []


class _Streams(BaseModel):
    model_config = ConfigDict(extra="ignore")

    broker: _Broker = Field(default_factory=_Broker)
    streams: list[_Stream] = []


def broker(home: Path, servers: str | None = None) -> Broker:
    """The home's broker, at `servers` if they are given. Invalid for a placeholder without a value."""
    declared = _read(home).broker
    try:
        options = {name: str(expand(str(value))) for name, value in declared.options.items()}
        return Broker(servers or str(expand(declared.servers)), options)
    except ValueError as error:
        message, remedy = error.args
        raise Invalid(f"{home / FILE}: {message}", remedy) from None


def stream(home: Path, name: str) -> Stream:
    """The declared stream of that name; NotFound otherwise."""
    streams = {declared.name: declared for declared in _read(home).streams}
    if name not in streams:
        hint = nearest(name, streams) or f"Declare it in '{home / FILE}', or name a topic with --topic."
        raise NotFound(f"There is no stream '{name}'.", hint)
    found = streams[name]
    key = (found.key,) if isinstance(found.key, str) else tuple(found.key)
    return Stream(name, found.topic, found.format, None, found.target, found.mode, key)  # type: ignore[arg-type]


def _read(home: Path) -> _Streams:
    path = home / FILE
    return Document.load(path).read(_Streams) if path.exists() else _Streams()
