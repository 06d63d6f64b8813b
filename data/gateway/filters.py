"""Row filters: conditions written by whoever owns the policy, checked when it is loaded and bound for each
caller."""

from __future__ import annotations

from collections.abc import Iterable

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from data.catalog import Catalog, Table, nearest
from data.errors import Invalid
from data.policy import Principal

CALLER = "principal"
"""`:principal` is the caller's name, which every principal has without declaring it."""

ABOUT_TABLES = {"system.freshness": "table_name"}
"""Built-in tables whose rows are about other tables, and the column that names these."""


def parse(where: str) -> exp.Expr:
    """The condition's tree, with `:name` as placeholders; Invalid when it is not one condition."""
    try:
        tree = sqlglot.parse_one(where, dialect="duckdb")
    except (SqlglotError, RecursionError):
        tree = None
    if tree is None or not isinstance(tree, exp.Condition):
        raise Invalid(f"'{where}' is not a condition.", "Write one as it stands after WHERE.")
    return tree


def check(where: str, table: Table, catalog: Catalog, members: Iterable[Principal]) -> str:
    """What is wrong with a row filter on `table` for its group's members; empty when nothing is."""
    try:
        tree = parse(where)
    except Invalid as error:
        return f"{error.message} {error.remedy}"
    return _attributes(tree, members) or _tables(tree, catalog) or _columns(tree, table, catalog)


def bind(where: str, principal: Principal) -> exp.Expr:
    """The condition with the principal's attributes as literals, never as text."""
    tree = parse(where)
    for placeholder in list(tree.find_all(exp.Placeholder)):
        value = principal.name if placeholder.name == CALLER else principal.attributes.get(placeholder.name)
        if value is None:
            raise Invalid(f"The principal '{principal.name}' has no attribute '{placeholder.name}'.")
        placeholder.replace(exp.Literal.string(value))
    return tree


def confined(table: Table, visible: Catalog, catalog: Catalog) -> exp.Expr | None:
    """The condition that keeps a built-in table to rows about what the caller may see; None without need."""
    column = ABOUT_TABLES.get(table.full_name)
    if column is None or len(visible.tables) == len(catalog.tables):
        return None
    names = [exp.Literal.string(seen.full_name) for seen in visible.tables]
    return exp.column(column, quoted=True).isin(*names)


def _attributes(tree: exp.Expr, members: Iterable[Principal]) -> str:
    for placeholder in tree.find_all(exp.Placeholder):
        for member in members:
            if placeholder.name != CALLER and placeholder.name not in member.attributes:
                return f"'{member.name}' has no attribute '{placeholder.name}'. Add it under `attributes`."
    return ""


def _tables(tree: exp.Expr, catalog: Catalog) -> str:
    for node in tree.find_all(exp.Table):
        name = f"{node.db}.{node.name}"
        if name not in catalog:
            hint = nearest(name, (table.full_name for table in catalog.tables))
            return f"there is no table '{name}' in the catalogue. {hint}".strip()
    return ""


def _columns(tree: exp.Expr, table: Table, catalog: Catalog) -> str:
    within = [catalog.table(f"{node.db}.{node.name}") for node in tree.find_all(exp.Table)]
    for column in tree.find_all(exp.Column):
        inner = column.find_ancestor(exp.Select) is not None
        known = [table, *within] if inner else [table]
        if not any(column.name in candidate for candidate in known):
            hint = nearest(column.name, (known.name for known in table.columns))
            return f"'{table.full_name}' has no column '{column.name}'. {hint}".strip()
    return ""
