"""One question at a time computes. Python runs one thread at once anyway: where many take slices of it by turns, all of
them end late; where each has it until it waits for a model or a store, nearly all end sooner and none later."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from data.observe import Observation

LONG = 0.05
"""Seconds after which the next one goes on beside who still has the lane, as one does that waits for something slow
which nobody tells of."""
WAITS = ("model", "engine", "commit")
"""What leaves the lane to others."""


class Turn:
    """One question's way along the lane; `called` is locked until it may go on."""

    def __init__(self) -> None:
        self.called = threading.Lock()
        self.called.acquire()


class Lane:
    """First come, first served, and before them who has been there already. It watches, as an observer does, where
    questions begin and where they wait."""

    def __init__(self, long: float = LONG) -> None:
        self._long, self._lock, self._here = long, threading.Lock(), threading.local()
        self._new: deque[Turn] = deque()
        self._back: deque[Turn] = deque()
        self._holder: Turn | None = None
        self._since = 0.0

    @contextmanager
    def observe(self, seen: Observation) -> Iterator[None]:
        """A question has the lane while it goes on, and leaves it while it waits."""
        turn: Turn | None = getattr(self._here, "turn", None)
        if turn is None and seen.kind == "question":
            with self._entered():
                yield
        elif turn is not None and seen.kind in WAITS:
            self._give(turn)
            try:
                yield
            finally:
                self._take(turn, self._back)
        else:
            yield

    @contextmanager
    def _entered(self) -> Iterator[None]:
        turn = self._here.turn = Turn()
        try:
            self._take(turn, self._new)
            yield
        finally:
            self._here.turn = None
            self._give(turn)

    def _take(self, turn: Turn, waiting: deque[Turn]) -> None:
        with self._lock:
            waiting.append(turn)
            if self._holder is None:
                self._next()
        while not turn.called.acquire(timeout=self._long):
            with self._lock:
                if time.monotonic() - self._since > self._long:
                    self._next()

    def _give(self, turn: Turn) -> None:
        """Let the next one go on, unless it does so already."""
        with self._lock:
            if self._holder is turn:
                self._next()

    def _next(self) -> None:
        waiting = self._back or self._new
        self._holder, self._since = waiting.popleft() if waiting else None, time.monotonic()
        if self._holder is not None:
            self._holder.called.release()
