"""Two years that a task names as one period, of which a model's query has the first alone."""

from __future__ import annotations

import re

from sqlglot import exp

from data.catalog import Catalog
from retrieval import Context

_BOTH = re.compile(r"(?<![\w-])(20\d\d) ?(?:-|–|/|&|and|to|through|until) ?(20\d\d)(?![\w-])")
_FIRST = "{}-01-01"


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
