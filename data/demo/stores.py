"""Writers of the file stores: Delta, Parquet and SQLite. What they write must not exist yet."""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from data.catalog import Catalog, Table
from data.demo.schema import ddl, indexes, links


def write_delta(folder: Path, tables: Mapping[Table, pa.Table]) -> None:
    """One Delta table a folder, with the catalogue's descriptions in its metadata."""
    from deltalake import write_deltalake

    for table, rows in tables.items():
        write_deltalake(folder / table.name, rows, mode="error", name=table.name, description=table.description)


def write_parquet(folder: Path, tables: Mapping[Table, pa.Table]) -> None:
    """One Parquet file a table."""
    folder.mkdir(parents=True)
    for table, rows in tables.items():
        pq.write_table(rows, folder / f"{table.name}.parquet", compression="zstd")


def write_sqlite(file: Path, tables: Mapping[Table, pa.Table], catalog: Catalog) -> None:
    """One SQLite database, with keys and indexes; no journal, as an unfinished file is thrown away."""
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA journal_mode = OFF")
        connection.execute("PRAGMA synchronous = OFF")
        for table, rows in tables.items():
            connection.execute(ddl(table, links(catalog, table)))
            marks = ", ".join("?" * len(table.columns))
            connection.executemany(f"INSERT INTO {table.name} VALUES ({marks})", _sqlite_rows(rows))
            for statement in indexes(table, links(catalog, table)):
                connection.execute(statement)
        connection.execute("ANALYZE")
        connection.commit()


def _sqlite_rows(rows: pa.Table) -> "zip[tuple[Any, ...]]":
    """Rows in types that SQLite has: moments and dates become ISO text."""
    return zip(*(_plain(column).to_pylist() for column in rows.columns), strict=True)


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if pa.types.is_timestamp(column.type):
        return column.cast(pa.timestamp("s")).cast(pa.string())
    return column.cast(pa.string()) if pa.types.is_date(column.type) else column
