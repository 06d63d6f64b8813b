"""Rows that replace and delete others: each key has the row of its newest event, in whatever order events come."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from data.sources.base import literal, quoted
from data.streams.batch import DELETED
from data.streams.tombstones import PLACE, Tombstones, later, newest, pick

if TYPE_CHECKING:
    import pyarrow as pa
    from deltalake import CommitProperties, DeltaTable

    from data.streams.stream import Stream

PLAIN = re.compile(r"[\w .:@/+-]{1,32}", re.ASCII)
"""Texts that bound a key: no longer than what the log's statistics hold of a text."""

ROWS = 131_072
"""Rows of a row group: the writer holds one in memory."""

MEMORY = 256 * 1024 * 1024
"""Bytes that a merge of a small batch takes before it spills."""


def merge(table: DeltaTable, changes: pa.Table, stream: Stream, properties: CommitProperties, tombstones: Path) -> None:
    """Land the changes of an `upsert` or `cdc` stream in one commit right after the table's version, with the
    transactions of `properties`; the table moves on to its newest version.

    `changes` has the table's columns and `_deleted`. The table holds living rows alone; deleted keys are in the
    Delta table `tombstones`. CommitFailedError where another commit came first, to either of them: no row landed, and
    the same changes may be merged into a fresh snapshot.
    """
    graves = Tombstones(tombstones, stream.key)
    changes = latest(changes, stream.key)
    # Tombstones stand before the commit that deletes, and are read after the snapshot. So whoever is the next to
    # commit has read those of all commits before it; all others fail, as they may have read too few.
    graves.add(changes)
    changes = graves.outlived(changes)
    only = _unretried(properties)
    before = table.version()
    if changes.num_rows:
        _merged(table, changes, stream.key, only)
    if table.version() == before:
        _commit_nothing(table, only)


def latest(changes: pa.Table, key: tuple[str, ...]) -> pa.Table:
    """The newest event of each key, in the order of the changes."""
    return pick(changes, key, f"SELECT {PLACE} FROM changes {newest(key)}")


def _merged(table: DeltaTable, changes: pa.Table, key: tuple[str, ...], properties: CommitProperties) -> None:
    from deltalake import WriterProperties

    columns = {quoted(name): f"source.{quoted(name)}" for name in changes.column_names if name != DELETED}
    merger = table.merge(
        changes,
        " AND ".join([*_same(key), *_bounds(changes, key)]),
        source_alias="source",
        target_alias="target",
        max_spill_size=max(MEMORY, 4 * changes.nbytes),  # the batch itself can't spill
        writer_properties=WriterProperties(compression="ZSTD", compression_level=1, max_row_group_size=ROWS),
        commit_properties=properties,
    )
    newer = later("source", "target").replace(f"target.{DELETED}", "false")
    merger.when_matched_delete(f"source.{DELETED} AND ({newer})")
    merger.when_matched_update(columns, f"NOT source.{DELETED} AND ({newer})")
    merger.when_not_matched_insert(columns, f"NOT source.{DELETED}")
    merger.execute()


def _same(key: Iterable[str]) -> list[str]:
    return [f"target.{quoted(name)} = source.{quoted(name)}" for name in key]


def _bounds(changes: pa.Table, key: Iterable[str]) -> list[str]:
    """Conditions that leave out the files whose keys are all smaller or all greater than those of the changes."""
    import pyarrow.compute as pc

    bounds = []
    for name in key:
        ends = pc.min_max(changes[name]) if _bounded(changes[name].type) else {}
        for sign, end in ((">=", ends.get("min")), ("<=", ends.get("max"))):
            if end is not None and (text := _literal(end)) is not None:
                bounds.append(f"target.{quoted(name)} {sign} {text}")
    return bounds


def _bounded(kind: pa.DataType) -> bool:
    import pyarrow.types as types

    return bool(types.is_integer(kind) or types.is_string(kind) or types.is_date32(kind))


def _literal(end: Any) -> str | None:
    """A value in SQL; None for one that had better not stand there."""
    import pyarrow as pa
    import pyarrow.types as types

    text = str(end.cast(pa.string()).as_py())
    if types.is_integer(end.type):
        return text
    if types.is_date32(end.type):
        return f"DATE {literal(text)}" if re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII) else None
    return literal(text) if PLAIN.fullmatch(text) else None


def _unretried(properties: CommitProperties) -> CommitProperties:
    from deltalake import CommitProperties as Properties

    return Properties(properties.custom_metadata, 0, properties.app_transactions)


def _commit_nothing(table: DeltaTable, properties: CommitProperties) -> None:
    """A commit for the transactions alone: a merge that changes no row makes none."""
    partitions = table.metadata().partition_columns
    table.create_write_transaction([], "append", table.schema(), partitions, commit_properties=properties)
    table.update_incremental()
