"""All streams of a home at work in one process, each with a worker in a thread."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Event
from typing import Any

from data.catalog import Catalog
from data.streams.decode import decoder_of
from data.streams.memory import thrifty
from data.streams.status import folder
from data.streams.stream import Broker, Stream
from data.streams.worker import Worker


class Crew:
    """A worker for each stream. With `once` the first error of any of them ends all."""

    def __init__(self, workers: Sequence[Worker]) -> None:
        self.workers = workers
        self._error: Exception | None = None

    def run(self, stop: Event, *, once: bool, tick: Callable[[], None], every: float) -> None:
        """Work until `stop`, or with `once` until all have reached their topic's end; `tick` is called meanwhile."""
        thrifty()
        threads = [threading.Thread(target=self._work, args=(worker, stop, once)) for worker in self.workers]
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads):
            self._wait(threads, every)
            if any(thread.is_alive() for thread in threads):
                tick()
        if self._error is not None:
            raise self._error

    def totals(self) -> dict[str, Any]:
        """What has been done, over all and for each table."""
        tables = [
            {"stream": w.stream.name, "table": w.stream.target, "events": w.totals.events, "rows": w.totals.rows,
             "dead_letters": w.totals.dead}
            for w in self.workers
        ]  # fmt: skip
        totals = [w.totals for w in self.workers]
        events, dead = sum(t.events for t in totals), sum(t.dead for t in totals)
        return {"events": events, "dead_letters": dead, "lag": sum(w.lag for w in self.workers), "tables": tables}

    def _wait(self, threads: Sequence[threading.Thread], seconds: float) -> None:
        """Until all are done, or the time has passed; joined in slices, so that signals get through."""
        for _ in range(max(1, int(seconds / 0.1))):
            alive = [thread for thread in threads if thread.is_alive()]
            if not alive:
                return
            alive[0].join(0.1)

    def _work(self, worker: Worker, stop: Event, once: bool) -> None:
        try:
            worker.run(stop, once=once)
        except Exception as error:  # noqa: BLE001
            self._error = self._error or error
            stop.set()


def workers(
    streams: Sequence[Stream], broker: Broker, home: Path, catalog: Catalog, say: Callable[[str], None],
    *, skip_lost: bool = False,
) -> Sequence[Worker]:  # fmt: skip
    """A worker for each stream. Invalid, NotFound or Unavailable for a schema that can't be had."""
    return [
        Worker(
            stream, broker, home, folder(stream, catalog, home), decoder_of(stream, broker),
            say=say, skip_lost=skip_lost,
        )
        for stream in streams
    ]  # fmt: skip
