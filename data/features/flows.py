"""Counts and sums where events became known in another order than they happened: what came in, less what went out.

An event is in a window w of the moments from when it is known until w after it happened. So a sum over the window is
one of all that are known, less one of all that happened w ago: two binary searches a point, however many events.
"""

from __future__ import annotations

import numpy as np

from data.errors import TooExpensive
from data.features.events import Bools, Events, Ints, Points
from data.features.kernels import MOST
from data.features.ranges import upto


class Flows:
    """The events of some points, in both orders."""

    def __init__(self, events: Events, points: Points) -> None:
        self.events, self.points = events, points
        self._order = np.lexsort((events.known, events.code))
        self._known = upto(events.code, events.known[self._order], points.code, points.at)
        self._past: dict[int, Ints] = {}

    def count(self, valid: Bools, window: int) -> Ints:
        """How many valid events are in each point's window."""
        return self._difference(valid.astype(np.int64), window)

    def total(self, data: Ints, valid: Bools, window: int, size: Ints) -> Ints:
        """The sums of valid values, of which there are `size`. TooExpensive where one may not fit into 64 bits."""
        values = np.where(valid, data, 0)
        if int(np.abs(values).max(initial=0)) * int(size.max(initial=0)) > MOST:
            raise TooExpensive("A sum could get too large for 64 bits.", "Use fewer decimals, or a shorter window.")
        return self._difference(values, window)

    def _difference(self, values: Ints, window: int) -> Ints:
        if window not in self._past:
            past = upto(self.events.code, self.events.time, self.points.code, self.points.at - window)
            self._past[window] = past
        # An event that is known only after its window has passed is in none.
        values = np.where(self.events.known < self.events.time + window, values, 0)
        entered = np.concatenate(([0], np.cumsum(values[self._order])))
        left = np.concatenate(([0], np.cumsum(values)))
        return entered[self._known] - left[self._past[window]]
