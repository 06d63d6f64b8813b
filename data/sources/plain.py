"""Plain values of SQLite: those that DuckDB's scanner reads without an error, and that come out the same as text.

A column of SQLite can hold anything, whatever type it was declared with. A row is plain when each of its values is
of the storage class and the form that the scanner's type for its column has.
"""

from __future__ import annotations

from collections.abc import Mapping

DAY = "date({c}, '+0 days') IS {c} COLLATE BINARY AND {c} >= '0001-01-01'"
SECOND = "datetime({c}, '+0 days') IS {c} COLLATE BINARY AND {c} >= '0001-01-01'"
"""Added to no days, 30 February becomes the day that it is."""
FRACTION = (
    "datetime(substr({c}, 1, 19), '+0 days') IS substr({c}, 1, 19) COLLATE BINARY AND {c} >= '0001-01-01' "
    "AND substr({c}, 20, 1) = '.' "
    "AND length({c}) BETWEEN 21 AND 26 AND length(CAST({c} AS BLOB)) = length({c}) "
    "AND substr({c}, 21) NOT GLOB '*[^0-9]*'"
)
"""The last bytes are counted, as SQLite's functions see no further than a NUL."""

PLAIN: Mapping[str, str] = {
    "BIGINT": "typeof({c}) = 'integer'",
    "VARCHAR": "typeof({c}) = 'text'",
    "DOUBLE": "typeof({c}) IN ('real', 'integer')",
    "BLOB": "typeof({c}) IN ('blob', 'text')",
    "DATE": f"typeof({{c}}) = 'text' AND {DAY}",
    "TIMESTAMP": f"typeof({{c}}) = 'text' AND CASE WHEN {SECOND} THEN 1 WHEN {DAY} THEN 1 ELSE {FRACTION} END",
}
"""What a value that is not NULL must meet, by the type that DuckDB's scanner gives its column."""

WRITTEN: Mapping[str, str] = {
    # 21 digits: SQLite's last of 17 is not always right, so that another number could be read.
    "DOUBLE": "CASE WHEN {c} IS NOT NULL THEN printf('%!.20e', {c}) END",
    "BLOB": "CASE WHEN {c} IS NOT NULL THEN hex({c}) END",
}
"""How a value is written as text, where it is not simply given."""

READ: Mapping[str, str] = {"VARCHAR": "{c}", "BLOB": "unhex({c})"}
"""How DuckDB reads that text, where it does not simply cast it."""

TOTAL = frozenset({("BIGINT", "BOOLEAN"), ("BIGINT", "BOOL")})
"""Casts from the scanner's type to the catalogue's that can't fail."""


def plain(kind: str, place: str) -> str:
    """The condition in SQLite's words that a column's value is plain; it is never NULL."""
    return f"({place} IS NULL OR {PLAIN[kind].format(c=place)})"


def written(kind: str, place: str) -> str:
    """The expression in SQLite's words that gives a value as text."""
    return WRITTEN.get(kind, "{c}").format(c=place)


def read(kind: str, place: str) -> str:
    """The expression in DuckDB's words that makes a value of the scanner's type of that text."""
    return READ.get(kind, f"CAST({{c}} AS {kind})").format(c=place)
