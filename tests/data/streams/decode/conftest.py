"""Batches of messages that were never in a topic."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from data.streams.batch import Batch
from data.streams.decode import Decoder, decoder_of
from data.streams.stream import Broker, Stream

Make = Callable[..., Decoder]


class Sent(Batch):
    """Values, and keys where a test has some, of partition 0 from offset 0."""

    def __init__(self, values: Sequence[bytes | None], keys: Sequence[bytes | None] = ()) -> None:
        self.values = pa.array(values, pa.binary())
        self.partitions = np.zeros(len(values), np.int32)
        self.offsets = np.arange(len(values), dtype=np.int64)
        self.keys = keys

    def key(self, index: int) -> bytes | None:
        return self.keys[index] if self.keys else None

    def timestamp(self, index: int) -> datetime | None:
        return datetime(2026, 5, 1, tzinfo=UTC)


@pytest.fixture
def decoder(tmp_path: Path) -> Make:
    """Makes the decoder of a stream whose schema is given as a document."""

    def make(schema: Any, broker: Broker | None = None, **stream: Any) -> Decoder:
        path = None
        if schema is not None:
            path = tmp_path / "schema.json"
            path.write_text(json.dumps(schema), encoding="utf-8")
        given = {"name": "s", "topic": "t", "format": "json", "target": "lake.t", **stream}
        return decoder_of(Stream(schema=path, **given), broker or Broker("127.0.0.1:1"))

    return make


@pytest.fixture
def messages() -> Callable[..., Batch]:
    """Makes the batch of some values, and keys."""
    return Sent
