"""What a query would give: its columns, found out on empty tables."""

from __future__ import annotations

from collections.abc import Iterable

from sqlglot import exp

from data.catalog import Column, Table
from data.errors import Invalid
from data.sources.base import quoted


def columns_of(tree: exp.Query, tables: Iterable[Table]) -> tuple[Column, ...]:
    """The columns of a query over these tables, whose references have the catalogue's names. Invalid, with what
    DuckDB says, for a query that can't run."""
    import duckdb

    config = {"enable_external_access": False, "autoload_known_extensions": False, "threads": 1}
    with duckdb.connect(config=config) as connection:
        for table in tables:
            _create(connection, table)
        try:
            found = connection.execute(f"{tree.sql(dialect='duckdb')}").description or []
        except duckdb.Error as error:
            raise Invalid(f"{str(error).splitlines()[0].rstrip('.')}.", "Correct the SQL.") from None
    return tuple(Column(name, str(kind)) for name, kind, *_ in found)


def _create(connection: object, table: Table) -> None:
    import duckdb

    assert isinstance(connection, duckdb.DuckDBPyConnection)
    columns = ", ".join(f"{quoted(column.name)} {column.type}" for column in table.columns)
    try:
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS {quoted(table.source)}")
        connection.execute(f"CREATE TABLE {quoted(table.source)}.{quoted(table.name)} ({columns})")
    except duckdb.Error as error:
        reason = str(error).splitlines()[0].rstrip(".")
        raise Invalid(f"The columns of '{table.full_name}' can't be read: {reason}.", "Write whole types.") from None
