"""The benchmark runs both sides on the same text."""

from __future__ import annotations

from pathlib import Path

import pytest

from agents.endpoints.dialogue import Dialogue
from data.errors import Invalid, Unavailable
from finetune import bench
from finetune.packing import packs
from finetune.recipe import Recipe


def test_both_sides_read_the_same_tokens(tiny: Path, examples: list[dict[str, str]]) -> None:
    dialogue = Dialogue.load(tiny)
    (pack, *_) = packs(examples, dialogue)
    both = bench.rendered(examples[0])
    dialogue.tokenizer.encode_special_tokens = False
    texts = (both["prompt"], both["completion"])
    theirs = [dialogue.tokenizer.encode(text, add_special_tokens=False).ids for text in texts]
    first = pack.segments[0]
    assert theirs == [[*pack.prefix, *first.ids[: -first.answer]], [*first.ids[-first.answer :]]]


def test_the_sides_take_turns_and_the_ratio_is_of_medians(
    tiny: Path, recipe: Recipe, examples: list[dict[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    speeds = {"ours": [8.0, 10.0, 9.0], "peer": [2.0, 1.0, 1.5]}
    turns: list[str] = []

    def measured(side: str, job: Path) -> float:
        turns.append(side)
        return speeds[side].pop(0)

    monkeypatch.setattr(bench, "measure", measured)
    report = bench.compare(recipe, examples, tiny, steps=0, rounds=3)
    assert turns == ["ours", "peer"] * 3
    assert (report["ours"], report["peer"], report["ratio"]) == (9.0, 1.5, 6.0)
    assert report["prefix_tokens"] == len(packs(examples, Dialogue.load(tiny))[0].prefix)


def test_our_side_measures_a_speed(tiny: Path, recipe: Recipe, examples: list[dict[str, str]], tmp_path: Path) -> None:
    ends = bench.ours(recipe, examples, tiny, tmp_path)
    assert len(ends) == 6
    assert ends == sorted(ends)


def test_too_few_examples_are_named(examples: list[dict[str, str]]) -> None:
    with pytest.raises(Invalid, match="Only 6 examples"):
        bench.commonest(examples, 7)


def test_a_side_that_fails_says_so(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="ours side of the benchmark failed"):
        bench.measure("ours", tmp_path / "no-job.json")
