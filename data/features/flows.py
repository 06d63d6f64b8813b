"""Counts and sums over windows, in whatever order events became known: what came in, less what went out.

An event is in a window w of the moments from when it is known until w after it happened. So a sum over the window is
one of all that are known, less one of all that happened w ago: two binary searches a point, however many events. For
different values, an event goes out as soon as a later one with its value is known.
"""

from __future__ import annotations

import numpy as np

from data.errors import TooExpensive
from data.features.events import Array, Bools, Ints
from data.features.places import Line, order
from data.features.ranges import Edges

MOST = 2**63 - 1
"""The greatest sum, and a moment that never comes."""


class Flows:
    """The events of some points. A column is the place of a stored one; None stands for the events themselves."""

    def __init__(self, edges: Edges) -> None:
        self._edges, self._events = edges, edges.events
        self._counts: dict[tuple[int | None, int], Ints] = {}
        self._sums: dict[tuple[int | None, bool], tuple[Ints, Ints]] = {}
        self._until: dict[int, Ints] = {}
        events = self._events
        self._order = slice(None) if events.ordered else order(events.code, events.known)
        self._latest = int((events.known - events.time).max(initial=0))

    def count(self, column: int | None, window: int) -> Ints:
        """How many events, or values of a column, are in each point's window."""
        if column is not None and self._events.values[column].whole:
            column = None
        if (column, window) not in self._counts:
            self._counts[column, window] = self._difference(column, window, of_values=False)
        return self._counts[column, window]

    def total(self, column: int, window: int) -> Ints:
        """The sums of values. TooExpensive where one may not fit into 64 bits."""
        largest = int(np.abs(self._values(column, of_values=True)).max(initial=0))
        if largest * int(self.count(column, window).max(initial=0)) > MOST:
            raise TooExpensive("A sum could get too large for 64 bits.", "Use fewer decimals, or a shorter window.")
        return self._difference(column, window, of_values=True)

    def distinct(self, column: int, window: int) -> Ints:
        """How many different values there are."""
        events, points, valid = self._events, self._edges.points, self._events.values[column].valid
        if column not in self._until:
            self._until[column] = _until(events.code[valid], events.known[valid], events.values[column].data[valid])
        out = np.minimum(events.time[valid] + window, self._until[column])
        out = np.maximum(out, events.known[valid])
        entered = self._running(column, of_values=False)[0][self._edges.entered]
        return entered - Line(events.code[valid], out, scattered=True).upto(points.code, points.at)

    def _difference(self, column: int | None, window: int, *, of_values: bool) -> Ints:
        late = self._latest >= window
        if column is None and not late:
            return self._edges.entered - self._edges.left(window)
        entered, left = self._running(column, of_values=of_values, window=window if late else None)
        return entered[self._edges.entered] - left[self._edges.left(window)]

    def _running(self, column: int | None, *, of_values: bool, window: int | None = None) -> tuple[Ints, Ints]:
        """Sums of what comes before each event, in the order in which events became known and in which they happened:
        of all, or of those that are known before a window has passed. They may wrap around; differences are right."""
        if window is None and (column, of_values) in self._sums:
            return self._sums[column, of_values]
        values = self._values(column, of_values=of_values)
        if window is not None:
            values = np.where(self._events.known < self._events.time + window, values, 0)
        left = _summed(values)
        found = (left if self._events.ordered else _summed(values[self._order]), left)
        if window is None:
            self._sums[column, of_values] = found
        return found

    def _values(self, column: int | None, *, of_values: bool) -> Ints:
        if column is None:
            return np.ones(len(self._events), dtype=np.int64)
        stored = self._events.values[column]
        if not of_values:
            return stored.valid.astype(np.int64)
        return stored.data if stored.whole else np.where(stored.valid, stored.data, 0)


def _summed(values: Ints) -> Ints:
    found = np.zeros(len(values) + 1, dtype=np.int64)
    np.cumsum(values, out=found[1:])
    return found


def _until(code: Ints, known: Ints, data: Array) -> Ints:
    """When a later event of the same entity and value is known first, for each event; MOST where none comes."""
    found = np.full(len(code), MOST)
    if not len(code):
        return found
    number = _numbered(data)
    group = code * (int(number.max()) + 1) + number
    by = np.arange(len(group))[order(group, np.arange(len(group)))]
    same = group[by][1:] == group[by][:-1]
    first = _soonest(known[by], same)
    found[by[:-1][same]] = first[1:][same]
    return found


def _soonest(known: Ints, same: Bools) -> Ints:
    """The least of each and those after it in its group; `same` says which are in the group of the one before."""
    if not np.any(same & (known[1:] < known[:-1])):
        return known
    distinct, rank = np.unique(known, return_inverse=True)
    # Ranks of later groups lie above all of earlier ones, so that one running minimum from behind serves all.
    base = np.concatenate(([0], np.cumsum(~same))) * len(distinct)
    least = np.minimum.accumulate((base + rank)[::-1])[::-1] - base
    found: Ints = distinct[least]
    return found


def _numbered(data: Array) -> Ints:
    """Equal numbers for equal values."""
    import pyarrow as pa

    made = pa.array(data, pa.string() if data.dtype == object else None)
    found: Ints = made.dictionary_encode().indices.to_numpy().astype(np.int64)
    return found
