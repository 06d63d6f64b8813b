"""The end of a query that takes too long, or that nobody waits for any more."""

from __future__ import annotations

import heapq
import itertools
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Literal

AGAIN = 0.05
"""Seconds between two interruptions: one that comes before the engine has begun is lost on it."""

MANY = 1_024
"""Queries that are watched before those that are over are looked for."""


class Stop:
    """Ends a query from another thread: at its deadline, or by `cancel` when its caller has gone.

    A caller that asks several queries, one after the other, may use one `Stop` for all of them.
    """

    def __init__(self) -> None:
        self.seconds = 0.0
        self.reason: Literal["", "time", "gone"] = ""
        self._deadline = 0.0
        self._interrupt: Callable[[], object] | None = None

    def within(self, seconds: float) -> Stop:
        """A query begins now, and may run so long."""
        self.seconds = seconds
        self.reason = "gone" if self.reason == "gone" else ""
        self._deadline = time.monotonic() + seconds
        return self

    def cancel(self) -> None:
        """The caller has gone: end the query now, and one that has not begun as soon as it does."""
        self.reason = self.reason or "gone"
        if self._interrupt is not None:
            WATCH.add(0.0, self)

    @property
    def left(self) -> float:
        """Seconds until the deadline."""
        return max(0.0, self._deadline - time.monotonic())

    @property
    def runs(self) -> bool:
        """Whether the query is under way."""
        return self._interrupt is not None

    @contextmanager
    def watching(self, interrupt: Callable[[], object]) -> Iterator[None]:
        """While the block runs, `interrupt` is called as soon as the query has to end."""
        self._interrupt = interrupt
        WATCH.add(0.0 if self.reason else self._deadline, self)
        try:
            yield
        finally:
            self._interrupt = None

    def due(self) -> bool:
        """Interrupt the query; whether it has to be done again because it still runs.

        The deadline of an earlier query says nothing of the one that runs now."""
        interrupt = self._interrupt
        if interrupt is None or (not self.reason and time.monotonic() < self._deadline):
            return False
        self.reason = self.reason or "time"
        interrupt()
        return True


class Watch:
    """One thread that sees to the deadlines of all queries."""

    def __init__(self) -> None:
        self._due: list[tuple[float, int, Stop]] = []
        self._count = itertools.count()
        self._changed = threading.Condition()
        self._running = False
        self._most = MANY

    def add(self, deadline: float, stop: Stop) -> None:
        """See to `stop` at a moment of `time.monotonic`."""
        with self._changed:
            self._forget()
            soonest = not self._due or deadline < self._due[0][0]
            heapq.heappush(self._due, (deadline, next(self._count), stop))
            if not self._running:
                self._running = True
                threading.Thread(target=self._run, name="deadlines", daemon=True).start()
            elif soonest:
                self._changed.notify()

    def _forget(self) -> None:
        """Drop the queries that are over, now and then: their deadlines may be an hour away."""
        if len(self._due) > self._most:
            self._due = [entry for entry in self._due if entry[2].runs]
            heapq.heapify(self._due)
            self._most = max(MANY, 2 * len(self._due))

    def _run(self) -> None:
        while True:
            with self._changed:
                while not self._due or self._due[0][0] > time.monotonic():
                    self._changed.wait(self._due[0][0] - time.monotonic() if self._due else None)
                stop = heapq.heappop(self._due)[2]
            if stop.due():
                self.add(time.monotonic() + AGAIN, stop)


WATCH = Watch()
"""The watch of this process."""
