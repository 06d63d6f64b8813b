"""SQL that somebody wrote: is it one query, and what does it read?"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from data.errors import Invalid
from data.gateway.resolve import written

if TYPE_CHECKING:
    from data.catalog import Catalog, Table

DIALECT = "duckdb"

KEPT = 256
"""Queries whose trees are kept: each is looked at several times while its question is answered."""


def query(sql: str, *, dialect: str = DIALECT) -> exp.Query:
    """The tree of one SELECT, the caller's own; Invalid says what is wrong in words that a model can act on."""
    return _query(sql, dialect).copy()


@lru_cache(KEPT)
def _query(sql: str, dialect: str) -> exp.Query:
    try:
        statements = [tree for tree in sqlglot.parse(sql, read=dialect) if tree is not None]
    except (SqlglotError, RecursionError) as error:
        raise Invalid(f"The SQL can't be parsed: {_first_line(error)}.", "Write one SELECT statement.") from error
    if len(statements) != 1:
        raise Invalid(f"There are {len(statements)} statements in the SQL.", "Write exactly one SELECT statement.")
    tree = statements[0]
    if not isinstance(tree, exp.Query):
        raise Invalid(f"'{tree.key.upper()}' is not a query.", "Write one SELECT statement.")
    return tree


def reads_rows(tree: exp.Query) -> bool:
    """Whether the output comes from rows: a query of constants gives the writer's numbers, not the data's."""
    if not any(isinstance(table.this, exp.Identifier) for table in tree.find_all(exp.Table)):
        return False
    return any(item.find(exp.Column, exp.Star, exp.AggFunc, exp.Subquery) for item in tree.selects)


def is_ordered(tree: exp.Query) -> bool:
    """Whether the order of the rows is part of the result."""
    return tree.args.get("order") is not None


def translated(sql: str, dialect: str) -> str:
    """The same query in the gateway's dialect; Invalid if it is not one query of `dialect`."""
    return query(sql, dialect=dialect).sql(dialect=DIALECT)


def is_dialect(name: str) -> bool:
    """Whether sqlglot knows a dialect of that name."""
    return name.lower() in {known.value for known in sqlglot.Dialects if known.value}


def sources(tree: exp.Select) -> list[exp.Expr]:
    """The tables and sub-queries of a FROM, the first one first; none where there is no FROM."""
    if not tree.args.get("from_"):
        return []
    first = tree.args["from_"].this
    return [first, *(join.this for join in (*(first.args.get("joins") or ()), *(tree.args.get("joins") or ())))]


def table(node: exp.Expr, catalog: Catalog) -> Table | None:
    """The table of the catalogue that a reference names in full; None for any other, and for a sub-query."""
    if not isinstance(node, exp.Table):
        return None
    name = written(node).lower()
    return next((known for known in catalog.tables if known.full_name.lower() == name), None)


def _first_line(error: Exception) -> str:
    """What the parser says, without its colours and the excerpt that it underlines."""
    return str(error).split("\n", 1)[0].split("\x1b", 1)[0].rstrip(" .") or type(error).__name__
