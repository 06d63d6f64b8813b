"""A governed tree in Spark's words: what means the same there, what has to be said in another way, and
nothing else."""

from __future__ import annotations

import re
from collections.abc import Callable

import sqlglot
from sqlglot import exp

from data.engines.fence import fence
from data.errors import Invalid

PREFIX = "lakewright_"
"""How the names of Spark's views begin. A CTE of such a name could stand in for a table of a row filter."""

MOST = 2_147_483_647
"""The largest limit that Spark on the JVM has."""

NAMES = """
Select Subquery Union Intersect Except With CTE TableAlias Table Column Identifier Alias Star From Join Where
Group Having Order Ordered Limit Offset Distinct Window WindowSpec Qualify Paren Literal Boolean Null DataType
DataTypeParam Placeholder Parameter Var Tuple Interval Cast TryCast Case If Not Neg And Or EQ NEQ GT GTE LT
LTE Is In Between Like ILike Add Sub Mul Div Mod DPipe NullSafeEQ NullSafeNEQ Exists Filter Count Sum Avg Min
Max Stddev StddevSamp StddevPop Variance VariancePop CountIf Coalesce Nullif Abs Ceil Floor Round Sign Sqrt
Greatest Least Upper Lower Trim Length Concat Substring Left Right Replace StrPosition StartsWith EndsWith
Reverse SHA2 RegexpLike Year Month Day Quarter DayOfMonth DayOfYear DayOfWeek Extract DateTrunc TimestampTrunc
Hour Minute Second DateDiff TimeToStr CurrentDate CurrentTimestamp TsOrDsToDate RowNumber Rank DenseRank Lag
Lead FirstValue LastValue Ntile
"""

KNOWN = frozenset(NAMES.split())
"""What a query may be made of. What is left out means something else in Spark, or may one day."""

INTEGERS = ("TINYINT", "SMALLINT", "INT", "BIGINT", "INT128", "UTINYINT", "USMALLINT", "UINT", "UBIGINT", "UINT128")
TEXTS = ("VARCHAR", "TEXT", "CHAR", "NCHAR", "NVARCHAR")
UNSUPPORTED = ("TIME", "TIMETZ", "BIT", "INTERVAL", "JSON", "STRUCT", "MAP", "LIST", "ARRAY", "ENUM", "UUID")
FORMATS = re.compile(r"(?:%[YmdHMS]|[-/:. ])+")
PARTS = frozenset({"YEAR", "MONTH", "DAY", "QUARTER", "HOUR", "MINUTE"})
UNITS = frozenset({"YEAR", "QUARTER", "MONTH", "WEEK", "DAY", "HOUR", "MINUTE", "SECOND"})
ATOM = r"(?:[\w@,. -]|\[\^?-?(?:\w-\w|[\w.@+() ])+\])"
REPEATED = r"(?:[*+?]|\{\d{1,3}(?:,\d{0,3})?\})?"
PATTERN = re.compile(rf"(?:{ATOM}{REPEATED}|\((?!\?)|\){REPEATED}|[|^$])*", re.ASCII)
"""Regular expressions that mean the same to RE2, Rust and Java. None of these that Python reads fails on Java."""
ALIKE = re.compile(r"[^\\]*")


def spark(tree: exp.Query, *, wide: bool = False, lenient: bool = True) -> str:
    """The text of a governed tree in Spark's dialect; Invalid for what has no equal there.

    `wide` and `lenient` are what the server can do: see `data.engines.connect`.
    """
    copy = tree.copy()
    for node in list(copy.walk()):
        _known(node)
        check = CHECKS.get(type(node))
        if check is not None:
            check(node)
    # From the leaves up: what is put in the place of a node holds its operands as they have become.
    for node in reversed(list(copy.walk())):
        adapt = ADAPTED.get(type(node))
        if adapt is not None:
            adapt(node)
    fence(copy, wide=wide, lenient=lenient)
    return copy.sql(dialect="spark", identify=True)


def refused(what: str) -> Invalid:
    """The error for what only DuckDB can run."""
    return Invalid(f"{what} has no equal in Spark.", "Use `--engine duckdb`, or write it in another way.")


def _known(node: exp.Expr) -> None:
    if type(node).__name__ not in KNOWN:
        if isinstance(node, exp.Anonymous):
            raise refused(f"The function '{node.name.lower()}'")
        raise refused(_named(node))


def _named(node: exp.Expr) -> str:
    if isinstance(node, exp.Func):
        return f"The function '{node.sql(dialect='duckdb').partition('(')[0].lower()[:40]}'"
    return f"'{node.sql(dialect='duckdb')[:60]}'"


def _only(fits: Callable[[exp.Expr], bool]) -> Callable[[exp.Expr], None]:
    def check(node: exp.Expr) -> None:
        if not fits(node):
            raise refused(_named(node) if not isinstance(node, exp.Func) else f"{_named(node)} as it is used here")

    return check


