"""What a column can be used for in a query: measured, grouped by, placed in time, compared."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from data.catalog import Catalog, Column, Table
from data.kinds import WHOLE as WHOLE
from retrieval.hints import Hint
from retrieval.spans import normal

NUMERIC = (*WHOLE, "FLOAT", "REAL", "DOUBLE", "DECIMAL", "NUMERIC")
TEMPORAL = ("TIMESTAMP", "DATE", "DATETIME")
ORDERED = ("%Y-%m-%d", "%Y%m%d", "%Y/%m/%d", "%Y-%m", "%Y%m")
"""Formats of days whose order as text or numbers is that of the days."""
MOST_VALUES, LONGEST_VALUE = 6, 16
"""A column's values are told where there are so few, and each has so few characters."""
TEXT = ("VARCHAR", "TEXT", "CHAR", "STRING")


def _is(column: Column, kinds: tuple[str, ...]) -> bool:
    kind = column.type.upper()
    return kind.startswith(kinds) and not kind.startswith("INTERVAL") and not kind.endswith("]")


def name_words(name: str) -> set[str]:
    """The normal forms of the words of a column's name, full or bare, but for the shortest."""
    return {normal(part) for part in name.rpartition(".")[2].split("_") if len(part) > 2}


def keys(catalog: Catalog, table: Table) -> frozenset[str]:
    """The columns that identify rows of this or of other tables."""
    pointing = {r.column for r in catalog.relationships if r.table == table.full_name}
    pointed = {r.to_column for r in catalog.relationships if r.to_table == table.full_name}
    named = {c.name for c in table.columns if c.name.endswith("_id") and not _is(c, TEXT)}
    return frozenset(pointing | pointed | named | ({table.key} if table.key else set()))


def measures(catalog: Catalog, table: Table) -> tuple[Column, ...]:
    """Numeric columns that are no keys, and no dates."""
    key = keys(catalog, table)
    return tuple(c for c in table.columns if _is(c, NUMERIC) and c.name not in key and not c.format)


def times(table: Table) -> tuple[Column, ...]:
    """Dates and timestamps."""
    return tuple(c for c in table.columns if _is(c, TEMPORAL))


def dated(table: Table) -> tuple[Column, ...]:
    """Dates and timestamps, and text and numbers that are in the order of the dates that are written in them."""
    return tuple(c for c in table.columns if _is(c, TEMPORAL) or _day(c))


def _day(column: Column) -> str:
    """How a day is written in the column, without its time; "" where that is not in the order of days."""
    return next((day for day in ORDERED if (column.format or "").startswith(day)), "")


def tells(column: Column, hint: Hint) -> bool:
    """Whether the column can tell a period: minutes can't be told by days."""
    return not hint.brief or _is(column, ("TIMESTAMP", "DATETIME"))


def ends(column: Column, hint: Hint) -> list[str]:
    """The ends of a period as conditions on the column: [" >= '2025-01-01'", " < '2025-02-01'"]."""
    zoned = hint.brief and _is(column, ("TIMESTAMPTZ", "TIMESTAMP WITH TIME ZONE"))
    literals = [f"{text}+00" if zoned and text else text for text in hint.literals]
    pairs = [(sign, _kept(column, text)) for sign, text in zip((">=", "<"), literals, strict=True) if text]
    return [f" {sign} {text}" for sign, text in pairs]


def _kept(column: Column, text: str) -> str:
    """A day as the column is compared with it: as a date, or in its own format."""
    day = "" if _is(column, TEMPORAL) else _day(column)
    written = date.fromisoformat(text).strftime(day) if day else text
    return written if day and _is(column, NUMERIC) else f"'{written}'"


def texts(table: Table) -> tuple[Column, ...]:
    """Text columns."""
    return tuple(c for c in table.columns if _is(c, TEXT))


def flags(table: Table) -> tuple[Column, ...]:
    """Boolean columns."""
    return tuple(c for c in table.columns if _is(c, ("BOOL",)))


def wholes(table: Table) -> tuple[Column, ...]:
    """Whole numbers."""
    return tuple(c for c in table.columns if _is(c, WHOLE) and not c.format)


def few(values: Sequence[str]) -> tuple[str, ...]:
    """The values of a text column in their order where a prompt tells them, else none."""
    told = 0 < len(values) <= MOST_VALUES and max(map(len, values)) <= LONGEST_VALUE
    return tuple(sorted(values)) if told else ()
