"""Stopping in order: SIGINT and SIGTERM set a flag instead of ending the process in the middle."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread
from types import FrameType


@contextmanager
def interruption() -> Iterator[Event]:
    """The flag, for the main thread. A second signal ends the process as it always does."""
    stop = Event()
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def ask(number: int, _frame: FrameType | None) -> None:
        signal.signal(number, before[signal.Signals(number)])
        # The main thread, which is here, may hold the flag's lock in its wait.
        Thread(target=stop.set).start()

    for number in before:
        signal.signal(number, ask)
    try:
        yield stop
    finally:
        for number, old in before.items():
            signal.signal(number, old)
