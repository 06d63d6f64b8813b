"""How many requests a caller or an address may send: a bucket for each, which fills again as time goes by."""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock

MOST_KNOWN = 10_000
"""Callers that are remembered; the one that was quiet for longest is forgotten first."""
BURST = 10.0
"""Seconds' worth of requests that may come at once."""


@dataclass
class Rates:
    """Thread safe. Each process has its own."""

    per_minute: int
    now: Callable[[], float] = time.monotonic
    _left: OrderedDict[str, tuple[float, float]] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def wait(self, who: str) -> int:
        """0, and the request counts; or the seconds to wait, and it does not."""
        rate = self.per_minute / 60
        most = max(1.0, rate * BURST)
        with self._lock:
            now = self.now()
            left, at = self._left.pop(who, (most, now))
            left = min(most, left + (now - at) * rate)
            granted = left >= 1
            self._left[who] = (left - 1 if granted else left, now)
            while len(self._left) > MOST_KNOWN:
                self._left.popitem(last=False)
        return 0 if granted else max(1, math.ceil((1 - left) / rate))
