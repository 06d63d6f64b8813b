"""The benchmark runs both sides on the same text."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

import pytest

from agents.endpoints.dialogue import Dialogue
from data.errors import Invalid, Unavailable
from finetune import bench, factory
from finetune.packing import packs
from finetune.recipe import Recipe

pytestmark = pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::UserWarning", "ignore::DeprecationWarning")


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
    tiny: Path, recipe: Recipe, examples: list[dict[str, str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where one of them was interrupted: it alone is measured again."""
    speeds = {"ours": [8.0, 10.0, 9.0], "peer": [2.0, 1.0, 1.5]}
    turns: list[str] = []
    interrupted: list[str] = []

    def measured(side: str, job: Path) -> bench.Measured:
        if len(turns) == 3 and not interrupted:
            interrupted.append(side)
            raise KeyboardInterrupt
        turns.append(side)
        given = json.loads(job.read_text())
        assert (len(given["learnt"]), len(given["held"])) == (4, 2)
        assert not [row for row in given["held"] if row in given["learnt"]]
        return bench.Measured(speeds[side].pop(0), {"ours": 1.0, "peer": 5.0}[side], 100, 1, 0.5, 0.9)

    monkeypatch.setattr(bench, "measure", measured)
    distinct = [{**example, "user": str(number)} for number, example in enumerate(examples)]
    compare = partial(bench.compare, recipe, base=tiny, folder=tmp_path / "kept", steps=1, held=2, rounds=3)
    with pytest.raises(KeyboardInterrupt):
        compare(draw=lambda: distinct)
    report = compare(draw=list)  # nothing is drawn anew
    assert interrupted == ["peer"]
    assert turns == ["ours", "peer"] * 3
    assert (report["ours"], report["peer"], report["ratio"]) == (9.0, 1.5, 6.0)
    assert report["cpu_ratio"] == 5.0
    assert report["sides"]["peer"]["held_tokens"] == 0.9
    assert report["prefix_tokens"] == len(packs(examples, Dialogue.load(tiny))[0].prefix)


def test_both_sides_run_packed_and_learn_as_many_a_step(
    tiny: Path, recipe: Recipe, examples: list[dict[str, str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """trl on a model of two layers, in this process: it packs, and what it saves is asked as ours is."""
    pytest.importorskip("trl")
    import shutil

    from transformers import PreTrainedTokenizerFast

    folder = tmp_path / "base"
    shutil.copytree(tiny, folder)
    PreTrainedTokenizerFast(
        tokenizer_file=str(tiny / "tokenizer.json"), eos_token="<|im_end|>", pad_token="<|im_end|>"
    ).save_pretrained(folder)
    same = [{**example, "system": "tables"} for example in examples]
    monkeypatch.setattr(bench, "PEER_ROW", 200)
    (tmp_path / "out").mkdir()
    ends = bench.peer(recipe, same, folder, tmp_path / "out")
    assert len(bench.ours(recipe, same, folder, tmp_path / "ours")) == 6
    assert 4 <= len(ends) <= 8
    assert 0 < bench.check(recipe, same, folder, tmp_path / "out").loss < 10


def test_our_side_measures_a_speed(tiny: Path, recipe: Recipe, examples: list[dict[str, str]], tmp_path: Path) -> None:
    ends = bench.ours(recipe, examples, tiny, tmp_path)
    assert len(ends) == 6
    assert ends == sorted(ends)


def test_prefixes_of_about_400_tokens_are_taken_first(tiny: Path) -> None:
    made = [{"system": "x" * size, "user": str(n), "answer": "a"} for size in (10, 370, 900) for n in range(3)]
    chosen = bench.alike(made, 3, Dialogue.load(tiny))
    assert {len(example["system"]) for example in chosen} == {370}
    assert len({example["user"] for example in chosen}) == 3


def test_too_few_examples_are_named(tiny: Path, examples: list[dict[str, str]]) -> None:
    with pytest.raises(Invalid, match="There are 12 examples; 13 are needed"):
        bench.alike(examples, 13, Dialogue.load(tiny))


def test_a_side_that_fails_says_so(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="ours side of the benchmark failed"):
        bench.measure("ours", tmp_path / "no-job.json")


def test_another_environment_is_given_the_same_job(
    tiny: Path, recipe: Recipe, examples: list[dict[str, str]], tmp_path: Path
) -> None:
    """A program in the place of LLaMA-Factory's Python keeps what it is asked."""
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\ncp "$4" {tmp_path}/asked.json\necho \'{{"ends": [[1, 2]], "peak_mb": 3}}\'\n')
    python.chmod(0o755)
    run = bench.in_factory(python, recipe, examples, tiny, tmp_path / "out")
    asked = json.loads((tmp_path / "asked.json").read_text())
    assert (run.ends, run.peak_mb) == ([(1, 2)], 3)
    assert asked["rows"] == examples
    assert (asked["settings"]["neat_packing"], asked["settings"]["lora_rank"]) == (True, recipe.lora.r)
    python.write_text("#!/bin/sh\necho no such module >&2; exit 1\n")
    with pytest.raises(Unavailable, match="no such module"):
        bench.in_factory(python, recipe, examples, tiny, tmp_path / "other")
    with pytest.raises(Invalid, match="has no LLaMA-Factory"):
        factory.check(python)
