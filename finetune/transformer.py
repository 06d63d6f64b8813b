"""Any causal model of transformers with LoRA by peft, run over packs: MPT, Qwen, Mistral, and quantised bases.

Prefixes and segments stand in one row; a 4-D mask lets each segment see its prefix and itself, and positions start
again behind the prefix, as `finetune.llama` has it without the mask.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from agents.endpoints import weights
from data.errors import Invalid
from finetune import alibi, quantised
from finetune.adapter import PREFIX
from finetune.kernels import AnswerLoss
from finetune.layout import Layout, Stream
from finetune.packing import Pack
from finetune.recipe import Recipe

CPU_TOKENS, GPU_TOKENS = 2048, 8192
"""The most tokens of one pass: its mask has their square."""


class LoraTransformer:
    """The model: `loss(packs)` is the summed cross-entropy of the packs' answers.

    Frozen weights have `precision`, or are quantised; adapters stay in single precision.
    """

    def __init__(self, folder: Path, recipe: Recipe, *, device: str, precision: torch.dtype) -> None:
        self.device = torch.device(device)
        model = quantised.load(folder, recipe.quantise, device, precision)
        self._bounds = _bounds(model.config)
        self._limit = weights.context_size(folder)
        _check_targets(model, recipe)
        self.model = _with_lora(model, recipe)
        quantised.for_training(self.model)
        self._backbone, self._head = model.base_model, model.get_output_embeddings()
        _check_head(model, self._head)
        self._slopes = _slopes(self._backbone)
        if recipe.train.checkpointing:
            _recompute(model)

    @cached_property
    def room(self) -> int:
        """How many tokens one forward and backward pass takes."""
        return GPU_TOKENS if self.device.type == "cuda" else CPU_TOKENS

    @cached_property
    def adapters(self) -> dict[str, tuple[Tensor, Tensor]]:
        """The trained pairs (A, B) by module name, as peft's files have them."""
        named = dict(self.model.named_parameters())
        first = ".lora_A.default.weight"
        return {
            name.removeprefix(PREFIX).removesuffix(first): (down, named[name.replace("lora_A", "lora_B")])
            for name, down in named.items()
            if name.endswith(first)
        }

    def load(self, pairs: Mapping[str, tuple[Tensor, Tensor]]) -> None:
        """Take the weights of an adapter. Invalid when it is of another model."""
        for name, pair in pairs.items():
            mine = self.adapters.get(name)
            if mine is None or any(a.shape != b.shape for a, b in zip(mine, pair, strict=True)):
                raise Invalid(f"The adapter's {name!r} does not fit this base model.", "Use its own base model.")
            for parameter, value in zip(mine, pair, strict=True):
                parameter.data.copy_(value)

    def parameters(self) -> Iterator[Tensor]:
        for pair in self.adapters.values():
            yield from pair

    def loss(self, packs: Sequence[Pack]) -> Tensor:
        """Summed cross-entropy over the answer tokens of all segments, each continuing its prefix alone."""
        stream = Stream.of(packs, self.device)
        result: Tensor = AnswerLoss.apply(self._rows(stream), self._head.weight, stream.labels)
        return result

    def judge(self, packs: Sequence[Pack]) -> tuple[float, list[float]]:
        """The loss, and of each segment the share of its answer's tokens that are the likeliest after those before."""
        stream = Stream.of(packs, self.device)
        with torch.no_grad():
            logits = F.linear(self._rows(stream), self._head.weight).float()
            total = float(F.cross_entropy(logits, stream.labels, reduction="sum"))
            right = logits.argmax(-1) == stream.labels
        answers = [segment.answer for pack in packs for segment in pack.segments]
        return total, [float(part.float().mean()) for part in right.cpu().split(answers)]

    def _rows(self, stream: Stream) -> Tensor:
        """The hidden states (N, width) before the head of the rows that predict an answer's token."""
        positions = stream.layout.positions()
        longest = int(positions.max()) + 1
        if longest > min(self._limit, self._bounds):
            raise Invalid(
                f"An example has {longest} tokens; the model takes {min(self._limit, self._bounds)}.",
                "Leave long examples out, or use a base with a longer context.",
            )
        extra = self._placed(positions.to(self.device))
        mask = visible(stream.layout, positions).to(self.device)
        out = self._backbone(
            input_ids=stream.ids[None], attention_mask=self._masked(mask), use_cache=False, **extra
        ).last_hidden_state[0, stream.rows]
        result: Tensor = out.to(self._head.weight.dtype)
        return result

    def _placed(self, positions: Tensor) -> dict[str, Tensor]:
        """What tells the model where each token stands."""
        if self._slopes is None:
            return {"position_ids": positions[None]}
        made = alibi.bias(self._slopes.to(self.device), positions)
        self._backbone.build_mpt_alibi_tensor = lambda *_, **__: made
        return {}

    def _masked(self, mask: Tensor) -> Tensor:
        """As the model reads it: MPT takes where it may not look, the others what is added to a score."""
        if self._slopes is not None:
            return ~mask[None, None]
        kind = next(self.model.parameters()).dtype
        kind = kind if kind.is_floating_point else torch.float32
        return torch.zeros(mask.shape, dtype=kind, device=mask.device).masked_fill(~mask, torch.finfo(kind).min)[
            None, None
        ]


