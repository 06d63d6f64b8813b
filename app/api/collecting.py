"""Garbage collection in a server. A full one looks through all that lives, libraries and the caches of every caller
among it, while everybody waits: what has lived long is set aside, and looked through when nobody asks for anything."""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from data.observe import Observation

YOUNG = 2_000
"""New objects after which the young ones are looked through."""
LONG = 0.05
"""Seconds of a full collection after which what it has left is set aside."""
QUIET, SELDOM = 2.0, 300.0
"""Seconds without a request after which what was set aside is looked through, and between two such times at least."""


class Collecting:
    """How the process collects while it serves. It watches requests, as an observer does, for when there are none."""

    def __init__(self) -> None:
        self._begun, self._last, self._running, self._aside = 0.0, time.monotonic(), 0, False
        self._lock, self._over = threading.Lock(), threading.Event()

    @contextmanager
    def serving(self) -> Iterator[None]:
        """While the block runs, all that was there before it is set aside."""
        kept = gc.get_threshold()
        gc.collect()
        gc.freeze()
        gc.set_threshold(YOUNG, *kept[1:])
        gc.callbacks.append(self._collected)
        threading.Thread(target=self._sweep, name="garbage", daemon=True).start()
        try:
            yield
        finally:
            self._over.set()
            gc.callbacks.remove(self._collected)
            gc.set_threshold(*kept)
            gc.unfreeze()

    @contextmanager
    def observe(self, seen: Observation) -> Iterator[None]:
        """A request goes on."""
        if seen.kind != "request":
            yield
            return
        self._counted(1)
        try:
            yield
        finally:
            self._counted(-1)

    def _counted(self, more: int) -> None:
        with self._lock:
            self._running += more
            self._last = time.monotonic()

    def _collected(self, phase: str, info: dict[str, int]) -> None:
        if info["generation"] < 2:
            return
        if phase == "start":
            self._begun = time.perf_counter()
        elif time.perf_counter() - self._begun > LONG:
            gc.freeze()
            self._aside = True

    def _sweep(self) -> None:
        """When it is quiet, free what was set aside and has become garbage since."""
        swept = time.monotonic()
        while not self._over.wait(QUIET):
            now = time.monotonic()
            quiet = not self._running and now - self._last > QUIET
            if self._aside and quiet and now - swept > SELDOM:
                gc.unfreeze()
                gc.collect()
                gc.freeze()
                self._aside, swept = False, now
