"""Where the examples of a recipe come from: one module a builder, of one signature."""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, cast

from data.errors import Invalid
from finetune.recipe import Part, Recipe
from finetune.registry import Read

if TYPE_CHECKING:
    from finetune.workshop import Workshop

BUILDERS: Mapping[str, str] = {
    "ask": "finetune.sources.worlds",
    "code": "finetune.sources.tasks",
    "forms": "finetune.sources.fields",
    "jsonl": "finetune.sources.jsonl",
    "table": "finetune.sources.table",
    "feedback": "finetune.sources.feedback",
}


@dataclass(frozen=True)
class Drawn:
    """Examples, and what was read for them."""

    examples: Iterable[Mapping[str, str]]
    reads: tuple[Read, ...] = ()


class Source(Protocol):
    """What each builder's module offers as `build`."""

    def __call__(self, recipe: Recipe, shop: Workshop) -> Drawn: ...


def build(recipe: Recipe, shop: Workshop) -> Drawn:
    """At most `dataset.size` examples. Invalid where there are none, or no such builder."""
    name = recipe.dataset.builder
    if name not in BUILDERS:
        raise Invalid(f"There is no dataset builder '{name}'.", f"Use one of: {', '.join(BUILDERS)}.")
    module = importlib.import_module(BUILDERS[name])
    drawn = cast(Source, module.build)(recipe, shop)
    rows = [dict(row) for row in drawn.examples]
    if not rows:
        raise Invalid(f"The dataset of {recipe.name!r} has no examples.", "See `dataset` in the recipe.")
    return Drawn(rows, drawn.reads)


def parts(recipe: Recipe) -> tuple[Part, ...]:
    """The texts that an example of the recipe's method has."""
    return ("system", "user", "chosen", "rejected") if recipe.method == "dpo" else ("system", "user", "answer")
