"""Places among entities and moments that are in order."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from data.features.events import Ints

LARGEST = 2**62


def order(codes: Ints, moments: Ints) -> Ints | slice:
    """What puts pairs in order when an array is taken at it; of equal ones any is first."""
    from data.features import loops

    if loops.in_order(codes, moments):
        return slice(None)
    base, first = int(moments.min()), int(codes.min())
    span = int(moments.max()) - base + 1
    if (int(codes.max()) - first + 1) * span > LARGEST:
        return np.lexsort((moments, codes)).astype(np.int64, copy=False)
    found: Ints = np.argsort((codes - first) * span + (moments - base))
    return found


class Line:
    """Pairs in order, or `scattered` within each of their codes, which are in order."""

    def __init__(self, codes: Ints, moments: Ints, *, scattered: bool = False) -> None:
        self._codes = codes
        self._moments = moments[order(codes, moments)] if scattered else moments

    def upto(self, code: Ints, at: Ints, window: int = 0) -> Ints:
        """For each (code, at - window), which are in order, how many pairs are not after it; for a code of -1 none."""
        from data.features import loops

        found = np.empty(len(code), dtype=np.int64)
        loops.upto(self._codes, self._moments, code, at, window, found)
        return found


def slices(sizes: Ints, most: int) -> Iterator[slice]:
    """Cuts of what has these sizes: each of about `most` together, and of one at least."""
    ends = np.cumsum(sizes)
    begin = 0
    while begin < len(sizes):
        before = int(ends[begin - 1]) if begin else 0
        end = max(begin + 1, int(np.searchsorted(ends, before + most, side="right")))
        yield slice(begin, end)
        begin = end
