"""The functions over ranges of ordered events that are no sums, for many points at once and exactly."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property, partial

import numpy as np

from data.features.events import Array, Ints, Values
from data.features.wavelet import Wavelet

Range = tuple[Ints, Ints]
"""`[start, end)` for each point. Those of one call end alike, and neither of their sides ever goes back."""


class Column:
    """A column of events whose nulls are left out."""

    def __init__(self, values: Values) -> None:
        self._before = None if values.whole else np.concatenate(([0], np.cumsum(values.valid)))
        self.data = values.data if values.whole else values.data[values.valid]

    def within(self, start: Ints, end: Ints) -> Range:
        """A range of events as one of values."""
        return (start, end) if self._before is None else (self._before[start], self._before[end])

    @cached_property
    def ranked(self) -> tuple[Array, Wavelet]:
        """The distinct values in order, and the places of all values among them."""
        distinct, number = np.unique(self.data, return_inverse=True)
        return distinct, Wavelet(number.astype(np.int64), len(distinct))


def last(column: Column, ranges: Sequence[Range], share: float) -> list[Values]:
    return [_picked(column.data, end - 1, end > start) for start, end in ranges]


def quantile(column: Column, ranges: Sequence[Range], share: float) -> list[Values]:
    return [_quantile(column, start, end, share) for start, end in ranges]


def extreme(column: Column, ranges: Sequence[Range], share: float, *, greatest: bool) -> list[Values]:
    from data.features import loops

    starts, end = np.stack([start for start, _ in ranges]), ranges[0][1]
    found = np.zeros(starts.shape, dtype=column.data.dtype)
    loops.extremes(column.data, starts, end, greatest, found)
    return [Values(best, end > start) for best, start in zip(found, starts, strict=True)]


KERNELS: dict[str, Callable[[Column, Sequence[Range], float], list[Values]]] = {
    "min": partial(extreme, greatest=False),
    "max": partial(extreme, greatest=True),
    "last": last,
    "age": last,
    "quantile": quantile,
}
"""By the names of functions: the values of a column in some ranges of each point."""


def _quantile(column: Column, start: Ints, end: Ints, share: float) -> Values:
    there = end > start
    found = np.zeros(len(start), dtype=np.int64)
    if there.any():
        size = (end - start)[there]
        rank = np.maximum(np.ceil(share * size).astype(np.int64), 1) - 1
        found[there] = column.ranked[1].smallest(start[there], end[there], rank)
    return _picked(column.ranked[0], found, there)


def _picked(data: Array, at: Ints, there: Array) -> Values:
    if not len(data):
        return Values(np.zeros(len(at), dtype=data.dtype), np.zeros(len(at), dtype=bool))
    return Values(data[np.where(there, at, 0)], there)
