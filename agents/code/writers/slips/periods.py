"""Periods, where a model's query has another one than the task: the first of two years, or a wrong month."""

from __future__ import annotations

import re

from sqlglot import exp

from agents.code.demands.values import YEAR
from data.catalog import Catalog
from retrieval import Context

_BOTH = re.compile(r"(?<![\w-])(20\d\d) ?(?:-|–|/|&|and|to|through|until) ?(20\d\d)(?![\w-])")
_FIRST = "{}-01-01"
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_MADE = re.compile(r"\b(?:quarter|months|weeks|after|since)\b", re.IGNORECASE)
"""Periods that have to be reckoned, where a small model errs."""


def extended(tree: exp.Query, found: Context, catalog: Catalog) -> exp.Query:
    """The query up to the end of the second year, where its one period ends with the first."""
    for first, second in _BOTH.findall(found.question):
        ends = [_FIRST.format(int(year) + 1) for year in (first, second)]
        texts = [text for text in tree.find_all(exp.Literal) if text.is_string]
        closing = [text for text in texts if text.name == ends[0]]
        opening = [text for text in texts if text.name == _FIRST.format(first)]
        other = any(text.name == ends[1] for text in texts) or tree.find(exp.Year)
        if int(second) == int(first) + 1 and len(opening) == len(closing) == 1 and not other and _closes(closing[0]):
            closing[0].set("this", ends[1])
    return tree


def _closes(text: exp.Literal) -> bool:
    """Whether what is before this day is asked for."""
    return isinstance(text.parent, exp.LT) and text.parent.expression is text


def dated(tree: exp.Query, found: Context, catalog: Catalog) -> exp.Query:
    """The query from and up to the days of the one period that the task names, if that has to be reckoned."""
    told = [hint for hint in found.hints if hint.kind == "time" and not hint.brief]
    periods = {hint.literals for hint in told}
    plain = all(_MADE.search(hint.span) and not hint.counted for hint in told)
    if len(periods) != 1 or not plain or len(set(YEAR.findall(found.question))) > 1:
        return tree
    days = [text for text in tree.find_all(exp.Literal) if text.is_string and _DAY.fullmatch(text.name)]
    opening, closing = ([text for text in days if isinstance(text.parent, kind)] for kind in (exp.GTE, exp.LT))
    wanted = [(texts, day) for texts, day in zip((opening, closing), periods.pop(), strict=True) if day or texts]
    if len(opening) + len(closing) == len(days) and all(day and len(texts) == 1 for texts, day in wanted):
        for (text,), day in wanted:
            text.set("this", day)
    return tree
