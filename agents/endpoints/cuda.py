"""The engine of GPUs, and of models without an ONNX form: transformers, with a cache that is cut back to the prefix."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from agents.endpoints import weights
from agents.endpoints.decoding import Step

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class TransformersEngine:
    """A causal language model of transformers on one device. It writes one answer at a time."""

    model: Any
    rows: int = 1

    @classmethod
    def load(cls, base: Path, adapter: Path | None, device: str) -> TransformersEngine:
        """The base with the adapter merged into it, bfloat16 on a GPU and fp32 on the CPU."""
        import torch
        from transformers import AutoConfig, AutoModelForCausalLM

        kind = torch.float32 if device == "cpu" else torch.bfloat16
        model = AutoModelForCausalLM.from_config(AutoConfig.from_pretrained(base), dtype=kind)
        # A tied head is not among the stored tensors.
        model.load_state_dict(weights.merged(base, adapter), strict=not model.config.tie_word_embeddings)
        model.tie_weights()
        return cls(model.to(device).eval())

    @property
    def token_bytes(self) -> int:
        config = self.model.config
        heads = getattr(config, "num_key_value_heads", None) or config.num_attention_heads
        size = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
        return 2 * int(config.num_hidden_layers) * int(heads) * int(size) * int(self.model.dtype.itemsize)

    def open(self, room: int) -> TransformersSession:
        from transformers import DynamicCache

        return TransformersSession(self.model, DynamicCache(config=self.model.config))

    def advance(self, steps: Sequence[Step]) -> list[NDArray[np.float32]]:
        return [step.session.feed(step.ids) for step in steps]


@dataclass
class TransformersSession:
    """A cache and the model that fills it."""

    model: Any
    cache: Any

    def feed(self, ids: Sequence[int]) -> NDArray[np.float32]:
        import torch

        with torch.inference_mode():
            tokens = torch.tensor([list(ids)], device=self.model.device)
            out = self.model(tokens, past_key_values=self.cache, use_cache=True, logits_to_keep=1)
        logits: NDArray[np.float32] = out.logits[0, -1].float().cpu().numpy()
        return logits

    def rewind(self, length: int) -> None:
        surplus = self.cache.get_seq_length() - length
        if surplus > 0:
            self.cache.crop(-surplus)

    def copy(self, other: TransformersSession, length: int) -> None:
        self.cache = copy.deepcopy(other.cache)
        self.rewind(length)
