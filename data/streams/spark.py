"""The declared streams on Spark: one session, and for each stream a worker in a thread."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Event

from data.streams.crew import Crew
from data.streams.decode import Decoder
from data.streams.spark_session import Cluster, session
from data.streams.spark_worker import SparkWorker
from data.streams.stream import Broker, Stream

USUAL = Cluster()


def run_spark(
    streams: Sequence[Stream], broker: Broker, home: Path, folder: Callable[[Stream], Path],
    decoder: Callable[[Stream], Decoder], stop: Event, *, once: bool = False, cluster: Cluster = USUAL,
    say: Callable[[str], None] = lambda _: None, skip_lost: bool = False,
    tick: Callable[[Crew], None] = lambda _: None, every: float = 5.0,
) -> Crew:  # fmt: skip
    """Land the streams' events by one Spark session until `stop`, or with `once` up to the topics' present ends.

    `folder` gives a stream's Delta table. With `once` the first error ends all and is raised; without, it is said
    and the stream is tried again. `tick` gets the crew every so many seconds; it is returned when it is done.
    Unavailable without Spark or Java.
    """
    with spark_workers(streams, broker, home, folder, decoder, cluster, say=say, skip_lost=skip_lost) as workers:
        crew = Crew(workers)
        crew.run(stop, once=once, tick=lambda: tick(crew), every=every)
        return crew


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
