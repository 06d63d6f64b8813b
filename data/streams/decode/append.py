"""Every event a row: streams that add, and changes whose envelope says all there is to say."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data.streams.batch import Batch, Decoded, Reject
from data.streams.decode import Decoder
from data.streams.decode.raw import Numbers, Raw
from data.streams.decode.reader import Reader
from data.streams.stream import Stream

Clock = Callable[[], datetime]


def now() -> datetime:
    """The time, for what is too far in the future."""
    return datetime.now(UTC)


class AppendDecoder(Decoder):
    """Rejects what is empty, too large or from the future; the reader judges the rest."""

    def __init__(self, stream: Stream, reader: Reader, clock: Clock = now) -> None:
        self.stream = stream
        self.reader = reader
        self.clock = clock

    @property
    def schema(self) -> pa.Schema:
        """The reader's, which may grow."""
        return self.reader.schema

    def decode(self, batch: Batch) -> Decoded:
        events, kept, rejects = sifted(batch.values, self.stream.max_bytes)
        if self.stream.mode == "cdc" and batch.values.null_count:
            # Debezium sends one after each deletion, for the topic's compaction.
            rejects = [reject for reject in rejects if batch.values[reject.index].is_valid]
        return punctual(placed(self.reader.read(events), kept, rejects), self.stream, self.clock)


def sifted(values: pa.BinaryArray, most: int) -> tuple[pa.BinaryArray, Numbers | None, list[Reject]]:
    """The values that can be read, their indices (None: all), and rejects for the empty and the too large ones."""
    if not len(values):
        return values, None, []
    lengths = Raw(values).lengths
    bad = (lengths == 0) | (lengths > most)
    if not bad.any():
        return values, None, []
    kept = np.flatnonzero(~bad)
    rejects = [_unread(int(index), int(lengths[index]), most) for index in np.flatnonzero(bad)]
    return values.take(pa.array(kept)), kept, rejects


def _unread(index: int, length: int, most: int) -> Reject:
    if length:
        return Reject(index, "too large", f"The event has {length:,} bytes; the stream takes up to {most:,}.")
    return Reject(index, "empty", "The event has no value.")


def placed(decoded: Decoded, kept: Numbers | None, rejects: list[Reject]) -> Decoded:
    """What was made of the kept events, with indices of the whole batch."""
    if kept is None:
        return decoded
    indices = kept if decoded.indices is None else kept[decoded.indices]
    others = [Reject(int(kept[r.index]), r.kind, r.reason) for r in decoded.rejects]
    return Decoded(decoded.rows, sorted([*rejects, *others], key=lambda r: r.index), indices)


def punctual(decoded: Decoded, stream: Stream, clock: Clock) -> Decoded:
    """The rows whose time is not too far ahead, the others as rejects."""
    if stream.time is None or not decoded.rows.num_rows:
        return decoded
    times = decoded.rows[stream.time]
    try:
        latest = clock() + stream.ahead
    except OverflowError:
        return decoded
    limit = pa.scalar(latest.date() if pa.types.is_date(times.type) else latest, times.type)
    newest = pc.max(times)
    if not newest.is_valid or newest.value <= limit.value:
        return decoded
    late = pc.fill_null(pc.greater(times, limit), False).to_numpy()
    indices = np.arange(len(late)) if decoded.indices is None else decoded.indices
    rejects = [
        Reject(int(indices[row]), "future", f"'{stream.time}' is {times[row].as_py()}, more than {stream.ahead} ahead.")
        for row in np.flatnonzero(late)
    ]
    rows = decoded.rows.take(pa.array(np.flatnonzero(~late)))
    return Decoded(rows, sorted([*decoded.rejects, *rejects], key=lambda r: r.index), indices[~late])
