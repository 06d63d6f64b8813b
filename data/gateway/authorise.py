"""Step 3: only allowed functions, only known tables: checked on the tree of the parser that will run the
query."""

from __future__ import annotations

from collections.abc import Set
from typing import Any

from data.errors import Forbidden, Invalid
from data.functions import TABLE_FUNCTIONS
from data.gateway.query import Door, Query
from data.gateway.resolve import find, unseen
from data.gateway.scopes import fold, walk
from data.gateway.sizes import check_sizes

FROM = frozenset({"BASE_TABLE", "JOIN", "SUBQUERY", "TABLE_FUNCTION", "EMPTY", "EXPRESSION_LIST", "COLUMN_DATA"})
"""What may stand after FROM. Left out: SHOW_REF, PIVOT, DELIM_GET and whatever a later DuckDB brings."""

NODES = frozenset({"SELECT_NODE", "SET_OPERATION_NODE", "RECURSIVE_CTE_NODE", "CTE_NODE"})
"""What a query may be made of."""

TYPES = frozenset({"JSON"})
"""Types that DuckDB's parser leaves to be found by their name."""


def authorise(query: Query, door: Door) -> None:
    """Forbidden for a function that is not allowed, and for anything that the first parser read in another
    way; TooExpensive for a call that could make a very large value."""
    statements = door.parser.tree(query.tree.sql(dialect="duckdb", comments=False)).get("statements", [])
    if len(statements) != 1:
        raise Forbidden(f"{len(statements)} statements were given where one is allowed.", "Write one SELECT.")
    for node, scope in walk(statements[0]):
        check(node, scope, door.policy.functions)
        if node.get("type") == "BASE_TABLE":
            _check_table(node, scope, query, door)
    check_sizes(statements[0])


def check(node: dict[str, Any], scope: frozenset[str], functions: Set[str]) -> None:
    """Forbidden for a part of DuckDB's tree that no query may have, or a function that is not among these."""
    kind = str(node.get("type", ""))
    if "sample" in node and "alias" in node and "select_list" not in node:
        _check_from(node, kind)
    elif kind.endswith("_NODE") and "modifiers" in node and kind not in NODES:
        raise Forbidden(f"'{kind.removesuffix('_NODE')}' is not allowed in a query.", "Write one SELECT.")
    elif "function_name" in node:
        _check_function(node, functions)
    elif kind == "UNBOUND_TYPE_INFO":
        _check_type(node)


def _check_from(node: dict[str, Any], kind: str) -> None:
    if kind not in FROM:
        raise Forbidden(f"'{kind}' may not stand after FROM.", "Name a table, or write a sub-query.")
    if kind == "TABLE_FUNCTION":
        name = str(node["function"]["function_name"]).lower()
        if name not in TABLE_FUNCTIONS:
            raise _refused(name)
    if node.get("at_clause") is not None:
        raise Forbidden("'AT' is not allowed in a query.", "Name the table alone.")


def _check_table(node: dict[str, Any], scope: frozenset[str], query: Query, door: Door) -> None:
    parts = [part for part in (node["catalog_name"], node["schema_name"], node["table_name"]) if part]
    if len(parts) == 1 and fold(parts[0]) in scope:
        return
    if find(parts, query.visible) is None:
        raise unseen(".".join(parts), query, door)


def _check_function(node: dict[str, Any], functions: Set[str]) -> None:
    name = str(node["function_name"]).lower()
    if node.get("is_operator") and not name[:1].isalpha():
        return
    if name in TABLE_FUNCTIONS or name in functions or not name.strip("+-*/%<>=!~&|^@#"):
        _check_place(node, name)
        return
    raise _refused(name)


def _check_place(node: dict[str, Any], name: str) -> None:
    # A macro of another schema could have the name of a function that is allowed.
    if node.get("schema") not in ("", "main", None) or node.get("catalog") not in ("", "system", None):
        raise Invalid(f"The function '{name}' is written with a schema.", "Write its name alone.")


def _check_type(node: dict[str, Any]) -> None:
    # For a type that is not there, DuckDB looks among the tables, and names those that are like it.
    if node.get("catalog") or node.get("schema") or str(node.get("name")).upper() not in TYPES:
        raise Invalid(f"There is no type '{node.get('name')}'.", "Use one of DuckDB's own types.")


def _refused(name: str) -> Forbidden:
    remedy = "Use another function, or ask the owner of the policy to allow it."
    return Forbidden(f"The function '{name}' is not allowed.", remedy, function=name)
