"""Rows that replace the row of their key, and tombstones that delete it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa

from data.errors import Invalid
from data.streams.batch import DELETED, ORDER, Batch, Decoded, Reject
from data.streams.decode import Decoder
from data.streams.decode.append import Clock, now, placed, punctual, sifted
from data.streams.decode.column import Column
from data.streams.decode.debezium import keyed
from data.streams.decode.fit import Misfit, fit
from data.streams.decode.framed import FramedReader, joined, widened
from data.streams.decode.native import native
from data.streams.decode.quote import quote
from data.streams.decode.raw import Mask, Numbers, mask
from data.streams.decode.reader import Reader, table_of
from data.streams.stream import Stream


class UpsertDecoder(Decoder):
    """The reader's rows with `_deleted` and `_order`; a message without a value deletes what its key names."""

    def __init__(self, stream: Stream, reader: Reader, clock: Clock = now) -> None:
        self.stream = stream
        self.reader = reader
        self.clock = clock
        fields = {child.name: child for child in keyed(reader.root, stream.key, f"of '{stream.name}'").children}
        self.key = {name: fields[name] for name in stream.key}
        if stream.order is not None and stream.order not in fields:
            raise Invalid(
                f"The order column '{stream.order}' is not in the schema of '{stream.name}'.", "Name one it has."
            )

    @property
    def schema(self) -> pa.Schema:
        """The reader's, where only the key may not be null."""
        order = self.reader.schema.field(self.stream.order).type if self.stream.order else pa.int64()
        fields = [field.with_nullable(field.name not in self.key) for field in self.reader.schema]
        return pa.schema([*fields, pa.field(DELETED, pa.bool_(), False), pa.field(ORDER, order)])

    def decode(self, batch: Batch) -> Decoded:
        gone = mask(batch.values.is_null()) if batch.values.null_count else None
        rows = self._rows(batch.values, gone)
        parts = [rows] if gone is None else [rows, self._tombstones(batch, np.flatnonzero(gone))]
        return joined(parts, self.schema)

    def _rows(self, values: pa.BinaryArray, gone: Mask | None) -> Decoded:
        events, kept, rejects = sifted(values, self.stream.max_bytes)
        rejects = [reject for reject in rejects if gone is None or not gone[reject.index]]
        found = punctual(placed(self.reader.read(events), kept, rejects), self.stream, self.clock)
        found = self._with_keys(found)
        count = found.rows.num_rows
        order = found.rows[self.stream.order] if self.stream.order else pa.nulls(count, pa.int64())
        rows = found.rows.append_column(DELETED, pa.array(np.zeros(count, np.bool_))).append_column(ORDER, order)
        return Decoded(widened(rows, self.schema), found.rejects, found.indices)

    def _with_keys(self, found: Decoded) -> Decoded:
        # A schema may let a key be missing; the table can't.
        if not any(found.rows[name].null_count for name in self.key):
            return found
        lacking = np.zeros(found.rows.num_rows, np.bool_)
        for name in self.key:
            lacking |= mask(found.rows[name].is_null())
        indices = np.arange(len(lacking)) if found.indices is None else found.indices
        why = f"A column of the key ({', '.join(self.key)}) is null or missing."
        rejects = [Reject(int(index), "invalid", why) for index in indices[lacking]]
        rows = found.rows.take(pa.array(np.flatnonzero(~lacking)))
        return Decoded(rows, sorted([*found.rejects, *rejects], key=lambda reject: reject.index), indices[~lacking])

    def _tombstones(self, batch: Batch, places: Numbers) -> Decoded:
        rows: list[Mapping[str, Any]] = []
        indices: list[int] = []
        rejects: list[Reject] = []
        for place in places.tolist():
            try:
                rows.append({**self._key(batch.key(place)), DELETED: True})
                indices.append(place)
            except Misfit as error:
                rejects.append(Reject(place, "invalid", f"The event deletes its key, but {error}"))
        return Decoded(table_of(rows, self.schema), rejects, np.asarray(indices, np.int64))

    def _key(self, raw: bytes | None) -> dict[str, Any]:
        if raw is None or raw[:1] != b"\0":
            return key_of(raw, self.key)
        if not isinstance(self.reader, FramedReader):
            raise Misfit("key", raw, "JSON or text, as the stream has no schema registry")
        value = self.reader.key(raw)
        if not isinstance(value, dict) and len(self.key) == 1:
            value = dict.fromkeys(self.key, value)
        if not isinstance(value, dict):
            raise Misfit("key", raw, f"a record with {', '.join(self.key)}")
        return {name: _held(column, value.get(name), f"key.{name}") for name, column in self.key.items()}


def _held(column: Column, value: Any, path: str) -> Any:
    # A key's schema is its own: a value may be of any type.
    column = replace(column, null=False)
    try:
        return fit(column, value, path)
    except Misfit:
        held = native(column, value, path)
    try:
        pa.scalar(held, column.type)
    except (pa.ArrowException, ValueError, TypeError, OverflowError):
        raise Misfit(path, value, f"a {column.kind}") from None
    return held


def key_of(raw: bytes | None, columns: Mapping[str, Column]) -> dict[str, Any]:
    """The columns' values in a message's key: a JSON object, or for a single column its value alone.

    A text may also stand there as it is, without JSON's quotation marks, as Kafka's own serializer writes it.
    """
    if raw is None:
        raise Misfit("key", None, f"{', '.join(columns)}")
    value = _json(raw)
    if isinstance(value, dict) and isinstance(value.get("payload"), dict) and "schema" in value:
        value = value["payload"]
    if isinstance(value, dict):
        return {
            name: fit(replace(column, null=False), value.get(name), f"key.{name}") for name, column in columns.items()
        }
    if len(columns) > 1:
        raise Misfit("key", raw, f"a JSON object with {', '.join(columns)}")
    ((name, column),) = columns.items()
    if column.kind in ("string", "timestamp", "date", "decimal") and not isinstance(value, str):
        value = _plain(raw)
    return {name: fit(replace(column, null=False), value, f"key.{name}")}


def _json(raw: bytes) -> Any:
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        return None


def _plain(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        raise Misfit("key", raw, f"text, not {quote(raw)}") from None
