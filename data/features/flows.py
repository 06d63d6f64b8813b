"""Counts and sums over windows, in whatever order events became known: what came in, less what went out.

An event is in a window w of the moments from when it is known until w after it happened. So a sum over the window is
one of all that are known, less one of all that happened w ago.
"""

from __future__ import annotations

import numpy as np

from data.errors import TooExpensive
from data.features.events import Array, Ints, Values
from data.features.places import order
from data.features.ranges import Edges

MOST = 2**63 - 1
"""The greatest sum."""

NEAR = 2
"""How much greater than their count numbers may be to be counted by."""


class Flows:
    """The events of some points. A column is the place of a stored one; None stands for the events themselves."""

    def __init__(self, edges: Edges) -> None:
        self._edges, self._events = edges, edges.events
        self._counts: dict[tuple[int | None, int], Ints] = {}
        self._totals: dict[tuple[int, int], Ints] = {}
        self._sums: dict[tuple[int | None, bool], tuple[Ints, Ints]] = {}
        self._numbers: dict[int, Ints] = {}
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
        if (column, window) not in self._totals:
            largest = int(np.abs(self._values(column, of_values=True)).max(initial=0))
            if largest * int(self.count(column, window).max(initial=0)) > MOST:
                said = "A sum could get too large for 64 bits."
                raise TooExpensive(said, "Use fewer decimals, or a shorter window.")
            self._totals[column, window] = self._difference(column, window, of_values=True)
        return self._totals[column, window]

    def distinct(self, column: int, window: int) -> Ints:
        """How many different values there are."""
        from data.features import loops

        if column not in self._numbers:
            self._numbers[column] = _numbered(self._events.values[column])
        number = self._numbers[column]
        if self._latest >= window:
            number = np.where(self._events.known < self._events.time + window, number, -1)
        found = np.empty(len(self._edges.points), dtype=np.int64)
        loops.distinct(number[self._order], number, self._edges.entered, self._edges.left(window), found)
        return found

    def _difference(self, column: int | None, window: int, *, of_values: bool) -> Ints:
        from data.features import loops

        late = self._latest >= window
        edges, left = self._edges, self._edges.left(window)
        if column is None and not late:
            return edges.entered - left
        come, gone = self._running(column, of_values=of_values, window=window if late else None)
        found = np.empty(len(edges.points), dtype=np.int64)
        loops.differences(come, gone, edges.entered, left, found)
        return found

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


def _numbered(values: Values) -> Ints:
    """Equal numbers from 0 on for equal values, -1 for null."""
    number = _near(values.data)
    if number is None:
        import pyarrow as pa

        made = pa.array(values.data, pa.string() if values.data.dtype == object else None)
        number = made.dictionary_encode().indices.fill_null(-1).to_numpy().astype(np.int64)
    return number if values.whole else np.where(values.valid, number, -1)


def _near(data: Array) -> Ints | None:
    """Whole numbers counted from the least, where none gets much greater than there are of them."""
    if data.dtype != np.int64 or not len(data):
        return None
    least = int(data.min())
    return data - least if int(data.max()) - least <= NEAR * len(data) else None
