"""What a text's words were linked to, where the words beside them or the catalogue tell better."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from data.catalog import Catalog
from data.naming import single, words
from retrieval.hints import Hint

_BEFORE = re.compile(r"(?:previous|prior|preceding) (?:day|week|month|quarter|year)", re.I)
_AGAINST = re.compile(r"\b(?:against|versus|vs\.?|from|to|over|than|with|since|on)(?: that of)?(?: the)? *$", re.I)


def relinked(hints: Sequence[Hint], text: str, catalog: Catalog) -> tuple[Hint, ...]:
    """The hints with names of columns as those columns, and without periods of which each row has its
    own: `the change against the previous month`."""
    kept = (hint for hint in hints if not _own_period(hint, text))
    return tuple(_named(hint, catalog) for hint in kept)


def _own_period(hint: Hint, text: str) -> bool:
    before = text[: hint.start].strip()
    return hint.kind == "time" and bool(_BEFORE.fullmatch(hint.span.removeprefix("the ")) and _AGAINST.search(before))


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
