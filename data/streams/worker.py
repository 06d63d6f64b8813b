"""One worker of one stream: read, decode, land; again from what the lake has, whatever happens."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Event

from data.errors import DataError
from data.streams.batch import Batch, Decoded
from data.streams.deadletters import DeadLetters
from data.streams.decode import Decoder
from data.streams.lander import Lander, Work
from data.streams.landing import Overtaken
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


class Worker:
    """Runs one stream. `say` gets a sentence when something fails and is tried again."""

    def __init__(
        self, stream: Stream, broker: Broker, home: Path, target: Path, decoder: Decoder,
        *, say: Callable[[str], None] = lambda _: None, skip_lost: bool = False, linger: float = LINGER,
    ) -> None:  # fmt: skip
        """`target` is the folder of the Delta table."""
        self.stream, self.totals, self.lag = stream, Totals(), 0
        self._broker, self._home, self._path, self._decoder = broker, home, target, decoder
        self._say, self._skip, self._linger = say, skip_lost, linger
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
        target = Target(self.stream, self._home, self._path, self._decoder.schema)
        # Whoever else works on the stream loses nothing by it: each event is landed by the one who commits first.
        reader = Reader(self.stream, self._broker, self._locate, self._drain, alone=once, skip_lost=self._skip)
        self._lander = self._landing(reader.topic_id, target)
        self._pipeline = Pipeline(self._decode, self._land)
        try:
            if once:
                reader.take_all()
            self._read(reader, stop, once)
        finally:
            reader.close()
            self._pipeline.close()

    def _landing(self, topic_id: str, target: Target) -> Lander:
        dead = DeadLetters(self._home, self.stream.name, self.stream.topic, topic_id)
        return Lander(target, dead, self._decoder, partial(self.stream.application, topic_id=topic_id))

    def _read(self, reader: Reader, stop: Event, once: bool) -> None:
        while not stop.is_set():
            self._tell(reader)
            batch = reader.read(self._linger)
            try:
                if batch is not None:
                    self._pipeline.put(self._lander.work(batch))
                if once and reader.ended:
                    self._pipeline.drain()
                    break
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
            self.lag = reader.lag(self._lander.claim.target)

    def _drain(self) -> None:
        try:
            self._pipeline.drain()
        except Overtaken:
            return  # the events that were dropped are another worker's now

    def _locate(self, partitions: Sequence[int]) -> Positions:
        return self._lander.locate(partitions)

    def _decode(self, work: Work) -> Work | None:
        return self._lander.decode(work)

    def _land(self, work: Work) -> None:
        decoded = self._lander.land(work)
        if decoded is not None:
            self._count(work.batch, decoded)
            self._lander.tend(behind=work.batch.full)

    def _count(self, batch: Batch, decoded: Decoded) -> None:
        self.totals.events += len(batch)
        self.totals.rows += decoded.rows.num_rows
        self.totals.dead += len(decoded.rejects)
        self.totals.commits += 1
        self._landed.update(batch.ends())
