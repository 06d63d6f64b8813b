"""Seconds that a task wants in another unit."""

from __future__ import annotations

import re

from sqlglot import exp

from agents import statement
from agents.code.writers.slips.elapsed import SECONDS
from data.catalog import Catalog
from retrieval import Context

_IN = re.compile(r"\bin (minute|hour)s\b", re.IGNORECASE)


def converted(tree: exp.Query, found: Context, catalog: Catalog) -> exp.Query:
    """The query with columns of seconds in the one unit that the task names, if it divides none so far."""
    units = {unit.upper() for unit in _IN.findall(found.question)}
    divided = any(test.expression.name.startswith(("60", "3600")) for test in tree.find_all(exp.Div))
    if len(units) != 1 or divided or not isinstance(tree, exp.Select):
        return tree
    tables = [table for node in statement.sources(tree) if (table := statement.table(node, catalog))]
    seconds = {column.name for table in tables for column in table.columns if column.unit in ("s", "second", "seconds")}
    for item in tree.selects:
        told = item.unalias()
        if isinstance(told, exp.AggFunc) and isinstance(told.this, exp.Column) and told.this.name in seconds:
            divisor = exp.Literal.number(SECONDS[next(iter(units))])
            told.replace(exp.Div(this=told.copy(), expression=divisor))
    return tree
