"""The values of events that are written alike, cut out of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numba import types

from data.streams.compiled import compiled, gather
from data.streams.decode.raw import QUOTE, Mask, Numbers, Raw, text

memchr = types.ExternalFunction("memchr", types.intp(types.intp, types.intc, types.intp))
memcmp = types.ExternalFunction("memcmp", types.intc(types.intp, types.intp, types.intp))

ESCAPE, SPACE, ASCII = 92, 32, 128
BARE = np.isin(np.arange(256), list(b"0123456789+-.abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"))
"""What a value in no quotation marks is written with."""
NOT, PLAIN, WIDE = range(3)
"""Of an event: not written so; written so, and in ASCII; written so, if it is UTF-8."""

Places = np.ndarray[Any, np.dtype[np.int32]]


@dataclass(frozen=True)
class Cut:
    """Values of events: where each one begins and ends, a line for each member."""

    events: Raw
    starts: Places
    ends: Places

    def texts(self, member: int) -> pa.StringArray:
        """A copy of one member's values."""
        starts = self.starts[member] + np.int64(self.events.data.ctypes.data)
        return text(gather(starts, self.ends[member] - self.starts[member]))

    def only(self, chosen: Mask) -> Cut:
        """The values of some events."""
        return Cut(self.events, self.starts[:, chosen], self.ends[:, chosen])


def cut(events: pa.BinaryArray, rows: Numbers, literals: Sequence[bytes], quoted: Mask) -> tuple[Numbers, Cut]:
    """The rows that consist of the literals and, between each two of them, a value without escapes; and the values.

    `quoted` tells of each value whether quotation marks stand around it, which belong to the literals.
    """
    raw, edges = Raw(events), np.cumsum([0, *map(len, literals)])
    starts, ends = (np.empty((len(quoted), len(rows)), np.int32) for _ in range(2))
    found = np.empty(len(rows), np.uint8)
    _cut(raw.data, raw.offsets, rows, np.frombuffer(b"".join(literals), np.uint8), edges, quoted, starts, ends, found)
    written, whole = found != NOT, Cut(raw, starts, ends)
    if (wide := np.flatnonzero(found == WIDE)).size and not _unicode(events.take(pa.array(rows[wide]))):
        written[wide] = False
    return (rows, whole) if written.all() else (rows[written], whole.only(written))


def _unicode(events: pa.BinaryArray) -> bool:
    try:
        events.cast(pa.string())
    except pa.ArrowInvalid:
        return False
    return True


@compiled
def _cut(data, offsets, rows, literals, edges, quoted, starts, ends, found):  # type: ignore[no-untyped-def]
    for row in range(len(rows)):
        at, end = offsets[rows[row]], offsets[rows[row] + 1]
        met = PLAIN
        for part in range(len(edges) - 1):
            size = edges[part + 1] - edges[part]
            if at + size > end or memcmp(data.ctypes.data + at, literals.ctypes.data + edges[part], size) != 0:
                met = NOT
                break
            at += size
            if part < len(quoted):
                starts[part, row] = at
                at, kind = _text(data, at, end) if quoted[part] else (_bare(data, at, end), PLAIN)
                ends[part, row] = at
                met = NOT if kind == NOT else max(met, kind)
                if met == NOT:
                    break
        found[row] = met if at == end else NOT


@compiled
def _text(data, start, limit):  # type: ignore[no-untyped-def]
    # Where the text ends, and what it is.
    place = memchr(data.ctypes.data + start, QUOTE, limit - start)
    if place == 0:
        return start, NOT
    end = place - data.ctypes.data
    every, odd = np.uint8(0), False
    for at in range(start, end):
        byte = data[at]
        every |= byte
        odd |= (byte < SPACE) | (byte == ESCAPE)
    return end, NOT if odd else WIDE if every >= ASCII else PLAIN


@compiled
def _bare(data, start, limit):  # type: ignore[no-untyped-def]
    at = start
    while at < limit and BARE[data[at]]:
        at += 1
    return at
