"""What is told by one thread, taken up by another as it comes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextvars import copy_context
from dataclasses import dataclass
from queue import SimpleQueue
from threading import Thread
from typing import TypeVar

from data.stop import Stop

Told = TypeVar("Told")


@dataclass(frozen=True)
class End:
    """Nothing more is told, and why."""

    error: BaseException | None = None


def relayed(work: Callable[[Callable[[Told], None]], object], stop: Stop) -> Iterator[Told]:
    """What `work` tells; then what it raised. Whoever listens no longer stops it, and waits for its end."""
    told: SimpleQueue[Told | End] = SimpleQueue()
    worker = Thread(target=copy_context().run, args=(worked, work, told.put), name="question", daemon=True)
    worker.start()
    try:
        while not isinstance(one := told.get(), End):
            yield one
    except BaseException:
        stop.cancel()
        raise
    finally:
        worker.join()
    if one.error is not None:
        raise one.error


def worked(work: Callable[[Callable[[Told], None]], object], put: Callable[[Told | End], None]) -> None:
    """Do the work, put what it tells, and then its end."""
    error: BaseException | None = None
    try:
        work(put)
    except BaseException as raised:  # noqa: BLE001 - it is raised again where it is listened to
        error = raised
    put(End(error))
