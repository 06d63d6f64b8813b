"""What a masked column is computed as: SQL over the column, in the type that the visible catalogue tells."""

from __future__ import annotations

from data import buckets
from data.catalog import Column
from data.grants import Mask
from data.policy import is_text
from data.sources.base import quoted

SALT = "lakewright_salt"
"""The parameter that carries the salt of hashes, so that it stands in no SQL that anybody reads."""

PARTIAL = """
CASE WHEN {c} IS NULL THEN NULL
     WHEN strpos({c}, '@') > 1 THEN concat(left({c}, 1), '***', substr({c}, strpos({c}, '@')))
     WHEN regexp_matches({c}, '^[-+() 0-9]{{5,}}$') THEN concat('***', right({c}, 2))
     WHEN length({c}) > 3 THEN concat(left({c}, 1), '***')
     ELSE '***' END
"""
"""`a***@example.com`, `***42`, `J***`: enough to recognise, not enough to use."""

TEXT = {"partial": PARTIAL, "redact": "CASE WHEN {c} IS NULL THEN NULL ELSE '***' END"}


def masked(column: Column, mask: Mask) -> str:
    """The expression for a column behind a mask. What is not text can't be shown in part, so it is null."""
    name = quoted(column.name)
    if mask.kind == "hash":
        return _hash(name)
    if mask.kind == "bucket" and mask.size is not None:
        return buckets.expression(column, name, mask.size)
    template = TEXT.get(mask.kind) if is_text(column) else None
    return template.format(c=name) if template else f"CAST(NULL AS {column.type})"


def _hash(name: str) -> str:
    digest = f"sha256(concat(${SALT}, CAST({name} AS VARCHAR)))"
    return f"CASE WHEN {name} IS NULL THEN NULL ELSE left({digest}, 16) END"
