"""The parts of a SELECT as the plan has them: aggregates, functions of windows, orders, and the nodes they stand in."""

from __future__ import annotations

from sqlglot import exp

from agents.code.render.plan import Aggregate, Order, Unsupported

_AGGREGATES: dict[type, str] = {
    exp.Sum: "sum", exp.Avg: "avg", exp.Min: "min", exp.Max: "max", exp.Median: "quantile",
    exp.PercentileCont: "quantile", exp.PercentileDisc: "quantile", exp.Quantile: "quantile",
    exp.Stddev: "stddev", exp.StddevSamp: "stddev",
}  # fmt: skip
_RANKS: dict[type, str] = {
    exp.Rank: "rank", exp.DenseRank: "dense_rank", exp.RowNumber: "row_number", exp.Lag: "lag", exp.Lead: "lead",
}  # fmt: skip


def own_nodes(node: exp.Expr) -> list[exp.Expr]:
    """The nodes of an expression, without those of its sub-queries."""
    return list(node.walk(prune=lambda inner: isinstance(inner, exp.Subquery)))


def aggregates_of(node: exp.Expr) -> list[exp.Expr]:
    """The aggregates of an expression: those inside windows too, but not the windows' own functions."""
    found: list[exp.Expr] = []
    if isinstance(node, exp.Window):
        found += [a for part in node.iter_expressions() if part is not node.this for a in aggregates_of(part)]
        return found + [a for part in node.this.iter_expressions() for a in aggregates_of(part)]
    if isinstance(node, (exp.Filter, exp.AggFunc)):
        return [node]
    if isinstance(node, exp.Subquery):
        return []
    return [aggregate for part in node.iter_expressions() for aggregate in aggregates_of(part)]


def aggregate_of(name: str, node: exp.Expr, condition: exp.Expr | None) -> Aggregate:
    if isinstance(node, exp.Count):
        if isinstance(node.this, exp.Distinct):
            if len(node.this.expressions) != 1:
                raise Unsupported.of(node)
            return Aggregate(name, "distinct", node.this.expressions[0].copy(), condition)
        argument = None if isinstance(node.this, (exp.Star, exp.Literal)) else node.this.copy()
        return Aggregate(name, "count", argument, condition)
    if type(node) not in _AGGREGATES or isinstance(node.this, exp.Distinct):
        raise Unsupported.of(node)
    share = float(node.expression.name) if node.args.get("expression") else 0.5
    discrete = isinstance(node, exp.PercentileDisc)
    return Aggregate(name, _AGGREGATES[type(node)], node.this.copy(), condition, share, discrete)


def function_of(node: exp.Expr) -> tuple[str, exp.Expr | None, int]:
    """The function of a window, what it is of, and how many rows away."""
    if type(node) in _RANKS:
        offset = node.args.get("offset")
        argument = node.args.get("this") if isinstance(node, (exp.Lag, exp.Lead)) else None
        return _RANKS[type(node)], argument, int(offset.name) if offset is not None else 1
    if isinstance(node, exp.Count) and isinstance(node.this, exp.Star):
        return "count", None, 1
    names: dict[type, str] = {exp.Sum: "sum", exp.Avg: "avg", exp.Min: "min", exp.Max: "max"}
    if type(node) not in names:
        raise Unsupported.of(node)
    return names[type(node)], node.this, 1


def order_of(name: str, item: exp.Ordered) -> Order:
    return Order(name, bool(item.args.get("desc")), bool(item.args.get("nulls_first")))


def bare(node: exp.Expr) -> exp.Expr:
    while isinstance(node, (exp.Paren, exp.Alias)):
        node = node.this
    return node


def lies_in(node: exp.Expr, other: exp.Expr) -> bool:
    parent = node.parent
    while parent is not None:
        if parent is other:
            return True
        parent = parent.parent
    return False


def whole(node: exp.Expr) -> int:
    number = node.expression
    if not isinstance(number, exp.Literal) or not number.is_int:
        raise Unsupported.of(node)
    return int(number.name)


def rows_of(window: exp.Expr) -> int:
    """How many rows a window's frame has, up to and with its own; 0 for all before it. Unsupported for other frames."""
    spec = window.args.get("spec")
    if spec is None or "UNBOUNDED PRECEDING" in spec.sql().upper():
        return 0
    start, sides = spec.args.get("start"), (spec.args.get("start_side"), spec.args.get("end"))
    if spec.args.get("kind") != "ROWS" or sides != ("PRECEDING", "CURRENT ROW") or not isinstance(start, exp.Literal):
        raise Unsupported.of(window)
    return int(start.name) + 1
