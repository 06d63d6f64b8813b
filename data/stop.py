"""The end of a query that takes too long, or that nobody waits for any more."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Literal

AGAIN = 0.05
"""Seconds between two interruptions: one that comes before the engine has begun is lost on it."""


class Stop:
    """Ends one query from another thread: at its deadline, or by `cancel` when its caller has gone."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.reason: Literal["", "time", "gone"] = ""
        self._deadline = time.monotonic() + seconds
        self._changed = threading.Condition()
        self._over = False

    def cancel(self) -> None:
        """The caller has gone: end the query now, and one that has not begun as soon as it does."""
        with self._changed:
            self.reason = self.reason or "gone"
            self._changed.notify_all()

    @property
    def left(self) -> float:
        """Seconds until the deadline."""
        return max(0.0, self._deadline - time.monotonic())

    @contextmanager
    def watching(self, interrupt: Callable[[], object]) -> Iterator[None]:
        """While the block runs, `interrupt` is called as soon as the query has to end."""
        self._over = False
        watch = threading.Thread(target=self._watch, args=[interrupt], daemon=True)
        watch.start()
        try:
            yield
        finally:
            with self._changed:
                self._over = True
                self._changed.notify_all()

    def _watch(self, interrupt: Callable[[], object]) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._over or bool(self.reason), self.left)
            if not self._over:
                self.reason = self.reason or "time"
            while not self._over:
                interrupt()
                self._changed.wait(AGAIN)
