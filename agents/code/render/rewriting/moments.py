"""Moments: their parts, and what lies between two of them."""

from __future__ import annotations

from sqlglot import exp

from agents.code.render.expressions import bare
from agents.code.render.plan import ELAPSED, Unsupported
from agents.code.render.rewriting.tree import put

_PARTS: dict[str, type[exp.Expr]] = {
    "YEAR": exp.Year, "QUARTER": exp.Quarter, "MONTH": exp.Month, "DAY": exp.Day, "HOUR": exp.Hour,
    "DAYOFWEEK": exp.DayOfWeek, "DOW": exp.DayOfWeek, "ISODOW": exp.DayOfWeekIso,
}  # fmt: skip
_SECONDS = {"SECOND": 1, "MINUTE": 60, "HOUR": 3600, "DAY": 86_400, "WEEK": 604_800}
_COMPARED = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE)


def parts(tree: exp.Expr) -> exp.Expr:
    """EXTRACT as the function of its part."""
    for node in list(tree.find_all(exp.Extract)):
        made = _PARTS.get(node.this.name.upper())
        if made is None:
            raise Unsupported.of(node)
        tree = put(tree, node, made(this=node.expression))
    return tree


def floors(tree: exp.Expr) -> exp.Expr:
    """`floor(year / 10)` as the whole division that it is: parts of a time are whole and not below zero."""
    for node in list(tree.find_all(exp.Floor)):
        inner = node.this
        if isinstance(inner, exp.Div) and isinstance(inner.this, tuple(_PARTS.values())):
            tree = put(tree, node, exp.IntDiv(this=inner.this, expression=inner.expression))
    return tree


def elapsed(tree: exp.Expr) -> exp.Expr:
    """Differences of moments as the seconds between them."""
    for difference in list(tree.find_all(exp.Sub)):
        sides = (difference.this, difference.expression)
        if all(_is_epoch(side) for side in sides):
            tree = put(tree, difference, _between(*(_epoch_of(side) for side in sides)))
    for node in [found for found in tree.find_all(exp.Expr) if _is_epoch(found)]:
        inner = bare(_epoch_of(node))
        if isinstance(inner, exp.Sub):
            tree = put(tree, node, _between(inner.this, inner.expression))
    for test in list(tree.find_all(*_COMPARED)):
        left, right = bare(test.this), bare(test.expression)
        if isinstance(left, exp.Sub) and isinstance(right, exp.Interval):
            test.set("this", _between(left.this, left.expression))
            test.set("expression", exp.Literal.number(_seconds(right)))
    return tree


def _is_epoch(node: exp.Expr) -> bool:
    return isinstance(node, (exp.Anonymous, exp.TimeToUnix)) and (
        isinstance(node, exp.TimeToUnix) or node.name.upper() == "EPOCH"
    )


def _epoch_of(node: exp.Expr) -> exp.Expr:
    made: exp.Expr = node.expressions[0] if isinstance(node, exp.Anonymous) else node.this
    return made


def _between(end: exp.Expr, start: exp.Expr) -> exp.Expr:
    return exp.DateDiff(this=end.copy(), expression=start.copy(), unit=exp.var(ELAPSED))


def _seconds(interval: exp.Interval) -> int:
    unit, amount = interval.text("unit").upper().removesuffix("S"), interval.this
    if unit not in _SECONDS or not isinstance(amount, exp.Literal) or not amount.name.isdigit():
        raise Unsupported.of(interval)
    return int(amount.name) * _SECONDS[unit]
