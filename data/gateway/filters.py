"""Row filters: conditions written by whoever owns the policy, checked when it is loaded and bound for each
caller.

A filter may look into further tables, at any depth. It reads them with the rights of whoever wrote it: whole,
also where the caller may not see them or sees them filtered, because what a filter decides must not hang on
another one."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from data.catalog import Catalog, Table, nearest
from data.errors import Invalid
from data.policy import CALLER, Attribute, Principal
from data.sources.base import quoted

ABOUT_TABLES = {"system.freshness": "table_name"}
"""Built-in tables whose rows are about other tables, and the column that names these."""


def parse(where: str) -> exp.Expr:
    """The condition's tree, with `:name` as placeholders; Invalid when it is not one condition."""
    return _parsed(where).copy()


@lru_cache(maxsize=1024)
def _parsed(where: str) -> exp.Expr:
    """The same, which nobody may change: one filter is often on many tables."""
    try:
        tree = sqlglot.parse_one(where, dialect="duckdb")
    except (SqlglotError, RecursionError):
        tree = None
    if tree is None or not isinstance(tree, exp.Condition):
        raise Invalid(f"'{where}' is not a condition.", "Write one as it stands after WHERE.")
    return tree


def names(tree: exp.Expr) -> frozenset[str]:
    """The attributes that a condition asks for."""
    return frozenset(node.name for node in tree.find_all(exp.Placeholder))


def values(where: str, principal: Principal) -> dict[str, Attribute]:
    """The values that a row filter takes from the principal, by the names that it asks for."""
    known: dict[str, Attribute] = {**principal.attributes, CALLER: principal.name}
    return {name: known[name] for name in sorted(names(_parsed(where))) if name in known}


def bind(where: str, principal: Principal) -> exp.Expr:
    """The condition with the principal's attributes as literals, never as text. Several values stand only
    after IN; of no value at all nothing is in, nor not in."""
    tree = parse(where)
    known: dict[str, Attribute] = {**principal.attributes, CALLER: principal.name}
    for placeholder in list(tree.find_all(exp.Placeholder)):
        value = known.get(placeholder.name)
        if value is None:
            raise Invalid(f"The principal '{principal.name}' has no attribute '{placeholder.name}'.")
        _set(placeholder, value)
    return tree


def check(where: str, table: Table, catalog: Catalog, members: Iterable[Principal]) -> str:
    """What is wrong with a row filter on `table` for its group's members; empty when nothing is."""
    try:
        tree = _parsed(where)
    except Invalid as error:
        return f"{error.message} {error.remedy}"
    return _attributes(tree, members) or _tables(tree, catalog) or _columns(tree, table, catalog)


def probe(where: str, table: Table) -> str:
    """A query that only has the condition, with any values in it."""
    tree = parse(where)
    for placeholder in list(tree.find_all(exp.Placeholder)):
        _set(placeholder, "")
    place = ".".join(quoted(part) for part in (table.source, table.name))
    return f"SELECT 1 FROM {place} AS {quoted(table.name)} WHERE {tree.sql(dialect='duckdb')}"


def _set(placeholder: exp.Placeholder, value: Attribute) -> None:
    literals = [exp.Literal.string(item) for item in ([value] if isinstance(value, str) else value)]
    place = placeholder.parent
    if isinstance(place, exp.In) and placeholder.arg_key == "field":
        place.set("field", None)
        place.set("expressions", literals or [exp.Null()])
    elif isinstance(value, str):
        placeholder.replace(literals[0])
    else:
        raise Invalid(f"':{placeholder.name}' has several values.", f"Write `IN :{placeholder.name}`.")


def confined(table: Table, visible: Catalog, catalog: Catalog) -> exp.Expr | None:
    """The condition that keeps a built-in table to rows about what the caller may see; None without need."""
    column = ABOUT_TABLES.get(table.full_name)
    if column is None or len(visible.tables) == len(catalog.tables):
        return None
    names = [exp.Literal.string(seen.full_name) for seen in visible.tables]
    return exp.column(column, quoted=True).isin(*names)


def _attributes(tree: exp.Expr, members: Iterable[Principal]) -> str:
    listed = {node.name for node in tree.find_all(exp.Placeholder) if node.arg_key != "field"}
    for member in members:
        for name in sorted(names(tree) - {CALLER}):
            if name not in member.attributes:
                return f"'{member.name}' has no attribute '{name}'. Add it under `attributes`."
            if name in listed and not isinstance(member.attributes[name], str):
                return f"'{member.name}' has several values of '{name}'. Write `IN :{name}`."
    return ""


def _tables(tree: exp.Expr, catalog: Catalog) -> str:
    for node in _named(tree):
        name = ".".join(part.name for part in node.parts)
        if name not in catalog:
            hint = nearest(name, (table.full_name for table in catalog.tables))
            return f"there is no table '{name}' in the catalogue. {hint}".strip()
    return ""


def _columns(tree: exp.Expr, table: Table, catalog: Catalog) -> str:
    within = [catalog.table(".".join(part.name for part in node.parts)) for node in _named(tree)]
    made = {node.alias.lower() for node in tree.find_all(exp.Alias)}
    for column in tree.find_all(exp.Column):
        inner = column.find_ancestor(exp.Select) is not None
        known = [table, *within] if inner else [table]
        if not any(column.name in candidate for candidate in known) and not (inner and column.name.lower() in made):
            hint = nearest(column.name, (known.name for known in table.columns))
            return f"'{table.full_name}' has no column '{column.name}'. {hint}".strip()
    return ""


def _named(tree: exp.Expr) -> list[exp.Table]:
    """The references to tables, without those to the condition's own CTEs."""
    made = {node.alias.lower() for node in tree.find_all(exp.CTE)}
    found = (node for node in tree.find_all(exp.Table) if isinstance(node.this, exp.Identifier))
    return [node for node in found if node.db or node.name.lower() not in made]
