"""What kind of value an expression gives, as far as the languages differ in it."""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from agents.code.render.plan import ELAPSED, Aggregate, Kind, Window
from agents.columns import WHOLE

_PARTS = (
    exp.Year,
    exp.Quarter,
    exp.Month,
    exp.Day,
    exp.Hour,
    exp.DayOfWeek,
    exp.DayOfWeekIso,
    exp.DateDiff,
    exp.IntDiv,
    exp.Length,
)
_TRUTHS = (exp.Predicate, exp.Connector, exp.Not, exp.Boolean)
_CUTS = (exp.TimestampTrunc, exp.DateTrunc)


def stored(type_: str) -> Kind:
    """The kind of a column of such a DuckDB type."""
    kind = type_.upper()
    starts: tuple[tuple[tuple[str, ...], Kind], ...] = (
        (("DECIMAL", "NUMERIC"), "decimal"), (("DOUBLE", "FLOAT", "REAL"), "float"),
        (("TIMESTAMP", "DATETIME"), "time"), (("DATE",), "date"), (("BOOL",), "bool"),
        (("VARCHAR", "TEXT", "CHAR", "STRING"), "text"),
    )  # fmt: skip
    if kind.startswith(("TIMESTAMPTZ", "TIMESTAMP WITH TIME ZONE")):
        return "zoned"
    if kind.endswith("]") or kind.startswith("INTERVAL"):
        return "other"
    if kind.startswith(WHOLE):
        return "int"
    return next((found for names, found in starts if kind.startswith(names)), "other")


def of(node: exp.Expr | None, kinds: Mapping[str, Kind]) -> Kind:
    """The kind of an expression over columns of these kinds."""
    if isinstance(node, exp.Column):
        return kinds.get(node.name, "other")
    if isinstance(node, (exp.Paren, exp.Neg, exp.Coalesce, exp.Round, exp.Abs)):
        return of(node.this, kinds)
    if isinstance(node, exp.Literal):
        return "text" if node.is_string else "int" if node.is_int else "float"
    if isinstance(node, exp.Cast):
        return stored(node.to.sql("duckdb"))
    if isinstance(node, (exp.Add, exp.Sub)) and isinstance(node.expression, exp.Interval):
        return "time"
    if isinstance(node, (exp.Add, exp.Sub, exp.Mul)):
        return _wider(of(node.this, kinds), of(node.expression, kinds))
    if isinstance(node, (exp.Div, exp.Floor)) or (isinstance(node, exp.DateDiff) and node.text("unit") == ELAPSED):
        return "float"
    if isinstance(node, _CUTS):
        return "time"
    if isinstance(node, _PARTS):
        return "int"
    if isinstance(
        node, (exp.Dayname, exp.TimeToStr, exp.SplitPart, exp.DPipe, exp.Substring, exp.Left, exp.Lower, exp.Upper)
    ):
        return "text"
    if isinstance(node, exp.Case):
        values = (*(one.args["true"] for one in node.args["ifs"]), node.args.get("default"))
        return of(next(value for value in values if not isinstance(value, exp.Null)), kinds)
    return "bool" if isinstance(node, _TRUTHS) else "other"


def aggregated(aggregate: Aggregate, kinds: Mapping[str, Kind]) -> Kind:
    """The kind of what an aggregate gives."""
    if aggregate.function in ("count", "distinct"):
        return "int"
    if aggregate.function in ("avg", "stddev") or (aggregate.function == "quantile" and not aggregate.discrete):
        return "float"
    return of(aggregate.argument, kinds)


def windowed(window: Window, kinds: Mapping[str, Kind]) -> Kind:
    """The kind of a window's column."""
    if window.function == "avg":
        return "float"
    return kinds.get(window.argument, "other") if window.function in ("sum", "min", "max", "lag", "lead") else "int"


def _wider(left: Kind, right: Kind) -> Kind:
    return next((kind for kind in ("float", "decimal") if kind in (left, right)), left)
