"""Endpoints that failed are left alone for a while, so that a dead server costs its callers no waiting.

The circuit breaker of M. Nygard, "Release It!": closed, open after some failures in a row, and then half open, when one
request tries whether it is back.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import Literal

FAILURES = 3
"""Failures in a row after which nobody asks any more."""
PAUSE, LONGEST = 5.0, 300.0
"""Seconds until one request may try again; they double with each try that fails."""

State = Literal["closed", "open", "half open"]


@dataclass
class Breaker:
    """One endpoint's circuit. Thread safe."""

    failures: int = 0
    pause: float = PAUSE
    until: float = 0.0
    trying: bool = False
    why: str = ""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def state(self) -> State:
        if self.failures < FAILURES:
            return "closed"
        return "open" if time.monotonic() < self.until else "half open"

    @property
    def left(self) -> float:
        """Seconds until a request may try again."""
        return max(0.0, self.until - time.monotonic())

    def allows(self) -> bool:
        """Whether a request may be made now; where the circuit is half open, the first to ask makes it."""
        with self._lock:
            if self.state == "closed":
                return True
            if self.state == "open" or self.trying:
                return False
            self.trying = True
            return True

    def succeeded(self) -> None:
        with self._lock:
            self.failures, self.pause, self.trying, self.why = 0, PAUSE, False, ""

    def failed(self, why: str) -> None:
        with self._lock:
            again = self.failures >= FAILURES
            self.failures += 1
            self.why, self.trying = why, False
            if self.failures >= FAILURES:
                self.pause = min(self.pause * 2, LONGEST) if again else PAUSE
                self.until = time.monotonic() + self.pause

    def let_go(self) -> None:
        """The request came to an end that says nothing of the endpoint."""
        with self._lock:
            self.trying = False
