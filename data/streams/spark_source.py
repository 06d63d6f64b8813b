"""A topic as a streaming source of Spark, in Python: Spark plans and schedules, confluent-kafka reads.

Spark's offsets are `{partition: next offset}`. The reader starts where it is told, not where a checkpoint says.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
from pyspark.sql.datasource import DataSource, DataSourceStreamReader, InputPartition

from data.errors import Unavailable
from data.streams.connection import PATIENCE, Topic, topic, topic_ends, unavailable
from data.streams.polled import Lane, Part
from data.streams.reader import MOMENT, consumer_of, require_harmless
from data.streams.sparked import COLUMNS, SCHEMA
from data.streams.stream import Broker

Offsets = dict[str, int]
"""JSON has no integers as keys."""
CHUNK = 5_000
"""Messages that are given to Spark at once."""


@dataclass(frozen=True)
class Reading:
    """What is read: the topic from `starts` on, at most `most` events a micro-batch, up to `until` if that is given."""

    broker: Broker
    group: str
    topic: Topic
    starts: Mapping[int, int]
    most: int
    until: Mapping[int, int] | None = None


@dataclass
class Slice(InputPartition):
    """The events of one partition in one micro-batch: from `start`, up to `end`, which is not in it."""

    partition: int
    start: int
    end: int


def source(name: str, reading: Reading) -> type[DataSource]:
    """A data source for `spark.dataSource.register`.

    What it reads is part of the class: Spark shows a source's options to whoever looks at the plan, and the broker's
    have secrets in them.
    """

    class Events(DataSource):
        @classmethod
        def name(cls) -> str:
            return name

        def schema(self) -> str:
            return SCHEMA

        def streamReader(self, schema: Any) -> DataSourceStreamReader:
            return TopicReader(reading)

    return Events


class TopicReader(DataSourceStreamReader):
    """Asks for the topic's ends on Spark's driver, and reads slices of it on its executors."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._at = dict(reading.starts)
        self._consumer: Any = None

    def initialOffset(self) -> Offsets:
        return _written(self._at)

    def latestOffset(self) -> Offsets:
        return _written(bounded(self._at, self._ends(), self._reading.most))

    def partitions(self, start: Offsets, end: Offsets) -> Sequence[Slice]:
        self._at = {int(partition): offset for partition, offset in end.items()}
        begins = {partition: start.get(str(partition), 0) for partition in self._at}
        return [Slice(p, begins[p], offset) for p, offset in self._at.items() if begins[p] < offset]

    def read(self, partition: InputPartition) -> Iterator[pa.RecordBatch]:
        assert isinstance(partition, Slice)
        return _read(self._reading, partition)

    def stop(self) -> None:
        if self._consumer is not None:
            self._consumer.close()

    def _ends(self) -> Mapping[int, int]:
        from confluent_kafka import KafkaException

        reading = self._reading
        if reading.until is not None:
            return reading.until
        found = topic(reading.broker, reading.topic.name)
        if found.id != reading.topic.id:
            raise Unavailable(f"The topic '{found.name}' was deleted and made anew.")
        try:
            self._consumer = self._consumer or consumer_of(reading.broker, reading.group)
            return topic_ends(self._consumer, found)
        except KafkaException as error:
            raise unavailable(reading.broker, error.args[0].str()) from None


def bounded(at: Mapping[int, int], ends: Mapping[int, int], most: int) -> Mapping[int, int]:
    """How far to read from `at`: at most `most` events in all, the partitions sharing alike, none beyond its end."""
    behind = {partition: max(0, end - at.get(partition, 0)) for partition, end in ends.items()}
    reach = {partition: at.get(partition, 0) for partition in {**at, **ends}}
    left, waiting = most, sorted((count, partition) for partition, count in behind.items())
    for index, (count, partition) in enumerate(waiting):
        share = min(count, math.ceil(left / (len(waiting) - index)))
        reach[partition] += share
        left -= share
    return reach


def _read(reading: Reading, wanted: Slice) -> Iterator[pa.RecordBatch]:
    from confluent_kafka import TopicPartition

    consumer = consumer_of(reading.broker, reading.group)
    lane = Lane(consumer, reading.topic.name)
    try:
        consumer.assign([TopicPartition(reading.topic.name, wanted.partition, wanted.start)])
        lane.assigned([wanted.partition])
        at, until = wanted.start, time.monotonic() + PATIENCE
        while at < wanted.end:
            if time.monotonic() > until:
                raise unavailable(reading.broker, f"no events after offset {at:,} of partition {wanted.partition}")
            part, end = _taken(lane, reading, min(CHUNK, wanted.end - at))
            if len(part):
                at, until = int(part.offsets[-1]) + 1, time.monotonic() + PATIENCE
                yield _rows(part, wanted.end)
            # Behind the last event there may be offsets without any, such as a transaction's end.
            at = max(at, end)
    finally:
        lane.close()
        consumer.close()


def _taken(lane: Lane, reading: Reading, most: int) -> tuple[Part, int]:
    """The next messages, and the partition's end if it was reached, else 0."""
    from confluent_kafka import KafkaError

    part, told = lane.take(most, MOMENT)
    end = 0
    for one in told:
        if one.error.code() == KafkaError._PARTITION_EOF:
            end = one.offset
        else:
            require_harmless(one.error, reading.topic.name, reading.broker)
    return part, end


def _rows(part: Part, end: int) -> pa.RecordBatch:
    # A consumer gives so many events, not offsets: where some are missing, the last ones are of the next slice.
    kept = int((part.offsets < end).sum())
    columns = [pa.array(part.partitions), pa.array(part.offsets), part.keys, part.values]
    return pa.record_batch(columns, names=list(COLUMNS)).slice(0, kept)


def _written(offsets: Mapping[int, int]) -> Offsets:
    return {str(partition): offset for partition, offset in offsets.items()}
