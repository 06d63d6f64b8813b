"""Yes and no that a store keeps as two marks: `Y/N`, `1/0`. A column's `format` tells them, yes first."""

from __future__ import annotations

from collections.abc import Sequence

from data.catalog import Column
from data.formats import WHOLE
from data.naming import known, single
from data.policy import is_text

PAIRS = frozenset(
    ("y/n", "yes/no", "t/f", "true/false", "j/n", "ja/nein", "s/n", "si/no", "o/n", "oui/non", "1/0", "-1/0")
)
"""Marks in lower case."""
SMALL = ("TINYINT", "SMALLINT", "UTINYINT", "USMALLINT")
ENDINGS = frozenset({"flag", "flg", "fl", "yn", "ind", "indicator"})
BEGINNINGS = frozenset({"is", "has", "was", "can", "did", "needs", "with", "still", "does", "allows", "requires"})
SURE = frozenset({"active", "enabled", "disabled", "discontinued", "archived", "deleted", "cancelled", "canceled"})
"""States that no number tells."""
STATES = frozenset({"open", "closed", "active", "new"})
"""Words that count things before a plural, but ask yes or no alone."""
ROWS = 10
"""Among fewer rows than these a number that is 0 or 1 may be any other."""


def flag(column: Column, parts: Sequence[str], marks: Sequence[str], rows: int) -> str | None:
    """The format of a column that has only these values in so many rows; None where they are not yes and no.
    `parts` are the words of its name: numbers of things are 0 and 1 too, if there are few."""
    pairs = (f"{yes}/{no}" for yes in marks for no in marks)
    pair = next((pair for pair in pairs if len(marks) == 2 and pair.lower() in PAIRS), None)
    whole = column.type.upper() in (*WHOLE, *SMALL)
    if pair is None or not (is_text(column) or whole):
        return None
    sure = not pair.endswith("1/0") or pair.startswith("-") or _marked(parts)
    return pair if sure or (rows >= ROWS and not _counts(parts)) else None


def _marked(parts: Sequence[str]) -> bool:
    return bool(BEGINNINGS & set(parts[:1]) or (ENDINGS | SURE) & set(parts[-1:]) or tuple(parts) == ("on", "sale"))


def _counts(parts: Sequence[str]) -> bool:
    """Whether a name tells how many, how much, or which."""
    plural = any(single(part) != part for part in parts[-1:])
    return plural or bool(set(parts) & ((known("quantities") | known("identifiers")) - STATES))
