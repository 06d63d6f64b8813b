"""Columns of a store in DuckDB's types, for stores that are described by an Arrow schema."""

from __future__ import annotations

from typing import Any

from data.catalog import Column


def of_arrow(schema: Any) -> tuple[Column, ...]:
    """The columns of anything that exports an Arrow schema, typed as DuckDB reads them."""
    import duckdb
    import pyarrow as pa

    empty = pa.schema(schema).empty_table()
    with duckdb.connect() as connection:
        described = connection.from_arrow(empty)
        return tuple(Column(name, str(kind)) for name, kind in zip(described.columns, described.types, strict=True))
