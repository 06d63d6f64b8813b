"""The time that a learning may take, and how it is shared out."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

DRAWING, ASKING = 0.2, 0.3
"""Shares of all time: for drawing questions, and for asking those that were held back."""
LEAST, MOST = 20, 120
"""Questions that are held back: the fewest and the most."""
PER_MINUTE = 4
HELD_WORLDS = 160
"""Questions over the worlds that are held out."""
TRIED = 2 * HELD_WORLDS // 3
"""Examples that could be learnt while two adapters are tried on the held-out worlds: reading takes a third of it."""


@dataclass(frozen=True)
class Budget:
    """Minutes from now on."""

    minutes: float
    started: float = field(default_factory=time.monotonic)

    @property
    def left(self) -> float:
        """Seconds; none are left when it is negative."""
        return self.started + 60 * self.minutes - time.monotonic()

    @property
    def drawing(self) -> float:
        """Seconds for drawing questions."""
        return DRAWING * 60 * self.minutes

    @property
    def asking(self) -> float:
        """Seconds for asking two adapters."""
        return ASKING * 60 * self.minutes

    @property
    def questions(self) -> int:
        """How many questions are held back."""
        return max(LEAST, min(MOST, round(PER_MINUTE * self.minutes)))

    def evaluating(self, speed: float) -> float:
        """Seconds for asking: all that is left, but for what the worlds take where so many are learnt a second."""
        return max(self.asking, self.left - TRIED / speed)

    def examples(self, speed: float, wanted: int, least: int) -> int:
        """How many examples can be learnt at so many a second, of those that would be good."""
        return max(least, min(wanted, round(speed * (self.left - self.drawing / 2 - self.asking)) - TRIED))
