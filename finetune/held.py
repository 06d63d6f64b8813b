"""How an adapter does on examples that it has not learnt, without decoding: given each answer's own beginning, is
every token of it the likeliest? By family of question."""

from __future__ import annotations

import argparse
import json
import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from agents.endpoints.dialogue import Dialogue
from data.errors import DataError
from finetune import adapter, examples
from finetune.lora import tune_process
from finetune.packing import Example, packs, passes
from finetune.recipe import Recipe
from finetune.trainee import opened


@dataclass(frozen=True)
class Held:
    """Loss per answer token, the share of answers that are all likeliest, the mean share of likeliest tokens, and count
    and share of answers by family."""

    loss: float
    exact: float
    tokens: float
    families: Mapping[str, tuple[int, float]]


def check(recipe: Recipe, rows: Sequence[Example], base: Path, folder: Path) -> Held:
    """What the adapter in `folder` makes of the examples."""
    tune_process()
    model = opened(recipe, base)
    model.load(adapter.start(folder, recipe.lora))
    step, total, right = packs(rows, Dialogue.load(base)), 0.0, list[float]()
    for part in passes(step, model.room):
        loss, judged = model.judge(part)
        total, right = total + loss, right + judged
    found = defaultdict[str, list[bool]](list)
    for family, good in zip(_families(rows), right, strict=True):
        found[family].append(good == 1)
    shares = {family: (len(all_), sum(all_) / len(all_)) for family, all_ in sorted(found.items())}
    exact, tokens = sum(good == 1 for good in right) / len(right), sum(right) / len(right)
    return Held(total / sum(pack.answer_tokens for pack in step), exact, tokens, shares)


def _families(rows: Sequence[Example]) -> list[str]:
    """The family of each example, in the order of the packs' segments."""
    groups = defaultdict[str, list[str]](list)
    for row in rows:
        groups[row["system"]].append(row.get("family", ""))
    return [family for group in groups.values() for family in group]


def main(arguments: Sequence[str] | None = None) -> None:
    """Check an adapter on a written file of examples and print the result as JSON."""
    parser = argparse.ArgumentParser(prog="python -m finetune.held", description=main.__doc__)
    parser.add_argument("recipe", help="a recipe's file, or the name of one that ships")
    parser.add_argument("--examples", type=Path, required=True, help="JSON Lines")
    parser.add_argument("--base", type=Path, required=True, help="the base model's folder")
    parser.add_argument("--adapter", type=Path, required=True, help="the adapter's folder")
    given = parser.parse_args(arguments)
    held = check(Recipe.load(given.recipe), examples.read(given.examples)[1], given.base, given.adapter)
    print(json.dumps(asdict(held)))  # noqa: T201 - the result


if __name__ == "__main__":
    try:
        main()
    except DataError as error:
        sys.exit(str(error))
