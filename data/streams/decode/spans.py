"""Parts of many events at once: bytes that stand at a place of each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from data.streams.decode.raw import QUOTE, Mask, Numbers, Raw, text

ESCAPE, SPACE, ASCII = 92, 32, 128
INLINE = 12
"""Up to so many bytes stand in an element of Arrow's BinaryView itself."""
VIEW = np.dtype([("size", "i4"), ("body", f"V{INLINE}")])
LONG = np.dtype([("prefix", "i4"), ("buffer", "i4"), ("offset", "i4")])
"""The body of an element that is longer."""


@dataclass(frozen=True)
class Spans:
    """Where a value of each row begins and ends."""

    starts: Numbers
    ends: Numbers


class Spelled(Raw):
    """Events whose texts stand for themselves, and where their quotation marks are."""

    def __init__(self, events: pa.BinaryArray) -> None:
        super().__init__(events)
        self._buffer = events.buffers()[2]
        self._quotes = self.places(QUOTE)
        self.first = self._firsts()
        """How many quotation marks there are before each event."""
        self.quotes = np.diff(self.first)
        """How many quotation marks each event has."""
        self.plain = self._plain(events)
        """The events with neither escapes nor control characters, if all are UTF-8."""

    def quote(self, number: Numbers) -> Numbers:
        """Where quotation marks stand, of which so many are before."""
        return self._quotes[number]

    def has(self, literal: bytes, starts: Numbers) -> Mask:
        """Whether the bytes stand there. What is said of a place outside the events means nothing."""
        size = len(literal)
        if size > len(self.data):
            return np.zeros(len(starts), np.bool_)
        found = self._windows(f"S{size}")[np.clip(starts, 0, len(self.data) - size)]
        if found.tobytes() == literal * len(starts):
            return np.ones(len(starts), np.bool_)
        return np.asarray(found == literal, np.bool_)

    def texts(self, spans: Spans) -> pa.StringArray:
        """A copy of what stands there."""
        sizes = spans.ends - spans.starts
        if len(sizes) and sizes[0] and (sizes == sizes[0]).all():
            return self._even(spans.starts, int(sizes[0]))
        views = np.empty(len(sizes), VIEW)
        views["size"] = sizes
        if sizes.min(initial=INLINE) <= INLINE:
            views["body"] = self._short(spans.starts)
        if sizes.max(initial=0) > INLINE:
            long = np.zeros(len(sizes), LONG)
            long["offset"] = spans.starts
            views["body"][sizes > INLINE] = long.view(f"V{INLINE}")[sizes > INLINE]
        array = pa.Array.from_buffers(pa.binary_view(), len(sizes), [None, pa.py_buffer(views), self._buffer])
        return text(array.cast(pa.binary()))

    def _even(self, starts: Numbers, size: int) -> pa.StringArray:
        offsets = np.arange(len(starts) + 1, dtype=np.int32) * np.int32(size)
        found = self._windows(f"V{size}")[starts]
        return pa.StringArray.from_buffers(len(starts), pa.py_buffer(offsets), pa.py_buffer(found))

    def _short(self, starts: Numbers) -> np.ndarray[tuple[int], np.dtype[np.void]]:
        # Bytes behind a short value are taken along, and left out later by its size.
        last = len(self.data) - INLINE
        found = self._windows(f"V{INLINE}")[np.clip(starts, 0, max(last, 0))]
        for row in np.flatnonzero(starts > last):
            found[row] = self.data[starts[row] :].tobytes().ljust(INLINE)
        return found

    def _windows(self, dtype: str) -> np.ndarray[tuple[int], np.dtype[np.void]]:
        # At each byte as many as the type has.
        size = np.dtype(dtype).itemsize
        data = self.data if len(self.data) >= size else np.resize(self.data, size)
        return np.ndarray((len(data) - size + 1,), dtype, data, strides=(1,))

    def _firsts(self) -> Numbers:
        each, rest = divmod(len(self._quotes), len(self.lengths))
        first = np.arange(len(self.offsets)) * each
        if each and not rest:  # They may all have as many: that is the case if each has its first and its last.
            begin, end = self._quotes[first[:-1]], self._quotes[first[1:] - 1]
            if (begin >= self.offsets[:-1]).all() and (end < self.offsets[1:]).all():
                return first
        return np.searchsorted(self._quotes, self.offsets)

    def _plain(self, events: pa.BinaryArray) -> Mask:
        plain = np.ones(len(events), np.bool_)
        used = self.data[self.offsets[0] : self.offsets[-1]]
        if used.max(initial=0) >= ASCII:
            try:
                events.cast(pa.string())
            except pa.ArrowInvalid:
                return ~plain
        odd = [self.places(ESCAPE)]
        if used.min(initial=SPACE) < SPACE:
            odd.append(np.flatnonzero(used < SPACE) + self.offsets[0])
        for places in odd:
            plain[np.searchsorted(self.offsets, places, "right") - 1] = False
        return plain
