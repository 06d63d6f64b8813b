"""Look-ups in the audit trail: each is announced by a durable record before it is answered, and many share one.

The first look-up of a caller into some features writes a record, and so stands for those that follow within a few
seconds; how many there were is a second record. What a crash can take is that number, never that they were given out.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from dataclasses import dataclass, field

SPAN = 10.0
"""Seconds that a record stands for at most."""

MOST = 100_000
"""Rows that it stands for at most."""

Write = Callable[[int, str], object]
"""Keeps a record of so many rows with a remark; returns when it is durable, and raises when it can't be."""

OPENED = f"Look-ups of the next {SPAN:g} s follow in one record."
CLOSED = "Further look-ups of the record before."


@dataclass
class _Entry:
    write: Write
    announced: Future[None] = field(default_factory=Future)
    rows: int = 0


class Ledger:
    """Many threads may note at once."""

    def __init__(self) -> None:
        self._open: dict[Hashable, _Entry] = {}
        self._lock = threading.Lock()

    def note(self, key: Hashable, rows: int, write: Write) -> None:
        """Returns when a durable record stands for these rows of `key`: who, what, and under which rights. Raises
        what `write` does: then nothing may be answered."""
        with self._lock:
            entry = self._open.get(key)
            if entry is not None and entry.rows + rows <= MOST:
                entry.rows += rows
                first = False
            else:
                entry, first = self._begin(key, write), True
        if first:
            self._announce(key, entry, rows)
        entry.announced.result()

    def close(self) -> None:
        """Write what is still to be counted."""
        for key in list(self._open):
            self._end(key, self._open.get(key))

    def _begin(self, key: Hashable, write: Write) -> _Entry:
        before, entry = self._open.get(key), _Entry(write)
        self._open[key] = entry
        if before is not None:
            self._start(lambda: _count(before), 0)
        return entry

    def _announce(self, key: Hashable, entry: _Entry, rows: int) -> None:
        try:
            entry.write(rows, OPENED)
        except BaseException as error:  # noqa: BLE001 - whoever waits raises it
            with self._lock:
                if self._open.get(key) is entry:
                    del self._open[key]
            entry.announced.set_exception(error)
        else:
            entry.announced.set_result(None)
            self._start(lambda: self._end(key, entry), SPAN)

    def _end(self, key: Hashable, entry: _Entry | None) -> None:
        with self._lock:
            if entry is None or self._open.get(key) is not entry:
                return
            del self._open[key]
        _count(entry)

    def _start(self, act: Callable[[], None], seconds: float) -> None:
        timer = threading.Timer(seconds, act)
        timer.daemon = True
        timer.start()


def _count(entry: _Entry) -> None:
    if entry.rows and entry.announced.exception() is None:
        entry.write(entry.rows, CLOSED)
