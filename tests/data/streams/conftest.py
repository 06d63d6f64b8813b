"""A real broker for all tests of a run, and fresh topics on it."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from data.streams.brokers import QUIET, local_broker
from data.streams.stream import Broker, Stream
from tests.data.streams.simple import Lake

Produce = Callable[..., None]


@pytest.fixture(scope="session")
def broker() -> Iterator[str]:
    """The address of a broker that keeps its topics in memory."""
    with local_broker() as started:
        yield started.address


@pytest.fixture
def make_topic(broker: str) -> Callable[[int], str]:
    """Makes a topic that nobody else has, with so many partitions."""
    from confluent_kafka.admin import AdminClient, NewTopic

    def make(partitions: int = 3) -> str:
        name = f"test.{uuid.uuid4().hex}"
        admin = AdminClient({"bootstrap.servers": broker, **QUIET})
        admin.create_topics([NewTopic(name, partitions, 1)])[name].result(10)
        return name

    return make


@pytest.fixture
def topic(make_topic: Callable[[int], str], request: pytest.FixtureRequest) -> str:
    """A fresh topic of three partitions; `@pytest.mark.parametrize("topic", [5], indirect=True)` asks for others."""
    return make_topic(getattr(request, "param", 3))


@pytest.fixture
def produce(broker: str) -> Produce:
    """`produce(topic, values, key=None, partition=None)`: all are with the broker when it returns.

    `key` is one key for all, or makes the key of each value.
    """
    from confluent_kafka import Producer

    producer = Producer({"bootstrap.servers": broker, "acks": "all", "linger.ms": 0, **QUIET})

    def send(
        topic: str,
        values: Iterable[bytes | None],
        key: bytes | Callable[[bytes | None], bytes] | None = None,
        partition: int | None = None,
    ) -> None:
        failed: list[object] = []

        def delivered(error: object, _: object) -> None:
            if error is not None:
                failed.append(error)

        for value in values:
            place = {} if partition is None else {"partition": partition}
            made = key(value) if callable(key) else key
            producer.produce(topic, value, made, on_delivery=delivered, **place)
            producer.poll(0)
        assert producer.flush(10) == 0
        assert failed == []

    return send


@pytest.fixture
def consume(broker: str) -> Callable[[str], list[Any]]:
    """`consume(topic)`: the messages that are in the topic now, partition by partition."""
    from confluent_kafka import Consumer, KafkaError, TopicPartition

    # Tansu tells the offset of the last batch where the end is asked for; only a fetch knows the true end.
    options = {"group.id": "test", "enable.auto.commit": False, "enable.partition.eof": True, "fetch.wait.max.ms": 10}

    def read(topic: str) -> list[Any]:
        consumer = Consumer({"bootstrap.servers": broker, **QUIET, **options})
        messages: list[Any] = []
        try:
            for partition in consumer.list_topics(topic, timeout=10).topics[topic].partitions:
                consumer.assign([TopicPartition(topic, partition, 0)])
                while (message := consumer.poll(10)) is not None and message.error() is None:
                    messages.append(message)
                assert message is not None, f"{topic} does not answer"
                assert message.error().code() == KafkaError._PARTITION_EOF
        finally:
            consumer.close()
        return messages

    return read


@pytest.fixture
def lake(topic: str, broker: str, tmp_path: Path) -> Lake:
    """A home whose stream `events` reads `topic`; no event has landed yet."""
    return Lake(tmp_path, Stream("events", topic, "json", None, "lake.events", time="at"), Broker(broker))
