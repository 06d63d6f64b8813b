"""The declared streams on Spark: one session, and for each stream a worker in a thread."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Event

from data.streams.decode import Decoder
from data.streams.spark_session import Cluster, failure, of_spark, session
from data.streams.spark_worker import SparkWorker
from data.streams.stream import Broker, Stream
from data.streams.worker import Totals, Worker

USUAL = Cluster()
MOMENT = 0.05
"""Seconds between two looks at the threads."""


def run_spark(
    streams: Sequence[Stream], broker: Broker, home: Path, folder: Callable[[Stream], Path],
    decoder: Callable[[Stream], Decoder], stop: Event, *, once: bool = False, cluster: Cluster = USUAL,
    say: Callable[[str], None] = lambda _: None, skip_lost: bool = False,
    tick: Callable[[Mapping[str, Totals]], None] = lambda _: None, every: float = 5.0,
) -> Mapping[str, Totals]:  # fmt: skip
    """Land the streams' events by one Spark session until `stop`, or with `once` up to the topics' present ends.

    `folder` gives a stream's Delta table. With `once` the first error ends all and is raised; without, it is said
    and the stream is tried again. `tick` gets what has been done so far, every so many seconds. Unavailable without
    Spark or Java.
    """
    with spark_workers(streams, broker, home, folder, decoder, cluster, say=say, skip_lost=skip_lost) as workers:
        totals, errors = {worker.stream.name: worker.totals for worker in workers}, list[Exception]()
        threads = [threading.Thread(target=_work, args=(worker, stop, once, errors)) for worker in workers]
        for thread in threads:
            thread.start()
        due = time.monotonic() + every
        while alive := [thread for thread in threads if thread.is_alive()]:
            alive[0].join(MOMENT)  # in slices, so that signals get through
            if time.monotonic() > due:
                tick(totals)
                due += every
        if errors:
            raise errors[0]
        return totals


@contextmanager
def spark_workers(
    streams: Sequence[Stream], broker: Broker, home: Path, folder: Callable[[Stream], Path],
    decoder: Callable[[Stream], Decoder], cluster: Cluster,
    *, say: Callable[[str], None] = lambda _: None, skip_lost: bool = False,
) -> Iterator[Sequence[SparkWorker]]:  # fmt: skip
    """A worker for each stream on one Spark session, each to be run in a thread of its own."""
    decoders = [decoder(stream) for stream in streams]  # what is declared wrongly is told before Spark is started
    with session(cluster) as spark:
        yield [
            SparkWorker(stream, broker, home, folder(stream), one, spark, cluster, say=say, skip_lost=skip_lost)
            for stream, one in zip(streams, decoders, strict=True)
        ]


def _work(worker: Worker, stop: Event, once: bool, errors: list[Exception]) -> None:
    try:
        worker.run(stop, once=once)
    except Exception as error:  # noqa: BLE001
        errors.append(failure(error, worker.stream.name) if of_spark(error) else error)
        stop.set()
