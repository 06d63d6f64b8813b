"""Time that has passed, where a model's query counts the midnights in between.

`date_diff('day', a, b)` is how often the date changes from a to b: it is 1 from 23:59 to 0:01. People who ask for a
fraction of days, or for what came within some, mean the time that has passed.
"""

from __future__ import annotations

import re

from sqlglot import exp

from agents import statement
from data.catalog import Catalog
from retrieval import Context

SECONDS = {"DAY": 86400.0, "HOUR": 3600.0, "MINUTE": 60.0}
_FRACTION = re.compile(r"\bfraction(?:al|s)?\b|\bdecimals?\b", re.IGNORECASE)
_WHOLE = re.compile(r"\b(?:whole|full|calendar|complete|integer|date) (?:days?|hours?|minutes?)\b", re.IGNORECASE)
_BOUND = (exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Between)


def elapsed(tree: exp.Query, found: Context, catalog: Catalog) -> exp.Query:
    """The query with the time between two moments where a fraction of it counts."""
    if _WHOLE.search(found.question):
        return tree
    dates = {column.name for table in catalog.tables for column in table.columns if column.type.upper() == "DATE"}
    for count in list(tree.find_all(exp.DateDiff)):
        unit = str(count.args["unit"].name).upper()
        if unit in SECONDS and not _of_days(count, dates) and _counts(count, found.question):
            seconds = exp.func("epoch", count.this.copy() - count.expression.copy(), dialect=statement.DIALECT)
            count.replace(seconds / exp.Literal.number(SECONDS[unit]))
    return tree


def _of_days(count: exp.DateDiff, dates: set[str]) -> bool:
    """Whether either end is a date, which has no time in it."""
    casts = any(cast.to.is_type("date") for cast in count.find_all(exp.Cast))
    return casts or any(column.name in dates for column in count.find_all(exp.Column))


def _counts(count: exp.DateDiff, question: str) -> bool:
    """Whether a fraction counts: it is asked for, or compared with a bound."""
    above = count.parent
    while isinstance(above, (exp.Paren, exp.Filter)):
        above = above.parent
    return bool(_FRACTION.search(question)) or isinstance(above, _BOUND)
