"""The bytes of a whole array of texts at once, by numpy and without the interpreter's lock."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

Bytes = np.ndarray[Any, np.dtype[np.uint8]]
Numbers = np.ndarray[Any, np.dtype[np.signedinteger[Any]]]
Mask = np.ndarray[Any, np.dtype[np.bool_]]

BLOCK = 1 << 17
"""Bytes that are compared at a time: what fits a core's cache."""
QUOTE = 34


class Raw:
    """A binary or string array's bytes and where each element starts and ends. A null is as an empty text."""

    def __init__(self, array: pa.Array) -> None:
        _, offsets, data = array.buffers()
        first = array.offset
        self.offsets = np.frombuffer(offsets, np.int32)[first : first + len(array) + 1]
        self.data: Bytes = np.frombuffer(data, np.uint8) if data is not None and data.size else np.zeros(1, np.uint8)

    @property
    def lengths(self) -> Numbers:
        """Bytes of each text."""
        return np.diff(self.offsets)

    def head(self, at: int | Numbers = 0) -> Bytes:
        """The byte at a place of each text; what stands there means nothing where the text is shorter."""
        found: Bytes = self.data[np.minimum(self.offsets[:-1] + at, len(self.data) - 1)]
        return found

    def tail(self, at: int = 1) -> Bytes:
        """The byte at a place counted from each text's end."""
        return self.data[np.maximum(self.offsets[1:] - at, 0)]

    def count(self, byte: int) -> int:
        """How often a byte occurs in all the texts together."""
        scratch, start, end = np.empty(BLOCK, np.bool_), int(self.offsets[0]), int(self.offsets[-1])
        blocks = (self.data[at : min(at + BLOCK, end)] for at in range(start, end, BLOCK))
        return sum(int(np.count_nonzero(np.equal(block, byte, out=scratch[: len(block)]))) for block in blocks)

    def counts(self, byte: int) -> Numbers:
        """How often a byte occurs in each text."""
        start, end = int(self.offsets[0]), int(self.offsets[-1])
        if start == end:
            return np.zeros(len(self.offsets) - 1, np.int32)
        places = np.minimum(self.offsets[:-1] - start, end - start - 1)
        found = np.add.reduceat((self.data[start:end] == byte).view(np.uint8), places, dtype=np.int32)
        found[self.lengths == 0] = 0  # Of nothing, reduceat gives the next text's first byte.
        return found


def text(values: pa.Array) -> pa.StringArray:
    """Binary values as strings, as they are: nobody has looked whether they are UTF-8."""
    valid, offsets, data = values.buffers()
    return pa.StringArray.from_buffers(len(values), offsets, data, valid, offset=values.offset)


def mask(array: pa.Array) -> Mask:
    """An array of booleans as numpy; null is false."""
    import pyarrow.compute as pc

    return np.asarray(pc.fill_null(array, False).to_numpy(zero_copy_only=False), np.bool_)
