"""What a stream is: the topic it reads, the shape of its events, and the table they land in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Literal

Mode = Literal["append", "upsert", "cdc"]
"""`append` adds every event; `upsert` keeps the newest event of each key; `cdc` follows another database's changes
in Debezium's envelope, deletions among them."""


@dataclass(frozen=True)
class Upkeep:
    """When small files are joined and old ones removed."""

    files: int = 32
    """Files in the table that are too many: they are then joined."""
    keep: timedelta = timedelta(days=7)
    """How long the files of older versions stay, for readers and for `replay`."""


@dataclass(frozen=True)
class Broker:
    """Where the topics are. `options` are librdkafka's; secrets came in from the environment or a file."""

    servers: str
    options: Mapping[str, str] = field(default_factory=dict, repr=False)
    registry: str | None = None
    """The address of a schema registry (Confluent's API)."""
    registry_auth: str | None = field(default=None, repr=False)
    """`user:password` for the registry."""


@dataclass(frozen=True)
class Stream:
    """One declared stream."""

    name: str
    topic: str
    format: Literal["json", "avro"]
    schema: Path | None
    """The file with the JSON Schema or the Avro schema; None where the registry has it."""
    target: str
    """The table's full name in the catalogue; its source is of kind `delta`."""
    mode: Mode = "append"
    key: tuple[str, ...] = ()
    """The columns that tell rows apart: needed by `upsert` and `cdc`."""
    order: str | None = None
    """`upsert`: the column whose greater value is the newer row; None: the later offset is."""
    partition_by: tuple[str, ...] = ()
    time: str | None = None
    """The column that says when the event happened."""
    watermark: timedelta | None = None
    """How late events may come: the table is taken to be whole up to the newest event's time less this."""
    ahead: timedelta = timedelta(days=1)
    """An event that claims to be farther in the future than this is a dead letter."""
    max_bytes: int = 1_048_576
    """A larger event is a dead letter."""
    upkeep: Upkeep = field(default_factory=Upkeep)

    def application(self, partition: int, topic_id: str = "") -> str:
        """The name under which a partition's next offset stands in the Delta log.

        A topic that was made anew has another id, so that its offsets begin anew too.
        """
        return "/".join(part for part in ("lakewright", self.name, self.topic, topic_id, str(partition)) if part)
