"""Step 6: what the query may take: rows of the answer, and bytes that are read for it."""

from __future__ import annotations

from sqlglot import exp

from data.errors import TooExpensive
from data.gateway.query import Door, Query


def bound(query: Query, door: Door) -> None:
    """Set the outer limit and `query.governed`, the text that ends up in the answer and the audit.

    One row more than the caller may get is asked for, so that it is known whether rows were left out.
    TooExpensive when the tables hold more than the budget lets the caller read.
    """
    _check_size(query)
    query.tree = _limited(query.tree, query.limit + 1)
    query.governed = query.tree.sql(dialect="duckdb")


def _check_size(query: Query) -> None:
    most = query.budget.scan_bytes
    if most is None or query.plan is None:
        return
    size = sum(query.engine.size(scan) or 0 for scan in query.plan.scans.values())
    if size > most:
        message = f"The query would read up to {megabytes(size)}; your budget is {megabytes(most)}."
        raise TooExpensive(message, "Ask for smaller tables, or ask the owner of the policy.", bytes=size)


def megabytes(size: int) -> str:
    """A size for people."""
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{size / 1e6:.1f} MB"


def _limited(tree: exp.Query, most: int) -> exp.Query:
    own = tree.args.get("limit")
    if own is None and not tree.args.get("fetch"):
        return tree.limit(most, copy=False)
    count = own.expression if isinstance(own, exp.Limit) else None
    percent = own is not None and any(value for name, value in own.args.items() if name not in ("this", "expression"))
    if isinstance(count, exp.Literal) and count.is_int and not percent:
        return tree if int(count.name) < most else tree.limit(most, copy=False)
    return exp.select("*").from_(exp.Subquery(this=tree, alias=exp.TableAlias(this="bounded"))).limit(most, copy=False)
