"""Bytes to rows: one module per format, one contract."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa

    from data.streams.batch import Batch, Decoded
    from data.streams.stream import Broker, Stream


class Decoder(ABC):
    """Makes rows of messages. It never raises for what a message holds: such a message is rejected with a reason.

    The same message is judged alike in whatever batch it comes.
    """

    schema: pa.Schema
    """The rows' columns; for `upsert` and `cdc` the technical ones of `data.streams.batch` too, less `_offset`."""

    @abstractmethod
    def decode(self, batch: Batch) -> Decoded:
        """The batch's rows, in the batch's order, and its rejects."""


def decoder_of(stream: Stream, broker: Broker) -> Decoder:
    """The stream's decoder; Invalid, NotFound or Unavailable where its schema can't be had."""
    raise NotImplementedError
