"""One after another: whoever works on something that waits for people has it alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from data.errors import Busy

PATIENCE = 60.0
MOST_AT_ONCE = 256


class Turns:
    """Locks by name, for the threads of a process; two names may share one."""

    def __init__(self, noun: str) -> None:
        """`noun` says what names are names of, such as `filling`."""
        self._noun = noun
        self._locks = tuple(Lock() for _ in range(MOST_AT_ONCE))

    @contextmanager
    def of(self, name: str) -> Iterator[None]:
        """Wait for the turn, and have it; Busy where another keeps it too long."""
        lock = self._locks[hash(name) % MOST_AT_ONCE]
        if not lock.acquire(timeout=PATIENCE):
            raise Busy(f"The {self._noun} '{name}' is being worked on.", "Try again in a minute.")
        try:
            yield
        finally:
            # Also from another thread than the one that took it: events are read by whichever is free.
            lock.release()
