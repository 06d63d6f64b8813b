"""Packed training of any family equals the ordinary one, in loss and in gradients."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from agents.endpoints.dialogue import Dialogue
from data.errors import Invalid
from finetune.packing import packs
from finetune.recipe import Recipe
from finetune.transformer import LoraTransformer
from tests.finetune.ordinary import check, enlivened

# peft 0.21 reads an attribute that transformers 5 renamed.
pytestmark = pytest.mark.filterwarnings("ignore:.is_gradient_checkpointing.:FutureWarning")

TARGETS = {
    "mpt": ["Wqkv", "out_proj", "up_proj", "down_proj"],
    "qwen3": ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"],
    "mistral": ["q_proj", "v_proj", "down_proj"],
}


def shaped(recipe: Recipe, name: str, **train: object) -> Recipe:
    return Recipe.model_validate(
        recipe.model_dump()
        | {"lora": {"r": 4, "alpha": 8, "targets": TARGETS[name]}, "train": recipe.train.model_dump() | train}
    )


def lively(folder: Path, recipe: Recipe) -> LoraTransformer:
    """A model whose adapters are not zero, as they are at the start."""
    model = LoraTransformer(folder, recipe, device="cpu", precision=torch.float32)
    return enlivened(model)


@pytest.mark.parametrize("checkpointing", [False, True], ids=["kept", "recomputed"])
@pytest.mark.parametrize("family", TARGETS)
def test_packed_loss_and_gradients_equal_the_ordinary_ones(
    family: str, checkpointing: bool, families: dict[str, Path], recipe: Recipe, examples: list[dict[str, str]]
) -> None:
    folder, mine = families[family], shaped(recipe, family, checkpointing=checkpointing)
    group = packs(examples, Dialogue.load(folder))
    check(folder, lively(folder, mine), mine.lora.targets, group, 1e-5)


def test_the_bias_that_mpt_would_give_a_packed_row_is_another(
    families: dict[str, Path], recipe: Recipe, examples: list[dict[str, str]]
) -> None:
    """Why a bias of its own: with the places in the row for positions, the loss is not that of the examples."""
    from transformers.models.mpt.modeling_mpt import build_mpt_alibi_tensor

    folder, mine = families["mpt"], shaped(recipe, "mpt")
    group = packs(examples, Dialogue.load(folder))
    model = lively(folder, mine)
    right = model.loss(group).item()
    rows = sum(len(pack.prefix) + sum(len(segment.ids) for segment in pack.segments) for pack in group)
    stock = build_mpt_alibi_tensor(6, rows)
    model._placed = lambda positions: setattr(model._backbone, "build_mpt_alibi_tensor", lambda *_, **__: stock) or {}  # type: ignore[method-assign, func-returns-value]
    assert abs(model.loss(group).item() - right) > 1e-3 * right


def test_judging_agrees_with_the_loss(
    families: dict[str, Path], recipe: Recipe, examples: list[dict[str, str]]
) -> None:
    model = lively(families["mpt"], shaped(recipe, "mpt"))
    group = packs(examples, Dialogue.load(families["mpt"]))
    total, right = model.judge(group)
    assert total == pytest.approx(model.loss(group).item(), rel=1e-5)
    assert len(right) == len(examples)


def test_a_layer_that_the_base_lacks_is_named(families: dict[str, Path], recipe: Recipe) -> None:
    with pytest.raises(Invalid, match=r"no layer 'q_proj'.*Wqkv.*down_proj.*out_proj"):
        LoraTransformer(families["mpt"], shaped(recipe, "qwen3"), device="cpu", precision=torch.float32)
