"""Which constants of a question its answer has to use.

A period that is left out, or the name of a city, makes an answer about something else that nobody notices.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache

from retrieval import Context
from retrieval.graph import distances, neighbours, parents
from retrieval.hints import Hint
from retrieval.spans import singular

MOST_REQUIRED, MOST_FILTERS, MOST_VALUES = 3, 10, 60
"""Filters that an answer has to use, and how many it may: nobody asks for more, and grammars grow with them."""
_TO = re.compile(r"\s*(?:\b(?:to|into)\b|->|→)\s*(?:the\s+)?", re.IGNORECASE)
_EITHER = re.compile(r"^(?:is|are|was|were|does|do|did)\b.*\bor\b", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True)
class Filter:
    """Constants that belong together: periods of which one is meant, or all values of the same columns."""

    hints: tuple[Hint, ...]
    required: bool
    roles: bool = False
    """Whether each value has a column of its own: 'from Canada to France'."""

    @property
    def kind(self) -> str:
        """`value` or `time`."""
        return self.hints[0].kind

    @cached_property
    def values(self) -> tuple[str, ...]:
        """The stored texts, each once."""
        return tuple(dict.fromkeys(hint.literals[0] for hint in self.hints))[:MOST_VALUES]

    def joined(self, other: Filter) -> Filter:
        """Both as one, where they hold their values in the same columns."""
        return Filter((*self.hints, *other.hints), self.required or other.required, self.roles)


def meant(context: Context) -> frozenset[str]:
    """The tables that the hints point at, by full name."""
    named = ((hint.kind, target) for hint in context.hints for target in hint.targets)
    return frozenset(target if kind == "table" else target.rsplit(".", 1)[0] for kind, target in named)


def filters(context: Context) -> tuple[Filter, ...]:
    """Periods and values of the question.

    A period is required, and values whose table is one that the named tables are, point at or are pointed
    at by: in 'users who open accounts', the status 'open' of disputes is no filter. Nor is what is also a name.
    """
    found, left = [], MOST_REQUIRED
    for filter_, wanted in _found(context):
        required = wanted and left > 0
        left -= required
        found.append(Filter(filter_.hints, required, filter_.roles))
    return tuple(found[:MOST_FILTERS])


def relaxed(found: tuple[Filter, ...]) -> tuple[Filter, ...]:
    """The same without anything that has to be there, but for a period that was counted from now in minutes."""
    return tuple(Filter(f.hints, f.hints[0].brief) for f in found)


def _found(context: Context) -> Iterator[tuple[Filter, bool]]:
    named = frozenset(t for hint in context.hints if hint.kind == "table" for t in hint.targets)
    above = distances(parents(context.catalog), named)
    around = distances(neighbours(context.catalog), named)
    yield from _periods(context)
    seen: set[object] = set()
    for hint in context.hints:
        if hint.kind == "value" and hint.targets not in seen:
            seen.add(hint.targets)
            together = tuple(h for h in context.hints if h.kind == "value" and h.targets == hint.targets)
            tables = {target.rsplit(".", 1)[0] for target in hint.targets}
            near = not named or any(table in above or around.get(table, 9) <= 1 for table in tables)
            free = len(together) > 1 and _EITHER.search(context.question)
            roles = len(together) == 2 and _goes(together, context.question)
            yield Filter(together, True, roles), near and not free and not _titled(hint, context)


def _titled(hint: Hint, context: Context) -> bool:
    """Whether a phrase is also what a column or a table is called: 'the longest delay' asks for no status 'Delayed'."""
    said, tables = _plain(hint.span), context.catalog.tables
    if any(_plain(name) == said for table in tables for name in (table.name, *table.synonyms)):
        return True
    columns = (column for table in tables for column in table.columns)
    return any(_plain(name) == said for column in columns for name in (column.name, *column.synonyms))


@lru_cache(maxsize=8192)
def _plain(name: str) -> str:
    return singular(name.lower())


def _periods(context: Context) -> Iterator[tuple[Filter, bool]]:
    """One of the periods is required: where the first one is of minutes, that one."""
    found = [hint for hint in context.hints if hint.kind == "time"]
    brief = [hint for hint in found if hint.brief]
    days = tuple(hint for hint in found if not hint.brief)
    for hint in brief:
        yield Filter((hint,), True), hint is found[0]
    if days:
        yield Filter(days, True), days[0] is found[0]


def _goes(pair: tuple[Hint, ...], question: str) -> bool:
    """Whether something goes from one value to the other."""
    between = question[pair[0].start + len(pair[0].span) : pair[1].start]
    return pair[0].literals != pair[1].literals and bool(_TO.fullmatch(between))
