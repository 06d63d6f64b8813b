"""Dead letters in batches, to be tried again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from data.streams.batch import Batch

if TYPE_CHECKING:
    import pyarrow as pa

ROWS, BYTES = 20_000, 32 * 1024 * 1024
"""Letters that are tried together at most, and what their values take."""
SCAN = 256
"""Letters that are read at once: each may be as large as a message can be."""


class Kept(Batch):
    """Dead letters as a batch; `rows` has their table's columns."""

    def __init__(self, rows: pa.Table) -> None:
        import pyarrow as pa

        self.rows = rows.combine_chunks()
        self.values = pa.concat_arrays(self.rows["value"].cast(pa.binary()).chunks or [pa.array([], pa.binary())])
        self.partitions = self.rows["partition"].to_numpy()
        self.offsets = self.rows["offset"].to_numpy()

    def key(self, index: int) -> bytes | None:
        found: bytes | None = self.rows["key"][index].as_py()
        return found

    def take(self, indices: np.ndarray[Any, Any]) -> Kept:
        """These letters alone."""
        return Kept(self.rows.take(indices))


def rounds(path: Path, stream: str, kind: str | None) -> Iterator[Kept]:
    """A stream's outstanding letters, or those of a kind, as they are now: none is tried twice."""
    import pyarrow as pa

    waiting: list[Any] = []
    for part in _scanned(path, stream, kind):
        waiting.append(part)
        if sum(each.num_rows for each in waiting) >= ROWS or sum(each.nbytes for each in waiting) >= BYTES:
            yield Kept(pa.Table.from_batches(waiting))
            waiting = []
    if waiting:
        yield Kept(pa.Table.from_batches(waiting))


def _scanned(path: Path, stream: str, kind: str | None) -> Iterator[Any]:
    import pyarrow.dataset as ds
    from deltalake import DeltaTable

    wanted = (ds.field("stream") == stream) & ds.field("replayed_at").is_null()
    if kind is not None:
        wanted &= ds.field("kind") == kind
    dataset = DeltaTable(path).to_pyarrow_dataset()
    parts = dataset.to_batches(
        filter=wanted, batch_size=SCAN, batch_readahead=0, fragment_readahead=0, use_threads=False
    )
    return (part for part in parts if part.num_rows)
