"""Rows as a Parquet file of a Delta table, and what the table's log is to say of it.

delta-rs plans a query for each append. Rows that stream in have the table's columns already, and their file lives only
until upkeep joins it to others: it is written as it is, by Arrow.
"""

from __future__ import annotations

import json
import math
import os
import time
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

if TYPE_CHECKING:
    import pyarrow as pa

PAGE, VALUES = 16 << 20, 1 << 16
"""Bytes of a page, and values that are encoded at once: a column of a small file is one page."""
INDEXED = 32
"""Leaves of which the log has statistics, as the Delta protocol's writers do unless a table says otherwise."""
OTHERWISE = "delta.dataSkipping"
ANY = "", "\U0010ffff"
"""Bounds of texts that are too long for Parquet to tell theirs: without any, delta-rs's datasets find no row."""

Bound = bool | int | float | str


def plain(table: Any) -> bool:
    """Whether a file with the columns alone is all that the Delta protocol asks of a writer to this table: there are
    no partitions, constraints, generated columns, or names that differ in its files."""
    metadata = table.metadata()
    if table.protocol().min_writer_version > 2 or metadata.partition_columns:
        return False
    return not any(OTHERWISE in name for name in metadata.configuration) and (
        "delta.invariants" not in table.schema().to_json()
    )


def write(rows: pa.Table, folder: Path) -> list[Any]:
    """The log's action for a new file with the rows, none for no rows. Upkeep removes a file that no commit has."""
    import pyarrow.parquet as pq
    from deltalake.transaction import AddAction

    if not rows.num_rows:
        return []
    path, facts = folder / f"part-00000-{uuid4()}-c000.parquet", list[Any]()
    pq.write_table(
        rows, path, rows.num_rows, compression="none", use_dictionary=False, store_schema=False,
        data_page_size=PAGE, write_batch_size=VALUES, metadata_collector=facts,
    )  # fmt: skip
    said = json.dumps(_statistics(rows.schema, facts[0].row_group(0)))
    return [AddAction(path.name, os.path.getsize(path), {}, round(time.time() * 1000), True, said)]


def _statistics(schema: pa.Schema, group: Any) -> dict[str, Any]:
    """The file's statistics as Delta's log has them: of lists and bytes there are none."""
    least, greatest, nulls = dict[str, Any](), dict[str, Any](), dict[str, Any]()
    for number, path in enumerate(_leaves(schema)):
        found = group.column(number).statistics if path and number < INDEXED else None
        if found is None:
            continue
        _put(nulls, path, found.null_count)
        if found.has_min_max:
            _put(least, path, _bound(found.min))
            _put(greatest, path, _bound(found.max))
        elif found.physical_type == "BYTE_ARRAY" and found.null_count < group.num_rows:
            _put(least, path, ANY[0])
            _put(greatest, path, ANY[1])
    return {"numRecords": group.num_rows, "minValues": least, "maxValues": greatest, "nullCount": nulls}


def _leaves(fields: Any, above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The names that lead to each column of the file; none for one that has no statistics."""
    import pyarrow as pa

    for field in fields:
        if pa.types.is_struct(field.type):
            yield from _leaves(field.type.fields, (*above, field.name))
        elif pa.types.is_list(field.type):
            yield from (() for _ in _leaves([field.type.value_field]))
        else:
            yield () if pa.types.is_binary(field.type) else (*above, field.name)


def _put(tree: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    for name in path[:-1]:
        tree = tree.setdefault(name, {})
    tree[path[-1]] = value


def _bound(value: Any) -> Bound | None:
    """None for what JSON has no number for."""
    if isinstance(value, datetime):  # The protocol has milliseconds, rounded down.
        return value.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        near = float(value)
        return near if Decimal(repr(near)) == value else None
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    found: Bound = value
    return found
