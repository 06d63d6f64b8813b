"""What equal rows are ordered by: the second key that a task names, where a model's query has the first alone."""

from __future__ import annotations

import re

from sqlglot import exp

from data.catalog import Catalog
from retrieval import Context

_NAME = r"(?P<name>[a-z_]\w*(?: [a-z_]\w*){0,3})"
_BROKEN = r"(?: are| is)?(?: broken| resolved| sorted| ordered| settled)?"
_SAID = tuple(
    re.compile(said, re.IGNORECASE)
    for said in (
        rf"\bthen by {_NAME}",
        rf"\b(?:sort|order)(?:ed)?\b[^.;\n]*?, then {_NAME}",
        rf"\b(?:ties?|tied \w+|equal \w+|same[- ]\w+ ones){_BROKEN} (?:by|on) {_NAME}",
        rf"[,;] (?:by )?{_NAME} (?:next|second|as (?:the |a )?(?:second|tie)[- ]?\w*)(?=[.,;)]|$| sort| key)",
        rf"[,;] (?:by )?{_NAME} (?:where|if|when) (?:two|several|some|they|those|more|equal|tied)\b",
    )
)
_DOWN = re.compile(r"\b(?:desc\w*|highest|larger|largest|biggest|newest|newer|later|latest|most)\b", re.IGNORECASE)


def untied(tree: exp.Query, found: Context, catalog: Catalog) -> exp.Query:
    """The query, ordered by one more of its outputs where the task names that as what comes next."""
    order = tree.args.get("order")
    if order is None or not isinstance(tree, exp.Select):
        return tree
    for said in (said["name"] for pattern in _SAID for said in pattern.finditer(found.question)):
        meant = [at for at, item in enumerate(tree.selects, 1) if _is_meant(item.alias_or_name, said)]
        if len(meant) == 1 and not any(_is_output(key.this, meant[0], tree) for key in order.expressions):
            name = exp.column(tree.selects[meant[0] - 1].alias_or_name)
            order.append("expressions", exp.Ordered(this=name, desc=True if _DOWN.search(said) else None))
            break
    return tree


def _is_meant(output: str, said: str) -> bool:
    """Whether a phrase has all words of an output's name."""
    words = said.lower().split()
    return output.lower() in words or set(output.lower().split("_")) <= set(words)


def _is_output(key: exp.Expr, place: int, tree: exp.Select) -> bool:
    """Whether a key of the order is the output at a place, by its number, its name or what it is."""
    item = tree.selects[place - 1]
    named = isinstance(key, exp.Column) and key.name == item.alias_or_name
    return named or key == item.unalias() or (isinstance(key, exp.Literal) and key.name == str(place))
