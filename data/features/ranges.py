"""Which events lie in each point's window: a range, where they became known in the order in which they happened."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from data.features.events import Events, Ints, Points

LARGEST = 2**62


class Ranges:
    """For ordered events: `[start, end)` for each point and window."""

    def __init__(self, events: Events, points: Points) -> None:
        self.events, self.points = events, points
        self._kept: dict[int, tuple[Ints, Ints]] = {}
        self._end = upto(events.code, events.known, points.code, points.at)

    def window(self, length: int) -> tuple[Ints, Ints]:
        """The events in (t - length, t] that are known by t."""
        if length not in self._kept:
            start = upto(self.events.code, self.events.time, self.points.code, self.points.at - length)
            self._kept[length] = (np.minimum(start, self._end), self._end)
        return self._kept[length]


def upto(codes: Ints, moments: Ints, code: Ints, at: Ints) -> Ints:
    """For each (code, at) how many of (codes, moments), which are in order, are not after it; for a code of -1 none.

    Pairs are compared as one number each; where the numbers would get too large, codes are taken in blocks.
    """
    found = np.zeros(len(code), dtype=np.int64)
    if not len(codes) or not len(code):
        return found
    base, last = int(moments.min()), int(moments.max())
    span = last - base + 2
    block = max(1, LARGEST // span)
    for first in range(0, int(codes[-1]) + 1, block):
        of, to = np.searchsorted(codes, (first, first + block))
        begin, end = np.searchsorted(code, (max(first, 0), first + block))
        keys = (codes[of:to] - first) * span + (moments[of:to] - base)
        wanted = (code[begin:end] - first) * span + np.clip(at[begin:end], base - 1, last) - base
        found[begin:end] = of + np.searchsorted(keys, wanted, side="right")
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
