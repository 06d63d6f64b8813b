"""Whether a query's expressions can fail: one that can't tells nothing about rows that a row filter hides.

The name and the idea are PostgreSQL's: it lets only leakproof conditions pass a security barrier. DuckDB also
computes on whole dictionaries of a file, with the words of hidden rows in them, so here all expressions count.
Whatever is not known counts as one that can fail.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from data.gateway.families import Families
from data.gateway.query import Query

STRANGE = (exp.SetOperation, exp.Columns, exp.Unnest, exp.Lateral, exp.Values, exp.Pivot)
"""What gives a name of a table's column to something else."""


def leakproof(query: Query) -> bool:
    """Whether no expression of the query can fail on a value, whatever rows the engine tries it on."""
    tree = query.tree
    if tree.find(*STRANGE) or not all(_plain(join) for join in tree.find_all(exp.Join)) or not _named(tree):
        return False
    families = Families(query)
    return all(families.of(expression) for expression in _expressions(tree))


def _plain(join: exp.Join) -> bool:
    return not join.args.get("using") and str(join.args.get("method") or "") == ""


def _named(tree: exp.Query) -> bool:
    """Whether every column of a sub-query has a name that was written down."""
    inner = (select for select in tree.find_all(exp.Select) if select is not tree)
    return all(isinstance(part, exp.Alias | exp.Column | exp.Star) for select in inner for part in select.expressions)


def _expressions(tree: exp.Expr) -> Iterator[exp.Expr]:
    """What the engine computes from stored rows."""
    for select in tree.find_all(exp.Select):
        for part in select.expressions:
            yield from _early(part.this if isinstance(part, exp.Alias) else part)
        if select.args.get("distinct") is not None and select.args["distinct"].args.get("on"):
            yield exp.Null()
    for clause in tree.find_all(exp.Where, exp.Having, exp.Qualify):
        parts = clause.this.flatten() if isinstance(clause.this, exp.And) else (clause.this,)
        for part in parts:
            yield from _early(part)
    for join in tree.find_all(exp.Join):
        if join.args.get("on") is not None:
            yield join.args["on"]
    for group in tree.find_all(exp.Group):
        yield from group.expressions
    for order in tree.find_all(exp.Ordered):
        yield from _early(order.this)


def _early(node: exp.Expr) -> Iterator[exp.Expr]:
    """The parts of an expression that see stored rows: within aggregates, or all of it where there are none."""
    late = list(node.find_all(exp.AggFunc))
    if not late:
        if not _is_star(node):
            yield node
        return
    for aggregate in late:
        for name, value in aggregate.args.items():
            if name not in ("this", "expressions") and value is not None and isinstance(value, exp.Expr):
                yield exp.Null()  # a separator, an order, …: rare, and not worth telling apart
        inputs = [aggregate.this, *aggregate.expressions] if aggregate.this is not None else aggregate.expressions
        for part in inputs:
            yield from part.expressions if isinstance(part, exp.Distinct) else ([] if _is_star(part) else [part])


def _is_star(node: exp.Expr) -> bool:
    return isinstance(node, exp.Star) and not any(node.args.values())
