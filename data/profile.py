"""What a table's rows say about its columns: how many, how often null, which values, which are unique."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from data import formats, personal
from data.catalog import Column, Table
from data.flags import flag
from data.naming import Lexicon, known
from data.policy import is_text
from data.sample import Sample
from data.sources.base import literal, quoted

RANGED = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "U", "FLOAT", "DOUBLE", "DECIMAL", "DATE", "TIMESTAMP")
"""Types whose least and greatest value say something."""
MOST_VALUES, LONGEST_VALUE, REPEATED = 12, 30, 3
"""An enumeration has few, short values that come again and again."""


@dataclass(frozen=True)
class ColumnProfile:
    """A column in the sampled rows. `nulls` is a share; `values` are those of an enumeration; `personal` says why it
    looks so; `format` is that of dates kept as text or numbers, or of yes and no kept as two marks."""

    column: Column
    nulls: float
    distinct: int
    unique: bool
    low: str | None = None
    high: str | None = None
    values: tuple[str, ...] = ()
    personal: str | None = None
    format: str | None = None


@dataclass(frozen=True)
class TableProfile:
    """A table with its number of rows (None where counting took too long), and how many were looked at."""

    table: Table
    rows: int | None
    sampled: int
    columns: tuple[ColumnProfile, ...]

    @property
    def whole(self) -> bool:
        """Whether every row was looked at."""
        return self.rows is not None and self.sampled == self.rows

    def column(self, name: str) -> ColumnProfile:
        return next(found for found in self.columns if found.column.name.lower() == name.lower())


def profile(sample: Sample, table: Table, lexicon: Lexicon) -> TableProfile | None:
    """The profile of a table; None when its rows could not be had in time. Unavailable without its store."""
    place = sample.of(table)
    if place is None:
        return None
    counted = sample.ask(f"SELECT count(*) FROM {sample.place(table)}")
    facts = sample.ask(f"SELECT count(*), {', '.join(_measures(table))} FROM {place}")
    if facts is None:
        return None
    sampled, *measured = facts[0]
    each = [measured[at : at + WIDTH] for at in range(0, len(measured), WIDTH)]
    columns = tuple(
        _column(sample, place, table, column, sampled, found, lexicon)
        for column, found in zip(table.columns, each, strict=True)
    )
    dated = formats.dated(sample, place, [found.column for found in columns if found.distinct and _may_be_days(found)])
    columns = tuple(
        replace(found, format=dated[found.column.name], values=())
        if found.column.name in dated
        else replace(found, format=_flag(table, found, sampled, lexicon))
        for found in columns
    )
    return TableProfile(table, counted[0][0] if counted else None, sampled, columns)


def _may_be_days(found: ColumnProfile) -> bool:
    """Whether the values may be days or months: of few values, where all begin with a year."""
    return all(str(value)[:4].isdigit() for value in found.values)


WIDTH = 5 + len(personal.PATTERNS)


def _measures(table: Table) -> Iterator[str]:
    for column in table.columns:
        name = quoted(column.name)
        yield f"count({name})"
        yield f"count(DISTINCT {name})"
        ranged = column.type.upper().startswith(RANGED) and "[" not in column.type
        yield from (f"CAST({side}({name}) AS VARCHAR)" if ranged else "NULL" for side in ("min", "max"))
        yield f"max(length({name}))" if is_text(column) and "[" not in column.type else "NULL"
        for pattern in personal.PATTERNS.values():
            fits = f"count(*) FILTER (regexp_full_match({name}, {literal(pattern)}))"
            yield fits if is_text(column) and "[" not in column.type else "0"


def _column(
    sample: Sample, place: str, table: Table, column: Column, sampled: int, measured: Sequence[Any], lexicon: Lexicon
) -> ColumnProfile:
    there, distinct, low, high, longest, *fits = measured
    shares: Mapping[str, float] = {
        name: count / there if there else 0.0 for name, count in zip(personal.PATTERNS, fits, strict=True)
    }
    private = personal.named(table.name, column.name, lexicon) or personal.like(shares)
    few = 1 < distinct <= MOST_VALUES and there >= REPEATED * distinct
    listed = (
        few
        and longest is not None
        and longest <= LONGEST_VALUE
        and not private
        and not _counts_up(table, column, lexicon)
    )
    values = _values(sample, place, column) if listed else ()
    if private:
        low = high = None
    unique = sampled > 0 and there == distinct == sampled
    nulls = 1 - there / sampled if sampled else 0.0
    return ColumnProfile(column, nulls, distinct, unique, low, high, values, private)


def _flag(table: Table, found: ColumnProfile, sampled: int, lexicon: Lexicon) -> str | None:
    if found.distinct != 2:
        return None
    marks = found.values or tuple(end for end in (found.low, found.high) if end is not None)
    return flag(found.column, lexicon.stem(table.name, found.column.name), marks, sampled)


def _counts_up(table: Table, column: Column, lexicon: Lexicon) -> bool:
    """Whether a column is named as an identifier; codes are one that people use."""
    return bool(set(lexicon.stem(table.name, column.name)[-1:]) & (known("identifiers") - {"code", "cd", "cde"}))


def _values(sample: Sample, place: str, column: Column) -> tuple[str, ...]:
    name = quoted(column.name)
    rows = sample.ask(f"SELECT {name} FROM {place} WHERE {name} IS NOT NULL GROUP BY 1 ORDER BY count(*) DESC, 1")
    return tuple(str(row[0]) for row in rows or ())
