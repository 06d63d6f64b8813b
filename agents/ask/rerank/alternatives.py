"""The forms of an answer that a query has in another way than the plain one."""

from __future__ import annotations

from sqlglot import exp

from agents.ask.rerank.shape import AGGREGATES, LASTING, Shape

_NOT = frozenset({"no", "not", "non", "without"})


def also(shape: Shape) -> frozenset[str]:
    """Things without any in an outer join, none as a number, a flag of what is not, a time as the last of its kind, how
    long as a column or as since when, how long something is open, what one costs as a sum by a sum, and numbers that
    are compared of each thing."""
    missing = any(join.side for join in shape.tree.find_all(exp.Join)) or any(map(_tells_none, shape.clauses))
    lasts = "duration" in shape.does
    found = {
        "negation": missing or lasts,
        "absent": missing,
        "when": _bounds_time(shape),
        "duration": any(shape.column(name).unit in LASTING for name in shape.used) or ranks_since(shape),
        "compared": lasts,
        "average": "each" in shape.does,
    }
    return frozenset(name for name, there in found.items() if there) | _overtaking(shape)


def _overtaking(shape: Shape) -> frozenset[str]:
    """What it compares with itself of each thing, as in 'on which routes was the average delay worse than before'."""
    tests = (test for having in shape.tree.find_all(exp.Having) for test in having.find_all(exp.GT, exp.LT))
    both = [test for test in tests if test.this.find(exp.AggFunc) and test.expression.find(exp.AggFunc)]
    computed = {name for name, kind in AGGREGATES.items() if any(test.find(kind) for test in both)}
    return frozenset(computed | {"compared", "difference"} if both else ())


def ranks_since(shape: Shape) -> bool:
    """Whether it ranks by the time since when: not where how long is kept as a number."""
    columns = (column for name in shape.tables for column in shape.catalog.table(name).columns)
    return shape.ranks_time and not any(column.unit in LASTING for column in columns)


def _bounds_time(shape: Shape) -> bool:
    """Whether it shows the first or the last time of something."""
    bounds = (each for item in shape.items for each in item.find_all(exp.Max, exp.Min))
    return any(shape.tells_time(column) for each in bounds for column in each.find_all(exp.Column))


def _tells_none(clause: exp.Expr) -> bool:
    """Whether a condition asks for a number that is 0, or for a flag whose name says 'not'."""
    return any(_is_zero(each) or _is_denied(each) for each in clause.find_all(exp.EQ))


def _is_zero(test: exp.EQ) -> bool:
    number = isinstance(test.expression, exp.Literal) and str(test.expression.this) == "0"
    return number and isinstance(test.this, exp.Column)


def _is_denied(test: exp.EQ) -> bool:
    flag = isinstance(test.expression, exp.Boolean) and isinstance(test.this, exp.Column)
    return flag and bool(_NOT & {*test.this.name.lower().split("_")})
