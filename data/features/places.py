"""Places among entities and moments that are in order: each (code, moment) is compared as one whole number."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from data.features.events import Ints

LARGEST = 2**62


def order(codes: Ints, moments: Ints) -> Ints | slice:
    """What puts pairs in order when an array is taken at it; of equal ones any is first."""
    if not len(codes):
        return slice(None)
    base, first = int(moments.min()), int(codes.min())
    span = int(moments.max()) - base + 1
    if (int(codes.max()) - first + 1) * span > LARGEST:
        return np.lexsort((moments, codes)).astype(np.int64, copy=False)
    keys = (codes - first) * span + (moments - base)
    if not np.any(keys[1:] < keys[:-1]):
        return slice(None)
    found: Ints = np.argsort(keys)
    return found


class Line:
    """Pairs in order, or `scattered` within each of their codes, which are in order. Where the numbers would get too
    large, there is a block for some of the codes each."""

    def __init__(self, codes: Ints, moments: Ints, *, scattered: bool = False) -> None:
        self._codes = codes
        self._blocks: list[tuple[int, int, Ints]] = []
        if not len(codes):
            return
        self._base, self._last = int(moments.min()), int(moments.max())
        self._span = self._last - self._base + 2
        self._block = max(1, LARGEST // self._span)
        for first in range(int(codes[0]), int(codes[-1]) + 1, self._block):
            begin, end = np.searchsorted(codes, (first, first + self._block))
            keys = (codes[begin:end] - first) * self._span + (moments[begin:end] - self._base)
            if scattered:
                keys.sort()
            self._blocks.append((first, int(begin), keys))

    def upto(self, code: Ints, at: Ints) -> Ints:
        """For each (code, at), which are in order, how many pairs are not after it; for a code of -1 none."""
        if not self._blocks:
            return np.zeros(len(code), dtype=np.int64)
        found = np.where(code > self._codes[-1], len(self._codes), 0)
        at = np.clip(at, self._base - 1, self._last) - self._base
        for first, before, keys in self._blocks:
            some = slice(*np.searchsorted(code, (first, first + self._block)))
            wanted = (code[some] - first) * self._span + at[some]
            found[some] = before + np.searchsorted(keys, wanted, side="right")
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