def _without(*names: str) -> Callable[[exp.Expr], None]:
    return _only(lambda node: not any(node.args.get(name) for name in names))


def _positive(node: exp.Expr | None) -> bool:
    return isinstance(node, exp.Literal) and node.is_int and int(node.name) >= 1


def _text(node: exp.Expr | None, pattern: re.Pattern[str]) -> bool:
    return isinstance(node, exp.Literal) and node.is_string and bool(pattern.fullmatch(node.name))


def _pattern(node: exp.Expr | None) -> bool:
    # One that is wrong would fail on the first row that it is tried on, which may be a hidden one.
    if node is None or not _text(node, PATTERN):
        return False
    try:
        re.compile(node.name)
    except re.error:
        return False
    return True


def _castable(node: exp.Expr) -> bool:
    kind = node.args["to"].this
    name = kind.name if isinstance(kind, exp.DType) else str(kind)
    if name in TEXTS and node.this.find(exp.Ceil, exp.Floor):
        return False  # a decimal in DuckDB, a double here
    # DuckDB rounds to the next integer, Spark cuts.
    return name not in UNSUPPORTED and (name not in INTEGERS or isinstance(node.this, exp.Count | exp.Null))


def _unit(node: exp.Expr) -> str:
    return str(node.args["unit"].name).upper() if node.args.get("unit") else ""


CHECKS: dict[type[exp.Expr], Callable[[exp.Expr], None]] = {
    exp.With: _without("recursive"),
    exp.Star: _without("except_", "except", "replace", "rename"),
    exp.Union: _without("by_name", "side", "kind", "on"),
    exp.Intersect: _without("by_name", "side", "kind", "on"),
    exp.Except: _without("by_name", "side", "kind", "on"),
    exp.Distinct: _only(lambda node: not node.args.get("on") and len(node.expressions) <= 1),
    exp.Join: _only(lambda node: str(node.args.get("method") or "") in ("", "NATURAL") and not node.args.get("pivots")),
    exp.Table: _only(lambda node: isinstance(node.this, exp.Identifier) and not node.args.get("sample")),
    exp.Subquery: _without("sample", "pivots"),
    exp.Group: _without("all", "cube", "rollup", "grouping_sets", "totals"),
    exp.Limit: _only(lambda node: isinstance(node.expression, exp.Literal) and node.expression.is_int),
    exp.Interval: _only(lambda node: isinstance(node.parent, exp.Add | exp.Sub)),
    exp.Tuple: _only(lambda node: isinstance(node.parent, exp.In)),
    exp.Cast: _only(_castable),
    exp.TryCast: _only(_castable),
    exp.Like: _only(lambda node: _text(node.expression, ALIKE)),
    exp.ILike: _only(lambda node: _text(node.expression, ALIKE)),
    exp.RegexpLike: _only(lambda node: _pattern(node.expression) and not node.args.get("flag")),
    exp.Substring: _only(
        lambda node: (
            (_positive(node.args.get("start")) or isinstance(node.args.get("start"), exp.StrPosition))
            and (node.args.get("length") is None or _positive(node.args["length"]))
        )
    ),
    exp.Left: _only(lambda node: _positive(node.expression)),
    exp.Right: _only(lambda node: _positive(node.expression)),
    exp.Trim: _without("expression", "position", "collation"),
    exp.Round: _only(lambda node: node.args.get("decimals") is None or isinstance(node.args["decimals"], exp.Literal)),
    exp.StrPosition: _without("position", "occurrence"),
    exp.SHA2: _only(lambda node: node.text("length") in ("", "256")),
    exp.Extract: _only(lambda node: node.name.upper() in PARTS),
    exp.DateTrunc: _only(lambda node: _unit(node) in UNITS),
    exp.TimestampTrunc: _only(lambda node: _unit(node) in UNITS),
    exp.DateDiff: _only(lambda node: _unit(node) in ("DAY", "")),
    exp.TimeToStr: _only(lambda node: _text(node.args.get("format"), FORMATS)),
    exp.Window: _without("first"),
    exp.Greatest: _only(lambda node: True),
}


def _double(node: exp.Expr) -> exp.Expr:
    return exp.cast(exp.paren(node, copy=False), "DOUBLE", copy=False)


def _average(node: exp.Expr) -> None:
    # Spark's average of decimals is a decimal of few digits, DuckDB's a double.
    inner = node.this
    if isinstance(inner, exp.Distinct):
        inner.set("expressions", [_double(inner.expressions[0].copy())])
    else:
        node.set("this", _double(inner.copy()))


