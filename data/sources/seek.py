"""The rows of a SQLite table that an index finds: more than meet a query's conditions, but never fewer."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from data.catalog import Column, Table
from data.sources.base import literal, quoted
from data.sources.condition import Condition, Value
from data.sources.layout import Ask, Layout
from data.sources.plain import plain, read, written

MOST = 2_500
"""Rows that are looked up: SQLite gives them one by one as text, a scan many at once."""

SHARE = 100
"""Which part of a table is looked up at most."""

WHOLE = re.compile(r"-?(0|[1-9]\d{0,17})")
MOMENT = re.compile(r"\d{4}-\d\d-\d\d([ T]\d\d:\d\d:\d\d(\.\d{1,6})?)?")

SOUND = "~sound"
"""A column of its own in what SQLite gives. Where a table has one of that name, it is not looked up."""

SPOILT = "a row of this file has changed its type"
"""What the engine is given to read as a truth value, so that it fails where a row is no longer plain."""


@dataclass(frozen=True)
class Seek:
    """An index (without a name: the rowid) and the conditions that it serves."""

    layout: Layout
    index: str
    conditions: tuple[Condition, ...]

    def few(self, ask: Ask) -> bool:
        """Whether so few rows are found that this is quicker than reading all."""
        most = min(MOST, self.layout.span // SHARE)
        return not ask(f"SELECT 1 FROM {self._where()} LIMIT 1 OFFSET {most}", self._values())

    def select(self, alias: str, table: Table) -> str:
        """The rows as DuckDB's scanner of the attached file `alias` would give them, in its order; the query fails
        where one is not plain."""
        kinds = self.layout.kinds
        places = {column.name: f"t.{quoted(column.name)}" for column in table.columns}
        texts = [f"{written(kinds[name], place)} AS {quoted(name)}" for name, place in places.items()]
        sound = " AND ".join(plain(kinds[name], place) for name, place in places.items())
        guard = f"CASE WHEN {sound} THEN 'true' ELSE {literal(SPOILT)} END AS {quoted(SOUND)}"
        statement = f"SELECT {', '.join((*texts, guard))} FROM {self._where()} ORDER BY t.rowid"
        columns = ", ".join(_column(column, kinds[column.name]) for column in table.columns)
        return f"SELECT {columns} FROM {call(alias, statement, self._values())} WHERE CAST({quoted(SOUND)} AS BOOLEAN)"

    def _where(self) -> str:
        how = f"INDEXED BY {quoted(self.index)}" if self.index else "NOT INDEXED"
        return f"{quoted(self.layout.name)} AS t {how} WHERE {' AND '.join(map(_term, self.conditions))}"

    def _values(self) -> tuple[Value, ...]:
        return tuple(value for condition in self.conditions for value in condition.values)


def seeks(layout: Layout, conditions: Sequence[Condition]) -> list[Seek]:
    """The ways to look rows up, with the index first that serves most conditions."""
    kinds = {name.lower(): kind for name, kind in layout.kinds.items() if name.lower() in layout.stored}
    named = [(one, kinds[one.column.lower()]) for one in conditions if one.column.lower() in kinds]
    known = [bounded for one, kind in named for bounded in _bounded(one, kind)]
    found = (Seek(layout, index, tuple(_served(columns, known))) for index, columns in layout.indexes.items())
    return sorted((seek for seek in found if seek.conditions), key=lambda seek: -len(seek.conditions))


def call(alias: str, statement: str, values: Sequence[Value]) -> str:
    """What stands after FROM to run a statement of SQLite's: values go in as such, never as its text."""
    typed = (f"{literal(v)}::VARCHAR" if isinstance(v, str) else f"({v})::BIGINT" for v in values)
    params = f", params = row({', '.join(typed)})" if values else ""
    return f"sqlite_query({literal(alias)}, {literal(statement)}{params})"


def _column(column: Column, kind: str) -> str:
    return f"CAST({read(kind, quoted(column.name))} AS {column.type}) AS {quoted(column.name)}"


def _term(condition: Condition) -> str:
    place = f"t.{quoted(condition.column)} COLLATE BINARY"
    if condition.operator == "IN":
        return f"{place} IN ({', '.join('?' for _ in condition.values)})"
    return f"{place} {condition.operator}{' ?' if condition.values else ''}"


def _served(columns: Sequence[str], conditions: Sequence[Condition]) -> Iterator[Condition]:
    """The conditions by which SQLite finds the place in an index, so that it reads no row that does not meet them."""
    for column in columns:
        mine = [condition for condition in conditions if condition.column.lower() == column]
        exact = next((condition for condition in mine if condition.operator in ("=", "IS NULL")), None)
        if exact is not None:
            yield exact
            continue
        several = next((condition for condition in mine if condition.operator == "IN"), None)
        ends = (next((c for c in mine if c.operator[0] == side), None) for side in "<>")
        yield from [several] if several is not None else (end for end in ends if end is not None)
        return


def _bounded(condition: Condition, kind: str) -> Iterator[Condition]:
    """Conditions on what SQLite stores in a column of the scanner's type that hold wherever this one does; none where
    there is no such."""
    if condition.operator == "IS NULL":
        yield condition
    elif kind == "BIGINT":
        texts = [str(value) for value in condition.values]
        if all(WHOLE.fullmatch(text) for text in texts):
            yield Condition(condition.column, condition.operator, tuple(map(int, texts)))
    elif kind in ("VARCHAR", "DATE"):
        fits = _is_text if kind == "VARCHAR" else _is_day
        yield from [condition] if all(map(fits, condition.values)) else []
    elif kind == "TIMESTAMP" and condition.operator != "IN":
        yield from _moments(condition)


def _moments(condition: Condition) -> Iterator[Condition]:
    """A moment is stored with or without its time and its fraction, so that only what is safely beyond is left out."""
    text = str(condition.values[0])
    try:
        moment = datetime.fromisoformat(text) if MOMENT.fullmatch(text) else None
    except ValueError:
        moment = None
    if moment is None:
        return
    if condition.operator in ("=", ">", ">="):
        yield Condition(condition.column, ">=", (moment.date().isoformat(),))
    if condition.operator in ("=", "<", "<="):
        yield Condition(condition.column, "<", (f"{moment.isoformat(' ', 'seconds')}:",))


def _is_text(value: Value) -> bool:
    return isinstance(value, str)


def _is_day(value: Value) -> bool:
    try:
        return isinstance(value, str) and date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False
