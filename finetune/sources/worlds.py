"""Synthetic examples: questions over invented businesses and the demo lakehouse, with SQL that was executed."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from data.errors import Invalid
from finetune.corpus import Corpus, demo
from finetune.sources import Drawn

if TYPE_CHECKING:
    from finetune.recipe import Recipe
    from finetune.workshop import Workshop


def build(recipe: Recipe, shop: Workshop) -> Drawn:
    if recipe.method == "dpo":
        name = recipe.dataset.builder
        raise Invalid(
            f"The builder '{name}' draws one answer a question, not two.", "Use `table`, `jsonl` or `feedback`."
        )
    shop.say(f"drawing {recipe.dataset.size} questions and running their SQL")
    corpus = Corpus(recipe.dataset, shop.home / "finetune" / recipe.name / "corpus", shop.models, shop.say)
    drawn = corpus.examples(lambda: demo(shop.gateway, shop.principal, shop.retriever))
    return Drawn([asdict(example) for example in drawn])
