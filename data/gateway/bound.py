"""Step 5: at most one row more than the caller may get, so that it is known whether rows were left out."""

from __future__ import annotations

from sqlglot import exp

from data.gateway.query import Door, Query


def bound(query: Query, door: Door) -> None:
    """Set the outer limit and `query.governed`, the text that ends up in the answer and the audit."""
    query.tree = _limited(query.tree, query.limit + 1)
    query.governed = query.tree.sql(dialect="duckdb", comments=False)


def _limited(tree: exp.Query, most: int) -> exp.Query:
    own = tree.args.get("limit")
    if own is None and not tree.args.get("fetch"):
        return tree.limit(most, copy=False)
    count = own.expression if isinstance(own, exp.Limit) else None
    percent = own is not None and any(value for name, value in own.args.items() if name not in ("this", "expression"))
    if isinstance(count, exp.Literal) and count.is_int and not percent:
        return tree if int(count.name) < most else tree.limit(most, copy=False)
    return exp.select("*").from_(exp.Subquery(this=tree, alias=exp.TableAlias(this="bounded"))).limit(most, copy=False)
