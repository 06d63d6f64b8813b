"""The table that a stream lands in: rows made to fit it, and each batch in one commit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from data.sources.commit import WATERMARK, moment
from data.streams import upkeep
from data.streams.batch import DELETED, OFFSET, Batch, Decoded, Reject
from data.streams.deadletters import Place
from data.streams.evolve import evolution
from data.streams.landing import Landing, Span, aligned
from data.streams.stream import Stream

if TYPE_CHECKING:
    import pyarrow as pa

NEWEST, EVENTS, DEAD = "lakewright.newest", "lakewright.events", "lakewright.dead"
"""What a commit says about itself beside its watermark: the newest event's time (ISO 8601), how many events it took,
and how many of them were dead letters."""


class Target:
    """The Delta table of one stream, for its worker. Not for several threads."""

    def __init__(self, stream: Stream, home: Path, path: Path, schema: pa.Schema) -> None:
        self._stream, self._aside = stream, home / "streams" / "tombstones" / stream.name
        self._landing = Landing(path, _columns(stream, schema), stream.upkeep, stream.partition_by)
        self._newest = moment(self._landing.said(NEWEST))

    def position(self, application: str) -> int | None:
        return self._landing.position(application)

    def fitted(self, batch: Batch, decoded: Decoded, known: set[Place]) -> Decoded:
        """The rows in the table's columns, which grow when that loses nothing; if they can't, all are rejected."""
        import pyarrow as pa

        decoded = _without(batch, decoded, known)
        wanted = _columns(self._stream, decoded.rows.schema)
        change = evolution(self._landing.schema, wanted)
        if change.reasons:
            return _mismatched(decoded, change.reasons)
        if change.added:
            self._landing.grow(change.added)
        if self._stream.mode == "append":
            return Decoded(aligned(decoded.rows, self._landing.schema), decoded.rejects, decoded.indices)
        offsets = batch.offsets if decoded.indices is None else batch.offsets[decoded.indices]
        rows = decoded.rows.append_column(OFFSET, pa.array(offsets, pa.int64()))
        return Decoded(rows, decoded.rejects, decoded.indices)

    def land(self, batch: Batch, decoded: Decoded, spans: Sequence[Span]) -> int:
        """One commit with the rows and the offsets; the new version. Overtaken when another worker was faster."""
        metadata = self._metadata(batch, decoded)
        if self._stream.mode == "append" or not decoded.rows.num_rows:
            rows = decoded.rows if self._stream.mode == "append" else self._landing.schema.empty_table()
            return self._landing.append(rows, spans, metadata)
        return self._landing.commit(self._merging(decoded.rows), spans, metadata)

    def tend(self, *, behind: bool) -> None:
        """Join small files and remove old ones when it is time, in between two commits."""
        self._landing.tend(behind=behind)
        if self._aside.exists() and upkeep.due(self._aside, self._stream.upkeep):
            upkeep.tend(self._aside, self._stream.upkeep)

    def _merging(self, rows: pa.Table) -> Callable[[Any], None]:
        from data.streams.merge import merge

        return lambda properties: merge(self._landing.table, rows, self._stream, properties, self._aside)

    def _metadata(self, batch: Batch, decoded: Decoded) -> dict[str, str]:
        said = {EVENTS: str(len(batch)), DEAD: str(len(decoded.rejects))}
        self._newest = max(filter(None, (self._newest, _latest(decoded.rows, self._stream.time))), default=None)
        if self._newest is not None:
            said[NEWEST] = self._newest.isoformat()
            if self._stream.watermark is not None:
                said[WATERMARK] = (self._newest - self._stream.watermark).isoformat()
        return said


def _columns(stream: Stream, schema: pa.Schema) -> pa.Schema:
    """The decoder's columns as the table has them."""
    import pyarrow as pa

    fields = [field for field in schema if field.name != DELETED]
    return pa.schema(fields if stream.mode == "append" else [*fields, pa.field(OFFSET, pa.int64())])


def _latest(rows: pa.Table, time: str | None) -> datetime | None:
    import pyarrow as pa
    import pyarrow.compute as pc

    if time is None or not rows.num_rows or not pa.types.is_timestamp(rows.schema.field(time).type):
        return None
    found = pc.max(rows.column(time)).as_py()
    return _utc(found)


def _utc(moment: datetime | None) -> datetime | None:
    return moment.replace(tzinfo=UTC) if moment is not None and moment.tzinfo is None else moment


def _without(batch: Batch, decoded: Decoded, known: set[Place]) -> Decoded:
    """Without the rows of messages that are dead letters already."""
    if not known:
        return decoded
    indices = np.arange(len(batch)) if decoded.indices is None else decoded.indices
    places = zip(batch.partitions[indices].tolist(), batch.offsets[indices].tolist(), strict=True)
    alive = np.fromiter((place not in known for place in places), bool, len(indices))
    return Decoded(decoded.rows.filter(alive), decoded.rejects, indices[alive])


def _mismatched(decoded: Decoded, reasons: Sequence[str]) -> Decoded:
    indices = range(decoded.rows.num_rows) if decoded.indices is None else decoded.indices.tolist()
    reason = f"The table can't take it: {' '.join(reasons)}"
    lost = [Reject(int(index), "mismatch", reason) for index in indices]
    return Decoded(decoded.rows.slice(0, 0), [*decoded.rejects, *lost], np.empty(0, np.int64))
