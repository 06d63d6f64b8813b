"""Messages of a topic's partitions as arrays, as a consumer takes them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from data.streams.batch import Batch
from data.streams.librdkafka import Messages, Queue

STRAYS = 1_000
"""Messages that are looked for at once where none should be."""


class Polled(Batch):
    """What was taken in several times."""

    def __init__(self, parts: Sequence[Part], *, full: bool) -> None:
        self.full = full
        # Even one array would be copied.
        self.values = parts[0].values if len(parts) == 1 else pa.concat_arrays([part.values for part in parts])
        self.partitions = np.concatenate([part.partitions for part in parts])
        self.offsets = np.concatenate([part.offsets for part in parts])
        self._keys = pa.chunked_array([part.keys for part in parts])

    def key(self, index: int) -> bytes | None:
        found: bytes | None = self._keys[index].as_py()
        return found


@dataclass(frozen=True)
class Part:
    """What was taken at once."""

    values: pa.BinaryArray
    keys: pa.BinaryArray
    partitions: np.ndarray[Any, np.dtype[np.int32]]
    offsets: np.ndarray[Any, np.dtype[np.int64]]

    def __len__(self) -> int:
        return len(self.values)

    @property
    def size(self) -> int:
        """Bytes of the values and keys."""
        return int(self.values.nbytes + self.keys.nbytes)


@dataclass(frozen=True)
class Told:
    """Something that librdkafka says beside the messages, of a partition or, with -1, of all."""

    partition: int
    offset: int
    error: Any
    """A KafkaError."""


class Lane:
    """A consumer's messages, past Python's objects. The consumer itself gives only what concerns its group."""

    def __init__(self, consumer: Any, topic: str) -> None:
        self._consumer, self._topic = consumer, topic
        self._partitions: frozenset[int] = frozenset()
        self._queue = Queue(consumer)

    def assigned(self, partitions: Iterable[int]) -> None:
        """To be said after each assignment."""
        self._partitions = frozenset(partitions)
        for partition in self._partitions:
            self._queue.bring(self._topic, partition)

    def take(self, most: int, timeout: float) -> tuple[Part, Sequence[Told]]:
        """Up to so many messages, and what else there is to tell, waiting so many seconds. The callbacks of the
        consumer run in here."""
        told = self._strays(self._consumer.consume(STRAYS, 0))
        messages = self._queue.take(most, timeout)
        try:
            return _part(messages), [*told, *_told(messages)]
        finally:
            messages.close()

    def close(self) -> None:
        """Before the consumer is closed."""
        self._queue.close()

    def _strays(self, found: Sequence[Any]) -> list[Told]:
        """An assignment that takes effect late sends its messages to the consumer: they are asked for again."""
        from confluent_kafka import TopicPartition

        firsts: dict[int, int] = {}
        for message in found:
            if message.error() is None and message.partition() in self._partitions:
                firsts.setdefault(message.partition(), message.offset())
        for partition, offset in firsts.items():
            self._queue.bring(self._topic, partition)
            self._consumer.seek(TopicPartition(self._topic, partition, offset))
        errors = [message for message in found if message.error() is not None]
        return [Told(_number(m.partition()), _number(m.offset()), m.error()) for m in errors]


def _part(messages: Messages) -> Part:
    fields = messages.fields
    chosen: Any = slice(None) if not fields["error"].any() else np.flatnonzero(fields["error"] == 0)
    kept = fields[chosen]
    return Part(messages.values(chosen), messages.keys(chosen), kept["partition"].copy(), kept["offset"].copy())


def _told(messages: Messages) -> list[Told]:
    from confluent_kafka import KafkaError

    wrong = np.flatnonzero(messages.fields["error"])
    reasons = messages.values(wrong).to_pylist()
    found = zip(messages.fields[wrong].tolist(), reasons, strict=True)
    return [Told(f[1], f[6], KafkaError(f[0], (reason or b"").decode(errors="replace"))) for f, reason in found]


def _number(value: int | None) -> int:
    return -1 if value is None else value
