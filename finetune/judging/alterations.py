"""Small changes to a query, each of which makes it answer another question."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from sqlglot import exp

from data.catalog import Catalog, Table

Node = TypeVar("Node", bound=exp.Expr)
Alteration = Callable[[exp.Query, Catalog, random.Random], bool]
"""Changes a tree in place, and says whether it did."""

AGGREGATES: tuple[type[exp.AggFunc], ...] = (exp.Sum, exp.Avg, exp.Min, exp.Max)
SIDES: dict[type[exp.Binary], tuple[type[exp.Binary], ...]] = {
    exp.GT: (exp.LT,), exp.LT: (exp.GT,), exp.GTE: (exp.LTE, exp.GT), exp.LTE: (exp.GTE, exp.LT),
    exp.EQ: (exp.NEQ,), exp.NEQ: (exp.EQ,),
}  # fmt: skip
TWICE, TRIES = 0.3, 4
"""How often two changes are made, and how many are tried."""


def altered(tree: exp.Query, catalog: Catalog, rng: random.Random) -> exp.Query | None:
    """The tree with a change or two; None where none was found."""
    made, wanted, done = tree.copy(), 1 + (rng.random() < TWICE), 0
    for alteration in rng.choices(ALTERATIONS, WEIGHTS, k=TRIES):
        done += alteration(made, catalog, rng)
        if done == wanted:
            break
    return made if made != tree else None


def _other_column(tree: exp.Query, catalog: Catalog, rng: random.Random) -> bool:
    """Another column of the same table, in one place."""
    node = _any(tree.find_all(exp.Column), rng)
    table = _table(tree, node, catalog) if node else None
    others = [column.name for column in table.columns if column.name != node.name] if node and table else []
    if node and others:
        node.set("this", exp.to_identifier(rng.choice(others)))
    return bool(others)


def _table(tree: exp.Query, column: exp.Column, catalog: Catalog) -> Table | None:
    known = {table.full_name: table for table in catalog.tables}
    for table in tree.find_all(exp.Table):
        found = known.get(f"{table.db}.{table.name}")
        if found and column.name in found and column.table in ("", table.alias_or_name):
            return found
    return None


def _other_aggregate(tree: exp.Query, _: Catalog, rng: random.Random) -> bool:
    node = _any(tree.find_all(*AGGREGATES), rng)
    return node is not None and _put(node, rng.choice([k for k in AGGREGATES if k is not type(node)])(this=node.this))


def _turned(tree: exp.Query, _: Catalog, rng: random.Random) -> bool:
    """The other end of an order of which only the first count."""
    node = _any(tree.find_all(exp.Ordered), rng) if tree.find(exp.Limit, exp.Window) else None
    if node is not None:
        node.set("desc", not node.args.get("desc"))
    return node is not None


def _other_side(tree: exp.Query, _: Catalog, rng: random.Random) -> bool:
    """Above for below, and another than for the same."""
    node = _any((each for each in tree.find_all(*SIDES) if not each.find_ancestor(exp.Join)), rng)
    return node is not None and _put(node, rng.choice(SIDES[type(node)])(**node.args))


def _denied(tree: exp.Query, _: Catalog, rng: random.Random) -> bool:
    """What is missing for what is there, and the other way round."""
    node = _any(tree.find_all(exp.Is, exp.In), rng)
    if node is None:
        return False
    above = node.parent
    return _put(above, node.copy()) if isinstance(above, exp.Not) else _put(node, exp.Not(this=node.copy()))


def _unbound(tree: exp.Query, _: Catalog, rng: random.Random) -> bool:
    """Without a condition, or without one of two."""
    node = _any(tree.find_all(exp.Where, exp.Having), rng)
    if node is None:
        return False
    if isinstance(node.this, exp.And):
        return _put(node.this, rng.choice([node.this.this, node.this.expression]).copy())
    if isinstance(node.parent, exp.Filter):
        return _put(node.parent, node.parent.this.copy())
    node.pop()
    return True


def _counted(tree: exp.Query, _: Catalog, rng: random.Random) -> bool:
    """How many there are, for which they are."""
    select = tree.find(exp.Select)
    if select is None or select.args.get("group") or select.find(exp.AggFunc, exp.Window):
        return False
    select.set("expressions", [exp.Count(this=exp.Star())])
    select.set("order", None)
    select.set("limit", None)
    return True


ALTERATIONS: Sequence[Alteration] = (
    _other_column, _other_aggregate, _turned, _other_side, _denied, _unbound, _counted,
)  # fmt: skip
WEIGHTS = (5, 2, 2, 1, 1, 2, 1)


def _any(nodes: Iterable[Node], rng: random.Random) -> Node | None:
    found = list(nodes)
    return rng.choice(found) if found else None


def _put(node: exp.Expr, other: exp.Expr) -> bool:
    node.replace(other)
    return True
