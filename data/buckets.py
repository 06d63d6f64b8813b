"""Buckets: numbers and times shown only as the lower end of the range that they fall into."""

from __future__ import annotations

import re
from decimal import Decimal

from data.catalog import Column

UNITS = ("hour", "day", "week", "month", "quarter", "year", "decade", "century")
"""The sizes of buckets of time, the finest first."""

NARROW = frozenset({"TINYINT", "SMALLINT", "INTEGER", "INT", "UTINYINT", "USMALLINT", "UINTEGER"})
WIDE = {"BIGINT": "DECIMAL(38,0)", "UBIGINT": "DECIMAL(38,0)", "HUGEINT": "HUGEINT", "UHUGEINT": "UHUGEINT"}
"""What whole numbers are computed in, so that no intermediate value overflows; BIGINT for narrower ones."""
WHOLE = NARROW | WIDE.keys()

REAL = frozenset({"FLOAT", "REAL", "DOUBLE"})
EXACT = frozenset({"DECIMAL", "NUMERIC"})
MOMENTS = ("TIMESTAMP", "DATETIME")


def problem(column: Column, size: str | int | float) -> str:
    """Why a column can't be shown in buckets of that size; empty when it can."""
    base = _base(column)
    if base == "DATE" or base.startswith(MOMENTS):
        known = [unit for unit in UNITS if not (base == "DATE" and unit == "hour")]
        return "" if size in known else f"a bucket of a {base} is one of {', '.join(known)}, not '{size}'."
    if base not in WHOLE | REAL | EXACT:
        return f"'{column.name}' is {column.type}; a bucket needs a number, a date or a timestamp."
    if isinstance(size, str) or not 0 < size < 1e15:
        return f"a bucket of numbers has a size above 0, such as 100, not '{size}'."
    if base not in REAL and Decimal(str(size)) % Decimal(1).scaleb(-_scale(column)):
        return f"'{column.name}' is {column.type}, which has no value '{size}'."
    return ""


def coarseness(size: str | int | float | None) -> float:
    """A number that grows with the size of the bucket."""
    if isinstance(size, str):
        return float(UNITS.index(size))
    return float(size or 0)


def expression(column: Column, name: str, size: str | int | float) -> str:
    """SQL for the bucket's lower end in the column's own type, over the quoted `name`. An end that the type
    can't hold is null."""
    base = _base(column)
    if isinstance(size, str):
        return f"CAST(date_trunc('{size}', {name}) AS {column.type})"
    step = format(Decimal(str(size)), "f")
    if base in REAL:
        return f"CAST(floor(CAST({name} AS DOUBLE) / {step}) * {step} AS {column.type})"
    value = name if base in EXACT else f"CAST({name} AS {WIDE.get(base, 'BIGINT')})"
    rest = f"{value} % {step}"
    return f"TRY_CAST({value} - CASE WHEN {rest} < 0 THEN {rest} + {step} ELSE {rest} END AS {column.type})"


def _base(column: Column) -> str:
    return re.split(r"[(\[ ]", column.type.strip().upper(), maxsplit=1)[0]


def _scale(column: Column) -> int:
    if _base(column) in WHOLE:
        return 0
    found = re.search(r",\s*(\d+)\s*\)", column.type)
    return int(found.group(1)) if found else 0 if "(" in column.type else 3
