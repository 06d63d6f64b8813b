"""Where events leave for a topic: an idempotent producer that counts what arrived."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Self

import orjson

from data.errors import Invalid, Unavailable
from data.streams.stream import Broker

NAME = re.compile(r"[A-Za-z0-9._-]{1,249}")
PATIENCE = 10.0
"""Seconds for the broker's answer to a question about its topics."""
DEFAULTS: Mapping[str, str | int] = {
    "log_level": 0,
    "linger.ms": 5,
    "compression.type": "lz4",
    "queue.buffering.max.kbytes": 65_536,
    "message.timeout.ms": 30_000,
}
"""What the declared options may change. Memory is bounded by the queue's size."""
DUTIES: Mapping[str, str | bool] = {"enable.idempotence": True, "acks": "all"}
"""What they may not: each event arrives once, in order, and with all replicas."""


class Outlet:
    """Sends events; use it as a context manager, as its end waits for what is under way."""

    def __init__(self, broker: Broker) -> None:
        """Nothing is connected yet. Invalid for options that librdkafka does not know."""
        self.servers = broker.servers
        self.delivered = self.failed = self.bytes = 0
        self.reason = ""
        """What the first event that did not arrive met with."""
        self._options = {**DEFAULTS, **broker.options, **DUTIES, "bootstrap.servers": broker.servers}
        self._producer = _made(self._options)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.flush()

    def require(self, topic: str, partitions: int) -> bool:
        """Make the topic if it is missing; whether it was made.

        Invalid for a name that no topic can have, Unavailable when the broker does not answer or refuses.
        """
        if not NAME.fullmatch(topic) or topic in (".", ".."):
            raise Invalid(f"'{topic}' can't be a topic's name.", "Use letters, digits, dots, '-' and '_'.")
        return topic not in self._topics() and self._create(topic, partitions)

    def send(self, topic: str, value: bytes, key: bytes | None = None) -> None:
        """Put an event on its way, as soon as the queue has room. Invalid for one that is too large."""
        from confluent_kafka import KafkaError, KafkaException

        while True:
            try:
                self._producer.produce(topic, value, key, on_delivery=self._arrived)
                self._producer.poll(0)
                return
            except BufferError:
                self._producer.poll(0.1)
            except KafkaException as error:
                if error.args[0].code() == KafkaError.MSG_SIZE_TOO_LARGE:
                    raise Invalid(f"An event of {len(value):,} bytes is too large.", "Send smaller ones.") from None
                raise self._lost(str(error.args[0].str())) from None

    def poll(self, seconds: float) -> None:
        """Hear what has arrived, for up to so long."""
        self._producer.poll(seconds)

    def flush(self) -> None:
        """Wait until every event has arrived or failed."""
        self._producer.flush()

    def check(self) -> None:
        """Unavailable if an event did not arrive; it says how many did."""
        if self.failed:
            raise self._lost(self.reason)

    def _arrived(self, error: Any, message: Any) -> None:
        if error is None:
            self.delivered += 1
            self.bytes += len(message)
            return
        self.failed += 1
        self.reason = self.reason or str(error.str())

    def _lost(self, reason: str) -> Unavailable:
        return Unavailable(
            f"{self.failed:,} events did not arrive at '{self.servers}' ({reason}); {self.delivered:,} did.",
            "See to the broker, then publish the rest.",
            delivered=self.delivered,
            failed=self.failed,
        )

    def _topics(self) -> Mapping[str, Any]:
        from confluent_kafka import KafkaException

        try:
            topics: Mapping[str, Any] = self._producer.list_topics(timeout=PATIENCE).topics
        except KafkaException as error:
            raise Unavailable(
                f"The broker '{self.servers}' does not answer: {error.args[0].str()}.",
                "Start one with: lakewright stream broker, or set LAKEWRIGHT_BROKERS to the right address.",
            ) from None
        return topics

    def _create(self, topic: str, partitions: int) -> bool:
        from confluent_kafka import KafkaError, KafkaException
        from confluent_kafka.admin import AdminClient, NewTopic

        own = {key: value for key, value in self._options.items() if key not in {*DEFAULTS, *DUTIES}}
        admin = AdminClient({**own, "log_level": 0})
        made = admin.create_topics([NewTopic(topic, partitions)], operation_timeout=PATIENCE)
        try:
            made[topic].result(PATIENCE * 2)
        except KafkaException as error:
            if error.args[0].code() == KafkaError.TOPIC_ALREADY_EXISTS:
                return False
            raise Unavailable(f"The topic '{topic}' can't be made: {error.args[0].str()}.") from None
        return True


def key_of(event: Mapping[str, Any], columns: Sequence[str]) -> bytes | None:
    """The message key by which one row's events all come into one partition: the columns as a JSON object.

    KeyError names a column that the event lacks.
    """
    return orjson.dumps({column: event[column] for column in columns}) if columns else None


def _made(options: Mapping[str, Any]) -> Any:
    from confluent_kafka import KafkaException, Producer

    try:
        return Producer(dict(options))
    except (KafkaException, ValueError, TypeError) as error:
        # The text names the option; its value may be a secret.
        reason = error.args[0].str() if isinstance(error, KafkaException) else type(error).__name__
        raise Invalid(f"The broker's options are refused: {reason}.", "Correct `options` of the broker.") from None
