"""Step 4: each restricted table becomes a sub-query that has only the caller's rows and columns, masked; each
view becomes what it is made of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import sqlglot
from sqlglot import exp

from data.catalog import Table
from data.gateway import filters
from data.gateway.bodies import DEFINER, beneath, body
from data.gateway.leakproof import leakproof
from data.gateway.masks import SALT, masked
from data.gateway.query import Door, Query
from data.gateway.resolve import alias_of, lookup, reference, rename
from data.grants import Mask, RowFilter
from data.sources.base import quoted

MOVED = ("joins", "laterals", "sample")
"""What hangs on a table reference and stays with the sub-query in its place."""

FENCE = 9_223_372_036_854_775_807
"""A limit that never cuts: DuckDB moves no condition of the caller below it."""

FENCED = "lakewright_fence"
"""How the names of such fences begin."""

NAME = 60
"""Characters of a column's name that is made of what was written."""


def rewrite(query: Query, door: Door) -> None:
    """Put the sub-queries into `query.tree`, and set `query.bodies`, `query.scanned` and `query.secrets`."""
    fenced = not leakproof(query)
    _name_columns(query.tree)
    for node, seen in query.references:
        view = _view(seen, query, door, fenced)
        if view is not None:
            _put(node, view.copy(), alias_of(node))
    _number_fences(query.tree)
    query.scanned = list(_scanned(query.tree, door))
    if any(node.name == SALT for node in query.tree.find_all(exp.Placeholder)):
        query.secrets = {SALT: door.salt}


def _name_columns(tree: exp.Query) -> None:
    """Give sub-queries that stand for a column the name that they were written with: the engine would name the
    column after what they become, with row filters and all."""
    for select in list(tree.find_all(exp.Select)):
        for part in list(select.expressions):
            if not isinstance(part, exp.Alias | exp.Column | exp.Star) and not part.alias and part.find(exp.Table):
                named = exp.Alias(alias=exp.to_identifier(part.sql(dialect="duckdb")[:NAME], quoted=True))
                part.replace(named)
                named.set("this", part)


def made_of(table: Table, query: Query, door: Door) -> Query:
    """The rewritten body of a view, which is also noted in `query.bodies`."""
    view = door.catalog.table(table.full_name).view
    invoked = view is not None and view.rights == "invoker"
    key = (door.policy.sight(query.principal) if invoked else DEFINER.name, table.full_name)
    if key not in door.bodies:
        inner = body(table, query.principal, query.visible, door)
        rewrite(inner, door)
        door.bodies[key] = inner
    query.bodies[table.full_name] = found = door.bodies[key]
    if invoked:
        query.lineage = tuple(sorted({*query.lineage, *found.lineage}))
    return found


def _view(seen: Table, query: Query, door: Door, fenced: bool) -> exp.Query | None:
    table = door.catalog.table(seen.full_name)
    inner = made_of(table, query, door) if table.view is not None else None
    # What a view computes may fail where the stored columns of a table do not.
    fenced = fenced or inner is not None
    key = (door.policy.sight(query.principal), seen.full_name, fenced)
    if key not in door.views:
        view = _governed(table, seen, inner, query, door)
        limited = view is not None and _where(table, query, door) is not None
        door.views[key] = _behind_fence(view) if fenced and limited and view is not None else view
    return door.views[key]


def _governed(table: Table, seen: Table, inner: Query | None, query: Query, door: Door) -> exp.Query | None:
    """The sub-query for a table as the caller may see it; None when that is all of a table of a store."""
    masks = door.policy.masking(query.principal, table)
    where = _where(table, query, door)
    made = None if inner is None else _fenced(table, inner, query, door)
    if not masks and where is None and len(seen.columns) == len(table.columns):
        return made
    place = reference(table) if made is None else exp.Subquery(this=made, alias=reference(table).args["alias"])
    view = exp.select(*(_column(table, column.name, masks) for column in seen.columns)).from_(place)
    return view if where is None else view.where(where, copy=False)


def _where(table: Table, query: Query, door: Door) -> exp.Expr | None:
    """What the rows must meet that the caller may see; None for all rows."""
    rules = door.policy.filters_on(query.principal, table)
    confined = filters.confined(table, query.visible, door.catalog)
    if not rules:
        return confined
    return exp.and_(_condition(rules, query, door), confined)


def _fenced(table: Table, inner: Query, query: Query, door: Door) -> exp.Query:
    """A view's body as it may stand in a caller's query: fenced when it has less than they would else see."""
    tree = inner.tree.copy()
    defined = table.view is not None and table.view.rights == "definer"
    if not defined or query.principal is DEFINER or all(_whole(t, query, door) for t in beneath(inner)):
        return tree
    return _behind_fence(tree)


def _behind_fence(tree: exp.Query) -> exp.Query:
    """The same rows where no expression of the caller is tried on others, whose error would tell about them.

    The rows are written down, as DuckDB else computes on whole dictionaries and lists of a file, with the values
    of hidden rows in them; the limit keeps conditions from going down there.
    """
    fenced = exp.select("*").from_(FENCED).with_(FENCED, as_=tree, materialized=True, copy=False)
    return fenced.limit(FENCE, copy=False)


def _number_fences(tree: exp.Query) -> None:
    """Give each fence a name of its own: some engines know CTEs only at the beginning of a query."""
    fences = (cte for cte in tree.find_all(exp.CTE) if cte.alias.startswith(FENCED))
    for number, cte in enumerate(fences):
        select = cte.find_ancestor(exp.Select)
        assert select is not None
        for name in (cte.args["alias"], select.args["from_"].this):
            name.set("this", exp.to_identifier(f"{FENCED}_{number}"))


def _whole(table: Table, query: Query, door: Door) -> bool:
    """Whether the caller sees all of a table, so that nothing which a view leaves out is kept from them."""
    policy, principal = door.policy, query.principal
    limited = policy.masking(principal, table) or policy.filters_on(principal, table)
    return not limited and len(policy.columns(principal, table)) == len(table.columns)


def _condition(rules: Sequence[RowFilter], query: Query, door: Door) -> exp.Expr:
    """What a table's rows must meet. The tables that a filter looks into stay as they are: it reads them with
    the rights of whoever wrote it."""
    bound = (filters.bind(where, query.principal) for where in dict.fromkeys(rule.where for rule in rules))
    # Wrapped, as a condition that is itself a view's reference could not be replaced.
    tree: exp.Expr = exp.Paren(this=exp.and_(*bound))
    definer = Query(DEFINER, "", door.catalog)
    for node in list(tree.find_all(exp.Table)):
        table = lookup(node, door.catalog) if node.db else None
        if table is not None and table.view is not None:
            _put(node, made_of(table, definer, door).tree.copy(), alias_of(node))
    return tree


def _scanned(tree: exp.Expr, door: Door) -> Iterator[tuple[exp.Table, Table]]:
    for node in tree.find_all(exp.Table):
        table = lookup(node, door.catalog) if node.db else None
        if table is not None:
            rename(node, table)
            yield node, table


def _put(node: exp.Table, view: exp.Query, alias: exp.TableAlias) -> None:
    """Set a sub-query in the place of a table reference."""
    place = exp.Subquery(this=view, alias=alias)
    for name in MOVED:
        if node.args.get(name):
            place.set(name, node.args[name])
    node.replace(place)


def _column(table: Table, name: str, masks: Mapping[str, Mask]) -> exp.Expr:
    if name not in masks:
        return exp.column(exp.to_identifier(name, quoted=True))
    text = masked(table.column(name), masks[name])
    return sqlglot.parse_one(f"{text} AS {quoted(name)}", dialect="duckdb")
