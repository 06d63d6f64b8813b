"""The frozen test: the rows on which every candidate of a recipe, and the champion, are judged."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from agents.predictors.artifact import Column
from finetune.tabular.inputs import named
from finetune.tabular.labelled import MOMENT
from finetune.tabular.recipe import TabularRecipe

if TYPE_CHECKING:
    import pyarrow as pa

STAMP = b"lakewright.frozen"


def frozen(
    recipe: TabularRecipe, fresh: pa.Table, needed: Sequence[Column], made: str, file: Path
) -> tuple[pa.Table, str]:
    """The rows kept in `file` and how they came to be there; `fresh` ones, which are kept from then on, where there
    are none, where the recipe asks another question, or where they lack a column that the candidate reads.

    `made` says what the fresh rows are made of.
    """
    import pyarrow.parquet as pq

    stamp = _stamp(recipe)
    if file.exists():
        kept = pq.read_table(file)
        about = json.loads((kept.schema.metadata or {}).get(STAMP, b"{}"))
        lacks = [name for name in _names(recipe, needed) if name not in kept.column_names]
        if about.get("stamp") == stamp and not lacks:
            return kept, "kept"
        why = (
            f"made anew, as the one before has no '{lacks[0]}'" if lacks else "made anew, as the recipe asks for others"
        )
    else:
        why = "made"
    described = {STAMP: json.dumps({"stamp": stamp, "made": made}).encode()}
    _write(fresh.replace_schema_metadata(described), file)
    return fresh, why


def _names(recipe: TabularRecipe, needed: Sequence[Column]) -> list[str]:
    costs = [recipe.costs.miss] if isinstance(recipe.costs.miss, str) else []
    choice = recipe.choice
    shown = [] if choice is None else [choice.column, choice.propensity, *([choice.group] if choice.group else [])]
    together = [recipe.together] if recipe.together else []
    return [*(column.name for column in needed), *map(named, recipe.rule), *costs, *shown, *together, MOMENT]


def _stamp(recipe: TabularRecipe) -> str:
    """The same for the same subjects, labels and dates."""
    asked = {
        "subject": [recipe.subject.sql.strip(), recipe.subject.key, recipe.subject.time],
        "occasions": recipe.occasions and recipe.occasions.model_dump(mode="json"),
        "labels": recipe.labels.model_dump(mode="json"),
        "test": [moment.isoformat() for moment in recipe.bounds()["test"]],
    }
    return hashlib.sha256(json.dumps(asked).encode()).hexdigest()


def _write(rows: pa.Table, file: Path) -> None:
    import pyarrow.parquet as pq

    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_suffix(".parquet.new")
    pq.write_table(rows, draft, compression="zstd")
    os.replace(draft, file)
