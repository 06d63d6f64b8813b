"""Approved metrics in a query: `measure(revenue)` becomes the expression that the catalogue has for it."""

from __future__ import annotations

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from data.catalog import Measure, Table, nearest
from data.errors import Forbidden, Invalid
from data.gateway.fanout import Named, multiplied
from data.gateway.query import Door, Query

CALL = "measure"

WHOLE = (exp.Condition, exp.Filter, exp.WithinGroup)
"""What the expression of a measure is."""

REFUSED = (exp.Window, exp.Filter, exp.WithinGroup, exp.IgnoreNulls, exp.RespectNulls)
"""What a measure can't be part of: it brings its own filter, and it has no rows to look at."""


def expand(query: Query, door: Door) -> None:
    """Replace each call in `query.tree`. Its columns are those of the table as the caller sees them.

    Invalid for a measure that no table of the same FROM has, or that a join would count twice; Forbidden for
    one that reads what the caller may not see.
    """
    for node in list(query.tree.find_all(exp.Anonymous)):
        if node.name.lower() == CALL:
            _replace(node, query, door)


def columns(expression: str) -> tuple[str, ...]:
    """The columns that a measure reads, in lower case, each once."""
    tree = sqlglot.parse_one(expression, dialect="duckdb")
    return tuple(dict.fromkeys(column.name.lower() for column in tree.find_all(exp.Column)))


def aggregate(expression: str, table: Table) -> str:
    """A query for a measure of all rows beside their count, which only an aggregate can stand beside. Invalid
    for what is no expression over the table's own columns."""
    try:
        tree = sqlglot.parse_one(expression, dialect="duckdb")
    except (SqlglotError, RecursionError):
        raise Invalid("It is not an expression.", "Write one such as sum(amount).") from None
    if not isinstance(tree, WHOLE) or tree.find(exp.Query, exp.Table, exp.Window, exp.Placeholder):
        raise Invalid("It is not an aggregate of one table.", "Write one such as sum(amount).")
    for column in tree.find_all(exp.Column):
        if column.table or column.name not in table:
            hint = nearest(column.sql(dialect="duckdb"), (known.name for known in table.columns))
            raise Invalid(f"There is no column '{column.sql(dialect='duckdb')}' in '{table.full_name}'.", hint)
    place = exp.Table(this=exp.to_identifier(table.name, quoted=True), db=exp.to_identifier(table.source, quoted=True))
    counted = exp.alias_(exp.Count(this=exp.Star()), "counted")
    return exp.select(exp.alias_(exp.Paren(this=tree), "measured"), counted).from_(place).sql(dialect="duckdb")


def _replace(node: exp.Anonymous, query: Query, door: Door) -> None:
    called = node.expressions[0] if len(node.expressions) == 1 else None
    if not isinstance(called, exp.Column) or len(called.parts) > 2 or isinstance(called.this, exp.Star):
        raise Invalid(f"'{node.sql(dialect='duckdb')}' names no measure.", "Write `measure(name)`.")
    if isinstance(node.parent, REFUSED):
        raise Invalid(f"'measure({called.name})' can't have a window or a filter.", "Use it in a sub-query.")
    select = node.find_ancestor(exp.Select)
    around = _named(select, query) if select is not None else []
    place, measure = _find(called, around, query, door)
    if select is not None:
        multiplied(measure.name, place, around, select, query, door)
    tree: exp.Expr = exp.Paren(this=_qualified(measure, place))
    if isinstance(node.parent, exp.Select) and node.arg_key == "expressions":
        tree = exp.alias_(tree, measure.name, quoted=True)
    node.replace(tree)


def _named(select: exp.Select, query: Query) -> list[Named]:
    """The tables of the catalogue in the FROM of this very SELECT."""
    found = [(node, table) for node, table in query.references if node.find_ancestor(exp.Select) is select]
    return [Named(node.alias or node.name, node, table) for node, table in found]


def _find(called: exp.Column, around: list[Named], query: Query, door: Door) -> tuple[Named, Measure]:
    wanted = [named for named in around if called.table.lower() in ("", named.alias.lower())]
    known = [(named, door.catalog.table(named.table.full_name)) for named in wanted]
    found = [(named, measure) for named, table in known if (measure := table.measure(called.name)) is not None]
    if not found:
        seen = (measure.name for named in around for measure in named.table.measures)
        tables = " or ".join(f"'{named.table.full_name}'" for named in wanted) or "what stands after FROM"
        raise Invalid(f"There is no measure '{called.name}' in {tables}.", nearest(called.name, seen))
    if len(found) > 1:
        raise Invalid(f"Several tables have a measure '{called.name}'.", "Write `measure(alias.name)`.")
    (named, measure) = found[0]
    _check_seen(named.table, measure)
    if named.node.args.get("alias") is not None and named.node.args["alias"].args.get("columns"):
        raise Invalid(f"'{named.alias}' renames the columns that '{measure.name}' needs.", "Leave its names.")
    return named, measure


def _check_seen(table: Table, measure: Measure) -> None:
    if not all(name in table for name in measure.columns):
        remedy = "Ask the owner of the policy for it, or leave it out."
        raise Forbidden(f"You may not see the measure '{measure.name}' of '{table.full_name}'.", remedy)


def _qualified(measure: Measure, place: Named) -> exp.Expr:
    tree = sqlglot.parse_one(measure.expression, dialect="duckdb")
    for column in list(tree.find_all(exp.Column)):
        name = place.table.column(column.name).name
        own = exp.column(exp.to_identifier(name, quoted=True), exp.to_identifier(place.alias, quoted=True))
        if column is tree:
            return own
        column.replace(own)
    return tree
