"""Cells that stand ready, so that a program does not wait for its walls."""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Callable
from threading import Lock

from data.errors import Unavailable
from data.sandbox.cell import Cell


class Pool:
    """Keeps some fresh cells of one kind. One that was taken never comes back."""

    def __init__(self, spawn: Callable[[], Cell], size: int) -> None:
        self.spawn = spawn
        self._size = size
        self._waiting: deque[Cell] = deque()
        self._lock = Lock()
        self._closed = False

    def fill(self) -> None:
        """Have as many cells made as are missing; they get ready by themselves."""
        with self._lock:
            while len(self._waiting) < self._size and not self._closed:
                self._waiting.append(self.spawn())

    def take(self) -> Cell:
        """A cell of one's own; another one is made in its place."""
        with self._lock:
            cell = self._waiting.popleft() if self._waiting else None
        taken = cell or self.spawn()
        with contextlib.suppress(Unavailable):
            self.fill()
        return taken

    def close(self) -> None:
        with self._lock:
            self._closed = True
            while self._waiting:
                self._waiting.pop().close()
