"""What rows are ordered by: the key that a task names first, and the one that it names for equal rows."""

from __future__ import annotations

import re

from sqlglot import exp

from data.catalog import Catalog
from retrieval import Context

_NAME = r"(?P<name>[a-z_]\w*(?: [a-z_]\w*){0,3})"
_BROKEN = r"(?: are| is)?(?: broken| resolved| sorted| ordered| settled)?"
AFTER = 20
"""Characters after a key in which its direction is told."""
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
_FIRST = re.compile(rf"\b(?:sort|order)(?:ed)?(?: the (?:rows|result))? by (?:the )?{_NAME}", re.IGNORECASE)
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


def sorted_first(tree: exp.Query, found: Context, catalog: Catalog) -> exp.Query:
    """The query, ordered first by the one output that the task says to sort by."""
    order, said = tree.args.get("order"), _FIRST.search(found.question)
    if order is None or said is None or not isinstance(tree, exp.Select):
        return tree
    words = said["name"].split()
    meant = [at for at, item in enumerate(tree.selects, 1) if item.alias_or_name.lower() == words[0].lower()]
    if len(meant) == 1 and not any(_is_output(key.this, meant[0], tree) for key in order.expressions):
        down = True if _DOWN.search(found.question[said.start() : said.end() + AFTER]) else None
        first = exp.Ordered(this=exp.column(tree.selects[meant[0] - 1].alias_or_name), desc=down)
        order.set("expressions", [first, *order.expressions])
    return tree
