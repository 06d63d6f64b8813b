"""Payloads to rows: one contract for every format, below the modes of streams."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa

    from data.streams.batch import Decoded


class Reader(ABC):
    """Makes rows of payloads that are neither null nor empty nor too large."""

    schema: pa.Schema
    """The rows' columns. It may grow by nullable columns as events come."""

    @abstractmethod
    def read(self, events: pa.BinaryArray) -> Decoded:
        """The events' rows, in order; every event is a row or a reject."""
