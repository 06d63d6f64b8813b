"""Every example is seen once an epoch, beside others of its system message."""

from __future__ import annotations

from pathlib import Path

import pytest

from agents.endpoints.dialogue import Dialogue
from data.errors import Invalid
from finetune.packing import Pack, Segment, epoch, packs, passes


def pack(prefix: int, count: int) -> Pack:
    return Pack((prefix,), tuple(Segment((prefix, n), 1) for n in range(count)))


@pytest.mark.parametrize("counts", [(8,), (9, 3), (1, 1, 1, 1, 1), (17, 2, 4)])
def test_an_epoch_has_every_example_once_in_full_steps(counts: tuple[int, ...]) -> None:
    given = [pack(n, count) for n, count in enumerate(counts)]
    steps = epoch(given, 4, seed=1)
    seen = [segment.ids for step in steps for part in step for segment in part.segments]
    assert sorted(seen) == sorted(segment.ids for part in given for segment in part.segments)
    assert all(part.prefix[0] == segment.ids[0] for step in steps for part in step for segment in part.segments)
    filled = sorted(sum(len(part.segments) for part in step) for step in steps)
    assert len(filled) == -(-sum(counts) // 4)
    assert all(size == 4 for size in filled[1:])
    assert all(len({part.prefix for part in step}) == len(step) for step in steps)


def test_the_order_follows_from_the_seed() -> None:
    given = [pack(0, 30), pack(1, 30)]
    assert epoch(given, 4, seed=1) == epoch(given, 4, seed=1) != epoch(given, 4, seed=2)


def test_examples_with_one_system_message_share_a_prefix(tiny: Path, examples: list[dict[str, str]]) -> None:
    dialogue = Dialogue.load(tiny)
    groups = packs(examples, dialogue)
    assert [len(group.segments) for group in groups] == [6, 6]
    first = groups[0].segments[0]
    assert dialogue.text(first.ids[-first.answer :]) == examples[0]["answer"]
    assert first.ids[-1] == dialogue.end


@pytest.mark.parametrize(
    ("example", "complaint"),
    [({"system": "s", "user": "u"}, "'answer'"), ({"system": "s", "user": "u", "answer": ""}, "'answer'"),
     ({"user": "u", "answer": "a"}, "'system'"), ({"system": 3, "user": "u", "answer": "a"}, "'system'")],
)  # fmt: skip
def test_a_malformed_example_is_numbered(tiny: Path, example: dict[str, str], complaint: str) -> None:
    good = {"system": "s", "user": "u", "answer": "a"}
    with pytest.raises(Invalid, match=f"Example 2 has no {complaint}"):
        packs([good, example], Dialogue.load(tiny))


def test_few_examples_of_a_prefix_stand_together() -> None:
    given = [pack(n, 12) for n in range(4)]
    steps = epoch(given, 8, seed=1, together=2)
    seen = sorted(segment.ids for step in steps for part in step for segment in part.segments)
    assert seen == sorted(segment.ids for part in given for segment in part.segments)
    assert [sum(len(part.segments) for part in step) for step in steps] == [8] * 6
    assert sum(len(step) for step in steps) > sum(len(step) for step in epoch(given, 8, seed=1))


@pytest.mark.parametrize("room", [1, 5, 9, 1000])
def test_passes_keep_to_their_room_and_every_segment(room: int) -> None:
    step = (pack(0, 3), pack(1, 1), pack(2, 5))
    parts = list(passes(step, room))
    assert [(p.prefix, s) for part in parts for p in part for s in p.segments] == [
        (p.prefix, s) for p in step for s in p.segments
    ]
    sizes = [sum(len(p.prefix) + sum(len(s.ids) for s in p.segments) for p in part) for part in parts]
    assert all(size <= max(room, 3) for size in sizes)
    assert len(parts) == (1 if room == 1000 else len(parts)) <= 9
