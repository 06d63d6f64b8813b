"""What a column can be used for in a query: measured, grouped by, placed in time, compared."""

from __future__ import annotations

from data.catalog import Catalog, Column, Table

NUMERIC = (
    "TINYINT",
    "SMALLINT",
    "INTEGER",
    "INT",
    "BIGINT",
    "HUGEINT",
    "FLOAT",
    "REAL",
    "DOUBLE",
    "DECIMAL",
    "NUMERIC",
)
TEMPORAL = ("TIMESTAMP", "DATE", "DATETIME")
TEXT = ("VARCHAR", "TEXT", "CHAR", "STRING")


def _is(column: Column, kinds: tuple[str, ...]) -> bool:
    return column.type.upper().startswith(kinds)


def keys(catalog: Catalog, table: Table) -> frozenset[str]:
    """The columns that identify rows of this or of other tables."""
    pointing = {r.column for r in catalog.relationships if r.table == table.full_name}
    pointed = {r.to_column for r in catalog.relationships if r.to_table == table.full_name}
    named = {c.name for c in table.columns if c.name.endswith("_id") and not _is(c, TEXT)}
    return frozenset(pointing | pointed | named | ({table.key} if table.key else set()))


def measures(catalog: Catalog, table: Table) -> tuple[Column, ...]:
    """Numeric columns that are no keys."""
    key = keys(catalog, table)
    return tuple(c for c in table.columns if _is(c, NUMERIC) and c.name not in key)


def times(table: Table) -> tuple[Column, ...]:
    """Dates and timestamps."""
    return tuple(c for c in table.columns if _is(c, TEMPORAL))


def texts(table: Table) -> tuple[Column, ...]:
    """Text columns."""
    return tuple(c for c in table.columns if _is(c, TEXT))


def flags(table: Table) -> tuple[Column, ...]:
    """Boolean columns."""
    return tuple(c for c in table.columns if _is(c, ("BOOL",)))
