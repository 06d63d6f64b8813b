"""The demo's catalogue as Arrow schemas and DDL, so that a column is declared in one place only."""

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa

from data.catalog import Catalog, Relationship, Table
from data.demo.rhythm import dates
from data.demo.sampling import Column, Columns, Ints

CATALOG = Path(__file__).with_name("catalog.yaml")
DOCUMENTS = Path(__file__).with_name("documents")
POLICY = Path(__file__).with_name("policy.yaml")

ARROW: dict[str, pa.DataType] = {
    "BIGINT": pa.int64(),
    "BOOLEAN": pa.bool_(),
    "DATE": pa.date32(),
    "DOUBLE": pa.float64(),
    "TIMESTAMP": pa.timestamp("us"),
    "VARCHAR": pa.string(),
}


def arrow_schema(table: Table) -> pa.Schema:
    """The Arrow schema of a declared table."""
    return pa.schema([pa.field(column.name, arrow_type(column.type)) for column in table.columns])


def arrow_type(declared: str) -> pa.DataType:
    """The Arrow type of a catalogue type."""
    if decimal := re.fullmatch(r"DECIMAL\((\d+),(\d+)\)", declared):
        return pa.decimal128(int(decimal[1]), int(decimal[2]))
    return ARROW[declared]


def arrow_table(table: Table, columns: Columns) -> pa.Table:
    """The declared columns in the declared order; hidden ones are left behind."""
    schema = arrow_schema(table)
    return pa.Table.from_arrays([_array(columns[field.name], field.type) for field in schema], schema=schema)


def ddl(table: Table, links: tuple[Relationship, ...] = ()) -> str:
    """CREATE TABLE with its primary key, and its foreign keys where `links` are given."""
    lines = [f"{c.name} {c.type}{' PRIMARY KEY' if c.name == table.key else ''}" for c in table.columns]
    lines += [f"FOREIGN KEY ({link.column}) REFERENCES {_bare(link.to_table)} ({link.to_column})" for link in links]
    return f"CREATE TABLE {table.name} (\n  " + ",\n  ".join(lines) + "\n)"


def indexes(table: Table, links: tuple[Relationship, ...]) -> Iterator[str]:
    """CREATE INDEX for each column that points at another table, and for the time column."""
    for name in dict.fromkeys([link.column for link in links] + [table.time] * (table.time is not None)):
        yield f"CREATE INDEX {table.name}_{name}_idx ON {table.name} ({name})"


def links(catalog: Catalog, table: Table) -> tuple[Relationship, ...]:
    """The table's relationships to tables of the same store: only those can be foreign keys."""
    return tuple(
        link
        for link in catalog.relationships
        if link.table == table.full_name and link.to_table.startswith(f"{table.source}.")
    )


def _bare(full_name: str) -> str:
    return full_name.partition(".")[2]


def _array(column: Column, kind: pa.DataType) -> pa.Array:
    if pa.types.is_decimal(kind):
        return _decimals(column.astype(np.int64), kind)
    if pa.types.is_timestamp(kind):
        return pa.array(dates(column)).cast(kind)
    if pa.types.is_integer(kind):
        return pa.array(column, kind, mask=column < 0)
    return pa.array(column, kind)


def _decimals(cents: Ints, kind: pa.DataType) -> pa.Array:
    """Cents as 128-bit decimals with two places: the low word is the number, the high word its sign."""
    words = np.stack([cents, cents >> 63], axis=1)
    valid = pa.array(cents >= 0).buffers()[1]
    return pa.Array.from_buffers(kind, len(cents), [valid, pa.py_buffer(np.ascontiguousarray(words))])
