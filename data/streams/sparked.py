"""Messages that came through Spark as a batch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from data.streams.batch import Batch

if TYPE_CHECKING:
    import pyarrow as pa

COLUMNS = ("partition", "offset", "key", "value")
SCHEMA = "partition INT, offset BIGINT, key BINARY, value BINARY"
"""The columns of a stream's data frame, whichever connector it comes from."""


class Sparked(Batch):
    """The rows of a micro-batch less those that have landed, in the order that a batch has."""

    def __init__(self, rows: pa.Table, landed: Mapping[int, int | None]) -> None:
        """`rows` has COLUMNS; `landed` has for each partition the next offset to land, None for its beginning."""
        partitions, offsets = (rows.column(name).to_numpy() for name in ("partition", "offset"))
        fresh = np.flatnonzero(offsets >= _floors(partitions, landed))
        order = fresh[np.lexsort((offsets[fresh], partitions[fresh]))]
        if len(order) < len(rows) or (np.diff(order) < 0).any():
            rows = rows.take(order)
        self.partitions, self.offsets = partitions[order].astype(np.int32), offsets[order].astype(np.int64)
        self.values, self._keys = (_whole(rows, name) for name in ("value", "key"))

    def key(self, index: int) -> bytes | None:
        found: bytes | None = self._keys[index].as_py()
        return found


def _floors(partitions: Any, landed: Mapping[int, int | None]) -> Any:
    floors = np.zeros(len(partitions), np.int64)
    for partition in np.unique(partitions):
        floors[partitions == partition] = landed.get(int(partition)) or 0
    return floors


def _whole(rows: pa.Table, name: str) -> pa.BinaryArray:
    import pyarrow as pa

    return pa.concat_arrays([*rows.column(name).chunks, pa.array([], pa.binary())])
