"""Stored values turned into what they mean where a query computes with them, and left as they are elsewhere."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from agents.semantic.carried import CARRIERS, CHOSEN
from agents.semantic.comparison import meant
from agents.semantic.kept import Kept
from agents.semantic.plan import Plan


def convert(plan: Plan) -> None:
    """Change a query, whose columns have their stored names already, to one that means the same of what is stored."""
    read = [*_columns(plan), *_aliases(plan)]
    for said in read:
        select = said.find_ancestor(exp.Select)
        if select is not None and _bounds_or_orders(said, select):
            _group_by_name(select)


def _columns(plan: Plan) -> Iterator[exp.Expr]:
    for node in (*(place.node for place in plan.places), *plan.given):
        way, called = plan.ways[id(node)], node.name
        if way is None:
            continue
        if id(node) in plan.shown:
            _choose(node, way)
        elif said := meant(node, way, plan.ways):
            yield said
            if isinstance(said.parent, exp.Select) and said.arg_key == "expressions":
                said.replace(exp.alias_(said.copy(), called))


def _aliases(plan: Plan) -> Iterator[exp.Expr]:
    for column, scope, alias in plan.aliases:
        way = plan.ways[id(column)]
        hidden = column.name.lower() in scope.stored_names and not scope.orders(column)
        node = _spelled(plan, column, alias) if hidden or (way and not way.ordered) else column
        said = meant(node, way, plan.ways) if way and id(column) not in plan.shown else None
        if said:
            yield said


def _spelled(plan: Plan, column: exp.Column, alias: exp.Alias) -> exp.Expr:
    """What the alias stands for in its place: the engine would take a stored column of that name, or none in an
    expression."""
    node = alias.this.copy() if isinstance(alias.this, exp.Column) else exp.paren(alias.this.copy(), copy=False)
    plan.ways[id(node)] = plan.ways[id(column)]
    column.replace(node)
    return node


def _choose(node: exp.Expr, way: Kept) -> None:
    """The first and the last of stored values by what they mean."""
    above = node.parent
    while isinstance(above, CARRIERS):
        if isinstance(above, CHOSEN) and not way.ordered:
            chosen = exp.ArgMin if isinstance(above, exp.Min) else exp.ArgMax
            other = chosen(this=above.this.copy(), expression=way.read(above.this.copy()))
            above.replace(other)
            above = other
        above = above.parent


def _bounds_or_orders(said: exp.Expr, select: exp.Select) -> bool:
    """Whether it stands where the engine asks what the groups are made of, and takes GROUP BY ALL for no answer."""
    place: exp.Expr = said
    while place.parent is not None and place.parent is not select:
        if isinstance(place, exp.Window):
            return True
        if isinstance(place, exp.AggFunc):
            return False
        place = place.parent
    return place.arg_key in ("order", "having", "qualify")


def _group_by_name(select: exp.Select) -> None:
    """GROUP BY ALL as what it stands for."""
    group = select.args.get("group")
    if group is None or not group.args.get("all"):
        return
    shown = [item.unalias() for item in select.selects]
    keys = [item.copy() for item in shown if item.find(exp.Column) and not item.find(exp.AggFunc, exp.Window)]
    group.set("all", None)
    group.set("expressions", keys)
