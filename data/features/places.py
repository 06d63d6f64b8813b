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


def upto(codes: Ints, moments: Ints, code: Ints, at: Ints, *, scattered: bool = False) -> Ints:
    """For each (code, at), which are in order, how many of (codes, moments) are not after it; for a code of -1 none.

    The others are in order too, or `scattered` within each of their codes, which are in order. Where the numbers would
    get too large, codes are taken in blocks.
    """
    if not len(codes) or not len(code):
        return np.zeros(len(code), dtype=np.int64)
    found = np.where(code > codes[-1], len(codes), 0)
    base, last = int(moments.min()), int(moments.max())
    span = last - base + 2
    block = max(1, LARGEST // span)
    for first in range(int(codes[0]), int(codes[-1]) + 1, block):
        of, to = np.searchsorted(codes, (first, first + block))
        begin, end = np.searchsorted(code, (first, first + block))
        keys = (codes[of:to] - first) * span + (moments[of:to] - base)
        if scattered:
            keys.sort()
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
