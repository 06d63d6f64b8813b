"""Step 4: each restricted table becomes a sub-query that has only the caller's rows and columns, masked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import sqlglot
from sqlglot import exp

from data.catalog import Table
from data.gateway import filters
from data.gateway.masks import SALT, masked
from data.gateway.query import Door, Query
from data.gateway.resolve import lookup
from data.sources.base import quoted

MOVED = ("joins", "laterals", "sample")
"""What hangs on a table reference and stays with the sub-query in its place."""

FENCE = 9_223_372_036_854_775_807
"""A limit that never cuts: DuckDB moves no condition of the caller below it. Else a condition that fails on
some value would be tried on rows that the row filter hides, and its error would tell about them."""


def rewrite(query: Query, door: Door) -> None:
    """Put the sub-queries into `query.tree`, and set `query.scanned` and `query.secrets`."""
    for node, seen in query.references:
        view = _view(seen, query, door)
        if view is not None:
            _put(node, view.copy(), _alias(node))
    query.scanned = list(_scanned(query.tree, door))
    if any(node.name == SALT for node in query.tree.find_all(exp.Placeholder)):
        query.secrets = {SALT: door.salt}


def _view(seen: Table, query: Query, door: Door) -> exp.Select | None:
    # A row filter may name the caller, so what one sees is not another's for having the same groups.
    sight = (query.principal.name, query.principal.groups, tuple(sorted(query.principal.attributes.items())))
    key = (sight, seen.full_name)
    if key not in door.views:
        door.views[key] = _governed(door.catalog.table(seen.full_name), seen, query, door)
    return door.views[key]


def _governed(table: Table, seen: Table, query: Query, door: Door) -> exp.Select | None:
    """The sub-query for a table as the caller may see it; None when that is all of it."""
    masks = door.policy.masks(query.principal, table)
    where = door.policy.row_filter(query.principal, table)
    confined = filters.confined(table, query.visible, door.catalog)
    if not masks and where is None and confined is None and len(seen.columns) == len(table.columns):
        return None
    columns = [_column(table, column.name, masks) for column in seen.columns]
    view = exp.select(*columns).from_(_reference(table))
    conditions = [confined, filters.bind(where, query.principal) if where is not None else None]
    if any(conditions):
        view = view.where(*conditions, copy=False).limit(FENCE, copy=False)
    return view


def _scanned(tree: exp.Expr, door: Door) -> Iterator[tuple[exp.Table, Table]]:
    # A row filter may read further tables: with the rights of whoever wrote it, so they stay as they are.
    for node in tree.find_all(exp.Table):
        table = lookup(node, door.catalog) if node.db else None
        if table is not None:
            _rename(node, table)
            yield node, table


def _alias(node: exp.Table) -> exp.TableAlias:
    """The alias of a reference; without one, the table's name serves."""
    alias = node.args.get("alias")
    return alias.copy() if alias is not None else exp.TableAlias(this=exp.to_identifier(node.name, quoted=True))


def _put(node: exp.Table, view: exp.Query, alias: exp.TableAlias) -> None:
    """Set a sub-query in the place of a table reference."""
    place = exp.Subquery(this=view, alias=alias)
    for name in MOVED:
        if node.args.get(name):
            place.set(name, node.args[name])
    node.replace(place)


def _column(table: Table, name: str, masks: Mapping[str, str]) -> exp.Expr:
    if name not in masks:
        return exp.column(exp.to_identifier(name, quoted=True))
    text = masked(table.column(name), masks[name])
    return sqlglot.parse_one(f"{text} AS {quoted(name)}", dialect="duckdb")


def _reference(table: Table) -> exp.Table:
    source, name = (exp.to_identifier(part, quoted=True) for part in (table.source, table.name))
    return exp.Table(this=name, db=source, alias=exp.TableAlias(this=name.copy()))


def _rename(node: exp.Table, table: Table) -> None:
    # The names of the catalogue, whatever case, quotes or schema the caller wrote.
    if not node.alias:
        node.set("alias", _alias(node))
    reference = _reference(table)
    node.set("this", reference.this)
    node.set("db", reference.args["db"])
    node.set("catalog", None)
