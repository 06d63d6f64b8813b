"""A member of a consumer group: it reads from where the lake says, not from where the group says."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from data.errors import Unavailable
from data.streams.batch import Batch
from data.streams.connection import beginnings, configuration, topic, unavailable
from data.streams.polled import Lane, Part, Polled, Told
from data.streams.stream import Broker, Stream

ROWS, BYTES = 60_000, 17 << 20
"""A batch has at most so many messages, and about so many bytes."""
MOMENT = 0.1
"""Seconds that one look for messages takes at most."""
SETTINGS = {
    "enable.auto.commit": False,
    "auto.offset.reset": "error",
    "isolation.level": "read_committed",
    "enable.partition.eof": True,
    "partition.assignment.strategy": "range",
    "session.timeout.ms": 6_000,
    # What librdkafka fetches ahead, over all partitions, how soon it goes on after the queue was full, and how long the
    # broker may think before it says that a topic has no more.
    "queued.max.messages.kbytes": 8_192,
    "fetch.queue.backoff.ms": 10,
    "fetch.wait.max.ms": 100,
}

Positions = Mapping[int, int | None]
"""For each partition the next offset to read; None for its beginning."""
Locate = Callable[[Sequence[int]], Positions]


class Reader:
    """Reads a stream's topic. `locate` says where newly assigned partitions are to be read from; `release` is called
    before partitions are given away, and has to finish what was read of them."""

    def __init__(
        self, stream: Stream, broker: Broker, locate: Locate, release: Callable[[], None],
        *, alone: bool = False, skip_lost: bool = False,
    ) -> None:  # fmt: skip
        """Joins the group, unless `alone`. Unavailable without a broker, NotFound without the topic."""
        self._topic, self._broker, self._skip = topic(broker, stream.topic), broker, skip_lost
        self._locate, self._release = locate, release
        self._error: Exception | None = None
        self._joined = self._closed = False
        self._ended: set[int] = set()
        self.assigned: set[int] = set()
        self._consumer = consumer_of(broker, group(stream))
        self._lane = Lane(self._consumer, stream.topic)
        if not alone:
            self._consumer.subscribe([stream.topic], on_assign=self._assign, on_revoke=self._revoke, on_lost=self._lose)

    @property
    def topic_id(self) -> str:
        return self._topic.id

    @property
    def ended(self) -> bool:
        """Whether all that was assigned has been read to its end."""
        return self._joined and self.assigned <= self._ended

    def take_all(self) -> None:
        """Read all partitions, whatever the group says."""
        self._take_over(self._consumer, list(self._topic.partitions))

    def read(self, linger: float) -> Batch | None:
        """What there is, until it is enough for a batch, or `linger` seconds have passed, or the topic has no more.

        Unavailable when the broker is gone, or has lost events that were not read yet.
        """
        parts: list[Part] = []
        rows, size, until = 0, 0, time.monotonic() + linger
        while rows < ROWS and size < BYTES and (left := until - time.monotonic()) > 0:
            part = self._take(ROWS - rows, min(left, MOMENT))
            if len(part):
                parts.append(part)
                rows, size = rows + len(part), size + part.size
            elif self.ended:
                break
        return Polled(parts, full=rows >= ROWS or size >= BYTES) if parts else None

    def _take(self, most: int, timeout: float) -> Part:
        part, told = self._lane.take(most, timeout)
        if self._error is not None:
            error, self._error = self._error, None
            raise error
        if len(part) and self._ended:
            self._ended.difference_update(part.partitions.tolist())
        for one in told:
            self._hear(one)
        return part

    def _hear(self, told: Told) -> None:
        from confluent_kafka import KafkaError

        error = told.error
        if error.code() == KafkaError._PARTITION_EOF:
            self._ended.add(told.partition)
        else:
            require_harmless(error, self._topic.name, self._broker)

    def commit(self, ends: Mapping[int, int]) -> None:
        """Tell the group how far the lake is: for monitoring only, nothing is ever read from there."""
        commit(self._consumer, self._topic.name, ends)

    def lag(self, landed: Positions) -> int:
        """Events of the assigned partitions that the broker had at the last look and the lake has not."""
        from confluent_kafka import TopicPartition

        behind = 0
        for partition, offset in landed.items():
            place = TopicPartition(self._topic.name, partition)
            first, end = self._consumer.get_watermark_offsets(place, cached=True)
            behind += max(0, end - max(first, offset or 0))
        return behind

    def seek(self) -> None:
        """Read on from where the lake is now."""
        for place in self._places(sorted(self.assigned)):
            self._consumer.seek(place)
        self._ended.clear()

    def close(self) -> None:
        """Leave the group."""
        self._closed = True
        self._lane.close()
        self._consumer.close()

    def _places(self, partitions: Iterable[int]) -> list[Any]:
        from confluent_kafka import OFFSET_BEGINNING, TopicPartition

        wanted = self._locate(list(partitions))
        kept = beginnings(self._consumer, self._topic.name, wanted)
        places = []
        for partition, offset in wanted.items():
            first = kept[partition]
            if offset is not None and offset < first and not self._skip:
                raise gap(self._topic.name, partition, offset, first)
            inside = offset is not None and offset >= first
            places.append(TopicPartition(self._topic.name, partition, offset if inside else OFFSET_BEGINNING))
        return places

    def _assign(self, consumer: Any, partitions: Sequence[Any]) -> None:
        if self._closed:  # the group gave them while the consumer was being closed, and nothing takes messages any more
            return
        self._guarded(lambda: self._take_over(consumer, [p.partition for p in partitions]))

    def _take_over(self, consumer: Any, partitions: list[int]) -> None:
        self._joined, self.assigned = True, set(partitions)
        self._ended.clear()
        consumer.assign(self._places(partitions))
        self._lane.assigned(partitions)

    def _revoke(self, consumer: Any, partitions: Sequence[Any]) -> None:
        self._guarded(self._release)
        self.assigned -= {p.partition for p in partitions}

    def _lose(self, consumer: Any, partitions: Sequence[Any]) -> None:
        self.assigned -= {p.partition for p in partitions}

    def _guarded(self, call: Callable[[], None]) -> None:
        """Errors in a callback of librdkafka are kept for the next read."""
        from confluent_kafka import KafkaException

        try:
            call()
        except KafkaException as error:
            self._error = unavailable(self._broker, error.args[0].str())
        except Exception as error:  # noqa: BLE001
            self._error = error


def group(stream: Stream) -> str:
    """The consumer group of a stream's workers."""
    return f"lakewright.{stream.name}"


