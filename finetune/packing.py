"""Examples as token ids, and the order in which training sees them.

Examples with the same system message form a pack: the message's tokens once, then every question with its
answer.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from agents.endpoints.dialogue import Dialogue
from data.errors import Invalid

Example = Mapping[str, str]


@dataclass(frozen=True)
class Segment:
    """One question and its answer; the loss is on the last `answer` of `ids`."""

    ids: tuple[int, ...]
    answer: int


@dataclass(frozen=True)
class Pack:
    """A prefix and segments that each continue it, none seeing another."""

    prefix: tuple[int, ...]
    segments: tuple[Segment, ...]

    @property
    def answer_tokens(self) -> int:
        return sum(segment.answer for segment in self.segments)


Step = tuple[Pack, ...]


def packs(examples: Sequence[Example], dialogue: Dialogue) -> tuple[Pack, ...]:
    """Group examples by their system message. Invalid, with its number, when an example is malformed."""
    groups: dict[str, list[Segment]] = defaultdict(list)
    for number, example in enumerate(examples, 1):
        missing = [key for key in ("system", "user", "answer") if not isinstance(example.get(key), str)]
        if missing or not example["answer"]:
            raise Invalid(
                f"Example {number} has no {missing[0] if missing else 'answer'!r} text.",
                'An example is {"system": …, "user": …, "answer": …}.',
            )
        answer = dialogue.answer(example["answer"])
        groups[example["system"]].append(Segment((*dialogue.turn(example["user"]), *answer), len(answer)))
    return tuple(Pack(tuple(dialogue.prefix(text)), tuple(segments)) for text, segments in groups.items())


def epoch(all_packs: Sequence[Pack], batch: int, seed: int, together: int | None = None) -> tuple[Step, ...]:
    """One epoch of steps of `batch` examples (the last may have fewer), each of as few packs as can be.

    At most `together` examples of one prefix are drawn for a step at a time: fewer mix better, more compute less.
    """
    order, most = random.Random(seed), min(batch, together or batch)
    chunks: list[Pack] = []
    for pack in all_packs:
        chunks += _cut(Pack(pack.prefix, tuple(order.sample(pack.segments, len(pack.segments)))), most)
    order.shuffle(chunks)
    full = [(chunk,) for chunk in chunks if len(chunk.segments) == batch]
    steps: list[Step] = [*full, *_joined([c for c in chunks if len(c.segments) < batch], batch)]
    order.shuffle(steps)
    return tuple(steps)


def passes(step: Step, tokens: int) -> Iterator[Step]:
    """The step in parts of at most `tokens` tokens, of one segment at least."""
    room, part = tokens, list[Pack]()
    for pack in step:
        taken: list[Segment] = []
        room -= len(pack.prefix)
        for segment in pack.segments:
            if room < len(segment.ids) and (part or taken):
                yield (*part, *_kept(pack, taken))
                room, part, taken = tokens - len(pack.prefix), [], []
            taken.append(segment)
            room -= len(segment.ids)
        part += _kept(pack, taken)
    if part:
        yield tuple(part)


def laid(step: Step, packing: str, by_length: bool) -> Step:
    """The step as a recipe lays it out: one prefix for many segments or for each; ordered by length if asked."""
    if packing != "prefix":
        step = tuple(Pack(pack.prefix, (segment,)) for pack in step for segment in pack.segments)
    if by_length:
        step = tuple(Pack(pack.prefix, tuple(sorted(pack.segments, key=_length))) for pack in step)
        step = tuple(sorted(step, key=lambda pack: len(pack.prefix) + _length(pack.segments[-1])))
    return step


def _length(segment: Segment) -> int:
    return len(segment.ids)


def _kept(pack: Pack, segments: Sequence[Segment]) -> list[Pack]:
    return [Pack(pack.prefix, tuple(segments))] if segments else []


def _cut(pack: Pack, most: int) -> list[Pack]:
    """The pack in parts of at most so many segments."""
    return [Pack(pack.prefix, pack.segments[i : i + most]) for i in range(0, len(pack.segments), most)]


def _joined(chunks: Sequence[Pack], batch: int) -> list[Step]:
    """Fill steps with the packs that are smaller than a batch, cutting one where a step is full."""
    flat = iter([(chunk.prefix, segment) for chunk in chunks for segment in chunk.segments])
    steps: list[Step] = []
    while part := list(islice(flat, batch)):
        groups: dict[tuple[int, ...], list[Segment]] = defaultdict(list)
        for prefix, segment in part:
            groups[prefix].append(segment)
        steps.append(tuple(Pack(prefix, tuple(segments)) for prefix, segments in groups.items()))
    return steps
