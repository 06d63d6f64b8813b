"""Sorting on disk: rows are put aside in runs that are cut by key, and come back a piece at a time, in order.

What is held is one run or one piece, however many there are. (DuckDB's own sort spills too, but what it holds beside
its buffers grows with the rows.)
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from data.features.datafiles import ROW_GROUP
from data.features.pieces import between
from data.features.plan import Plan
from data.sources.base import literal

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

RUN = 250_000
"""Rows of a run, and about as many of a piece as far as they are not of one value of the first key."""

EVERY = 1_000
"""Of so many rows of a run one key is looked at to find where to cut."""


class Runs:
    """Rows with the columns of prepared events, in files of a folder that goes with the workspace."""

    def __init__(self, work: duckdb.DuckDBPyConnection, folder: Path, plan: Plan) -> None:
        self.rows = 0
        self._work, self._folder, self._plan = work, folder, plan
        self._key = plan.keys[0].name
        self._files: list[Path] = []
        self._sample: list[Any] = []

    def take(self, reader: pa.RecordBatchReader) -> None:
        """Put all rows of a reader aside."""
        import pyarrow as pa

        held: list[pa.RecordBatch] = []
        for batch in reader:
            held.append(batch)
            if sum(one.num_rows for one in held) >= RUN:
                self._put(pa.Table.from_batches(held))
                held = []
        if held or not self._files:
            self._put(pa.Table.from_batches(held, reader.schema))

    def ordered(self, select: str, order: str) -> pa.RecordBatchReader:
        """`select` over the rows in a total order that begins with the first key."""
        import pyarrow as pa

        def made() -> Iterator[pa.RecordBatch]:
            for where in between(self._cuts(), self._plan):
                yield from self._read(f"{select} FROM {source} WHERE {where} ORDER BY {order}")

        source = f"read_parquet([{', '.join(literal(str(file)) for file in self._files)}])"
        schema = self._read(f"{select} FROM {source} LIMIT 0").schema
        return pa.RecordBatchReader.from_batches(schema, made())

    def _put(self, table: pa.Table) -> None:
        import pyarrow.parquet as pq

        table = table.sort_by(self._key)
        path = self._folder / f"run-{len(self._files)}.parquet"
        pq.write_table(table, path, row_group_size=ROW_GROUP, compression="lz4", use_dictionary=False)
        self._files.append(path)
        self._sample += table.column(self._key)[::EVERY].to_pylist()
        self.rows += table.num_rows

    def _cuts(self) -> Sequence[Any]:
        count, found = -(-self.rows // RUN), sorted(self._sample)
        return sorted({found[len(found) * i // count] for i in range(1, count)})

    def _read(self, sql: str) -> pa.RecordBatchReader:
        return self._work.execute(sql).to_arrow_reader(ROW_GROUP)
