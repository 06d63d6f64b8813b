"""A small decoder, and a home whose streams a real worker lands."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np
import pyarrow as pa
from deltalake import DeltaTable

from data.streams.batch import DELETED, ORDER, Batch, Decoded, Reject
from data.streams.deadletters import DeadLetters
from data.streams.decode import Decoder
from data.streams.landing import Span
from data.streams.stream import Broker, Mode, Stream
from data.streams.target import Target
from data.streams.worker import Totals, Worker

APPENDED = pa.schema([("id", pa.int64()), ("at", pa.timestamp("us", "UTC")), ("note", pa.string())])
KEYED = pa.schema([*APPENDED, (ORDER, pa.int64()), (DELETED, pa.bool_())])


def as_is(event: dict[str, Any]) -> dict[str, Any]:
    return event


class Simple(Decoder):
    """JSON objects with a number `id`; `mend` changes an event before it is judged, as a new schema would."""

    def __init__(self, mode: Mode = "append", mend: Callable[[dict[str, Any]], dict[str, Any]] = as_is) -> None:
        self.schema, self._mend = APPENDED if mode == "append" else KEYED, mend

    def decode(self, batch: Batch) -> Decoded:
        rows, rejects, indices = [], [], []
        for index, value in enumerate(batch.values.to_pylist()):
            try:
                rows.append(self._row(self._mend(json.loads(value))))
                indices.append(index)
            except (ValueError, TypeError, KeyError) as error:
                kind = "undecodable" if isinstance(error, json.JSONDecodeError) else "invalid"
                rejects.append(Reject(index, kind, f"It is refused: {error}"))
        return Decoded(pa.Table.from_pylist(rows, self.schema), rejects, np.array(indices, np.int64))

    def _row(self, event: dict[str, Any]) -> dict[str, Any]:
        if not isinstance(event["id"], int):
            raise ValueError(f"id {event['id']!r}")
        at = None if event.get("at") is None else np.datetime64(event["at"]).astype("datetime64[us]").item()
        return {**event, "at": at, DELETED: bool(event.get("gone"))}


class Messages(Batch):
    """Values of one partition, from an offset on."""

    def __init__(self, values: Sequence[bytes | None], partition: int, first: int) -> None:
        self.values = pa.array(values, pa.binary())
        self.partitions = np.full(len(values), partition, np.int32)
        self.offsets = np.arange(first, first + len(values), dtype=np.int64)

    def key(self, index: int) -> bytes | None:
        return None


@dataclass
class Lake:
    """A home with one stream."""

    home: Path
    stream: Stream
    broker: Broker

    @property
    def table(self) -> Path:
        return self.home / "lake" / self.stream.name

    def put(self, values: Sequence[bytes | None], partition: int = 0, *, decoder: Decoder | None = None) -> None:
        """Land values as a worker does, without a broker."""
        decoder = decoder or Simple(self.stream.mode)
        target = Target(self.stream, self.home, self.table, decoder.schema)
        dead = DeadLetters(self.home, self.stream.name, self.stream.topic, "")
        name = self.stream.application(partition)
        first = target.position(name) or 0
        batch = Messages(values, partition, first)
        decoded = target.fitted(batch, decoder.decode(batch), set())
        if decoded.rejects:
            dead.append(batch, decoded.rejects, [Span(name, dead.position(name), first + len(batch))])
        target.land(batch, decoded, [Span(name, first or None, first + len(batch))])

    def land(self, decoder: Decoder | None = None) -> Totals:
        """Land what the topic holds."""
        decoder = decoder or Simple(self.stream.mode)
        worker = Worker(self.stream, self.broker, self.home, self.table, decoder, linger=0.05)
        return worker.run(Event(), once=True)

    def rows(self) -> list[tuple[int, str]]:
        found = DeltaTable(self.table).to_pyarrow_table(columns=["id", "note"]).to_pylist()
        return sorted((row["id"], row["note"]) for row in found)
