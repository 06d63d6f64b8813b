"""Which constructs of SQL the words of a question call for.

A small model that may write anything sometimes writes what nobody asked: a month where no month is named, a
percentage where a count was wanted. What no word calls for is therefore left out of the question's grammar.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from agents.columns import texts
from data.catalog import Catalog
from retrieval import Context
from retrieval.graph import distances, parents
from retrieval.hints import Hint

# Each construct with the words that call for it.
WORDS: dict[str, re.Pattern[str]] = {
    name: re.compile(rf"(?<!\w)(?:{words})(?!\w)", re.IGNORECASE)
    for name, words in {
        "absent": r"no|not|\w+n['’]t|without|missing|lack\w*|null|empty|blank|never|none|nobody|unknown|still|open|"
        r"ongoing|running|current\w*|nothing|zero|neither|absent",
        "present": r"with|ha[sd]|have|having|known|including|included?|where|carr\w+|gave|left|ended|finished|over|"
        r"cancel\w*|made|not|non",
        "never": r"no|not|\w+n['’]t|never|without|none|nobody|lack\w*|zero|neither|nothing|yet to",
        "ever": r"who|that|which|with|ha[sd]|have|having|also|both|any|at least",
        "average": r"averages?|avg|mean|typical\w*|above|below|norm|usual\w*",
        "share": r"%|per ?cent\w*|pct|shares?|proportions?|fractions?|ratios?|rates?|parts?",
        "distinct": r"distinct|different|uniques?|how many|number|count\w*|separate|individual|various|#|no\.",
        "per": r"per|average|avg|mean|each|every|typical\w*",
        "median": r"medians?|middle|typical\w*",
        "year": r"years?|yearly|annual\w*|yoy",
        "quarter": r"quarters?|quarterly|qoq",
        "month": r"months?|monthly|mom",
        "week": r"weeks?|weekly",
        "day": r"days?|daily|dates?",
        "hour": r"hours?|hourly|time of day|times? of (?:the )?day",
        "weekday": r"weekdays?|days? of (?:the )?week|week ?days?|mondays?|sundays?|weekends?",
        "ranked": r"most|least|highest|lowest|top|bottom|max\w*|min\w*|best|worst|biggest|largest|smallest|fewest|"
        r"greatest|popular\w*|common\w*|frequent\w*|often|busiest|rarest|lead\w*|first|last|latest|earliest|newest|"
        r"oldest|recent\w*|longest|shortest|cheapest|expensive|rank\w*|favou?rite|peak|record|main|dominant|more|"
        r"fewer|winner|number one|#1|biggest|larger|bigger|youngest|strongest|weakest|steepest|priciest",
        "compared": r"vs\.?|versus|compared?|than in|between .* and",
    }.items()
}
GROUPING = re.compile(
    r"\b(?<!sorted )(?<!ordered )(?<!ranked )(?:per|by|(?:for|in|of|at|on|with) (?:each|every)|each|every)"
    r"\s+(?:\w+\s+)?$",
    re.IGNORECASE,
)
MONEY = re.compile(r"[$€£¥]|dollars?\b|usd\b|bucks\b", re.IGNORECASE)
BUCKETS = {
    "year": "year({})",
    "quarter": "date_trunc('quarter', {})",
    "month": "date_trunc('month', {})",
    "week": "date_trunc('week', {})",
    "day": "date_trunc('day', {})",
    "hour": "hour({})",
    "weekday": "dayname({})",
}
MOST_REQUIRED = 3


@dataclass(frozen=True)
class Licence:
    """What may be written for one question, and which of its constants must be."""

    called: frozenset[str]
    required: tuple[Hint, ...]
    grouped: frozenset[str] = frozenset()
    """Full names of the columns that 'per …' or 'by …' names; the answer is grouped by one of them."""

    def __contains__(self, construct: str) -> bool:
        return construct in self.called

    @property
    def buckets(self) -> tuple[str, ...]:
        """The calendar units that the question names, as SQL with a place for the column."""
        return tuple(sql for unit, sql in BUCKETS.items() if unit in self.called)

    @classmethod
    def of(cls, context: Context) -> Licence:
        """The licence that a question's words and hints give."""
        called = frozenset(name for name, words in WORDS.items() if words.search(context.question))
        bounds = [hint.span for hint in context.hints if hint.kind == "number" and hint.operator]
        called |= {"money"} if any(MONEY.search(bound) for bound in bounds) else frozenset()
        loose = called & {"never", "share", "compared"}
        required = () if loose else tuple(_required(context))[:MOST_REQUIRED]
        return cls(called, required, _grouped(context))


def meant(context: Context) -> frozenset[str]:
    """The tables that the hints point at, by full name."""
    named = ((hint.kind, target) for hint in context.hints for target in hint.targets)
    return frozenset(target if kind == "table" else target.rsplit(".", 1)[0] for kind, target in named)


def _required(context: Context) -> Iterator[Hint]:
    """Periods, comparisons and values that an answer has to use, one hint for each column.

    A value counts when its table is one that the named tables are, or point at: in 'users who open
    accounts', the status 'open' of disputes is no filter.
    """
    named = {t for hint in context.hints if hint.kind == "table" for t in hint.targets}
    above = distances(parents(context.catalog), named)
    seen: set[tuple[str, ...]] = set()
    for hint in context.hints:
        if hint.kind == "value":
            tables = {target.rsplit(".", 1)[0] for target in hint.targets}
            if hint.targets in seen or (named and not tables & above.keys()):
                continue
            seen.add(hint.targets)
            yield hint
        elif (hint.kind == "time" or hint.operator) and (hint.kind,) not in seen:
            seen.add((hint.kind,))
            yield hint


def _grouped(context: Context) -> frozenset[str]:
    """The columns of the first phrase that stands behind a word of grouping and means texts to group by."""
    for hint in context.hints:
        if hint.kind == "column" and GROUPING.search(context.question[: hint.start]):
            dimensions = frozenset(target for target in hint.targets if _dimension(context.catalog, target))
            if dimensions:
                return dimensions
    return frozenset()


def _dimension(catalog: Catalog, target: str) -> bool:
    table, _, column = target.rpartition(".")
    return column in {c.name for c in texts(catalog.table(table))}


def mentioned(context: Context) -> frozenset[str]:
    """Columns, by full name, that the hints point at, and those that point at tables which are meant."""
    direct = {t for hint in context.hints if hint.kind in ("column", "value") for t in hint.targets}
    tables = meant(context)
    pointing = {f"{r.table}.{r.column}" for r in context.catalog.relationships if r.to_table in tables}
    return frozenset(direct | pointing)
