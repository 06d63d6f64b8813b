"""Spark's own connectors: its Kafka source, and its Delta sink with the transactions that every worker goes by.

Their jars are Spark's to load: `spark.jars.packages` and what Delta asks for in Spark's settings.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from data.streams.batch import Batch, Decoded
from data.streams.landing import Overtaken, Span
from data.streams.sparked import COLUMNS
from data.streams.stream import Stream
from data.streams.target import Target

if TYPE_CHECKING:
    import pyarrow as pa

    from data.streams.spark_source import Reading


def kafka(spark: Any, reading: Reading, settings: Mapping[str, str]) -> Any:
    """The topic as a streaming data frame; `kafka.…` of the settings go to Kafka's Java client."""
    starts = {str(partition): offset for partition, offset in reading.starts.items()}
    options = {
        **{name: value for name, value in settings.items() if name.startswith("kafka.")},
        "kafka.bootstrap.servers": reading.broker.servers,
        "kafka.isolation.level": "read_committed",
        "subscribe": reading.topic.name,
        "startingOffsets": json.dumps({reading.topic.name: starts}),
        "maxOffsetsPerTrigger": str(reading.most),
        "failOnDataLoss": "true",
    }
    return spark.readStream.format("kafka").options(**options).load().select(*COLUMNS)


class DeltaSink(Target):
    """A target to which Spark writes the rows of `append` streams; delta-rs merges those of the others.

    A Delta writer of Spark takes one transaction a commit, so that each partition's rows are a commit of their own.
    """

    def __init__(self, stream: Stream, home: Path, path: Path, schema: pa.Schema, spark: Any) -> None:
        super().__init__(stream, home, path, schema)
        self._spark = spark

    def land(self, batch: Batch, decoded: Decoded, spans: Sequence[Span]) -> int:
        if self._stream.mode != "append":
            return super().land(batch, decoded, spans)
        of_row = batch.partitions if decoded.indices is None else batch.partitions[decoded.indices]
        said = json.dumps(self._metadata(batch, decoded))
        for partition, span in zip(batch.ends(), spans, strict=True):
            if self.position(span.application) != span.before:
                raise Overtaken(span.application)
            self._write(decoded.rows.take(np.flatnonzero(of_row == partition)), span, said)
        self._landing.table.update_incremental()
        return int(self._landing.table.version())

    def _write(self, rows: pa.Table, span: Span, said: str) -> None:
        writer = self._spark.createDataFrame(rows).write.format("delta").mode("append")
        options = {"txnAppId": span.application, "txnVersion": str(span.after), "userMetadata": said}
        writer.options(**options).save(str(self._landing.path))
