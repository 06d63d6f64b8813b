"""Where the windows of points begin and end among their events."""

from __future__ import annotations

import numpy as np

from data.features.events import Events, Ints, Points
from data.features.places import upto


class Edges:
    """How many events lie before the edges of each point's windows, those of the entities before its own included."""

    def __init__(self, events: Events, points: Points) -> None:
        self.events, self.points = events, points
        self._left: dict[int, Ints] = {}
        self.entered = upto(events.code, events.known, points.code, points.at, scattered=not events.ordered)
        """Events that are known at each point."""

    def left(self, window: int) -> Ints:
        """Events that happened a window before each point, or earlier."""
        if window not in self._left:
            events, points = self.events, self.points
            self._left[window] = upto(events.code, events.time, points.code, points.at - window)
        return self._left[window]

    def range(self, window: int) -> tuple[Ints, Ints]:
        """The events in (t - window, t] that are known by t, as `[start, end)`: of events that became known in the
        order in which they happened."""
        return np.minimum(self.left(window), self.entered), self.entered


def needed(events: Events, points: Points, horizon: int) -> Events:
    """The events that lie less than `horizon` before some point."""
    begin = upto(events.code, events.time, points.code, points.at - horizon)
    end = upto(events.code, events.time, points.code, points.at)
    size = len(events) + 1
    open_ = np.cumsum(np.bincount(begin, minlength=size) - np.bincount(end, minlength=size))[:-1]
    return events if open_.all() else events.take(np.flatnonzero(open_))
