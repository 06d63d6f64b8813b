"""What the broker is asked: which topics there are, their partitions, and where their offsets begin and end."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from data.errors import NotFound, Unavailable
from data.location import redacted
from data.streams.stream import Broker

PATIENCE = 10.0
"""Seconds until a broker counts as not answering."""
QUIET = {"log_level": 0}
"""librdkafka tells every lost connection on stderr; ours are told once, as errors."""


@dataclass(frozen=True)
class Topic:
    """A topic as it is now. `id` is empty where the broker gives topics none."""

    name: str
    id: str
    partitions: tuple[int, ...]


def configuration(broker: Broker) -> dict[str, Any]:
    """librdkafka's settings to reach the broker."""
    return {**QUIET, **broker.options, "bootstrap.servers": broker.servers}


def unavailable(broker: Broker, reason: object) -> Unavailable:
    """The error for a broker that does not answer."""
    return Unavailable(
        f"The broker '{redacted(broker.servers)}' is not available: {reason}.",
        "Start it (for a try: lakewright stream broker), or correct `broker` in streams.yaml.",
    )


def topic(broker: Broker, name: str) -> Topic:
    """The topic `name`. NotFound without it, Unavailable without a broker."""
    from confluent_kafka import KafkaException
    from confluent_kafka.admin import AdminClient

    admin = AdminClient(configuration(broker))
    try:
        found = admin.list_topics(name, timeout=PATIENCE).topics.get(name)
        if found is None or found.error is not None or not found.partitions:
            raise NotFound(
                f"There is no topic '{name}' at '{redacted(broker.servers)}'.",
                f"Make it, or publish to it: lakewright stream publish FILE --topic {name}",
            )
        return Topic(name, _id(admin, name), tuple(sorted(found.partitions)))
    except KafkaException as error:
        raise unavailable(broker, error.args[0].str()) from None


def _id(admin: Any, name: str) -> str:
    from confluent_kafka import KafkaException, TopicCollection

    try:
        described = admin.describe_topics(TopicCollection([name]), request_timeout=PATIENCE)[name].result()
    except KafkaException:
        return ""  # a broker from before topics had identifiers
    return str(described.topic_id or "")


def beginnings(consumer: Any, name: str, partitions: Iterable[int]) -> Mapping[int, int]:
    """For each partition the first offset that is kept."""
    from confluent_kafka import TopicPartition

    return {p: consumer.get_watermark_offsets(TopicPartition(name, p), timeout=PATIENCE)[0] for p in partitions}


def ends(broker: Broker, topics: Sequence[Topic]) -> Mapping[str, Mapping[int, int]]:
    """For each topic the offset after the last event of each partition. Unavailable without a broker."""
    from confluent_kafka import Consumer, KafkaException

    settings = {"group.id": "lakewright.status", "enable.auto.commit": False, "enable.partition.eof": True}
    consumer = Consumer({**configuration(broker), **settings})
    try:
        return {one.name: topic_ends(consumer, one) for one in topics}
    except KafkaException as error:
        raise unavailable(broker, error.args[0].str()) from None
    finally:
        consumer.close()


def topic_ends(consumer: Any, topic: Topic) -> Mapping[int, int]:
    """The offset after the last event of each partition, by a consumer with `enable.partition.eof`.

    Reads each partition's last events: some brokers, asked for an end, tell where their last batch begins.
    """
    from confluent_kafka import KafkaError, TopicPartition

    places = [TopicPartition(topic.name, p) for p in topic.partitions]
    for place in places:
        first, end = consumer.get_watermark_offsets(place, timeout=PATIENCE)
        place.offset = max(first, end - 1)
    consumer.assign(places)
    found: dict[int, int] = {}
    until = time.monotonic() + PATIENCE
    while len(found) < len(places) and time.monotonic() < until:
        for message in consumer.consume(10_000, 0.1):
            if message.error() is not None and message.error().code() == KafkaError._PARTITION_EOF:
                found[message.partition()] = message.offset()
    return {place.partition: found.get(place.partition, place.offset) for place in places}
