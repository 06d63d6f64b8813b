"""A base model with a fresh adapter: what a trainer needs of it, and which implementation a recipe gets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from agents.endpoints import weights
from finetune.packing import Pack
from finetune.recipe import Recipe

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    Pairs = Mapping[str, tuple[Tensor, Tensor]]


class Trainee(Protocol):
    """A model that learns from packs."""

    device: torch.device

    @property
    def room(self) -> int:
        """How many tokens one forward and backward pass takes."""

    @property
    def adapters(self) -> dict[str, tuple[Tensor, Tensor]]:
        """The trained pairs (A, B) by module name."""

    def load(self, pairs: Pairs) -> None:
        """Take the weights of an adapter. Invalid when it is of another model."""

    def parameters(self) -> Iterator[Tensor]: ...

    def loss(self, packs: Sequence[Pack]) -> Tensor:
        """Summed cross-entropy over the answer tokens of all segments, each continuing its prefix alone."""

    def judge(self, packs: Sequence[Pack]) -> tuple[float, list[float]]:
        """The loss, and of each segment the share of its answer's tokens that are the likeliest."""


def opened(recipe: Recipe, base: Path) -> Trainee:
    """The base with a fresh adapter of the recipe's shape: Llamas by our own kernels, others by transformers."""
    where = device(recipe.device)
    if recipe.quantise == "none" and plain_llama(weights.config(base)):
        from finetune.llama import LoraLlama

        return LoraLlama(
            base,
            r=recipe.lora.r,
            alpha=recipe.lora.alpha,
            targets=frozenset(recipe.lora.targets),
            seed=recipe.train.seed,
            device=where,
            precision=precision(recipe.precision, where),
            checkpointing=recipe.train.checkpointing,
        )
    from finetune.transformer import LoraTransformer

    return LoraTransformer(base, recipe, device=where, precision=precision(recipe.precision, where))


def plain_llama(config: Mapping[str, object]) -> bool:
    """Whether `finetune.llama` computes this model: a Llama, or a Qwen2 that attends to all that stands before."""
    return config.get("model_type") == "llama" or (
        config.get("model_type") == "qwen2" and not config.get("use_sliding_window")
    )


def device(wanted: str) -> str:
    """`cpu` or `cuda`; `auto` takes a GPU when there is one."""
    import torch

    return ("cuda" if torch.cuda.is_available() else "cpu") if wanted == "auto" else wanted


def precision(wanted: str, device: str) -> torch.dtype:
    """`float32` or `bfloat16`; `auto` takes the latter where the device multiplies it natively."""
    import torch

    if wanted != "auto":
        return torch.float32 if wanted == "float32" else torch.bfloat16
    if device == "cuda":
        native = torch.cuda.is_bf16_supported(including_emulation=False)
    else:
        abilities = torch.cpu.get_capabilities()
        native = any(abilities.get(name) for name in ("avx512_bf16", "amx_bf16"))
    return torch.bfloat16 if native else torch.float32
