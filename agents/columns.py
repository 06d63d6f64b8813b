"""What a column can be used for in a query: measured, grouped by, placed in time, compared."""

from __future__ import annotations

from data.catalog import Catalog, Column, Table
from retrieval.hints import Hint

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


def tells(column: Column, hint: Hint) -> bool:
    """Whether the column can tell a period: minutes can't be told by days."""
    return not hint.brief or _is(column, ("TIMESTAMP", "DATETIME"))


def ends(column: Column, hint: Hint) -> list[str]:
    """The ends of a period as conditions on the column: [" >= '2025-01-01'", " < '2025-02-01'"]."""
    zoned = hint.brief and _is(column, ("TIMESTAMPTZ", "TIMESTAMP WITH TIME ZONE"))
    literals = [f"{text}+00" if zoned and text else text for text in hint.literals]
    return [f" {sign} '{text}'" for sign, text in zip((">=", "<"), literals, strict=True) if text]


def texts(table: Table) -> tuple[Column, ...]:
    """Text columns."""
    return tuple(c for c in table.columns if _is(c, TEXT))


def flags(table: Table) -> tuple[Column, ...]:
    """Boolean columns."""
    return tuple(c for c in table.columns if _is(c, ("BOOL",)))
