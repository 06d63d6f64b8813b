"""Whether all rows of a SQLite table are plain: found out once for each version of the file, piece by piece.

A scan fails on a row that is not plain, whatever its other columns have. So rows may be looked up only where there is
no such row that a scan would have met.
"""

from __future__ import annotations

import threading
from collections import OrderedDict

from data.sources.base import quoted
from data.sources.layout import Ask, Layout
from data.sources.plain import plain

SLICE = 1_000_000
"""Rowids that one query reads on by: what the first look-ups of a version may cost."""

KEPT = 256
"""Tables whose state is kept."""


class Census:
    """How far each table has been read. Many threads may share it; one at a time reads on."""

    def __init__(self) -> None:
        self._next: OrderedDict[tuple[str, str], int | None] = OrderedDict()
        self._turn = threading.Lock()

    def plain(self, layout: Layout, version: str, ask: Ask) -> bool:
        """Whether all rows are known to be plain, after reading on where that is not known yet."""
        if not self._turn.acquire(blocking=False):
            return False
        try:
            key = (layout.name, version)
            begin = self._next.get(key, layout.ends[0])
            if begin is not None and begin <= layout.ends[1]:
                end = min(begin + SLICE - 1, layout.ends[1])
                begin = end + 1 if _all_plain(layout, begin, end, ask) else None
                self._keep(key, begin)
            return begin is not None and begin > layout.ends[1]
        finally:
            self._turn.release()

    def _keep(self, key: tuple[str, str], begin: int | None) -> None:
        self._next[key] = begin
        if len(self._next) > KEPT:
            self._next.popitem(last=False)


def _all_plain(layout: Layout, first: int, last: int, ask: Ask) -> bool:
    sound = " AND ".join(plain(kind, f"t.{quoted(name)}") for name, kind in layout.kinds.items())
    within = "t.rowid BETWEEN ? AND ?"
    odd = f"SELECT 1 FROM {quoted(layout.name)} AS t NOT INDEXED WHERE {within} AND NOT ({sound}) LIMIT 1"
    return not ask(odd, [first, last])
