"""How many tokens the examples have, before the base is loaded: a histogram, and those that do not fit."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agents.endpoints.dialogue import Dialogue
from data.errors import DataError
from finetune import examples, sources
from finetune.plan.checks import Check

if TYPE_CHECKING:
    from finetune.plan.shape import Shape
    from finetune.recipe import Recipe
    from finetune.workshop import Workshop

EDGES = (64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768)
LETTERS = 3.2
"""Letters of a token, about, where the tokenizer is not there."""
PREFIX, BEHIND = 700, 100
"""Tokens of a system message and of what follows it, taken for examples that are not drawn yet."""
QUICK = ("jsonl", "table")
"""Builders whose examples are read for a plan; the others take minutes, and are asked of the job's own folder."""


@dataclass(frozen=True)
class Measured:
    """What is known of the examples; `tokens` are those computed in all epochs, by rule of thumb where the
    examples are not there, 0 where they can't be."""

    checks: tuple[Check, ...]
    document: dict[str, Any] | None = None
    longest: int = 0
    tokens: int = 0


def measure(recipe: Recipe, shop: Workshop, folder: Path | None, shape: Shape | None) -> Measured:
    """Count the tokens of the examples that there are."""
    try:
        rows = _rows(recipe, shop)
    except DataError as error:
        return Measured((Check("data", "fails", error.message, error.remedy),))
    if not rows:
        said = f"The examples of the builder {recipe.dataset.builder!r} are not drawn yet."
        check = Check("data", "warns", said, f"Draw them: lakewright finetune {recipe.name} --until data")
        together = min(recipe.train.batch, recipe.train.together or recipe.train.batch)
        return Measured((check,), tokens=recipe.train.epochs * recipe.dataset.size * (BEHIND + PREFIX // together))
    missing = [part for part in sources.parts(recipe) if not isinstance(rows[0].get(part), str)]
    if missing:
        said = f"The examples have no {missing[0]!r} text, which {recipe.method} learns from."
        return Measured((Check("data", "fails", said, "Mend `method` or `dataset`."),))
    count = Counter.of(folder)
    sizes = [_sizes(row, recipe, count) for row in rows]
    return _told(recipe, rows, sizes, shape.context if shape else 0, estimated=count.dialogue is None)


@dataclass(frozen=True)
class Counter:
    """Counts tokens by the base's own tokenizer, or by letters."""

    dialogue: Dialogue | None

    @classmethod
    def of(cls, folder: Path | None) -> Counter:
        try:
            return cls(Dialogue.load(folder) if folder else None)
        except Exception:  # noqa: BLE001 - the check of the chat template tells it
            return cls(None)

    def __call__(self, text: str) -> int:
        if self.dialogue is None:
            return round(len(text) / LETTERS) + 4
        return len(self.dialogue.turn(text))


def _rows(recipe: Recipe, shop: Workshop) -> list[dict[str, str]]:
    """The examples of an earlier run of this dataset, or those that are read quickly."""
    if recipe.dataset.builder in QUICK:
        return [dict(row) for row in sources.build(recipe, shop).examples]
    if recipe.dataset.builder not in sources.BUILDERS:
        sources.build(recipe, shop)
    kept = shop.home / "finetune" / recipe.name / "examples.jsonl"
    if not kept.is_file():
        return []
    stamp, rows = examples.read(kept)
    return rows if stamp.endswith(recipe.dataset.model_dump_json()) else []


def _sizes(row: dict[str, str], recipe: Recipe, count: Counter) -> tuple[int, int]:
    """Tokens of the system message, and of all behind it."""
    answers = [row[part] for part in sources.parts(recipe)[2:]]
    return count(row["system"]), count(row["user"]) + max(count(answer) for answer in answers)


def _told(
    recipe: Recipe, rows: Sequence[dict[str, str]], sizes: Sequence[tuple[int, int]], context: int, *, estimated: bool
) -> Measured:
    totals = [prefix + rest for prefix, rest in sizes]
    over = sum(1 for total in totals if context and total > context)
    document = {
        "examples": len(rows),
        "estimated": estimated,
        "system_messages": len({row["system"] for row in rows}),
        "mean": round(statistics.mean(totals), 1),
        "longest": max(totals),
        "context": context,
        "too_long": over,
        "histogram": _histogram(totals),
    }
    said = f"{len(rows)} examples of {min(totals)} to {max(totals)} tokens{', by their letters' if estimated else ''}."
    if over:
        fails = f"{over} of {len(rows)} examples are longer than the base's {context} tokens; none is cut."
        check = Check("lengths", "fails", fails, "Leave them out of the data, or use a base with a longer context.")
    else:
        check = Check("lengths", "ok", said)
    tokens = recipe.train.epochs * _computed(recipe, rows, sizes)
    return Measured((Check("data", "ok", f"{len(rows)} examples."), check), document, max(totals), tokens)


def _computed(recipe: Recipe, rows: Sequence[dict[str, str]], sizes: Sequence[tuple[int, int]]) -> int:
    """Tokens of one epoch: a shared system message counts once for so many examples as are computed together."""
    behind = sum(rest for _, rest in sizes)
    if recipe.train.packing != "prefix" or recipe.method == "dpo":
        return (2 if recipe.method == "dpo" else 1) * (behind + sum(prefix for prefix, _ in sizes))
    together = min(recipe.train.batch, recipe.train.together or recipe.train.batch)
    groups: dict[str, list[int]] = {}
    for row, (prefix, _) in zip(rows, sizes, strict=True):
        groups.setdefault(row["system"], []).append(prefix)
    return behind + sum(prefixes[0] * -(-len(prefixes) // together) for prefixes in groups.values())


def _histogram(totals: Sequence[int]) -> dict[str, int]:
    """How many examples have at most so many tokens and more than the edge before."""
    edges = [edge for edge in EDGES if edge < max(totals)]
    last = EDGES[len(edges)] if len(edges) < len(EDGES) else max(totals)
    bounds = [0, *edges, last]
    return {str(high): sum(1 for total in totals if low < total <= high) for low, high in pairwise(bounds)}