def consumer_of(broker: Broker, group: str) -> Any:
    """A consumer, which is a member of its group once it subscribes, and reads the same way without."""
    from confluent_kafka import Consumer

    return Consumer({**SETTINGS, **configuration(broker), "group.id": group})


def commit(consumer: Any, topic: str, ends: Mapping[int, int]) -> None:
    """Tell a consumer's group how far the lake is."""
    from confluent_kafka import KafkaException, TopicPartition

    offsets = [TopicPartition(topic, p, offset) for p, offset in ends.items()]
    try:
        consumer.commit(offsets=offsets, asynchronous=True)
    except KafkaException:
        return  # the group may be just rebalancing; the lake knows better anyway


def require_harmless(error: Any, topic: str, broker: Broker) -> None:
    """Unavailable for an error that librdkafka does not get over by itself."""
    from confluent_kafka import KafkaError

    if error.code() in (KafkaError._AUTO_OFFSET_RESET, KafkaError.OFFSET_OUT_OF_RANGE):
        raise lost(topic, error)
    if not error.retriable() or error.code() == KafkaError._ALL_BROKERS_DOWN:
        raise unavailable(broker, error.str())


def lost(topic: str, error: Any) -> Unavailable:
    """The error for a topic that has dropped events while they were being read."""
    return Unavailable(
        f"The topic '{topic}' no longer has the next event: {error.str()}.",
        "Go on behind the gap with: lakewright stream run --skip-lost",
    )


def gap(topic: str, partition: int, offset: int, first: int) -> Unavailable:
    """The error for a topic that has dropped events before they landed."""
    return Unavailable(
        f"Partition {partition} of '{topic}' begins at {first:,}, and the next event to land is {offset:,}: "
        f"{first - offset:,} events are gone from the topic.",
        "Go on with what is there: lakewright stream run --skip-lost",
    )
