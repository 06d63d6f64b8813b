"""Quarters and months that a task wants by their number."""

from __future__ import annotations

import re

from sqlglot import exp

from data.catalog import Catalog
from retrieval import Context

_RANGE = r"[^.;\n]{{0,30}}\(?\b1 ?(?:-|–|to) ?{last}\b"
_NUMBERED: tuple[tuple[re.Pattern[str], str, type[exp.Func]], ...] = (
    (re.compile(r"\bquarters?\b" + _RANGE.format(last=4), re.IGNORECASE), "QUARTER", exp.Quarter),
    (re.compile(r"\bmonths?\b" + _RANGE.format(last=12), re.IGNORECASE), "MONTH", exp.Month),
)


def numbered(tree: exp.Query, found: Context, catalog: Catalog) -> exp.Query:
    """The query with numbers for the periods that begin then, where the task counts them from one."""
    for said, unit, number in _NUMBERED:
        if said.search(found.question):
            for start in list(tree.find_all(exp.TimestampTrunc, exp.DateTrunc)):
                if start.args["unit"].name.upper() == unit and isinstance(start.parent, exp.Alias):
                    start.replace(number(this=start.this.copy()))
    return tree
