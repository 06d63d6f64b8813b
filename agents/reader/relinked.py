"""What a text's words were linked to, where the catalogue has them by their very names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from data.catalog import Catalog
from data.naming import single, words
from retrieval.hints import Hint


def relinked(hints: Sequence[Hint], catalog: Catalog) -> tuple[Hint, ...]:
    """The hints with names of columns as those columns."""
    return tuple(_named(hint, catalog) for hint in hints)


def _named(hint: Hint, catalog: Catalog) -> Hint:
    """A column by its very name, where only one is called so."""
    said = [single(word) for word in words(hint.span)]
    if hint.kind != "column" or not said:
        return hint
    alike = [
        f"{table.full_name}.{column.name}"
        for table in catalog.tables
        for column in table.columns
        if [single(word) for word in words(column.name)] == said
    ]
    return replace(hint, targets=tuple(alike)) if len(alike) == 1 and alike[0] not in hint.targets else hint
