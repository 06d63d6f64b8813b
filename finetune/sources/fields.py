"""Examples of the forms adapter: fields with what fills them, as people have signed them and as they are drawn."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from data.errors import Invalid
from finetune import forms_job
from finetune.sources import Drawn

if TYPE_CHECKING:
    from finetune.recipe import Recipe
    from finetune.workshop import Workshop


def build(recipe: Recipe, shop: Workshop) -> Drawn:
    if recipe.method == "dpo":
        raise Invalid("The builder 'forms' draws one answer a field, not two.", "Use `table`, `jsonl` or `feedback`.")
    return Drawn([asdict(example) for example in forms_job.built(recipe, shop)])
