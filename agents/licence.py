"""Which constructs of SQL the words of a question call for.

A small model that may write anything sometimes writes what nobody asked: a month where no month is named, a
percentage where a count was wanted. What no word calls for is therefore left out of the question's grammar,
and what its words insist on has to be there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

from agents.columns import flags, keys, measures, texts
from data.catalog import Catalog
from retrieval import Context
from retrieval.graph import distances, neighbours, parents
from retrieval.hints import Hint
from retrieval.spans import singular

_HIGH = (
    r"most|highest|top|max\w*|biggest|largest|greatest|popular\w*|common\w*|frequent\w*|often|busiest|"
    r"latest|newest|last|recent\w*|longest|lead\w*|expensive|priciest|peak|main|dominant|larger|bigger|youngest|"
    r"strongest|steepest|number one|#1|winner|record"
)
_NOT = r"\w+n['’]t|(?:do|does|did|have|has|had|is|are|was|were|wo|ca|could|would)nt"
_NO = r"no(?! (?:fewer|less|more|later|longer|bigger|smaller|lower|higher))"
_LOW = r"least|lowest|bottom|min\w*|smallest|fewest|rarest|earliest|oldest|shortest|cheapest|weakest"

# Each construct with the words that call for it.
WORDS: dict[str, re.Pattern[str]] = {
    name: re.compile(rf"(?<!\w)(?:{words})(?!\w)", re.IGNORECASE)
    for name, words in {
        "absent": rf"{_NO}|not|{_NOT}|without|missing|lack\w*|null|empty|blank|never|none|nobody|unknown|still|open|"
        r"ongoing|running|current\w*|nothing|zero|neither|absent",
        "present": r"with|ha[sd]|have|having|known|including|included?|where|when|carr\w+|gave|left|leaves?|ended|"
        r"finished|over|cancel\w*|made|not|non|blank|ignor\w+",
        "never": rf"{_NO}|not|{_NOT}|never|without|none|nobody|lack\w*|zero|neither|nothing|yet to",
        "negated": r"never|without|nobody|no ?one|lack\w*|missing|yet to|"
        r"(?:ha(?:ve|s|d)|d(?:id|o|oes)|is|are|was|were)(?: not|n['’]?t) (?:\w+ )?(?:ever|any|have|had|a single|an?|"
        r"been)|"
        rf"(?:with|have|has|had|gave|left) (?:{_NO}|zero)",
        "unlike": rf"{_NO}|not|{_NOT}|non|except|excluding|other than|outside|but|apart|without|never",
        "ever": r"who|whose|that|which|with|ha[sd]|have|having|also|both|any|at least|but",
        "above average": r"(?:above|below|over|under|exceed\w*|beat\w*|than)\W+(?:\w+\W+){0,3}"
        r"(?:averages?|avg|mean|usual|norm\w*|typical)",
        "average": r"averages?|avg|mean|typical\w*|usual\w*|norm\w*",
        "sum": r"total\w*|sum|overall|combined|altogether|add\w*|how much|volumes?|revenue|all together|in all",
        "count": r"how many|numbers?|count\w*|#|no\.|often|frequen\w*|popular\w*|common\w*|most used|tally|tallies|"
        r"busiest|fewest|most active",
        "amounts": r"money|how much|worth|spen[dt]|earn\w*|total \w+ed",
        "tabled": r"per|by|each(?! other)|every|break\w*|split\w*|vs\.?|versus|compar\w*|across|distribution|"
        r"respectively|\w+[ -]wise|list|which|both|for all",
        "absence": r"never|nobody|no ?one|a single|any|ever|at all",
        "share": r"%|per ?cent\w*|pct|shares?|proportions?|fractions?|ratios?|rates?|parts?",
        "distinct": r"distinct|different|uniques?|how many|number|count\w*|separate|individual|various|#|no\.",
        "per": r"per|average|avg|mean|each|every|typical\w*",
        "median": r"medians?|middle|typical\w*",
        "year": r"years?(?! (?:of )?\d{4})|yearly|annual\w*|yoy",
        "quarter": r"quarters?|quarterly|qoq",
        "month": r"months?|monthly|mom",
        "week": r"weeks?|weekly",
        "day": r"days?|daily|dates?",
        "hour": r"hours?|hourly|time of day|times? of (?:the )?day",
        "weekday": r"weekdays?|days? of (?:the )?week|week ?days?|mondays?|sundays?|weekends?",
        "minutes": r"minutes?|mins?",
        "hours": r"hours?|hrs?",
        "ranked": rf"{_HIGH}|{_LOW}|best|worst|first|rank\w*|favou?rite|more|fewer|dominat\w*|lead\w*|ahead",
        "ordered": r"(?:sort|order)(?:ed|ing)? by|rank(?:ed|ing)?|(?:de|a)scending|desc|asc|alphabetic\w*|"
        r"(?:high|larg|big|most|new|long)\w* (?:down )?to (?:low|small|least|few|old|short)\w*|"
        r"(?:low|small|least|few|old|short)\w* (?:up )?to (?:high|larg|big|most|new|long)\w*|"
        r"(?:\w+est|most|least|worst|best|top|a-z)(?: \w+)? first|in (?:\w+ ){0,2}order",
        "high": _HIGH + r"|desc\w*",
        "low": _LOW + r"|asc\w*",
    }.items()
}
GROUPING = re.compile(
    r"\b(?<!sorted )(?<!ordered )(?<!ranked )(?:per|by|(?:for|in|of|at|on|with) (?:each|every)|each|every)"
    r"\s+(?:\w+\s+)?$",
    re.IGNORECASE,
)
ONE_NUMBER = re.compile(
    r"^\W*(?:[\w'’]+\W+){0,6}?(?:how many|(?:number|count) of|count (?:the|all|up)"
    r"|how much (?:money )?(?:did|do|was|were|ha(?:s|ve|d)|in total))\b",
    re.IGNORECASE,
)
TO = re.compile(r"\b(?:to|into)\b|->|→")
AND = re.compile(r"\b(?:and|or|vs)\b|,", re.IGNORECASE)
MONEY = re.compile(r"[$€£¥]|dollars?\b|usd\b|bucks\b", re.IGNORECASE)
EITHER = re.compile(r"^(?:is|are|was|were|does|do|did)\b.*\bor\b", re.IGNORECASE | re.DOTALL)
FROM_HIGH = re.compile(r"\b(?:high|larg|big|most|new|long)\w* (?:down )?to\b", re.IGNORECASE)
FROM_LOW = re.compile(r"\b(?:low|small|least|few|old|short)\w* (?:up )?to\b", re.IGNORECASE)
BUCKETS = {
    "year": "year({})",
    "quarter": "date_trunc('quarter', {})",
    "month": "date_trunc('month', {})",
    "week": "date_trunc('week', {})",
    "day": "date_trunc('day', {})",
    "hour": "hour({})",
    "weekday": "dayname({})",
}
MOST_REQUIRED, MOST_FILTERS, MOST_VALUES = 4, 10, 60
"""Filters that an answer has to use, and how many it may: nobody asks for more, and grammars grow with them."""
NEAR_BOUND = 12
"""Characters between a measure and the comparison that bounds it: 'amount is at least 50'."""

NEAR_NOUN = 24
"""Characters between a bound and the table's word that it counts: 'more than 10 captured payments'."""


