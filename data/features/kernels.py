"""The functions over ranges of ordered events that are no sums, for many points at once and exactly."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property, partial

import numpy as np

from data.features.events import Array, Ints, Values
from data.features.wavelet import Wavelet

Range = tuple[Ints, Ints]
"""`[start, end)` for each point."""


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


def extreme(column: Column, ranges: Sequence[Range], share: float, *, better: Callable[..., Array]) -> list[Values]:
    """A range is covered by two, of a power of two each; one power after the other, so that little is held."""
    data = column.data
    found = [np.zeros(len(start), dtype=data.dtype) for start, _ in ranges]
    powers = [np.frexp((end - start).astype(np.float64))[1] - 1 for start, end in ranges]
    for step in range(1 + max(int(power.max(initial=-1)) for power in powers)):
        for (start, end), power, best in zip(ranges, powers, found, strict=True):
            mine = np.flatnonzero(power == step)
            best[mine] = better(data[start[mine]], data[end[mine] - 2**step])
        data = better(data[: -(2**step)], data[2**step :]) if len(data) > 2**step else data[:0]
    return [Values(best, end > start) for best, (start, end) in zip(found, ranges, strict=True)]


KERNELS: dict[str, Callable[[Column, Sequence[Range], float], list[Values]]] = {
    "min": partial(extreme, better=np.minimum),
    "max": partial(extreme, better=np.maximum),
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
