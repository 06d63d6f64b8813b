"""A query over some rows of each of its tables, for trial runs."""

from __future__ import annotations

from sqlglot import exp, parse
from sqlglot.errors import SqlglotError

from data.gateway.resolve import references


def sampled(sql: str, rows: int) -> str:
    """The query with each table cut to `rows` rows. What can't be read is left to the gateway, which says why."""
    try:
        trees = parse(sql, dialect="duckdb")
    except (SqlglotError, RecursionError):
        return sql
    if len(trees) != 1 or not isinstance(trees[0], exp.Query):
        return sql
    tree = trees[0]
    for node in references(tree):
        node.replace(_cut(node, rows))
    return tree.sql(dialect="duckdb")


def _cut(node: exp.Table, rows: int) -> exp.Expr:
    alias = node.args.get("alias") or exp.TableAlias(this=exp.to_identifier(node.name, quoted=True))
    bare = node.copy()
    for extra in ("alias", "joins"):
        bare.set(extra, None)
    inner = exp.select("*").from_(bare).limit(rows)
    cut = exp.Subquery(this=inner, alias=alias.copy())
    cut.set("joins", node.args.get("joins"))
    return cut
