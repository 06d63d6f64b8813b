"""Messages of confluent-kafka as a batch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from data.streams.batch import Batch


class Polled(Batch):
    """What several `consume` calls gave."""

    def __init__(self, parts: Sequence[Part]) -> None:
        self.values = pa.concat_arrays([part.values for part in parts])
        self.partitions = np.concatenate([part.partitions for part in parts])
        self.offsets = np.concatenate([part.offsets for part in parts])
        self._keys = pa.chunked_array([part.keys for part in parts])

    def key(self, index: int) -> bytes | None:
        found: bytes | None = self._keys[index].as_py()
        return found


class Part:
    """What one `consume` call gave. Its messages are let go of at once: memory that is still in the processor's cache
    is then used for the next ones, which is several times as fast."""

    def __init__(self, messages: Sequence[Any]) -> None:
        from confluent_kafka import Message

        count = len(messages)
        self.values = pa.array(map(Message.value, messages), pa.binary(), size=count)
        self.keys = pa.array(map(Message.key, messages), pa.binary(), size=count)
        self.partitions = np.fromiter(map(Message.partition, messages), np.int32, count)
        self.offsets = np.fromiter(map(Message.offset, messages), np.int64, count)

    def __len__(self) -> int:
        return len(self.values)

    @property
    def size(self) -> int:
        """Bytes of the values and keys."""
        return int(self.values.nbytes + self.keys.nbytes)
