"""Which columns a query reads. The walls do not lean on this: a restricted table only has its granted columns
anyway."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.scope import Scope, traverse_scope

from data.catalog import Table, nearest
from data.errors import Forbidden, Invalid
from data.gateway.query import Door, Query


def columns_read(query: Query, door: Door) -> tuple[str, ...]:
    """`source.table.column` of each, sorted. Forbidden for a column that is not granted, Invalid for an
    unknown one."""
    by_node = {id(node): table for node, table in query.references}
    try:
        scopes = list(traverse_scope(query.tree))
    except (SqlglotError, RecursionError):
        return _all(query.tables)
    offered = _offered(query.tree)
    read: set[str] = set()
    for scope in scopes:
        tables = _tables(scope, by_node)
        if _stars(scope):
            read.update(_starred(scope, tables))
        for column in scope.columns:
            read.update(_column(column, tables, scope, offered, query, door))
    return tuple(sorted(read))


def _tables(scope: Scope, by_node: Mapping[int, Table]) -> dict[str, Table]:
    sources = ((alias, node) for alias, (node, _) in scope.selected_sources.items())
    return {alias.lower(): by_node[id(node)] for alias, node in sources if id(node) in by_node}


def _column(
    column: exp.Column, tables: Mapping[str, Table], scope: Scope, offered: set[str], query: Query, door: Door
) -> Iterator[str]:
    name, qualifier = column.name, column.table.lower()
    if isinstance(column.this, exp.Star):
        return
    if qualifier in tables:
        table = tables[qualifier]
        if name not in table and _plain(scope, qualifier):
            raise _unknown(name, (table,), query, door)
        yield from _names(table, name)
    elif qualifier:
        # A struct's field, or a row of an outer query.
        for table in tables.values():
            yield from _names(table, qualifier)
    elif name.lower() in tables:
        yield from _all((tables[name.lower()],))
    else:
        yield from _bare(name, tables, offered, query, door)


def _bare(name: str, tables: Mapping[str, Table], offered: set[str], query: Query, door: Door) -> Iterator[str]:
    holding = [table for table in tables.values() if name in table]
    for table in holding:
        yield from _names(table, name)
    if not holding and name.lower() not in offered and not any(name in table for table in query.tables):
        if tables and not query.ctes and len(offered) == 0:
            raise _unknown(name, tuple(tables.values()), query, door)
        if any(name in door.catalog.table(table.full_name) for table in tables.values()):
            raise _unknown(name, tuple(tables.values()), query, door)


def _unknown(name: str, tables: tuple[Table, ...], query: Query, door: Door) -> Forbidden | Invalid:
    hint = nearest(name, (column.name for table in tables for column in table.columns))
    for table in tables:
        if name in door.catalog.table(table.full_name):
            remedy = "Ask the owner of the policy for it, or leave it out."
            return Forbidden(f"You may not see the column '{name}' of '{table.full_name}'.", remedy, column=name)
    where = " or ".join(f"'{table.full_name}'" for table in tables)
    return Invalid(f"There is no column '{name}' in {where}.", hint, column=name)


def _names(table: Table, name: str) -> Iterator[str]:
    if name in table:
        yield f"{table.full_name}.{table.column(name).name}"


def _all(tables: tuple[Table, ...]) -> tuple[str, ...]:
    return tuple(sorted(f"{table.full_name}.{column.name}" for table in tables for column in table.columns))


def _offered(tree: exp.Query) -> set[str]:
    """Names that something else than a table may offer: aliases, fields, parameters of lambdas, functions in
    FROM."""
    names = {node.alias.lower() for node in tree.find_all(exp.Alias)}
    names |= {part.name.lower() for node in tree.find_all(exp.TableAlias) for part in node.args.get("columns") or ()}
    names |= {part.name.lower() for node in tree.find_all(exp.Lambda) for part in node.expressions}
    names |= {node.name.lower() for node in tree.find_all(exp.Comprehension) for node in [node.expression] if node}
    if any(not isinstance(node.this, exp.Identifier) for node in tree.find_all(exp.Table)):
        names.add("*")
    if tree.find(exp.Unnest, exp.Lateral, exp.Columns, exp.Comprehension, exp.Values) is not None:
        names.add("*")
    return names


def _plain(scope: Scope, alias: str) -> bool:
    """Whether the table keeps its own column names in this scope (`t(a, b)` renames them)."""
    node, _ = scope.selected_sources.get(alias, (None, None))
    named = node.args.get("alias") if node is not None else None
    return not (named is not None and named.args.get("columns"))


def _stars(scope: Scope) -> bool:
    return any(_is_star(node) for node in scope.expression.find_all(exp.Star, exp.Columns))


def _is_star(node: exp.Expr) -> bool:
    return not isinstance(node.parent, exp.Count)


def _starred(scope: Scope, tables: Mapping[str, Table]) -> tuple[str, ...]:
    return _all(tuple(tables.values()))
