"""Events that could not land, kept as they came with the reason: one Delta table for all streams of a home."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from data.streams.batch import Batch, Reject
from data.streams.landing import Landing, Span

if TYPE_CHECKING:
    import pyarrow as pa

FOLDER = Path("streams") / "dead"
"""Where the table is in a home."""
Place = tuple[int, int]
"""A message's partition and offset."""


def schema() -> pa.Schema:
    """The columns of the table of dead letters."""
    import pyarrow as pa

    moment = pa.timestamp("us", "UTC")
    return pa.schema([
        ("stream", pa.string()), ("topic", pa.string()), ("topic_id", pa.string()), ("partition", pa.int32()),
        ("offset", pa.int64()), ("key", pa.binary()), ("value", pa.binary()),
        ("kind", pa.string()), ("reason", pa.string()), ("dead_at", moment),
        ("replay", pa.int64()), ("replayed_at", moment),
    ])  # fmt: skip


class DeadLetters:
    """The dead letters of one stream's topic, for its worker. Not for several threads."""

    def __init__(self, home: Path, stream: str, topic: str, topic_id: str) -> None:
        self._landing = Landing(home / FOLDER, schema())
        self._names = {"stream": stream, "topic": topic, "topic_id": topic_id}

    def position(self, application: str) -> int | None:
        """Up to where dead letters have been written, as `Landing.position`."""
        return self._landing.position(application)

    def tend(self) -> None:
        """Join small files when there are many."""
        self._landing.tend()

    def known(self, partition: int, since: int) -> set[Place]:
        """The dead letters of a partition from an offset on."""
        wanted: list[Any] = [(name, "=", value) for name, value in self._names.items()]
        wanted += [("partition", "=", partition), ("offset", ">=", since)]
        found = read(self._landing.path, wanted, ["offset"])
        return {(partition, offset) for offset in found.column("offset").to_pylist()}

    def append(self, batch: Batch, rejects: Sequence[Reject], spans: Sequence[Span]) -> None:
        """Keep these messages; Overtaken when another worker has."""
        import pyarrow as pa

        rows = [self._row(batch, reject) for reject in rejects]
        self._landing.append(pa.Table.from_pylist(rows, schema()), spans, {})

    def _row(self, batch: Batch, reject: Reject) -> dict[str, Any]:
        at, value = reject.index, batch.values[reject.index].as_py()
        return {
            **self._names, "partition": int(batch.partitions[at]), "offset": int(batch.offsets[at]),
            "key": batch.key(at), "value": value,
            "kind": reject.kind, "reason": reject.reason, "dead_at": datetime.now(UTC),
        }  # fmt: skip


def read(path: Path, filters: Any = None, columns: Sequence[str] | None = None) -> pa.Table:
    """The rows of a Delta table that pass `filters` (pyarrow's form); none where there is no table."""
    from deltalake import DeltaTable
    from deltalake.exceptions import TableNotFoundError

    try:
        table = DeltaTable(path)
    except TableNotFoundError:
        return schema().empty_table()
    return table.to_pyarrow_table(filters=filters or None, columns=None if columns is None else list(columns))
