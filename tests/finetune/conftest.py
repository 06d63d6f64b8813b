"""A recipe and examples for a model of two layers."""

from __future__ import annotations

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
