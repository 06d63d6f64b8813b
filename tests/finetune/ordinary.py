"""What packed training is compared with: transformers and peft, one whole sequence after another."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from finetune.packing import Pack


def enlivened(model: Any) -> Any:
    """The model with adapters that are not zero, as they are at the start."""
    chance = torch.Generator().manual_seed(2)
    with torch.no_grad():
        for _, up in model.adapters.values():
            up.normal_(0, 0.1, generator=chance)
    return model


def check(folder: Path, model: Any, targets: Sequence[str], group: tuple[Pack, ...], exact: float) -> None:
    """Loss and gradients of a group are the ordinary ones; the loss up to a relative error of `exact`."""
    loss = model.loss(group)
    loss.backward()
    expected, named = _ordinary(folder, model, targets, group)
    assert loss.item() == pytest.approx(expected.item(), rel=exact)
    for name, pair in model.adapters.items():
        for ours, side in zip(pair, "AB", strict=True):
            theirs = named[f"base_model.model.{name}.lora_{side}.default.weight"].grad
            assert ours.grad is not None
            assert theirs is not None
            most = theirs.abs().max().item()
            torch.testing.assert_close(ours.grad, theirs, rtol=100 * exact, atol=10 * exact * most)


def _ordinary(
    folder: Path, model: Any, targets: Sequence[str], group: tuple[Pack, ...]
) -> tuple[Tensor, dict[str, Tensor]]:
    """Loss over full sequences, one by one, and peft's parameters by name."""
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM

    base = AutoModelForCausalLM.from_pretrained(folder)
    peft = get_peft_model(base, LoraConfig(r=4, lora_alpha=8, target_modules=list(targets)))
    named: dict[str, Tensor] = dict(peft.named_parameters())
    with torch.no_grad():
        for name, (down, up) in model.adapters.items():
            named[f"base_model.model.{name}.lora_A.default.weight"].copy_(down)
            named[f"base_model.model.{name}.lora_B.default.weight"].copy_(up)
    total = torch.zeros(())
    for pack in group:
        for segment in pack.segments:
            ids = torch.tensor([[*pack.prefix, *segment.ids]])
            logits = peft(ids).logits[0, -segment.answer - 1 : -1]
            total = total + F.cross_entropy(logits, ids[0, -segment.answer :], reduction="sum")
    total.backward()
    return total.detach(), named
