"""How streams are written down: `streams.yaml` beside the catalogue, checked line by line."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from data.catalog import Catalog, Table, nearest
from data.document import Document
from data.errors import NotFound
from data.location import expand
from data.markup import Loc
from data.streams.stream import Broker, Mode, Stream, Upkeep

FILE = "streams.yaml"
USUAL = "version: 1\nbroker: {servers: '${LAKEWRIGHT_BROKERS:-127.0.0.1:9092}'}\n"
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
TOPIC = re.compile(r"[A-Za-z0-9._-]{1,249}")
PERIOD = re.compile(r"(\d+)\s*(second|minute|hour|day)s?")
OURS = frozenset({
    "bootstrap.servers", "group.id", "enable.auto.commit", "enable.auto.offset.store", "auto.offset.reset",
    "isolation.level", "partition.assignment.strategy",
})  # fmt: skip
"""Options on which exactly-once rests, or that have a place of their own."""


@dataclass(frozen=True)
class Streams:
    """Everything that a home declares about streams."""

    broker: Broker
    streams: tuple[Stream, ...]

    def named(self, name: str) -> Stream:
        """The stream of that name; NotFound lists the names there are."""
        for stream in self.streams:
            if stream.name == name:
                return stream
        known = ", ".join(stream.name for stream in self.streams) or "none"
        raise NotFound(f"There is no stream '{name}'.", f"Declared are: {known}.")


def _period(value: object) -> timedelta:
    found = PERIOD.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        raise ValueError("not a period; write for instance '90 seconds', '10 minutes', '1 hour' or '7 days'")
    try:
        return timedelta(**{f"{found[2]}s": int(found[1])})
    except OverflowError:
        raise ValueError("longer than anybody will wait; give a shorter period") from None


def _matching(pattern: re.Pattern[str], what: str) -> AfterValidator:
    def check(value: str) -> str:
        if not pattern.fullmatch(value):
            raise ValueError(what)
        return value

    return AfterValidator(check)


Period = Annotated[timedelta, BeforeValidator(_period)]
Name = Annotated[str, _matching(NAME, "a stream's name has only letters, digits, '_' and '-'")]
Topic = Annotated[str, _matching(TOPIC, "a topic's name has only letters, digits, '.', '_' and '-'")]


class _Declared(BaseModel):
    model_config = ConfigDict(extra="forbid")


class BrokerDeclaration(_Declared):
    servers: str = Field(min_length=1)
    options: dict[str, str | int | float | bool] = Field(default_factory=dict)
    registry: str | None = None
    registry_auth: str | None = None


class UpkeepDeclaration(_Declared):
    files: int = Field(default=32, ge=2, le=10_000)
    keep: Period = timedelta(days=7)


class StreamDeclaration(_Declared):
    name: Name
    topic: Topic
    format: Literal["json", "avro"] = "json"
    schema_: str | None = Field(default=None, alias="schema", min_length=1)
    target: str
    mode: Mode = "append"
    key: str | list[str] = Field(default_factory=list)
    order: str | None = None
    partition_by: list[str] = Field(default_factory=list)
    time: str | None = None
    watermark: Period | None = None
    ahead: Period = timedelta(days=1)
    max_bytes: int = Field(default=1_048_576, ge=1, le=1 << 30)
    upkeep: UpkeepDeclaration = Field(default_factory=UpkeepDeclaration)


class StreamsDeclaration(_Declared):
    version: int = Field(ge=1, le=1)
    broker: BrokerDeclaration
    streams: list[StreamDeclaration] = Field(default_factory=list)


def load_streams(path: Path, catalog: Catalog) -> Streams:
    """Read and check a streams file. NotFound without it; Invalid names the line of what is wrong."""
    return checked_streams(Document.load(path), catalog)


def checked_streams(document: Document, catalog: Catalog, broker: Broker | None = None) -> Streams:
    """The same for text that is not in the file yet; with `broker` in the place of the one that it names."""
    declared = document.read(StreamsDeclaration)
    broker = broker or _broker(document, declared.broker)
    streams = tuple(_stream(document, ("streams", i), one, catalog, broker) for i, one in enumerate(declared.streams))
    _refuse_twice(document, streams)
    return Streams(broker, streams)


def load_broker(path: Path, servers: str | None = None) -> Broker:
    """The broker of a streams file, at `servers` if they are given; the usual one where there is no file."""
    document = Document.load(path) if path.exists() else Document.parse(path, USUAL)
    broker = _broker(document, document.read(StreamsDeclaration).broker)
    return replace(broker, servers=servers or broker.servers)


def _broker(document: Document, declared: BrokerDeclaration) -> Broker:
    for name in declared.options:
        if name in OURS:
            raise document.invalid(("broker", "options", name), f"'{name}' is set by Lakewright.", "Remove it.")
    options = {
        name: _filled(document, ("broker", "options", name), _text(value)) for name, value in declared.options.items()
    }
    servers = _filled(document, ("broker", "servers"), declared.servers)
    registry = declared.registry and _filled(document, ("broker", "registry"), declared.registry)
    auth = declared.registry_auth and _filled(document, ("broker", "registry_auth"), declared.registry_auth)
    return Broker(servers, options, registry, auth)


def _text(value: str | float | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _filled(document: Document, loc: Loc, text: str) -> str:
    if loc[-1] in ("sasl.password", "ssl.key.password", "registry_auth") and "${" not in text:
        raise document.invalid(
            loc, "a secret stands in the file.", "Write '${NAME}' or '${file:/run/secrets/NAME}' in its place."
        )
    try:
        return str(expand(text))
    except ValueError as error:
        message, remedy = error.args
        raise document.invalid(loc, message, remedy) from None


def _stream(document: Document, loc: Loc, declared: StreamDeclaration, catalog: Catalog, broker: Broker) -> Stream:
    table = _target(document, (*loc, "target"), declared.target, catalog)
    for role in ("order", "time"):
        _refuse_unknown(document, (*loc, role), table, [getattr(declared, role)] if getattr(declared, role) else [])
    key = [declared.key] if isinstance(declared.key, str) else declared.key
    _refuse_unknown(document, (*loc, "key"), table, key)
    _refuse_unknown(document, (*loc, "partition_by"), table, declared.partition_by)
    if declared.mode != "append" and not key:
        raise document.invalid((*loc, "key"), f"mode '{declared.mode}' needs a 'key'.", "Name the key's columns.")
    if declared.watermark is not None and declared.time is None:
        raise document.invalid((*loc, "watermark"), "a watermark needs 'time'.", "Name the column of the event's time.")
    return Stream(
        name=declared.name,
        topic=declared.topic,
        format=declared.format,
        schema=_schema(document, loc, declared.schema_, broker),
        target=table.full_name,
        mode=declared.mode,
        key=tuple(key),
        order=declared.order,
        partition_by=tuple(declared.partition_by),
        time=declared.time,
        watermark=declared.watermark,
        ahead=declared.ahead,
        max_bytes=declared.max_bytes,
        upkeep=Upkeep(declared.upkeep.files, declared.upkeep.keep),
    )


def _schema(document: Document, loc: Loc, declared: str | None, broker: Broker) -> Path | None:
    if declared is None:
        if broker.registry is None:
            raise document.invalid(
                (*loc, "schema"), "'schema' is missing.", "Name a file, or a registry of the broker."
            )
        return None
    path = document.path.parent / declared
    if not path.is_file():
        raise document.invalid((*loc, "schema"), f"there is no file '{declared}'.", "Correct the path.")
    return path


def _target(document: Document, loc: Loc, name: str, catalog: Catalog) -> Table:
    if name not in catalog:
        known = (each.full_name for each in catalog.tables)
        raise document.invalid(loc, f"there is no table '{name}' in the catalogue.", nearest(name, known))
    table = catalog.table(name)
    kind = catalog.source(table.source).kind
    if kind != "delta":
        raise document.invalid(
            loc, f"'{name}' is in a source of kind '{kind}'.", "Streams land in a source of kind delta."
        )
    return table


def _refuse_unknown(document: Document, loc: Loc, table: Table, columns: Sequence[str]) -> None:
    for column in columns:
        if column not in table:
            hint = nearest(column, (known.name for known in table.columns))
            raise document.invalid(loc, f"'{column}' is not a column of '{table.full_name}'.", hint)


def _refuse_twice(document: Document, streams: Sequence[Stream]) -> None:
    seen: set[str] = set()
    for index, stream in enumerate(streams):
        if stream.name.lower() in seen:
            raise document.invalid(("streams", index, "name"), f"'{stream.name}' is declared twice.", "Rename one.")
        seen.add(stream.name.lower())
