"""A steady pace: so many events a second, whatever the machine does in between."""

from __future__ import annotations

import math
import time
from collections.abc import Callable


class Pace:
    """A bucket that fills at `rate` events a second and holds at most a second's worth."""

    def __init__(self, rate: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.rate = rate
        self._clock = clock
        self._last = clock()
        self._held = 0.0

    def take(self, most: int) -> int:
        """How many events may go now, at most so many."""
        now = self._clock()
        self._held = min(max(1.0, self.rate), self._held + (now - self._last) * self.rate)
        self._last = now
        taken = min(math.floor(self._held), most)
        self._held -= taken
        return taken

    def pause(self) -> float:
        """Seconds to wait before asking again: until the next event is due, but at least 2 ms and at most 0.1 s."""
        return min(0.1, max(0.002, (1 - self._held) / self.rate))
