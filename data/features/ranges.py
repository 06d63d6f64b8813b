"""Where the windows of points begin and end among their events."""

from __future__ import annotations

import numpy as np

from data.features.events import Events, Ints, Points
from data.features.places import Line

FEW = 0.5
"""The share of the events from which on those that nobody needs are kept, as leaving them out takes its time too."""


class Edges:
    """How many events lie before the edges of each point's windows, those of the entities before its own included."""

    def __init__(self, events: Events, points: Points) -> None:
        self.events, self.points = events, points
        self._happened = Line(events.code, events.time)
        immediate = events.known is events.time
        known = self._happened if immediate else Line(events.code, events.known, scattered=not events.ordered)
        self.entered = known.upto(points.code, points.at)
        """Events that are known at each point."""
        self._left = {0: self.entered} if immediate else {}

    @classmethod
    def of(cls, events: Events, points: Points, horizon: int) -> Edges:
        """Those of the events that lie less than `horizon` before some point, where these are few."""
        from data.features import loops

        edges = cls(events, points)
        start, end = edges.left(horizon), edges.left(0)
        count = loops.covered(start, end)
        if count > FEW * len(events):
            return edges
        needed = np.empty(count, dtype=np.int64)
        loops.spread(start, end, needed)
        return cls(events.take(needed), points)

    def left(self, window: int) -> Ints:
        """Events that happened a window before each point, or earlier."""
        if window not in self._left:
            self._left[window] = self._happened.upto(self.points.code, self.points.at, window)
        return self._left[window]

    def range(self, window: int) -> tuple[Ints, Ints]:
        """The events in (t - window, t] that are known by t, as `[start, end)`: of events that became known in the
        order in which they happened."""
        return np.minimum(self.left(window), self.entered), self.entered
