"""The angles of rotary position embedding."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

LONGEST = 8192
"""The most positions of a table."""


def table(config: Mapping[str, object]) -> tuple[Tensor, Tensor]:
    """cos and sin (positions, 1, D); every kind of scaling comes from transformers' own table."""
    count = min(int(str(config["max_position_embeddings"])), LONGEST)
    given = config.get("rope_parameters")
    settings = given if isinstance(given, dict) else config
    if config.get("rope_scaling") or settings.get("rope_type", "default") != "default":
        return _scaled(config, count)
    heads, wide = int(str(config["num_attention_heads"])), int(str(config["hidden_size"]))
    width = int(str(config.get("head_dim") or wide // heads))
    powers = torch.arange(0, width, 2, dtype=torch.float32) / width
    turns = float(str(settings["rope_theta"])) ** -powers
    angles = torch.outer(torch.arange(count, dtype=torch.float32), turns).repeat(1, 2)[:, None]
    return angles.cos(), angles.sin()


def _scaled(config: Mapping[str, object], count: int) -> tuple[Tensor, Tensor]:
    from transformers import LlamaConfig
    from transformers.models.llama.modeling_llama import LlamaRotaryEmbedding

    settings = LlamaConfig(**config)
    cos, sin = LlamaRotaryEmbedding(settings)(torch.zeros(1), torch.arange(count)[None])
    return cos[0, :, None], sin[0, :, None]
