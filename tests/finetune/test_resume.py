"""A training that is killed goes on to the same weights, bit for bit; one that no longer learns ends early."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
import yaml
from safetensors.torch import load_file

from agents.endpoints.dialogue import Dialogue
from data.errors import Invalid
from finetune.examples import write
from finetune.loop import CHECKPOINT, Tick
from finetune.lora import TRAINED, train
from finetune.packing import laid, packs, passes
from finetune.recipe import Recipe
from finetune.watch import Watch, apart

MPT = {"r": 4, "alpha": 8, "targets": ["Wqkv", "out_proj", "up_proj", "down_proj"]}


def changed(recipe: Recipe, **changes: object) -> Recipe:
    return Recipe.model_validate(recipe.model_dump() | changes)


@pytest.mark.parametrize("family", ["llama", "mpt"])
def test_a_killed_process_goes_on_to_the_same_weights(
    family: str, tiny: Path, families: dict[str, Path], recipe: Recipe, examples: list[dict[str, str]], tmp_path: Path
) -> None:
    base = tiny if family == "llama" else families[family]
    shape = {} if family == "llama" else {"lora": MPT}
    long = changed(recipe, train={**recipe.train.model_dump(), "epochs": 20, "checkpoint_every": 3}, **shape)
    (tmp_path / "mine.yaml").write_text(yaml.safe_dump(long.model_dump(mode="json")))
    write(tmp_path / "examples.jsonl", "", examples)
    whole = train(long, examples, tmp_path / "whole", base=base)
    command = [sys.executable, "-W", "ignore", "-m", "finetune.lora", "mine.yaml", "--examples", "examples.jsonl"]
    command += ["--base", str(base), "--out", "cut", "--resume"]
    cut = tmp_path / "cut"
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2]), "OMP_NUM_THREADS": "1"}
    process = subprocess.Popen(command, cwd=tmp_path, env=environment, stderr=subprocess.DEVNULL)
    while not (cut / CHECKPOINT).exists():
        assert process.poll() is None
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not (cut / TRAINED).exists()
    (cut / "checkpoint.part").write_bytes(b"torn")  # as if it had been killed while it wrote the next one
    seen: list[Tick] = []
    resumed = train(long, examples, cut, seen.append, base=base, resume=True)
    assert 3 < seen[0].step <= long.train.epochs * 3
    assert resumed.losses == whole.losses
    one, other = (load_file(folder / "adapter_model.safetensors") for folder in (tmp_path / "whole", cut))
    assert all(torch.equal(one[name], other[name]) for name in one)


def test_early_stop_keeps_the_best_weights_and_survives_an_interruption(
    tiny: Path, recipe: Recipe, examples: list[dict[str, str]], tmp_path: Path
) -> None:
    """At this rate the held examples are soon forgotten."""

    def stop(tick: Tick) -> None:
        if tick.step == 7:
            raise KeyboardInterrupt

    stopping = {"share": 0.25, "every": 2, "patience": 2}
    settings = {**recipe.train.model_dump(), "epochs": 20, "lr": 0.3, "early_stop": stopping}
    mine = changed(recipe, train=settings)
    whole = train(mine, examples, tmp_path / "whole", base=tiny)
    held = dict(whole.series["held_loss"])
    best = min(held, key=lambda step: held[step])
    assert len(whole.losses) < 40
    assert f"the weights of step {best} are kept" in whole.ended
    with pytest.raises(KeyboardInterrupt):
        train(mine, examples, tmp_path / "cut", stop, base=tiny)
    resumed = train(mine, examples, tmp_path / "cut", base=tiny, resume=True)
    assert dict(resumed.series["held_loss"]) == held
    one, other = (load_file(tmp_path / name / "adapter_model.safetensors") for name in ("whole", "cut"))
    assert all(torch.equal(one[name], other[name]) for name in one)


def test_the_last_step_is_asked_too(tiny: Path, recipe: Recipe, examples: list[dict[str, str]], tmp_path: Path) -> None:
    settings = {**recipe.train.model_dump(), "early_stop": {"share": 0.25, "every": 4, "patience": 9}}
    trained = train(changed(recipe, train=settings), examples, tmp_path, base=tiny)
    assert [step for step, _ in trained.series["held_loss"]] == [4, len(trained.losses)]


def test_held_examples_are_not_learnt(recipe: Recipe, examples: list[dict[str, str]]) -> None:
    stop = changed(recipe, train={"early_stop": {"share": 0.25}}).train.early_stop
    learnt, held = apart(examples, stop, 7)
    assert (len(learnt), len(held)) == (9, 3)
    assert [e for e in examples if e not in held] == learnt or len(examples) > len({str(e) for e in examples})
    assert apart(examples, stop, 7) == (learnt, held)
    assert apart(examples, None, 7) == (examples, [])


def test_a_watch_ends_after_looks_without_a_gain(recipe: Recipe) -> None:
    stop = changed(recipe, train={"early_stop": {"patience": 2}}).train.early_stop
    assert stop is not None
    watch = Watch(stop, (), [(50, 1.0), (100, 0.5), (150, 0.4999)])
    assert (watch.best_step, watch.over) == (100, False)
    watch.losses.append((200, 0.6))
    assert watch.over


@pytest.mark.parametrize("packing", ["prefix", "examples", "none"])
@pytest.mark.parametrize("by_length", [False, True])
def test_each_packing_learns_the_same(
    packing: str, by_length: bool, tiny: Path, recipe: Recipe, examples: list[dict[str, str]], tmp_path: Path
) -> None:
    settings = recipe.train.model_dump() | {"epochs": 1, "packing": packing, "by_length": by_length, "pass_tokens": 300}
    recipe = changed(recipe, precision="float32")
    got = train(changed(recipe, train=settings), examples, tmp_path / "a", base=tiny)
    plain = train(changed(recipe, train=recipe.train.model_dump() | {"epochs": 1}), examples, tmp_path / "b", base=tiny)
    assert got.losses == pytest.approx(plain.losses, rel=1e-4)


def test_like_lengths_share_a_pass(tiny: Path, examples: list[dict[str, str]]) -> None:
    step = laid(packs(examples, Dialogue.load(tiny)), "examples", True)
    sizes = [len(pack.prefix) + len(pack.segments[0].ids) for pack in step]
    assert sizes == sorted(sizes)
    assert len(list(passes(step, 0))) == len(examples)


def test_recomputing_layers_changes_no_weight(
    tiny: Path, recipe: Recipe, examples: list[dict[str, str]], tmp_path: Path
) -> None:
    for name, on in (("kept", False), ("recomputed", True)):
        settings = recipe.train.model_dump() | {"checkpointing": on}
        train(changed(recipe, train=settings), examples, tmp_path / name, base=tiny)
    one, other = (load_file(tmp_path / name / "adapter_model.safetensors") for name in ("kept", "recomputed"))
    assert all(torch.equal(one[name], other[name]) for name in one)


def test_a_dpo_recipe_takes_no_early_stop(tmp_path: Path, recipe: Recipe) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(yaml.safe_dump({**recipe.model_dump(mode="json"), "method": "dpo", "train": {"early_stop": {}}}))
    with pytest.raises(Invalid, match="early_stop is for supervised training"):
        Recipe.load(file)
