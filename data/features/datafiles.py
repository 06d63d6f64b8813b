"""Rows in their order as Parquet files of a Delta table. (delta-rs's own writer takes batches in any order.)"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

if TYPE_CHECKING:
    import pyarrow as pa
    from deltalake.transaction import AddAction

ROW_GROUP = 32_768
"""Rows that are written, or left out when reading, together."""

FILE = 32 * 1024**2
"""Bytes of a file."""


def write(rows: pa.RecordBatchReader, folder: Path, numbers: Sequence[str]) -> list[AddAction]:
    """What the table's log is to say of new files with the rows. Of `numbers`, columns with whole numbers that hardly
    repeat, the differences are kept, which takes less space and time than a dictionary."""
    groups, made = _groups(rows), list[Path]()
    found = []
    try:
        group = next(groups, None)
        while group is not None:
            made.append(folder / f"part-{len(made):05}-{uuid4()}-c000.zstd.parquet")
            count, group = _file(made[-1], group, groups, numbers)
            found.append(_action(made[-1], count))
    except BaseException:
        for path in made:
            path.unlink(missing_ok=True)
        raise
    return found


def _file(
    path: Path, group: pa.Table, groups: Iterator[pa.Table], numbers: Sequence[str]
) -> tuple[int, pa.Table | None]:
    """Write one file; its rows, and the group that the next one begins with."""
    import pyarrow.parquet as pq

    count = 0
    following: pa.Table | None = group
    with path.open("wb") as out, pq.ParquetWriter(out, group.schema, **_encodings(group.schema, numbers)) as parquet:
        while following is not None and out.tell() < FILE:
            parquet.write_table(following, row_group_size=len(following))
            count += len(following)
            following = next(groups, None)
    return count, following


def _groups(rows: Iterable[pa.RecordBatch]) -> Iterator[pa.Table]:
    import pyarrow as pa

    held, count = list[Any](), 0
    for batch in rows:
        held.append(batch)
        count += len(batch)
        if count >= ROW_GROUP:
            yield pa.Table.from_batches(held)
            held, count = [], 0
    if count:
        yield pa.Table.from_batches(held)


def _encodings(schema: pa.Schema, numbers: Sequence[str]) -> dict[str, Any]:
    return {
        "compression": "zstd",
        "compression_level": 1,
        "store_schema": False,
        "use_dictionary": [name for name in schema.names if name not in numbers],
        "column_encoding": dict.fromkeys(numbers, "DELTA_BINARY_PACKED"),
    }


def _action(path: Path, rows: int) -> AddAction:
    from deltalake.transaction import AddAction

    said = json.dumps({"numRecords": rows})
    return AddAction(path.name, os.path.getsize(path), {}, round(time.time() * 1000), True, said)
