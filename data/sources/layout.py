"""How a SQLite file holds one table: what its indexes are over, and whether rows can be found by them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from data.catalog import Table
from data.engines.database import same_type
from data.sources.base import quoted
from data.sources.condition import Value
from data.sources.plain import PLAIN, TOTAL

Ask = Callable[[str, Sequence[Value]], list[tuple[str | None, ...]]]
"""Rows of a statement of SQLite's, with values for its `?`."""

ROWID = ("rowid", "oid", "_rowid_")

KIND = "SELECT type, wr FROM pragma_table_list WHERE schema = 'main' AND name = ? COLLATE NOCASE"
COLUMNS = "SELECT name, type, pk FROM pragma_table_xinfo(?)"
INDEXES = """
SELECT l.name AS found, x.name AS part, x.coll, l.origin FROM pragma_index_list(?) AS l, pragma_index_xinfo(l.name) AS x
WHERE l.partial = 0 AND x.key = 1 ORDER BY l.seq, x.seqno
"""
ENDS = "SELECT (SELECT min(rowid) FROM {t}), (SELECT max(rowid) FROM {t})"
ENCODING = "SELECT encoding FROM pragma_encoding"


@dataclass(frozen=True)
class Layout:
    """`kinds` has the scanner's type of each column of the catalogue, `stored` the lower-case names of those that
    are of this type in the catalogue too, `indexes` the columns of each index in their order (under no name: the
    rowid's own), `ends` the first and the last rowid."""

    name: str
    kinds: Mapping[str, str]
    stored: frozenset[str]
    indexes: Mapping[str, tuple[str, ...]]
    ends: tuple[int, int]

    @property
    def span(self) -> int:
        """No fewer than the rows of the table."""
        return self.ends[1] - self.ends[0] + 1


def layout(table: Table, kinds: Mapping[str, str], ask: Ask) -> Layout | None:
    """The layout of a table whose scanner's types are `kinds`, by lower-case names; None for one in which rows
    can't be found so that a scan would give the same: a view, a file that is not in UTF-8, a type that is cast."""
    known = {column.name: kinds.get(column.name.lower(), "") for column in table.columns}
    stored = frozenset(c.name.lower() for c in table.columns if same_type(known[c.name], c.type))
    others = (c for c in table.columns if c.name.lower() not in stored)
    total = all((known[c.name], c.type.upper()) in TOTAL for c in others)
    good = total and all(kind in PLAIN for kind in known.values())
    ordinary = ask(KIND, [table.name]) == [("table", "0")] and ask(ENCODING, []) == [("UTF-8",)]
    if not good or not ordinary or rowid_hidden(table, ask):
        return None
    found = ends(table, ask)
    return None if found is None else Layout(table.name, known, stored, _indexes(table, ask), found)


def ends(table: Table, ask: Ask) -> tuple[int, int] | None:
    """The first and the last rowid; None where there is none, as in an empty table or a view."""
    if ask(KIND, [table.name]) != [("table", "0")]:
        return None
    first, last = ask(ENDS.format(t=quoted(table.name)), [])[0]
    return None if first is None or last is None else (int(first), int(last))


def rowid_hidden(table: Table, ask: Ask) -> bool:
    """Whether a column has one of the names by which SQLite knows the rowid."""
    return any(str(name).lower() in ROWID for name, *_ in ask(COLUMNS, [table.name]))


def _indexes(table: Table, ask: Ask) -> Mapping[str, tuple[str, ...]]:
    """The indexes whose order is that of DuckDB: over columns alone, compared by their bytes."""
    columns = ask(COLUMNS, [table.name])
    affinities = {str(name).lower(): _affinity(str(kind or "")) for name, kind, _ in columns}
    rows = ask(INDEXES, [table.name])
    found: dict[str, tuple[str, ...]] = {}
    ended: set[str] = set()
    for index, column, collation, _ in rows:
        usable = collation == "BINARY" and column is not None and affinities.get(column.lower())
        if not usable or index in ended:
            ended.add(str(index))
        else:
            found[str(index)] = (*found.get(str(index), ()), str(column).lower())
    keys = [(str(name), str(kind or "").upper()) for name, kind, pk in columns if pk != "0"]
    if len(keys) == 1 and keys[0][1] == "INTEGER" and not any(origin == "pk" for *_, origin in rows):
        found[""] = (keys[0][0].lower(),)
    return found


def _affinity(declared: str) -> str:
    """What SQLite makes of values that are compared with a column: a text or a number; empty where that hangs on the
    value. A date's text is left alone."""
    upper = declared.upper()
    if "INT" in upper:
        return "integer"
    if any(word in upper for word in ("CHAR", "CLOB", "TEXT")):
        return "text"
    return "text" if "DATE" in upper or "TIMESTAMP" in upper else ""
