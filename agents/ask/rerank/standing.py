"""Whether a query keeps to what goes on, or is over, where a question says so, and to what its numbers are of."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sqlglot import exp

from agents.ask.rerank.cues import is_single
from agents.ask.sketch.amounts import due_monthly, is_monthly, is_of_money, is_of_one, is_yearly, quantities
from agents.ask.sketch.calendar import closings, goes_on, stands
from agents.columns import flags
from data.units import YEAR

if TYPE_CHECKING:
    from agents.ask.rerank.shape import Shape
    from data.catalog import Column
    from retrieval import Context

_SENSELESS = re.compile(
    r"(?:^|_)(?:year|rating|score|stars|grade|percent|pct|rate|latitude|longitude|age|level|priority|floor)(?:_|$)",
    re.I,
)
"""What a column is called of which nobody adds up the numbers."""
_TODAY = re.compile(r"\btoday(?:['’]s\b| is\b)", re.IGNORECASE)


def _adds_nothing(column: Column) -> bool:
    return column.unit == YEAR or bool(_SENSELESS.search(column.name))


def standing(shape: Shape, context: Context) -> frozenset[str]:
    """The columns by which a query tells what goes on or is over, where the question says that it does."""
    ways = stands(unnamed(context))
    return frozenset().union(*(_tested(shape, on=on) for on in ways)) & _telling(shape) if ways else frozenset()


def kept(shape: Shape, context: Context) -> dict[str, float]:
    """What speaks for a query and against it by that."""
    told = standing(shape, context)
    states = [hint for hint in context.hints if hint.kind == "value"]
    return {
        "state_told": float(bool(told)),
        "states_told": float(len(told) > 1),
        "state_lost": float(not told and not states and "negation" not in shape.does and _could(shape, context)),
        **_numbers(shape, context),
    }


def settled(shape: Shape, context: Context) -> frozenset[str]:
    """The forms that a query need not have: to deny what is over by its day, to group by month what is due monthly."""
    over = {"negation", "absent"} if standing(shape, context) else set()
    dues = is_monthly(context.question) or is_yearly(context.question)
    whole = dues and any(map(due_monthly, _summed(shape))) and "groups" not in shape.does
    return frozenset(over | ({"groups", "when"} if whole else set()))


def _summed(shape: Shape) -> list[str]:
    """The columns that it sums, in products as well."""
    sums = (item.this for item in shape.tree.find_all(exp.Sum))
    return [shape.named(column) for each in sums for column in each.find_all(exp.Column)]


def _could(shape: Shape, context: Context) -> bool:
    """Whether the question says what goes on or is over, and a table of the query tells it."""
    return bool(stands(unnamed(context)) and _telling(shape))


def unnamed(context: Context) -> str:
    """The question without what names things, values and days in it: 'works of art' are none that go on, nor is a 'work
    order', and what today is says nothing of them."""
    said = _TODAY.sub(" ", context.question)
    if said != context.question:
        return said
    for hint in context.hints:
        if hint.kind in ("table", "value", "time"):
            said = said[: hint.start] + " " * len(hint.span) + said[hint.start + len(hint.span) :]
    return said


def _telling(shape: Shape) -> frozenset[str]:
    """The days of an end, and the flags of what goes on, of its tables."""
    tables = [shape.catalog.table(name) for name in shape.tables]
    found = {f"{t.full_name}.{day.name}" for t in tables for day in closings(t)}
    return frozenset(found | {f"{t.full_name}.{flag.name}" for t in tables for flag in flags(t) if goes_on(flag)})


def _tested(shape: Shape, *, on: bool) -> frozenset[str]:
    """The columns by which it would want what goes on: days that are missing and flags that are so; or what is over."""
    tests = (test for where in shape.tree.find_all(exp.Where, exp.Filter) for test in where.find_all(exp.Is, exp.EQ))
    same = (test.this for test in tests if _on(test) is on)
    return frozenset(shape.named(column) for column in same if isinstance(column, exp.Column))


def _on(test: exp.Binary) -> bool | None:
    """Whether a condition is met by what goes on; None where it tells nothing of that."""
    match test.expression:
        case exp.Null():
            return not isinstance(test.parent, exp.Not)
        case exp.Boolean() as so:
            return bool(so.this)
    return None


def _numbers(shape: Shape, context: Context) -> dict[str, float]:
    """Sums of what one thing costs, or of years and grades; products of how many with that; months told for years."""
    sums = [item.this for item in shape.tree.find_all(exp.Sum)]
    bare = [shape.named(each) for each in sums if isinstance(each, exp.Column)]
    products = [[shape.named(c) for c in each.find_all(exp.Column)] for each in sums if isinstance(each, exp.Mul)]
    counted = {
        f"{t.full_name}.{c.name}" for t in map(shape.catalog.table, shape.tables) for c in quantities(shape.catalog, t)
    }
    valued = any(any(map(is_of_one, names)) and bool(counted & {*names}) for names in products if "" not in names)
    twelve = any(str(each.this) == "12" for mul in shape.tree.find_all(exp.Mul) for each in mul.find_all(exp.Literal))
    monthly = is_yearly(context.question) and any(map(due_monthly, bare))
    ranked = shape.tree.find(exp.Ordered)
    return {
        "sums_senseless": float(any(name and _adds_nothing(shape.column(name)) for name in bare)),
        "sums_one": float(any(name and is_of_one(name) for name in bare)),
        "valued": float(valued and is_of_money(context.question)),
        "month_for_year": float(monthly and not twelve),
        "year_of_months": float(monthly and twelve),
        "sums_single": float(is_single(context.question) and bool(ranked and ranked.find(exp.AggFunc))),
    }
