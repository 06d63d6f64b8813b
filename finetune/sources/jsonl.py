"""Examples from a file: JSON Lines, `.gz` compressed if its name says so."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from data.errors import Invalid
from finetune import examples
from finetune.registry import Read
from finetune.sources import Drawn, parts

if TYPE_CHECKING:
    from finetune.recipe import Recipe
    from finetune.workshop import Workshop


def build(recipe: Recipe, shop: Workshop) -> Drawn:
    """The first `size` lines of `dataset.file`. Invalid names the line that is no example."""
    if recipe.dataset.file is None:
        raise Invalid("The builder 'jsonl' needs `dataset.file`.", "Name a file of JSON Lines there.")
    file, keys = Path(recipe.dataset.file), parts(recipe)
    _, rows = examples.read(file)
    for number, row in enumerate(rows, 1):
        wrong = [key for key in keys if not isinstance(row.get(key), str)]
        if wrong:
            raise Invalid(
                f"{file}: example {number} has no {wrong[0]!r} text.",
                f"A line is a JSON object with the texts {', '.join(keys)}.",
            )
    digest = hashlib.sha256(file.read_bytes()).hexdigest()[:36]
    kept: list[dict[str, str]] = [{key: row[key] for key in keys} for row in rows[: recipe.dataset.size]]
    return Drawn(kept, (Read(file.name, digest, {"file": str(file.resolve()), "lines": len(rows)}),))
