"""Events in Confluent's wire format: a zero byte, the schema's id in the registry in four bytes, the payload."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data.errors import DataError, Unavailable
from data.streams.batch import Decoded, Reject
from data.streams.decode.fit import Misfit
from data.streams.decode.raw import Numbers, Raw
from data.streams.decode.reader import Reader
from data.streams.decode.registry import Registered, Registry, UnknownSchema
from data.streams.evolve import evolution

HEAD = 5
"""Bytes before the payload."""
LONGEST = 2**31 - 1
"""An open end, which Arrow gets wrong for short texts."""
Make = Callable[[Registered, Reader | None], Reader]
"""Makes the reader of a schema; with another reader, of rows as that one makes them."""


class FramedReader(Reader):
    """Reads each event by the schema that it names, into the columns of the subject's newest schema.

    A schema that only adds nullable fields makes the columns grow; of any other the events are rejected.
    """

    def __init__(self, registry: Registry, subject: str, make: Make) -> None:
        self.registry = registry
        self.make = make
        first = registry.latest(subject)
        self.newest = make(first, None)
        self.root = self.newest.root
        self.schema = self.newest.schema
        self.readers: dict[int, Reader] = {first.id: self.newest}
        self.refused: dict[int, Reject] = {}

    def read(self, events: pa.BinaryArray) -> Decoded:
        """Unavailable where the registry is needed and does not answer: then no event was judged."""
        if not len(events):
            return Decoded(self.schema.empty_table())
        ids = _ids(events)
        known = {int(id): self._reader(int(id)) for id in np.unique(ids)}
        parts = [self._part(events, np.flatnonzero(ids == id), found) for id, found in known.items()]
        return joined(parts, self.schema)

    def key(self, raw: bytes) -> Any:
        """What a message's key in this format holds; Misfit where that can't be told."""
        id = int.from_bytes(raw[1:HEAD], "big")
        try:
            found = self.registry.schema(id)
        except UnknownSchema:
            raise Misfit("key", raw, f"a schema id that the registry knows, not {id}") from None
        value = loaded(found, raw[HEAD:])
        if isinstance(value, Reject):
            raise Misfit("key", raw, f"a key of its schema {id}")
        return value

    def _part(self, events: pa.BinaryArray, places: Numbers, reader: Reader | Reject) -> Decoded:
        if isinstance(reader, Reject):
            nothing = np.zeros(0, np.int64)
            rejects = [Reject(int(place), reader.kind, reader.reason) for place in places]
            return Decoded(self.schema.empty_table(), rejects, nothing)
        payloads = pc.binary_slice(events.take(pa.array(places)), HEAD, LONGEST)
        found = reader.read(payloads)
        indices = places if found.indices is None else places[found.indices]
        rejects = [Reject(int(places[r.index]), r.kind, r.reason) for r in found.rejects]
        return Decoded(found.rows, rejects, indices)

    def _reader(self, id: int) -> Reader | Reject:
        if id < 0:
            return Reject(0, "undecodable", "The event does not begin with a zero byte and a schema's id.")
        if id in self.readers or id in self.refused:
            return self.readers.get(id) or self.refused[id]
        try:
            registered = self.registry.schema(id)
            self.readers[id] = self._grown(self.make(registered, None), registered)
        except UnknownSchema:
            return Reject(0, "unknown schema", f"The schema registry does not know the event's schema id {id}.")
        except Unavailable:
            raise
        except DataError as error:
            self.refused[id] = Reject(0, "mismatch", f"The event's schema id {id} does not do: {error.message}")
            return self.refused[id]
        return self.readers[id]

    def _grown(self, reader: Reader, registered: Registered) -> Reader:
        change = evolution(self.schema, reader.schema)
        if change.reasons:
            return self.make(registered, self.newest)
        for field in change.added:
            self.schema = self.schema.append(field)
        return reader


def loaded(schema: Registered, payload: bytes) -> Any:
    """A datum as Python objects, or the reject."""
    if schema.type == "JSON":
        from data.streams.decode.exact import load

        return load(payload)
    from data.streams.decode.avro import datum, parsed

    return datum(parsed(schema.text, f"{schema.id} of the registry"), payload, "its schema")


def _ids(events: pa.BinaryArray) -> Numbers:
    """Each event's schema id; -1 where there is none."""
    raw = Raw(events)
    ids = np.zeros(len(events), np.int64)
    for place in range(1, HEAD):
        ids = ids << 8 | raw.head(place)
    return np.where((raw.lengths >= HEAD) & (raw.head() == 0), ids, -1)


def joined(parts: list[Decoded], schema: pa.Schema) -> Decoded:
    """Parts of a batch in its order, as rows of the schema; columns that a part lacks are null."""
    rows = pa.concat_tables([widened(part.rows, schema) for part in parts])
    indices = np.concatenate([_indices(part) for part in parts])
    rejects = sorted((reject for part in parts for reject in part.rejects), key=lambda reject: reject.index)
    if len(parts) == 1:
        return Decoded(rows, rejects, indices)
    order = np.argsort(indices)
    return Decoded(rows.take(pa.array(order)), rejects, indices[order])


def _indices(part: Decoded) -> Numbers:
    return np.arange(part.rows.num_rows) if part.indices is None else part.indices


def widened(rows: pa.Table, schema: pa.Schema) -> pa.Table:
    """The rows with a schema's columns, in its order; the ones that they lack are null."""
    if rows.schema.equals(schema):
        return rows
    held = set(rows.column_names)
    columns = [rows[f.name] if f.name in held else pa.nulls(rows.num_rows, f.type) for f in schema]
    return pa.table(columns, schema=schema)
