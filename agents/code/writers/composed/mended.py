"""What a small model often leaves out, where its SQL could not mean what it says otherwise."""

from __future__ import annotations

import re

from sqlglot import exp

from agents import statement
from data.catalog import Catalog
from data.naming import single

_WITHIN = re.compile(r"\b(?:for|in|of|within) (?:each|every) (?P<group>\w+)", re.I)
_FIRST = re.compile(
    r"\b(?:most|highest|largest|biggest|best|top|longest|greatest|(?P<last>least|fewest|lowest|smallest|worst|shortest))\b",
    re.I,
)


def mended(sql: str, catalog: Catalog) -> str:
    """The query with shares of all in the place of shares of itself, and with things kept apart by their keys."""
    tree = statement.query(sql)
    if not isinstance(tree, exp.Select):
        return sql
    changed = [*_shares(tree), *_partitions(tree, catalog)]
    return tree.sql(dialect=statement.DIALECT) if changed else sql


def _shares(tree: exp.Select) -> list[exp.Expr]:
    """`sum(x) / sum(x)` in groups is 1 whatever x is; of all groups, it is a share."""
    if tree.args.get("group") is None:
        return []
    found: list[exp.Expr] = []
    for item in tree.selects:
        for ratio in list(item.find_all(exp.Div)):
            top = ratio.this.expression if isinstance(ratio.this, exp.Mul) else ratio.this
            if isinstance(top, (exp.Sum, exp.Count)) and top == ratio.expression:
                ratio.set("expression", exp.Window(this=exp.Sum(this=top.copy())))
                found.append(ratio)
    return found


def _partitions(tree: exp.Select, catalog: Catalog) -> list[exp.Expr]:
    """Two things of one title are two: a place among a thing's rows is counted by its key."""
    titles = _titles(tree, catalog)
    found: list[exp.Expr] = []
    for window in list(tree.find_all(exp.Window)):
        for part in window.args.get("partition_by") or ():
            key = titles.get((part.table.lower(), part.name.lower())) if isinstance(part, exp.Column) else None
            if key is not None and isinstance(part, exp.Column) and tree.args.get("group") is None:
                part.set("this", exp.to_identifier(key))
                found.append(part)
    return found


def _titles(tree: exp.Select, catalog: Catalog) -> dict[tuple[str, str], str]:
    """The keys of joined tables by alias and title."""
    first = tree.args["from_"].this
    nodes = [join.this for join in (*(first.args.get("joins") or ()), *(tree.args.get("joins") or ()))]
    known = {table.full_name.lower(): table for table in catalog.tables}
    found: dict[tuple[str, str], str] = {}
    for node in nodes:
        table = known.get(".".join(part.name for part in node.parts).lower()) if isinstance(node, exp.Table) else None
        if table is not None and table.key and table.label:
            found[(node.alias_or_name.lower(), table.label.lower())] = table.key
    return found


def led(sql: str, question: str) -> str:
    """Of 'the artist with the most plays for each genre', the first of each group: a query over both, in an order, has
    all of them. Any other query stays as it is."""
    tree = statement.query(sql)
    within, first = _WITHIN.search(question), _FIRST.search(question)
    if within is None or first is None or not isinstance(tree, exp.Select) or tree.find(exp.Window, exp.Subquery):
        return sql
    keys = [item for item in tree.selects if not item.find(exp.AggFunc)]
    number = next((found for found in tree.find_all(exp.AggFunc) if found.find_ancestor(exp.Having) is None), None)
    group = next((k for k in keys if single(k.unalias().name.lower()) == single(within["group"].lower())), None)
    if tree.args.get("group") is None or len(keys) < 2 or number is None or group is None:
        return sql
    if tree.args["group"].args.get("all"):
        tree.set("group", exp.Group(expressions=[key.unalias().copy() for key in keys]))
    order = exp.Order(expressions=[exp.Ordered(this=number.copy(), desc=not first["last"], nulls_first=False)])
    rank = exp.Window(this=exp.Rank(), partition_by=[group.unalias().copy()], order=order)
    tree.set("qualify", exp.Qualify(this=exp.EQ(this=rank, expression=exp.Literal.number(1))))
    for part in ("order", "limit", "offset"):
        tree.set(part, None)
    return tree.sql(dialect=statement.DIALECT)
