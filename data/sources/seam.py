"""The row at a seam of DuckDB's SQLite scanner: it is read apart, as the scanner leaves it out.

The scanner reads a table in pieces of so many rowids each, and takes the last piece for the end where only the last
row is left after it (extension 1.5.5).
"""

from __future__ import annotations

from collections.abc import Mapping

from data.catalog import Table
from data.sources.base import quoted
from data.sources.condition import Condition
from data.sources.layout import Ask, Layout, ends, rowid_hidden
from data.sources.plain import PLAIN
from data.sources.seek import Seek

PIECE = 122_880
"""Rowids that the scanner reads at once, or a multiple of them."""


def last_row(alias: str, table: Table, kinds: Mapping[str, str], ask: Ask) -> tuple[str, str] | None:
    """The condition that leaves the last row out of a scan, and a SELECT that gives it; None where the scanner reads
    the table to its end."""
    found = ends(table, ask)
    first, last = found or (0, 0)
    if found is None or last <= 0 or (last % PIECE and (last - first + 1) % PIECE):
        return None
    known = {column.name: kinds.get(column.name.lower(), "") for column in table.columns}
    if not all(kind in PLAIN for kind in known.values()) or rowid_hidden(table, ask):
        return None
    row = Seek(Layout(table.name, known, frozenset(), {}, found), "", (Condition("rowid", "=", (last,)),))
    return f"{quoted('rowid')} <> {last}", row.select(alias, table)
