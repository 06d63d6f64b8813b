"""Avro's binary encoding: each event one datum, without the schema."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from data.errors import Invalid
from data.streams.batch import Decoded, Reject
from data.streams.decode.avroshape import columns_of
from data.streams.decode.column import Column, schema_of
from data.streams.decode.fit import Misfit
from data.streams.decode.native import native
from data.streams.decode.quote import quote
from data.streams.decode.reader import Documents, one_by_one


class AvroReader(Documents):
    """Events written with one schema. With another to read by, Avro's resolution makes rows of that one's columns."""

    def __init__(self, text: str, name: str, other: AvroReader | None = None) -> None:
        self.name = name
        self.writer = parsed(text, name)
        self.document = json.loads(text)
        own = _columns(self.document, name)
        self.root = own if other is None else other.root
        self.other = None if other is None else other.writer
        self.schema = schema_of(self.root)

    def read(self, events: pa.BinaryArray) -> Decoded:
        return one_by_one(events, self.row, self.schema)

    def load(self, event: bytes) -> Any:
        return datum(self.writer, event, self.name, self.other)

    def judged(self, value: Any) -> Mapping[str, Any] | Reject:
        try:
            row: Mapping[str, Any] = native(self.root, value, "")
        except Misfit as error:
            return Reject(0, "invalid", str(error))
        return row

    def fitted(self, column: Column, value: Any, path: str) -> Any:
        return native(column, value, path)


def datum(writer: Any, event: bytes, name: str, other: Any = None) -> Any:
    """What the bytes hold, or the reject."""
    import fastavro
    from fastavro.read import SchemaResolutionError

    source = io.BytesIO(event)
    try:
        value = fastavro.schemaless_reader(source, writer, other)
    except SchemaResolutionError as error:
        return Reject(0, "mismatch", f"The event's schema {name} can't be read as the table's: {error}.")
    except Exception as error:  # noqa: BLE001 - whatever the library stumbles on in hostile bytes
        what = str(error)[:200] or type(error).__name__
        return Reject(0, "undecodable", f"The event is not Avro of {name}: {what}: {quote(event)}.")
    if rest := len(event) - source.tell():
        return Reject(0, "undecodable", f"The event has {rest} bytes more than Avro of {name} has.")
    return value


def parsed(text: str, name: str) -> Any:
    """The schema as the library takes it; Invalid where it is none."""
    import fastavro
    from fastavro.schema import SchemaParseException, UnknownType

    try:
        return fastavro.parse_schema(json.loads(text))
    except (
        SchemaParseException,
        UnknownType,
        ValueError,
        LookupError,
        TypeError,
        AttributeError,
        RecursionError,
    ) as error:
        raise Invalid(f"The schema {name} is not an Avro schema: {error}.", "Correct it.") from error


def _columns(document: Any, name: str) -> Column:
    try:
        return columns_of(document, name)
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
        raise Invalid(f"The schema {name} makes no columns: {error!r}.", "Correct it.") from error
