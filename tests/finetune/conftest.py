"""A recipe and examples for a model of two layers."""

from __future__ import annotations

from pathlib import Path

import pytest

from finetune.recipe import Recipe


@pytest.fixture
def recipe() -> Recipe:
    """A recipe of few, small steps."""
    return Recipe.model_validate(
        {
            "name": "tiny",
            "base": "tiny",
            "dataset": {"builder": "none", "size": 1},
            "lora": {"r": 4, "alpha": 8},
            "train": {"epochs": 2, "batch": 4, "lr": 0.01, "checkpoint_every": 2},
            "device": "cpu",
        }
    )


@pytest.fixture
def examples() -> list[dict[str, str]]:
    """Twelve examples over two system messages, of unequal length."""
    return [
        {
            "system": f"tables of side {number % 2}",
            "user": "how many " + "x" * (number % 5),
            "answer": "SELECT " + "ab"[number % 2] * (1 + number % 4),
        }
        for number in range(12)
    ]


@pytest.fixture(scope="session")
def families(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Random two-layer models of the families that transformers computes, with the tokenizer of `tiny`."""
    import shutil

    import torch
    from transformers import AutoModelForCausalLM, MistralConfig, MptConfig, Qwen2Config, Qwen3Config

    rotary = {
        "hidden_size": 96, "intermediate_size": 80, "num_hidden_layers": 2, "num_attention_heads": 6,
        "num_key_value_heads": 2, "head_dim": 16, "max_position_embeddings": 512,
    }  # fmt: skip
    shared = {"vocab_size": 259, "initializer_range": 0.2, "eos_token_id": 2, "pad_token_id": 2}
    configs = {
        "mpt": MptConfig(d_model=96, n_heads=6, n_layers=2, max_seq_len=512, **shared),
        "qwen2": Qwen2Config(**rotary, **shared),
        "qwen3": Qwen3Config(**rotary, **shared, tie_word_embeddings=True),
        "mistral": MistralConfig(**rotary, **shared, sliding_window=None),
    }
    made = {}
    for name, config in configs.items():
        torch.manual_seed(0)
        folder, model = tmp_path_factory.mktemp(name), AutoModelForCausalLM.from_config(config)
        for key, value in model.named_parameters():
            if key.endswith("proj.bias"):  # they begin as zeros, which would tell nothing
                torch.nn.init.normal_(value, std=0.2)
        model.save_pretrained(folder)
        shutil.copy(tiny / "tokenizer.json", folder)
        made[name] = folder
    return made
