"""Messages of confluent-kafka as a batch."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pyarrow as pa

from data.streams.batch import Batch


class Polled(Batch):
    """What one or several `consume` calls gave; keys and timestamps are looked up when somebody asks."""

    def __init__(self, messages: Sequence[Any]) -> None:
        from confluent_kafka import Message

        count = len(messages)
        self.values = pa.array(map(Message.value, messages), pa.binary(), size=count)
        self.partitions = np.fromiter(map(Message.partition, messages), np.int32, count)
        self.offsets = np.fromiter(map(Message.offset, messages), np.int64, count)
        self._messages = messages

    def key(self, index: int) -> bytes | None:
        found: bytes | None = self._messages[index].key()
        return found

    def timestamp(self, index: int) -> datetime | None:
        kind, milliseconds = self._messages[index].timestamp()
        return datetime.fromtimestamp(milliseconds / 1000, UTC) if kind else None
