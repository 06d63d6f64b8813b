"""How many programs run at once: each takes a process of its own, with memory of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore

from data.errors import Busy

MOST = 8
PATIENCE = 60.0


class Seats:
    """Places for the programs of one process; whoever finds none waits a while."""

    def __init__(self, most: int = MOST, patience: float = PATIENCE) -> None:
        self._places, self._patience = BoundedSemaphore(most), patience

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Have a place; Busy where there is none for too long."""
        if not self._places.acquire(timeout=self._patience):
            raise Busy("As many programs run as may run at once.", "Try again in a minute.")
        try:
            yield
        finally:
            self._places.release()
