"""Steps that run one after the other on each item, every step in a thread of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable
from queue import Queue
from typing import Any

Step = Callable[[Any], Any]
"""Takes what the step before gave; None goes no further."""


class Pipeline:
    """At most one item waits before each step, so that whoever puts more waits too.

    After an error in a step the items behind it are dropped; the error comes out of the next `put` or `drain`.
    """

    def __init__(self, *steps: Step) -> None:
        self._queues: list[Queue[Any]] = [Queue(maxsize=1) for _ in steps]
        self._error: BaseException | None = None
        self._threads = [
            threading.Thread(target=self._run, args=(i, step), name=f"stream-{i}", daemon=True)
            for i, step in enumerate(steps)
        ]
        for thread in self._threads:
            thread.start()

    def put(self, item: Any) -> None:
        """Hand in an item; waits while the first step is busy and another item waits already."""
        self._raise()
        self._queues[0].put(item)

    def drain(self) -> None:
        """Wait until everything has gone through."""
        for queue in self._queues:
            queue.join()
        self._raise()

    def close(self) -> None:
        """End the threads, after what is under way."""
        for queue, thread in zip(self._queues, self._threads, strict=True):
            queue.put(_End)
            thread.join()

    def _raise(self) -> None:
        if self._error is not None:
            for queue in self._queues:
                queue.join()
            error, self._error = self._error, None
            raise error

    def _run(self, index: int, step: Step) -> None:
        queue, following = self._queues[index], self._queues[index + 1 : index + 2]
        while (item := queue.get()) is not _End:
            try:
                made = step(item) if self._error is None else None
                if made is not None and following:
                    following[0].put(made)
            except BaseException as error:  # noqa: BLE001
                self._error = error
            finally:
                item = made = None
                queue.task_done()
        queue.task_done()


class _End:
    """Put last."""
