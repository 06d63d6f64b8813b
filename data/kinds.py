"""What a column keeps, as its type and its format tell."""

from __future__ import annotations

from data.catalog import Column

WHOLE = ("TINYINT", "SMALLINT", "INTEGER", "INT", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT")


def is_flag(format: str | None) -> bool:
    """Whether a format tells marks for yes and no, and not how dates are written."""
    return format is not None and "%" not in format


def is_dated(column: Column) -> bool:
    """Whether it keeps days or times, as such or in a format."""
    return column.type.upper().startswith(("DATE", "TIME")) or bool(column.format and not is_flag(column.format))


def is_whole(column: Column) -> bool:
    """Whether it keeps whole numbers."""
    return column.type.upper() in WHOLE