@dataclass(frozen=True)
class Filter:
    """Constants that belong together: a period, a comparison, or all values of the same columns."""

    hints: tuple[Hint, ...]
    required: bool
    roles: bool = False
    """Whether each value has a column of its own: 'from Canada to France'."""

    @property
    def kind(self) -> str:
        """`value`, `time`, `number`, or `column` for a flag."""
        return self.hints[0].kind

    @cached_property
    def values(self) -> tuple[str, ...]:
        """The stored texts, each once."""
        return tuple(dict.fromkeys(hint.literals[0] for hint in self.hints))[:MOST_VALUES]


@dataclass(frozen=True)
class Licence:
    """What may be written for one question, and which of its constants must be."""

    called: frozenset[str]
    filters: tuple[Filter, ...]
    grouped: frozenset[str] = frozenset()
    """Full names of the columns that 'per …' or 'by …' names; the answer is grouped by one of them."""
    shown: tuple[tuple[str, ...], ...] = ()
    """The columns that the question names, phrase by phrase."""
    named: frozenset[str] = frozenset()
    """The tables that it names."""

    def __contains__(self, construct: str) -> bool:
        return construct in self.called

    @property
    def buckets(self) -> tuple[str, ...]:
        """The calendar units that the question names, as SQL with a place for the column."""
        return tuple(sql for unit, sql in BUCKETS.items() if unit in self.called)

    @property
    def directions(self) -> str:
        """How ORDER BY may run, as a rule."""
        high, low = "high" in self.called, "low" in self.called
        return '" DESC"?' if high == low else '" DESC"' if high else ""

    def relaxed(self) -> Licence:
        """The same without anything that has to be there, but for a period that was counted from now in minutes.

        Without it the answer would be about all times, and nobody would notice.
        """
        filters = tuple(Filter(f.hints, f.hints[0].brief) for f in self.filters if f.kind != "column")
        called = self.called - {"negated", "ordered"}
        return Licence(called, filters, frozenset(), self.shown, self.named)

    @classmethod
    def of(cls, context: Context) -> Licence:
        """The licence that a question's words and hints give."""
        called = _called(context)
        filters = tuple(islice(_filters(context, loose="share" in called), MOST_FILTERS))
        shown = tuple(hint.targets for hint in context.hints if hint.kind == "column")
        return cls(called, filters, _grouped(context), shown, _named(context))


