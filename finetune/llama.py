"""A Llama or Qwen2 model whose linear layers carry LoRA, run over packs: one prefix, many segments, no padding.

It reads the base's safetensors itself: training needs neither the layers of transformers nor the wrapping of
peft.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F
from torch.utils.checkpoint import checkpoint

from agents.endpoints import weights
from data.errors import Invalid
from finetune import rotary
from finetune.attention import attend
from finetune.kernels import AnswerLoss, Gate, LoraLinear, Norm, Rotary
from finetune.layout import Layout, Stream
from finetune.packing import Pack
from finetune.trainee import plain_llama

FUSED = {
    "self_attn": (("q_proj", "k_proj", "v_proj"), ("o_proj",)),
    "mlp": (("gate_proj", "up_proj"), ("down_proj",)),
}
"""Linear layers that share an input are one matrix product."""

CPU_TOKENS, GPU_TOKENS = 2048, 32768
"""The most tokens of one pass."""


@dataclass(frozen=True)
class Linear:
    """Frozen weights side by side (out, in), their biases (out,) where the model has some, and the LoRA pairs of those
    that are targets, by peft's names."""

    weight: Tensor
    lora: dict[str, tuple[slice, Tensor, Tensor]]
    scale: float
    bias: Tensor | None = None

    def __call__(self, x: Tensor) -> Tensor:
        if not self.lora:
            return F.linear(x, self.weight, self.bias)
        rows = tuple(part for part, _, _ in self.lora.values())
        pairs = [tensor for _, down, up in self.lora.values() for tensor in (down, up)]
        result: Tensor = LoraLinear.apply(x, self.weight, self.scale, rows, *pairs)
        return result if self.bias is None else result + self.bias


@dataclass
class Layer:
    """One block: attention and gated feed-forward, each behind its norm."""

    norms: tuple[Tensor, Tensor]
    qkv: Linear
    out: Linear
    gate: Linear
    down: Linear

    @property
    def linears(self) -> tuple[Linear, ...]:
        return (self.qkv, self.out, self.gate, self.down)


