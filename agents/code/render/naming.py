"""Names for what has none in SQL: an engineer would not write `sum(amount) / count_star()` at the head of a column."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterable

from sqlglot import exp

_PREFIXES: dict[type[exp.Expr], str] = {
    exp.Sum: "total", exp.Avg: "average", exp.Min: "min", exp.Max: "max", exp.Median: "median", exp.Stddev: "stddev",
    exp.PercentileCont: "quantile", exp.PercentileDisc: "quantile",
}  # fmt: skip
_PLAIN: dict[type[exp.Expr], str] = {
    exp.Dayname: "weekday", exp.DayOfWeek: "weekday", exp.DayOfWeekIso: "weekday", exp.Rank: "rank",
    exp.RowNumber: "position", exp.DenseRank: "rank", exp.Lag: "previous", exp.Lead: "next", exp.Sub: "difference",
    exp.TimeToStr: "period", exp.Cast: "value", exp.Mul: "product", exp.Add: "sum",
}  # fmt: skip


def identifier(text: str) -> str:
    """A text as a Python name."""
    name = re.sub(r"\W+", "_", text).strip("_").lower() or "value"
    name = f"_{name}" if name[0].isdigit() else name
    return f"{name}_" if keyword.iskeyword(name) else name


def unique(name: str, taken: Iterable[str]) -> str:
    """The name, or that name with a number behind it."""
    used = {other.lower() for other in taken}
    found, number = name, 2
    while found.lower() in used:
        found, number = f"{name}_{number}", number + 1
    return found


def called(node: exp.Expr) -> str:
    """What to call an expression."""
    if isinstance(node, (exp.Alias, exp.Column)):
        return node.alias_or_name
    if isinstance(node, exp.Filter):
        return "_".join(filter(None, (called(node.this), _literal(node.expression))))
    if isinstance(node, exp.Count):
        counted = node.find(exp.Column)
        return f"distinct_{counted.name}" if counted and node.find(exp.Distinct) else "count"
    if isinstance(node, exp.Window):
        return (
            f"running_{_summed(node.this)}"
            if node.args.get("order") and isinstance(node.this, exp.Sum)
            else called(node.this)
        )
    if type(node) in _PREFIXES:
        return f"{_PREFIXES[type(node)]}_{_summed(node)}"
    if isinstance(node, (exp.TimestampTrunc, exp.DateTrunc)):
        return str(node.args["unit"].name).lower()
    if isinstance(node, exp.DateDiff):
        return f"{str(node.args['unit'].name).lower()}s"
    return _computed(node)


def _summed(node: exp.Expr) -> str:
    """What an aggregate is of: another aggregate, or its first column."""
    if isinstance(node.this, (exp.Count, exp.Sum, exp.Filter)):
        return called(node.this)
    inside = node.find(exp.Column)
    return inside.name if inside else "value"


def _computed(node: exp.Expr) -> str:
    if isinstance(node, exp.Div):
        whole = node.find(exp.Literal)
        return "percent" if whole is not None and whole.name == "100.0" else "ratio"
    if isinstance(node, (exp.Paren, exp.Neg, exp.Coalesce, exp.Round)):
        return called(node.this)
    return _PLAIN.get(type(node), node.key)


def _literal(node: exp.Expr) -> str:
    found = next((literal.name for literal in node.find_all(exp.Literal) if literal.is_string), "")
    return identifier(found) if found and len(found) <= 24 else "selected"