def _division(node: exp.Expr) -> None:
    # DuckDB divides as doubles, and by zero to an infinity or NaN; Spark gives NULL there.
    left, right = (_double(side.copy()) for side in (node.this, node.expression))
    quotient = exp.Div(this=left, expression=exp.func("NULLIF", right, exp.Literal.number(0)), typed=True, safe=True)
    infinite = exp.Mul(this=left.copy(), expression=exp.cast(exp.Literal.string("Infinity"), "DOUBLE"))
    zero = exp.EQ(this=right.copy(), expression=exp.Literal.number(0))
    node.replace(exp.paren(exp.Case(ifs=[exp.If(this=zero, true=infinite)], default=quotient)))


def _moved(node: exp.Expr) -> None:
    # A day and an interval make a timestamp in DuckDB, and a day in Spark. What has a zone keeps it.
    for side, other in (("this", "expression"), ("expression", "this")):
        moved = node.args[other]
        if isinstance(node.args[side].unnest(), exp.Interval) and not isinstance(moved, exp.CurrentTimestamp):
            node.set(other, _naive(exp.paren(moved.copy(), copy=False)))


def _naive(node: exp.Expr) -> exp.Expr:
    return exp.cast(node, exp.DataType.build("TIMESTAMP_NTZ", dialect="spark", udt=True), copy=False)


def _weekday(node: exp.Expr) -> None:
    # Sunday is 0 in DuckDB and 1 in Spark.
    day = exp.Anonymous(this="DAYOFWEEK", expressions=[node.this.copy()])
    node.replace(exp.paren(exp.Sub(this=day, expression=exp.Literal.number(1))))


def _truncated(node: exp.Expr) -> None:
    call = exp.Anonymous(this="DATE_TRUNC", expressions=[exp.Literal.string(_unit(node)), node.this.copy()])
    node.replace(_naive(call))


def _tried(node: exp.Expr) -> None:
    # Not every server heeds the setting by which a cast that fails gives NULL.
    node.replace(exp.TryCast(this=node.this.copy(), to=node.args["to"].copy()))


def _whole(node: exp.Expr) -> None:
    # Spark makes a BIGINT of it. Beyond 2^53 a double has no fraction.
    value = _double(node.this.copy())
    small = exp.LT(this=exp.Abs(this=value.copy()), expression=exp.Literal.number(2**53))
    made = exp.Case(ifs=[exp.If(this=small, true=_double(node.copy()))], default=value)
    node.replace(exp.paren(made))


def _negative(node: exp.Expr) -> None:
    # Sail gives the negative of a decimal with another scale.
    if not isinstance(node.this, exp.Literal):
        zero = exp.Literal.number(0)
        node.replace(exp.paren(exp.Sub(this=zero, expression=exp.paren(node.this.copy(), copy=False)), copy=False))


def _sign(node: exp.Expr) -> None:
    # A small integer in DuckDB, a double in Spark.
    node.replace(exp.cast(node.copy(), "TINYINT", copy=False))


def _digest(node: exp.Expr) -> None:
    node.set("length", exp.Literal.number(256))


ADAPTED: dict[type[exp.Expr], Callable[[exp.Expr], None]] = {
    exp.Add: _moved,
    exp.Sub: _moved,
    exp.Cast: _tried,
    exp.Avg: _average,
    exp.Div: _division,
    exp.DayOfWeek: _weekday,
    exp.DateTrunc: _truncated,
    exp.TimestampTrunc: _truncated,
    exp.Neg: _negative,
    exp.Sign: _sign,
    exp.Ceil: _whole,
    exp.Floor: _whole,
    exp.SHA2: _digest,
}


def kind(declared: str) -> str | None:
    """Spark's type for one of DuckDB's; None where it has none."""
    name = declared.strip().upper()
    plain = {
        "TIMESTAMP": "TIMESTAMP_NTZ", "TIMESTAMPTZ": "TIMESTAMP", "TIMESTAMP WITH TIME ZONE": "TIMESTAMP",
        "TIMESTAMP_S": "TIMESTAMP_NTZ", "TIMESTAMP_MS": "TIMESTAMP_NTZ", "TIMESTAMP_NS": "TIMESTAMP_NTZ",
        "HUGEINT": "DECIMAL(38,0)", "UBIGINT": "DECIMAL(20,0)", "UINTEGER": "BIGINT", "USMALLINT": "INT",
        "UTINYINT": "SMALLINT", "NUMERIC": "DECIMAL(18,3)", "DECIMAL": "DECIMAL(18,3)", "UUID": "STRING",
    }.get(name)  # fmt: skip
    if plain is not None:
        return plain
    built = exp.DataType.build(declared, dialect="duckdb")
    word = built.this.name if isinstance(built.this, exp.DType) else ""
    return None if word in UNSUPPORTED or "UHUGEINT" in name else str(sqlglot.exp.DataType.sql(built, dialect="spark"))