class LoraLlama:
    """The model: `loss(packs)` is the summed cross-entropy of the packs' answers.

    Frozen weights, matrix products and attention have `precision`; adapters, the residual stream and the sums
    of norms and losses stay in single precision.
    """

    def __init__(
        self,
        folder: Path,
        *,
        r: int,
        alpha: float,
        targets: frozenset[str],
        seed: int,
        device: str,
        precision: torch.dtype = torch.float32,
        checkpointing: bool = False,
    ) -> None:
        self.config, self._checkpointing = weights.config(folder), checkpointing
        if not plain_llama(self.config):
            raise Invalid(f"{str(folder)!r} is a {self.config.get('model_type')!r} model.", "Use a Llama-like base.")
        self.device, self.precision = torch.device(device), precision
        self._r, self._scale, self._targets = r, alpha / r, targets
        self._chance = torch.Generator().manual_seed(seed)
        state: dict[str, Any] = weights.load_weights(folder)
        self._state = {name: tensor.to(self.device, precision) for name, tensor in state.items()}
        self.layers = [self._layer(index) for index in range(self._int("num_hidden_layers"))]
        self.embedding = self._state["model.embed_tokens.weight"]
        self.head = self._state.get("lm_head.weight", self.embedding)
        self.norm, self.eps = self._state["model.norm.weight"], float(str(self.config["rms_norm_eps"]))
        self.cos, self.sin = (table.to(self.device, precision) for table in rotary.table(self.config))
        del self._state

    def _int(self, key: str) -> int:
        return int(str(self.config[key]))

    def _layer(self, index: int) -> Layer:
        root = f"model.layers.{index}"
        norms = [self._state[f"{root}.{name}.weight"] for name in ("input_layernorm", "post_attention_layernorm")]
        linears = [self._linear(f"{root}.{part}", names) for part, groups in FUSED.items() for names in groups]
        return Layer((norms[0], norms[1]), *linears)

    def _linear(self, root: str, names: tuple[str, ...]) -> Linear:
        parts = [self._state.pop(f"{root}.{name}.weight") for name in names]
        lora, start = {}, 0
        for name, part in zip(names, parts, strict=True):
            rows = slice(start, start + part.shape[0])
            if name in self._targets:
                lora[f"{root}.{name}"] = (rows, *self._pair(part))
            start = rows.stop
        biases = [bias for name in names if (bias := self._state.pop(f"{root}.{name}.bias", None)) is not None]
        return Linear(torch.cat(parts), lora, self._scale, torch.cat(biases) if biases else None)

    def _pair(self, weight: Tensor) -> tuple[Tensor, Tensor]:
        """A as peft starts it (Kaiming uniform with a = sqrt 5), B zero."""
        bound = 1 / math.sqrt(weight.shape[1])
        down = torch.empty(self._r, weight.shape[1]).uniform_(-bound, bound, generator=self._chance)
        up = torch.zeros(weight.shape[0], self._r, device=self.device)
        return down.to(self.device).requires_grad_(), up.requires_grad_()

    @property
    def adapters(self) -> dict[str, tuple[Tensor, Tensor]]:
        """The trained pairs (A, B) by module name."""
        pairs = (linear.lora.items() for layer in self.layers for linear in layer.linears)
        return {name: (down, up) for items in pairs for name, (_, down, up) in items}

    def load(self, pairs: Mapping[str, tuple[Tensor, Tensor]]) -> None:
        """Take the weights of an adapter. Invalid when it is of another model."""
        adapters = self.adapters
        for name, pair in pairs.items():
            mine = adapters.get(name)
            if mine is None or any(a.shape != b.shape for a, b in zip(mine, pair, strict=True)):
                raise Invalid(f"The adapter's {name!r} does not fit this base model.", "Use its own base model.")
            for parameter, value in zip(mine, pair, strict=True):
                parameter.data.copy_(value)

    @cached_property
    def room(self) -> int:
        """How many tokens one forward and backward pass takes: what its memory allows, as far as more are faster."""
        if self.device.type != "cuda":
            return CPU_TOKENS
        free, _ = torch.cuda.mem_get_info(self.device)
        return max(1, min(GPU_TOKENS, int(0.6 * free) // self._bytes()))

    def _bytes(self) -> int:
        """About what a token leaves in memory for the backward pass."""
        wide, deep, size = self._int("hidden_size"), self._int("intermediate_size"), int(self.precision.itemsize)
        return self._int("num_hidden_layers") * (8 * wide + size * (8 * wide + 3 * deep))

    def parameters(self) -> Iterator[Tensor]:
        for pair in self.adapters.values():
            yield from pair

    def loss(self, packs: Sequence[Pack]) -> Tensor:
        """Summed cross-entropy over the answer tokens of all segments, each continuing its prefix alone."""
        stream = Stream.of(packs, self.device)
        result: Tensor = AnswerLoss.apply(self._before_head(stream), self.head, stream.labels)
        return result

    def judge(self, packs: Sequence[Pack]) -> tuple[float, list[float]]:
        """The loss, and of each segment the share of its answer's tokens that are the likeliest after those before."""
        stream, total, right = Stream.of(packs, self.device), 0.0, []
        with torch.no_grad():
            for rows, labels in zip(self._before_head(stream).split(1024), stream.labels.split(1024), strict=True):
                logits = F.linear(rows, self.head).float()
                total += float(F.cross_entropy(logits, labels, reduction="sum"))
                right.append(logits.argmax(-1) == labels)
        answers = [segment.answer for pack in packs for segment in pack.segments]
        return total, [float(part.float().mean()) for part in torch.cat(right).cpu().split(answers)]

    def _before_head(self, stream: Stream) -> Tensor:
        hidden = self._hidden(self.embedding[stream.ids].float(), stream.layout, stream.rows)
        result: Tensor = Norm.apply(hidden, self.norm, self.eps)
        return result

    def _hidden(self, hidden: Tensor, layout: Layout, rows: Tensor) -> Tensor:
        """Hidden states of the wanted rows; the last layer computes those rows only."""
        positions = layout.positions()
        if int(positions.max()) >= len(self.cos):
            raise Invalid(f"An example has {int(positions.max()) + 1} tokens; the model takes {len(self.cos)}.")
        positions = positions.to(self.device)
        cos, sin = self.cos[positions], self.sin[positions]
        for layer in self.layers:
            wanted = rows if layer is self.layers[-1] else None
            if self._checkpointing:
                given = (self._block, layer, hidden, cos, sin, layout, wanted)
                hidden = checkpoint(*given, use_reentrant=False, preserve_rng_state=False)
            else:
                hidden = self._block(layer, hidden, cos, sin, layout, wanted)
        return hidden

    def _block(
        self, layer: Layer, hidden: Tensor, cos: Tensor, sin: Tensor, layout: Layout, rows: Tensor | None
    ) -> Tensor:
        mixed = self._mix(layer, hidden, cos, sin, layout)
        if rows is not None:
            mixed, hidden = mixed[rows], hidden[rows]
        hidden = hidden + layer.out(mixed)
        result: Tensor = hidden + layer.down(Gate.apply(layer.gate(Norm.apply(hidden, layer.norms[1], self.eps))))
        return result

    def _mix(self, layer: Layer, hidden: Tensor, cos: Tensor, sin: Tensor, layout: Layout) -> Tensor:
        queries, keys = self._int("num_attention_heads"), self._int("num_key_value_heads")
        heads = layer.qkv(Norm.apply(hidden, layer.norms[0], self.eps)).unflatten(1, (queries + 2 * keys, -1))
        turned = Rotary.apply(heads[:, : queries + keys], cos, sin)
        q, k = turned.split([queries, keys], dim=1)
        return attend(q, k, heads[:, queries + keys :], layout).flatten(1)
