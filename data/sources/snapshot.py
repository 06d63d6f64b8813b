"""The files of one version of a Delta table, where reading them is all that there is to reading the table."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

MOST = 64
"""Files that are read one by one: of more, the log's statistics should leave some out."""

READABLE = frozenset({"timestampNtz", "v2Checkpoint", "vacuumProtocolCheck"})
"""Features of a table that change nothing about how its files are read."""


@lru_cache(maxsize=1024)
def plain_files(folder: Path, version: int) -> tuple[Path, ...] | None:
    """The Parquet files that are the table; None where there is more to it: deleted rows, columns of other names,
    partitions, files of an older schema, or too many files."""
    from deltalake import DeltaTable
    from deltalake.exceptions import DeltaError

    try:
        table = DeltaTable(folder, version=version)
    except DeltaError:
        return None  # the engine's own reader will say what is wrong with it
    protocol, metadata = table.protocol(), table.metadata()
    features = set(protocol.reader_features or ())
    mapped = metadata.configuration.get("delta.columnMapping.mode", "none") != "none"
    if metadata.partition_columns or mapped or not features <= READABLE:
        return None
    files = _files(folder, table)
    return files if files and all(_fits(file, table) for file in files) else None


def _files(folder: Path, table: Any) -> tuple[Path, ...] | None:
    import pyarrow as pa

    paths = pa.table(table.get_add_actions(flatten=True)).column("path").to_pylist()
    files = tuple(folder / path for path in paths)
    inside = all(file.is_file() and file.resolve().is_relative_to(folder.resolve()) for file in files)
    return files if 0 < len(files) <= MOST and inside else None


def _fits(file: Path, table: Any) -> bool:
    """Whether a file has the table's columns in the table's types."""
    import pyarrow as pa

    return bool(_schema(file).equals(pa.schema(table.schema().to_arrow()), check_metadata=False))


@lru_cache(maxsize=4096)
def _schema(file: Path) -> Any:
    import pyarrow.parquet as pq

    return pq.read_schema(file)