def _apart(context: Context) -> str:
    """The question without the periods that are counted from now: the 'last five days' are no rank and no unit."""
    text = context.question
    for hint in context.hints:
        if hint.counted:
            text = text[: hint.start] + " " * len(hint.span) + text[hint.start + len(hint.span) :]
    return text


def _called(context: Context) -> frozenset[str]:
    called = {name for name, words in WORDS.items() if words.search(_apart(context))}
    if {"high", "low"} <= called:
        called -= {"low"} if FROM_HIGH.search(context.question) else set()
        called -= {"high"} if FROM_LOW.search(context.question) else set()
    if "above average" in called and not re.search(r"average\W.*average", context.question, re.IGNORECASE):
        called -= {"average"}
    bounds = [h for h in context.hints if h.kind == "number" and h.operator and not _any(h)]
    if any(MONEY.search(bound.span) for bound in bounds):
        called.add("money")
    elif any(_counts(bound, context) for bound in bounds):
        called.add("bound")
    summed = [hint for hint in context.hints if _measured(context.catalog, hint)]
    if "above average" not in called and any(not _bounded(hint, bounds) for hint in summed):
        called.add("measured")
    if "amounts" in called and "count" not in called:
        called.add("measured")
    if "tabled" not in called and ONE_NUMBER.search(context.question):
        called.add("one number")
    return frozenset(called)


def _any(hint: Hint) -> bool:
    """'At least one' says no more than 'a'."""
    return (hint.operator, hint.literals) == (">=", ("1",))


def _counts(bound: Hint, context: Context) -> bool:
    """Whether a comparison bounds how many there are: a table's word follows it, or stands in it."""
    end = bound.start + len(bound.span)
    if any(hint.kind == "table" and end <= hint.start <= end + NEAR_NOUN for hint in context.hints):
        return True
    said = {singular(word) for word in bound.span.split()}
    return any(singular(name) in said for t in context.catalog.tables for name in (t.name, *t.synonyms))


def _bounded(measure: Hint, bounds: list[Hint]) -> bool:
    """Whether a comparison follows a measure, which is then what it bounds: 'with an amount of at least 50'."""
    end = measure.start + len(measure.span)
    return any(end <= bound.start <= end + NEAR_BOUND for bound in bounds)


def _measured(catalog: Catalog, hint: Hint) -> bool:
    """Whether a phrase names something that is summed."""
    if hint.kind != "column":
        return False
    tables = ((catalog.table(target.rpartition(".")[0]), target.rpartition(".")[2]) for target in hint.targets)
    return all(column in {m.name for m in measures(catalog, table)} for table, column in tables)


