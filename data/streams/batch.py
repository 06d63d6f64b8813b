"""A batch of messages as they came from the topic, and what decoding makes of it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pyarrow as pa

DELETED, ORDER, OFFSET = "_deleted", "_order", "_offset"
"""Technical columns of the rows of `upsert` and `cdc` streams: whether the event deletes its key, and what tells the
newer of two events (`_order`, BIGINT or the type of the declared column; then `_offset`)."""


class Batch(ABC):
    """Messages in the order of their offsets within each partition. All arrays have one element a message."""

    values: pa.BinaryArray
    """The messages' bytes; null for a tombstone."""
    partitions: np.ndarray[Any, np.dtype[np.int32]]
    offsets: np.ndarray[Any, np.dtype[np.int64]]
    full: bool = False
    """Whether it is as large as they get: then there is more behind it."""

    def __len__(self) -> int:
        return len(self.values)

    @abstractmethod
    def key(self, index: int) -> bytes | None:
        """The message's key."""

    def ends(self) -> Mapping[int, int]:
        """For each partition in the batch the offset after its last message."""
        return {int(p): int(self.offsets[self.partitions == p].max()) + 1 for p in np.unique(self.partitions)}

    def starts(self) -> Mapping[int, int]:
        """For each partition in the batch its first message's offset."""
        return {int(p): int(self.offsets[self.partitions == p].min()) for p in np.unique(self.partitions)}


@dataclass(frozen=True)
class Reject:
    """A message that can't land: its index in the batch, a kind such as `undecodable`, and a sentence that says why."""

    index: int
    kind: str
    reason: str


@dataclass(frozen=True)
class Decoded:
    """The rows of a batch, and the messages that gave none.

    `rows` has the decoder's schema. `indices[i]` is the message of row i; None when row i is of message i.
    """

    rows: pa.Table
    rejects: Sequence[Reject] = ()
    indices: np.ndarray[Any, np.dtype[np.int64]] | None = None
