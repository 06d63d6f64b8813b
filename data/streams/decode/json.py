"""JSON events with a JSON Schema: quick readings, and the exact one for what these do not prove."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from data.streams.batch import Decoded, Reject
from data.streams.decode import limits
from data.streams.decode.alike import Alike
from data.streams.decode.column import Column, schema_of
from data.streams.decode.exact import Exact, load, validator_of
from data.streams.decode.fit import fit
from data.streams.decode.leaf import READINGS
from data.streams.decode.quick import Quick, chosen
from data.streams.decode.raw import Numbers
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
        proven = not shape.unproven and provable(self.root)
        self.alike = Alike(self.root) if proven and flat(self.root) else None
        self.quick = Quick(self.root) if proven else None

    def read(self, events: pa.BinaryArray) -> Decoded:
        left, parts, places = np.arange(len(events)), list[pa.Table](), list[Numbers]()
        for reading in (self.alike, self.quick):
            if reading is None or not len(left):
                continue
            rows, proven = reading.read(events if len(left) == len(events) else events.take(pa.array(left)))
            if len(proven) == len(events):
                return Decoded(rows)
            parts.append(rows)
            places.append(left[proven])
            left = np.delete(left, proven)
        others = self.exact.read(events.take(pa.array(left)))
        rejects = [Reject(int(left[r.index]), r.kind, r.reason) for r in others.rejects]
        indices = np.concatenate([*places, left[others.indices]])
        order = np.argsort(indices)
        return Decoded(chosen(pa.concat_tables([*parts, others.rows]), order), rejects, indices[order])

    def load(self, event: bytes) -> Any:
        return load(event)

    def judged(self, value: Any) -> Row | Reject:
        return self.exact.judged(value)

    def fitted(self, column: Column, value: Any, path: str) -> Any:
        return fit(column, value, path)


def flat(root: Column) -> bool:
    """Whether no member of an event has members or items itself."""
    return all(child.kind not in ("struct", "list") for child in root.children)


def provable(column: Column) -> bool:
    """Whether the quick reading can tell that a value of the column is valid."""
    if column.kind in ("struct", "list"):
        return all(provable(child) for child in column.children) and not column.limits
    if column.kind == "decimal":
        return not column.limits
    return column.kind in READINGS and limits.supported(column)
