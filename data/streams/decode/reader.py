"""Payloads to rows: one contract for every format, below the modes of streams."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from data.streams.batch import Decoded, Reject
from data.streams.decode.column import Column

Row = Mapping[str, Any]


class Reader(ABC):
    """Makes rows of payloads that are neither null nor empty nor too large."""

    root: Column
    """The row as a struct."""
    schema: pa.Schema
    """The rows' columns. It may grow by nullable columns as events come."""

    @abstractmethod
    def read(self, events: pa.BinaryArray) -> Decoded:
        """The events' rows, in order; every event is a row or a reject."""


class Documents(Reader):
    """A reader that can show an event as Python objects too. A reject's index means nothing here."""

    def row(self, event: bytes) -> Row | Reject:
        """One event's row."""
        value = self.load(event)
        return value if isinstance(value, Reject) else self.judged(value)

    @abstractmethod
    def load(self, event: bytes) -> Any:
        """The event as it was written, or the reject."""

    @abstractmethod
    def judged(self, value: Any) -> Row | Reject:
        """The row of a loaded event."""

    @abstractmethod
    def fitted(self, column: Column, value: Any, path: str) -> Any:
        """A part of a loaded event as a column holds it; Misfit where it can't."""


def one_by_one(events: pa.BinaryArray, row: Callable[[bytes], Row | Reject], schema: pa.Schema) -> Decoded:
    """What a function makes of each event."""
    rows: list[Row] = []
    indices: list[int] = []
    rejects: list[Reject] = []
    for index, event in enumerate(events.to_pylist()):
        found = row(event)
        if isinstance(found, Reject):
            rejects.append(Reject(index, found.kind, found.reason))
        else:
            rows.append(found)
            indices.append(index)
    return Decoded(table_of(rows, schema), rejects, np.asarray(indices, np.int64))


def table_of(rows: Sequence[Row], schema: pa.Schema) -> pa.Table:
    """Rows whose values fit their columns as a table; columns that they lack are null."""
    return pa.table([pa.array([row.get(f.name) for row in rows], f.type) for f in schema], schema=schema)
