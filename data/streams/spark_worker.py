"""A worker whose messages Spark reads: it schedules, and hands each micro-batch to the lander that all workers use.

Where to go on is asked of the table alone. Each query has a checkpoint of its own, which Spark deletes: an old one
could only repeat what the table's transactions say, or contradict it.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any

from data.streams.connection import Topic, beginnings, topic, topic_ends, unavailable
from data.streams.decode import Decoder
from data.streams.landing import Overtaken
from data.streams.reader import commit, consumer_of, gap, group
from data.streams.spark_session import Cluster, failure, of_spark
from data.streams.sparked import Sparked
from data.streams.stream import Broker, Stream
from data.streams.target import Target
from data.streams.worker import Totals, Worker

if TYPE_CHECKING:
    from data.streams.spark_source import Reading

EVERY = "500 milliseconds"
"""How often the topic is looked at."""
MOMENT = 0.05
"""Seconds between two looks at a query."""


class SparkWorker(Worker):
    """Runs one stream by a streaming query."""

    def __init__(
        self, stream: Stream, broker: Broker, home: Path, target: Path, decoder: Decoder, spark: Any, cluster: Cluster,
        *, say: Callable[[str], None] = lambda _: None, skip_lost: bool = False,
    ) -> None:  # fmt: skip
        super().__init__(stream, broker, home, target, decoder, say=say, skip_lost=skip_lost)
        self._spark, self._cluster = spark, cluster

    def run(self, stop: Event, *, once: bool = False) -> Totals:
        try:
            return super().run(stop, once=once)
        except Exception as error:
            if not of_spark(error):
                raise
            raise failure(error, self.stream.name) from None

    def _session(self, stop: Event, once: bool) -> None:
        while not stop.is_set() and not self._query(stop, once):
            pass

    def _query(self, stop: Event, once: bool) -> bool:
        """Read from where the table stands; False when somebody else moved it, and it is to be read from there."""
        found = topic(self._broker, self.stream.topic)
        self._lander = self._landing(found.id, self._table())
        self._watched = consumer_of(self._broker, group(self.stream))
        try:
            reading = self._reading(found, self._lander.locate(found.partitions), once)
            if reading.until is not None and _reached(reading.starts, reading.until):
                return True
            return self._follow(reading, stop)
        finally:
            self._watched.close()

    def _follow(self, reading: Reading, stop: Event) -> bool:
        landing = _MicroBatches(self._micro)
        query = self._started(reading, landing)
        try:
            while query.isActive and not stop.is_set() and not _done(query, reading):
                stop.wait(MOMENT)
                self._report(reading.topic)
        finally:
            landing.close()
            query.stop()
        self._report(reading.topic)
        if isinstance(landing.error, Overtaken):
            return False
        if landing.error is not None:
            raise landing.error
        if (error := query.exception()) is not None and not stop.is_set():
            raise failure(error, self.stream.name)
        return True

    def _table(self) -> Target:
        if self._cluster.connectors == "native":
            from data.streams.spark_native import DeltaSink

            return DeltaSink(self.stream, self._home, self._path, self._decoder.schema, self._spark)
        return Target(self.stream, self._home, self._path, self._decoder.schema)

    def _reading(self, found: Topic, landed: Mapping[int, int | None], once: bool) -> Reading:
        from confluent_kafka import KafkaException

        from data.streams.spark_source import Reading

        try:
            kept = beginnings(self._watched, found.name, found.partitions)
            until = topic_ends(self._watched, found) if once else None
        except KafkaException as error:
            raise unavailable(self._broker, error.args[0].str()) from None
        starts = _starts(landed, kept, found.name, self._skip)
        return Reading(self._broker, group(self.stream), found, starts, self._cluster.events, until)

    def _started(self, reading: Reading, landing: _MicroBatches) -> Any:
        """The query, which Spark runs in threads of its own. Unavailable when it can't, for want of a connector say."""
        native = self._cluster.connectors == "native"
        trigger = {"availableNow": True} if native and reading.until is not None else {"processingTime": EVERY}
        try:
            writer = self._frame(reading).writeStream.queryName(self.stream.name).foreachBatch(landing)
            return writer.trigger(**trigger).start()
        except Exception as error:  # noqa: BLE001 - of py4j, of pyspark or of the JVM
            raise failure(error, self.stream.name) from None

    def _frame(self, reading: Reading) -> Any:
        if self._cluster.connectors == "native":
            from data.streams.spark_native import kafka

            return kafka(self._spark, reading, self._cluster.settings)
        from data.streams.spark_source import source

        name = f"lakewright_{self.stream.name}"
        self._spark.dataSource.register(source(name, reading))
        return self._spark.readStream.format(name).load()

    def _micro(self, frame: Any) -> None:
        claim = self._lander.claim
        batch = Sparked(frame.toArrow(), claim.target)
        if not claim.target.keys() >= batch.ends().keys():
            raise Overtaken("a partition that the topic did not have")
        work = self._decode(self._lander.work(batch)) if len(batch) else None
        if work is not None:
            self._land(work)

    def _report(self, found: Topic) -> None:
        """Tell the group how far the lake is, and look how far the topic is, when something has landed."""
        from confluent_kafka import KafkaException

        landed, self._landed = self._landed, {}
        if landed:
            commit(self._watched, found.name, landed)
            at = self._lander.claim.target
            with suppress(KafkaException):  # the reader will say that the broker has gone
                ends = topic_ends(self._watched, found)
                self.lag = sum(max(0, end - (at.get(partition) or 0)) for partition, end in ends.items())


class _MicroBatches:
    """Spark calls this with each micro-batch, until it is closed. Keeps the first error: Spark tells only its text."""

    def __init__(self, land: Callable[[Any], None]) -> None:
        self.error: Exception | None = None
        self._land, self._open, self._busy = land, True, threading.Lock()

    def __call__(self, frame: Any, number: int) -> None:
        with self._busy:
            if not self._open:
                return
            try:
                self._land(frame)
            except Exception as error:
                self.error, self._open = error, False
                raise

    def close(self) -> None:
        """Waits for the micro-batch that is being landed; none is after it."""
        with self._busy:
            self._open = False


def _starts(
    landed: Mapping[int, int | None], kept: Mapping[int, int], topic: str, skip_lost: bool
) -> Mapping[int, int]:
    """The next offset to read of each partition. Unavailable when the topic has dropped events before they landed."""
    for partition, offset in landed.items():
        if offset is not None and offset < kept[partition] and not skip_lost:
            raise gap(topic, partition, offset, kept[partition])
    return {partition: max(offset or 0, kept[partition]) for partition, offset in landed.items()}


def _reached(at: Mapping[int, int], until: Mapping[int, int]) -> bool:
    return all(at.get(partition, 0) >= end for partition, end in until.items())


def _done(query: Any, reading: Reading) -> bool:
    """Whether a query that is to end with the topic has landed all that was there when it began."""
    progress = query.lastProgress if reading.until is not None else None
    if progress is None:
        return False
    at = json.loads(progress.json)["sources"][0]["endOffset"] or {}
    at = at.get(reading.topic.name, at)  # Spark's own source may read several topics
    return _reached({int(partition): offset for partition, offset in at.items()}, reading.until or {})
