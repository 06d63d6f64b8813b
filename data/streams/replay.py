"""Dead letters decoded again with today's schema: the good ones land, each once, the others stay with today's reason.

Two tables can't be written in one commit. So the letters are marked with a number first, then their rows land together
with that number as the version of an application, then they are said to have landed. Whoever comes after a crash sees
by the target's version which of the two it was: landed, or not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from data.errors import Busy
from data.sources.base import literal
from data.sources.delta import latest_version
from data.streams import letters
from data.streams.batch import Batch, Decoded, Reject
from data.streams.deadletters import FOLDER, schema
from data.streams.decode import Decoder
from data.streams.kept import Kept, rounds
from data.streams.landing import Landing, Overtaken, Span
from data.streams.stream import Stream
from data.streams.target import Target

if TYPE_CHECKING:
    import pyarrow as pa

PLACE = ("stream", "topic", "topic_id", "partition", "offset", "dead_at")
"""What tells letters apart; the time, as a topic made anew counts its offsets anew."""


@dataclass
class Replayed:
    """What has become of a stream's letters: how many landed, and how many stay, by kind."""

    landed: int = 0
    kept: Counter[str] = field(default_factory=Counter)


@contextmanager
def alone(home: Path) -> Iterator[None]:
    """Hold a home's dead letters; Busy while another process does."""
    from filelock import FileLock, Timeout

    folder = (home / FOLDER).parent
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(folder / ".replay.lock", timeout=0):
            yield
    except Timeout:
        raise Busy("Dead letters are being replayed already.", "Wait until that is done.") from None


class Replay:
    """Replays one stream; only under `alone`."""

    def __init__(self, home: Path, stream: Stream, path: Path, decoder: Decoder) -> None:
        """`path` is the folder of the target's Delta table. Unavailable when a table can't be opened."""
        self._home, self._stream, self._decoder = home, stream, decoder
        self._letters = Landing(home / FOLDER, schema())
        self._target = Target(stream, home, path, decoder.schema)
        self._application = f"lakewright/{stream.name}/replay"
        self._mine = f"stream = {literal(stream.name)}"

    def run(self, kind: str | None = None) -> Replayed:
        """Try all outstanding letters, or those of a kind. Unavailable when a table can't be written: run it again."""
        self._recover()
        total = Replayed()
        for batch in rounds(self._letters.path, self._stream.name, kind):
            self._round(batch, total)
        self._letters.tend()
        return total

    def _round(self, batch: Kept, total: Replayed) -> None:
        decoded = self._target.fitted(batch, self._decoder.decode(batch), set())
        lost = {reject.index: reject for reject in decoded.rejects}
        good = np.array([index for index in range(len(batch)) if index not in lost], np.int64)
        span = self._span()
        self._mark(_marks(batch, lost, span.after))
        if len(good):
            self._land(batch.take(good), decoded, span)
            self._settle(span.after)
        total.landed += len(good)
        total.kept.update(reject.kind for reject in lost.values())

    def _mark(self, marks: pa.Table) -> None:
        """The first commit: the good letters get their number, the others their reason."""
        if not marks.num_rows:
            return
        which = [f"target.{self._mine}", "target.replayed_at IS NULL", *_bounds(marks)]
        which += [f'target."{name}" = source."{name}"' for name in PLACE]
        updates = {name: f"source.{name}" for name in ("replay", "kind", "reason")}

        def write(properties: Any) -> None:
            merger = self._letters.table.merge(
                marks, " AND ".join(which),
                source_alias="source", target_alias="target", commit_properties=properties,
            )  # fmt: skip
            merger.when_matched_update(updates).execute()

        self._letters.commit(write, [], {})

    def _land(self, batch: Batch, decoded: Decoded, span: Span) -> None:
        """The second commit: the rows, in the target."""
        try:
            self._target.land(batch, Decoded(decoded.rows), [span])
        except Overtaken:
            raise Busy("Another replay of these letters came first.", "Run it again.") from None

    def _settle(self, number: int) -> None:
        """The third commit: the letters with this number have landed."""
        self._update({"replayed_at": f"TIMESTAMP '{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%fZ}'"}, number)

    def _recover(self) -> None:
        """Finish, or take back, what another replay left when it ended between two commits."""
        landed = self._target.position(self._application) or 0
        for number in letters.pending(self._home, self._stream.name):
            if number <= landed:
                self._settle(number)
            else:
                self._update({"replay": "NULL"}, number)

    def _update(self, updates: Mapping[str, str], number: int) -> None:
        which = f"{self._mine} AND replay = {number} AND replayed_at IS NULL"

        def write(properties: Any) -> None:
            self._letters.table.update(updates=dict(updates), predicate=which, commit_properties=properties)

        self._letters.commit(write, [], {})

    def _span(self) -> Span:
        """From the number that landed last to one that no replay has had."""
        before = self._target.position(self._application)
        used = letters.greatest(self._home, self._stream.name)
        return Span(self._application, before, 1 + max(used, before or 0))


def replay(home: Path, stream: Stream, path: Path, decoder: Decoder, kind: str | None = None) -> Replayed:
    """Replay a stream's letters, only under `alone`; nothing is made where there are none."""
    if latest_version(home / FOLDER / "_delta_log") is None:
        return Replayed()
    return Replay(home, stream, path, decoder).run(kind)


def _marks(batch: Kept, lost: Mapping[int, Reject], number: int) -> pa.Table:
    """What is to change: each letter's place, with its number, kind and reason."""
    import pyarrow as pa

    letters = batch.rows.select([*PLACE, "kind", "reason"]).to_pylist()
    marked = [_marked(letter, lost.get(index), number) for index, letter in enumerate(letters)]
    changed = [mark for mark, letter in zip(marked, letters, strict=True) if mark != {**letter, "replay": None}]
    return pa.Table.from_pylist(changed, _picked([*PLACE, "replay", "kind", "reason"]))


def _bounds(marks: pa.Table) -> list[str]:
    """Conditions by which files with other letters are not read: a letter may be large."""
    import pyarrow.compute as pc

    ends = {name: pc.min_max(marks[name]).as_py() for name in ("partition", "offset")}
    return [f'target."{name}" BETWEEN {int(end["min"])} AND {int(end["max"])}' for name, end in ends.items()]


def _marked(letter: Mapping[str, Any], reject: Reject | None, number: int) -> dict[str, Any]:
    if reject is None:
        return {**letter, "replay": number}
    return {**letter, "replay": None, "kind": reject.kind, "reason": reject.reason}


def _picked(names: Sequence[str]) -> pa.Schema:
    import pyarrow as pa

    return pa.schema([schema().field(name) for name in names])
