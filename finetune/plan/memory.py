"""How much memory a training takes, by part, and which setting to change where that is more than there is.

An estimate: weights, adapter and optimiser are counted, what a pass leaves for its backward is by the layers' sizes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from finetune.plan.checks import Check
from finetune.recipe import Recipe

if TYPE_CHECKING:
    from finetune.plan.machine import Machine
    from finetune.plan.shape import Shape

PASS = {"cpu": 2048, "cuda": 8192}
"""Tokens of a pass where the recipe does not say."""
BYTES = {"none": 0.0, "8bit": 1.0, "4bit": 0.52}
"""Of a quantised weight with its constants; 0 stands for the precision itself."""
PROCESS = {"cpu": 0.9, "cuda": 1.2}
"""GB of libraries and of the device's own."""
ADAM = 16
"""Bytes of an adapter's weight, its gradient and its two moments."""


@dataclass(frozen=True)
class Need:
    """GB by part; `pass_tokens` is what `activations` are of."""

    base: float
    adapter: float
    activations: float
    process: float
    pass_tokens: int

    @property
    def total(self) -> float:
        return self.base + self.adapter + self.activations + self.process

    @property
    def document(self) -> dict[str, Any]:
        return {**asdict(self), "total": self.total}


def need(recipe: Recipe, shape: Shape, machine: Machine, longest: int) -> Need:
    """What this recipe takes on this machine; a pass has one whole example at least."""
    width = 2 if machine.device == "cuda" and recipe.precision != "float32" else _width(recipe)
    tokens = max(recipe.train.pass_tokens or PASS[machine.device], longest)
    if recipe.train.packing == "none":
        tokens = longest or shape.context
    packed = BYTES[recipe.quantise] or width
    base = shape.layers * shape.block * packed + shape.embeddings * width
    return Need(
        base / 1e9,
        ADAM * shape.lora(recipe.lora.r, recipe.lora.targets) / 1e9,
        _activations(recipe, shape, tokens, width, _own(recipe, shape)) / 1e9,
        PROCESS[machine.device],
        tokens,
    )


def check(recipe: Recipe, shape: Shape, machine: Machine, needed: Need, longest: int) -> Check:
    """Whether it fits, and else the first change of settings with which it does."""
    if machine.memory_gb == 0:
        return Check("memory", "fails", "There is no GPU here.", "Set `device: auto`, or plan for one with --gpu.")
    said = f"{needed.total:.1f} GB are needed, {machine.memory_gb:.1f} GB are free on {machine.name}."
    if needed.total <= machine.memory_gb:
        return Check("memory", "ok", said)
    for words, other in smaller(recipe):
        less = need(other, shape, machine, longest).total
        if less <= machine.memory_gb:
            return Check("memory", "fails", said, f"Set {words}: then {less:.1f} GB are needed.")
    return Check("memory", "fails", said, "Use a smaller base, or a device with more memory.")


def smaller(recipe: Recipe) -> Iterator[tuple[str, Recipe]]:
    """Changes that save memory, those first that cost least."""
    steps: list[tuple[str, dict[str, object], dict[str, object]]] = [
        ("`train.pass_tokens: 1024`", {}, {"pass_tokens": 1024}),
        ("`train.checkpointing: true`", {}, {"checkpointing": True}),
        ("`quantise: 4bit`", {"quantise": "4bit"}, {}),
    ]
    words: list[str] = []
    changed = recipe
    for word, whole, train in steps:
        words.append(word)
        changed = changed.model_copy(update={**whole, "train": changed.train.model_copy(update=train)})
        yield " and ".join(words), changed


def _own(recipe: Recipe, shape: Shape) -> bool:
    """Whether `finetune.llama` computes it, without a mask."""
    return shape.family == "llama" and recipe.quantise == "none" and recipe.method == "sft"


def _width(recipe: Recipe) -> int:
    """Bytes of a weight on this processor."""
    from finetune.trainee import precision

    return int(precision(recipe.precision, "cpu").itemsize)


def _activations(recipe: Recipe, shape: Shape, tokens: int, width: int, own: bool) -> float:
    """Bytes that a pass leaves for its backward, and those of the answers' logits."""
    if own:
        token = 8 * shape.width + width * (8 * shape.width + 3 * shape.deep)
        layer = float(tokens * token)
    else:
        # Attention keeps its weights (T, T) of each head where a bias stands in the way of a fused kernel.
        square = shape.heads * tokens**2 * (4 + width) if shape.family == "mpt" else 0
        layer = tokens * width * (16 * shape.width + 5 * shape.deep) + square
        if recipe.method == "dpo":
            layer *= 1.5  # two answers a question, and the reference's pass beside it
    kept = layer + shape.layers * tokens * shape.width * width if recipe.train.checkpointing else shape.layers * layer
    logits = min(tokens, 4096 if width == 2 else 1024) * shape.words * 4 * 2
    return float(kept + logits)
