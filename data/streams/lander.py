"""From a batch of messages to the lake: decoded, fitted, dead letters put aside, landed; whoever reads the messages."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from data.streams.batch import Batch, Decoded
from data.streams.deadletters import DeadLetters, Place
from data.streams.decode import Decoder
from data.streams.landing import Overtaken, Span
from data.streams.target import Target


@dataclass
class Claim:
    """What a worker reads and lands until partitions change hands: where each one stands in both tables."""

    target: dict[int, int | None] = field(default_factory=dict)
    dead: dict[int, int | None] = field(default_factory=dict)
    known: set[Place] = field(default_factory=set)
    """Dead letters that were written before the worker that read them died, and whose rows were not."""


@dataclass(frozen=True)
class Work:
    """A batch, and what has been made of it; `claim` is the one that it was read under."""

    claim: Claim
    batch: Batch
    decoded: Decoded | None = None


class Lander:
    """Lands the batches of one stream. One thread may decode while another one lands."""

    def __init__(self, target: Target, dead: DeadLetters, decoder: Decoder, name: Callable[[int], str]) -> None:
        """`name` gives the application under which a partition's next offset stands in both tables."""
        self._target, self._dead, self._decoder, self._name = target, dead, decoder, name
        self.claim = Claim()

    def locate(self, partitions: Sequence[int]) -> Mapping[int, int | None]:
        """Where the lake stands; what was read before is dropped."""
        claim = Claim()
        for partition in partitions:
            name = self._name(partition)
            at, dead = self._target.position(name), self._dead.position(name)
            claim.target[partition], claim.dead[partition] = at, dead
            if dead is not None and dead > (at or 0):
                claim.known |= self._dead.known(partition, at or 0)
        self.claim = claim
        return dict(claim.target)

    def work(self, batch: Batch) -> Work:
        """A batch that was read where `locate` said."""
        return Work(self.claim, batch)

    def decode(self, work: Work) -> Work | None:
        """With its rows; None when it is no longer ours to land."""
        if work.claim is not self.claim:
            return None
        return Work(work.claim, work.batch, self._decoder.decode(work.batch))

    def land(self, work: Work) -> Decoded | None:
        """What has landed; None when it is no longer ours. Overtaken when another worker was faster."""
        if work.claim is not self.claim or work.decoded is None:
            return None
        claim, batch, ends = work.claim, work.batch, work.batch.ends()
        decoded = self._target.fitted(batch, work.decoded, claim.known)
        rejects = [r for r in decoded.rejects if _place(batch, r.index) not in claim.known]
        try:
            if rejects:
                self._dead.append(batch, rejects, self._spans(claim.dead, ends))
                # A worker that died before its rows landed may have kept letters further on.
                claim.dead.update({p: max(end, claim.dead[p] or 0) for p, end in ends.items()})
                self._dead.tend()
            self._target.land(batch, decoded, self._spans(claim.target, ends))
        except Overtaken:
            self.claim = Claim()
            raise
        claim.target.update(ends)
        return decoded

    def tend(self, *, behind: bool) -> None:
        """Join small files and remove old ones when it is time, in between two batches; later where more wait."""
        self._target.tend(behind=behind)

    def _spans(self, before: Mapping[int, int | None], ends: Mapping[int, int]) -> Sequence[Span]:
        return [Span(self._name(p), before[p], max(end, before[p] or 0)) for p, end in ends.items()]


def _place(batch: Batch, index: int) -> Place:
    return int(batch.partitions[index]), int(batch.offsets[index])
