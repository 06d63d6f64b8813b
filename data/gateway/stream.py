"""All rows of a query, a batch at a time, for jobs such as materialising features: nothing is held in memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from data.engines.base import Failure
from data.errors import DataError, Unavailable
from data.gateway.attach import hushed
from data.gateway.bodies import uses
from data.gateway.query import Door, Query, SourceUse
from data.gateway.run import physical, worded

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass
class Stream:
    """Rows that are read once. `sources` has the versions that they are of: `old..new` for what was added."""

    schema: pa.Schema
    batches: Iterator[pa.RecordBatch]
    sources: tuple[SourceUse, ...]
    query: Query
    failure: DataError | None = None
    """Why the batches ended early: who reads them by way of another library raises this in the place of its error."""

    @property
    def audit_id(self) -> str:
        """The record in the audit trail: there is one when the stream is over."""
        return self.query.audit_id

    @property
    def reader(self) -> pa.RecordBatchReader:
        """The batches as other libraries take them."""
        import pyarrow as pa

        return pa.RecordBatchReader.from_batches(self.schema, self.batches)


def whole(query: Query, door: Door) -> None:
    """In the place of `bound`: no row is left out."""
    query.governed = query.tree.sql(dialect="duckdb", comments=False)


def attach_fixed(query: Query, door: Door, versions: Mapping[str, str]) -> None:
    """In the place of `attach`: some tables at other versions than the newest."""
    try:
        query.plan = door.engines[query.engine].fixed((table for _, table in query.scanned), versions)
    except Unavailable as error:
        raise hushed(error, query) from None


def streamed(query: Query, door: Door) -> Iterator[Stream]:
    """Gives one stream; what is left of it when the caller comes back is let go."""
    assert query.plan is not None
    params = {**query.params, **query.secrets}
    engine = door.engines[query.engine]
    try:
        with engine.stream(query.plan, physical(query, query.plan, door), params, query.stop) as reader:
            stream = Stream(reader.schema, iter(()), uses(query), query)
            stream.batches = _counted(reader, query, door, stream)
            yield stream
    except Failure as failure:
        raise worded(failure, query, door) from None


def _counted(reader: pa.RecordBatchReader, query: Query, door: Door, stream: Stream) -> Iterator[pa.RecordBatch]:
    while True:
        try:
            batch = reader.read_next_batch()
        except StopIteration:
            return
        except Exception as error:  # noqa: BLE001 - Arrow's and the engine's, in whatever class it comes
            failure = door.engines[query.engine].failure(error, query.stop)
            stream.failure = worded(failure, query, door)
            raise stream.failure from None
        query.given += batch.num_rows
        yield batch
