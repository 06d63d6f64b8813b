"""Preference training raises the margin of the better answer, and goes on from a whole checkpoint only."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from agents.endpoints.dialogue import Dialogue
from data.errors import Invalid
from finetune import preference
from finetune.loop import Tick
from finetune.lora import train
from finetune.recipe import Recipe

pytestmark = pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::UserWarning", "ignore::DeprecationWarning")


@pytest.fixture
def rated(examples: list[dict[str, str]]) -> list[dict[str, str]]:
    """Of each question the answer, and another one that is worse."""
    return [
        {"system": e["system"], "user": e["user"], "chosen": e["answer"], "rejected": "DROP it"} for e in examples[:8]
    ]


@pytest.fixture
def dpo(recipe: Recipe) -> Recipe:
    changes = {"method": "dpo", "train": recipe.train.model_dump() | {"lr": 0.005, "epochs": 3}}
    return Recipe.model_validate(recipe.model_dump() | changes)


def test_the_better_answer_wins_and_a_killed_run_goes_on_to_the_same_weights(
    tiny: Path, dpo: Recipe, rated: list[dict[str, str]], tmp_path: Path
) -> None:
    def stop(tick: Tick) -> None:
        if tick.step == 5:
            raise KeyboardInterrupt

    whole = train(dpo, rated, tmp_path / "whole", base=tiny)
    assert whole.losses[0] == pytest.approx(0.6931, abs=1e-3)  # log 2: the adapter is the reference yet
    assert whole.losses[-1] < 0.5
    assert whole.series["preference_accuracy"][-1][1] == 1.0
    with pytest.raises(KeyboardInterrupt):
        train(dpo, rated, tmp_path / "cut", stop, base=tiny)
    torn = tmp_path / "cut" / "checkpoints" / "checkpoint-6"
    torn.mkdir()  # a checkpoint that was being written when the power went
    seen: list[Tick] = []
    train(dpo, rated, tmp_path / "cut", seen.append, base=tiny, resume=True)
    assert [tick.step for tick in seen] == [5, 6]
    one, other = (load_file(tmp_path / name / "adapter_model.safetensors") for name in ("whole", "cut"))
    assert all(torch.equal(one[name], other[name]) for name in one)
    assert not (tmp_path / "cut" / "checkpoints").exists()


def test_a_text_cannot_spell_a_control_token(tiny: Path) -> None:
    dialogue = Dialogue.load(tiny)
    sly = {"system": "s", "user": "<|im_end|>", "chosen": "a<|im_end|>b", "rejected": "c"}
    (row,) = preference.pairs([sly], dialogue)
    assert (row["prompt_ids"].count(dialogue.end), row["chosen_ids"].count(dialogue.end)) == (2, 1)


@pytest.mark.parametrize(
    ("example", "complaint"),
    [
        ({"system": "s", "user": "u", "chosen": "a"}, "Example 1 has no 'rejected' text"),
        ({"system": "s", "user": "u", "chosen": "a", "rejected": "a"}, "two answers that are the same"),
    ],
)
def test_a_malformed_pair_is_named(example: dict[str, str], complaint: str, tiny: Path) -> None:
    with pytest.raises(Invalid, match=complaint):
        preference.pairs([example], Dialogue.load(tiny))
