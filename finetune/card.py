"""The adapter's card: what it was made from, what it scored and what it can't do."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from finetune.lora import Trained
from finetune.recipe import Recipe

_TEXT = """# {name}

A LoRA adapter (rank {r}) of {base} that writes SQL over the tables in its prompt, decoded inside a grammar.

| | |
|---|---|
| recipe | `finetune/recipes/{name}.yaml` |
| examples | {examples} (seed {seed}), SHA-256 `{data}` |
| training | {epochs} epoch(s), {minutes:.0f} minutes, final loss {loss:.4f} |
| gate | {why} |

| on `{file}` | this adapter | untrained base |
|---|---|---|
| execution accuracy | {accuracy} | {base_accuracy} |
| valid SQL | {valid} | {base_valid} |
| median seconds per question | {p50} | {base_p50} |

The questions of the evaluation were worded by hand, apart from the wording of the examples. The adapter knows
what its examples were about: over other tables its accuracy has to be measured first. It writes one SELECT; it
does not answer questions that need several, nor does it keep a conversation.
"""


@dataclass(frozen=True)
class Card:
    """`facts` for programs, `text` for people."""

    facts: dict[str, Any]
    text: str

    def write(self, folder: Path) -> None:
        """Puts `card.json` and `card.md` beside the adapter's weights."""
        (folder / "card.json").write_text(json.dumps(self.facts, indent=2) + "\n", encoding="utf-8")
        (folder / "card.md").write_text(self.text, encoding="utf-8")


def card(recipe: Recipe, trained: Trained, metrics: dict[str, float], *, promoted: bool, why: str) -> Card:
    """The card of one training run."""
    facts = {
        "recipe": recipe.model_dump(mode="json"),
        "data_hash": trained.data_hash,
        "seed": recipe.train.seed,
        "metrics": metrics,
        "promoted": promoted,
        "why": why,
    }

    def shown(name: str) -> str:
        return f"{metrics[name]:.3f}" if name in metrics else "not measured"

    text = _TEXT.format(
        name=recipe.name, r=recipe.lora.r, base=recipe.base, examples=trained.examples, seed=recipe.dataset.seed,
        data=trained.data_hash, epochs=recipe.train.epochs, minutes=trained.seconds / 60, loss=metrics["loss"], why=why,
        file=recipe.evaluation.file if recipe.evaluation else "no questions",
        accuracy=shown("execution_accuracy"), base_accuracy=shown("base_execution_accuracy"),
        valid=shown("valid_sql"), base_valid=shown("base_valid_sql"),
        p50=shown("seconds_p50"), base_p50=shown("base_seconds_p50"),
    )  # fmt: skip
    return Card(facts, text)
