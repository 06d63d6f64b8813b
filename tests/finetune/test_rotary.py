"""The angles are those of transformers, plain and scaled."""

from __future__ import annotations

import pytest
import torch
from transformers import LlamaConfig
from transformers.models.llama.modeling_llama import LlamaRotaryEmbedding

from finetune import rotary

SCALED = {"rope_type": "llama3", "rope_theta": 10000.0, "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0}


@pytest.mark.parametrize(
    "parameters",
    [{"rope_type": "default", "rope_theta": 100000.0}, {**SCALED, "original_max_position_embeddings": 64}],
    ids=["plain", "scaled"],
)
def test_the_table_is_that_of_transformers(parameters: dict[str, object]) -> None:
    shape = {"hidden_size": 96, "num_attention_heads": 6, "head_dim": 16, "max_position_embeddings": 300}
    config = LlamaConfig(**shape, rope_parameters=parameters)
    cos, sin = rotary.table(config.to_dict())
    expected = LlamaRotaryEmbedding(config)(torch.zeros(1), torch.arange(300)[None])
    for ours, theirs in zip((cos, sin), expected, strict=True):
        torch.testing.assert_close(ours[:, 0], theirs[0], rtol=1e-4, atol=1e-4)
