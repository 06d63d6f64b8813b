"""The reader of a stream, by where its schema is and what its events are written in."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from data.errors import Invalid, NotFound
from data.streams.decode.reader import Documents, Reader
from data.streams.decode.registry import Registered, Registry
from data.streams.evolve import evolution, same
from data.streams.stream import Broker, Stream


def reader_of(stream: Stream, broker: Broker) -> Reader:
    """Invalid, NotFound or Unavailable name the file or the subject whose schema can't be had."""
    reader = _registered(stream, broker) if stream.schema is None else _declared(stream, stream.schema)
    names = reader.schema.names
    for column in (stream.time, *stream.partition_by):
        if column is not None and column not in names:
            raise Invalid(
                f"The stream '{stream.name}' names the column '{column}', which its schema lacks.", "Name one."
            )
    if stream.time is not None and not str(reader.schema.field(stream.time).type).startswith(("timestamp", "date")):
        raise Invalid(f"The column '{stream.time}' of '{stream.name}' is no time.", 'Give it "format": "date-time".')
    return reader


def _declared(stream: Stream, path: Path) -> Reader:
    text, name = _text(path), f"'{path}'"
    if stream.format == "json":
        from data.streams.decode.json import JsonReader

        return _moded(stream, JsonReader(document(text, name), name), name)
    from data.streams.decode.avro import AvroReader

    return _moded(stream, AvroReader(text, name), name)


def _registered(stream: Stream, broker: Broker) -> Reader:
    from data.streams.decode.framed import FramedReader

    subject = f"{stream.topic}-value"
    if broker.registry is None:
        raise Invalid(
            f"The stream '{stream.name}' has no schema, and the broker no schema registry.",
            "Name a schema file, or the registry's address.",
        )

    def make(found: Registered, other: Reader | None) -> Reader:
        return _moded(stream, _of_registry(stream, found, other), f"{found.id} of subject '{subject}'")

    return FramedReader(Registry(broker.registry, broker.registry_auth), subject, make)


def _of_registry(stream: Stream, found: Registered, other: Reader | None) -> Documents:
    name = f"{found.id} of the registry"
    if found.type != stream.format.upper():
        raise Invalid(
            f"The schema {name} is {found.type}; the stream '{stream.name}' is {stream.format}.", "Declare it so."
        )
    if stream.format == "json":
        from data.streams.decode.json import JsonReader

        if other is not None:
            raise Invalid(mismatch(JsonReader(document(found.text, name), name), other), "Change it back.")
        return JsonReader(document(found.text, name), name)
    from data.streams.decode.avro import AvroReader

    own = AvroReader(found.text, name)
    inner = getattr(other, "documents", other)
    if not isinstance(inner, AvroReader):
        return own
    # Avro's resolution fills in defaults; of another type it would make what only looks alike.
    if any(f.name in own.schema.names and not same(f.type, own.schema.field(f.name).type) for f in inner.schema):
        raise Invalid(mismatch(own, inner), "Change it back.")
    return AvroReader(found.text, name, inner)


def mismatch(reader: Reader, other: Reader) -> str:
    """Why rows of one reader are none of the other's."""
    return " ".join(evolution(other.schema, reader.schema).reasons)


def _moded(stream: Stream, documents: Documents, name: str) -> Reader:
    from data.streams.decode.debezium import DebeziumReader

    return DebeziumReader(documents, stream.key, name) if stream.mode == "cdc" else documents


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise NotFound(f"There is no schema file '{path}'.", "Name the stream's schema, or put it there.") from error
    except (OSError, ValueError) as error:
        raise Invalid(f"The schema file '{path}' can't be read: {error}.", "It must be one JSON document.") from error


def document(text: str, name: str) -> dict[str, Any]:
    """A JSON object; Invalid where the text is none."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Invalid(f"The schema {name} is not JSON: {error}.", "Correct it.") from error
    if not isinstance(found, dict):
        raise Invalid(f"The schema {name} is not a JSON object.", "It must be a schema.")
    return found
