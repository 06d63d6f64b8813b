"""One worker of one stream: read, decode, land; again from what the lake has, whatever happens."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event

from data.errors import DataError
from data.streams.batch import Batch, Decoded
from data.streams.deadletters import DeadLetters, Place
from data.streams.decode import Decoder
from data.streams.landing import Overtaken, Span
from data.streams.pipeline import Pipeline
from data.streams.reader import Positions, Reader
from data.streams.stream import Broker, Stream
from data.streams.target import Target

LINGER = 0.5
"""Seconds that events wait for others at most, before they are decoded together."""
PAUSE, LONGEST = 0.5, 30.0
"""Seconds of waiting after a failure: the first time, and at most."""


@dataclass
class Totals:
    """What a worker has done so far."""

    events: int = 0
    rows: int = 0
    dead: int = 0
    commits: int = 0
    failures: int = 0


@dataclass
class Claim:
    """What this worker reads and lands until partitions change hands: where each one stands in both tables."""

    target: dict[int, int | None] = field(default_factory=dict)
    dead: dict[int, int | None] = field(default_factory=dict)
    known: set[Place] = field(default_factory=set)
    """Dead letters that were written before the worker that read them died, and whose rows were not."""


@dataclass(frozen=True)
class _Work:
    claim: Claim
    batch: Batch
    decoded: Decoded | None = None


class Worker:
    """Runs one stream. `say` gets a sentence when something fails and is tried again."""

    def __init__(
        self, stream: Stream, broker: Broker, home: Path, target: Path, decoder: Decoder,
        *, say: Callable[[str], None] = lambda _: None, skip_lost: bool = False, linger: float = LINGER,
    ) -> None:  # fmt: skip
        """`target` is the folder of the Delta table."""
        self.stream, self.totals, self.lag = stream, Totals(), 0
        self.landed_at = 0.0
        """The `perf_counter` of the last commit."""
        self._broker, self._home, self._path, self._decoder = broker, home, target, decoder
        self._say, self._skip, self._linger = say, skip_lost, linger
        self._claim = Claim()
        self._landed: dict[int, int] = {}

    def run(self, stop: Event, *, once: bool = False) -> Totals:
        """Work until `stop` is set; with `once` until the topic's end, and then an error is raised, not retried."""
        pause = PAUSE
        while not stop.is_set():
            landed = self.totals.commits
            try:
                self._session(stop, once)
                break
            except DataError as error:
                if once:
                    raise
                pause = PAUSE if self.totals.commits > landed else min(pause * 2, LONGEST)
                self.totals.failures += 1
                self._say(f"{self.stream.name}: {error} Trying again in {pause:g} s.")
                stop.wait(pause)
        return self.totals

    def _session(self, stop: Event, once: bool) -> None:
        self._target = Target(self.stream, self._home, self._path, self._decoder.schema)
        self._pipeline = Pipeline(self._decode, self._land)
        # Whoever else works on the stream loses nothing by it: each event is landed by the one who commits first.
        reader = Reader(self.stream, self._broker, self._locate, self._drain, alone=once, skip_lost=self._skip)
        self._reader = reader
        self._dead = DeadLetters(self._home, self.stream.name, self.stream.topic, reader.topic_id)
        try:
            if once:
                reader.take_all()
            self._read(reader, stop, once)
        finally:
            reader.close()
            self._pipeline.close()

    def _read(self, reader: Reader, stop: Event, once: bool) -> None:
        while not (stop.is_set() or (once and reader.ended)):
            self._tell(reader)
            batch = reader.read(self._linger)
            try:
                if batch is not None:
                    self._pipeline.put(_Work(self._claim, batch))
                elif once and reader.ended:
                    self._pipeline.drain()
            except Overtaken:
                reader.seek()
        self._drain()
        self._tell(reader)

    def _tell(self, reader: Reader) -> None:
        """Tell the group how far the lake is. Only this thread calls the consumer: librdkafka may wait within a call
        for a rebalance, which waits for the landing."""
        landed, self._landed = self._landed, {}
        if landed:
            reader.commit(landed)
            self.lag = reader.lag(self._claim.target)

    def _drain(self) -> None:
        try:
            self._pipeline.drain()
        except Overtaken:
            return  # the events that were dropped are another worker's now

    def _locate(self, partitions: Sequence[int]) -> Positions:
        """Where the lake stands; what was read before is dropped."""
        claim, names = Claim(), {p: self.stream.application(p, self._reader.topic_id) for p in partitions}
        for partition, name in names.items():
            at, dead = self._target.position(name), self._dead.position(name)
            claim.target[partition], claim.dead[partition] = at, dead
            if dead is not None and dead > (at or 0):
                claim.known |= self._dead.known(partition, at or 0)
        self._claim = claim
        return dict(claim.target)

    def _decode(self, work: _Work) -> _Work | None:
        if work.claim is not self._claim:
            return None
        return _Work(work.claim, work.batch, self._decoder.decode(work.batch))

    def _land(self, work: _Work) -> None:
        if work.claim is not self._claim or work.decoded is None:
            return
        claim, batch, ends = work.claim, work.batch, work.batch.ends()
        decoded = self._target.fitted(batch, work.decoded, claim.known)
        rejects = [r for r in decoded.rejects if _place(batch, r.index) not in claim.known]
        try:
            if rejects:
                self._dead.append(batch, rejects, self._spans(claim.dead, ends))
                claim.dead.update(ends)
            self._target.land(batch, decoded, self._spans(claim.target, ends))
        except Overtaken:
            self._claim = Claim()
            raise
        claim.target.update(ends)
        self._count(batch, decoded, ends)
        self._target.tend()

    def _spans(self, before: Mapping[int, int | None], ends: Mapping[int, int]) -> Sequence[Span]:
        names = {p: self.stream.application(p, self._reader.topic_id) for p in ends}
        return [Span(names[p], before[p], max(end, before[p] or 0)) for p, end in ends.items()]

    def _count(self, batch: Batch, decoded: Decoded, ends: Mapping[int, int]) -> None:
        self.totals.events += len(batch)
        self.totals.rows += decoded.rows.num_rows
        self.totals.dead += len(decoded.rejects)
        self.totals.commits += 1
        self._landed.update(ends)
        self.landed_at = time.perf_counter()


def _place(batch: Batch, index: int) -> Place:
    return int(batch.partitions[index]), int(batch.offsets[index])