def meant(context: Context) -> frozenset[str]:
    """The tables that the hints point at, by full name."""
    named = ((hint.kind, target) for hint in context.hints for target in hint.targets)
    return frozenset(target if kind == "table" else target.rsplit(".", 1)[0] for kind, target in named)


def _named(context: Context) -> frozenset[str]:
    return frozenset(t for hint in context.hints if hint.kind == "table" for t in hint.targets)


def _filters(context: Context, *, loose: bool) -> Iterator[Filter]:
    """Periods, comparisons and values of the question, in its order; an answer has to use the required ones.

    A value is required when its table is one that the named tables are, point at or are pointed at by: in
    'users who open accounts', the status 'open' of disputes is no filter. Of several periods or comparisons
    one is.
    """
    named = _named(context)
    above = distances(parents(context.catalog), named)
    around = distances(neighbours(context.catalog), named)
    seen: set[tuple[str, ...]] = set()
    left = 0 if loose else MOST_REQUIRED
    for hint in context.hints:
        if hint.kind == "column" and not loose and _flagged(hint, context):
            yield Filter((hint,), True)
            left -= 1
        if hint.kind not in ("value", "time", "number") or (hint.kind == "value" and hint.targets in seen):
            continue
        if _any(hint):
            continue
        if hint.kind == "value":
            together = tuple(h for h in context.hints if h.kind == "value" and h.targets == hint.targets)
            tables = {target.rsplit(".", 1)[0] for target in hint.targets}
            near = not named or any(table in above or around.get(table, 9) <= 1 for table in tables)
            required = near and not (len(together) > 1 and EITHER.search(context.question))
            roles = len(together) == 2 and _goes(together, context.question)
        else:
            roles, together = False, (hint,)
            required = (hint.kind,) not in seen and (hint.kind == "time" or bool(hint.operator))
        seen.add(hint.targets if hint.kind == "value" else (hint.kind,) if required else ())
        yield Filter(together, required and left > 0, roles)
        left -= required and left > 0


def _goes(pair: tuple[Hint, ...], question: str) -> bool:
    """Whether something goes from one value to the other."""
    between = question[pair[0].start + len(pair[0].span) : pair[1].start]
    return pair[0].literals != pair[1].literals and bool(TO.search(between)) and not AND.search(between)


def _flagged(hint: Hint, context: Context) -> bool:
    """Whether a phrase asks for rows with a flag: it stands right before what they are, 'explicit tracks'."""
    name, _, column = hint.targets[0].rpartition(".")
    if column not in {c.name for c in flags(context.catalog.table(name))}:
        return False
    end = hint.start + len(hint.span)
    before = any(h.kind == "table" and end < h.start <= end + 1 for h in context.hints)
    compared = WORDS["tabled"].search(context.question) and re.search(r"\bvs\b|versus|compar|than", context.question)
    return before and not compared and not GROUPING.search(context.question[: hint.start])


def _grouped(context: Context) -> frozenset[str]:
    """The columns of the first phrase that stands behind a word of grouping and means texts to group by."""
    for hint in context.hints:
        if hint.kind == "column" and GROUPING.search(context.question[: hint.start]):
            dimensions = frozenset(target for target in hint.targets if dimension(context.catalog, target))
            if dimensions:
                return dimensions
    return frozenset()


def dimension(catalog: Catalog, target: str) -> bool:
    """Whether rows are grouped by this column: a text, a flag or a key."""
    name, _, column = target.rpartition(".")
    table = catalog.table(name)
    return column in {c.name for c in (*texts(table), *flags(table))} or column in keys(catalog, table)


def mentioned(context: Context) -> frozenset[str]:
    """Columns, by full name, that the hints point at, and those that point at tables which are meant."""
    direct = {t for hint in context.hints if hint.kind in ("column", "value") for t in hint.targets}
    tables = meant(context)
    pointing = {f"{r.table}.{r.column}" for r in context.catalog.relationships if r.to_table in tables}
    return frozenset(direct | pointing)
