"""The adapter's card: what it was made from, what it scored and what it can't do."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml

from agents.evaluation.figures import Figures
from data.errors import NotFound
from finetune.lora import Trained
from finetune.recipe import Recipe
from finetune.stack import Stack

_APACHE = "Apache-2.0: it may be used, changed and passed on with its notice."
LICENCES = {"smollm2-135m-instruct": _APACHE, "qwen2.5-coder-1.5b-instruct": _APACHE}

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


def card(
    recipe: Recipe, trained: Trained, metrics: dict[str, float], *, promoted: bool, why: str,
    by_tag: Mapping[str, Figures] = MappingProxyType({}),
) -> Card:  # fmt: skip
    """The card of one training run."""
    facts = {
        "recipe": recipe.model_dump(mode="json"),
        "data_hash": trained.data_hash,
        "seed": recipe.train.seed,
        "metrics": metrics,
        "promoted": promoted,
        "why": why,
        "categories": {tag: [found.n, found.execution_accuracy] for tag, found in by_tag.items()},
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


def described(name: str, folder: Path) -> str:
    """The whole card of an adapter's folder, in Markdown. NotFound where it has none: it was not made here."""
    told = folder / "card.md"
    if not told.is_file():
        raise NotFound(f"'{name}' has no card.", "Cards are written by `finetune` and `learn`.")
    return "\n".join((told.read_text(encoding="utf-8").rstrip(), *_stacked(folder), ""))


def _stacked(folder: Path) -> Iterator[str]:
    """What the card of a training does not say: licence, hashes, and how to make the model again."""
    facts = json.loads((folder / "card.json").read_text(encoding="utf-8"))
    recipe, made = facts.get("recipe", {}), Stack.beside(folder)
    yield "\n## Base and licence\n"
    base = recipe.get("base", "unknown")
    yield f"The base is `{base}`. {LICENCES.get(base, 'Its licence is the one of its own card, and binds this model.')}"
    if categories := facts.get("categories"):
        yield "\n## By category\n\n| category | questions | execution accuracy |\n|---|---|---|"
        yield from (f"| {tag} | {n} | {accuracy:.3f} |" for tag, (n, accuracy) in categories.items())
    scores = {key: value for key, value in facts.get("metrics", {}).items() if key.startswith("parity_")}
    if scores:
        yield "\n## Served as trained\n\n| | |\n|---|---|"
        yield from (
            f"| {key.removeprefix('parity_').replace('_', ', ')} | {value:.4f} |" for key, value in scores.items()
        )
    if made:
        yield "\n## Stack\n\n| | |\n|---|---|"
        yield from (f"| {part} | `{text}` |" for part, text in _hashes(made))
    yield "\n## Make it again\n\nKeep this as `recipe.yaml` and run `lakewright finetune recipe.yaml`:\n"
    yield f"```yaml\n{yaml.safe_dump(recipe, sort_keys=False, allow_unicode=True).rstrip()}\n```"


def _hashes(made: Stack) -> Iterator[tuple[str, str]]:
    for part in ("prompt", "grammar", "base", "adapter", "data"):
        found = getattr(made, part)
        yield from ((f"{part} {key}", found[key]) for key in ("version", "hash") if found.get(key))
    yield from ((f"software {name}", text) for name, text in made.software.items())
