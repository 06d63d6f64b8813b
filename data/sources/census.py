"""Whether all rows of a SQLite table are plain: found out once for each version of the file, piece by piece.

A scan fails on a row that is not plain, whatever its other columns have. So rows may be looked up only where there is
no such row that a scan would have met.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import threading
from contextlib import suppress
from pathlib import Path

from data.sources.base import quoted
from data.sources.layout import Ask, Layout
from data.sources.plain import PLAIN, plain

SLICE = 100_000
"""Rowids that one query reads on by: what each of the first look-ups of a version may cost."""

KEPT = 256
"""Tables whose state is kept."""


class Census:
    """How far each table of one SQLite file has been read, kept in a file of the home. Many threads may share it; one
    at a time reads on. A home that can't be written only costs time."""

    def __init__(self, store: Path, file: Path) -> None:
        self._store, self._file = store, file
        self._next: dict[str, int | None] | None = None
        self._turn = threading.Lock()

    def plain(self, layout: Layout, version: str, ask: Ask) -> bool:
        """Whether all rows are known to be plain, after reading on where that is not known yet."""
        if not self._turn.acquire(blocking=False):
            return False
        try:
            known = self._known()
            key = self._key(layout, version)
            begin = known.get(key, layout.ends[0])
            if begin is not None and begin <= layout.ends[1]:
                end = min(begin + SLICE - 1, layout.ends[1])
                begin = known[key] = end + 1 if _all_plain(layout, begin, end, ask) else None
                self._keep(known)
            return begin is not None and begin > layout.ends[1]
        finally:
            self._turn.release()

    def _key(self, layout: Layout, version: str) -> str:
        """Everything that the answer hangs on: also which columns are asked about, and in which words."""
        facts = [str(self._store), layout.name, version, sorted(layout.kinds.items()), sorted(PLAIN.items())]
        return hashlib.sha256(json.dumps(facts).encode()).hexdigest()

    def _known(self) -> dict[str, int | None]:
        if self._next is None:
            self._next = {}
            with suppress(OSError, ValueError, AttributeError):
                kept = json.loads(self._file.read_bytes()).items()
                self._next = {key: begin for key, begin in kept if begin is None or type(begin) is int}
        return self._next

    def _keep(self, known: dict[str, int | None]) -> None:
        while len(known) > KEPT:
            known.pop(next(iter(known)))
        with suppress(OSError):
            self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=self._file.parent, delete=False) as draft:
                json.dump(known, draft)
            os.replace(draft.name, self._file)


def _all_plain(layout: Layout, first: int, last: int, ask: Ask) -> bool:
    sound = " AND ".join(plain(kind, f"t.{quoted(name)}") for name, kind in layout.kinds.items())
    within = "t.rowid BETWEEN ? AND ?"
    odd = f"SELECT 1 FROM {quoted(layout.name)} AS t NOT INDEXED WHERE {within} AND NOT ({sound}) LIMIT 1"
    return not ask(odd, [first, last])
