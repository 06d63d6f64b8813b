"""All streams of a home at work in one process, each with a worker in a thread."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from threading import Event
from typing import Any

from data.catalog import Catalog
from data.streams.decode import decoder_of
from data.streams.status import folder
from data.streams.stream import Broker, Stream
from data.streams.worker import Totals, Worker


def summary(totals: Mapping[Stream, Totals], lag: int) -> dict[str, Any]:
    """The sums over all streams, and what each did."""
    tables = [
        {"stream": s.name, "table": s.target, "events": t.events, "rows": t.rows, "dead_letters": t.dead}
        for s, t in totals.items()
    ]
    events, dead = sum(t.events for t in totals.values()), sum(t.dead for t in totals.values())
    return {"events": events, "dead_letters": dead, "lag": lag, "tables": tables}


class Crew:
    """One worker a stream. With `once` the first error of any of them ends all."""

    def __init__(
        self, streams: Sequence[Stream], broker: Broker, home: Path, catalog: Catalog,
        say: Callable[[str], None], *, skip_lost: bool = False,
    ) -> None:  # fmt: skip
        """Invalid, NotFound or Unavailable for a schema that can't be had."""
        self._workers = [
            Worker(
                stream, broker, home, folder(stream, catalog, home), decoder_of(stream, broker),
                say=say, skip_lost=skip_lost,
            )
            for stream in streams
        ]  # fmt: skip
        self._error: Exception | None = None

    def run(self, stop: Event, *, once: bool, tick: Callable[[], None], every: float) -> None:
        """Work until `stop`, or with `once` until all have reached their topic's end; `tick` is called meanwhile."""
        threads = [threading.Thread(target=self._work, args=(worker, stop, once)) for worker in self._workers]
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
        return summary({w.stream: w.totals for w in self._workers}, sum(w.lag for w in self._workers))

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
