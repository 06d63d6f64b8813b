"""The rules of a policy: grants, denials, row filters and masks, each over one table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from data.buckets import coarseness

MASKS = ("null", "redact", "hash", "partial", "bucket")
"""The kinds of mask, the strictest first: where several apply to a column, the strictest holds, and of two
buckets the coarser."""


@dataclass(frozen=True)
class Grant:
    """Members of `group` may read `table`: all of its columns, or those named (in lower case). `line` is that
    of the rule in the policy file, as in all rules below."""

    group: str
    table: str
    columns: frozenset[str] | None = None
    line: int = 0


@dataclass(frozen=True)
class WriteGrant:
    """Members of `group` may add rows to `table` of the Delta source `source`, or, where `table` is "", to any of its
    tables and make new ones in it."""

    group: str
    source: str
    table: str = ""
    line: int = 0


@dataclass(frozen=True)
class Denial:
    """Members of `group` may not read these columns (in lower case) of `table`, whatever is granted."""

    group: str
    table: str
    columns: frozenset[str]
    line: int = 0


@dataclass(frozen=True)
class RowFilter:
    """Members of `group` see only the rows of `table` where `where` holds; `:name` is an attribute of
    theirs."""

    group: str
    table: str
    where: str
    line: int = 0


@dataclass(frozen=True)
class Mask:
    """Members of `group` see the column `table.column` (in lower case) only through the mask `kind`. `size` is
    that of a bucket."""

    group: str
    table: str
    column: str
    kind: str
    size: str | int | float | None = None
    line: int = 0


Rule = TypeVar("Rule", Grant, Denial, RowFilter, Mask)


def by_table(rules: Iterable[Rule]) -> Mapping[str, tuple[Rule, ...]]:
    """The rules of each table, by its full name."""
    found: dict[str, list[Rule]] = {}
    for rule in rules:
        found.setdefault(rule.table, []).append(rule)
    return {table: tuple(listed) for table, listed in found.items()}


def leniency(mask: Mask) -> tuple[int, float]:
    """A value that is the smallest for the strictest mask."""
    return MASKS.index(mask.kind), -coarseness(mask.size)


def look(mask: Mask) -> object:
    """Equal for masks that show the same of a value."""
    return mask.kind if mask.size is None else [mask.kind, mask.size]
