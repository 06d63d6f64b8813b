"""JSON events with a JSON Schema: the quick reading, and the exact one for what that does not prove."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from data.streams.batch import Decoded, Reject
from data.streams.decode import limits
from data.streams.decode.column import Column, schema_of
from data.streams.decode.exact import Exact, load, validator_of
from data.streams.decode.fit import fit
from data.streams.decode.leaf import READINGS
from data.streams.decode.quick import Quick, chosen
from data.streams.decode.reader import Documents, Row
from data.streams.decode.shape import Shape


class JsonReader(Documents):
    """Events of one schema. `name` is what messages call the schema."""

    def __init__(self, document: Mapping[str, Any], name: str) -> None:
        validator = validator_of(document, name)  # First: what follows takes a schema to be one.
        shape = Shape(document, name)
        self.root = shape.root()
        self.schema = schema_of(self.root)
        self.exact = Exact(self.root, validator)
        self.quick = Quick(self.root) if not shape.unproven and provable(self.root) else None

    def read(self, events: pa.BinaryArray) -> Decoded:
        if self.quick is None or not len(events):
            return self.exact.read(events)
        rows, proven = self.quick.read(events)
        if len(proven) == len(events):
            return Decoded(rows)
        rest = np.setdiff1d(np.arange(len(events)), proven, assume_unique=True)
        others = self.exact.read(events.take(pa.array(rest)))
        places = rest[others.indices]
        rejects = [Reject(int(rest[r.index]), r.kind, r.reason) for r in others.rejects]
        indices = np.concatenate([proven, places])
        order = np.argsort(indices)
        if len(places):
            rows = chosen(pa.concat_tables([rows, others.rows]), order)
        return Decoded(rows, rejects, indices[order])

    def load(self, event: bytes) -> Any:
        return load(event)

    def judged(self, value: Any) -> Row | Reject:
        return self.exact.judged(value)

    def fitted(self, column: Column, value: Any, path: str) -> Any:
        return fit(column, value, path)


def provable(column: Column) -> bool:
    """Whether the quick reading can tell that a value of the column is valid."""
    if column.kind in ("struct", "list"):
        return all(provable(child) for child in column.children) and not column.limits
    if column.kind == "decimal":
        return not column.limits
    return column.kind in READINGS and limits.supported(column)
