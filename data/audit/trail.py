"""The trail of one home: journal and table together."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import chain, islice
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from data.audit.archive import Archive
from data.audit.chain import Head, Row, Verdict, follow
from data.audit.group import Group
from data.audit.journal import PATIENCE, Journal, Line
from data.audit.mover import Mover
from data.audit.record import REQUEST, Kind, Record, record_of, text_of
from data.errors import Unavailable
from data.observe import observed

BATCH = 500
"""Records that the journal holds before they move to the Delta table."""


class Audit:
    """Many threads and processes may write to one trail at once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.table = folder / "audit"
        self.archive = Archive(self.table)
        self._journal = Journal(folder, self._begin)
        self._group = Group(self._commit)
        self._mover = Mover(self.flush)
        self._moving = FileLock(folder / "move.lock", timeout=PATIENCE, poll_interval=0.005)

    def write(self, *, principal: str, kind: Kind = "query", **facts: Any) -> str:
        """Keep a record and return its id. Unavailable when it can't be kept: then nothing may be
        answered."""
        record = _record(principal=principal, kind=kind, **facts)
        text = text_of(record)
        with observed("commit", "audit"):
            self._group.add(text)
        return record.id

    def flush(self) -> None:
        """Move the journal's records into the Delta table. Writers go on meanwhile."""
        if not self.folder.exists():
            return
        with self._still():
            lines, _ = self._journal.read()
            if lines:
                # What a flush that was killed had brought over already is only dropped here.
                self._journal.drop(self.archive.append(lines))

    def tail(self, n: int = 20) -> list[Record]:
        """The last records, newest last."""
        if n <= 0:
            return []
        lines, head = self._journal.newest(n)
        found = {seq: text for seq, _, text in lines}
        if len(found) < n:
            # The table is read after the journal, so nothing falls between them when records move.
            found |= {row.seq: row.text for row in self.archive.rows(after=head.seq - n)}
        return [record_of(found[seq]) for seq in sorted(found)[-n:]]

    def verify(self, anchor: Head | None = None) -> Verdict:
        """Follow the chain from its beginning; a record that was changed, removed or moved breaks it.

        `anchor` is the head that an earlier check gave: with it also a chain that was cut, or made anew from
        some record on, is found out.
        """
        try:
            with self._still():
                lines, head = self._journal.read()
                kept = self.archive.rows()
                first = list(islice(kept, 1))
            return follow(_joined(chain(first, kept), lines), head, anchor)
        except Unavailable as error:
            return Verdict(False, 0, error.message)

    def close(self) -> None:
        """Flush, and let go of the journal."""
        self._mover.join()
        self.flush()
        self._journal.close()

    def _commit(self, texts: Sequence[str]) -> None:
        head = self._journal.append(texts)
        if head.seq // BATCH > (head.seq - len(texts)) // BATCH:
            self._mover.wake()

    def _begin(self) -> tuple[Head, list[str]]:
        """What a new journal goes on from: beside a table that has records, it is new because one was lost."""
        head = self.archive.end()
        lost = f"The journal was missing. Records after {head.seq} that had not moved to the table yet are lost."
        return head, [_text(principal="", kind="admin", asked="audit begin", message=lost)] if head.seq else []

    @contextmanager
    def _still(self) -> Iterator[None]:
        """While nothing moves from the journal to the table, in any process."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with self._moving:
                yield
        except (OSError, Timeout) as error:
            raise Unavailable(f"The audit trail can't be moved: {error}.", "Free the disk or its lock.") from None


def _record(**facts: Any) -> Record:
    about = {"request": REQUEST.get(), **facts}
    return Record(id=uuid.uuid4().hex[:16], at=datetime.now(UTC).isoformat(), **about)


def _text(**facts: Any) -> str:
    return text_of(_record(**facts))


def _joined(kept: Iterable[Row], lines: Sequence[Line]) -> Iterator[Row]:
    """The table's rows, then those of the journal that are not among them."""
    last = 0
    for row in kept:
        last = row.seq if isinstance(row.seq, int) else last
        yield row
    yield from (Row(*line) for line in lines if line[0] > last)
