"""QLoRA on the CPU: a base in 4 or 8 bit learns, and what is not there is said."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from data.errors import Unavailable
from finetune.lora import train
from finetune.quantised import load
from finetune.recipe import Recipe

pytestmark = pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::UserWarning", "ignore::DeprecationWarning")


@pytest.mark.parametrize("quantise", ["4bit", "8bit"])
def test_a_quantised_base_learns(
    quantise: str, tiny: Path, recipe: Recipe, examples: list[dict[str, str]], tmp_path: Path
) -> None:
    pytest.importorskip("bitsandbytes")
    settings = recipe.train.model_dump() | {"epochs": 3}
    mine = Recipe.model_validate(recipe.model_dump() | {"quantise": quantise, "train": settings})
    trained = train(mine, examples, tmp_path, base=tiny)
    assert trained.losses[-1] < 0.8 * trained.losses[0]


def test_the_weights_are_really_quantised(tiny: Path) -> None:
    pytest.importorskip("bitsandbytes")
    import torch

    kinds = {}
    for quantise in ("4bit", "8bit"):
        model = load(tiny, quantise, "cpu", torch.float32)  # type: ignore[arg-type]
        kinds[quantise] = model.model.layers[0].mlp.up_proj.weight.dtype
    assert kinds == {"4bit": torch.uint8, "8bit": torch.int8}


def test_without_bitsandbytes_the_remedy_is_told(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    found = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *rest: None if name == "bitsandbytes" else found(name, *rest)
    )
    with pytest.raises(Unavailable, match=r"bitsandbytes is not installed.*quantise: none"):
        load(tiny, "4bit", "cpu", torch.float32)
