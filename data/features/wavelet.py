"""Order statistics of any range of an array, for many ranges at once: a wavelet matrix.

Claude, Navarro, Ordóñez: The wavelet matrix, Information Systems 47 (2015). Each level keeps for every position how
many zero bits stand before it; a query walks down the levels with all its ranges together.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from data.features.events import Ints

Counts = np.ndarray[Any, np.dtype[np.int32]]


class Wavelet:
    """Over whole numbers from 0 to `most`. Takes four bytes for each number and each bit of `most`."""

    def __init__(self, numbers: Ints, most: int) -> None:
        self._levels: list[tuple[int, Counts]] = []
        for bit in range(max(1, int(most).bit_length()) - 1, -1, -1):
            zero = (numbers >> bit) & 1 == 0
            before = np.zeros(len(numbers) + 1, dtype=np.int32)
            np.cumsum(zero, out=before[1:])
            self._levels.append((bit, before))
            numbers = np.concatenate((numbers[zero], numbers[~zero]))

    def smallest(self, start: Ints, end: Ints, rank: Ints) -> Ints:
        """The number in [start, end) that `rank` others precede in order; the ranges are not empty."""
        found = np.zeros(len(start), dtype=np.int64)
        for bit, before in self._levels:
            low, high = before[start], before[end]
            one = rank >= high - low
            found |= one.astype(np.int64) << bit
            rank = np.where(one, rank - (high - low), rank)
            start, end = _down(before, one, start, end, low, high)
        return found


def _down(before: Counts, one: Any, start: Ints, end: Ints, low: Counts, high: Counts) -> tuple[Ints, Ints]:
    """The ranges on the next level: zeros come first there, then ones."""
    zeros = int(before[-1])
    return np.where(one, zeros + start - low, low), np.where(one, zeros + end - high, high)
