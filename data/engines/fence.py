"""What keeps the caller's conditions away from the rows that a row filter hides.

Spark tries the conditions of a query in any order. One that fails on a hidden row would tell about it, by the error.
A server that is lenient gives NULL where a value can't be read, so that nothing fails. For another one (Sail), each
sub-query that leaves rows out gets a limit that cuts nothing: no condition passes it.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from data.errors import Invalid

WIDEST = 9_223_372_036_854_775_807
"""More rows than a table has: a limit of that size is no limit."""

MOST = 2_147_483_647
"""The largest limit of a server that is not wide."""

NARROWING = (exp.Where, exp.Join, exp.Having, exp.Qualify, exp.SetOperation)
"""By what a query may leave rows out."""


def fence(tree: exp.Query, *, wide: bool, lenient: bool) -> None:
    """Set the limits that the server needs, and drop those that it does not have. Invalid where neither is possible."""
    inner = list(_within(tree))
    for cte in tree.find_all(exp.CTE):
        cte.set("materialized", None)  # only DuckDB has the word
    for limit in list(tree.find_all(exp.Limit)):
        _narrowed(limit, wide)
    if lenient:
        return
    if inner and not wide:
        raise Invalid(
            "This Spark server can't keep a row filter apart from other conditions.", "Use `--engine duckdb`."
        )
    for query in inner:
        if not query.args.get("limit"):
            query.set("limit", exp.Limit(expression=exp.Literal.number(WIDEST)))


def _within(tree: exp.Query) -> Iterator[exp.Query]:
    """The queries in FROM and in WITH that drop rows, and so may be those of a row filter."""
    for place in tree.find_all(exp.Subquery, exp.CTE):
        if isinstance(place.parent, exp.From | exp.Join | exp.With) and _narrows(place):
            yield place.this


def _narrows(place: exp.Expr) -> bool:
    return bool(place.args.get("materialized")) or place.find(*NARROWING) is not None


def _narrowed(limit: exp.Limit, wide: bool) -> None:
    rows = int(limit.expression.name)
    if (wide and rows <= WIDEST) or rows <= MOST:
        return
    if rows < WIDEST:
        raise Invalid(f"A limit of {rows} is more than Spark has.", f"Take {MOST} or less, or leave it out.")
    limit.pop()