def visible(layout: Layout, positions: Tensor) -> Tensor:
    """Which keys a query may see (T, T): its own sequence up to itself, and the prefix that it continues."""
    prefixes, segments, behind = layout.prefixes, layout.segments, layout.behind
    pack = torch.cat([_numbers(prefixes.lengths), _numbers(behind.lengths)])
    own = torch.cat([torch.full((layout.cut,), -1), _numbers(segments.lengths)])
    related = (own[:, None] == own[None, :]) | (own[None, :] == -1)
    return (pack[:, None] == pack[None, :]) & related & (positions[None, :] <= positions[:, None])


def _numbers(lengths: Sequence[int]) -> Tensor:
    """Of each row the number of its sequence."""
    return torch.arange(len(lengths)).repeat_interleave(torch.tensor(lengths))


def _bounds(config: Any) -> int:
    """The window of attention: an example that fits into it sees what it would see without packing."""
    window = getattr(config, "sliding_window", None)
    used = getattr(config, "use_sliding_window", True)
    return int(window) if window and used else 1 << 30


def _slopes(backbone: Any) -> Tensor | None:
    """The slopes of a model with ALiBi, None for one that takes positions. Invalid for one that takes neither."""
    if hasattr(backbone, "build_mpt_alibi_tensor"):
        return alibi.slopes(backbone.build_mpt_alibi_tensor, backbone.num_heads, 8)
    if "position_ids" in inspect.signature(backbone.forward).parameters:
        return None
    raise Invalid(
        f"{type(backbone).__name__} takes no positions, so several examples can't share a row.",
        "Use a base with rotary positions (Llama, Mistral, Qwen, Phi) or an MPT.",
    )


def _check_head(model: Any, head: Any) -> None:
    odd = [name for name in ("logit_scale", "final_logit_softcapping") if getattr(model.config, name, None)]
    if head.bias is not None or odd:
        what = odd[0] if odd else "a bias on its head"
        raise Invalid(f"The base has {what}, which this trainer does not compute.", "Use another base.")


def _check_targets(model: Any, recipe: Recipe) -> None:
    """Invalid when a target names no linear layer of the model."""
    blocks = {name.rpartition(".")[2] for name, module in model.named_modules() if isinstance(module, torch.nn.Linear)}
    known = sorted(blocks - {"lm_head"})
    unknown = [target for target in recipe.lora.targets if target not in known]
    if unknown:
        raise Invalid(
            f"lora.targets: the base {recipe.base!r} has no layer {unknown[0]!r}.", f"Use some of: {', '.join(known)}."
        )


def _with_lora(model: Any, recipe: Recipe) -> Any:
    """The model with peft's pairs, started from the recipe's seed: A uniform as peft has it, B zero."""
    from peft import LoraConfig, get_peft_model

    lora = recipe.lora
    made = get_peft_model(model, LoraConfig(r=lora.r, lora_alpha=lora.alpha, target_modules=list(lora.targets)))
    chance = torch.Generator().manual_seed(recipe.train.seed)
    for name, parameter in made.named_parameters():
        if ".lora_A." in name:
            bound = 1 / math.sqrt(parameter.shape[1])
            drawn = torch.empty(parameter.shape).uniform_(-bound, bound, generator=chance)
            parameter.data = drawn.to(parameter.device)
        elif ".lora_B." in name:
            parameter.data = torch.zeros_like(parameter, dtype=torch.float32)
    return made.eval()


def _recompute(model: Any) -> None:
    """Recompute each block in the backward pass; nothing else of the training mode, such as dropout, is wanted."""
    model.gradient_checkpointing_enable({"use_reentrant": False})
    for module in model.modules():
        if hasattr(module, "gradient_checkpointing"):
            module.training = True
