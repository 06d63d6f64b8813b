"""The functions over ranges of ordered events, for many points at once and exactly."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

import numpy as np

from data.errors import TooExpensive
from data.features.events import Array, Ints, Values
from data.features.wavelet import Wavelet

MOST = 2**63 - 1


class Column:
    """A column of events whose nulls are left out, with what functions of it share."""

    def __init__(self, code: Ints, values: Values) -> None:
        self._before = np.concatenate(([0], np.cumsum(values.valid)))
        self.code = code[values.valid]
        self.data = values.data[values.valid]

    def within(self, start: Ints, end: Ints) -> tuple[Ints, Ints]:
        """Ranges of events as ranges of values."""
        return self._before[start], self._before[end]

    @cached_property
    def sums(self) -> Ints:
        """Sums of all values before each; they may wrap around, and their differences are right again."""
        return np.concatenate(([0], np.cumsum(self.data)))

    @cached_property
    def largest(self) -> int:
        return int(np.abs(self.data).max(initial=0))

    @cached_property
    def earlier(self) -> Wavelet:
        """1 + the place of the same value of the same entity before, 0 for the first."""
        number = _numbered(self.data)
        order = np.lexsort((number, self.code))
        same = (self.code[order][1:] == self.code[order][:-1]) & (number[order][1:] == number[order][:-1])
        before = np.zeros(len(order), dtype=np.int64)
        before[order[1:][same]] = order[:-1][same] + 1
        return Wavelet(before, len(order) + 1)

    @cached_property
    def ranked(self) -> tuple[Array, Wavelet]:
        """The distinct values in order, and the places of all values among them."""
        distinct, number = np.unique(self.data, return_inverse=True)
        return distinct, Wavelet(number.astype(np.int64), len(distinct))


def _numbered(data: Array) -> Ints:
    """Equal numbers for equal values."""
    if data.dtype != object:
        return np.unique(data, return_inverse=True)[1].astype(np.int64)
    import pyarrow as pa

    found: Ints = pa.array(data, pa.string()).dictionary_encode().indices.to_numpy().astype(np.int64)
    return found


def count(column: Column, start: Ints, end: Ints) -> Values:
    return Values(end - start, np.ones(len(start), dtype=bool))


def total(column: Column, start: Ints, end: Ints) -> Values:
    """The sum, which is 0 without values. TooExpensive where it does not fit into 64 bits."""
    if column.largest * int((end - start).max(initial=0)) > MOST:
        raise TooExpensive("A sum could get too large for 64 bits.", "Use fewer decimals, or a shorter window.")
    return Values(column.sums[end] - column.sums[start], np.ones(len(start), dtype=bool))


def last(column: Column, start: Ints, end: Ints) -> Values:
    return _picked(column.data, end - 1, end > start)


def distinct(column: Column, start: Ints, end: Ints) -> Values:
    """How many different values there are: those that have no equal before them in the range."""
    found = column.earlier.below(start, end, start + 1)
    return Values(found, np.ones(len(start), dtype=bool))


def quantile(column: Column, start: Ints, end: Ints, share: float) -> Values:
    there = end > start
    found = np.zeros(len(start), dtype=np.int64)
    if there.any():
        size = (end - start)[there]
        rank = np.maximum(np.ceil(share * size).astype(np.int64), 1) - 1
        found[there] = column.ranked[1].smallest(start[there], end[there], rank)
    return _picked(column.ranked[0], found, there)


def smallest(column: Column, start: Ints, end: Ints) -> Values:
    return _extreme(column.data, start, end, np.minimum)


def largest(column: Column, start: Ints, end: Ints) -> Values:
    return _extreme(column.data, start, end, np.maximum)


def _picked(data: Array, at: Ints, there: Array) -> Values:
    if not len(data):
        return Values(np.zeros(len(at), dtype=data.dtype), np.zeros(len(at), dtype=bool))
    return Values(data[np.where(there, at, 0)], there)


def _extreme(data: Array, start: Ints, end: Ints, better: Callable[..., Array]) -> Values:
    """A range is covered by two, of a power of two each; one power after the other, so that little is held."""
    there = end > start
    found = np.zeros(len(start), dtype=data.dtype)
    _, power = np.frexp((end - start).astype(np.float64))
    power -= 1
    for step in range(int(power[there].max()) + 1 if there.any() else 0):
        mine = np.flatnonzero(there & (power == step))
        found[mine] = better(data[start[mine]], data[end[mine] - 2**step])
        data = better(data[: -(2**step)], data[2**step :]) if len(data) > 2**step else data[:0]
    return Values(found, there)
